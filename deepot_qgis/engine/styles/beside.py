"""Style files beside the rasters of a run, so that QGIS shows them as the panel would, whoever made them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from ..errors import OutputError
from ..files import whole_file
from ..timeseries.files import QUALITY_BANDS
from .qml import qml
from .ranges import BandRange, band_ranges, result_ranges
from .views import (
    OFFSET_VIEWS,
    PRODUCT_VIEWS,
    SERIES_QUALITY_VIEWS,
    SERIES_VELOCITY_VIEWS,
    VELOCITY_VIEWS,
    View,
)


def path_beside(raster: str, key: str, default: bool) -> str:
    """Path of the style file of a view: QGIS takes the one of the raster's own name by itself."""
    stem = os.path.splitext(raster)[0]
    return f"{stem}.qml" if default else f"{stem}_{key}.qml"


def save_beside(product: str, velocity: str | None = None, offsets: str | None = None) -> str:
    """Save the styles of the rasters of a pair; returns why that failed, empty when it did not.

    The rasters are whole without them, so it is no error of the run.
    """
    ranges = result_ranges(product, velocity, offsets)
    return _save(((product, PRODUCT_VIEWS), (velocity, VELOCITY_VIEWS), (offsets, OFFSET_VIEWS)), ranges)


def save_series_beside(velocity: str, quality: str | None) -> str:
    """Save the styles of the rasters of a series; returns why that failed, empty when it did not."""
    pairs = (quality, QUALITY_BANDS.index("pairs") + 1) if quality else None
    ranges = dict(band_ranges(velocity, SERIES_VELOCITY_VIEWS, pairs))
    if quality:
        ranges.update(band_ranges(quality, SERIES_QUALITY_VIEWS))
    return _save(((velocity, SERIES_VELOCITY_VIEWS), (quality, SERIES_QUALITY_VIEWS)), ranges)


def _save(rasters: Iterable[tuple[str | None, tuple[View, ...]]], ranges: Mapping[str, BandRange]) -> str:
    try:
        for path, views in rasters:
            for view in views if path else ():
                if path and view.key in ranges:
                    target = path_beside(path, view.key, view is views[0])
                    with whole_file(target) as temporary, open(temporary, "w", encoding="utf-8") as file:
                        file.write(qml(view, ranges[view.key]))
    except OutputError as error:
        return f"No styles for QGIS were saved beside it: {error}"
    return ""
