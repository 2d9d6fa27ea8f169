"""Nothing is cut off: in languages whose texts are 40 % longer, on small screens, in dark themes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from qgis.PyQt.QtCore import QCoreApplication, QEvent, QPoint, QRect, QTranslator
from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

import deepot_qgis.gui
from deepot_qgis.gui.plots.dock import PlotDock
from deepot_qgis.gui.sections.button import Button, CheckBox
from scripts import translations

TIMEOUT_MS = 20_000
LONGER = 1.4
NARROW = 320
#: Parts of QGIS's and Qt's own widgets, which we do not lay out.
_FOREIGN = ("Qgs", "QSpin", "QDouble", "QLineEdit", "QDateTime", "QCalendar", "QComboBox", "QHeaderView", "QTable")

#: What a number is measured in, said in the suffix, the label or the tooltip.
_UNIT = re.compile(r"\b(px|pixels?|m|metres|days?|degrees?|MB|°|band|dates|neighbours|0 to 1)\b|%", re.IGNORECASE)


class Longer(QTranslator):
    """Every text of the plugin 40 % longer, in words that may be broken between."""

    def __init__(self):
        super().__init__()
        self._texts = {call.text for call in translations.calls() if call.text}

    def translate(self, context, source, disambiguation=None, n=-1) -> str | None:
        return longer(source) if source in self._texts else None  # QGIS keeps its own words

    def isEmpty(self) -> bool:
        return False


def longer(text: str) -> str:
    filler = "wort " * len(text)
    return text + " " + filler[: round((LONGER - 1) * len(text))].rstrip() if len(text) > 1 else text


@pytest.fixture
def long_texts(qgis_app):
    """Install the translator for the widgets that a test makes."""
    translator = Longer()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def ours(widget: QWidget) -> bool:
    """Whether we lay the widget out ourselves."""
    parent = widget.parentWidget()
    while parent is not None:
        name = type(parent).__name__
        if name.startswith(_FOREIGN) and not name.startswith("QgsCollapsible"):
            return False
        if name == "DeepotDock":
            return True
        parent = parent.parentWidget()
    return True


def cut(root: QWidget) -> Iterator[str]:
    """Name what a user cannot read to its end, or not reach."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisibleTo(root) or not ours(widget) or not widget.width():
            continue
        text, needs = _wish(widget)
        if not text:
            continue
        room = widget.width(), widget.height()
        if needs[0] > room[0] + 1 or needs[1] > room[1] + 1:
            yield f"{type(widget).__name__} '{text[:60]}' needs {needs} and has {room}"
        right = widget.mapTo(root, QPoint(widget.width(), 0)).x()
        if right > root.width() + 1:
            yield f"{type(widget).__name__} '{text[:60]}' ends at {right} of {root.width()}"


def _wish(widget: QWidget) -> tuple[str, tuple[int, int]]:
    """The text of a widget and the size that it needs."""
    hint = widget.sizeHint()
    if isinstance(widget, (Button, CheckBox)):
        return widget.text(), (widget.minimumSizeHint().width(), hint.height())  # ends in an ellipsis, and says all
    if isinstance(widget, QLabel):
        if widget.wordWrap():
            return widget.text(), (0, widget.heightForWidth(widget.width()))
        return widget.text(), (hint.width(), hint.height())
    if isinstance(widget, (QPushButton, QCheckBox, QRadioButton, QToolButton)):
        return widget.text(), (hint.width(), hint.height())
    if isinstance(widget, QGroupBox):
        return widget.title(), (widget.fontMetrics().horizontalAdvance(widget.title()), 0)
    return (widget.text(), (0, 0)) if isinstance(widget, QAbstractButton) else ("", (0, 0))


def settle() -> None:
    for _ in range(4):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QApplication.processEvents()


def everything_shown(panel) -> list[str]:
    """What is cut in any tab, with all that can be unfolded."""
    found = []
    for tab in (panel.pair, panel.series, panel.stations, panel.toolbox):
        panel.show_tab(tab)
        if hasattr(tab, "advanced"):
            tab.advanced.setCollapsed(False)
        settle()
        found += [f"{type(tab).__name__}: {what}" for what in cut(tab.widget())]
        if tab.widget().width() > tab.viewport().width():
            found.append(f"{type(tab).__name__} is {tab.widget().width()} wide, {tab.viewport().width()} are shown")
            found += [
                f"  {type(w).__name__} needs {w.minimumSizeHint().width()}"
                for w in tab.widget().findChildren(QWidget)
                if w.isVisibleTo(tab.widget()) and w.minimumSizeHint().width() > 0.85 * tab.viewport().width()
            ]
    return found + list(cut(panel.run_bar))


def explained(control: QWidget) -> str:
    """The tooltip of a control, or of what it is a part of (the line edit of a spin box)."""
    for _ in range(3):
        if control is None or control.toolTip():
            break
        control = control.parentWidget()
    return control.toolTip() if control is not None else ""


def test_every_control_of_every_tab_explains_itself_with_its_unit(panel, provider):
    panel.show_tab(panel.toolbox)
    silent, unitless = [], []
    for kind in (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit):
        for control in panel.findChildren(kind):
            name = f"{type(control.parentWidget()).__name__}.{type(control).__name__} {control.objectName()}"
            if control.objectName().startswith(("qt_", "Scroll", "scrollbar")) or "QMessageBox" in name:
                continue
            if not explained(control):
                silent.append(f"{name} {getattr(control, 'text', str)()}")
            if isinstance(control, (QSpinBox, QDoubleSpinBox)):
                says = f"{control.suffix()} {explained(control)} {_label_of(control)}"
                if not _UNIT.search(says):
                    unitless.append(f"{name}: {says}")
    assert "\n".join(silent) == ""
    assert "\n".join(unitless) == ""


def _label_of(control: QWidget) -> str:
    layout = control.parentWidget().layout()
    label = layout.labelForField(control) if isinstance(layout, QFormLayout) else None
    return label.text() if label is not None else ""


def test_no_text_is_cut_in_english(panel, provider):
    panel.resize(NARROW, 640)
    assert "\n".join(everything_shown(panel)) == ""


def test_no_text_is_cut_in_a_language_of_long_words(long_texts, make_panel, provider):
    panel = make_panel()
    panel.resize(NARROW, 640)
    assert panel.pair.sample.text().startswith("Load sample data wort")
    assert "\n".join(everything_shown(panel)) == ""


def test_the_panel_leaves_room_for_the_map_of_a_small_screen(panel, provider):
    for tab in (panel.pair, panel.series, panel.stations, panel.toolbox):
        panel.show_tab(tab)
        settle()
        least = panel.minimumSizeHint()
        assert least.width() <= 420 and least.height() <= 400  # of 1280 x 720


@pytest.fixture
def dark_theme(qgis_app):
    """The colours of a dark desktop."""
    usual = QPalette(QApplication.palette())
    dark = QPalette()
    role = QPalette.ColorRole
    for which in (role.Window, role.Base, role.Button, role.AlternateBase, role.ToolTipBase):
        dark.setColor(which, QColor(40, 42, 46))
    for which in (role.WindowText, role.Text, role.ButtonText, role.ToolTipText):
        dark.setColor(which, QColor(225, 225, 225))
    QApplication.setPalette(dark)
    yield
    QApplication.setPalette(usual)


def test_text_stays_light_on_dark(dark_theme, make_panel, choose, qtbot, moving_pair, run_to_end):
    panel = make_panel()
    panel.resize(360, 1600)
    choose(panel, *moving_pair)
    card = panel.pair.images.preflight
    qtbot.waitUntil(lambda: bool(card.rows) and all(row.verdict for row in card.rows), timeout=TIMEOUT_MS)
    run_to_end(panel)
    settle()
    for widget in (card, panel.run_bar.notice, panel.pair.last_run, panel.pair.method):
        panel.pair.ensureWidgetVisible(widget)
        settle()
        place = QRect(widget.mapTo(panel, QPoint(0, 0)), widget.size()).intersected(panel.rect())
        image = panel.grab(place).toImage()
        places = ((x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2))
        shades = sorted(image.pixelColor(x, y).lightness() for x, y in places)
        assert shades[len(shades) // 2] < 100, f"{type(widget).__name__} is not dark"
        assert shades[-len(shades) // 200] > 150, f"{type(widget).__name__} has no light text"


def test_style_sheets_name_no_colours():
    """Only levels and the reasons of masked pixels have colours of their own, on every theme the same."""
    folder = Path(deepot_qgis.gui.__file__).parent
    sheets = re.compile(r"setStyleSheet\(([^)]*)\)")
    named = [
        f"{path.relative_to(folder).as_posix()}: {sheet}"
        for path in folder.rglob("*.py")
        if path.name not in ("levels.py", "share_bar.py")
        for sheet in sheets.findall(path.read_text(encoding="utf-8"))
        if re.search(r"(?:color|background)\s*:", sheet)
    ]
    assert named == []


def test_no_control_hides_a_method_of_qt(panel):
    """A control kept as ``self.size`` or ``self.window`` takes that method from whoever asks the widget for it."""
    plots = PlotDock(panel.desk.canvas)
    widgets = [*panel.findChildren(QWidget), *plots.findChildren(QWidget), panel, plots]
    plots.deleteLater()
    ours = [widget for widget in widgets if type(widget).__module__.startswith("deepot_qgis")]
    hidden = {f"{type(widget).__name__}.{name}" for widget in ours for name in vars(widget) if hasattr(QWidget, name)}
    assert len(ours) > 40 and not hidden
