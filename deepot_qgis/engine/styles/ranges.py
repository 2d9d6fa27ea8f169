"""Display ranges from robust percentiles, so that a few outliers do not wash the map out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from osgeo import gdal

from ..rasters import quietly
from ..report.scales import CLEAR_SIGMAS, NOISE_SIGMAS, PERCENTILE, percentile, tidy_ceiling
from .views import (
    CLASSES,
    CYCLIC,
    DIVERGING,
    ERROR,
    OFFSET_VIEWS,
    PRODUCT_VIEWS,
    SHARE,
    SIGNIFICANCE_VIEWS,
    VEIL,
    VELOCITY_VIEWS,
    View,
)

# enough pixels for a percentile, few enough to be read at once from an overview
_SAMPLE_PX = 1_000_000
# share of the pairs that a pixel of a series needs to count for a range
_OFTEN = 0.5


@dataclass(frozen=True)
class BandRange:
    """Where a view's band is in the file and which values its ramp spans."""

    band: int
    low: float
    high: float


def band_ranges(path: str, views: tuple[View, ...], pairs: tuple[str, int] | None = None) -> dict[str, BandRange]:
    """Return the range of every view of one raster, by view key.

    Reads a decimated copy (overviews when there are any), so a large product costs no more than a small one.

    Parameters
    ----------
    pairs
        Path and band of a raster of the same size that says how many pairs measured a pixel. Where few did, the history
        may be anything: such pixels do not count.
    """
    dataset, _ = quietly(gdal.OpenEx, path, gdal.OF_RASTER)
    if dataset is None:
        return {}
    numbers = {dataset.GetRasterBand(i).GetDescription(): i for i in range(1, dataset.RasterCount + 1)}
    peaks: dict[str, float] = {}
    noise = _noise_floor(dataset, numbers)
    trusted = None if pairs is None else _often_measured(*pairs)
    for view in views:
        if view.band in numbers and view.kind not in (CYCLIC, SHARE, CLASSES, VEIL):
            peak = _percentile(dataset.GetRasterBand(numbers[view.band]), PERCENTILE, trusted)
            if view.kind != ERROR:
                peak = max(peak, noise)
            peaks[view.scale_group] = max(peak, peaks.get(view.scale_group, 0.0))
    return {v.key: _range(v, numbers[v.band], peaks) for v in views if v.band in numbers}


def result_ranges(
    product: str, velocity: str | None, offsets: str | None, significance: str | None = None
) -> dict[str, BandRange]:
    """Return the ranges of all rasters of a run, by view key; None is a raster that is not there."""
    ranges: dict[str, BandRange] = {}
    for path, views in (
        (product, PRODUCT_VIEWS),
        (velocity, VELOCITY_VIEWS),
        (offsets, OFFSET_VIEWS),
        (significance, SIGNIFICANCE_VIEWS),
    ):
        if path:
            ranges.update(band_ranges(path, views))
    return ranges


def _range(view: View, band: int, peaks: dict[str, float]) -> BandRange:
    if view.kind == CYCLIC:
        return BandRange(band, 0.0, 360.0)
    if view.kind in (SHARE, CLASSES):
        return BandRange(band, 0.0, 1.0)
    if view.kind == VEIL:
        return BandRange(band, 0.0, CLEAR_SIGMAS)
    high = tidy_ceiling(peaks.get(view.scale_group, 1.0))
    return BandRange(band, -high if view.kind == DIVERGING else 0.0, high)


def _noise_floor(dataset: gdal.Dataset, numbers: dict[str, int]) -> float:
    if "sigma" not in numbers:
        return 0.0
    return NOISE_SIGMAS * _percentile(dataset.GetRasterBand(numbers["sigma"]), 50.0)


def _percentile(band: gdal.Band, percent: float, trusted: np.ndarray | None = None) -> float:
    """Percentile of the absolute values of a decimated copy; 0 when nothing was measured."""
    values = _decimated(band)
    if trusted is not None and (np.isfinite(values) & trusted).any():
        values = values[trusted]
    return percentile(values, percent)


def _decimated(band: gdal.Band) -> np.ndarray:
    step = max(1.0, (band.XSize * band.YSize / _SAMPLE_PX) ** 0.5)
    width, height = max(1, int(band.XSize / step)), max(1, int(band.YSize / step))
    return band.ReadAsArray(buf_xsize=width, buf_ysize=height).astype(np.float32)


def _often_measured(path: str, number: int) -> np.ndarray:
    """Pixels of a decimated copy that most pairs measured."""
    dataset = gdal.OpenEx(path, gdal.OF_RASTER)  # kept: a band does not live longer than its dataset
    pairs = np.nan_to_num(_decimated(dataset.GetRasterBand(number)))
    return pairs >= _OFTEN * pairs.max()
