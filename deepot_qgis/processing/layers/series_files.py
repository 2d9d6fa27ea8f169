"""What the layers of a series need beside its files; made in a worker, from paths alone.

The length of the displacement at each date is no file of the series: a VRT has GDAL compute it from east and north when
it is drawn, which costs no room on the disk.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deepot_qgis.engine import dates as dating
from deepot_qgis.engine.styles.ranges import BandRange, band_ranges
from deepot_qgis.engine.styles.views import SEQUENTIAL, SERIES_QUALITY_VIEWS, SERIES_VELOCITY_VIEWS, View
from deepot_qgis.engine.timeseries.files import QUALITY_BANDS
from deepot_qgis.engine.timeseries.product import SeriesProduct, open_series
from deepot_qgis.processing.layers import vrt

MAGNITUDE = "magnitude.vrt"
_MOTION = "motion.vrt"
MAGNITUDE_VIEW = "series_magnitude"


@dataclass(frozen=True)
class SeriesFiles:
    """A series and how it is to be shown.

    Attributes
    ----------
    record
        Path of its ``series.json``.
    title
        Of the group of layers.
    dates
    unit
        ``m`` or ``px``.
    velocity, quality, magnitude
        Paths of rasters; ``quality`` may be empty.
    ranges
        By view key; `MAGNITUDE_VIEW` is the range of all dates.
    """

    record: str
    title: str
    dates: tuple[datetime, ...]
    unit: str
    velocity: str
    quality: str
    magnitude: str
    ranges: dict[str, BandRange]


def series_files(path: str) -> SeriesFiles:
    """Prepare a series for the map.

    Parameters
    ----------
    path
        Of its ``series.json`` or its folder.

    Raises
    ------
    DeepotError
        It cannot be opened, or its folder cannot be written.
    """
    product = open_series(path)
    magnitude = _write_magnitude(product)
    velocity, quality = product.paths["velocity"], product.paths.get("quality", "")
    pairs = (quality, QUALITY_BANDS.index("pairs") + 1) if quality else None
    ranges = dict(band_ranges(velocity, SERIES_VELOCITY_VIEWS, pairs))
    if quality:
        ranges.update(band_ranges(quality, SERIES_QUALITY_VIEWS))
    last = View(MAGNITUDE_VIEW, dating.text(product.dates[-1]), SEQUENTIAL, MAGNITUDE_VIEW)
    ranges.update(band_ranges(magnitude, (last,), pairs))
    return SeriesFiles(
        record=os.path.join(product.folder, "series.json"),
        title=series_title(product.dates),
        dates=product.dates,
        unit=product.unit,
        velocity=velocity,
        quality=quality,
        magnitude=magnitude,
        ranges=ranges,
    )


def series_title(dates: Sequence[datetime]) -> str:
    """Return ``2023-09-04 ... 2023-11-03 (6)``."""
    first, last = (moment.strftime("%Y-%m-%d") for moment in (dates[0], dates[-1]))
    return f"{first} … {last} ({len(dates)})"


def _write_magnitude(product: SeriesProduct) -> str:
    """Write the VRTs of the length of the displacement and return the path."""
    east, north = (os.path.basename(product.paths[name]) for name in ("east", "north"))
    numbers = range(1, len(product.dates) + 1)
    motion = "".join(
        vrt.derived(i, "CFloat32", "complex", "Float32", (vrt.simple(east, i), vrt.simple(north, i))) for i in numbers
    )
    length = "".join(
        vrt.derived(i, "Float32", "mod", "CFloat32", (vrt.simple(_MOTION, i),), dating.text(moment), product.unit)
        for i, moment in zip(numbers, product.dates)
    )
    target = os.path.join(product.folder, MAGNITUDE)
    for path, bands in ((os.path.join(product.folder, _MOTION), motion), (target, length)):
        vrt.write(path, product.grid, bands)
    return target
