"""Reads the texts that a module of the engine may show to a user out of its source; see `scripts.engine_texts`."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from deepot_qgis.engine import errors
from deepot_qgis.engine.words import blocks

# Cancelling is told by those who were asked to cancel.
_ERRORS = {name for name in vars(errors) if name.endswith("Error")} - {"CancelledError"}
_OTHER_ERRORS = {name for name in vars(builtins) if name.endswith("Error")} | {"CancelledError", "_DamagedError"}
_ONLY_COMMAND_LINE = {"description"}  # what `check-model` prints
_MOST = 6  # more alternatives than these stay in braces, and are words of their own
_DEEPEST = 4

_WORDS = re.compile(r"(?<![\w/.\\-])[A-Za-zÀ-ÿ][a-zà-ÿ]+(?![\w/\\(=]|\.\w)")
_UNITS = {"km", "px", "mm", "GB", "MB", "cm"}
_NO_WORDS = re.compile(
    r"\\[dwsSbWD.\[(]|\(\?|\|\w|%[sdYmH]|<(?!i>|code>)[!a-z]|=\"|,pad|^[\w.:/#+-]+$|[{};]\s*\n|"
    r"^\s*import |^python3 |^data:"
)
# Names that GDAL, Qt and matplotlib know, what files hold, and what no user meets.
_NAMES = {
    "CUDA failure {code1}: {code2}",
    "ESRI Shapefile",
    "No module named 'onnxruntime'",
    "Positive east and north is ground that moved towards east and north of the grid.",
    "Velocities are per year of 365.25 days.",
    "axes fraction",
    "lib{part}",
    "lower right",
    "offset points",
    "static TLS",
    "step?",
    "sys.platform is {platform}",
    "upper center",
    "upper left",
}
_BOUNDARY = re.compile(r"(?<=[.?]) (?=[A-Z{'\"<])")

Piece = tuple[str, ...]


@dataclass
class _Place:
    """What the names of a function and its module may stand for."""

    constants: dict[str, list[ast.expr]]
    local: dict[str, list[ast.expr]] = field(default_factory=dict)
    functions: dict[str, list[ast.expr]] = field(default_factory=dict)

    def meanings(self, name: str) -> list[ast.expr]:
        return self.local[name] if name in self.local else self.constants.get(name, [])


class Reader:
    """Finds the texts of a module.

    Parameters
    ----------
    tree : ast.Module
        Its source.
    is_page : bool
        Whether each of its texts is shown, and not only what looks like a sentence.

    Attributes
    ----------
    texts : set of str
        What was found, as templates.
    """

    def __init__(self, tree: ast.Module, is_page: bool):
        self.texts: set[str] = set()
        self._is_page = is_page
        self._done: set[int] = set()
        self._place = _Place(_assigned(tree.body))
        self._place.functions = {
            node.name: [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value is not None]
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        }
        self._visit(tree)

    def _visit(self, node: ast.AST) -> None:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
            for statement in node.body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    self._done.add(id(statement.value))  # a docstring
        before = self._place
        if isinstance(node, ast.FunctionDef) and node.name in _ONLY_COMMAND_LINE:
            return
        if isinstance(node, ast.FunctionDef):
            self._place = _Place(before.constants, {**before.local, **_bound(node)}, before.functions)
            self._visit_body(node)
            self._place = before
            return
        if id(node) in self._done:
            return
        if isinstance(node, ast.keyword) and node.arg == "metadata":
            return  # what a file of a figure says of itself
        if isinstance(node, ast.Call):
            name = _called(node)
            if name in _OTHER_ERRORS or name in ("compile", "print", "getLogger"):
                return
            if name in _ERRORS:
                for argument in node.args[:1]:
                    self._take(argument, sentence=False)
                    self._done.update(id(one) for one in ast.walk(argument))
        if _is_text(node):
            self._take(node, sentence=not self._is_page)
            self._done.update(id(one) for one in ast.walk(node))
            for one in ast.walk(node) if self._is_page else ():
                if isinstance(one, ast.Call):
                    self.texts.update(_labels(one))
            return
        self._visit_body(node)

    def _visit_body(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.FunctionDef) and child is node.args:
                continue
            self._visit(child)

    def _take(self, node: ast.expr, sentence: bool, depth: int = 0) -> None:
        if depth > _DEEPEST:
            return
        for pieces, held in self._ways(node):
            texts = blocks("".join(pieces)) if "</" in "".join(pieces) else ["".join(pieces)]
            for text in texts:
                text = text.strip(" ,\n")
                if not sentence or _is_sentence(text):
                    self.texts.update(_renamed(one.strip()) for one in _BOUNDARY.split(text))
                    for one in held:
                        self._take_held(one, depth)

    def _take_held(self, node: ast.expr, depth: int) -> None:
        """Take what a pair of braces may hold, as far as it is words."""
        for one in self._resolved(node, depth):
            self._take(one, sentence=False, depth=depth + 1)

    def _resolved(self, node: ast.expr, depth: int) -> Iterator[ast.expr]:
        if depth > _DEEPEST:
            return
        if _is_text(node):
            yield node
        elif isinstance(node, ast.IfExp):
            yield from self._resolved(node.body, depth + 1)
            yield from self._resolved(node.orelse, depth + 1)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                yield from self._resolved(value, depth + 1)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            yield from self._resolved(node.left, depth + 1)
            yield from self._resolved(node.right, depth + 1)
        elif isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            for value in node.elts:
                yield from self._resolved(value, depth + 1)
        elif isinstance(node, ast.Dict):
            for value in node.values:
                yield from self._resolved(value, depth + 1)
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            yield from self._resolved(node.elt, depth + 1)
        elif isinstance(node, (ast.Subscript, ast.Starred)):
            yield from self._resolved(node.value, depth + 1)
        elif isinstance(node, ast.Name):
            for value in self._place.meanings(node.id):
                yield from self._resolved(value, depth + 1)
        elif isinstance(node, ast.Call):
            name = _called(node)
            if name == "join" or name in ("str", "sorted", "tuple", "list", "dict", "next", "escape"):
                for argument in node.args:
                    yield from self._resolved(argument, depth + 1)
            elif name in ("get", "capitalize", "strip") and isinstance(node.func, ast.Attribute):
                yield from self._resolved(node.func.value, depth + 1)
                for argument in node.args[1:]:
                    yield from self._resolved(argument, depth + 1)
            else:
                for value in self._place.functions.get(name, []):
                    yield from self._resolved(value, depth + 1)

    def _ways(self, node: ast.expr, depth: int = 0) -> list[tuple[Piece, list[ast.expr]]]:
        """Return each way a text may be put together: its pieces, and what stands in its braces."""
        if isinstance(node, ast.Constant):
            return [((node.value,), [])] if isinstance(node.value, str) else []
        if depth > _DEEPEST:
            return []
        if isinstance(node, ast.IfExp):
            return [*self._ways(node.body, depth + 1), *self._ways(node.orelse, depth + 1)]
        if isinstance(node, ast.BoolOp):
            return [way for value in node.values for way in self._ways(value, depth + 1)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined([self._ways(node.left, depth + 1), self._ways(node.right, depth + 1)])
        if isinstance(node, ast.Name):
            return [way for value in self._place.meanings(node.id) for way in self._ways(value, depth + 1)]
        if isinstance(node, ast.JoinedStr):
            return self._ways_of_parts(node, depth)
        if isinstance(node, ast.Call):
            return [way for value in self._resolved(node, depth) for way in self._ways(value, depth + 1)]
        return []

    def _ways_of_parts(self, node: ast.JoinedStr, depth: int) -> list[tuple[Piece, list[ast.expr]]]:
        tests = [ast.dump(one.value.test) for one in node.values if _is_choice(one)]
        again = next((test for test in tests if tests.count(test) > 1), None)
        if again is not None:  # one condition decides in several places
            return [
                way
                for branch in ("body", "orelse")
                for way in self._ways_of_parts(
                    ast.JoinedStr([_decided(one, again, branch) for one in node.values]), depth
                )
            ]
        parts: list[list[tuple[Piece, list[ast.expr]]]] = []
        many = 1
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append([((str(part.value),), [])])
                continue
            inner = part.value  # type: ignore[attr-defined]
            ways = self._ways(inner, depth + 1) if self._is_alternative(inner) else []
            plain = all(len(_plain(pieces)) < 90 for pieces, _ in ways)
            if ways and plain and many * len(ways) <= _MOST:
                many *= len(ways)
                parts.append(ways)
            else:
                parts.append([(("{" + _name_of(inner) + "}",), [inner])])
        return _joined(parts)

    def _is_alternative(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.IfExp):
            return all(_is_text(one) or isinstance(one, ast.IfExp) for one in (node.body, node.orelse))
        if isinstance(node, ast.Name):
            meanings = self._place.meanings(node.id)
            return 0 < len(meanings) < 3 and all(
                (isinstance(one, ast.Constant) and bool(one.value))
                or (isinstance(one, ast.IfExp) and self._is_alternative(one))
                for one in meanings
            )
        return False


def _labels(call: ast.Call) -> Iterator[str]:
    """Texts that a call within a page is given."""
    for argument in call.args:
        for one in argument.elts if isinstance(argument, ast.Tuple) else (argument,):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one.value


def _is_choice(part: ast.expr) -> bool:
    return isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.IfExp)


def _decided(part: ast.expr, test: str, branch: str) -> ast.expr:
    """A part of an f-string as it is when a condition holds, or does not."""
    if not _is_choice(part) or ast.dump(part.value.test) != test:  # type: ignore[attr-defined]
        return part
    return ast.FormattedValue(getattr(part.value, branch), -1, None)  # type: ignore[attr-defined]


def _joined(parts: list[list[tuple[Piece, list[ast.expr]]]]) -> list[tuple[Piece, list[ast.expr]]]:
    return [
        (tuple(piece for pieces, _ in way for piece in pieces), [one for _, held in way for one in held])
        for way in product(*parts)
    ]


def _assigned(body: list[ast.stmt]) -> dict[str, list[ast.expr]]:
    """What names are set to, or lists are given, in these statements and what they hold."""
    found: dict[str, list[ast.expr]] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target, value = node.targets[0], node.value
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(value)
                elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    for one, its in zip(target.elts, value.elts):
                        if isinstance(one, ast.Name):
                            found.setdefault(one.id, []).append(its)
                elif isinstance(target, ast.Tuple) and isinstance(value, ast.IfExp):
                    for way in (value.body, value.orelse):
                        if isinstance(way, ast.Tuple):
                            for one, its in zip(target.elts, way.elts):
                                if isinstance(one, ast.Name):
                                    found.setdefault(one.id, []).append(its)
            elif (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None) or (
                isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
            ):
                found.setdefault(node.target.id, []).append(node.value)
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("append", "extend")
                and isinstance(node.func.value, ast.Name)
            ):
                found.setdefault(node.func.value.id, []).extend(node.args)
    return found


def _bound(function: ast.FunctionDef) -> dict[str, list[ast.expr]]:
    """What the names of a function are set to; its parameters hide what the module calls the same."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    loops = [one.target for one in ast.walk(function) if isinstance(one, ast.For)]
    names += [one.id for target in loops for one in ast.walk(target) if isinstance(one, ast.Name)]
    return {**{name: [] for name in names}, **_assigned(function.body)}


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _plain(pieces: Piece) -> str:
    return re.sub(r"{\w+}", "", "".join(pieces))


def is_words(text: str) -> bool:
    """Whether there is something to translate in a template."""
    words = set(_WORDS.findall(re.sub(r"{\w+}", "", text))) - _UNITS
    return bool(words) and text not in _NAMES and not _NO_WORDS.search(text)


def _is_sentence(text: str) -> bool:
    bare = re.sub(r"{\w+}", "X", text)
    return (
        bare.endswith((".", "?"))
        and len(_WORDS.findall(bare)) > 2
        and bool(re.match(r"[A-Z'\d(]", bare))
        and not _NO_WORDS.search(text)
    )


def _name_of(node: ast.expr) -> str:
    """A short name for what stands in braces."""
    if isinstance(node, ast.Name):
        return node.id.strip("_").lower()
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_").lower()
    if isinstance(node, ast.Call):
        name = _called(node).strip("_")
        if name in ("join", "len", "abs", "str", "basename", "escape", "text", "sorted", "max", "min", "repr", "round"):
            return _name_of(node.args[0]) if node.args else "value"
        if name == "getattr":
            return "value"
        if name in ("strip", "lower", "upper", "rstrip", "crs_name", "isoformat") and isinstance(
            node.func, ast.Attribute
        ):
            return _name_of(node.func.value) if name != "crs_name" else "crs"
        return name.lower()
    if isinstance(node, ast.Subscript):
        return _name_of(node.value)
    if isinstance(node, ast.BinOp):
        return next((_name_of(one) for one in (node.right, node.left) if not isinstance(one, ast.Constant)), "value")
    if isinstance(node, ast.BoolOp):
        return _name_of(node.values[0])
    if isinstance(node, ast.IfExp):
        return _name_of(node.body) if not _is_text(node.body) else "words"
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        return _name_of(node.generators[0].iter)
    if isinstance(node, ast.UnaryOp):
        return _name_of(node.operand)
    return "value"


def _renamed(text: str) -> str:
    """Number the names of braces that occur more than once: each is a value of its own."""
    names = re.findall(r"{(\w+)}", text)
    seen: dict[str, int] = {}

    def unique(found: re.Match[str]) -> str:
        name = found[1]
        if names.count(name) == 1:
            return found[0]
        seen[name] = seen.get(name, 0) + 1
        return f"{{{name}{seen[name]}}}"

    return re.sub(r"{(\w+)}", unique, text)
