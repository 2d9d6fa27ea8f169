"""TIFF files tag by tag, so that every tag can lie."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np

_SHORT, _LONG, _DOUBLE, _ASCII, _FLOAT_SAMPLES = 3, 4, 12, 2, 3
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, OFFSETS, SAMPLES, ROWS, COUNTS, PLANAR = (
    256, 257, 258, 259, 262, 273, 277, 278, 279, 284,
)  # fmt: skip
PREDICTOR, PALETTE, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_COUNTS, FORMAT = 317, 320, 322, 323, 324, 325, 339
SCALE, TIEPOINT, MATRIX, GEOKEYS, METADATA, NODATA = 33550, 33922, 34264, 34735, 42112, 42113
_CODES = {_SHORT: "H", _LONG: "I", _DOUBLE: "d"}


def tags(values: np.ndarray, **more) -> dict[int, tuple[int, list]]:
    """Tags of an uncompressed float32 image in UTM zone 13 N of one strip, that begins at byte 8."""
    height, width = values.shape
    return {
        WIDTH: (_LONG, [width]),
        HEIGHT: (_LONG, [height]),
        BITS: (_SHORT, [32]),
        COMPRESSION: (_SHORT, [1]),
        PHOTOMETRIC: (_SHORT, [1]),
        OFFSETS: (_LONG, [8]),
        SAMPLES: (_SHORT, [1]),
        ROWS: (_LONG, [height]),
        COUNTS: (_LONG, [values.nbytes]),
        FORMAT: (_SHORT, [3]),
        SCALE: (_DOUBLE, [10.0, 10.0, 0.0]),
        TIEPOINT: (_DOUBLE, [0.0, 0.0, 0.0, 500000.0, 4200000.0, 0.0]),
        GEOKEYS: (_SHORT, [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32613]),
    }


def short(*values: int) -> tuple[int, list]:
    return _SHORT, list(values)


def long(*values: int) -> tuple[int, list]:
    return _LONG, list(values)


def double(*values: float) -> tuple[int, list]:
    return _DOUBLE, list(values)


def text(value: bytes) -> tuple[int, list]:
    return _ASCII, [value]


def file(of: Mapping[int, tuple[int, list]], data: bytes, following: int = 0) -> bytes:
    """A little-endian TIFF: header, data, directory; `following` is the offset of the next directory."""
    start = 8 + len(data) + (len(data) & 1)
    entries, extra = b"", b""
    place = start + 2 + 12 * len(of) + 4
    for number in sorted(of):
        kind, values = of[number]
        packed = values[0] if kind == _ASCII else struct.pack(f"<{len(values)}{_CODES[kind]}", *values)
        count = len(packed) if kind == _ASCII else len(values)
        if len(packed) <= 4:
            field = packed.ljust(4, b"\0")
        else:
            field = struct.pack("<I", place + len(extra))
            extra += packed + b"\0" * (len(packed) & 1)
        entries += struct.pack("<HHI", number, kind, count) + field
    head = struct.pack("<2sHI", b"II", 42, start) + data + b"\0" * (len(data) & 1)
    if following < 0:
        following = start
    return head + struct.pack("<H", len(of)) + entries + struct.pack("<I", following) + extra
