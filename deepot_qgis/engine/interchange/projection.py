"""What of the motion is handed on: a component of the map, of the radar, or along a direction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import values
from ..errors import OptionsError
from ..rasters import Grid
from .radar import Look, look_vectors

COMPONENTS = ("east", "north", "los", "azimuth", "motion", "bearing", "magnitude")
#: One number a pixel and date whose sign means the same everywhere.
FIXED = ("east", "north", "los", "azimuth", "bearing")
_RADAR = ("los", "azimuth")


@dataclass(frozen=True)
class Projection:
    """A component, and what is needed for it.

    Attributes
    ----------
    component : str
        ``east``, ``north``; ``los`` (horizontal motion seen along the line of sight, toward the satellite) and
        ``azimuth`` (along the flight), which need `look`; ``bearing`` along one direction; ``motion`` along each
        pixel's own mean direction; ``magnitude``, the length, never negative.
    look : Look or None
    bearing : float or None
        Degrees clockwise from grid north.
    """

    component: str
    look: Look | None = None
    bearing: float | None = None

    def __post_init__(self) -> None:
        values.one_of("component", self.component, COMPONENTS)
        if self.component in _RADAR and self.look is None:
            raise OptionsError(f"The component '{self.component}' needs heading and incidence angle; give both.")
        if self.component == "bearing":
            if self.bearing is None:
                raise OptionsError("The component 'bearing' needs the bearing, in degrees clockwise from north.")
            values.number("bearing", self.bearing, -360, 360)

    def projector(self, grid: Grid) -> Projector:
        """What projects on this grid."""
        return Projector(self.component, self._direction(grid))

    def _direction(self, grid: Grid) -> tuple[float, float] | None:
        if self.component == "bearing" and self.bearing is not None:
            return float(np.sin(np.radians(self.bearing))), float(np.cos(np.radians(self.bearing)))
        if self.component in _RADAR and self.look is not None:
            look = look_vectors(self.look, grid)
            los = self.component == "los"
            parts = (look.los_east, look.los_north) if los else (look.azimuth_east, look.azimuth_north)
            return float(parts[0]), float(parts[1])
        return {"east": (1.0, 0.0), "north": (0.0, 1.0)}.get(self.component)


@dataclass(frozen=True)
class Projector:
    """Projects displacement and velocity of a grid.

    Attributes
    ----------
    component : str
    direction : tuple of float or None
        East and north part, not always of length 1 (a line of sight is inclined); None where it differs by pixel.
    """

    component: str
    direction: tuple[float, float] | None

    def displacement(self, east: np.ndarray, north: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Component of displacement ``(n, ...)``.

        Parameters
        ----------
        east, north : numpy.ndarray
            ``(n, ...)``.
        mean : numpy.ndarray
            ``(2, ...)``: velocity east and north of the same pixels, which gives their own direction.
        """
        if self.component == "magnitude":
            return np.hypot(east, north)
        if self.component == "motion":
            speed = np.hypot(*mean)
            with np.errstate(invalid="ignore", divide="ignore"):
                along = [part / speed for part in mean]
            return east * along[0] + north * along[1]
        assert self.direction is not None  # of every other component
        return east * np.float32(self.direction[0]) + north * np.float32(self.direction[1])

    def velocity(self, mean: np.ndarray) -> np.ndarray:
        """Component of velocity ``(2, ...)``: along a pixel's own direction it is the speed."""
        if self.direction is None:
            return np.hypot(*mean)
        return self.displacement(mean[0], mean[1], mean)

    def sigma(self, sigma: np.ndarray) -> np.ndarray:
        """Error of the component from that of east or north."""
        return sigma * np.float32(1 if self.direction is None else np.hypot(*self.direction))
