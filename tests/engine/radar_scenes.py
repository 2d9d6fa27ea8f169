"""Images as a radar takes them, of flat ground that moved a known way on the map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

from deepot_qgis.engine.interchange.radar import convergence
from deepot_qgis.engine.rasters import Grid

from . import scenes


def crs(code: int) -> osr.SpatialReference:
    """A CRS with x before y."""
    found = osr.SpatialReference()
    found.ImportFromEPSG(code)
    found.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return found


@dataclass(frozen=True)
class Radar:
    """A radar over flat ground; the first pixel's centre lies at `corner` of UTM zone 13, far from its middle.

    Column c and row r lie ``c * range / sin(incidence)`` metres (``c * range`` in ground range) towards the look
    direction and ``r * azimuth`` metres along the flight.
    """

    heading: float
    side: str = "right"
    slant: bool = True
    incidence: float = 38.0
    range_m: float = 6.0
    azimuth_m: float = 12.0
    corner: tuple[float, float] = (690_000.0, 5_100_000.0)
    size: tuple[int, int] = (150, 160)

    @property
    def column_m(self) -> float:
        """Metres on the ground for a column."""
        return self.range_m / math.sin(math.radians(self.incidence)) if self.slant else self.range_m

    def axes(self) -> tuple[np.ndarray, np.ndarray]:
        """Unit vectors east and north on the map, of range away from the radar and of the flight."""
        here = Grid(2, 2, (*self.corner[:1], 1.0, 0.0, self.corner[1], 0.0, -1.0), crs(32613).ExportToWkt(), True)
        flight = math.radians(self.heading - convergence(here))
        look = flight + math.radians(90 if self.side == "right" else -90)
        return np.array([math.sin(look), math.cos(look)]), np.array([math.sin(flight), math.cos(flight)])

    def offset(self, east: float, north: float) -> tuple[float, float]:
        """Columns and rows that ground goes which goes so many metres."""
        away, along = self.axes()
        moved = np.array([east, north])
        return float(moved @ away / self.column_m), float(moved @ along / self.azimuth_m)

    def places(self) -> tuple[np.ndarray, np.ndarray]:
        """UTM coordinates of the pixels."""
        away, along = self.axes()
        rows, columns = np.mgrid[: self.size[0], : self.size[1]]
        moved = columns[..., None] * self.column_m * away + rows[..., None] * self.azimuth_m * along
        return self.corner[0] + moved[..., 0], self.corner[1] + moved[..., 1]

    def degrees(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of the pixels."""
        x, y = self.places()
        transform = osr.CoordinateTransformation(crs(32613), crs(4326))
        points = np.array(transform.TransformPoints(np.stack([x.ravel(), y.ravel()], 1).tolist()))
        return points[:, 0].reshape(x.shape), points[:, 1].reshape(x.shape)

    def lookup(self, folder: Path) -> dict[str, str]:
        """Rasters of longitude and latitude, as keywords of the options."""
        names = ("longitude", "latitude")
        return {
            name: scenes.write(folder / f"{name}.tif", values, None, None)
            for name, values in zip(names, self.degrees())
        }

    def images(self, folder: Path, east: float, north: float, gcps: bool = False) -> tuple[str, str]:
        """Two images between which the ground moved; with ground control points, or without any place."""
        first = scenes.texture(*self.size)
        second = scenes.moved(first, *self.offset(east, north))
        paths = []
        for name, image in (("slc_20230904.tif", first), ("slc_20230916.tif", second)):
            paths.append(scenes.write(folder / name, image, None, None))
            if gcps:
                self._pin(paths[-1])
        return paths[0], paths[1]

    def _pin(self, path: str) -> None:
        longitude, latitude = self.degrees()
        points = [
            gdal.GCP(float(longitude[row, column]), float(latitude[row, column]), 0.0, column + 0.5, row + 0.5)
            for row in np.linspace(0, self.size[0] - 1, 5).astype(int).tolist()
            for column in np.linspace(0, self.size[1] - 1, 6).astype(int).tolist()
        ]
        dataset = gdal.Open(path, gdal.GA_Update)
        dataset.SetGCPs(points, crs(4326).ExportToWkt())
        dataset.FlushCache()
