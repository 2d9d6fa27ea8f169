"""The radar's own directions: line of sight and along track, to east and north and back.

Signs as in MintPy: line of sight positive toward the satellite, azimuth positive along the flight; heading clockwise
from north, incidence from the vertical. All motion is taken as horizontal: with two measurements the vertical part
cannot be told from ground range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Union

import numpy as np
from osgeo import osr

from .. import values
from ..rasters import Grid

SIDES = ("right", "left")
Number = Union[float, np.ndarray]


@dataclass(frozen=True)
class Look:
    """Where the radar looked from.

    Attributes
    ----------
    heading : float
        Bearing of the flight, degrees clockwise from true north; about -12 on ascending and -168 on descending passes.
    incidence : float
        Degrees from the vertical, 0..90.
    side : str
        ``right`` or ``left``.
    """

    heading: float
    incidence: float
    side: str = "right"

    def __post_init__(self) -> None:
        values.number("heading", self.heading, -360, 360)
        values.number("incidence", self.incidence, 5, 85)
        values.one_of("look side", self.side, SIDES)


@dataclass(frozen=True)
class Vectors:
    """What one metre of motion east and north shows in the two directions of the radar; numbers or arrays."""

    los_east: Number
    los_north: Number
    azimuth_east: Number
    azimuth_north: Number

    def project(self, east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Line-of-sight and azimuth displacement of horizontal motion."""
        return (
            np.asarray(self.los_east * east + self.los_north * north, np.float32),
            np.asarray(self.azimuth_east * east + self.azimuth_north * north, np.float32),
        )

    def ground(self, los: np.ndarray, azimuth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Horizontal motion east and north that shows as these; the inverse of `project`."""
        area = self._area()
        east = (self.azimuth_north * los - self.los_north * azimuth) / area
        north = (self.los_east * azimuth - self.azimuth_east * los) / area
        return np.asarray(east, np.float32), np.asarray(north, np.float32)

    def ground_sigma(self, los: np.ndarray, azimuth: np.ndarray) -> np.ndarray:
        """1-sigma error of a component (root mean square of east and north) from those of the two measurements."""
        along = (self.los_east**2 + self.los_north**2) * azimuth**2
        across = (self.azimuth_east**2 + self.azimuth_north**2) * los**2
        return np.asarray(np.sqrt((along + across) / 2) / np.abs(self._area()), np.float32)

    def radar_sigma(self, sigma: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """1-sigma errors of the two projections from that of a component."""
        return (
            np.asarray(np.hypot(self.los_east, self.los_north) * sigma, np.float32),
            np.asarray(np.hypot(self.azimuth_east, self.azimuth_north) * sigma, np.float32),
        )

    def _area(self) -> Number:
        return self.los_east * self.azimuth_north - self.los_north * self.azimuth_east


def vectors(heading: Number, incidence: Number, side: str = "right") -> Vectors:
    """Directions of the radar from heading (clockwise from the grid's north) and incidence, in degrees.

    ``dLOS = -E sin(i) sin(a) + N sin(i) cos(a)`` with a, anticlockwise from north, the direction from the ground to
    the satellite (90 - heading when it looks right); ``dAZ = E sin(h) + N cos(h)`` (MintPy, utils0.py, enu2los and
    en2az).
    """
    flight = np.radians(heading)
    to_satellite = np.pi / 2 - flight if side == "right" else -np.pi / 2 - flight
    slant = np.sin(np.radians(incidence))
    return Vectors(-slant * np.sin(to_satellite), slant * np.cos(to_satellite), np.sin(flight), np.cos(flight))


def look_vectors(look: Look, grid: Grid) -> Vectors:
    """Directions of the radar on a map, whose own north may lie beside true north."""
    found = vectors(look.heading - convergence(grid), look.incidence, look.side)
    parts = (found.los_east, found.los_north, found.azimuth_east, found.azimuth_north)
    return Vectors(*(float(part) for part in parts))


def convergence(grid: Grid) -> float:
    """Bearing of the grid's north at the centre of the grid, degrees clockwise from true north; 0 when unknown."""
    crs = grid.crs() if grid.georeferenced else None
    if crs is None or not crs.IsProjected():
        return 0.0
    geographic = crs.CloneGeogCS()
    geographic.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transform = osr.CoordinateTransformation(crs, geographic)
    x, y = grid.to_map(grid.width / 2, grid.height / 2)
    step = 100.0 / crs.GetLinearUnits()
    (lon0, lat0), (lon1, lat1) = (transform.TransformPoint(x, y + s * step)[:2] for s in (-1, 1))
    if not all(map(math.isfinite, (lon0, lat0, lon1, lat1))):
        return 0.0
    unit = crs.GetAngularUnits()
    middle = math.radians((lat0 + lat1) / 2)
    across = ((lon1 - lon0 + 180) % 360 - 180) * unit * math.cos(middle)
    return math.degrees(math.atan2(across, (lat1 - lat0) * unit))
