"""Small time series for tests: dates, grids and pairs whose motion is known."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
from osgeo import osr

from deepot_qgis.engine.rasters import UNREFERENCED, Grid

FIRST = datetime(2020, 1, 1, tzinfo=timezone.utc)


def grid(width: int = 40, height: int = 30, epsg: int = 32613) -> Grid:
    """A north-up grid of 10 m pixels."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    return Grid(width, height, (500000.0, 10.0, 0.0, 4200000.0, 0.0, -10.0), crs.ExportToWkt(), True)


def dates(days) -> tuple[datetime, ...]:
    """Dates these days after the first one."""
    return tuple(FIRST + timedelta(days=float(day)) for day in days)


class KnownPair:
    """A `PairSource` held in memory."""

    def __init__(self, first: datetime, second: datetime, east, north, sigma, of: Grid | None = None, unit: str = "m"):
        self.name = f"{first:%Y%m%d}_{second:%Y%m%d}"
        self.first, self.second, self.unit = first, second, unit
        self.planes = tuple(np.asarray(plane, np.float32) for plane in (east, north, sigma))
        self.grid = of or grid(self.planes[0].shape[1], self.planes[0].shape[0])

    def read(self, x0, y0, width, height):
        return tuple(plane[y0 : y0 + height, x0 : x0 + width].copy() for plane in self.planes)


def degrees() -> Grid:
    """A grid of geographic coordinates."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(4326)
    return Grid(40, 30, (10.0, 1e-4, 0.0, 60.0, 0.0, -1e-4), crs.ExportToWkt(), True)


def pixels() -> Grid:
    """A grid without georeference."""
    return Grid(40, 30, UNREFERENCED, "", False)
