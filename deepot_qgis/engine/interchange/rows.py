"""A series read from the top down, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..callbacks import Cancelled
from ..errors import CancelledError, InputError
from ..rasters import Raster
from ..timeseries.product import SeriesProduct
from ..timeseries.trend import VELOCITY_BANDS

#: Numbers in memory at once: 64 MB of float32.
_MOST_NUMBERS = 16_000_000
#: Rows of a block of the files, which are read whole anyway.
_BLOCK = 512


@dataclass(frozen=True)
class VelocityRows:
    """Some rows of the velocity of a series.

    Attributes
    ----------
    y0 : int
    share : float
        Of the raster that lies above.
    velocity : numpy.ndarray
        float32 ``(2, rows, width)``: east and north a year.
    velocity_sigma : numpy.ndarray
        float32 ``(rows, width)``.
    """

    y0: int
    share: float
    velocity: np.ndarray
    velocity_sigma: np.ndarray


@dataclass(frozen=True)
class Rows(VelocityRows):
    """Some rows of a series.

    Attributes
    ----------
    east, north, sigma : numpy.ndarray
        float32 ``(dates, rows, width)``, since the first date.
    """

    east: np.ndarray
    north: np.ndarray
    sigma: np.ndarray


def series_rows(series: SeriesProduct, cancelled: Cancelled) -> Iterator[Rows]:
    """All rows of a series.

    Raises
    ------
    CancelledError
        `cancelled` returned True.
    InputError
        A file is damaged, or is no time series.
    """
    for part in _velocity_rows(series, 3 * len(series.dates) + 3, cancelled):
        height = part.velocity_sigma.shape[0]
        moved = series.read(0, part.y0, series.grid.width, height)
        yield Rows(part.y0, part.share, part.velocity, part.velocity_sigma, *moved)


def velocity_rows(series: SeriesProduct, cancelled: Cancelled) -> Iterator[VelocityRows]:
    """All rows of the velocity of a series."""
    return _velocity_rows(series, 3, cancelled)


def _velocity_rows(series: SeriesProduct, layers: int, cancelled: Cancelled) -> Iterator[VelocityRows]:
    bands = _velocity_bands(series)
    for y0, height in row_blocks(series.grid.width, series.grid.height, layers):
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        east, north, sigma = (_values(bands[name], y0, height) for name in ("east", "north", "sigma"))
        yield VelocityRows(y0, y0 / series.grid.height, np.stack([east, north]), sigma)


def row_blocks(width: int, height: int, layers: int) -> Iterator[tuple[int, int]]:
    """Row and number of rows of blocks that fit into memory with this many layers."""
    rows = max(1, _MOST_NUMBERS // (width * layers))
    if rows > _BLOCK:
        rows -= rows % _BLOCK
    for y0 in range(0, height, rows):
        yield y0, min(rows, height - y0)


def require_metres(series: SeriesProduct) -> None:
    """Refuse a series in pixels, which nobody else's format has room for."""
    if series.unit != "m":
        raise InputError(
            f"The time series {series.name} is in pixels, because its images are not georeferenced; georeference them "
            "and make the series again."
        )


def _velocity_bands(series: SeriesProduct) -> dict[str, Raster]:
    path = series.paths.get("velocity")
    if path is None:
        raise InputError(f"The time series {series.name} has no velocity.tif; make the series again.")
    return {name: Raster(path, number) for number, name in enumerate(VELOCITY_BANDS, start=1)}


def _values(band: Raster, y0: int, height: int) -> np.ndarray:
    found, valid = band.read(0, y0, band.grid.width, height)
    return np.where(valid, found, np.float32(np.nan)).astype(np.float32)
