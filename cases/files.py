"""Rasters that a case writes for the engine to read, and what it reads back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
from osgeo import gdal

from cases.imagery import REPOSITORY
from deepot_qgis.engine import dates
from deepot_qgis.engine.rasters import Grid

BUILD = REPOSITORY / "build" / "cases"


def folder(name: str, quick: bool) -> Path:
    """Where a case keeps its images and products; made when it is not there."""
    path = BUILD / (f"{name}_quick" if quick else name)
    path.mkdir(parents=True, exist_ok=True)
    return path


def write_image(path: Path, amplitude: np.ndarray, grid: Grid, date: datetime, note: str) -> None:
    """An amplitude image with its place, its date and what it is."""
    height, width = amplitude.shape
    options = ["COMPRESS=DEFLATE", "PREDICTOR=3", "ZLEVEL=1", "TILED=YES"]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, 1, gdal.GDT_Float32, options)
    if grid.georeferenced:
        dataset.SetProjection(grid.crs_wkt)
        dataset.SetGeoTransform(grid.geotransform)
    dataset.SetMetadata({"ACQUISITION_DATE": dates.text(date), "NOTE": note})
    dataset.GetRasterBand(1).WriteArray(amplitude)
    dataset.FlushCache()


def write_stack(
    target: Path, images: Iterable[np.ndarray], grid: Grid, when: Iterable[datetime], note: str
) -> tuple[Path, ...]:
    """One file a date, named by it; returns the paths in order."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.tif"):
        old.unlink()
    paths = []
    for image, date in zip(images, when):
        paths.append(target / f"{date:%Y%m%d}.tif")
        write_image(paths[-1], image, grid, date, note)
    return tuple(paths)


def bands(path: Path) -> dict[str, np.ndarray]:
    """Bands of a raster by their descriptions."""
    dataset = gdal.Open(str(path))
    names = [dataset.GetRasterBand(number + 1).GetDescription() for number in range(dataset.RasterCount)]
    values = dataset.ReadAsArray().reshape(dataset.RasterCount, dataset.RasterYSize, dataset.RasterXSize)
    return dict(zip(names, values))


def last_band(path: Path) -> np.ndarray:
    """The last band of a raster: the last date of a series."""
    dataset = gdal.Open(str(path))
    return dataset.GetRasterBand(dataset.RasterCount).ReadAsArray()


def metres(grid: Grid, pixel_m: float) -> Grid:
    """The same pixels with a size, for pictures of rasters without a place on a map."""
    return Grid(grid.width, grid.height, (0.0, pixel_m, 0.0, 0.0, 0.0, -pixel_m), "", False)
