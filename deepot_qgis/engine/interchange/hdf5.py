"""HDF5 out: plain arrays and text attributes, as MintPy reads them.

GDAL reads HDF5 but does not write it, and its netCDF driver, whose files are HDF5 as well, knows no truth values
(``dropIfgram`` of MintPy's stacks). What MintPy needs is a small part of the format and can be laid down directly:
one group, contiguous uncompressed arrays, text attributes. After the HDF5 File Format Specification, version 1.1
(superblock 0, object headers 1), which every HDF5 library since 1998 reads and can add to.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import OutputError

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_UNDEFINED = 0xFFFFFFFFFFFFFFFF
#: A group holds its members in one leaf of 2 * _LEAF entries.
_LEAF, _INTERNAL = 16, 16
_SUPERBLOCK, _ENTRY = 96, 40
_TREE_SIZE = 24 + 2 * _INTERNAL * 8 + (2 * _INTERNAL + 1) * 8
_TABLE_SIZE = 8 + 2 * _LEAF * _ENTRY
_DATASPACE, _DATATYPE, _FILL, _LAYOUT, _ATTRIBUTE, _SYMBOLS = 0x1, 0x3, 0x5, 0x8, 0xC, 0x11


@dataclass(frozen=True)
class Array:
    """An array of the file.

    Attributes
    ----------
    name : str
    shape : tuple of int
    dtype : numpy.dtype
        float32, int16, bool, or bytes of one length (``S8``).
    attributes : mapping
        Texts by name.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes."""
        return int(np.prod(self.shape)) * self.dtype.itemsize


class Hdf5Writer:
    """Lays the file out at once, with all arrays zero; then takes the arrays in any order, whole or row by row.

    Parameters
    ----------
    path : str
        The temporary name that `files.whole_file` gives.
    arrays : sequence of Array
    attributes : mapping
        Texts of the whole file, by name.

    Raises
    ------
    OutputError
        The file cannot be written.
    """

    def __init__(self, path: str, arrays: Sequence[Array], attributes: Mapping[str, str]):
        self._arrays = {array.name: array for array in arrays}
        if len(self._arrays) > 2 * _LEAF:
            raise ValueError("more arrays than one leaf of the group holds")
        head, self._places, self._end = _layout(sorted(arrays, key=lambda array: array.name.encode()), attributes)
        try:
            self._file = open(path, "w+b")  # noqa: SIM115 - closed by close()
            self._file.write(head)
            self._file.truncate(self._end)
        except OSError as error:
            raise _refused(error) from error

    def __enter__(self) -> Hdf5Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        try:
            self._file.close()
        except OSError as error:
            raise _refused(error) from error

    def put(self, name: str, values: np.ndarray) -> None:
        """Write a whole array."""
        array = self._arrays[name]
        self._write(self._places[name], np.asarray(values).astype(array.dtype).reshape(array.shape))

    def put_rows(self, name: str, row: int, values: np.ndarray, first: int = 0) -> None:
        """Write rows of an array ``(layers, height, width)`` or ``(height, width)``.

        Parameters
        ----------
        name : str
        row : int
            Where they begin.
        values : numpy.ndarray
            ``(layers, rows, width)``, or ``(rows, width)`` for one layer.
        first : int
            The first of these layers.
        """
        array = self._arrays[name]
        height, width = array.shape[-2:]
        layers = np.asarray(values).astype(array.dtype).reshape(-1, values.shape[-2], width)
        for number, layer in enumerate(layers, start=first):
            self._write(self._places[name] + (number * height + row) * width * array.dtype.itemsize, layer)

    def _write(self, place: int, values: np.ndarray) -> None:
        try:
            self._file.seek(place)
            self._file.write(np.ascontiguousarray(values).tobytes())
        except OSError as error:
            raise _refused(error) from error


def _refused(error: OSError) -> OutputError:
    return OutputError(f"Writing stopped ({error.strerror}); the disk may be full: make room or choose another folder.")


def _layout(arrays: Sequence[Array], attributes: Mapping[str, str]) -> tuple[bytes, dict[str, int], int]:
    """Everything before the arrays' values, the place of each array, and the length of the file."""
    names, offsets = _heap_names(arrays)
    root = _SUPERBLOCK
    root_size = len(_root_header(attributes, 0, 0))
    tree = root + root_size
    heap = tree + _TREE_SIZE
    heap_data = heap + 32
    table = heap_data + len(names)
    headers, place = {}, table + _TABLE_SIZE
    for array in arrays:
        headers[array.name] = place
        place += len(_array_header(array, 0))
    places = {}
    for array in arrays:
        places[array.name] = place
        place += -(-array.size // 8) * 8
    parts = [
        _superblock(root, tree, heap, place),
        _root_header(attributes, tree, heap),
        _tree(table, offsets[arrays[-1].name]),
        struct.pack("<4sBxxxQQQ", b"HEAP", 0, len(names), 1, heap_data),  # 1: nothing is free
        names,
        _table(arrays, offsets, headers),
        *(_array_header(array, places[array.name]) for array in arrays),
    ]
    return b"".join(parts), places, place


def _superblock(root: int, tree: int, heap: int, end: int) -> bytes:
    versions = struct.pack("<8sBBBxBBBx", _SIGNATURE, 0, 0, 0, 0, 8, 8)
    sizes = struct.pack("<HHIQQQQ", _LEAF, _INTERNAL, 0, 0, _UNDEFINED, end, _UNDEFINED)
    return versions + sizes + struct.pack("<QQIxxxxQQ", 0, root, 1, tree, heap)


def _heap_names(arrays: Sequence[Array]) -> tuple[bytes, dict[str, int]]:
    """The names one after the other, the first of them empty, and where each begins."""
    names, offsets = bytearray(8), {}
    for array in arrays:
        offsets[array.name] = len(names)
        names += _padded(array.name.encode() + b"\0")
    return bytes(names), offsets


def _tree(table: int, last_name: int) -> bytes:
    node = struct.pack("<4sBBHQQQQQ", b"TREE", 0, 0, 1, _UNDEFINED, _UNDEFINED, 0, table, last_name)
    return node.ljust(_TREE_SIZE, b"\0")


def _table(arrays: Sequence[Array], offsets: Mapping[str, int], headers: Mapping[str, int]) -> bytes:
    entries = (struct.pack("<QQIxxxx16x", offsets[array.name], headers[array.name], 0) for array in arrays)
    return (struct.pack("<4sBxH", b"SNOD", 1, len(arrays)) + b"".join(entries)).ljust(_TABLE_SIZE, b"\0")


def _root_header(attributes: Mapping[str, str], tree: int, heap: int) -> bytes:
    return _header([(_SYMBOLS, struct.pack("<QQ", tree, heap)), *_attributes(attributes)])


def _array_header(array: Array, place: int) -> bytes:
    return _header(
        [
            (_DATASPACE, _dataspace(array.shape)),
            (_DATATYPE, _datatype(array.dtype)),
            (_FILL, struct.pack("<BBBBI", 2, 2, 2, 1, 0)),
            (_LAYOUT, struct.pack("<BBQQ", 3, 1, place, array.size)),
            *_attributes(array.attributes),
        ]
    )


def _header(messages: Sequence[tuple[int, bytes]]) -> bytes:
    """An object header: each message with its type and size, all on multiples of 8 bytes."""
    padded = [(kind, _padded(content)) for kind, content in messages]
    body = b"".join(struct.pack("<HHBxxx", kind, len(content), 0) + content for kind, content in padded)
    return struct.pack("<BxHIIxxxx", 1, len(padded), 1, len(body)) + body


def _attributes(attributes: Mapping[str, str]) -> list[tuple[int, bytes]]:
    return [(_ATTRIBUTE, _attribute(name, text)) for name, text in attributes.items()]


def _attribute(name: str, text: str) -> bytes:
    value, label = text.encode() or b" ", name.encode() + b"\0"
    datatype, dataspace = _text(len(value)), _dataspace(())
    head = struct.pack("<BxHHH", 1, len(label), len(datatype), len(dataspace))
    return head + _padded(label) + _padded(datatype) + _padded(dataspace) + value


def _dataspace(shape: tuple[int, ...]) -> bytes:
    return struct.pack("<BBBxxxxx", 1, len(shape), 0) + struct.pack(f"<{len(shape)}Q", *shape)


def _datatype(dtype: np.dtype) -> bytes:
    if dtype.kind == "S":
        return _text(dtype.itemsize)
    if dtype == np.dtype("<f4"):
        # bits 0x20: the leading 1 of the mantissa is left out; 31: where the sign is
        return struct.pack("<BBBBIHHBBBBI", 0x11, 0x20, 31, 0, 4, 0, 32, 23, 8, 0, 23, 127)
    if dtype == np.dtype(bool):
        names = _padded(b"FALSE\0") + _padded(b"TRUE\0")
        return struct.pack("<BHBI", 0x18, 2, 0, 1) + _integer(1) + names + bytes([0, 1])
    if dtype == np.dtype("<i2"):
        return _integer(2)
    raise ValueError(f"no way to write {dtype}")


def _integer(size: int) -> bytes:
    return struct.pack("<BBBBIHH", 0x10, 0x08, 0, 0, size, 0, 8 * size)  # 0x08: signed


def _text(length: int) -> bytes:
    return struct.pack("<BBBBI", 0x13, 0x11, 0, 0, length)  # filled up with zeros, UTF-8


def _padded(content: bytes) -> bytes:
    return content.ljust(-(-len(content) // 8) * 8, b"\0")
