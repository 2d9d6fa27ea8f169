"""The map that stations are compared with: a series, or one displacement product as a series of two dates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Callable

import numpy as np

from ..errors import InputError
from ..quality import REASON_NAMES, Reason
from ..rasters import Grid, Raster
from ..timeseries.points import PointSeries, weighted_mean
from ..timeseries.product import SeriesProduct, open_series
from ..timeseries.stack import ProductPair
from .placing import Place


@dataclass(frozen=True)
class Mapped:
    """A map of displacement over time.

    Attributes
    ----------
    name, path : str
    kind : str
        ``series`` or ``pair``.
    dates : tuple of datetime
        The first is the zero of the map.
    grid : Grid
    at : callable
        `PointSeries` at a `Place` for a size in pixels.
    why_empty : callable
        Why there is nothing at a `Place`, as half a sentence.
    """

    name: str
    path: str
    kind: str
    dates: tuple[datetime, ...]
    grid: Grid
    at: Callable[[Place, int], PointSeries]
    why_empty: Callable[[Place], str]


def open_map(path: str) -> Mapped:
    """Open a series (its record or folder) or one displacement product.

    Raises
    ------
    InputError
        It is neither, it is damaged, or its displacement is not in metres.
    """
    path = str(path)
    if os.path.isdir(path) or path.lower().endswith(".json"):
        found = _of_series(_record_of(path))
    else:
        found = _of_pair(path)
    if not found.grid.georeferenced:
        raise InputError(
            f"{found.name} is not georeferenced, so its displacement is in pixels and stations have no place on it; "
            "georeference the images and measure again."
        )
    return found


def _record_of(path: str) -> str:
    """The series that a record belongs to; the JSON beside a displacement product leads to that product."""
    product = os.path.splitext(path)[0] + ".tif"
    if os.path.basename(path).lower() != "series.json" and os.path.isfile(path) and os.path.isfile(product):
        raise InputError(f"{os.path.basename(path)} is the record of one product; choose {os.path.basename(product)}.")
    return path


def _of_series(path: str) -> Mapped:
    series: SeriesProduct = open_series(path)
    return Mapped(
        name=series.name,
        path=os.path.join(series.folder, "series.json"),
        kind="series",
        dates=series.dates,
        grid=series.grid,
        at=lambda place, size: series.at(place.x, place.y, size),
        why_empty=lambda place: "every date is masked",
    )


def _of_pair(path: str) -> Mapped:
    pair = ProductPair(path)
    dates = (pair.first, pair.second)

    def at(place: Place, size: int) -> PointSeries:
        values = np.stack(pair.read(*_window(pair.grid, place, size))).astype(float).reshape(3, 1, -1)
        mean, pixels = weighted_mean(values)
        east, north, sigma = (np.array([0.0 if pixels else np.nan, one[0]]) for one in mean)
        return PointSeries(dates, east, north, sigma, pixels, place.x, place.y)

    def why_empty(place: Place) -> str:
        return f"masked: {_reason(path, place)}"

    return Mapped(pair.name, path, "pair", dates, pair.grid, at, why_empty)


def _window(grid: Grid, place: Place, size: int) -> tuple[int, int, int, int]:
    """Square of pixels around a place, as much of it as is inside."""
    column, row = (int(np.floor(value)) for value in grid.to_pixel(place.x, place.y))
    x0, y0 = max(0, column - size // 2), max(0, row - size // 2)
    x1, y1 = min(grid.width, column + size // 2 + 1), min(grid.height, row + size // 2 + 1)
    return x0, y0, x1 - x0, y1 - y0


def _reason(path: str, place: Place) -> str:
    """Why a product has nothing at a place, from its band ``mask``."""
    raster = Raster(path)
    try:
        band = Raster(path, 7)
    except InputError:
        return "no data"
    if band.description != "mask":
        return "no data"
    values, valid = band.read(*_window(raster.grid, place, 1))
    code = int(values[0, 0]) if valid[0, 0] else 0
    return REASON_NAMES[Reason(code)] if code in list(Reason)[1:] else "no data"
