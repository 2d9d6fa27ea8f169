"""A displacement product or a time series as NetCDF of velocity in the form of ITS_LIVE."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from deepot_qgis.__about__ import VERSION

from ..callbacks import Cancelled, Progress
from ..dates import days_between
from ..displacement import DAYS_A_YEAR
from ..errors import CancelledError, InputError, OptionsError
from ..files import refuse_inputs, require_room, whole_file
from ..rasters import Grid
from ..timeseries.files import RECORD
from ..timeseries.product import open_series
from ..timeseries.stack import ProductPair
from .itslive import VelocityWriter
from .rows import require_metres, row_blocks, velocity_rows

#: East, north and error of some rows, metres a year.
Planes = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class NetcdfOptions:
    """What is written where.

    Attributes
    ----------
    product : str
        A displacement product (GeoTIFF), or the ``series.json`` or folder of a time series, whose mean velocity is
        taken.
    path : str
        Ends in ``.nc``.
    """

    product: str
    path: str

    def __post_init__(self) -> None:
        if not self.path.lower().endswith(".nc"):
            raise OptionsError(f"{os.path.basename(self.path)} must end in .nc, by which NetCDF files are known.")


def export_netcdf(options: NetcdfOptions, progress: Progress | None = None, cancelled: Cancelled | None = None) -> str:
    """Write the velocity; returns the path.

    Raises
    ------
    DeepotError
        No such product, in pixels, rotated, no room; nothing is left under a final name.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    is_series = os.path.isdir(options.product) or os.path.basename(options.product) == RECORD
    grid, first, second, rows = (_of_series if is_series else _of_pair)(options.product, cancelled)
    # With some to spare: the library that writes NetCDF ends the whole process when it meets a full disk.
    require_room(options.path, 16 * grid.width * grid.height + (1 << 20))
    refuse_inputs(options.path, (options.product,))
    with whole_file(options.path) as path:
        writer = VelocityWriter(path, grid, first, second, f"DeepOT {VERSION}", _facts(is_series))
        for share, planes in rows:
            progress(share, "Writing NetCDF")
            writer.write(*planes)
        writer.finish()
    progress(1.0, "Done")
    return options.path


def _facts(is_series: bool) -> dict[str, str]:
    held = "mean velocity of a time series" if is_series else "displacement of one image pair over its days"
    return {"source": f"SAR amplitude offset tracking, DeepOT {VERSION}", "comment": f"{held}; year of 365.25 days"}


def _of_series(path: str, cancelled: Cancelled) -> tuple[Grid, datetime, datetime, Iterator[tuple[float, Planes]]]:
    series = open_series(path)
    require_metres(series)
    rows = ((part.share, (*part.velocity, part.velocity_sigma)) for part in velocity_rows(series, cancelled))
    return series.grid, series.dates[0], series.dates[-1], rows


def _of_pair(path: str, cancelled: Cancelled) -> tuple[Grid, datetime, datetime, Iterator[tuple[float, Planes]]]:
    pair = ProductPair(path)
    if pair.unit != "m":
        raise InputError(
            f"{pair.name} is in pixels, because its images are not georeferenced; georeference them and measure again."
        )
    return pair.grid, pair.first, pair.second, _pair_rows(pair, cancelled)


def _pair_rows(pair: ProductPair, cancelled: Cancelled) -> Iterator[tuple[float, Planes]]:
    factor = np.float32(DAYS_A_YEAR / days_between(pair.first, pair.second))
    for y0, height in row_blocks(pair.grid.width, pair.grid.height, 4):
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        east, north, sigma = (plane * factor for plane in pair.read(0, y0, pair.grid.width, height))
        yield y0 / pair.grid.height, (east, north, np.where(np.isfinite(east), sigma, np.float32(np.nan)))
