"""Pixel offsets to ground displacement: metres east and north, magnitude, direction, velocity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from osgeo import osr

from . import dates
from .boxes import strips
from .errors import InputError, OptionsError
from .rasters import UNREFERENCED, Grid

DAYS_A_YEAR = 365.25
#: Factor from metres a day, by unit name.
VELOCITY_UNITS = {"m/yr": DAYS_A_YEAR, "m/day": 1.0, "cm/day": 100.0, "mm/day": 1000.0}

#: Map units of a projection this close to metres on the ground are taken as metres: UTM and national grids stay
#: within 0.1 %, Web Mercator is 40 % off in the Alps.
_SCALE_TOLERANCE = 0.01


@dataclass(frozen=True)
class Displacement:
    """Displacement of the ground.

    Attributes
    ----------
    east, north : numpy.ndarray
        Metres along the grid's axes; without georeference pixels, north = up.
    magnitude : numpy.ndarray
        Same unit.
    direction : numpy.ndarray
        Compass bearing of the motion, degrees clockwise from grid north, 0..360.
    sigma : numpy.ndarray
        1-sigma error of a component, same unit.
    """

    east: np.ndarray
    north: np.ndarray
    magnitude: np.ndarray
    direction: np.ndarray
    sigma: np.ndarray


def unit(grid: Grid) -> str:
    """Unit of a displacement on this grid: ``m``, or ``px`` without georeference."""
    return "m" if grid.georeferenced else "px"


def displacement(offset: np.ndarray, sigma: np.ndarray, grid: Grid, out: np.ndarray | None = None) -> Displacement:
    """Turn pixel offsets on a grid into displacement.

    Parameters
    ----------
    offset : numpy.ndarray
        float32 ``(2, H, W)``: dx, dy in pixels. NaN stays NaN.
    sigma : numpy.ndarray
        float32 ``(H, W)``, pixels.
    grid : Grid
        Grid of exactly these pixels.
    out : numpy.ndarray, optional
        float32 ``(5, H, W)`` that takes the result.

    Returns
    -------
    Displacement
        float32 arrays ``(H, W)``.

    Notes
    -----
    The whole geotransform counts: rotation, shear and non-square pixels. Degrees become metres through the radii of
    curvature of the CRS's ellipsoid at each row (Torge and Mueller, Geodesy, 2012, eq. 4.16 and 4.18). The sigma of
    a component is the root mean square over the two axes where pixels are not square.
    """
    g = _geotransform(grid)
    across, along = metres_per_unit(grid)
    size = _size(g, across, along)
    ground = np.empty((5, *sigma.shape), np.float32) if out is None else out
    for top, bottom in strips(*sigma.shape):
        rows = np.s_[top:bottom]
        x, y, length = (scale[rows] if scale.shape[0] > 1 else scale for scale in (across, along, size))
        _ground(offset[:, rows], sigma[rows], g, x, y, length, ground[:, rows])
    return Displacement(*ground)


def _ground(
    offset: np.ndarray,
    sigma: np.ndarray,
    g: tuple[float, ...],
    across: np.ndarray,
    along: np.ndarray,
    size: np.ndarray,
    result: np.ndarray,
) -> None:
    """Fill east, north, magnitude, direction and sigma of a few rows."""
    east, north, magnitude, direction, error = result
    for component, right, down, scale in ((east, g[1], g[2], across), (north, g[4], g[5], along)):
        np.multiply(offset[0], np.float32(right), out=component)
        component += offset[1] * np.float32(down)
        component *= scale
    polar(east, north, magnitude, direction)
    np.multiply(sigma, size, out=error)


def polar(east: np.ndarray, north: np.ndarray, magnitude: np.ndarray, direction: np.ndarray) -> None:
    """Fill magnitude and direction (degrees clockwise from north, 0..360) of a displacement; float32 of one shape."""
    np.multiply(east, east, out=magnitude)
    magnitude += north * north
    np.sqrt(magnitude, out=magnitude)
    np.arctan2(east, north, out=direction)
    direction *= np.float32(180 / np.pi)
    direction += np.float32(360) * (direction < 0)
    direction *= direction < 360  # a hair west of north rounds up


def _geotransform(grid: Grid) -> tuple[float, ...]:
    return grid.geotransform if grid.georeferenced else UNREFERENCED


def _size(g: tuple[float, ...], across: np.ndarray, along: np.ndarray) -> np.ndarray:
    return np.sqrt(((g[1] ** 2 + g[2] ** 2) * across**2 + (g[4] ** 2 + g[5] ** 2) * along**2) / 2)


def pixel_sizes(places: Grid, pixel: Grid) -> np.ndarray:
    """What a sigma of one pixel is in the unit of a displacement: root mean square of a pixel's sides.

    Parameters
    ----------
    places : Grid
        Where the sizes are wanted.
    pixel : Grid
        Whose pixels are meant: those of the whole raster where `places` is a thinned one.

    Returns
    -------
    numpy.ndarray
        float32, broadcastable to ``(places.height, places.width)``.
    """
    return _size(_geotransform(pixel), *metres_per_unit(places))


def pixel_metres(grid: Grid) -> float | None:
    """Metres on the ground for one pixel at the centre, root mean square of its sides; None without georeference."""
    if not grid.georeferenced:
        return None
    centre = grid.window(grid.width // 2, grid.height // 2, 1, 1)
    one = displacement(np.zeros((2, 1, 1), np.float32), np.ones((1, 1), np.float32), centre)
    return float(one.sigma[0, 0])


def metres_per_unit(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Metres on the ground for one map unit across (x) and along (y), at each pixel.

    Returns
    -------
    tuple of numpy.ndarray
        float32, broadcastable to ``(height, width)``.

    Raises
    ------
    InputError
        The CRS is neither geographic nor projected.
    """
    crs = grid.crs() if grid.georeferenced else None
    one = np.ones((1, 1), np.float32)
    if crs is None:
        return one, one
    if crs.IsGeographic():
        latitude = np.radians(_latitudes(grid))
        meridian, parallel = curvature(crs, latitude)
        angle = crs.GetAngularUnits()  # radians for one unit
        return (parallel * np.cos(latitude) * angle).astype(np.float32), (meridian * angle).astype(np.float32)
    if crs.IsProjected():
        across, along = _projected_scale(grid, crs)
        return one * np.float32(across), one * np.float32(along)
    raise InputError(
        f"The CRS of the raster ({grid.crs_name()}) is neither geographic nor projected, so pixels have no size on the "
        "ground; reproject both rasters to UTM."
    )


def curvature(crs: osr.SpatialReference, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Radii of curvature in metres along the meridian and in the prime vertical; latitude in radians."""
    a, b = crs.GetSemiMajor(), crs.GetSemiMinor()
    e2 = 1 - (b / a) ** 2
    w2 = 1 - e2 * np.sin(latitude) ** 2
    return a * (1 - e2) / w2**1.5, a / np.sqrt(w2)


def _latitudes(grid: Grid) -> np.ndarray:
    """Latitude of pixel centres; one column where the grid is not rotated."""
    rows = np.arange(grid.height)[:, None] + 0.5
    columns = np.arange(grid.width)[None, :] + 0.5 if grid.geotransform[4] else np.full((1, 1), 0.5)
    return grid.to_map(columns, rows)[1]


def _projected_scale(grid: Grid, crs: osr.SpatialReference) -> tuple[float, float]:
    """Metres on the ground for one map unit, at the centre of the grid.

    The linear unit, and in projections that stretch (Web Mercator, world maps) the local scale as well, found by
    stepping one pixel along each axis and measuring the step on the ellipsoid.
    """
    metres = crs.GetLinearUnits()
    centre = grid.to_map(grid.width / 2, grid.height / 2)
    g = grid.geotransform
    step = 0.5 * math.sqrt(abs(g[1] * g[5] - g[2] * g[4]))
    across = _ground_length(crs, centre, (step, 0.0)) / (2 * step * metres)
    along = _ground_length(crs, centre, (0.0, step)) / (2 * step * metres)
    if not (across > 0 and along > 0):  # off the Earth, or too small a step to be told from none
        return metres, metres
    if abs(across - 1) < _SCALE_TOLERANCE and abs(along - 1) < _SCALE_TOLERANCE:
        return metres, metres
    return metres * across, metres * along


def _ground_length(crs: osr.SpatialReference, centre: tuple[float, float], step: tuple[float, float]) -> float:
    """Length in metres of the segment ``centre - step`` to ``centre + step`` on the ellipsoid; NaN off it."""
    geographic = crs.CloneGeogCS()
    geographic.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transform = osr.CoordinateTransformation(crs, geographic)
    ends = [transform.TransformPoint(centre[0] + s * step[0], centre[1] + s * step[1])[:2] for s in (-1, 1)]
    if not np.isfinite(ends).all():
        return math.nan
    latitude = math.radians((ends[0][1] + ends[1][1]) / 2)
    meridian, parallel = curvature(crs, np.asarray(latitude))
    east = math.radians((ends[1][0] - ends[0][0] + 180) % 360 - 180) * float(parallel) * math.cos(latitude)
    north = math.radians(ends[1][1] - ends[0][1]) * float(meridian)
    return math.hypot(east, north)


def stretch(grid: Grid) -> float:
    """Metres on the ground for one nominal metre of the map at the centre; 1 where the map is true to scale."""
    crs = grid.crs()
    if crs is None or not crs.IsProjected():
        return 1.0
    across, along = _projected_scale(grid, crs)
    return math.sqrt(across * along) / crs.GetLinearUnits()


def velocity_factor(first: datetime, second: datetime, velocity_unit: str) -> float:
    """Factor from displacement in metres to velocity.

    Raises
    ------
    OptionsError
        The unit is not known, or no time passed.
    """
    if velocity_unit not in VELOCITY_UNITS:
        raise OptionsError(f"Velocity unit '{velocity_unit}' is not known; choose one of {', '.join(VELOCITY_UNITS)}.")
    days = dates.days_between(first, second)
    if days <= 0:
        raise OptionsError("A velocity needs a secondary image later than the reference; correct the dates.")
    return VELOCITY_UNITS[velocity_unit] / days
