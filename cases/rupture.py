"""A surface rupture with slip that varies along it, and its displacement on a whole scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from cases import okada
from deepot_qgis.engine.rasters import Grid

#: Away from the trace the field is smooth: it is computed on every fifth pixel, and on all pixels this close to it.
_STEP, _NEAR_PX = 5, 20
_RIGIDITY = 30e9  # Pa


@dataclass(frozen=True)
class Rupture:
    """Vertical strike-slip segments, end to end, that reach from the surface to one depth.

    Attributes
    ----------
    trace : (n + 1, 2) array
        Map coordinates of their ends, m.
    slip : (n,) array
        Right-lateral slip of each, m.
    depth : float
        Lower edge, m.
    """

    trace: np.ndarray
    slip: np.ndarray
    depth: float

    def faults(self) -> list[okada.Fault]:
        """The segments as dislocations."""
        result = []
        for start, end, slip in zip(self.trace, self.trace[1:], self.slip):
            middle, run = (start + end) / 2, end - start
            strike = float(np.degrees(np.arctan2(*run)))
            length = float(np.hypot(*run))
            result.append(okada.Fault(*middle, strike, 90.0, length, self.depth, slip=float(slip), rake=180.0))
        return result

    def moment_magnitude(self) -> float:
        """Moment magnitude (Hanks and Kanamori 1979) with a rigidity of 30 GPa."""
        lengths = np.hypot(*np.diff(self.trace, axis=0).T)
        moment = _RIGIDITY * self.depth * float(np.sum(lengths * np.abs(self.slip)))
        return 2 / 3 * (np.log10(moment) - 9.05)


@dataclass(frozen=True)
class Stations:
    """Places along a trace.

    Attributes
    ----------
    along : (n,) array
        Distance from the start of the trace, m.
    place : (n, 2) array
        Map coordinates.
    direction : (n, 2) array
        Unit vector along the trace.
    slip : (n,) array
        Embedded right-lateral slip of the segment, m.
    """

    along: np.ndarray
    place: np.ndarray
    direction: np.ndarray
    slip: np.ndarray


def bent(start: np.ndarray, end: np.ndarray, bend: float, slips: np.ndarray, depth: float) -> Rupture:
    """Rupture along an arc between two places.

    Parameters
    ----------
    start, end : (2,) arrays
        Map coordinates.
    bend : float
        Largest distance of the arc from the straight line, m, to the left of it.
    slips : (n,) array
    depth : float
    """
    share = np.linspace(0, 1, len(slips) + 1)[:, None]
    run = np.asarray(end, float) - start
    left = np.array([-run[1], run[0]]) / np.hypot(*run)
    return Rupture(start + share * run + 4 * bend * share * (1 - share) * left, np.asarray(slips, float), depth)


def stations(rupture: Rupture, spacing: float) -> Stations:
    """Places every so many metres along the trace."""
    runs = np.diff(rupture.trace, axis=0)
    lengths = np.hypot(*runs.T)
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    along = np.arange(spacing / 2, ends[-1], spacing)
    segment = np.clip(np.searchsorted(ends, along, side="right") - 1, 0, len(lengths) - 1)
    direction = runs[segment] / lengths[segment, None]
    place = rupture.trace[segment] + (along - ends[segment])[:, None] * direction
    return Stations(along, place, direction, rupture.slip[segment])


def distance_px(rupture: Rupture, grid: Grid) -> np.ndarray:
    """Distance of every pixel from the trace, px."""
    dense = stations(rupture, grid.geotransform[1] / 2).place
    column, row = (np.floor(value).astype(int) for value in grid.to_pixel(dense[:, 0], dense[:, 1]))
    inside = (column >= 0) & (column < grid.width) & (row >= 0) & (row < grid.height)
    free = np.ones((grid.height, grid.width), bool)
    free[row[inside], column[inside]] = False
    return ndimage.distance_transform_edt(free)


def displacement(rupture: Rupture, grid: Grid) -> np.ndarray:
    """East, north and up of every pixel centre, (3, H, W) float32, m."""
    faults = rupture.faults()
    shape = grid.height, grid.width
    rows, columns = (np.arange(0, size - 1 + _STEP, _STEP) for size in shape)
    coarse = okada.total(faults, *grid.to_map(*np.meshgrid(columns + 0.5, rows + 0.5)))
    row, column = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    places = [row / _STEP, column / _STEP]
    field = np.stack([ndimage.map_coordinates(part, places, order=1, output=np.float32) for part in coarse])
    near = distance_px(rupture, grid) <= _NEAR_PX
    field[:, near] = okada.total(faults, *grid.to_map(column[near] + 0.5, row[near] + 0.5))
    return field


def at_places(rupture: Rupture, grid: Grid, field: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The field at fractions of a pixel, (2, n): interpolated, but exact beside the trace, where it jumps.

    Parameters
    ----------
    field : (2 or 3, H, W) array
        As `displacement` gives it.
    x, y : (n,) arrays
        Column and row, 0 at the centre of the first pixel.
    """
    result = np.stack([ndimage.map_coordinates(part, [y, x], order=1, mode="nearest") for part in field[:2]])
    away = ndimage.map_coordinates(distance_px(rupture, grid), [y, x], order=0, mode="nearest")
    near = away <= 3
    result[:, near] = okada.total(rupture.faults(), *grid.to_map(x[near] + 0.5, y[near] + 0.5))[:2]
    return result


@dataclass(frozen=True)
class Crossing:
    """A profile across the trace, the mean of a strip.

    Attributes
    ----------
    distance : (k,) array
        To the right of the trace positive, m.
    parallel : (k,) array
        Displacement along the trace, m, NaN where nothing is known.
    """

    distance: np.ndarray
    parallel: np.ndarray

    def slip(self, near: float, far: float) -> float:
        """Right-lateral offset of the two sides at the trace, m.

        A line through each side between two distances is carried on to the trace; NaN where a side holds less than half
        of its values.
        """
        ends = []
        for side in (-1, 1):
            distance = side * self.distance
            chosen = (distance >= near) & (distance <= far)
            use = chosen & np.isfinite(self.parallel)
            if use.sum() < 0.5 * chosen.sum() or use.sum() < 4:
                return float("nan")
            ends.append(_robust_line(self.distance[use], self.parallel[use]))
        return ends[0] - ends[1]


def _robust_line(x: np.ndarray, y: np.ndarray) -> float:
    """Value at 0 of a line, with Huber's weights."""
    weight = np.ones_like(x)
    design = np.stack([np.ones_like(x), x / max(np.abs(x).max(), 1e-9)], 1)
    for _ in range(8):
        root = np.sqrt(weight)
        solution = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
        residual = np.abs(y - design @ solution)
        scale = max(1.4826 * float(np.median(residual)), 1e-6)
        weight = 1 / np.maximum(residual / (1.345 * scale), 1)
    return float(solution[0])


def crossing(
    east: np.ndarray,
    north: np.ndarray,
    grid: Grid,
    place: np.ndarray,
    direction: np.ndarray,
    reach: float,
    strip: float,
) -> Crossing:
    """Displacement along the trace on a line across it, averaged over a strip.

    Parameters
    ----------
    east, north : (H, W) arrays
        m, NaN where masked.
    place, direction : (2,) arrays
        A place on the trace and the unit vector along it.
    reach : float
        Half the length of the profile, m.
    strip : float
        Width of the strip, m.
    """
    step = grid.geotransform[1]
    right = np.array([direction[1], -direction[0]])
    distance = np.arange(-reach, reach + step / 2, step)
    beside = np.arange(-strip / 2, strip / 2 + step / 2, step)
    places = place + distance[:, None, None] * right + beside[None, :, None] * direction
    column, row = (np.floor(value).astype(int) for value in grid.to_pixel(places[..., 0], places[..., 1]))
    inside = (column >= 0) & (column < grid.width) & (row >= 0) & (row < grid.height)
    column, row = np.clip(column, 0, grid.width - 1), np.clip(row, 0, grid.height - 1)
    along = direction[0] * east[row, column] + direction[1] * north[row, column]
    along = np.where(inside, along, np.nan)
    known = np.isfinite(along)
    count = known.sum(1)
    mean = np.where(known, along, 0).sum(1) / np.maximum(count, 1)
    return Crossing(distance, np.where(count >= 0.3 * beside.size, mean, np.nan))
