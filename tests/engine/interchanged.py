"""A small time series whose motion is known, and pairs of it, for tests of what is handed on and taken in."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
from osgeo import osr

from deepot_qgis.engine.displacement import DAYS_A_YEAR
from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.timeseries.product import SeriesBlock, SeriesProduct, open_series, write_series

from .histories import KnownPair

WIDTH, HEIGHT = 23, 17
DAYS = (0, 12, 36, 48, 100)
#: Neighbours and next neighbours.
NETWORK = ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4))
GEOTRANSFORM = (500000.0, 10.0, 0.0, 4200000.0, 0.0, -10.0)
#: Metres a year at the middle; grows to the right and turns downward.
EAST, NORTH = 2.0, -3.0


def wkt(epsg: int) -> str:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    return crs.ExportToWkt()


def grid(epsg: int = 32613, geotransform=GEOTRANSFORM, width: int = WIDTH, height: int = HEIGHT) -> Grid:
    return Grid(width, height, tuple(geotransform), wkt(epsg), True)


def moments(days=DAYS) -> tuple[datetime, ...]:
    first = datetime(2020, 1, 1, tzinfo=timezone.utc)
    return tuple(first + timedelta(days=day) for day in days)


def velocity(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """East and north, m/yr, float32 ``(2, height, width)``."""
    across = 0.5 + np.arange(width, dtype=np.float32)[None, :] / width
    down = 0.5 + np.arange(height, dtype=np.float32)[:, None] / height
    return np.stack([EAST * across * np.ones_like(down), NORTH * down * np.ones_like(across)])


def displacement(days=DAYS) -> np.ndarray:
    """East and north, m, float32 ``(2, dates, height, width)``."""
    years = np.asarray(days, np.float32)[None, :, None, None] / np.float32(DAYS_A_YEAR)
    return velocity()[:, None] * years


def pairs(of: Grid | None = None, noise: float = 0.0) -> list[KnownPair]:
    """Pairs of neighbours and next neighbours, with noise of this many metres."""
    random = np.random.default_rng(3)
    days, moved = moments(), displacement()
    sigma = np.full((HEIGHT, WIDTH), 0.05)
    made = []
    for first, second in NETWORK:
        measured = moved[:, second] - moved[:, first] + noise * random.normal(size=moved[:, 0].shape)
        made.append(KnownPair(days[first], days[second], *measured, sigma, of or grid()))
    return made


def series(folder, grid_: Grid | None = None, days=DAYS, unit: str = "m", dates=None) -> SeriesProduct:
    """The series on disk; its pixel at the top left has no answer."""
    east, north = displacement(days)
    sigma = np.full_like(east, 0.05)
    sigma[0] = 0
    for plane in (east, north, sigma):
        plane[:, 0, 0] = np.nan
    block = SeriesBlock(0, 0, east, north, sigma)
    path = write_series(str(folder), dates or moments(days), grid_ or grid(), unit, [block], netcdf=False)
    return open_series(path)
