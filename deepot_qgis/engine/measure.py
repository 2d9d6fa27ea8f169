"""Two images in, displacement product out: the one call that panel, Processing and command line make."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Callable

import numpy as np

from . import dates, displacement, inference, memory, pipeline, provenance, resume, runtime, values, waiting
from .correlation import CorrelationEstimator, CorrelationOptions
from .errors import CancelledError, InputError, OptionsError
from .estimate import Estimator
from .files import others, refuse_inputs, require_room, whole_files
from .model import DEFAULT_MODEL, NetworkEstimator
from .pair import Pair, PairOptions, open_pair
from .quality import QualityOptions
from .stages import Clock

METHODS = ("model", "correlation")
#: Bytes a pixel needs on disk, before compression: 3 offset bands and 7 product bands (and 3 of velocity).
_BYTES_A_PIXEL = 4 * 10
_BYTES_OF_VELOCITY = 4 * 3
#: Share of the progress bar at which files are closed; until then, that of the measuring beside judging and writing.
_WRITING = 0.97
_MEASURING = 0.9

Progress = Callable[[float, str], None]
Cancelled = Callable[[], bool]
Load = Callable[[str, str], NetworkEstimator]


@dataclass(frozen=True)
class MeasureOptions:
    """What to measure, how, and where the result goes.

    Attributes
    ----------
    reference, secondary : str
        Paths of the two images.
    output : str
        Path of the displacement product, a GeoTIFF.
    offsets : str or None
        Path of the unfiltered pixel offsets; None keeps them beside the product as ``<name>_offsets.tif``.
    velocity : str or None
        Path of a velocity GeoTIFF, None for none.
    velocity_unit : str
        A key of `displacement.VELOCITY_UNITS`.
    reference_band, secondary_band, reference_date, secondary_date, radiometry, area
        See `pair.PairOptions`.
    method : str
        ``model`` or ``correlation`` (conventional offset tracking).
    model : str
        Name of a bundled model or path of an ONNX file.
    device : str
        One of `runtime.DEVICES`.
    correlation : CorrelationOptions
    quality : QualityOptions
    tile_px, tile_height_px : int or None
        Width and height of a tile, without the context that the method needs around it; without a height tiles are
        squares. None as the width takes what fits into the free memory best; the record of a run says what that was.
    resume : bool
        Keep finished rows in a hidden folder beside the output until the product is whole, and take those that an
        interrupted run with the same images, options and versions kept there.
    """

    reference: str
    secondary: str
    output: str
    offsets: str | None = None
    velocity: str | None = None
    velocity_unit: str = "m/yr"
    reference_band: int = 1
    secondary_band: int = 1
    reference_date: str | None = None
    secondary_date: str | None = None
    radiometry: str = "auto"
    area: str | None = None
    method: str = "model"
    model: str = DEFAULT_MODEL
    device: str = "auto"
    correlation: CorrelationOptions = field(default_factory=CorrelationOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    tile_px: int | None = None
    tile_height_px: int | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        for name, known in (
            ("method", METHODS),
            ("device", runtime.DEVICES),
            ("velocity_unit", tuple(displacement.VELOCITY_UNITS)),
        ):
            values.one_of(name, getattr(self, name), known)
        low, high = memory.SIDES_PX
        for side in (self.tile_px, self.tile_height_px):
            if side is not None and not low <= side <= high:
                raise OptionsError(f"The tile size is {side} px; it must lie between {low} and {high}.")
        paths = [path for path in (self.output, self.offsets_path, self.velocity) if path]
        if len({os.path.abspath(path) for path in paths}) < len(paths):
            raise OptionsError("Product, offsets and velocity need different file names.")

    @property
    def offsets_path(self) -> str:
        """Where the unfiltered offsets go."""
        return self.offsets or os.path.splitext(self.output)[0] + "_offsets.tif"

    @property
    def provenance_path(self) -> str:
        """Where the record of the run goes."""
        return os.path.splitext(self.output)[0] + ".json"

    @property
    def pair(self) -> PairOptions:
        """The part that the preflight needs."""
        return PairOptions(**{item.name: getattr(self, item.name) for item in fields(PairOptions)})

    @classmethod
    def from_record(cls, options: Mapping[str, Any]) -> MeasureOptions:
        """Options as `provenance.read_options` gives them.

        Raises
        ------
        InputError
            The record is of another version or was edited.
        """
        try:
            provenance.require_kinds(cls, options)
            for name, kind in (("correlation", CorrelationOptions), ("quality", QualityOptions)):
                provenance.require_kinds(kind, options[name])
            nested = {
                name: kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in options[name].items()})
                for name, kind in (("correlation", CorrelationOptions), ("quality", QualityOptions))
            }
            return cls(**{**options, **nested})
        except (TypeError, KeyError, AttributeError) as error:
            raise InputError(
                f"The record of the run does not fit this version ({error}); measure the pair again."
            ) from error


@dataclass(frozen=True)
class MeasureResult:
    """What a run made, and its numbers.

    Attributes
    ----------
    product, offsets, provenance : str
        Paths.
    velocity : str or None
    messages : tuple of str
        What was recognised and what to know, as sentences.
    reference_date, secondary_date : str or None
        ISO text.
    days : float or None
    unit : str
        ``m`` or ``px``.
    method, model, device : str
        What measured, and on which device; `model` is empty for conventional tracking.
    seconds : float
    statistics : mapping
        See `product.Statistics.summary`.
    device_name : str
        Of the processor or the card; empty for conventional tracking.
    """

    product: str
    offsets: str
    provenance: str
    velocity: str | None
    messages: tuple[str, ...]
    reference_date: str | None
    secondary_date: str | None
    days: float | None
    unit: str
    method: str
    model: str
    device: str
    seconds: float
    statistics: Mapping[str, Any]
    device_name: str = ""


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
        facts, _ = _facts(estimator, options)
        record = _record(options, pair, facts, cancelled)
        layout = memory.layout(pair, estimator, (options.tile_px, options.tile_height_px), memory.free_share())
    with _work(options, pair, layout, record) as work, whole_files(_targets(options)) as path:
        if (layout.width, layout.height) != tuple(work.settings.values()):  # those of the run that was interrupted
            layout = memory.layout(pair, estimator, tuple(work.settings.values()), memory.free_share())
        if estimator.tile_px is None:  # so that it gives the same bytes where other memory is free
            record["options"].update(tile_px=layout.width, tile_height_px=layout.height)
        record["memory"] = {"estimated_gb": round(layout.size / 1e9, 2), "tiles": layout.tiles}
        progress(0.0, layout.sentence())
        threads = pipeline.compressing(record["estimator"]["device"])
        with pipeline.Files.create(path, pair, options.velocity_unit, factor, threads) as files:
            statistics = _measure(pair, options.quality, estimator, layout, work, files, clock, progress, cancelled)
            # now: memory of a card that ran out may have moved the network to another device
            record["estimator"], notes = _facts(estimator, options)
            notes = (*notes, *work.notes(), *others(_targets(options).values()))
            messages = (*pair.messages, *notes, *_verdict(statistics))
            record["statistics"], record["messages"] = statistics, messages
            record["seconds"] = {row.stage: round(row.busy_s, 3) for row in clock.rows()}
            progress(_WRITING, "Writing the files")
            with clock.stage("finishing"):
                files.finish(_tags(record), cancelled)
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
    record = _record(options, pair, _facts(estimator, options)[0], cancelled)
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
    network.look_at(pair, cancelled)
    return network


def _facts(estimator: Estimator, options: MeasureOptions) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Facts of what measured that belong in the record, and what to know of its answer; when the run is over, for the
    device may have changed.
    """
    if options.method == "correlation":
        return {"name": "correlation", "device": "cpu"}, ()
    facts = {
        "name": estimator.name,
        "device": estimator.device,
        "sha256": provenance.sha256(estimator.card.path, lambda: False),
        **{key: estimator.card.metadata[key] for key in ("version", "architecture", "licence", "citation")},
        **estimator.facts(),
    }
    return facts, estimator.notes()


def _velocity_factor(options: MeasureOptions, pair: Pair) -> float | None:
    if options.velocity is None:
        return None
    if pair.days is None:
        raise OptionsError("A velocity needs both acquisition dates; give them, or do without the velocity.")
    if not pair.grid.georeferenced:
        raise OptionsError("A velocity needs georeferenced rasters; georeference them, or do without the velocity.")
    return displacement.velocity_factor(pair.reference.date, pair.secondary.date, options.velocity_unit)


def _targets(options: MeasureOptions) -> dict[str, str]:
    """The files of a run, in the order in which they get their names: last the record, which vouches for the rest."""
    targets = {
        "offsets": options.offsets_path,
        "velocity": options.velocity,
        "product": options.output,
        "provenance": options.provenance_path,
    }
    return {name: path for name, path in targets.items() if path}


def _require_outputs(options: MeasureOptions, pair: Pair) -> None:
    """Find out before hours of work that the result cannot be kept."""
    pixels = pair.window[2] * pair.window[3]
    bytes_a_pixel = _BYTES_A_PIXEL + (_BYTES_OF_VELOCITY if options.velocity else 0)
    require_room(options.output, pixels * (bytes_a_pixel + (resume.BYTES_A_PIXEL if options.resume else 0)))
    for path in _targets(options).values():
        refuse_inputs(path, (options.reference, options.secondary))


def _record(options: MeasureOptions, pair: Pair, facts: Mapping[str, Any], cancelled: Cancelled) -> dict[str, Any]:
    inputs = {}
    for role, source in (("reference", pair.reference), ("secondary", pair.secondary)):
        inputs[role] = {
            "path": source.raster.path,
            "sha256": provenance.sha256(source.raster.path, cancelled),
            "band": source.raster.band_number,
            "date": dates.text(source.date) if source.date else None,
            "radiometry": source.kind.kind,
            "radiometry_because": source.kind.why,
        }
    library = runtime.onnxruntime().__version__ if options.method == "model" else None
    return {
        "inputs": inputs,
        "days": pair.days,
        "unit": displacement.unit(pair.grid),
        "crs": pair.grid.crs_name(),
        "geotransform": pair.grid.geotransform,
        "window_px": pair.window,
        "estimator": dict(facts),
        "options": {key: value for key, value in asdict(options).items() if key != "resume"},
        "versions": provenance.versions(library),
    }


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


def _tags(record: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a GeoTIFF: the whole record, and the few items that people look for."""
    inputs = record["inputs"]
    return {
        provenance.TAG: provenance.text(record),
        "DEEPOT_VERSION": record["versions"]["deepot"],
        "REFERENCE_DATE": inputs["reference"]["date"] or "unknown",
        "SECONDARY_DATE": inputs["secondary"]["date"] or "unknown",
        "DAYS": "unknown" if record["days"] is None else f"{record['days']:g}",
        "UNIT": record["unit"],
        "ESTIMATOR": record["estimator"]["name"],
    }


def _verdict(statistics: Mapping[str, Any]) -> list[str]:
    """What the numbers mean for the user, where they should give pause."""
    good = statistics["good"]
    if good == 0:
        return ["No pixel passed the quality checks: the two images do not match. Are they of one place and one track?"]
    if good < 0.5:
        worst = max(statistics["masked"], key=statistics["masked"].get)
        return [f"Only {100 * good:.0f} % of the pixels passed the quality checks (most often: {worst})."]
    return []


def again(options: MeasureOptions, target: str) -> MeasureOptions:
    """The same run with its products under another name."""
    stem = os.path.splitext(target)[0]
    velocity = stem + "_velocity.tif" if options.velocity else None
    return replace(options, output=target, offsets=None, velocity=velocity)
