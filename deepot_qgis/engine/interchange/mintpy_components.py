"""MintPy's time series and velocities, which hold one component a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from .. import dates, displacement
from ..errors import GridMismatchError, InputError, OptionsError
from ..grids import grid_differences
from ..rasters import Grid
from .arrays import ArrayFile
from .mintpy import date_of, grid_of
from .radar import Look, look_vectors
from .sources import ASSUMED_SIGMA_PX, HORIZONTAL, GroundPair, in_order, radar_planes, require_map


@dataclass(frozen=True)
class Component:
    """One component of a MintPy time series (a date a layer, metres) or velocity.

    Attributes
    ----------
    name : str
    dates : tuple of datetime
    grid : Grid
    attributes : mapping
    """

    name: str
    dates: tuple[datetime, ...]
    grid: Grid
    attributes: Mapping[str, Any]
    file: ArrayFile

    def read(self, x0: int, y0: int, width: int, height: int) -> np.ndarray:
        """Displacement since the first date in metres, float32 ``(dates, height, width)``."""
        values = self.file.read("timeseries", (0, y0, x0), (len(self.dates), height, width)).astype(np.float32)
        return values - values[:1]


def read_timeseries(path: str) -> Component:
    """A ``timeseries.h5``.

    Raises
    ------
    InputError
        It is none, its unit is not the metre, or it is in radar coordinates.
    """
    file = ArrayFile(path)
    if "timeseries" not in file:
        raise InputError(f"{file.name} has no 'timeseries'; choose a timeseries.h5 of MintPy.")
    unit = str(file.attributes.get("UNIT", "m"))
    if unit != "m":
        raise InputError(f"{file.name} is in {unit}; MintPy's time series are in m: choose the original file.")
    grid = require_map(grid_of(file.attributes, file.name), file.name)
    days = tuple(date_of(text, file.name) for text in file.texts("date"))
    shape = file.shape("timeseries")
    if shape != (len(days), grid.height, grid.width):
        raise InputError(f"{file.name} is not whole: {len(days)} dates and a time series of {shape}; make it again.")
    return Component(os.path.basename(path), days, grid, file.attributes, file)


def require_one(first: Component, second: Component, radar: bool) -> None:
    """Refuse two files that are not two components of one thing.

    Parameters
    ----------
    first, second : Component
    radar : bool
        Whether line of sight and azimuth are expected, else east and north.

    Raises
    ------
    InputError
        Other grids or dates.
    OptionsError
        A file says that it holds another component.
    """
    differences = grid_differences(first.grid, second.grid)
    if differences:
        raise GridMismatchError(
            f"{second.name} is not on the grid of {first.name}: {'; '.join(differences)}. Choose two components of one "
            "series."
        )
    if first.dates != second.dates:
        raise InputError(f"{second.name} has other dates than {first.name}; choose two components of one series.")
    wanted = ("los", "azimuth") if radar else ("east", "north")
    for part, component in zip((first, second), wanted):
        said = part.attributes.get("DEEPOT_COMPONENT", component)
        if said != component:
            raise OptionsError(
                f"{part.name} holds the component '{said}' where '{component}' is expected; give {wanted[0]} "
                f"first, then {wanted[1]}."
            )


def read_velocity(path: str) -> Component:
    """A ``velocity.h5``; its dates are the first and the last of what it was fitted to.

    Raises
    ------
    InputError
        It is none, its unit is not metres a year, it does not say its dates, or it is in radar coordinates.
    """
    file = ArrayFile(path)
    if "velocity" not in file:
        raise InputError(f"{file.name} has no 'velocity'; choose a velocity.h5 of MintPy.")
    unit = str(file.attributes.get("UNIT", "m/year"))
    if unit not in ("m/year", "m/yr"):
        raise InputError(f"{file.name} is in {unit}; MintPy's velocities are in m/year: choose the original file.")
    grid = require_map(grid_of(file.attributes, file.name), file.name)
    missing = [key for key in ("START_DATE", "END_DATE") if key not in file.attributes]
    if missing:
        raise InputError(f"{file.name} lacks the attribute {missing[0]}; make it with MintPy's timeseries2velocity.py.")
    days = tuple(date_of(str(file.attributes[key]), file.name) for key in ("START_DATE", "END_DATE"))
    return Component(os.path.basename(path), days, grid, file.attributes, file)


def velocity_pair(first: str, second: str, look: Look | None = None) -> GroundPair:
    """Displacement between the first and the last date of two ``velocity.h5``.

    Parameters
    ----------
    first, second : str
        East and north; or line of sight and azimuth with `look`.
    look : Look, optional

    Raises
    ------
    DeepotError
        A file is no velocity, or the two do not belong together.
    """
    parts = read_velocity(first), read_velocity(second)
    require_one(*parts, look is not None)
    grid, begin, end = parts[0].grid, parts[0].dates[0], parts[0].dates[-1]
    years = np.float32(dates.days_between(begin, end) / displacement.DAYS_A_YEAR)
    metres = displacement.pixel_metres(grid)
    assert metres is not None  # `read_velocity` refuses what is not on a map
    assumed = np.float32(ASSUMED_SIGMA_PX * metres)

    def moved(part: Component, window: tuple[int, ...]) -> np.ndarray:
        found = _plane(part.file, "velocity", window)
        return np.where(found == 0, np.float32(np.nan), found) * years  # MintPy fills with 0

    def error(part: Component, window: tuple[int, ...]) -> np.ndarray:
        if "velocityStd" not in part.file:
            return np.full(window[:1:-1], assumed, np.float32)
        return _plane(part.file, "velocityStd", window) * years

    def measured(*window: int) -> tuple[np.ndarray, ...]:
        return (*(moved(part, window) for part in parts), *(error(part, window) for part in parts))

    def on_map(*window: int) -> tuple[np.ndarray, ...]:
        east, north, *sigmas = measured(*window)
        return east, north, np.sqrt((sigmas[0] ** 2 + sigmas[1] ** 2) / 2)

    name = f"{parts[0].name} and {parts[1].name}"
    if look is None:
        return in_order(GroundPair(name, begin, end, grid, on_map))
    directions = look_vectors(look, grid)
    planes = radar_planes(measured, lambda *window: directions)
    return in_order(GroundPair(name, begin, end, grid, planes, (HORIZONTAL,)))


def _plane(file: ArrayFile, name: str, window: tuple[int, ...]) -> np.ndarray:
    x0, y0, width, height = window
    return file.read(name, (y0, x0), (height, width)).astype(np.float32)
