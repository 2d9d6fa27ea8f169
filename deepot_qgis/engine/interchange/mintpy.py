"""MintPy's HDF5 in: grids, dates, and stacks of range and azimuth offsets as pairs.

Names and units after MintPy's documentation (objects/stack.py, ifgram_inversion.py): offsets in pixels of the single
look image, azimuth positive along the flight, range positive away from the radar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from osgeo import osr

from .. import dates
from ..errors import InputError, OptionsError
from ..rasters import Grid, quietly, require_place
from .arrays import ArrayFile
from .radar import Look, Vectors, convergence, look_vectors, vectors
from .sources import ASSUMED_SIGMA_PX, HORIZONTAL, GroundPair, in_order, radar_planes, require_map

#: PROCESSOR of stacks whose offsets are metres and which MintPy leaves unscaled (ifgram_inversion.py): rangeOffset
#: east and azimuthOffset north, unless `FRAME` says otherwise.
MAP_PROCESSOR = "cosicorr"
#: Our own attribute of such stacks: ``map``, or ``radar`` where the offsets run toward the satellite and along track.
FRAME = "DEEPOT_FRAME"
#: Dates of files whose acquisitions share a day.
_MINUTES = re.compile(r"\d{8}T\d{4}")
_OFFSETS = ("rangeOffset", "azimuthOffset")
#: Beyond these an attribute is damaged: pixels along a side, codes of EPSG, metres for a pixel, any number.
_MOST_PX, _MOST_CODES, _LARGEST_SPACING, _LARGEST = 1_000_000, 1_000_000, 1e5, 1e300


def grid_of(attributes: Mapping[str, Any], name: str) -> Grid:
    """Grid from the attributes of a MintPy file; unreferenced when it is in radar coordinates.

    Raises
    ------
    InputError
        An attribute is missing or is no number.
    """
    width, height = (int(_number(attributes, key, name, 1, _MOST_PX)) for key in ("WIDTH", "LENGTH"))
    if "X_FIRST" not in attributes:
        return Grid(width, height, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0), "", False)
    x, y, dx, dy = (_number(attributes, key, name) for key in ("X_FIRST", "Y_FIRST", "X_STEP", "Y_STEP"))
    place = (x, dx, 0.0, y, 0.0, dy)
    require_place(place, name)
    return Grid(width, height, place, _crs(attributes, name), True)


def _crs(attributes: Mapping[str, Any], name: str) -> str:
    crs = osr.SpatialReference()
    zone = str(attributes.get("UTM_ZONE", ""))
    try:
        if attributes.get("EPSG"):
            code = int(attributes["EPSG"])
        elif zone:
            code = (32700 if zone[-1].upper() == "S" else 32600) + int(zone.rstrip("NSns"))
        elif str(attributes.get("X_UNIT", "degrees")).startswith("deg"):
            code = 4326  # MintPy's own assumption
        else:
            code = 0
    except ValueError:
        code = 0
    if 0 < code < _MOST_CODES:
        quietly(crs.ImportFromEPSG, code)
    if not (crs.IsProjected() or crs.IsGeographic()):
        raise InputError(
            f"{name} does not say its coordinate reference system (EPSG or UTM_ZONE); add the "
            "attribute EPSG, such as 32613."
        )
    return crs.ExportToWkt()


def _number(
    attributes: Mapping[str, Any], key: str, name: str, low: float = -_LARGEST, high: float = _LARGEST
) -> float:
    try:
        value = float(attributes[key])
    except KeyError:
        raise InputError(f"{name} lacks the attribute {key}; it is no MintPy file, or not a whole one.") from None
    except (TypeError, ValueError):
        raise InputError(f"The attribute {key} of {name} is '{attributes[key]}'; it must be a number.") from None
    if not low <= value <= high:
        raise InputError(f"The attribute {key} of {name} is {value:g}; it must lie between {low:g} and {high:g}.")
    return value


@dataclass(frozen=True)
class StackGeometry:
    """Where the radar looked from, for a stack: one look, or a geometry file of MintPy with a look for each pixel.

    Attributes
    ----------
    look : Look or None
    file : str or None
        ``geometryGeo.h5`` on the stack's grid; goes before `look`.
    """

    look: Look | None = None
    file: str | None = None

    def directions(self, grid: Grid, side: str) -> Any:
        """``(x0, y0, width, height) -> Vectors``; `side` is where the radar of the stack looks."""
        if self.file is None:
            assert self.look is not None  # as __post_init__ found
            fixed = look_vectors(self.look, grid)
            return lambda *window: fixed
        source = ArrayFile(self.file)
        if source.shape("incidenceAngle") != (grid.height, grid.width):
            raise InputError(f"{source.name} is not on the grid of the stack; choose its own geometry file.")
        turn = convergence(grid)

        def of(x0: int, y0: int, width: int, height: int) -> Vectors:
            part = ((y0, x0), (height, width))
            incidence, azimuth = (source.read(key, *part).astype(float) for key in ("incidenceAngle", "azimuthAngle"))
            # azimuthAngle: from the ground to the satellite, anticlockwise from north
            return vectors((90.0 if side == "right" else -90.0) - azimuth - turn, incidence, side)

        return of


def stack_pairs(path: str, geometry: StackGeometry | None = None) -> tuple[GroundPair, ...]:
    """Pairs of an ``ifgramStack.h5`` with range and azimuth offsets; those that MintPy dropped are left out.

    Parameters
    ----------
    path : str
    geometry : StackGeometry, optional
        None takes heading and incidence from the stack's attributes. Not needed for stacks in the directions of the
        map (PROCESSOR cosicorr).

    Raises
    ------
    InputError
        No such stack, or it lacks what tells pixels and directions.
    OptionsError
        The look of the radar is needed and was not given.
    """
    stack = ArrayFile(path)
    missing = [name for name in _OFFSETS if name not in stack]
    if missing:
        raise InputError(
            f"{stack.name} has no {' and no '.join(missing)}; east and north need range and azimuth offsets: choose an "
            "ifgramStack.h5 that holds both."
        )
    grid = require_map(grid_of(stack.attributes, stack.name), stack.name)
    days = stack.texts("date")
    kept = stack.read("dropIfgram").astype(bool) if "dropIfgram" in stack else np.ones(len(days), bool)
    shapes = [days.shape, kept.shape, *(stack.shape(name) for name in _OFFSETS)]
    count = len(days) if days.ndim else 0
    if shapes != [(count, 2), (count,)] + [(count, grid.height, grid.width)] * 2:
        found = ", ".join(map(str, shapes))
        raise InputError(
            f"{stack.name} is not whole: dates, dropIfgram and offsets have the shapes {found} on a grid of "
            f"{grid.width} x {grid.height} pixels; make it again."
        )
    if not kept.any():
        raise InputError(f"Every pair of {stack.name} is marked as dropped; undo it with MintPy's modify_network.py.")
    measured, directions, note = _reading(stack, geometry, grid)
    pairs = []
    for number in np.flatnonzero(kept):
        first, second = (date_of(text, stack.name) for text in days[number])
        planes = measured(int(number))
        if directions is not None:
            planes = radar_planes(planes, directions)
        name = f"{days[number][0]}_{days[number][1]} of {stack.name}"
        pairs.append(in_order(GroundPair(name, first, second, grid, planes, note)))
    return tuple(pairs)


def _reading(stack: ArrayFile, geometry: StackGeometry | None, grid: Grid) -> tuple[Any, Any, tuple[str, ...]]:
    """How a pair is read, the radar's directions (None: those of the map), and what was taken for granted."""
    attributes = stack.attributes
    metres = str(attributes.get("PROCESSOR", "")).lower() == MAP_PROCESSOR
    if metres and attributes.get(FRAME, "map") == "map":
        return _map_planes(stack, grid), None, _assumed(stack)
    geometry = geometry or _own_geometry(stack)
    # a range offset in pixels grows away from the radar, displacement in line of sight toward it
    spacing = (1.0, 1.0)
    if not metres:
        spacing = (-_spacing(stack, "RANGE"), _spacing(stack, "AZIMUTH"))
    return _radar_planes(stack, *spacing), geometry.directions(grid, _side(stack)), (*_assumed(stack), HORIZONTAL)


def _spacing(stack: ArrayFile, axis: str) -> float:
    """Metres for one pixel of the single-look image."""
    size = _number(stack.attributes, f"{axis}_PIXEL_SIZE", stack.name, -_LARGEST_SPACING, _LARGEST_SPACING)
    return size / _number(stack.attributes, f"{axis[0]}LOOKS", stack.name, 1, _MOST_PX)


def _side(stack: ArrayFile) -> str:
    """Where the radar looks; nearly all look right."""
    return "left" if str(stack.attributes.get("ANTENNA_SIDE", "-1")).startswith("1") else "right"


def _own_geometry(stack: ArrayFile) -> StackGeometry:
    attributes = stack.attributes
    if "HEADING" not in attributes or "CENTER_INCIDENCE_ANGLE" not in attributes:
        raise OptionsError(
            f"{stack.name} holds offsets along the radar's own directions; east and north need the heading and the "
            "incidence angle, or MintPy's geometryGeo.h5: give them."
        )
    heading, incidence = (_number(attributes, key, stack.name) for key in ("HEADING", "CENTER_INCIDENCE_ANGLE"))
    try:
        return StackGeometry(Look(heading, incidence, _side(stack)))
    except OptionsError as error:
        raise InputError(f"{stack.name} says where its radar looked, but {error}") from error


def _assumed(stack: ArrayFile) -> tuple[str, ...]:
    if all(f"{name}Std" in stack for name in _OFFSETS):
        return ()
    return (f"{stack.name} gives no errors (rangeOffsetStd, azimuthOffsetStd); {ASSUMED_SIGMA_PX} px were taken.",)


def _layer(stack: ArrayFile, name: str, number: int, window: tuple[int, ...]) -> np.ndarray:
    x0, y0, width, height = window
    return stack.read(name, (number, y0, x0), (1, height, width))[0].astype(np.float32)


def _offsets(stack: ArrayFile, number: int, window: tuple[int, ...]) -> list[np.ndarray]:
    """Range and azimuth offset of a pair, NaN where MintPy has no data: both exactly 0."""
    planes = [_layer(stack, name, number, window) for name in _OFFSETS]
    empty = (planes[0] == 0) & (planes[1] == 0)
    return [np.where(empty, np.float32(np.nan), plane) for plane in planes]


def _sigmas(stack: ArrayFile, number: int, window: tuple[int, ...], assumed: float) -> list[np.ndarray]:
    shape = window[:1:-1]
    return [
        _layer(stack, f"{name}Std", number, window) if f"{name}Std" in stack else np.full(shape, assumed, np.float32)
        for name in _OFFSETS
    ]


def _radar_planes(stack: ArrayFile, across_m: float, along_m: float) -> Any:
    """Line of sight and azimuth displacement; the factors turn offsets into metres, with their signs."""

    def of(number: int) -> Any:
        def planes(*window: int) -> tuple[np.ndarray, ...]:
            across, along = _offsets(stack, number, window)
            across_sigma, along_sigma = _sigmas(stack, number, window, ASSUMED_SIGMA_PX)
            return across_m * across, along_m * along, abs(across_m) * across_sigma, abs(along_m) * along_sigma

        return planes

    return of


def _map_planes(stack: ArrayFile, grid: Grid) -> Any:
    assumed = ASSUMED_SIGMA_PX * abs(grid.geotransform[1])

    def of(number: int) -> Any:
        def planes(*window: int) -> tuple[np.ndarray, ...]:
            sigmas = _sigmas(stack, number, window, assumed)
            return (*_offsets(stack, number, window), np.sqrt((sigmas[0] ** 2 + sigmas[1] ** 2) / 2))

        return planes

    return of


def date_of(text: str, name: str) -> datetime:
    """A date as MintPy writes it.

    Raises
    ------
    InputError
        The text is none.
    """
    found = dates.find(f"{text}00" if _MINUTES.fullmatch(text) else text)
    if found is None:
        raise InputError(f"'{text}' among the dates of {name} is no date; it must read such as 20230904.")
    return found
