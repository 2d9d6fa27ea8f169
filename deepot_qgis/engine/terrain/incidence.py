"""The angle between the radar's ray and the vertical: one number, or a raster of them."""

from __future__ import annotations

import numpy as np

from .. import values
from ..errors import InputError, OptionsError
from ..rasters import Grid
from .laid import Laid

#: Degrees that Look allows too.
LOWEST, HIGHEST = 5.0, 85.0
#: An angle in radians is never more than this.
_RADIANS = 1.6
#: Degrees by which the change from pixel to pixel changes, as only the angle on a slope does.
_ROUGH = 0.5


def require_one(incidence: float | None, raster: str | None) -> None:
    """Refuse an incidence angle that is given twice, not at all, or that cannot be.

    Raises
    ------
    OptionsError
    """
    if (incidence is None) == (not raster):
        raise OptionsError("The incidence angle is one number or a raster of angles; give one of the two.")
    if incidence is not None:
        values.number("incidence", incidence, LOWEST, HIGHEST)


class SteadyIncidence:
    """The same angle everywhere."""

    messages: tuple[str, ...] = ()

    def __init__(self, degrees: float):
        self.low = self.high = degrees

    def degrees(self, grid: Grid) -> np.ndarray:
        """float32 ``(1, 1)``."""
        return np.full((1, 1), self.low, np.float32)


class MappedIncidence:
    """A raster of angles from the vertical, in degrees or radians, on any grid; for one thread.

    Attributes
    ----------
    low, high : float
        Degrees between which they lie, by a thinned copy.
    messages : tuple of str

    Raises
    ------
    InputError
        It cannot be read, has no georeference, or holds other angles.
    """

    def __init__(self, path: str):
        self._laid = Laid(path, 1, "incidence angle")
        found, self._scale, self.messages = understood(self._laid.overview(), self._laid.name)
        self.low, self.high = float(found.min()), float(found.max())

    def degrees(self, grid: Grid) -> np.ndarray:
        """Angles at the pixels of a grid, float32 ``(height, width)``, NaN where unknown."""
        return within(self._laid.values(grid, smooth=False) * np.float32(self._scale))


def open_incidence(incidence: float | None, raster: str | None) -> SteadyIncidence | MappedIncidence:
    """What `require_one` let pass."""
    if incidence is not None:
        return SteadyIncidence(incidence)
    assert raster is not None
    return MappedIncidence(raster)


def within(degrees: np.ndarray) -> np.ndarray:
    """Angles, NaN where they cannot be."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where((degrees >= LOWEST) & (degrees <= HIGHEST), degrees, np.nan), np.float32)


def understood(sample: np.ndarray, name: str) -> tuple[np.ndarray, float, tuple[str, ...]]:
    """Angles in degrees, what makes degrees of the raster's numbers, and what to know.

    Parameters
    ----------
    sample : numpy.ndarray
        Values of a thinned copy, row by row.
    name : str
        For sentences.

    Raises
    ------
    InputError
        These are no angles of incidence, or those on the slopes of the ground.
    """
    messages: tuple[str, ...] = ()
    scale = 1.0
    if sample.size and sample.max() <= _RADIANS and sample.max() > 0:
        scale = float(np.degrees(1))
        messages = (f"The angles of {name} are taken as radians.",)
    degrees = sample * scale
    good = degrees[(degrees >= LOWEST) & (degrees <= HIGHEST)]
    if good.size < 0.5 * np.count_nonzero(sample) or good.size == 0:
        raise InputError(
            f"{name} holds no angles of incidence: most of its values lie outside {LOWEST:g} to {HIGHEST:g} degrees; "
            "choose a raster of angles from the vertical."
        )
    if good.size > 100 and np.median(np.abs(np.diff(good, 2))) > _ROUGH:
        raise InputError(
            f"The angles of {name} jump from pixel to pixel, as the local angle on slopes does; choose the "
            "incidence angle from the vertical (on the ellipsoid)."
        )
    return good, scale, messages
