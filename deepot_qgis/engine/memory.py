"""How much memory is free, and tiles that fit into it with the least work done twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from osgeo import gdal

from . import runtime
from .estimate import Estimator
from .inference import AHEAD
from .output import strip_rows
from .pair import Pair
from .runtime.main_memory import free as available
from .tiling import LEAST_CORE_PX

#: Sides that a tile may have without the context around it.
SIDES_PX = 64, 8192
#: Context around a tile that may be asked for.
CONTEXTS_PX = 1, 1024
#: Threads keep some of what they gave back: this share of what a run needs, by and by, in a run of so many tiles.
_KEPT, _MANY = 1 / 7, 100
#: A run needs no more than this, whatever the size of the raster and of the machine: with what is kept it shall stay
#: below two gigabytes.
MOST_BYTES = 1_650_000_000
#: The same beside a card, which waits for nothing as much as for the next tiles.
MOST_BYTES_BESIDE_CARD = 4_000_000_000
#: Share of the free memory that a run takes: other programs want some too.
_SHARE = 0.7
#: Bytes a pixel of a tile that an estimator takes which does not say so itself: of our networks the hungriest.
BYTES_PX = 430
#: The same on a card, where the tile is worked on in the card's own memory.
_HOST_BYTES_PX = 48
#: The interpreter with its libraries and a network.
_BASE = 180 << 20
#: A tile that waits: two images, or an answer.
_WAITING_PX = 13
#: Bytes a column of the blender a row, and of a strip of offsets; how many strips there are at once.
_BLENDER_PX, _STRIP_PX, _STRIPS = 16, 12, 3.5
#: Bytes a pixel of what judges a block, and the pixels of a block with its halo at most.
_JUDGE_PX, _BLOCK_PX = 160, 1088 * 576
#: Pixels of which numbers are kept for the statistics, and their bytes.
_SAMPLE, _SAMPLE_PX = 4_000_000, 24
_MOST_JUDGES = 6
#: How much longer the end takes, while the last rows are judged and no tile is left: work of a pixel judged over that
#: of a pixel in the network.
_TAIL = 0.15
#: How much work counts that takes no longer, because it is done beside other: other programs wait for it.
_BESIDE = 0.25


@dataclass(frozen=True)
class Layout:
    """How a window is cut into tiles.

    Attributes
    ----------
    width, height : int
        Of a tile without the context around it.
    tiles : int
    workers : int
        Tiles measured at once.
    size : int
        Bytes that the run needs at most, estimated.
    """

    width: int
    height: int
    tiles: int
    workers: int
    size: int

    @property
    def taken(self) -> int:
        """Bytes that the run will take at most, estimated: what it needs, and what is kept of it in a long run."""
        return self.size if self.tiles < _MANY else int(self.size * (1 + _KEPT))

    @property
    def gigabytes(self) -> str:
        """The estimate, as short as it can be."""
        return f"{max(self.taken / 1e9, 0.1):.1f}"

    def sentence(self) -> str:
        """The estimate, for people."""
        return (
            f"About {self.gigabytes} GB of memory will be used: {self.tiles} "
            f"tile{'s' if self.tiles > 1 else ''} of {self.width} x {self.height} px, {self.workers} at a time."
        )


def free_share() -> int:
    """Bytes that a run may take without harm to others; processes side by side share them."""
    free = available()
    return MOST_BYTES if free is None else int(_SHARE * free * runtime.cores() / _all_cores())


def _all_cores() -> int:
    """Cores of the machine: processes that have fewer each run side by side and share the memory as well."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judges() -> int:
    """Threads that judge blocks while others measure."""
    return max(1, min(_MOST_JUDGES, runtime.cores() // 2))


def layout(pair: Pair, estimator: Estimator, tile_px: tuple[int | None, int | None], free: int) -> Layout:
    """Tiles for the window of a pair.

    Parameters
    ----------
    pair : Pair
    estimator : Estimator
    tile_px : tuple of int or None
        Width and height that are asked for; None as the width leaves the choice to the memory, None as the height makes
        squares.
    free : int
        Bytes; see `free_share`. Where nothing fits, what needs least is taken. No more than `MOST_BYTES` unless a size
        is asked for that needs it.
    """
    need, allowed = _Need(pair, estimator), free
    if tile_px[0] is not None or estimator.tile_px is not None:
        width = estimator.tile_px - 2 * estimator.margin_px if estimator.tile_px else tile_px[0]
        assert width is not None
        cores = [(width, width if estimator.tile_px else tile_px[1] or width)]
    else:
        allowed = min(free, need.most)
        cores = list(need.candidates(allowed))
    choices = [need.layout(core, count) for core in cores for count in need.workers]
    fitting = [choice for choice in choices if choice.size <= allowed]
    if not fitting:  # the smallest there is; the machine will swap rather than the user get nothing
        return min(choices, key=lambda choice: choice.size)
    return min(fitting, key=lambda choice: (need.work(choice), choice.size))


class _Need:
    """What a choice of tiles costs in memory and in work."""

    def __init__(self, pair: Pair, estimator: Estimator):
        multiple = estimator.tile_multiple
        x0, y0, width, height = pair.window
        self.spans = tuple(_up(side + start % multiple, multiple) for start, side in ((x0, width), (y0, height)))
        self._window = width, height
        self._multiple, self._margin = multiple, _up(estimator.margin_px, multiple)
        self._rim = getattr(estimator, "rim_px", 0)
        self._overlap = _up(estimator.overlap_px, multiple)
        self._on_card = getattr(estimator, "device", "cpu") != "cpu"
        self.most = MOST_BYTES_BESIDE_CARD if self._on_card else MOST_BYTES
        # A card takes tiles together: with fewer at a time it idles.
        self.workers = {estimator.workers} if self._on_card else {estimator.workers, -(-estimator.workers // 2), 1}
        self._bytes_px = _HOST_BYTES_PX if self._on_card else getattr(estimator, "bytes_px", None) or BYTES_PX
        # What leaves out the context early takes most memory either before that, or after it for less.
        self._bytes_read_px = self._bytes_px if self._on_card else getattr(estimator, "bytes_read_px", None)

    def candidates(self, allowed: int) -> Iterator[tuple[int, int]]:
        """Cores that divide the window evenly: for each number of columns and workers the highest that fits."""
        # below this nearly all of the work would be done twice, which is worse than memory that does not suffice
        least = max(LEAST_CORE_PX, 2 * self._overlap, 2 * self._margin)
        yield self._core(self._most(0, least), self._most(1, least))
        for columns in range(-(-self.spans[0] // SIDES_PX[1]), self._most(0, least) + 1):
            for workers in self.workers:
                low, high = -(-self.spans[1] // SIDES_PX[1]), self._most(1, least)
                while low < high:  # the fewest rows that fit
                    middle = (low + high) // 2
                    if self.layout(self._core(columns, middle), workers).size <= allowed:
                        high = middle
                    else:
                        low = middle + 1
                # a few more rows may share out better among the workers
                for rows in range(low, min(low + 3, self._most(1, least)) + 1):
                    yield self._core(columns, rows)

    def layout(self, core: tuple[int, int], workers: int) -> Layout:
        """The layout of this core."""
        tiles = self._count(0, core[0]) * self._count(1, core[1])
        workers = min(workers, tiles)
        return Layout(*core, tiles, workers, self._size(core, workers))

    def work(self, choice: Layout) -> float:
        """How long it takes, in pixels through a worker."""
        read = [
            span + (self._count(axis, core) - 1) * (2 * self._margin + self._overlap)
            for axis, (span, core) in enumerate(zip(self.spans, (choice.width, choice.height)))
        ]
        pixels = read[0] * read[1]
        rounds = choice.tiles if self._on_card else -(-choice.tiles // choice.workers)  # a card takes tiles together
        return pixels * (rounds / choice.tiles + _BESIDE) + _TAIL * self._window[0] * min(
            choice.height, self._window[1]
        )

    def _size(self, core: tuple[int, int], workers: int) -> int:
        width, height = self._window
        tile = kept = 1
        for side, whole in zip(core, self.spans):
            tile *= min(side + 2 * self._margin, whole)
            kept *= min(side + 2 * self._rim, whole)
        measured = tile * self._bytes_px
        if self._bytes_read_px is not None:
            measured = max(tile * self._bytes_read_px, min(kept, tile) * self._bytes_px)
        strip = width * min(height, strip_rows(width))
        block = min(_BLOCK_PX, width * height)
        return int(
            _BASE
            + min(gdal.GetCacheMax(), 8 * width * height, 256 << 20)
            + workers * measured
            + tile * (min(AHEAD, self._count(1, core[1])) + 1) * _WAITING_PX
            + _BLENDER_PX * width * min(core[1], height)
            + _STRIP_PX * strip * min(_STRIPS, 1 + -(-height // strip_rows(width)))
            + judges() * block * _JUDGE_PX
            + min(_SAMPLE, width * height) * _SAMPLE_PX
        )

    def _core(self, columns: int, rows: int) -> tuple[int, int]:
        """Sides that divide the window into so many columns and rows."""
        width, height = (
            max(SIDES_PX[0], _up(-(-(span + (count - 1) * self._overlap) // count), self._multiple))
            for span, count in zip(self.spans, (columns, rows))
        )
        return width, height

    def _count(self, axis: int, core: int) -> int:
        """Tiles of this core along an axis, as `tiling.plan` lays them."""
        span = self.spans[axis]
        return 1 if span <= core else 1 + -(-(span - core) // max(1, core - self._overlap))

    def _most(self, axis: int, least: int) -> int:
        """The largest number of tiles along an axis."""
        return max(1, (self.spans[axis] - self._overlap) // (least - self._overlap) if least > self._overlap else 1)


def _up(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple
