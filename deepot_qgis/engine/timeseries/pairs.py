"""All pairs of a network measured: each kept on disk, each taken again when it still fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Callable

from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, InputError, LostError
from ..files import keeping
from ..jobs.job import Job, Runner
from ..jobs.overview import Overview
from ..measure import MeasureOptions
from ..rasters import Raster
from .acquisitions import Acquisition
from .stack import ProductPair

_ROWS = 512


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
    runner: Runner,
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
    runner : Runner
        Who measures; the order in which it does makes no difference.
    progress, cancelled : callable
        As of `measure.measure`.

    Raises
    ------
    DeepotError
        Other than `InputError` as said above; `InputError` when not one pair could be measured.
    """
    found, sources = Measured(), {}
    overview = Overview(len(pairs), progress)
    indices = {pair_name(images[first], images[second]): (first, second) for first, second in pairs}

    def jobs() -> Iterator[Job]:
        for name, (first, second) in indices.items():
            job = Job(name, options_of(images[first], images[second]))
            broken = [image for image in (images[first], images[second]) if image.path in found.damaged]
            if broken:
                found.failed[first, second] = f"{broken[0].name} is damaged."
                overview.finished(job)
            else:
                yield job

    try:
        for job, outcome in runner.run(jobs(), overview.watch, cancelled):
            first, second = indices[job.name]
            overview.finished(job)
            if outcome.state != "failed":
                sources[first, second] = ProductPair(job.options.output)
                found.taken += outcome.state == "taken"
                continue
            if not isinstance(outcome.failure(), (InputError, LostError)):
                with keeping(lambda: f"{len(sources)} of {len(pairs)} pairs are measured and kept." if sources else ""):
                    raise outcome.failure()
            found.failed[first, second] = outcome.reason
            found.damaged.update(_damaged((images[first], images[second]), cancelled))
    except CancelledError as error:
        raise CancelledError(f"Cancelled; the {len(sources)} pairs measured so far are kept.") from error
    if not sources:
        raise InputError(f"None of the {len(pairs)} pairs could be measured. {next(iter(found.failed.values()))}")
    # In order, whoever was finished first.
    found.sources += [sources[pair] for pair in pairs if pair in sources]
    found.failed = {pair: found.failed[pair] for pair in pairs if pair in found.failed}
    return found


def _damaged(images: Sequence[Acquisition], cancelled: Cancelled) -> dict[str, str]:
    """Which of some images cannot be read to the end, and why: so that their other pairs are not tried."""
    found: dict[str, str] = {}
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
