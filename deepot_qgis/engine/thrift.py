"""Memory of a process that is ours alone: a command, or a worker. Never called inside QGIS, whose memory is its own."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

from osgeo import gdal

#: GDAL would keep 5 % of the machine's memory as cache; a stream that passes once needs far less.
_CACHE_BYTES = 128 << 20
#: Of mallopt(3) in the GNU C library: how much free memory stays at the top of a heap, from which size on a piece is
#: given back to the system when it is freed, and how many heaps there are.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_TOP_BYTES, _PIECE_BYTES, _HEAPS = 8 << 20, 1 << 20, 2


def be_thrifty() -> None:
    """Keep little of what was freed.

    Left to itself the C library raises the size from which freed pieces go back to the system to 32 MB, more than any
    array of a run, and has a heap for each of its many threads: with the widest rasters they held 180 MB that nobody
    used, a sixth of what a run takes beside its network, at the same processor time.
    """
    gdal.SetCacheMax(_CACHE_BYTES)
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another C library decides for itself
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  (raises where it is not the GNU one)
        for parameter, value in (
            (_MMAP_THRESHOLD, _PIECE_BYTES),
            (_TRIM_THRESHOLD, _TOP_BYTES),
            (_ARENA_MAX, _HEAPS),
        ):
            library.mallopt(parameter, value)
