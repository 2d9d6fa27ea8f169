"""GeoTIFFs of autoRIFT as pairs: velocity.tif in metres a year, offset.tif in pixels (NetCDF files: `itslive`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import dates, displacement, values
from ..errors import InputError, OptionsError
from ..rasters import Grid, Raster
from .radar import Look, look_vectors
from .sources import ASSUMED_SIGMA_PX, HORIZONTAL, GroundPair, Planes, in_order, pair_dates, radar_planes, require_map

CONTENTS = ("auto", "velocity", "offset")
#: autoRIFT's own nodata, and what ISCE leaves, whatever the file declares.
_NOTHING = -9999.0


@dataclass(frozen=True)
class AutoriftOptions:
    """What the GeoTIFFs do not say themselves.

    Attributes
    ----------
    content : str
        One of `CONTENTS`; ``auto`` goes by the number of bands: offset.tif has four, velocity.tif two or three.
    x_spacing, y_spacing : float or None
        Metres for one pixel of the images that were matched; the grid of the file is coarser. Along a map, or slant
        range and azimuth where `look` is given. Needed for offsets.
    look : Look or None
        Given when radar images were matched: the offsets are range and azimuth then.
    first, second : str or None
        Dates; None takes them from the names of file and folder.
    """

    content: str = "auto"
    x_spacing: float | None = None
    y_spacing: float | None = None
    look: Look | None = None
    first: str | None = None
    second: str | None = None

    def __post_init__(self) -> None:
        values.one_of("content", self.content, CONTENTS)
        for name, spacing in (("x spacing", self.x_spacing), ("y spacing", self.y_spacing)):
            if spacing is not None:
                values.number(name, spacing, 0.01, 1000)


def autorift_pair(path: str, options: AutoriftOptions | None = None) -> GroundPair:
    """The pair of an autoRIFT GeoTIFF.

    Raises
    ------
    InputError
        Not readable, fewer than two bands, or not on a map.
    OptionsError
        Dates or pixel spacings are needed and were not given.
    """
    options = options or AutoriftOptions()
    bands = [Raster(path, 1), Raster(path, 2)]
    name, grid = bands[0].name, require_map(bands[0].grid, bands[0].name)
    dated = pair_dates(path, options.first, options.second)
    content = options.content
    if content == "auto":
        content = "offset" if _has_band(path, 4) else "velocity"

    def pixels(*window: int) -> tuple[np.ndarray, ...]:
        return tuple(_band(band, window) for band in bands)

    if content == "velocity":
        planes, note = _from_velocity(pixels, dates.days_between(*dated)), _velocity_note(name)
    else:
        planes, note = _from_offset(pixels, options, grid, name)
    return in_order(GroundPair(name, *dated, grid, planes, note))


def _has_band(path: str, number: int) -> bool:
    try:
        Raster(path, number)
    except InputError:
        return False
    return True


def _band(band: Raster, window: tuple[int, ...]) -> np.ndarray:
    found, valid = band.read(*window)
    return np.where(valid & (found > _NOTHING), found, np.float32(np.nan)).astype(np.float32)


def _velocity_note(name: str) -> tuple[str, ...]:
    return (f"{name} was read as velocity east and north in m/yr; an error of {_VELOCITY_ERROR_M:g} m was taken.",)


#: Of Sentinel-1 pairs over still ground, metres a pair and component (Lei et al. 2021).
_VELOCITY_ERROR_M = 0.4


def _from_velocity(pixels: Planes, days: float) -> Planes:
    years = np.float32(days / displacement.DAYS_A_YEAR)

    def planes(*window: int) -> tuple[np.ndarray, ...]:
        east, north = (plane * years for plane in pixels(*window))
        return east, north, np.full(east.shape, _VELOCITY_ERROR_M, np.float32)

    return planes


def _from_offset(pixels: Planes, options: AutoriftOptions, grid: Grid, name: str) -> tuple[Planes, tuple[str, ...]]:
    x, y = options.x_spacing, options.y_spacing
    if x is None or y is None:
        raise OptionsError(
            f"{name} holds offsets in pixels of the images that were matched, whose size it does not say; give the "
            "pixel spacing in x and in y (range and azimuth for radar images)."
        )
    assumed = f"an error of {ASSUMED_SIGMA_PX} px was taken"
    if options.look is None:
        sigma = ASSUMED_SIGMA_PX * np.sqrt((x**2 + y**2) / 2)

        def on_map(*window: int) -> tuple[np.ndarray, ...]:
            across, up = pixels(*window)  # autoRIFT counts its second offset upward on maps
            return x * across, y * up, np.full(across.shape, sigma, np.float32)

        return on_map, (f"{name} was read as offsets east and north in pixels of {x:g} x {y:g} m; {assumed}.",)

    def measured(*window: int) -> tuple[np.ndarray, ...]:
        across, along = pixels(*window)
        sigmas = (np.full(across.shape, ASSUMED_SIGMA_PX * spacing, np.float32) for spacing in (x, y))
        return -x * across, y * along, *sigmas

    directions = look_vectors(options.look, grid)
    note = f"{name} was read as range and azimuth offsets in pixels of {x:g} x {y:g} m; {assumed}."
    return radar_planes(measured, lambda *window: directions), (note, HORIZONTAL)
