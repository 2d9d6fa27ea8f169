"""Pairs that an earlier run measured: whether their files are what would be measured now."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import Any

from .. import dates as dating
from .. import product, provenance
from ..callbacks import Cancelled
from ..errors import InputError, OptionsError
from ..measure import MeasureOptions
from ..model.estimator import find
from ..rasters import Raster

#: Options of a pair that do not change what is measured; the model is compared by what is in its file.
_INDIFFERENT = (
    "reference",
    "secondary",
    "output",
    "offsets",
    "velocity",
    "velocity_unit",
    "device",
    "tile_px",
    "resume",
    "tile_height_px",
    "model",
)


class Earlier:
    """Knows whether products fit; keeps the hashes of images, of which each belongs to several pairs."""

    def __init__(self) -> None:
        self._hashes: dict[tuple[str, int, int], str | None] = {}

    def fits(self, options: MeasureOptions, cancelled: Cancelled) -> bool:
        """Whether an earlier run with the same images, options, model and version left all files of a pair."""
        try:
            with open(options.provenance_path, encoding="utf-8") as file:
                record = json.load(file)
            return (
                comparable(record["options"]) == comparable(asdict(options))
                and record["versions"]["deepot"] == provenance.versions(None)["deepot"]
                and self._same_image(record["inputs"]["reference"], options.reference, cancelled)
                and self._same_image(record["inputs"]["secondary"], options.secondary, cancelled)
                and self._same_model(record, options, cancelled)
                and _same_velocity(record["options"], options)
                and _can_be_opened(options)
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, InputError, OptionsError):
            return False  # missing, damaged or of another version: measured again

    def _same_image(self, recorded: dict[str, Any], path: str, cancelled: Cancelled) -> bool:
        digest = self._hash(path, cancelled)
        return recorded["sha256"] == digest if digest else recorded["path"] == path

    def _same_model(self, record: dict[str, Any], options: MeasureOptions, cancelled: Cancelled) -> bool:
        if options.method != "model":
            return True
        return record["estimator"]["sha256"] == self._hash(find(options.model), cancelled)

    def _hash(self, path: str, cancelled: Cancelled) -> str | None:
        if not os.path.isfile(path):
            return None  # a subdataset, a remote raster
        status = os.stat(path)
        key = (path, status.st_size, status.st_mtime_ns)
        if key not in self._hashes:
            self._hashes[key] = provenance.sha256(path, cancelled)
        return self._hashes[key]


def _same_velocity(recorded: dict[str, Any], options: MeasureOptions) -> bool:
    """Whether the velocity asked for, if any, is the one that the earlier run wrote."""
    if options.velocity is None:
        return True
    written = recorded["velocity"]
    return (
        written is not None
        and os.path.abspath(written) == os.path.abspath(options.velocity)
        and recorded["velocity_unit"] == options.velocity_unit
    )


def _can_be_opened(options: MeasureOptions) -> bool:
    """Whether all files are there with their last band; raises `InputError` where GDAL cannot open one."""
    bands = [(options.output, len(product.bands("m"))), (options.offsets_path, len(product.OFFSET_BANDS))]
    if options.velocity:
        bands.append((options.velocity, len(product.VELOCITY_BANDS)))
    return all(os.path.exists(path) and Raster(path, count) is not None for path, count in bands)


def comparable(options: dict[str, Any]) -> dict[str, Any]:
    """The options that decide what is measured, as JSON gives them back."""
    unused = {"model": ("correlation",), "correlation": ()}[options["method"]]
    kept = {key: value for key, value in options.items() if key not in (*_INDIFFERENT, *unused)}
    for key in ("reference_date", "secondary_date"):
        kept[key] = kept[key] and dating.text(dating.parse(kept[key]))
    return json.loads(json.dumps(kept))
