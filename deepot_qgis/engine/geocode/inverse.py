"""Which pixel of the radar images shows a place on the map: the lookup turned round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from osgeo import osr
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import QhullError

from ..rasters import Grid
from .lookup import Lookup, geographic
from .nodes import Nodes

#: Pixels of the map between places that are transformed exactly; over these a projection is as good as straight.
_STEP = 16
_STEPS = 25
#: Pixels within which a place is found, and which a search may go at once.
_FOUND, _STRIDE = 0.02, 8.0
#: Steps in a row that lead out of the images, after which a place is not in them.
_OUT = 3


@dataclass(frozen=True)
class Part:
    """Where the pixels of a part of the map lie in the images.

    Attributes
    ----------
    window : tuple of int
        x0, y0, width, height of the part of the product that is needed.
    column, row : numpy.ndarray
        Pixels from the first of the window, float64 like the part of the map; NaN where the images do not show it.
    """

    window: tuple[int, int, int, int]
    column: np.ndarray
    row: np.ndarray


class Inverse:
    """A lookup turned round; for one thread."""

    def __init__(self, lookup: Lookup, nodes: Nodes, size: tuple[int, int], map_crs: osr.SpatialReference):
        self._lookup, self._nodes, self._size = lookup, nodes, size
        self._to_degrees = osr.CoordinateTransformation(map_crs, geographic())
        self._x, self._y = nodes.metres(nodes.longitude, nodes.latitude)
        # a node farther than its neighbours are apart does not matter
        gaps = [np.hypot(np.diff(self._x, axis=axis), np.diff(self._y, axis=axis)) for axis in (0, 1)]
        self._margin = 2 * max(float(np.nanmax(gap)) if np.isfinite(gap).any() else 0.0 for gap in gaps)

    def part(self, grid: Grid) -> Part | None:
        """Where a part of the map lies in the images; None where they do not show it."""
        x, y = self._nodes.metres(*self._degrees(grid))
        near = (self._x >= np.nanmin(x) - self._margin) & (self._x <= np.nanmax(x) + self._margin)
        near &= (self._y >= np.nanmin(y) - self._margin) & (self._y <= np.nanmax(y) + self._margin)
        if not near.any():
            return None
        rows, columns = (np.flatnonzero(near.any(axis=axis)) for axis in (1, 0))
        tops, lefts = (slice(max(0, i[0] - 1), i[-1] + 2) for i in (rows, columns))
        own = self._nodes.columns[lefts], self._nodes.rows[tops]
        x0, y0 = int(own[0][0]), int(own[1][0])
        window = x0, y0, int(own[0][-1]) - x0 + 1, int(own[1][-1]) - y0 + 1
        if min(window[2:]) < 2:
            return None
        start = self._start(tops, lefts, x, y)
        if start is None:
            return None
        seen = self._nodes.metres(*self._lookup.lonlat(*window))
        column, row = _search(*seen, x, y, start[0] - x0, start[1] - y0)
        whole_x, whole_y = column + x0, row + y0
        inside = (whole_x > -0.5) & (whole_x < self._size[0] - 0.5) & (whole_y > -0.5) & (whole_y < self._size[1] - 0.5)
        column[~inside] = row[~inside] = np.nan
        return Part(window, column, row)

    def _degrees(self, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of the pixels of a part of the map; exact at every n-th, linear between."""
        columns, rows = (
            np.unique(np.append(np.arange(0, side, _STEP), side - 1)) for side in (grid.width, grid.height)
        )
        x, y = grid.to_map(columns[None, :] + 0.5, rows[:, None] + 0.5)
        x, y = np.broadcast_arrays(x, y)
        moved = np.array(self._to_degrees.TransformPoints(np.stack([x.ravel(), y.ravel()], 1).tolist()), float)
        moved[~np.isfinite(moved)] = np.nan
        lon, lat = moved[:, 0].reshape(x.shape), moved[:, 1].reshape(x.shape)
        lon = (lon - self._nodes.middle[0] + 180) % 360 - 180 + self._nodes.middle[0]
        return tuple(_spread(degrees, rows, columns, grid) for degrees in (lon, lat))  # type: ignore[return-value]

    def _start(self, tops: slice, lefts: slice, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Column and row to begin the search with, by the triangles between nodes; the nearest node beyond them."""
        columns, rows = np.meshgrid(self._nodes.columns[lefts], self._nodes.rows[tops])
        places = np.stack([self._x[tops, lefts].ravel(), self._y[tops, lefts].ravel()], axis=1)
        known = np.isfinite(places).all(axis=1)
        if np.count_nonzero(known) < 4:
            return None
        pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)[known].astype(float)
        places = places[known]
        plane = np.column_stack([places, np.ones(len(places))])
        fit, *_ = np.linalg.lstsq(plane, pixels, rcond=None)
        wanted = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
        straight = wanted @ fit
        try:
            found = LinearNDInterpolator(places, pixels)(wanted[:, :2])
        except QhullError:
            found = straight
        found = np.where(np.isfinite(found), found, straight)
        return found[:, 0].reshape(x.shape), found[:, 1].reshape(x.shape)


def _spread(values: np.ndarray, rows: np.ndarray, columns: np.ndarray, grid: Grid) -> np.ndarray:
    """Values at nodes, linear between."""
    across = np.stack([np.interp(np.arange(grid.width), columns, line) for line in values])
    return np.stack([np.interp(np.arange(grid.height), rows, line) for line in across.T], axis=1)


def _search(
    seen_x: np.ndarray, seen_y: np.ndarray, x: np.ndarray, y: np.ndarray, column: np.ndarray, row: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method on the bilinear surface through the places of pixels.

    Parameters
    ----------
    seen_x, seen_y : numpy.ndarray
        Metres ``(h, w)`` of the pixels of a window, NaN where unknown.
    x, y : numpy.ndarray
        Metres of what is wanted.
    column, row : numpy.ndarray
        Where to begin.

    Returns
    -------
    tuple of numpy.ndarray
        Column and row, NaN where no pixel shows the place: beyond the images, and where relief folds over.
    """
    height, width = seen_x.shape
    found = np.full((2, x.size), np.nan)
    waiting = np.flatnonzero(np.isfinite(x.ravel()) & np.isfinite(y.ravel()))
    at = np.stack([column.ravel(), row.ravel()])[:, waiting]
    wanted = np.stack([x.ravel(), y.ravel()])[:, waiting]
    at[0] = np.clip(np.nan_to_num(at[0]), 0, width - 1)
    at[1] = np.clip(np.nan_to_num(at[1]), 0, height - 1)
    gone = np.zeros(waiting.size, np.uint8)  # steps in a row that led out of the window
    for _ in range(_STEPS):
        if waiting.size == 0:
            break
        left = np.clip(np.floor(at[0]).astype(int), 0, width - 2)
        top = np.clip(np.floor(at[1]).astype(int), 0, height - 2)
        u, v = at[0] - left, at[1] - top
        value, right, down = zip(*(_cell(image, left, top, u, v) for image in (seen_x, seen_y)))
        error = wanted - np.stack(value)
        area = right[0] * down[1] - down[0] * right[1]
        with np.errstate(invalid="ignore", divide="ignore"):
            step = np.stack([down[1] * error[0] - down[0] * error[1], right[0] * error[1] - right[1] * error[0]]) / area
        lost = ~np.isfinite(step).all(axis=0)
        step[:, lost] = 0
        done = (np.abs(step) < _FOUND).all(axis=0) & ~lost
        at = at + np.clip(step, -_STRIDE, _STRIDE)
        found[:, waiting[done]] = at[:, done]
        out = (at[0] < -1) | (at[0] > width) | (at[1] < -1) | (at[1] > height)
        gone = np.where(out, gone + 1, 0).astype(np.uint8)
        at[0], at[1] = np.clip(at[0], -1, width), np.clip(at[1], -1, height)
        go_on = ~(done | lost | (gone >= _OUT))
        waiting, at, wanted, gone = waiting[go_on], at[:, go_on], wanted[:, go_on], gone[go_on]
    return found[0].reshape(x.shape), found[1].reshape(x.shape)


def _cell(
    image: np.ndarray, left: np.ndarray, top: np.ndarray, u: np.ndarray, v: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bilinear value, and what it changes by for a column and a row."""
    a, b = image[top, left], image[top, left + 1]
    c, d = image[top + 1, left], image[top + 1, left + 1]
    upper, lower = a + (b - a) * u, c + (d - c) * u
    return upper + (lower - upper) * v, (b - a) * (1 - v) + (d - c) * v, lower - upper
