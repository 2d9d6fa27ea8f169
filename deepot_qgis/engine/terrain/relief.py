"""Heights of a digital elevation model in metres, and the slope of the ground."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from ..displacement import metres_per_unit
from ..errors import InputError
from ..rasters import Grid
from .laid import Laid

#: Metres between which the ground of the Earth lies; what is beyond is a value for no data that nobody declared.
_LOWEST, _HIGHEST = -12_000.0, 9_500.0
#: Values that stand for no data in DEMs that do not say so.
_UNDECLARED = (-32768.0, -32767.0, -9999.0)
#: Pixels up to which a Gaussian is one; what is wider is made of running means.
_WIDEST_GAUSSIAN = 50.0
_FEET = {"ft": 0.3048, "foot": 0.3048, "feet": 0.3048, "us-ft": 1200 / 3937, "us survey foot": 1200 / 3937}


class Relief:
    """A DEM as heights in metres on any grid; for one thread.

    Attributes
    ----------
    name : str
    laid : Laid
    low, high : float
        Metres between which its heights lie, by a thinned copy.
    messages : tuple of str
        What was taken for granted.

    Raises
    ------
    InputError
        It cannot be read, has no georeference, or holds no heights.
    """

    def __init__(self, path: str, band: int = 1):
        self.laid = Laid(path, band, "elevation")
        self.name = self.laid.name
        self._metres = _FEET.get(self.laid.unit.lower(), 1.0)
        self.messages: tuple[str, ...] = ()
        if self._metres != 1:
            self.messages = (f"The heights of {self.name} are feet and were made metres.",)
        found = self.laid.overview()
        for value in _UNDECLARED:
            if (found == value).any():
                self.laid.source_nodata = value
                self.messages += (f"{self.name} has heights of {value:g}, which are taken as no data.",)
                break
        heights = found * self._metres
        heights = heights[_possible(heights) & (found != self.laid.source_nodata)]
        if heights.size == 0:
            raise InputError(f"{self.name} holds no height between {_LOWEST:g} and {_HIGHEST:g} m; choose a DEM.")
        self.low, self.high = float(heights.min()), float(heights.max())

    def heights(self, grid: Grid) -> np.ndarray:
        """Metres at the pixels of a grid, float32 ``(height, width)``, NaN where unknown."""
        heights = self.laid.values(grid)
        heights *= np.float32(self._metres)
        heights[~_possible(heights)] = np.nan
        return heights

    def resolution_note(self, grid: Grid) -> tuple[str, ...]:
        """A sentence where a DEM is much coarser than what is asked of it."""
        ratio = self.laid.coarser(grid)
        if ratio < 2:
            return ()
        return (
            f"The pixels of {self.name} are {ratio:.1f} times larger than those of the result: what is smaller than "
            "they are is not known to it.",
        )


def _possible(heights: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.asarray((heights > _LOWEST) & (heights < _HIGHEST))


def smoothed(heights: np.ndarray, sigma: tuple[float, float]) -> np.ndarray:
    """Heights averaged by a Gaussian over what is known; NaN stays NaN.

    Parameters
    ----------
    heights : numpy.ndarray
        float32 ``(H, W)``.
    sigma : tuple of float
        Standard deviation of the Gaussian down and across, pixels.
    """
    if not any(sigma):
        return heights
    known = np.isfinite(heights)
    if not known.any():
        return heights
    level = np.float32(heights[known].mean())  # single precision is for what differs from it
    total = _averaged(np.where(known, heights - level, np.float32(0)), sigma)
    weight = _averaged(known.astype(np.float32), sigma)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, total / weight + level, np.float32(np.nan)).astype(np.float32)


def _averaged(values: np.ndarray, sigma: tuple[float, float]) -> np.ndarray:
    """Gaussian average down and across.

    A wide one is taken as three running means of its variance, whose work does not grow with its width: the average of
    a step differs from that by a Gaussian by little more than one percent of the step.
    """
    for axis, width in enumerate(sigma):
        if width <= 0:
            continue
        if width <= _WIDEST_GAUSSIAN:
            values = ndimage.gaussian_filter1d(values, width, axis, mode="constant")
            continue
        side = 2 * round((math.sqrt(4 * width**2 + 1) - 1) / 2) + 1
        for _ in range(3):
            values = ndimage.uniform_filter1d(values, side, axis, mode="constant")
    return values


def rise(heights: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """How much the ground rises for a metre east and a metre north.

    Parameters
    ----------
    heights : numpy.ndarray
        Metres, float32 ``(H, W)``, NaN where unknown.
    grid : Grid
        Of these pixels.

    Returns
    -------
    tuple of numpy.ndarray
        float32 ``(H, W)``; NaN at the edge and where one of the eight neighbours is unknown.

    Notes
    -----
    Weighted differences of the 3 x 3 neighbourhood (Horn 1981, doi:10.1109/PROC.1981.11918), as ``gdaldem`` and QGIS
    take them, through the whole geotransform and the local length of its units.
    """
    right, down = (np.full(heights.shape, np.nan, np.float32) for _ in range(2))
    if min(heights.shape) >= 3:
        z = heights
        inner = np.s_[1:-1, 1:-1]
        corners = z[:-2, 2:] - z[2:, :-2], z[2:, 2:] - z[:-2, :-2]  # up right, down right
        known = np.isfinite(z[inner])
        right[inner] = np.where(known, (2 * (z[1:-1, 2:] - z[1:-1, :-2]) + corners[0] + corners[1]) / 8, np.nan)
        down[inner] = np.where(known, (2 * (z[2:, 1:-1] - z[:-2, 1:-1]) - corners[0] + corners[1]) / 8, np.nan)
    g = grid.geotransform
    across, along = metres_per_unit(grid)
    a, b, c, d = g[1] * across, g[2] * across, g[4] * along, g[5] * along
    area = a * d - b * c
    east = (d * right - c * down) / area
    north = (a * down - b * right) / area
    return east.astype(np.float32), north.astype(np.float32)


def slope(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Degrees from the horizontal, of what `rise` gives."""
    return np.asarray(np.degrees(np.arctan(np.hypot(east, north))), np.float32)


def aspect(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Bearing of the steepest way down, degrees clockwise from grid north, 0..360, of what `rise` gives."""
    bearing = np.degrees(np.arctan2(-east, -north)) % np.float32(360)
    return np.asarray(np.where(bearing == 360, 0, bearing), np.float32)
