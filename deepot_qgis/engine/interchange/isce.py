"""Geocoded offset rasters of ISCE (ampcor, PyCuAmpcor) as pairs: two bands in pixels, -10000 where there is none."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from .. import values
from ..errors import InputError, OptionsError
from ..rasters import Raster
from .radar import Look, look_vectors
from .sources import ASSUMED_SIGMA_PX, HORIZONTAL, GroundPair, in_order, pair_dates, radar_planes, require_map

ORDERS = ("auto", "azimuth,range", "range,azimuth")
#: Written where nothing was matched, whatever the file declares; half of it, for resampled edges.
_NOTHING = -5000.0


@dataclass(frozen=True)
class IsceOptions:
    """What the raster does not say itself.

    Attributes
    ----------
    look : Look
    range_spacing, azimuth_spacing : float
        Metres for one pixel of the single-look image, along the slant range and along the track.
    order : str
        One of `ORDERS`: which band is which. ``auto``: azimuth first, as ISCE writes them, but range first in
        ``*_denseoffset.off`` of alos2App.
    first, second : str or None
        Dates; None takes them from the names of file and folder.
    """

    look: Look
    range_spacing: float
    azimuth_spacing: float
    order: str = "auto"
    first: str | None = None
    second: str | None = None

    def __post_init__(self) -> None:
        values.number("range spacing", self.range_spacing, 0.01, 1000)
        values.number("azimuth spacing", self.azimuth_spacing, 0.01, 1000)
        values.one_of("order of the bands", self.order, ORDERS)


def isce_pair(path: str, options: IsceOptions) -> GroundPair:
    """The pair of an offset raster; errors come from ``<name>_cov<ending>`` where it lies beside.

    Raises
    ------
    InputError
        Not readable, not geocoded, or fewer than two bands.
    OptionsError
        The dates are not to be found.
    """
    bands = [Raster(path, 1), _second_band(path)]
    grid = require_map(bands[0].grid, bands[0].name)
    first, second = pair_dates(path, options.first, options.second)
    azimuth_first = _azimuth_first(bands[0].name, options.order)
    covariance = _covariance(path)
    notes = [
        f"{bands[0].name}: band 1 was taken as {'azimuth' if azimuth_first else 'range'} offset, band 2 as "
        f"{'range' if azimuth_first else 'azimuth'} offset, in pixels.",
        HORIZONTAL,
    ]
    if covariance is None:
        notes.append(f"No covariance lies beside {bands[0].name}; an error of {ASSUMED_SIGMA_PX} px was taken.")

    def measured(*window: int) -> tuple[np.ndarray, ...]:
        along, across = _ordered([_offset(band, window) for band in bands], azimuth_first)
        along_sigma, across_sigma = _ordered(_sigmas(covariance, window), azimuth_first)
        return (
            -options.range_spacing * across,  # a range offset grows away from the radar
            options.azimuth_spacing * along,
            options.range_spacing * across_sigma,
            options.azimuth_spacing * along_sigma,
        )

    directions = look_vectors(options.look, grid)
    planes = radar_planes(measured, lambda *window: directions)
    return in_order(GroundPair(bands[0].name, first, second, grid, planes, tuple(notes)))


def _second_band(path: str) -> Raster:
    try:
        return Raster(path, 2)
    except InputError as error:
        raise InputError(
            f"{os.path.basename(path)} has one band; offsets need two, along azimuth and range: choose the offset "
            "raster itself, not its signal-to-noise ratio."
        ) from error


def _azimuth_first(name: str, order: str) -> bool:
    if order == "auto":
        return "_denseoffset.off" not in name
    return order == "azimuth,range"


def _ordered(pair: list[np.ndarray], azimuth_first: bool) -> list[np.ndarray]:
    return pair if azimuth_first else pair[::-1]


def _offset(band: Raster, window: tuple[int, ...]) -> np.ndarray:
    found, valid = band.read(*window)
    return np.where(valid & (found > _NOTHING), found, np.float32(np.nan)).astype(np.float32)


def _covariance(path: str) -> list[Raster] | None:
    stem, ending = os.path.splitext(path)
    beside = f"{stem}_cov{ending}"
    if not os.path.exists(beside):
        return None
    try:
        return [Raster(beside, 1), Raster(beside, 2)]
    except InputError as error:
        raise OptionsError(f"{error} Or move it away: then {ASSUMED_SIGMA_PX} px are taken.") from error


def _sigmas(covariance: list[Raster] | None, window: tuple[int, ...]) -> list[np.ndarray]:
    """1-sigma errors of the two bands, pixels, in their order."""
    if covariance is None:
        return [np.full(window[:1:-1], ASSUMED_SIGMA_PX, np.float32)] * 2
    return [np.sqrt(np.maximum(_offset(band, window), 0)) for band in covariance]
