"""MintPy's time series of two components as a series of this plugin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .. import values
from ..callbacks import Cancelled, Progress
from ..displacement import pixel_metres
from ..errors import OptionsError
from ..timeseries.assemble import make_folder
from ..timeseries.product import SeriesBlock, write_series
from .mintpy_components import Component, read_timeseries, require_one
from .radar import Look, look_vectors
from .rows import row_blocks
from .sources import ASSUMED_SIGMA_PX


@dataclass(frozen=True)
class SeriesImport:
    """Two time series that make one.

    Attributes
    ----------
    first, second : str
        ``timeseries.h5`` of east and north; or of line of sight (toward the satellite) and azimuth (along the flight)
        with `look`.
    folder : str
        Where the series goes; made when it is not there.
    look : Look or None
        Given: the two are line of sight and azimuth.
    sigma : float or None
        1-sigma error of a component, metres, which MintPy's time series do not say; None takes 0.1 pixel.
    """

    first: str
    second: str
    folder: str
    look: Look | None = None
    sigma: float | None = None

    def __post_init__(self) -> None:
        if self.sigma is not None:
            values.number("sigma", self.sigma, 1e-6, 1e6)
        if self.first == self.second:
            raise OptionsError("One file is given twice; a series needs two components, such as east and north.")


def import_series(options: SeriesImport, progress: Progress | None = None, cancelled: Cancelled | None = None) -> str:
    """Write the series; returns the path of its record.

    Raises
    ------
    DeepotError
        A file is no time series, or the two have other dates or grids.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    parts = read_timeseries(options.first), read_timeseries(options.second)
    require_one(*parts, options.look is not None)
    first = parts[0]
    metres = pixel_metres(first.grid)
    assert metres is not None  # `read_timeseries` refuses what is not on a map
    sigma = options.sigma if options.sigma is not None else ASSUMED_SIGMA_PX * metres
    record = {
        "inputs": {"components": [options.first, options.second]},
        "method": "import",
        "messages": [f"An error of {sigma:g} m was taken for each component and date."],
    }
    make_folder(options.folder)
    blocks = _blocks(parts, options.look, sigma, progress)
    return write_series(options.folder, first.dates, first.grid, "m", blocks, record)


def _blocks(parts: Sequence[Component], look: Look | None, sigma: float, progress: Progress) -> Iterator[SeriesBlock]:
    grid, count = parts[0].grid, len(parts[0].dates)
    directions = None if look is None else look_vectors(look, grid)
    for y0, height in row_blocks(grid.width, grid.height, 6 * count):
        progress(y0 / grid.height, "Importing the series")
        east, north = (part.read(0, y0, grid.width, height) for part in parts)
        if directions is not None:
            east, north = directions.ground(east, north)
        known = np.isfinite(east) & np.isfinite(north)
        errors = np.where(known, np.float32(sigma), np.float32(np.nan))
        errors[0][known[0]] = 0  # nothing has moved at the first date
        nothing = np.float32(np.nan)
        yield SeriesBlock(0, y0, np.where(known, east, nothing), np.where(known, north, nothing), errors)
