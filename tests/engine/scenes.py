"""Small rasters for tests: real files whose ground moved a known way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from osgeo import gdal, osr
from scipy import ndimage

from deepot_qgis.engine import synthetic

NORTH_UP = (500000.0, 10.0, 0.0, 4200000.0, 0.0, -10.0)


def texture(height: int, width: int, seed: int = 1) -> np.ndarray:
    """Amplitude with speckle-like texture that is well sampled, float32, positive."""
    noise = np.random.default_rng(seed).standard_normal((height, width))
    smooth = ndimage.gaussian_filter(noise, 1.0, mode="wrap")
    return np.exp(smooth / smooth.std() * 0.5).astype(np.float32) * 100


def moved(amplitude: np.ndarray, dx: float, dy: float) -> np.ndarray:
    """The same ground after every point moved by (dx, dy) pixels."""
    return synthetic.move(amplitude, synthetic.constant(amplitude.shape, dx, dy)).astype(np.float32)


def write(
    path: Path,
    values: np.ndarray,
    geotransform: tuple[float, ...] | None = NORTH_UP,
    epsg: int | None = 32613,
    nodata: float | None = None,
    metadata: dict[str, str] | None = None,
    options: tuple[str, ...] = (),
) -> str:
    """Write a GeoTIFF of one band in the type of `values`."""
    kinds = {
        "uint8": gdal.GDT_Byte,
        "uint16": gdal.GDT_UInt16,
        "int16": gdal.GDT_Int16,
        "float32": gdal.GDT_Float32,
        "float64": gdal.GDT_Float64,
        "complex64": gdal.GDT_CFloat32,
    }
    height, width = values.shape
    dataset = gdal.GetDriverByName("GTiff").Create(
        str(path), width, height, 1, kinds[values.dtype.name], options=list(options)
    )
    if geotransform is not None:
        dataset.SetGeoTransform(geotransform)
    if epsg is not None:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetProjection(crs.ExportToWkt())
    if nodata is not None:
        dataset.GetRasterBand(1).SetNoDataValue(nodata)
    if metadata:
        dataset.SetMetadata(metadata)
    dataset.GetRasterBand(1).WriteArray(values)
    dataset.FlushCache()
    return str(path)


def read(path: str) -> dict[str, np.ndarray]:
    """Bands of a raster by description."""
    dataset = gdal.Open(str(path))
    bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
    return {band.GetDescription(): band.ReadAsArray() for band in bands}


def pair(folder: Path, dx: float, dy: float, size: tuple[int, int] = (200, 220), **keywords: object) -> tuple[str, str]:
    """Two dated amplitude GeoTIFFs; the ground moved by (dx, dy) pixels between them."""
    first = texture(*size)
    return (
        write(folder / "scene_20230904.tif", first, **keywords),
        write(folder / "scene_20230916.tif", moved(first, dx, dy), **keywords),
    )
