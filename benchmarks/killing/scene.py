"""Small images to be measured while somebody is killed."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from osgeo import gdal, osr
from scipy import ndimage

from deepot_qgis.engine import synthetic

DAYS = ("20230904", "20230916", "20230928", "20231010")
_STEP = (0.9, -0.4)


def write(folder: str, height: int, width: int, days: Sequence[str] = DAYS, seed: int = 1) -> list[str]:
    """Write dated images of ground that moves a little from each to the next; returns their paths."""
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((height, width)), 1.0, mode="wrap")
    ground = (np.exp(noise / noise.std() * 0.5) * 100).astype(np.float32)
    paths = []
    for number, day in enumerate(days):
        motion = synthetic.constant(ground.shape, number * _STEP[0], number * _STEP[1])
        paths.append(os.path.join(folder, f"scene_{day}.tif"))
        _raster(paths[-1], synthetic.move(ground, motion).astype(np.float32))
    return paths


def _raster(path: str, values: np.ndarray) -> None:
    dataset = gdal.GetDriverByName("GTiff").Create(path, *values.shape[::-1], 1, gdal.GDT_Float32)
    dataset.SetGeoTransform((500000.0, 10.0, 0.0, 4200000.0, 0.0, -10.0))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32613)
    dataset.SetProjection(crs.ExportToWkt())
    dataset.GetRasterBand(1).WriteArray(values)
    dataset.FlushCache()
