"""The plugin must mean the same under Qt 5 and Qt 6: names that Qt 6 lost, or PyQt6 has only deeper down, fail here.

The widgets themselves are built and clicked under PyQt6 by tests/qt6; this reads every source, also those that no test
without QGIS can build.
"""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted((REPOSITORY / "deepot_qgis").rglob("*.py"))

BINDINGS = {"PyQt4", "PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}
# Classes and functions of Qt 5 that Qt 6 has no more, or has elsewhere under another name.
LOST_NAMES = {
    "QRegExp", "QRegExpValidator", "QTextCodec", "QMatrix", "QDesktopWidget", "QGLWidget", "QGLFormat", "QStringRef",
    "QLinkedList", "QStateMachine", "QXmlSimpleReader", "QWebView",
    "QWebPage", "QtWebKit", "QtWebKitWidgets", "QtScript", "QtXmlPatterns", "QMacCocoaViewContainer", "qApp",
    "QSound", "QMediaPlaylist", "QPyNullVariant",
}  # fmt: skip
# Methods that Qt 6 has no more, or PyQt6 has under another name. Only names that nothing else here could mean.
LOST_METHODS = {
    "exec_": "exec", "print_": "print", "globalPos": "globalPosition", "globalX": "globalPosition",
    "globalY": "globalPosition", "localPos": "position", "windowPos": "scenePosition", "screenPos": "globalPosition",
    "setMargin": "setContentsMargins", "setResizeMode": "setSectionResizeMode", "toTime_t": "toSecsSinceEpoch",
    "fromTime_t": "fromSecsSinceEpoch", "setTime_t": "setSecsSinceEpoch", "setCodec": "setEncoding",
    "grabWidget": "grab", "grabWindow": "QScreen.grabWindow", "getContentsMargins": "contentsMargins",
    "setTabStopWidth": "setTabStopDistance", "tabStopWidth": "tabStopDistance",
    "setAutoCompletion": "setCompleter", "setBackgroundColor": "setBackground",
}  # fmt: skip
# Members of scoped enums that Qt 6 renamed or dropped.
LOST_MEMBERS = {
    "MidButton": "Qt.MouseButton.MiddleButton", "AA_EnableHighDpiScaling": "nothing, Qt 6 always does",
    "AA_UseHighDpiPixmaps": "nothing, Qt 6 always does", "SystemLocaleShortDate": "QLocale",
    "SystemLocaleLongDate": "QLocale", "DefaultLocaleShortDate": "QLocale", "DefaultLocaleLongDate": "QLocale",
    "HighQualityAntialiasing": "Antialiasing",
}  # fmt: skip


def _imported(tree: ast.AST) -> dict[str, object]:
    """Qt and QGIS classes by the name the module knows them under."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis"):
            module = importlib.import_module(node.module)
            known.update({a.asname or a.name: getattr(module, a.name, None) for a in node.names})
    return {name: thing for name, thing in known.items() if isinstance(thing, type)}


def _is_unscoped(owner: type, name: str) -> bool:
    """Whether ``owner.name`` is a value of an enum, or a type of flags, that PyQt6 keeps one level deeper or not."""
    if not (owner.__module__.startswith(("PyQt", "qgis._"))):
        return False
    thing = getattr(owner, name, None)
    if isinstance(thing, type):  # Qt.Alignment: in PyQt6 only Qt.AlignmentFlag is left
        return hasattr(thing, "__invert__") and hasattr(thing, "__index__") and not issubclass(thing, int)
    enum = type(thing)
    return isinstance(thing, int) and enum not in (int, bool) and getattr(owner, enum.__name__, None) is enum


def complaints(source: str) -> list[str]:
    """What Qt 6 would not accept in a source, with the line."""
    tree = ast.parse(source)
    known = _imported(tree)
    found = []

    def say(node: ast.AST, text: str) -> None:
        found.append(f"{node.lineno}: {text}")

    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for name in names:
                if name.split(".")[0] in BINDINGS:
                    say(node, f"{name} is imported directly; import qgis.PyQt")
            for alias in node.names:
                if alias.name in LOST_NAMES:
                    say(node, f"Qt 6 has no {alias.name}")
        elif isinstance(node, ast.Attribute):
            if node.attr in LOST_METHODS:
                say(node, f"Qt 6 has no {node.attr}; use {LOST_METHODS[node.attr]}")
            if node.attr in LOST_MEMBERS:
                say(node, f"Qt 6 has no {node.attr}; use {LOST_MEMBERS[node.attr]}")
            if isinstance(node.value, ast.Name) and node.value.id in known:
                if node.value.id == "QVariant":
                    say(node, f"QVariant.{node.attr} is gone with QVariant's types; use Python's or QMetaType.Type")
                elif _is_unscoped(known[node.value.id], node.attr):
                    say(node, f"{node.value.id}.{node.attr} needs the name of its enum between")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            named = of.func if isinstance(of, ast.Call) else None
            metrics = ("fontMetrics", "QFontMetrics", "QFontMetricsF")
            name = getattr(named, "attr", getattr(named, "id", ""))
            if node.func.attr == "width" and name in metrics:
                say(node, "QFontMetrics.width is gone; use horizontalAdvance")
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
            overloaded = node.value.attr in ("currentIndexChanged", "activated", "highlighted", "valueChanged")
            if overloaded and "str" in ast.unparse(node.slice):
                say(node, f"{node.value.attr} has no text overload in Qt 6; use the signal with Text in its name")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_sources_mean_the_same_under_qt_6(path):
    assert complaints(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("from PyQt5.QtCore import Qt", "imported directly"),
        ("import sip", "imported directly"),
        ("from qgis.PyQt.QtCore import QRegExp", "QRegExp"),
        ("from qgis.PyQt.QtCore import Qt\nQt.LeftButton", "needs the name of its enum"),
        ("from qgis.PyQt.QtCore import Qt\nQt.Alignment", "needs the name of its enum"),
        ("from qgis.PyQt.QtWidgets import QDialog\nQDialog.Accepted", "needs the name of its enum"),
        ("from qgis.PyQt.QtCore import QVariant\nQVariant.Int", "QVariant.Int"),
        ("from qgis.PyQt.QtCore import Qt\nQt.MouseButton.MidButton", "MiddleButton"),
        ("dialog.exec_()", "exec"),
        ("event.globalPos()", "globalPosition"),
        ("self.fontMetrics().width(text)", "horizontalAdvance"),
        ("QFontMetrics(font).width(text)", "horizontalAdvance"),
        ("combo.currentIndexChanged[str].connect(f)", "overload"),
    ],
)
def test_the_rule_sees_what_qt_6_lost(source, word):
    assert any(word in line for line in complaints(source)), complaints(source)


@pytest.mark.parametrize(
    "source",
    [
        "from qgis.PyQt.QtCore import Qt\nQt.MouseButton.LeftButton",
        "from qgis.PyQt.QtCore import QTimer\nQTimer.singleShot(0, f)",
        "from qgis.PyQt.QtWidgets import QAction\nQAction('x')",  # qgis.PyQt has it there under Qt 6 as well
        "from qgis.PyQt.QtCore import Qt\nf(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)",
        "dialog.exec()",
        "self.width()",
    ],
)
def test_the_rule_lets_pass_what_both_know(source):
    assert complaints(source) == []
