"""Pairs that others measured, in the shape that the time series takes: east, north and sigma of any window."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Callable

import numpy as np

from .. import dates
from ..errors import InputError, OptionsError
from ..rasters import Grid
from .radar import Vectors

#: A window: x0, y0, width, height.
Planes = Callable[..., tuple[np.ndarray, ...]]
#: Taken as the 1-sigma error of a component, in pixels, where a format gives none: what feature tracking reaches at
#: its best (Leprince et al. 2007).
ASSUMED_SIGMA_PX = 0.1
#: What every conversion from the radar's directions takes for granted.
HORIZONTAL = "All motion was taken as horizontal: range offsets cannot tell it from vertical motion."
_STAMP = re.compile(r"(?<!\d)(?:19|20)\d{6}(?:T\d{6})?(?!\d)|(?<!\d)(?:19|20)\d\d-\d\d-\d\d(?!\d)")


@dataclass(frozen=True)
class GroundPair:
    """Displacement in the directions of the map, or of the radar through `RadarPlanes`.

    Attributes
    ----------
    name : str
        Of the file, and of the pair in it.
    first, second : datetime
        The earlier and the later acquisition.
    grid : Grid
    planes : callable
        ``(x0, y0, width, height) -> east, north, sigma``, float32 in metres, NaN where there is no answer.
    notes : tuple of str
        What was taken for granted, as sentences.
    """

    name: str
    first: datetime
    second: datetime
    grid: Grid
    planes: Planes
    notes: tuple[str, ...] = ()
    unit: str = "m"

    @property
    def days(self) -> float:
        """Between the two acquisitions."""
        return dates.days_between(self.first, self.second)

    def read(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """East, north and sigma of a window, float32 ``(height, width)``, metres; NaN where there is no answer."""
        east, north, sigma = self.planes(x0, y0, width, height)
        lost = ~(np.isfinite(east) & np.isfinite(north) & np.isfinite(sigma))
        east, north, sigma = (
            np.where(lost, np.float32(np.nan), part).astype(np.float32) for part in (east, north, sigma)
        )
        return east, north, sigma


def radar_planes(measured: Planes, directions: Callable[[int, int, int, int], Vectors]) -> Planes:
    """Planes on the ground from planes of the radar.

    Parameters
    ----------
    measured : callable
        ``(x0, y0, width, height) -> los, azimuth, los sigma, azimuth sigma`` in metres: toward the satellite and along
        the flight.
    directions : callable
        The radar's directions in the same window.
    """

    def planes(*window: int) -> tuple[np.ndarray, ...]:
        los, azimuth, los_sigma, azimuth_sigma = measured(*window)
        look = directions(*window)
        return (*look.ground(los, azimuth), look.ground_sigma(los_sigma, azimuth_sigma))

    return planes


def in_order(pair: GroundPair) -> GroundPair:
    """The pair from the earlier to the later date, with its sign turned where it was measured the other way round."""
    if pair.first < pair.second:
        return pair
    if pair.first == pair.second:
        raise InputError(f"{pair.name} has one date twice ({dates.text(pair.first)}); give its two dates.")

    def turned(*window: int) -> tuple[np.ndarray, ...]:
        east, north, sigma = pair.planes(*window)
        return -east, -north, sigma

    note = f"{pair.name} was measured from the later to the earlier date; its signs were turned."
    return replace(pair, first=pair.second, second=pair.first, planes=turned, notes=(*pair.notes, note))


def pair_dates(path: str, first: str | None, second: str | None) -> tuple[datetime, datetime]:
    """Dates of a pair: given, else from the name of the file or of its folder (``20130510_20131025``).

    Raises
    ------
    OptionsError
        Neither given nor to be found, or more than two in the name.
    """
    if first and second:
        return dates.parse(first), dates.parse(second)
    name = os.path.basename(path)
    for text in (name, os.path.basename(os.path.dirname(os.path.abspath(path)))):
        days: dict[object, datetime] = {}
        for stamp in _STAMP.findall(text):
            moment = dates.find(stamp)
            if moment is not None:
                days.setdefault(moment.date(), moment)
        if len(days) == 2:
            one, other = days.values()
            return one, other
        if len(days) > 2:
            raise OptionsError(f"{name} holds more than two dates; give the first and the second date of the pair.")
    raise OptionsError(
        f"{name} does not tell its two dates; give them, or name the file such as 20130510_20131025.tif."
    )


def require_map(grid: Grid, name: str) -> Grid:
    """Refuse what has no place on a map."""
    if not grid.georeferenced:
        raise InputError(
            f"{name} is in radar coordinates (it has no georeference); geocode it with the tools that made it "
            "(geocodeIsce.py, MintPy geocode.py) and choose the geocoded file."
        )
    return grid
