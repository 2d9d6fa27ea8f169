"""A look into an ONNX file before ONNX Runtime opens it: a model is data, and reaches no further than its folder.

ONNX Runtime follows paths that stand in a model (values kept in other files), runs loops for as long as they say, and
makes tensors as large as they say. What of that no offset tracker needs is refused here. Only the few fields of the
format (onnx.proto) that say so are read; everything else is skipped unread, so that a large model costs milliseconds.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import ModelError

#: Operators whose end nobody can foretell.
_LOOPS = ("Loop", "Scan", "SequenceMap")
#: Of operators beyond ONNX's own, those that ONNX Runtime has built in and that its optimiser writes.
_DOMAINS = ("", "ai.onnx", "com.microsoft", "com.microsoft.nchwc", "ai.onnx.ml")
#: Branches inside branches, and nodes, of which no real network has as many.
_MOST_DEPTH, _MOST_NODES = 4, 200_000
#: Numbers in a tensor whose size stands in the file itself, and copies of one tensor.
_MOST_NUMBERS, _MOST_COPIES = 1 << 28, 1 << 20
_FEW = 8
_INT64 = 7

# Kinds of message, and which of their fields hold which kind.
_MODEL, _GRAPH, _NODE, _ATTRIBUTE, _TENSOR, _SPARSE, _FUNCTION, _TRAINING = range(8)
_INSIDE = {
    _MODEL: {7: _GRAPH, 20: _TRAINING, 25: _FUNCTION},
    _TRAINING: {1: _GRAPH, 2: _GRAPH},
    _FUNCTION: {7: _NODE},
    _GRAPH: {1: _NODE, 5: _TENSOR, 15: _SPARSE},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE},
    _SPARSE: {1: _TENSOR, 2: _TENSOR},
    _TENSOR: {},
}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass
class _Found:
    """What was met on the way through a file."""

    external: list[tuple[str, int, int]] = field(default_factory=list)
    nodes: list[tuple[str, str, list[str], list[str]]] = field(default_factory=list)
    few: dict[str, list[int]] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)


def require_data(path: str) -> None:
    """Refuse a model that is more than data.

    Raises
    ------
    ModelError
        The file is no ONNX file or is cut off; it keeps values outside its folder; it holds operators that are neither
        ONNX's nor ONNX Runtime's own, loops, or tensors of absurd size.
    """
    name = os.path.basename(path)
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ModelError(f"{name} cannot be read ({error.strerror}); choose the model again.") from error
    found = _Found()
    try:
        _walk(memoryview(content), _MODEL, 0, found)
    except (ValueError, IndexError, struct.error, OverflowError) as error:
        raise ModelError(
            f"{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model."
        ) from error
    except _TooDeep as error:
        raise ModelError(f"{name} is no network that can be run here: it holds {error}; export it simpler.") from error
    if not found.nodes:
        raise ModelError(
            f"{name} is not a network: it is no ONNX file, or is cut off; copy it again, or choose another model."
        )
    for location, offset, length in found.external:
        _require_inside(path, name, location, offset, length)
    _require_known(name, found)
    _require_sizes(name, found)


class _TooDeep(Exception):
    """More than a network has."""


def _fields(message: memoryview) -> Iterator[tuple[int, int, Any]]:
    """Fields of a message: number, wire type, and the value: a whole number for `_VARINT`, else bytes."""
    place = 0
    value: int | memoryview
    while place < len(message):
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, place = _varint(message, place)
        elif wire == _BYTES:
            length, place = _varint(message, place)
            if length > len(message) - place:
                raise ValueError("cut off")
            value, place = message[place : place + length], place + length
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
            if size > len(message) - place:
                raise ValueError("cut off")
            value, place = message[place : place + size], place + size
        else:
            raise ValueError(f"wire type {wire}")
        yield number, wire, value


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("no number is as long")


def _walk(message: memoryview, kind: int, depth: int, found: _Found) -> None:
    if depth > _MOST_DEPTH:
        raise _TooDeep(f"branches inside branches, more than {_MOST_DEPTH} deep")
    if kind == _TENSOR:
        _read_tensor(message, found)
        return
    inside, texts = _INSIDE[kind], dict[int, list[str]]()
    for number, wire, value in _fields(message):
        if wire != _BYTES:
            continue
        if number in inside:
            _walk(value, inside[number], depth + (inside[number] == _GRAPH), found)
        elif kind == _NODE or (kind == _FUNCTION and number in (1, 10)):
            texts.setdefault(number, []).append(bytes(value).decode("utf-8", "replace"))
    if kind == _NODE:
        operator, domain = texts.get(4, [""])[-1], texts.get(7, [""])[-1]
        found.nodes.append((operator, domain, texts.get(1, []), texts.get(2, [])))
        if len(found.nodes) > _MOST_NODES:
            raise _TooDeep(f"more than {_MOST_NODES} nodes")
    if kind == _FUNCTION:
        found.functions.add(f"{texts.get(10, [''])[-1]}:{texts.get(1, [''])[-1]}")


def _read_tensor(message: memoryview, found: _Found) -> None:
    name, kind, elsewhere = "", 0, False
    numbers: list[int] | None = None
    external: dict[str, str] = {}
    for number, wire, value in _fields(message):
        if number == 2 and wire == _VARINT:
            kind = value
        elif number == 7:
            numbers = (numbers or []) + ([value] if wire == _VARINT else _packed(value)[: _FEW + 1])
        elif number == 8 and wire == _BYTES:
            name = bytes(value).decode("utf-8", "replace")
        elif number == 9 and wire == _BYTES and len(value) <= 8 * _FEW and len(value) % 8 == 0:
            numbers = list(struct.unpack(f"<{len(value) // 8}q", value))
        elif number == 13 and wire == _BYTES:
            entry = {
                of: bytes(part).decode("utf-8", "replace") for of, type_, part in _fields(value) if type_ == _BYTES
            }
            external[entry.get(1, "")] = entry.get(2, "")
        elif number == 14:
            elsewhere = value == 1
    if elsewhere or external:
        found.external.append((external.get("location", ""), _whole(external, "offset"), _whole(external, "length")))
    if kind == _INT64 and numbers and len(numbers) <= _FEW:
        found.few[name] = numbers


def _packed(value: memoryview) -> list[int]:
    found, place = list[int](), 0
    while place < len(value) and len(found) <= _FEW:
        number, place = _varint(value, place)
        found.append(number)
    return found


def _whole(external: dict[str, str], key: str) -> int:
    """A number of an external tensor; -1 for what is none."""
    text = external.get(key, "") or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def _require_inside(path: str, name: str, location: str, offset: int, length: int) -> None:
    """Values in another file: a plain one, in the model's folder, and long enough."""
    folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    strange = not location or "\0" in location or "\\" in location or ":" in location or os.path.isabs(location)
    target = "" if strange else os.path.realpath(os.path.join(folder, location))
    if strange or os.path.commonpath([folder, target]) != folder:
        raise ModelError(
            f"{name} keeps values outside its folder ({location[:60]!r}), and these are not read; export the model as "
            "one file."
        )
    if not os.path.isfile(target):
        raise ModelError(f"{name} keeps values in {location[:60]!r}, which is not beside it; copy both files again.")
    if min(offset, length) < 0 or offset + length > os.path.getsize(target):
        raise ModelError(f"{name} keeps more values in {location[:60]!r} than that file holds; copy both files again.")


def _require_known(name: str, found: _Found) -> None:
    for operator, domain, _, _ in found.nodes:
        if operator in _LOOPS:
            raise ModelError(
                f"{name} holds a loop ({operator}), whose end nobody can foretell; export it with its loops unrolled."
            )
        if domain not in _DOMAINS and f"{domain}:{operator}" not in found.functions:
            raise ModelError(
                f"{name} needs the operator {operator[:40]!r} of {domain[:40]!r}, and libraries of operators are never "
                "loaded; export it with ONNX's own operators."
            )


def _require_sizes(name: str, found: _Found) -> None:
    """Tensors whose size stands in the file; what a graph computes of its inputs is ONNX Runtime's to refuse."""
    for operator, _, inputs, _ in found.nodes:
        place = {"ConstantOfShape": 0, "Expand": 1, "Tile": 1}.get(operator)
        shape = found.few.get(inputs[place]) if place is not None and place < len(inputs) else None
        count = 1
        for size in shape or ():
            count *= max(1, size)
        if count > (_MOST_COPIES if operator == "Tile" else _MOST_NUMBERS):
            raise ModelError(
                f"{name} makes a tensor of {count:.1e} numbers ({operator}), far more than a tile needs; export it "
                "without."
            )
