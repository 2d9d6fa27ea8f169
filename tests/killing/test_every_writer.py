"""Whatever the engine writes it writes under a temporary name: read from its source."""

from __future__ import annotations

import ast
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[2] / "deepot_qgis" / "engine"
#: Functions that are handed a temporary name by whoever calls them, or write to memory or into a folder that gets its
#: name when it is whole; and the lock and the mark of what is to go, which nobody reads.
GIVEN = {
    "align.py:_empty_copy",
    "installation/place.py:_forget",
    "installation/place.py:complete",
    "interchange/hdf5.py:__init__",
    "interchange/itslive.py:__init__",
    "interchange/points.py:__enter__",
    "output.py:__init__",
    "processes.py:exclusive",
    "provenance.py:write",
    "report/run.py:_bytes",
    "stations/files.py:_write_points",
    "stations/plots.py:save",
    "terrain/classes.py:__init__",
    "terrain/classes.py:write_names",
    "timeseries/netcdf.py:__init__",
}
_WHOLE = ("whole_file", "whole_files", "whole_parts")
_NAMING = ("replace", "rename", "move", "copyfile", "copy")
_CREATING = ("Create", "CreateDataSource", "CreateMultiDimensional")
_IN_MEMORY = ("MEM", "Memory")


def writes(tree: ast.AST):
    """Calls that make or name a file: function they are in, what the file is called, line."""
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_writing(node):
            inside = [of.name for of in functions if of.lineno <= node.lineno <= (of.end_lineno or 0)]
            target = node.args[0] if node.args else None
            yield (inside or ["module"])[-1], ast.unparse(target) if target is not None else "", node.lineno


def _is_writing(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "open" and isinstance(call.func, ast.Name):
        modes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
        return any(isinstance(mode, ast.Constant) and set(str(mode.value)) & set("wax+") for mode in modes)
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name in _NAMING:
        return owner in ("os", "shutil")
    if name in ("savefig", "write_text", "write_bytes"):
        return True
    if name in ("save", "savez", "savez_compressed", "savetxt"):
        return owner == "np"
    words = ast.unparse(call)
    made = name == "quietly" and any(f".{how}," in words for how in _CREATING)
    return made and not any(f"'{kind}'" in words for kind in _IN_MEMORY)


def temporary_names(tree: ast.AST) -> set[str]:
    """Names that `with whole_file(...) as NAME` gives."""
    items = [item for node in ast.walk(tree) if isinstance(node, ast.With) for item in node.items]
    return {
        item.optional_vars.id
        for item in items
        if isinstance(item.context_expr, ast.Call)
        and ast.unparse(item.context_expr.func).split(".")[-1] in _WHOLE
        and isinstance(item.optional_vars, ast.Name)
    }


def test_every_file_is_written_under_a_temporary_name():
    wrong, seen = [], set()
    for path in sorted(ENGINE.rglob("*.py")):
        name = path.relative_to(ENGINE).as_posix()
        if name == "files.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function, target, line in writes(tree):
            place = f"{name}:{function}"
            seen.add(place)
            if place not in GIVEN and target.split("[")[0] not in temporary_names(tree):
                wrong.append(f"{name}:{line} writes {target or 'a file'} without files.whole_file")
    assert not wrong, "\n".join(wrong)
    assert seen >= GIVEN, f"the test looks past {GIVEN - seen}"


def test_the_test_sees_a_writer():
    source = 'def f(p):\n    open(p, "w")\n    fig.savefig(p)\n    os.replace(a, p)\n    open(p)\n    np.save(p, x)\n'
    assert [line for _, _, line in writes(ast.parse(source))] == [2, 3, 4, 6]
