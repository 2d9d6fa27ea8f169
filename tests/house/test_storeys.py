"""Imports only go down: gui -> processing -> engine, and the engine stands without Qt, QGIS and PyTorch."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = "deepot_qgis"
STOREYS = ("engine", "processing", "gui")  # lowest first

# What each storey may import besides the standard library and itself. A name allows everything below it.
SCIENCE = {"numpy", "scipy", "osgeo", "onnxruntime"}
QT = ("qgis.PyQt.QtCore", "qgis.PyQt.QtGui", "qgis.PyQt.QtXml")  # no widgets
ABOUT = f"{PACKAGE}.__about__"
ALLOWED = {
    "engine": SCIENCE | {ABOUT, "matplotlib", "distributed"},
    "processing": SCIENCE | {ABOUT, f"{PACKAGE}.engine", "qgis.core", *QT},
    "gui": SCIENCE | {ABOUT, f"{PACKAGE}.engine", f"{PACKAGE}.processing", "qgis", "matplotlib", "processing"},
}
# Optional at run time: importing the module that uses them must work without them.
LAZY = {"onnxruntime", "matplotlib", "distributed"}


@dataclass(frozen=True)
class Import:
    """One imported name: absolute dotted module, the line, and whether it stands inside a function."""

    module: str
    line: int
    lazy: bool


def imports(source: str, module: str, is_package: bool = False) -> list[Import]:
    """All imports of a module's source, relative ones made absolute."""
    found: list[Import] = []

    def visit(node: ast.AST, inside_function: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, node.lineno, inside_function) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.extend(Import(name, node.lineno, inside_function) for name in absolute(node, module, is_package))
        inside_function = inside_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for child in ast.iter_child_nodes(node):
            # What only the type checker sees is not imported.
            if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test)):
                visit(child, inside_function)

    visit(ast.parse(source), False)
    return found


def absolute(node: ast.ImportFrom, module: str, is_package: bool) -> list[str]:
    """Dotted names a ``from x import y`` may bind: ``x.y`` (y may be a module)."""
    base = node.module or ""
    if node.level:
        parts = module.split(".")
        parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
        base = ".".join(parts + ([node.module] if node.module else []))
    return [f"{base}.{alias.name}" for alias in node.names]


def allowed(name: str, storey: str) -> bool:
    """Whether a module of the storey may import this dotted name."""
    if name.split(".")[0] in STANDARD or name == "__future__":
        return True
    permitted = ALLOWED[storey] | {f"{PACKAGE}.{storey}"}
    return any(name == entry or name.startswith(entry + ".") for entry in permitted)


# Python 3.9 has no list of its standard library; the rule is then checked on newer versions only.
STANDARD = getattr(sys, "stdlib_module_names", frozenset())


def modules(folder: str = "") -> list[Path]:
    """Sources of the package, or of one storey."""
    return sorted((REPOSITORY / PACKAGE / folder).rglob("*.py"))


def dotted(path: Path) -> tuple[str, bool]:
    parts = list(path.relative_to(REPOSITORY).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    return ".".join(parts[:-1] if is_package else parts), is_package


def imports_of(path: Path) -> list[Import]:
    module, is_package = dotted(path)
    return imports(path.read_text(encoding="utf-8"), module, is_package)


def offenders(folder: str, offends: Callable[[Import], bool]) -> str:
    """Imports of a folder's modules that offend, one a line."""
    return "\n".join(
        f"{path.relative_to(REPOSITORY)}:{found.line} imports {found.module}"
        for path in modules(folder)
        for found in imports_of(path)
        if offends(found)
    )


@pytest.mark.skipif(not STANDARD, reason="needs sys.stdlib_module_names (Python 3.10)")
@pytest.mark.parametrize("storey", STOREYS)
def test_imports_only_go_down(storey):
    assert modules(storey), f"{storey} is empty"
    wrong = offenders(storey, lambda found: not allowed(found.module, storey))
    assert not wrong, wrong


def test_optional_packages_are_imported_inside_functions():
    wrong = offenders("", lambda found: found.module.split(".")[0] in LAZY and not found.lazy)
    assert not wrong, wrong


@pytest.mark.parametrize("name", ["__init__.py", "__about__.py"])
def test_package_itself_imports_only_the_standard_library_on_import(name):
    """QGIS, the command line and training all import the package: what it imports at the top reaches all three."""
    path = REPOSITORY / PACKAGE / name
    wrong = [
        found.module
        for found in imports_of(path)
        if not found.lazy and found.module.split(".")[0] not in STANDARD | {"__future__"} and found.module != ABOUT
    ]
    assert not wrong


def test_training_is_never_imported_by_the_plugin():
    wrong = offenders(
        "", lambda found: found.module.split(".")[0] in {"training", "torch", "scripts", "tests", "benchmarks"}
    )
    assert not wrong, wrong


def test_engine_prints_only_in_its_command_line():
    """Whatever the plugin prints spoils the JSON of ``qgis_process --json``."""
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path in modules()
        if path.parent.name != "cli" and path.name != "__main__.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "module", "expected"),
    [
        ("from ..gui import dock", "deepot_qgis.engine.pair", "deepot_qgis.gui.dock"),
        ("from . import rasters", "deepot_qgis.engine.pair", "deepot_qgis.engine.rasters"),
        ("import qgis.core", "deepot_qgis.engine.pair", "qgis.core"),
        ("def f():\n    from deepot_qgis import gui", "deepot_qgis.engine.pair", "deepot_qgis.gui"),
    ],
)
def test_the_rule_sees_every_way_to_import(source, module, expected):
    found = imports(source, module)
    assert [entry.module for entry in found] == [expected]
    assert allowed(expected, "engine") is (expected == "deepot_qgis.engine.rasters")


def test_the_rule_reads_relative_imports_of_a_package():
    found = imports("from . import rasters", "deepot_qgis.engine", is_package=True)
    assert found[0].module == "deepot_qgis.engine.rasters"


def test_the_rule_ignores_what_only_a_type_checker_imports():
    assert imports("if TYPE_CHECKING:\n    import torch", "deepot_qgis.engine.pair") == []
