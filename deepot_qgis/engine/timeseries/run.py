"""Dated images in, time series out: the one call that panel, Processing and command line make."""

from __future__ import annotations

import os
import statistics
from dataclasses import asdict, dataclass, field
from typing import Any

from .. import dates as dating
from .. import displacement, network, provenance, runtime, values
from ..amplitude import RADIOMETRIES
from ..callbacks import Cancelled, Progress
from ..correlation import CorrelationOptions
from ..errors import InputError, OptionsError
from ..files import keeping, whole_file
from ..jobs.job import InProcess, Runner
from ..measure import METHODS, MeasureOptions
from ..model import DEFAULT_MODEL
from ..network import NetworkOptions
from ..quality import QualityOptions
from ..reference import ReferenceOptions
from ..words import ENGLISH, Words
from .acquisitions import Acquisition, check_grids, in_order
from .assemble import SeriesResult, StackOptions, invert_pairs, make_folder
from .devices import about_devices
from .inversion import InversionOptions
from .pairs import Measured, measure_pairs, pair_name
from .plots import network_figure
from .product import open_series

__all__ = ["SeriesOptions", "SeriesResult", "StackOptions", "invert_pairs", "plan", "series"]

#: Folder of the measured pairs inside the output.
PAIRS = "pairs"
#: Picture of the network.
NETWORK = "network.png"
#: Below it both methods draw what moves towards the ground around it (docs/case-slumgullion.md, models/README.md).
_READ_SHORT_PX = 0.2
#: The same on a body that is narrower than this (docs/method.md, "How much of a motion is read").
_NARROW_PX, _READ_SHORT_NARROW_PX = 60, 0.5
#: Share of the progress bar that the pairs take.
_MEASURING = 0.85
#: Options that are options themselves.
_NESTED = {
    "network": NetworkOptions,
    "correlation": CorrelationOptions,
    "quality": QualityOptions,
    "reference": ReferenceOptions,
    "inversion": InversionOptions,
}


@dataclass(frozen=True)
class SeriesOptions:
    """Which images, which pairs, how they are measured and inverted, and where the result goes.

    Attributes
    ----------
    images : tuple of Acquisition
        In any order; see `acquisitions.find_acquisitions`.
    output : str
        Folder; measured pairs are kept in its ``pairs/`` and taken again by the next run that wants the same.
    network : NetworkOptions
    method, model, device, correlation, quality, tile_px, context_px, radiometry, area
        As of `measure.MeasureOptions`.
    reference : ReferenceOptions
        What stands still.
    inversion : InversionOptions
    netcdf : bool
        Whether to write ``series.nc`` besides.
    """

    images: tuple[Acquisition, ...]
    output: str
    network: NetworkOptions = field(default_factory=NetworkOptions)
    method: str = "model"
    model: str = DEFAULT_MODEL
    device: str = "auto"
    correlation: CorrelationOptions = field(default_factory=CorrelationOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    tile_px: int | None = None
    context_px: int | None = None
    radiometry: str = "auto"
    area: str | None = None
    reference: ReferenceOptions = field(default_factory=ReferenceOptions)
    inversion: InversionOptions = field(default_factory=InversionOptions)
    netcdf: bool = True

    def __post_init__(self) -> None:
        values.one_of("method", self.method, METHODS)
        values.one_of("device", self.device, runtime.DEVICES)
        values.one_of("radiometry", self.radiometry, RADIOMETRIES)
        if not self.output:
            raise OptionsError("A time series needs an output folder; choose one.")
        in_order(self.images)

    @property
    def stack(self) -> StackOptions:
        """The part that the inversion needs."""
        return StackOptions(self.reference, self.inversion, self.netcdf)

    @classmethod
    def from_record(cls, path: str, output: str) -> SeriesOptions:
        """Options of an earlier run, by its ``series.json``, with another output folder.

        Raises
        ------
        InputError
            The file is no record of a series made from images by this version.
        """
        record = open_series(path).record
        try:
            options = {**record["options"], "output": output}
            for name, kind in _NESTED.items():
                given = {key: tuple(v) if isinstance(v, list) else v for key, v in options[name].items()}
                provenance.require_kinds(kind, given)
                options[name] = kind(**given)
            options["images"] = tuple(
                Acquisition(image["path"], dating.parse(image["date"]), image["band"]) for image in record["images"]
            )
            provenance.require_kinds(cls, options)
            for image in options["images"]:
                provenance.require_kinds(Acquisition, vars(image))
            return cls(**options)
        except (TypeError, KeyError, AttributeError) as error:
            raise InputError(
                f"{path} does not say how a series was made from images, or is of another version ({error}); make the "
                "series anew."
            ) from error

    def pair(self, first: Acquisition, second: Acquisition) -> MeasureOptions:
        """Options of one pair."""
        return MeasureOptions(
            reference=first.path,
            secondary=second.path,
            output=os.path.join(self.output, PAIRS, pair_name(first, second) + ".tif"),
            reference_band=first.band,
            secondary_band=second.band,
            reference_date=dating.text(first.date),
            secondary_date=dating.text(second.date),
            radiometry=self.radiometry,
            area=self.area,
            method=self.method,
            model=self.model,
            device=self.device,
            correlation=self.correlation,
            quality=self.quality,
            tile_px=self.tile_px,
            context_px=self.context_px,
        )


@dataclass(frozen=True)
class Plan:
    """What a series would do.

    Attributes
    ----------
    images : tuple of Acquisition
        In order, without the damaged ones.
    pairs : tuple of pairs of int
        Indices into `images`.
    messages : tuple of str
        About damaged images, and about a network that falls apart.
    """

    images: tuple[Acquisition, ...]
    pairs: tuple[tuple[int, int], ...]
    messages: tuple[str, ...]


def plan(options: SeriesOptions) -> Plan:
    """Check the images and make the network, without measuring.

    Raises
    ------
    InputError
        Fewer than two images can be read, or no two dates make a pair.
    GridMismatchError
        The images do not lie on one grid.
    """
    ordered = in_order(options.images)
    readable, damaged = check_grids(ordered)
    dates = [image.date for image in readable]
    pairs = network.pairs(dates, options.network)
    messages = [f"Left out: {sentence}" for sentence in damaged]
    if ordered != tuple(options.images):
        messages.append("The images were not in the order of their dates; they were sorted.")
    split = network.split_sentence(dates, pairs)
    return Plan(readable, pairs, (*messages, *([split] if split else [])))


def series(
    options: SeriesOptions,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    runner: Runner | None = None,
    words: Words = ENGLISH,
) -> SeriesResult:
    """Measure all pairs of a network and invert them to one history a pixel.

    Parameters
    ----------
    options : SeriesOptions
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked often; when it returns True the run ends. Pairs measured so far are taken again by the next run.
    runner : Runner, optional
        Who measures the pairs; default: this process, one after the other.
    words : Words, optional
        The language of the plot; default: English.

    Raises
    ------
    DeepotError
        Each subclass says what is wrong and the way out. Pairs that were measured stay on disk.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    progress(0.0, "Checking the images")
    planned = plan(options)
    make_folder(os.path.join(options.output, PAIRS))
    measured = measure_pairs(
        planned.images,
        planned.pairs,
        options.pair,
        runner or InProcess(),
        lambda share, what: progress(_MEASURING * share, what),
        cancelled,
    )
    with keeping(lambda: f"{len(measured.sources)} of {len(planned.pairs)} pairs are measured and kept."):
        result = invert_pairs(
            measured.sources,
            options.stack,
            options.output,
            lambda share, what: progress(_MEASURING + (1 - _MEASURING) * share, what),
            cancelled,
            notes=(
                *_about_images(planned, options),
                *_about_pairs(planned, measured),
                *about_devices(source.path for source in measured.sources),
                *_about_slow_motion(measured),
            ),
            record=_record(options, planned, measured),
        )
    with keeping(lambda: f"The series itself is finished: {result.record}."):
        _draw(planned, result, words)
    return result


def _draw(planned: Plan, result: SeriesResult, words: Words) -> None:
    """Draw the network beside the series, with the pairs that were left out; nothing where there is no matplotlib."""
    dates = [image.date for image in planned.images]
    used = {tuple(result.dates[k].date() for k in pair) for pair in result.pairs}
    dropped = [pair for pair in planned.pairs if tuple(dates[k].date() for k in pair) not in used]
    try:
        figure = words.figure(network_figure(dates, planned.pairs, dropped))
    except ImportError:
        return
    with whole_file(os.path.join(result.folder, NETWORK)) as temporary:
        figure.savefig(temporary, dpi=150)


def _about_images(planned: Plan, options: SeriesOptions) -> list[str]:
    split = network.split_sentence([image.date for image in planned.images], planned.pairs)
    return [message for message in planned.messages if message != split]  # said again, of the pairs really there


def _about_pairs(planned: Plan, measured: Measured) -> list[str]:
    sentences = []
    if measured.taken:
        sentences.append(f"{measured.taken} of {len(planned.pairs)} pairs were taken from an earlier run.")
    for path, reason in measured.damaged.items():
        touched = [pair for pair in measured.failed if path in (planned.images[k].path for k in pair)]
        sentences.append(f"Left out with its {len(touched)} pairs: {reason}")
    for (first, second), reason in measured.failed.items():
        images = planned.images[first], planned.images[second]
        if not any(image.path in measured.damaged for image in images):
            sentences.append(f"The pair {pair_name(*images)} could not be measured: {reason}")
    return sentences


def _about_slow_motion(measured: Measured) -> list[str]:
    """What the pairs are too short for: no tracker sees it whole, and an inversion adds up what each pair lacks."""
    lengths = [abs(dating.days_between(source.first, source.second)) for source in measured.sources]
    metres = displacement.pixel_metres(measured.sources[0].grid) if measured.sources else None
    if metres is None:
        return []
    days = statistics.median(lengths)
    wide, narrow = (float(f"{1000 * short * metres / days:.2g}") for short in (_READ_SHORT_PX, _READ_SHORT_NARROW_PX))
    return [
        f"Motion of less than about {_READ_SHORT_PX:g} px within a pair, on bodies narrower than {_NARROW_PX} px of "
        f"less than {_READ_SHORT_NARROW_PX:g} px, is read too short, and a series adds that up: here, with pairs of "
        f"{days:g} days, what is slower than {wide:g} mm/day, on narrow bodies than {narrow:g} mm/day. Where the "
        "ground moves more slowly, choose longer intervals."
    ]


def _record(options: SeriesOptions, planned: Plan, measured: Measured) -> dict[str, Any]:
    return {
        "images": [
            {"path": image.path, "date": dating.text(image.date), "band": image.band} for image in planned.images
        ],
        "failed_pairs": [
            {"name": pair_name(planned.images[first], planned.images[second]), "reason": reason}
            for (first, second), reason in measured.failed.items()
        ],
        "options": {**asdict(options), "images": None},
    }
