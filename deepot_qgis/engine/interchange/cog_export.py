"""A product as a Cloud Optimized GeoTIFF: overviews and statistics inside, in the order in which a server is asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from osgeo import gdal

from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, InputError, OptionsError, OutputError
from ..files import refuse_inputs, require_room, stopped, whole_file
from ..output import BLOCK
from ..rasters import Raster, quietly, require_dataset

#: Nearest neighbour: a mean of directions or of reason codes has no meaning.
_CREATION = (
    "COMPRESS=DEFLATE", "PREDICTOR=YES", "BLOCKSIZE=512", "OVERVIEWS=IGNORE_EXISTING", "OVERVIEW_RESAMPLING=NEAREST",
    "BIGTIFF=IF_SAFER",
)  # fmt: skip
_STATISTICS = 0.3  # share of the time


@dataclass(frozen=True)
class CogOptions:
    """What is written where.

    Attributes
    ----------
    product : str
        A raster of this plugin.
    path : str
        Ends in ``.tif``.
    """

    product: str
    path: str

    def __post_init__(self) -> None:
        if not self.path.lower().endswith((".tif", ".tiff")):
            raise OptionsError(f"{os.path.basename(self.path)} must end in .tif, by which GeoTIFFs are known.")


def export_cog(options: CogOptions, progress: Progress | None = None, cancelled: Cancelled | None = None) -> str:
    """Write the product with all bands, names, units and tags; returns the path.

    Raises
    ------
    DeepotError
        No such raster, no room, a GDAL without the driver; nothing is left under a final name.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    driver = gdal.GetDriverByName("COG")
    if driver is None:
        raise OutputError("This GDAL cannot write Cloud Optimized GeoTIFFs; GDAL 3.1 or newer does.")
    grid = Raster(options.product).grid  # says in a sentence what is wrong with it
    source = require_dataset(options.product)
    refuse_inputs(options.path, (options.product,))
    require_room(options.path, grid.width * grid.height * source.RasterCount)
    with whole_file(options.path) as path:
        described = _described(options.product, source, progress, cancelled)
        tell = _teller(progress, cancelled)
        written, words = quietly(driver.CreateCopy, path, described, options=list(_CREATION), callback=tell)
        if written is not None:
            _, more = quietly(written.FlushCache)
            written, words = None, words + more
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        if not os.path.isfile(path) or words.strip():
            raise stopped(words, path)
    progress(1.0, "Done")
    return options.path


def _described(path: str, source: gdal.Dataset, progress: Progress, cancelled: Cancelled) -> gdal.Dataset:
    """The raster with statistics of its bands, in memory.

    GDAL's own would leave a file beside the original.
    """
    described, words = quietly(gdal.GetDriverByName("VRT").CreateCopy, "", source)
    if described is None:
        raise InputError(f"{os.path.basename(path)} cannot be read ({words.strip()}).")
    count = described.RasterCount
    for number in range(1, count + 1):
        progress(_STATISTICS * (number - 1) / count, "Reading statistics")
        numbers = _statistics(Raster(path, number), cancelled)
        if numbers is not None:
            described.GetRasterBand(number).SetStatistics(*numbers)
    return described


def _statistics(band: Raster, cancelled: Cancelled) -> tuple[float, float, float, float] | None:
    """Least, largest, mean and standard deviation of a band; None where it holds no value."""
    low, high, count, mean, squares = np.inf, -np.inf, 0, 0.0, 0.0
    for top in range(0, band.grid.height, BLOCK):
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        values, valid = band.read(0, top, band.grid.width, min(BLOCK, band.grid.height - top))
        known = values[valid].astype(np.float64)
        if not known.size:
            continue
        low, high = min(low, known.min()), max(high, known.max())
        step, whole = known.mean() - mean, count + known.size  # two parts joined, Chan et al. (1979)
        squares += known.var() * known.size + step**2 * count * known.size / whole
        mean += step * known.size / whole
        count = whole
    return (float(low), float(high), float(mean), float((squares / count) ** 0.5)) if count else None


def _teller(progress: Progress, cancelled: Cancelled) -> Callable[[float, str, object], int]:
    def tell(share: float, _message: str, _data: object) -> int:
        progress(_STATISTICS + (1 - _STATISTICS) * share, "Writing the Cloud Optimized GeoTIFF")
        return 0 if cancelled() else 1

    return tell
