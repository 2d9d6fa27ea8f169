"""A small series on disk whose motion is known: a mound that moves south-east at a constant speed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from osgeo import osr

from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.timeseries.product import SeriesBlock, write_series
from tests.engine.scenes import NORTH_UP

WIDTH, HEIGHT, COUNT, STEP_DAYS = 128, 96, 8, 60
#: Metres a year at the top of the mound.
EAST_RATE, NORTH_RATE, SIGMA = 3.0, -4.0, 0.02
TOP = (500000.0 + 645.0, 4200000.0 - 485.0)
STILL = (500000.0 + 1205.0, 4200000.0 - 905.0)


def dates() -> tuple[datetime, ...]:
    first = datetime(2023, 1, 5, tzinfo=timezone.utc)
    return tuple(first + timedelta(days=STEP_DAYS * i) for i in range(COUNT))


def write(folder: Path, shift_m: float = 0.0) -> str:
    """Write the series and return the path of its record; everything moves `shift_m` east a year besides."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32613)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    mound = np.exp(-((columns - 64) ** 2 + (rows - 48) ** 2) / 300)
    years = (np.arange(COUNT) * STEP_DAYS / 365.25)[:, None, None]
    noise = np.random.default_rng(1).normal(0, SIGMA, (2, COUNT, HEIGHT, WIDTH)) * (years > 0)
    east = (EAST_RATE * mound + shift_m) * years + noise[0]
    north = NORTH_RATE * mound * years + noise[1]
    for plane in (east, north):
        plane[:, :10, :10] = np.nan
    sigma = np.where(years > 0, SIGMA, 0) * np.ones_like(east)
    planes = [plane.astype(np.float32) for plane in (east, north, sigma)]
    grid = Grid(WIDTH, HEIGHT, NORTH_UP, crs.ExportToWkt(), True)
    return write_series(str(folder), dates(), grid, "m", [SeriesBlock(0, 0, *planes)])
