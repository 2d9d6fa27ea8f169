"""All pairs of a network measured one after the other: each kept on disk, each taken again when it still fits."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Callable

from .. import dates as dating
from .. import provenance
from ..errors import CancelledError, InputError
from ..measure import MeasureOptions, measure
from ..model.estimator import find
from ..rasters import Raster
from .acquisitions import Acquisition
from .stack import ProductPair

#: Options of a pair that do not change what is measured.
_INDIFFERENT = ("reference", "secondary", "output", "offsets", "velocity", "velocity_unit", "device", "tile_px")
_ROWS = 512

Progress = Callable[[float, str], None]
Cancelled = Callable[[], bool]


@dataclass
class Measured:
    """What became of the pairs.

    Attributes
    ----------
    sources : list of ProductPair
        Those that were measured, now or before.
    taken : int
        How many of them an earlier run had measured.
    failed : dict
        Why a pair could not be measured, by its indices.
    damaged : dict
        Why an image cannot be read, by its path.
    """

    sources: list[ProductPair] = field(default_factory=list)
    taken: int = 0
    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)


def pair_name(first: Acquisition, second: Acquisition) -> str:
    """Name of the files of a pair, YYYYMMDD_YYYYMMDD."""
    return f"{first.day}_{second.day}"


def measure_pairs(
    images: Sequence[Acquisition],
    pairs: Sequence[tuple[int, int]],
    options_of: Callable[[Acquisition, Acquisition], MeasureOptions],
    progress: Progress,
    cancelled: Cancelled,
) -> Measured:
    """Measure the pairs that an earlier run did not.

    A pair whose images cannot be read or compared costs only itself. What would stop every pair (no model, no room on
    the disk, an impossible option) is raised at once; what was measured before stays on disk.

    Parameters
    ----------
    images : sequence of Acquisition
    pairs : sequence of pairs of int
        Indices into `images`.
    options_of : callable
        Options of a pair of images.
    progress, cancelled : callable
        As of `measure.measure`.

    Raises
    ------
    DeepotError
        Other than `InputError` as said above; `InputError` when not one pair could be measured.
    """
    found, cache = Measured(), _Cache(cancelled)
    for number, (first, second) in enumerate(pairs):
        if cancelled():
            raise CancelledError(f"Cancelled; the {len(found.sources)} pairs measured so far are kept.")
        images_of_pair = images[first], images[second]
        broken = [image for image in images_of_pair if image.path in found.damaged]
        if broken:
            found.failed[first, second] = f"{broken[0].name} is damaged."
            continue
        options = options_of(*images_of_pair)
        what = f"Pair {number + 1} of {len(pairs)}, {pair_name(*images_of_pair)}"
        progress(number / len(pairs), what)
        taken = cache.take(options)
        if taken is not None:
            found.sources.append(taken)
            found.taken += 1
            continue

        def within(share: float, _: str, number: int = number, what: str = what) -> None:
            progress((number + share) / len(pairs), what)

        try:
            found.sources.append(ProductPair(measure(options, within, cancelled).product))
        except InputError as error:
            found.failed[first, second] = str(error)
            found.damaged.update(_damaged(images_of_pair, cancelled))
        except CancelledError as error:
            raise CancelledError(f"Cancelled; the {len(found.sources)} pairs measured so far are kept.") from error
    if not found.sources:
        raise InputError(f"None of the {len(pairs)} pairs could be measured. {next(iter(found.failed.values()))}")
    return found


def _damaged(images: Sequence[Acquisition], cancelled: Cancelled) -> dict[str, str]:
    """Which of some images cannot be read to the end, and why: so that their other pairs are not tried."""
    found = {}
    for image in images:
        try:
            raster = Raster(image.path, image.band)
            for row in range(0, raster.grid.height, _ROWS):
                if cancelled():
                    return found
                raster.read(0, row, raster.grid.width, _ROWS)
        except InputError as error:
            found[image.path] = str(error)
    return found


class _Cache:
    """Pairs of earlier runs, and whether they are what would be measured now."""

    def __init__(self, cancelled: Cancelled):
        self._cancelled = cancelled
        self._hashes: dict[str, str | None] = {}

    def take(self, options: MeasureOptions) -> ProductPair | None:
        """The product of an earlier run with the same images, options, model and version; None when there is none."""
        try:
            with open(options.provenance_path, encoding="utf-8") as file:
                record = json.load(file)
            return ProductPair(options.output) if self._fits(record, options) else None
        except (OSError, ValueError, KeyError, TypeError, InputError):
            return None  # missing, damaged or of another version: measured again

    def _fits(self, record: dict[str, Any], options: MeasureOptions) -> bool:
        inputs = record["inputs"]
        return (
            os.path.exists(options.offsets_path)
            and comparable(record["options"]) == comparable(asdict(options))
            and record["versions"]["deepot"] == provenance.versions(None)["deepot"]
            and self._same_image(inputs["reference"], options.reference)
            and self._same_image(inputs["secondary"], options.secondary)
            and (options.method != "model" or record["estimator"]["sha256"] == self._hash(find(options.model)))
        )

    def _same_image(self, recorded: dict[str, Any], path: str) -> bool:
        digest = self._hash(path)
        return recorded["sha256"] == digest if digest else recorded["path"] == path

    def _hash(self, path: str) -> str | None:
        if path not in self._hashes:
            self._hashes[path] = provenance.sha256(path, self._cancelled)
        return self._hashes[path]


def comparable(options: dict[str, Any]) -> dict[str, Any]:
    """The options that decide what is measured, as JSON gives them back."""
    unused = {"model": ("correlation",), "correlation": ("model",)}[options["method"]]
    kept = {key: value for key, value in options.items() if key not in (*_INDIFFERENT, *unused)}
    for key in ("reference_date", "secondary_date"):
        kept[key] = kept[key] and dating.text(dating.parse(kept[key]))
    return json.loads(json.dumps(kept))
