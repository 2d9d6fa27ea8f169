"""A look at the attributes of an HDF5 file before the HDF5 library reads them: damaged ones make it crash.

Only what nearly every writer makes (superblock 0, object header 1, as MintPy's files have them) is looked at; of files
of newer forms the library checks the sums itself. After the HDF5 File Format Specification, version 1.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_CONTINUATION, _ATTRIBUTE = 0x10, 0xC
_MOST_BYTES, _MOST_BLOCKS = 1 << 26, 1000
_CLASSES, _MOST_RANK = 11, 32


def attributes_are_whole(path: str) -> bool:
    """Whether the attributes of the root group are what they should be; True where that cannot be told."""
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError:
        return True  # told by who opens it
    if content[:9] != _SIGNATURE + b"\0" or content[13:15] != b"\x08\x08":
        return True
    try:
        root = struct.unpack_from("<Q", content, 64)[0]
        return all(_attribute_is_whole(body) for kind, body in _messages(content, root) if kind == _ATTRIBUTE)
    except (struct.error, ValueError, IndexError):
        return False


def _messages(content: bytes, header: int) -> Iterator[tuple[int, bytes]]:
    """Type and body of each message of an object header."""
    version, count, size = struct.unpack_from("<BxHxxxxI", content, header)
    if version != 1:
        return
    blocks, seen = [(header + 16, size)], 0
    while blocks and count > 0:
        place, length = blocks.pop(0)
        end = place + length
        seen += 1
        if end > len(content) or seen > _MOST_BLOCKS:
            raise ValueError("beyond the end")
        while place + 8 <= end and count > 0:
            kind, size = struct.unpack_from("<HH", content, place)
            body = content[place + 8 : place + 8 + size]
            if place + 8 + size > end:
                raise ValueError("beyond its block")
            if kind == _CONTINUATION:
                blocks.append(struct.unpack_from("<QQ", body))
            yield kind, body
            place, count = place + 8 + size, count - 1
    if count:
        raise ValueError("fewer messages than promised")


def _attribute_is_whole(body: bytes) -> bool:
    version, flags, name, datatype, dataspace = struct.unpack_from("<BBHHH", body)
    if version not in (1, 2, 3):
        return False
    if version > 1 and flags:
        return True  # types that are kept elsewhere
    place = 8 + (version == 3)
    parts = []
    for size in (name, datatype, dataspace):
        parts.append(body[place : place + size])
        place += -(-size // 8) * 8 if version == 1 else size
    text, kind, space = parts
    if place > len(body) or not text.endswith(b"\0") or len(kind) < 8 or len(space) < 4:
        return False
    text.decode("utf-8")
    version, rank = space[0], space[1]
    form, size = kind[0], struct.unpack_from("<I", kind, 4)[0]
    if form >> 4 not in (1, 2, 3, 4) or form & 15 >= _CLASSES or version not in (1, 2) or rank > _MOST_RANK or not size:
        return False
    count, start = 1, 8 if version == 1 else 4
    for length in struct.unpack_from(f"<{rank}Q", space, start):
        count *= length
    return count * size <= len(body) - place
