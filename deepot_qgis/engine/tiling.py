"""Tiles that overlap, and the window that blends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

#: Lowest weight of the blending window. Never zero: a pixel that only one tile covers keeps that tile's answer.
WEIGHT_FLOOR = 1e-3
#: Pixels over which neighbouring tiles are blended, unless an estimator asks for more.
OVERLAP_PX = 16
#: Least side of what is kept of a tile; below it most of the work would go into margins.
LEAST_CORE_PX = 64


@dataclass(frozen=True)
class Tile:
    """One tile: what is read, and the core that is kept.

    Attributes
    ----------
    x0, y0 : int
        Top left of the part that is read, in raster pixels; may lie outside the raster.
    width, height : int
        Of the part that is read.
    core : tuple of int
        x0, y0, width, height of the part that is kept, in raster pixels.
    """

    x0: int
    y0: int
    width: int
    height: int
    core: tuple[int, int, int, int]

    @property
    def context(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom sides of what is read that are not kept."""
        x, y, width, height = self.core
        return x - self.x0, y - self.y0, self.x0 + self.width - x - width, self.y0 + self.height - y - height

    def kept(self, planes: np.ndarray) -> np.ndarray:
        """The core of an array ``(..., height, width)`` of the whole tile, a view."""
        x, y, width, height = self.core
        return planes[..., y - self.y0 : y - self.y0 + height, x - self.x0 : x - self.x0 + width]


@dataclass(frozen=True)
class Plan:
    """All tiles that cover a window of a raster, row by row.

    Attributes
    ----------
    rows : tuple of tuple of Tile
        Tiles of one row share y0 and height.
    overlap : int
        Pixels that the cores of neighbouring tiles share.
    """

    rows: tuple[tuple[Tile, ...], ...]
    overlap: int

    def __len__(self) -> int:
        return sum(len(row) for row in self.rows)

    def below(self, row: int) -> Plan:
        """The tiles whose cores reach to this raster row or below it."""
        return replace(self, rows=tuple(tiles for tiles in self.rows if tiles[0].core[1] + tiles[0].core[3] > row))

    def above(self, row: int) -> Plan:
        """The tiles whose cores begin above this raster row."""
        return replace(self, rows=tuple(tiles for tiles in self.rows if tiles[0].core[1] < row))

    def __iter__(self) -> Iterator[Tile]:
        return (tile for row in self.rows for tile in row)


def plan(
    x0: int,
    y0: int,
    width: int,
    height: int,
    tile: int | tuple[int, int],
    margin: int,
    multiple: int,
    overlap: int = OVERLAP_PX,
    least: int = 0,
    raster: tuple[int, int] | None = None,
) -> Plan:
    """Cover a window with tiles of one size.

    Parameters
    ----------
    x0, y0, width, height : int
        Window, raster pixels.
    tile : int or tuple of int
        Side of what is read, or its width and height; raised where margin and overlap would leave no core, lowered for
        a small window.
    margin : int
        Context on each side that is not kept.
    multiple : int
        Tile origins and sizes are multiples of this, counted from the raster's origin, so that a part of a raster is
        measured on the same lattice as the whole.
    overlap : int
        Pixels that the cores of neighbouring tiles share.
    least : int
        Smallest side of a tile, however small the window: for an estimator that takes one size only.
    raster : tuple of int or None
        Width and height of the raster: tiles read nothing beside it, for an estimator takes the rim of an image better
        than emptiness around it. None lets every tile have its margin, wherever it lies.
    """
    margin = _ceil(margin, multiple)
    overlap = _ceil(overlap, multiple)
    smallest = 2 * margin + max(_ceil(LEAST_CORE_PX, multiple), 2 * overlap)
    wanted = [max(_ceil(side, multiple), smallest) for side in (tile if isinstance(tile, tuple) else (tile, tile))]
    columns, tile_width = _cover(x0, width, wanted[0], margin, overlap, multiple)
    rows, tile_height = _cover(y0, height, wanted[1], margin, overlap, multiple)
    sides = max(tile_width, least), max(tile_height, least)
    limits = (None, None) if raster is None else tuple(_ceil(side, multiple) for side in raster)
    across = [_read_and_kept(x, sides[0], margin, limits[0]) for x in columns]
    down = [_read_and_kept(y, sides[1], margin, limits[1]) for y in rows]
    return Plan(
        tuple(
            tuple(
                Tile(left, top, width, height, (*kept_x[:1], *kept_y[:1], *kept_x[1:], *kept_y[1:]))
                for left, width, kept_x in across
            )
            for top, height, kept_y in down
        ),
        overlap,
    )


def _read_and_kept(core: int, side: int, margin: int, limit: int | None) -> tuple[int, int, tuple[int, int]]:
    """Along one axis: where reading begins and how far it goes, and the same of what is kept."""
    start, stop, kept = core - margin, core - margin + side, (core, side - 2 * margin)
    if limit is not None:
        start, stop = max(start, 0), min(stop, limit)
    return start, stop - start, kept


def _cover(start: int, length: int, tile: int, margin: int, overlap: int, multiple: int) -> tuple[list[int], int]:
    """Origins of the cores along one axis, and the tile size."""
    first = start - start % multiple
    span = _ceil(start + length - first, multiple)
    core = tile - 2 * margin
    if span <= core:
        return [first], span + 2 * margin
    # The last tile ends where the window ends: hanging over would show it more emptiness than the whole image has.
    last = first + span - core
    return [*range(first, last, core - overlap), last], tile


def _ceil(value: int, multiple: int) -> int:
    return -(-value // multiple) * multiple


@lru_cache(maxsize=8)
def weights(width: int, height: int, overlap: int) -> np.ndarray:
    """Blending window of a core: 1 inside, falling linearly over the overlap, never below `WEIGHT_FLOOR`.

    Returns
    -------
    numpy.ndarray
        float32 ``(height, width)``; shared by all who ask, not to be written.
    """
    window = np.outer(_ramp(height, overlap), _ramp(width, overlap))
    window.flags.writeable = False
    return window


def _ramp(length: int, overlap: int) -> np.ndarray:
    rise = (np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(max(overlap, 1))
    return np.clip(np.minimum(rise, rise[::-1]), np.float32(np.sqrt(WEIGHT_FLOOR)), 1)


class Blender:
    """Sums weighted tiles of a window and gives finished rows; holds about one row of tiles in memory.

    Parameters
    ----------
    x0, y0, width, height : int
        Window, raster pixels.
    overlap : int
        As in the plan.
    """

    def __init__(self, x0: int, y0: int, width: int, height: int, overlap: int):
        self._x0, self._width, self._overlap = x0, width, overlap
        self._top, self._bottom = y0, y0 + height
        self._sums = np.zeros((4, 0, width), np.float32)  # weighted dx, dy, sigma; weights
        self._first = self._end = 0  # rows of the buffer in use; the first is raster row `_top`

    def add(self, tile: Tile, offset: np.ndarray, sigma: np.ndarray, known: np.ndarray) -> None:
        """Add the core of a tile.

        Parameters
        ----------
        tile : Tile
        offset, sigma, known : numpy.ndarray
            ``(2, h, w)``, ``(h, w)`` and bool ``(h, w)`` of the core; pixels not `known` have no weight.
        """
        cx, cy, cw, ch = tile.core
        x_from, x_to = max(cx, self._x0), min(cx + cw, self._x0 + self._width)
        y_from, y_to = max(cy, self._top), min(cy + ch, self._bottom)
        if x_from >= x_to or y_from >= y_to:
            return
        self._reserve(y_to - self._top)
        part = np.s_[y_from - cy : y_to - cy, x_from - cx : x_to - cx]
        down = self._first - self._top
        place = np.s_[y_from + down : y_to + down, x_from - self._x0 : x_to - self._x0]
        weight = weights(cw, ch, self._overlap)[part] * known[part]
        weighted = np.empty_like(weight)
        for plane, values in zip(self._sums, (offset[0], offset[1], sigma)):
            plane[place] += np.multiply(weight, values[part], out=weighted)
        self._sums[3][place] += weight

    def give(self, rows: np.ndarray) -> None:
        """Fill the next rows, to which no later tile adds.

        Parameters
        ----------
        rows : numpy.ndarray
            float32 ``(3, rows, width)``, written: dx, dy, sigma; NaN where nothing is known.
        """
        count = rows.shape[1]
        self._reserve(count)
        done = self._sums[:, self._first : self._first + count]
        with np.errstate(invalid="ignore"):
            for plane, out in zip(done, rows):
                np.divide(plane, done[3], out=out)
        done[:] = 0
        self._top += count
        self._first += count

    def ready(self, until: int) -> int:
        """Rows not yet given above raster row `until`."""
        return max(0, min(until, self._bottom) - self._top)

    def finished(self, until: int) -> np.ndarray:
        """All rows above raster row `until`, to which no later tile adds.

        Returns
        -------
        numpy.ndarray
            float32 ``(3, rows, width)``, as of `give`.
        """
        rows = np.empty((3, self.ready(until), self._width), np.float32)
        self.give(rows)
        return rows

    def _reserve(self, rows: int) -> None:
        """Make the buffer hold as many rows; what is given is 0, and its room taken again."""
        used = self._end - self._first
        if rows > used and self._first + rows > self._sums.shape[1]:
            if rows > self._sums.shape[1]:
                larger = np.zeros((4, rows, self._width), np.float32)
                larger[:, :used] = self._sums[:, self._first : self._end]
                self._sums = larger
            else:
                self._move(used)
            self._first, self._end = 0, used
        self._end = max(self._end, self._first + rows)

    def _move(self, used: int) -> None:
        """Bring the rows in use to the top of the buffer."""
        for plane in self._sums:
            rows = plane[self._first : self._end].copy()
            plane[self._first : self._end] = 0
            plane[:used] = rows
