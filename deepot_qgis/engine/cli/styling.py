"""Style files beside what a command wrote, so that QGIS shows it as the panel would."""

from __future__ import annotations

import os

from ..styles import save_beside, save_series_beside
from ..timeseries.run import SeriesResult


def style_pair(product: str, velocity: str | None = None, offsets: str | None = None) -> None:
    """Style the rasters of a pair, and print why that failed."""
    _tell(save_beside(product, velocity, offsets))


def style_pair_with_what_is_beside(product: str) -> None:
    """Style a product and the velocity and offsets that lie beside it under their usual names."""
    stem = os.path.splitext(product)[0]
    beside = (f"{stem}_velocity.tif", f"{stem}_offsets.tif")
    velocity, offsets = (path if os.path.isfile(path) else None for path in beside)
    style_pair(product, velocity, offsets)


def style_series(result: SeriesResult) -> None:
    """Style velocity and quality of a series, and print why that failed."""
    _tell(save_series_beside(result.paths["velocity"], result.paths.get("quality")))


def _tell(failure: str) -> None:
    if failure:
        print(failure)
