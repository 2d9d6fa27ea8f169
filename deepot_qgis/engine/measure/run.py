"""The run: check the pair, measure its rows, judge and write them, leave whole files or none."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Callable

import numpy as np

from .. import displacement, inference, memory, pipeline, provenance, resume, waiting
from ..callbacks import Cancelled, Progress
from ..correlation import CorrelationEstimator
from ..errors import CancelledError, OptionsError
from ..estimate import Estimator
from ..files import others, refuse_inputs, require_room, whole_files
from ..model import NetworkEstimator
from ..pair import Pair, open_pair
from ..quality import QualityOptions
from ..stages import Clock
from . import record as records
from .options import MeasureOptions
from .result import MeasureResult

#: Bytes a pixel needs on disk, before compression: 3 offset bands and 7 product bands (and 3 of velocity).
_BYTES_A_PIXEL = 4 * 10
_BYTES_OF_VELOCITY = 4 * 3
#: Share of the progress bar at which files are closed; until then, that of the measuring beside judging and writing.
_WRITING = 0.97
_MEASURING = 0.9

Load = Callable[[str, str], NetworkEstimator]


def measure(
    options: MeasureOptions,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    load: Load | None = None,
    clock: Clock | None = None,
) -> MeasureResult:
    """Measure the displacement between two images and write the products.

    Parameters
    ----------
    options : MeasureOptions
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked often; when it returns True the run ends.
    load : callable, optional
        Gives the network for a model and a device; one that keeps networks saves a process that measures many pairs
        from loading the same weights again. Default: `NetworkEstimator`.
    clock : Clock, optional
        Told where the time goes.

    Returns
    -------
    MeasureResult

    Raises
    ------
    DeepotError
        Each subclass says what is wrong and the way out; `CancelledError` when the user cancelled. In every case
        nothing is left under a final name.
    """
    progress = progress or (lambda share, what: None)
    cancelled = cancelled or (lambda: False)
    clock, started = clock or Clock(), time.monotonic()
    progress(0.0, "Checking the pair")
    with clock.stage("preparing"):
        pair = open_pair(options.pair)
        factor = _velocity_factor(options, pair)
        _require_outputs(options, pair)
        estimator = _estimator(options, pair, cancelled, load or NetworkEstimator)
        origin = records.origin(estimator, cancelled)
        record = records.begin(options, pair, {**origin, **records.facts(estimator)}, cancelled)
        layout = memory.layout(pair, estimator, (options.tile_px, options.tile_height_px), memory.free_share())
    with _work(options, pair, layout, record) as work, whole_files(options.targets) as path:
        if (layout.width, layout.height) != tuple(work.settings.values()):  # those of the run that was interrupted
            layout = memory.layout(pair, estimator, tuple(work.settings.values()), memory.free_share())
        if estimator.tile_px is None:  # so that it gives the same bytes where other memory is free
            record["options"].update(tile_px=layout.width, tile_height_px=layout.height)
        record["memory"] = {"estimated_gb": round(layout.taken / 1e9, 2), "tiles": layout.tiles}
        progress(0.0, layout.sentence())
        threads = pipeline.compressing(record["estimator"]["device"])
        with pipeline.Files.create(path, pair, options.velocity_unit, factor, threads) as files:
            statistics = _measure(pair, options.quality, estimator, layout, work, files, clock, progress, cancelled)
            # now: memory of a card that ran out may have moved the network to another device
            record["estimator"] = {**origin, **records.facts(estimator)}
            notes = (*records.notes(estimator), *work.notes(), *others(options.targets.values()))
            messages = (*pair.messages, *notes, *records.verdict(statistics))
            record["statistics"], record["messages"] = statistics, messages
            record["seconds"] = {row.stage: round(row.busy_s, 3) for row in clock.rows()}
            progress(_WRITING, "Writing the files")
            with clock.stage("finishing"):
                files.finish(records.tags(record), cancelled)
        provenance.write(path["provenance"], record)
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
    progress(1.0, "Done")
    return MeasureResult(
        product=options.output,
        offsets=options.offsets_path,
        provenance=options.provenance_path,
        velocity=options.velocity,
        messages=messages,
        reference_date=record["inputs"]["reference"]["date"],
        secondary_date=record["inputs"]["secondary"]["date"],
        days=pair.days,
        unit=displacement.unit(pair.grid),
        method=options.method,
        model=record["estimator"]["name"] if options.method == "model" else "",
        device=record["estimator"]["device"],
        seconds=time.monotonic() - started,
        statistics=statistics,
        device_name=record["estimator"].get("device_name", ""),
    )


def measure_rows(
    options: MeasureOptions,
    rows: tuple[int, int],
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    load: Load | None = None,
) -> None:
    """Measure some rows of a pair for a run that takes them and makes the files: `measure` with ``resume``.

    So several processes measure one large pair; the files are the same to the last bit as those of one alone with the
    same tiles.

    Parameters
    ----------
    options : MeasureOptions
    rows : tuple of int
        First row of the window and the row to end before, multiples of `output.strip_rows`.
    progress, cancelled, load
        As of `measure`.

    Raises
    ------
    DeepotError
        As of `measure`. Rows that are finished are kept.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    options = replace(options, resume=True)
    pair = open_pair(options.pair)
    _require_outputs(options, pair)
    estimator = _estimator(options, pair, cancelled, load or NetworkEstimator)
    facts = {**records.origin(estimator, cancelled), **records.facts(estimator)}
    record = records.begin(options, pair, facts, cancelled)
    layout = memory.layout(pair, estimator, (options.tile_px, options.tile_height_px), memory.free_share())
    with resume.Part(*_work_of(options, pair, layout, record)) as part:
        layout = memory.layout(pair, estimator, tuple(part.settings.values()), memory.free_share())
        tile, workers = (layout.width, layout.height), layout.workers
        first, last = part.missing(*rows), rows[1]
        if first == last:
            return

        def told(share: float) -> None:
            progress(share, "Measuring offsets")

        for strip in inference.offsets(pair, estimator, tile, told, cancelled, first, workers=workers, last_row=last):
            part.put(first, strip)
            first += strip.shape[1]


def _estimator(options: MeasureOptions, pair: Pair, cancelled: Cancelled, load: Load) -> Estimator:
    """What measures."""
    if options.method == "correlation":
        return CorrelationEstimator(options.correlation)
    network = waiting.call(lambda: load(options.model, options.device), cancelled)
    if options.context_px is not None:
        network = network.with_context(options.context_px)
    network.look_at(pair, cancelled)
    return network


def _velocity_factor(options: MeasureOptions, pair: Pair) -> float | None:
    if options.velocity is None:
        return None
    first, second = pair.reference.date, pair.secondary.date
    if first is None or second is None:
        raise OptionsError("A velocity needs both acquisition dates; give them, or do without the velocity.")
    if not pair.grid.georeferenced:
        raise OptionsError("A velocity needs georeferenced rasters; georeference them, or do without the velocity.")
    return displacement.velocity_factor(first, second, options.velocity_unit)


def _require_outputs(options: MeasureOptions, pair: Pair) -> None:
    """Find out before hours of work that the result cannot be kept."""
    pixels = pair.window[2] * pair.window[3]
    bytes_a_pixel = _BYTES_A_PIXEL + (_BYTES_OF_VELOCITY if options.velocity else 0)
    require_room(options.output, pixels * (bytes_a_pixel + (resume.BYTES_A_PIXEL if options.resume else 0)))
    for path in options.targets.values():
        refuse_inputs(path, (options.reference, options.secondary))


def _work(
    options: MeasureOptions, pair: Pair, layout: memory.Layout, record: Mapping[str, Any]
) -> resume.Work | resume.Fresh:
    """What keeps finished rows for a run that goes on, where the user asked for it; it knows the tiles of that run."""
    if not options.resume:
        return resume.Fresh(options.output, _settings(layout))
    return resume.Work(*_work_of(options, pair, layout, record))


def _work_of(options: MeasureOptions, pair: Pair, layout: memory.Layout, record: Mapping[str, Any]) -> tuple[Any, ...]:
    """What makes a `resume.Work` or `resume.Part` of a run."""
    width, height = pair.window[2:]
    return options.output, (height, width), resume.decisive(record), _settings(layout)


def _settings(layout: memory.Layout) -> dict[str, int]:
    """The tiles of a run, by the names of the options."""
    return {"tile_px": layout.width, "tile_height_px": layout.height}


def _measure(
    pair: Pair,
    quality: QualityOptions,
    estimator: Estimator,
    layout: memory.Layout,
    work: resume.Work | resume.Fresh,
    files: pipeline.Files,
    clock: Clock,
    progress: Progress,
    cancelled: Cancelled,
) -> Mapping[str, Any]:
    """Measure, judge and write all rows; returns the numbers of the run."""
    measured = _Latest()

    def strips(stopped: Cancelled) -> Iterable[np.ndarray]:
        tile = layout.width, layout.height
        return work.rows(
            lambda row: inference.offsets(
                pair, estimator, tile, measured.set, stopped, row, clock=clock, workers=layout.workers
            )
        )

    def poll(written: float) -> None:
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        progress(
            _WRITING * (_MEASURING * measured.share + (1 - _MEASURING) * written),
            f"Measuring offsets, {layout.gigabytes} GB of memory",
        )

    return pipeline.run(strips, pair, quality, files, clock, poll).summary()


class _Latest:
    """The share that another thread told last."""

    share = 0.0

    def set(self, share: float) -> None:
        self.share = share
