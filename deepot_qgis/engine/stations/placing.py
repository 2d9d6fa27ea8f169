"""A station on the map: its position in the map's system, and which way true north points there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from osgeo import osr

from ..displacement import metres_per_unit
from ..errors import InputError
from ..rasters import Grid, quietly
from .csv_options import crs_of
from .station import Station

#: Degrees of latitude that are stepped to find north, about 100 m.
_STEP = 1e-3


@dataclass(frozen=True)
class Place:
    """Where a station stands on the map.

    Attributes
    ----------
    x, y : float
        In the map's coordinate reference system.
    longitude, latitude : float
        WGS84.
    north : float
        Bearing of true north on the map, degrees clockwise from grid north.
    """

    x: float
    y: float
    longitude: float
    latitude: float
    north: float

    def to_grid(self, east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Components from true east and north to those of the map's grid."""
        turn = math.radians(self.north)
        return (
            east * math.cos(turn) + north * math.sin(turn),
            north * math.cos(turn) - east * math.sin(turn),
        )


def locate_station(station: Station, grid: Grid, map_name: str) -> Place:
    """Find a station on a map.

    Raises
    ------
    InputError
        It has no position, its position does not suit its coordinate reference system, or it is outside the map.
    """
    if station.x is None or station.y is None:
        raise InputError(
            f"Station {station.name} has no position; give its coordinates, or a file of positions that has a line "
            f"for {station.name}."
        )
    if not station.crs:
        raise InputError(
            f"The coordinate reference system of station {station.name} is not known; give one such as EPSG:4326."
        )
    crs = crs_of(station.crs)
    _require_sense(station, crs)
    target = grid.require_crs()
    x, y = _transform(station, crs, target, station.x, station.y)
    column, row = grid.to_pixel(x, y)
    if not (0 <= column < grid.width and 0 <= row < grid.height):
        raise InputError(_outside(station, crs, grid, map_name, x, y, column, row))
    world = crs_of("EPSG:4326")
    longitude, latitude = _transform(station, crs, world, station.x, station.y)
    return Place(x, y, longitude, latitude, _north(target, x, y))


def _require_sense(station: Station, crs: osr.SpatialReference) -> None:
    """Degrees where degrees belong, metres where metres belong."""
    assert station.x is not None and station.y is not None  # or there would be nothing to place
    x, y = abs(station.x), abs(station.y)
    name = crs.GetName() or station.crs
    if crs.IsGeographic() and (x > 360 or y > 90):
        swapped = x <= 90 and y <= 360
        way = "x and y look swapped: x is the longitude" if swapped else "give the system that the coordinates are in"
        raise InputError(
            f"The position of station {station.name} ({station.x:g}, {station.y:g}) cannot be longitude and latitude "
            f"({name}); {way}."
        )
    if crs.IsProjected() and x <= 180 and y <= 90:
        raise InputError(
            f"The position of station {station.name} ({station.x:g}, {station.y:g}) looks like longitude and latitude, "
            f"but its system is {name}; give EPSG:4326."
        )


def _transform(
    station: Station, source: osr.SpatialReference, target: osr.SpatialReference, x: float, y: float
) -> tuple[float, float]:
    transform, words = quietly(osr.CoordinateTransformation, source, target)
    point = None
    if transform is not None:
        point, words = quietly(transform.TransformPoint, x, y)
    if point is None or not (math.isfinite(point[0]) and math.isfinite(point[1])):
        raise InputError(
            f"The position of station {station.name} cannot be transformed to the map's system "
            f"({words.strip() or 'no reason given'}); check its coordinates and their system."
        )
    return float(point[0]), float(point[1])


def _outside(
    station: Station,
    crs: osr.SpatialReference,
    grid: Grid,
    map_name: str,
    x: float,
    y: float,
    column: float,
    row: float,
) -> str:
    """How far outside, and the two usual reasons."""
    nearest = grid.to_map(min(max(column, 0), grid.width), min(max(row, 0), grid.height))
    across, along = (float(scale.flat[scale.size // 2]) for scale in metres_per_unit(grid))
    away = math.hypot((x - nearest[0]) * across, (y - nearest[1]) * along)
    far = f"{away / 1000:.1f} km" if away >= 1000 else f"{away:.0f} m"
    turned, _ = quietly(_turned, station, crs, grid)
    why = "x and y look swapped" if turned else "check its position and coordinate reference system"
    where = f"{_place(x, y, grid)} of {grid.crs_name()}"
    return f"Station {station.name} is {far} outside the map {map_name} (at {where}); {why}."


def _place(x: float, y: float, grid: Grid) -> str:
    return f"{x:.5f}, {y:.5f}" if grid.require_crs().IsGeographic() else f"{x:.0f}, {y:.0f}"


def _turned(station: Station, crs: osr.SpatialReference, grid: Grid) -> bool:
    """Whether the station would be on the map with its coordinates swapped."""
    if station.x is None or station.y is None:
        return False
    try:
        x, y = _transform(station, crs, grid.require_crs(), station.y, station.x)
    except InputError:
        return False
    column, row = grid.to_pixel(x, y)
    return 0 <= column < grid.width and 0 <= row < grid.height


def _north(crs: osr.SpatialReference, x: float, y: float) -> float:
    """Bearing of true north on the map; 0 where the map is in degrees."""
    if crs.IsGeographic():
        return 0.0
    geographic = crs.CloneGeogCS()
    geographic.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    longitude, latitude, _ = osr.CoordinateTransformation(crs, geographic).TransformPoint(x, y)
    back = osr.CoordinateTransformation(geographic, crs)
    low = back.TransformPoint(longitude, max(latitude - _STEP, -90.0))
    high = back.TransformPoint(longitude, min(latitude + _STEP, 90.0))
    return math.degrees(math.atan2(high[0] - low[0], high[1] - low[1]))
