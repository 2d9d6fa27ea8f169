"""A raster laid on any other grid, part by part: heights of a DEM, angles of incidence."""

from __future__ import annotations

import numpy as np
from osgeo import gdal, osr

from ..displacement import pixel_metres
from ..errors import InputError
from ..rasters import Grid, Raster, caller, open_dataset

#: Pixels that are so many times larger are means of what lies in them.
_COARSER = 1.5
#: A raster is looked at as a whole in a copy with sides of at most so many pixels.
_OVERVIEW_PX = 2048


class Laid:
    """One band of a georeferenced raster, resampled to whatever grid is asked for; for one thread.

    Parameters
    ----------
    path : str
    band : int
        From 1.
    what : str
        What it holds, for sentences.

    Raises
    ------
    InputError
        It cannot be read, or has no georeference.
    """

    def __init__(self, path: str, band: int, what: str):
        raster = Raster(path, band)
        if not raster.grid.georeferenced:
            raise InputError(
                f"{raster.name} has no coordinate reference system, so the {what} cannot be laid on the map; assign "
                "one, or choose another raster."
            )
        if raster.dtype.startswith("C"):
            raise InputError(f"{raster.name} holds complex numbers and no {what}; choose another raster.")
        self.path, self.name, self.grid, self.unit = path, raster.name, raster.grid, raster.unit.strip()
        self.what, self._raster = what, raster
        self._call = caller(path)
        dataset, _ = open_dataset(path)
        self._source, words = self._call(gdal.Translate, "", dataset, format="VRT", bandList=[band])
        if self._source is None:
            raise self._unread(words)
        self.source_nodata: float | None = None

    def overview(self) -> np.ndarray:
        """Values of a thinned copy, those that are there, one after the other."""
        values, valid = self._raster.overview(_OVERVIEW_PX)
        return np.asarray(values[valid], np.float64)

    def coarser(self, grid: Grid) -> float:
        """How many times larger a pixel of the raster is than one of a grid."""
        return (pixel_metres(self.grid) or 1.0) / (pixel_metres(grid) or 1.0)

    def values(self, grid: Grid, smooth: bool = True) -> np.ndarray:
        """Values at the pixels of a grid, float32 ``(height, width)``, NaN where there are none.

        Means where the pixels of the grid are much larger; cubic B-splines where they are much smaller (or linear
        interpolation unless `smooth`), whose slope has no steps; linear interpolation in between.
        """
        target = gdal.GetDriverByName("MEM").Create("", grid.width, grid.height, 1, gdal.GDT_Float32)
        target.SetGeoTransform(grid.geotransform)
        target.SetProjection(grid.crs_wkt)
        band = target.GetRasterBand(1)
        band.SetNoDataValue(float("nan"))
        band.Fill(float("nan"))
        ratio = self.coarser(grid)
        how = gdal.GRA_Average if ratio < 1 / _COARSER else gdal.GRA_Bilinear
        if ratio > _COARSER and smooth:
            how = gdal.GRA_CubicSpline
        done, words = self._call(
            gdal.Warp,
            target,
            self._source,
            srcSRS=_flat(self.grid),  # heights stay as they are, whatever their datum
            dstSRS=_flat(grid),
            srcNodata=self.source_nodata,
            resampleAlg=how,
            errorThreshold=0.0,
        )
        if not done:
            raise self._unread(words)
        values: np.ndarray = band.ReadAsArray()
        return values

    def _unread(self, words: str) -> InputError:
        said = words.strip().splitlines()[-1] if words.strip() else "no reason given"
        return InputError(f"{self.name} cannot be laid on the map ({said}); choose another file for the {self.what}.")


def _flat(grid: Grid) -> str:
    """The CRS without its vertical part."""
    crs = grid.crs() or osr.SpatialReference()
    if crs.IsCompound():
        crs.DemoteTo2D()
    text: str = crs.ExportToWkt()
    return text
