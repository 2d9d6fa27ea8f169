"""NISAR's geocoded pixel offsets (GOFF, and those inside GUNW) as pairs.

After the product specification (JPL D-105010): offsets in metres, slant range positive away from the radar, along
track positive along the flight; variances in square metres; unit vectors of both directions on a coarse grid of
heights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from osgeo import osr
from scipy import ndimage

from .. import dates, values
from ..errors import InputError
from ..rasters import Grid, quietly
from .arrays import ArrayFile
from .radar import Vectors, convergence
from .sources import HORIZONTAL, GroundPair, Planes, in_order, radar_planes

_ALONG, _ACROSS = "alongTrackOffset", "slantRangeOffset"
_VECTORS = ("losUnitVectorX", "losUnitVectorY", "alongTrackUnitVectorX", "alongTrackUnitVectorY")
#: Written where nothing was matched, whatever the file declares.
_NOTHING = -9999.0


@dataclass(frozen=True)
class NisarOptions:
    """What to take of a product.

    Attributes
    ----------
    layer : int
        Window size of the matching, 1 to 3: small to large.
    polarization : str or None
        None takes the first there is.
    height : float
        Height of the ground above the ellipsoid, metres, at which the radar's directions are taken; 1000 m change the
        incidence angle by 0.1 degree or less.
    """

    layer: int = 1
    polarization: str | None = None
    height: float = 0.0

    def __post_init__(self) -> None:
        values.whole("layer", self.layer, 1, 3)
        values.number("height", self.height, -1000, 10000)


def nisar_pair(path: str, options: NisarOptions | None = None) -> GroundPair:
    """The pair of a GOFF or GUNW product.

    Raises
    ------
    InputError
        The file is no such product, or lacks what tells its place, dates or directions.
    """
    file = ArrayFile(path)
    options = options or NisarOptions()
    root = _root(file)
    group = _offset_group(file, root, options)
    grid = _grid(file, group)
    first, second = (_date(file, root, f"{role}ZeroDopplerStartTime") for role in ("reference", "secondary"))
    directions = _Directions(file, f"{root[0]}/{root[1]}/metadata/radarGrid", grid, options.height)
    return in_order(
        GroundPair(file.name, first, second, grid, radar_planes(_planes(file, group), directions), (HORIZONTAL,))
    )


def _root(file: ArrayFile) -> tuple[str, str]:
    """Path of the band (``science/LSAR``) and the kind of product in it."""
    for band in ("LSAR", "SSAR"):
        found = file.groups(f"science/{band}")
        for kind in ("GOFF", "GUNW"):
            if kind in found:
                return f"science/{band}", kind
        if "ROFF" in found:
            raise InputError(f"{file.name} is a ROFF product, in radar coordinates; choose the GOFF of the same pair.")
    raise InputError(f"{file.name} is no NISAR product with geocoded offsets; choose a GOFF or GUNW file (.h5).")


def _offset_group(file: ArrayFile, root: tuple[str, str], options: NisarOptions) -> str:
    for frequency in ("frequencyA", "frequencyB"):
        group = f"{root[0]}/{root[1]}/grids/{frequency}/pixelOffsets"
        found = file.groups(group)
        if options.polarization and options.polarization not in found:
            continue
        for polarization in [options.polarization] if options.polarization else found:
            inside = f"{group}/{polarization}"
            if root[1] == "GOFF":
                inside += f"/layer{options.layer}"
            if f"{inside}/{_ALONG}" in file and f"{inside}/{_ACROSS}" in file:
                return inside
    wanted = f" for polarisation {options.polarization}" if options.polarization else ""
    raise InputError(
        f"{file.name} holds no {_ALONG} and {_ACROSS} in layer {options.layer}{wanted}; choose another layer."
    )


def _nearest(file: ArrayFile, group: str, name: str) -> str:
    """An array of the group or of one that holds the group: coordinates are written once for several layers."""
    while group.count("/") > 2:
        if f"{group}/{name}" in file:
            return f"{group}/{name}"
        group = group.rpartition("/")[0]
    raise InputError(f"{file.name} lacks '{name}' beside its offsets; the product is not whole: download it again.")


def _grid(file: ArrayFile, group: str) -> Grid:
    x, y = (file.read(_nearest(file, group, f"{axis}Coordinates")).astype(float) for axis in "xy")
    if x.size < 2 or y.size < 2:
        raise InputError(f"{file.name} is only {x.size} x {y.size} pixels; choose a larger product.")
    crs = osr.SpatialReference()
    code = int(np.ravel(file.read(_nearest(file, group, "projection")))[0])
    quietly(crs.ImportFromEPSG, code)
    if not crs.GetName():
        raise InputError(f"The projection of {file.name} (EPSG {code}) is not known; reproject the product.")
    dx, dy = (x[-1] - x[0]) / (x.size - 1), (y[-1] - y[0]) / (y.size - 1)
    return Grid(x.size, y.size, (x[0] - dx / 2, dx, 0.0, y[0] - dy / 2, 0.0, dy), crs.ExportToWkt(), True)


def _date(file: ArrayFile, root: tuple[str, str], name: str) -> datetime:
    text = str(np.ravel(file.texts(f"{root[0]}/identification/{name}"))[0])
    found = dates.find(text)
    if found is None:
        raise InputError(f"{name} of {file.name} is '{text}', which is no date; download the product again.")
    return found


def _planes(file: ArrayFile, group: str) -> Planes:
    def part(name: str, window: tuple[int, ...]) -> np.ndarray:
        x0, y0, width, height = window
        found = file.read(f"{group}/{name}", (y0, x0), (height, width)).astype(np.float32)
        fill = file.nodata(f"{group}/{name}")
        lost = (found <= _NOTHING) | (found == np.float32(np.nan if fill is None else fill))
        return np.where(lost, np.float32(np.nan), found)

    def planes(*window: int) -> tuple[np.ndarray, ...]:
        across, along = part(_ACROSS, window), part(_ALONG, window)
        sigmas = [np.sqrt(np.maximum(part(f"{name}Variance", window), 0)) for name in (_ACROSS, _ALONG)]
        return -across, along, *sigmas

    return planes


class _Directions:
    """Unit vectors of the radar, read off the coarse grid at one height."""

    def __init__(self, file: ArrayFile, group: str, grid: Grid, height: float):
        self._grid = grid
        levels = file.read(f"{group}/heightAboveEllipsoid").astype(float)
        self._x, self._y = (file.read(f"{group}/{axis}Coordinates").astype(float) for axis in "xy")
        level = np.interp(height, levels, np.arange(levels.size)) if levels.size > 1 else 0.0
        below = min(int(level), max(levels.size - 2, 0))
        above, share = min(below + 1, levels.size - 1), level - below
        cubes = [file.read(f"{group}/{name}").astype(float) for name in _VECTORS]
        self._planes = [(1 - share) * cube[below] + share * cube[above] for cube in cubes]
        self._turn = np.radians(convergence(grid))

    def __call__(self, x0: int, y0: int, width: int, height: int) -> Vectors:
        x, _ = self._grid.to_map(np.arange(x0, x0 + width) + 0.5, 0.0)
        _, y = self._grid.to_map(0.0, np.arange(y0, y0 + height) + 0.5)
        place = np.meshgrid(_position(y, self._y), _position(x, self._x), indexing="ij")
        los_east, los_north, east, north = (
            ndimage.map_coordinates(plane, place, order=1, mode="nearest") for plane in self._planes
        )
        return Vectors(*self._turned(los_east, los_north), *self._turned(east, north))

    def _turned(self, east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From true north to the grid's north."""
        cosine, sine = np.cos(self._turn), np.sin(self._turn)
        return east * cosine - north * sine, east * sine + north * cosine


def _position(wanted: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Fractional index of coordinates in a regular axis, rising or falling."""
    return (wanted - there[0]) / (there[-1] - there[0]) * (there.size - 1)
