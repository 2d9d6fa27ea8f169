"""A time series whose truth is known, and stations that recorded it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
from osgeo import osr

from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.timeseries.product import SeriesBlock, write_series

UTC = timezone.utc
#: West of the middle of its zone, so that true north is not the map's.
NORTH_UP = (300000.0, 10.0, 0.0, 4200000.0, 0.0, -10.0)
START = datetime(2017, 1, 10, tzinfo=UTC)
DATES = tuple(START + timedelta(days=24 * k) for k in range(12))
#: Metres a day of the moving half of the map, east and north on its grid.
RATE = (0.003, -0.004)
SIGMA = 0.01


def wkt(epsg: int) -> str:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    return crs.ExportToWkt()


def grid(width: int = 40, height: int = 30, epsg: int = 32613, geotransform=NORTH_UP) -> Grid:
    return Grid(width, height, geotransform, wkt(epsg), True)


def series(folder, on: Grid | None = None, noise: float = 0.0, dates=DATES, rate=RATE, hole=None, seed: int = 1) -> str:
    """Write a series: the right half moves, the left half stands still; `hole` is a slice of pixels without data."""
    on = on or grid()
    days = np.array([(moment - dates[0]).total_seconds() / 86400 for moment in dates])
    rng = np.random.default_rng(seed)
    shape = (len(dates), on.height, on.width)
    planes = []
    for speed in rate:
        plane = np.zeros(shape)
        plane[:, :, on.width // 2 :] = (speed * days)[:, None, None]
        plane[1:] += noise * rng.standard_normal((len(dates) - 1, 1, 1))
        planes.append(plane.astype(np.float32))
    sigma = np.full(shape, SIGMA, np.float32)
    sigma[0] = 0
    if hole is not None:
        for plane in (*planes, sigma):
            plane[(slice(None), *hole)] = np.nan
    return write_series(str(folder), dates, on, "m", [SeriesBlock(0, 0, *planes, sigma)], netcdf=False)


def extensometer_csv(path, along: float, days: int = 280, unit: float = 1000.0, every: int = 1, begin=START) -> str:
    """A table in millimetres of a station that moves `along` metres a day, daily at noon."""
    lines = ["time,displacement (mm)"]
    for k in range(-20, days, every):
        lines.append(f"{begin + timedelta(days=k):%Y-%m-%d},{unit * along * k:.6f}")
    path.write_text("\n".join(lines) + "\n")
    return str(path)
