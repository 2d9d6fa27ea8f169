"""The way back: the pair of a product measured with its images exchanged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .. import provenance
from ..callbacks import Cancelled, Progress
from ..errors import InputError
from ..files import whole_parts
from ..measure import MeasureOptions, measure
from ..rasters import Raster
from .source import said


def measure_backward(
    product: str, output: str, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> str:
    """Measure the pair of a product once more with the images exchanged, and keep the unfiltered offsets.

    Parameters
    ----------
    product : str
        A displacement product with its record; the images are where they were.
    output : str
        The offsets to write, a GeoTIFF.
    progress, cancelled
        As of `measure.measure`.

    Returns
    -------
    str
        `output`.

    Raises
    ------
    DeepotError
        The product does not say what it was measured from, or its images cannot be measured any more.
    """
    record = provenance.of_product(product, Raster(product).metadata())
    if not said(record, "options", "reference"):
        raise InputError(
            f"{os.path.basename(product)} does not say which images it was measured from, so they cannot be exchanged; "
            "measure them the other way round, and give those offsets."
        )
    options = exchanged(record)
    with whole_parts(output) as offsets:
        beside = os.path.join(os.path.dirname(offsets), "backward.tif")
        measure(replace(options, output=beside, offsets=offsets), progress, cancelled)
        for path in (beside, os.path.splitext(beside)[0] + ".json"):
            os.remove(path)
    return output


def exchanged(record: Mapping[str, Any]) -> MeasureOptions:
    """The options of a run with its two images exchanged.

    The dates stay where they are: time runs forward in every record, and offsets know none.
    """
    options = MeasureOptions.from_record(dict(record["options"]))
    first, second = (said(record, "inputs", side, "date") for side in ("reference", "secondary"))
    return replace(
        options,
        reference=options.secondary,
        secondary=options.reference,
        reference_band=options.secondary_band,
        secondary_band=options.reference_band,
        reference_date=first,
        secondary_date=second,
        velocity=None,
        resume=False,
    )
