"""Measured pairs in, files of a time series out: the second half of a series, for pairs from anywhere."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Callable

import numpy as np

from .. import dates as dating
from .. import network, runtime
from ..callbacks import Cancelled, Progress, Share
from ..errors import CancelledError, InputError, OptionsError, OutputError
from ..output import BLOCK
from ..reference import Correction, ReferenceOptions
from .design import Design
from .files import RECORD, SeriesBlock, SeriesWriter
from .fit import SHORTEST_ANNUAL_DAYS
from .inversion import InversionOptions, Inverted, invert
from .points import days_since_first
from .stable import stable_ground
from .stack import PairSource, require_one_grid
from .summary import Summary
from .trend import velocity_planes

#: Stacks of one block larger than this are not read ahead.
_READ_AHEAD_BYTES = 600 << 20
_MOST_WORKERS = 8
_REFERENCING = 0.15


@dataclass(frozen=True)
class StackOptions:
    """How measured pairs become a series.

    Attributes
    ----------
    reference : ReferenceOptions
        What stands still.
    inversion : InversionOptions
    netcdf : bool
        Whether to write ``series.nc`` besides.
    """

    reference: ReferenceOptions = field(default_factory=ReferenceOptions)
    inversion: InversionOptions = field(default_factory=InversionOptions)
    netcdf: bool = True


@dataclass(frozen=True)
class SeriesResult:
    """What a series made, and its numbers.

    Attributes
    ----------
    record : str
        Path of ``series.json``, by which `product.open_series` opens it.
    folder : str
    paths : mapping
        Path by part: ``east``, ``north``, ``sigma``, ``velocity``, ``quality``, ``netcdf``.
    dates : tuple of datetime.datetime
    pairs : tuple of pairs of int
        Those that were used, indices into `dates`.
    unit : str
    messages : tuple of str
        What to know, as sentences.
    statistics : mapping
        See `summary.Summary`.
    seconds : float
    """

    record: str
    folder: str
    paths: Mapping[str, str]
    dates: tuple[datetime, ...]
    pairs: tuple[tuple[int, int], ...]
    unit: str
    messages: tuple[str, ...]
    statistics: Mapping[str, Any]
    seconds: float


def invert_pairs(
    sources: Sequence[PairSource],
    options: StackOptions,
    output: str,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    notes: Sequence[str] = (),
    record: Mapping[str, Any] | None = None,
) -> SeriesResult:
    """Make a time series of measured pairs.

    Parameters
    ----------
    sources : sequence of PairSource
        On one grid and in one unit, in any order. One that turns out damaged is left out and named in the messages.
    options : StackOptions
    output : str
        Folder for the files; made when it is not there.
    progress, cancelled : callable, optional
        As of `measure.measure`.
    notes : sequence of str
        Sentences about what went before, to be kept with the others.
    record : mapping, optional
        What to keep in ``series.json`` besides.

    Raises
    ------
    DeepotError
        Each subclass says what is wrong and the way out. Nothing is left under a final name, but measured pairs stay.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    started = time.monotonic()
    make_folder(output)
    left, lost = list(sources), list[str]()
    while True:
        require_one_grid(left)
        try:
            stack = _Stack(left, options, cancelled, lambda share: progress(_REFERENCING * share, "Stable ground"))
            return _write(stack, options, output, progress, cancelled, (*notes, *lost), record or {}, started)
        except _DamagedError as damage:
            left.remove(damage.source)
            lost.append(f"Left out: {damage}")
            if not left:
                raise InputError(str(damage)) from damage


def make_folder(path: str) -> None:
    """Make an output folder.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path} cannot be made ({error.strerror}); choose another.") from error


class _DamagedError(InputError):
    """A pair turned out damaged half-way."""

    def __init__(self, source: PairSource, text: str):
        super().__init__(text)
        self.source = source


class _Watched:
    """A source whose errors say which one it was."""

    def __init__(self, source: PairSource):
        self._source = source
        if hasattr(source, "thinned"):
            self.thinned = lambda step: self._try(source.thinned, step)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def read(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self._try(self._source.read, x0, y0, width, height)

    def _try(self, call: Callable[..., Any], *arguments: int) -> Any:
        try:
            return call(*arguments)
        except InputError as error:
            raise _DamagedError(self._source, str(error)) from error


class _Stack:
    """The pairs that are inverted together: their dates, their network, what is taken from each."""

    def __init__(
        self,
        sources: Sequence[PairSource],
        options: StackOptions,
        cancelled: Cancelled,
        progress: Share,
    ):
        watched = [_Watched(source) for source in sources]
        self.ground = stable_ground(watched, options.reference, cancelled, progress)
        found = self.ground.corrections
        self.sources = [source for source, of in zip(watched, found) if of is not None]
        self.corrections: list[Correction] = [of for of in found if of is not None]
        self.grid, self.unit = self.sources[0].grid, self.sources[0].unit
        self.dates = _dates(self.sources)
        day = {moment.date(): index for index, moment in enumerate(self.dates)}
        self.pairs = tuple((day[source.first.date()], day[source.second.date()]) for source in self.sources)
        days = days_since_first(self.dates)
        if options.inversion.model == "annual" and days[-1] < SHORTEST_ANNUAL_DAYS:
            raise OptionsError(
                f"The dates span {days[-1]:.0f} days; a yearly wave needs at least {SHORTEST_ANNUAL_DAYS:.0f}: take "
                "the linear model."
            )
        self.design = Design(days, self.pairs, smooth=options.inversion.smoothness is not None)

    def blocks(self) -> list[tuple[int, int, int, int]]:
        """Windows of the file's own blocks, row by row."""
        width, height = self.grid.width, self.grid.height
        return [
            (x, y, min(BLOCK, width - x), min(BLOCK, height - y))
            for y in range(0, height, BLOCK)
            for x in range(0, width, BLOCK)
        ]

    def read(self, window: tuple[int, int, int, int], cancelled: Cancelled) -> np.ndarray:
        """Corrected east, north, sigma of all pairs in a window, float32 ``(3, pairs, pixels)``."""
        pixels = window[2] * window[3]
        planes = np.empty((3, len(self.sources), pixels), np.float32)
        for number, (source, of) in enumerate(zip(self.sources, self.corrections)):
            if cancelled():
                raise CancelledError("Cancelled; the measured pairs are kept.")
            east, north, sigma = source.read(*window)
            east, north = of.apply(east, north, *window[:2])
            for plane, values in zip(planes, (east, north, sigma)):
                plane[number] = values.ravel()
        return planes

    def stream(self, cancelled: Cancelled) -> Iterator[tuple[tuple[int, int, int, int], np.ndarray]]:
        """Blocks with their pairs; the next is read while the caller works on one, where memory allows."""
        blocks = self.blocks()
        if 12 * len(self.sources) * BLOCK * BLOCK > _READ_AHEAD_BYTES:
            for window in blocks:
                yield window, self.read(window, cancelled)
            return
        with ThreadPoolExecutor(1) as reader:  # one thread: sources of other formats need not bear several
            waiting = reader.submit(self.read, blocks[0], cancelled)
            for window, following in zip(blocks, [*blocks[1:], None]):
                planes = waiting.result()
                if following is not None:
                    waiting = reader.submit(self.read, following, cancelled)
                yield window, planes


def _dates(sources: Sequence[PairSource]) -> tuple[datetime, ...]:
    """Dates of all pairs, one a day: products may know the hour of an image or only its day."""
    days: dict[Any, datetime] = {}
    for source in sources:
        for moment in (source.first, source.second):
            days[moment.date()] = max(days.get(moment.date(), moment), moment)
    return tuple(days[day] for day in sorted(days))


def _write(
    stack: _Stack,
    options: StackOptions,
    output: str,
    progress: Progress,
    cancelled: Cancelled,
    notes: Sequence[str],
    record: Mapping[str, Any],
    started: float,
) -> SeriesResult:
    annual = options.inversion.model == "annual"
    summary = Summary(stack.grid)
    total = len(stack.blocks())
    with ExitStack() as opened:
        executor = opened.enter_context(ThreadPoolExecutor(min(runtime.cores(), _MOST_WORKERS)))
        writer = opened.enter_context(
            SeriesWriter(output, stack.dates, stack.grid, stack.unit, annual, True, options.netcdf)
        )
        for number, (window, planes) in enumerate(stack.stream(cancelled)):
            if cancelled():
                raise CancelledError("Cancelled; the measured pairs are kept.")
            progress(_REFERENCING + (0.95 - _REFERENCING) * number / total, "Inverting pairs to dates")
            block = _block(
                window,
                invert(planes[0], planes[1], planes[2], stack.design, options.inversion, executor, cancelled),
                annual,
            )
            summary.add(block)
            writer.write(block)
        progress(0.95, "Writing the files")
        statistics = summary.numbers(stack.corrections)
        messages = (*notes, *stack.ground.sentences, *_messages(stack, options, statistics))
        seconds = time.monotonic() - started
        if stack.ground.mask is not None:
            writer.files["stable"] = "stable.tif"
            stack.ground.write(os.path.join(output, "stable.tif"))
        writer.finish(
            {
                **record,
                "pairs": _pair_records(stack),
                "stack_options": asdict(options),
                "statistics": statistics,
                "messages": list(messages),
                "seconds": {"inversion": round(seconds, 3)},
            },
            cancelled,
        )
        paths = {name: os.path.join(output, file) for name, file in writer.files.items()}
    progress(1.0, "Done")
    return SeriesResult(
        os.path.join(output, RECORD), output, paths, stack.dates, stack.pairs, stack.unit, messages, statistics, seconds
    )


def _block(window: tuple[int, int, int, int], found: Inverted, annual: bool) -> SeriesBlock:
    x0, y0, width, height = window

    def shaped(plane: np.ndarray) -> np.ndarray:
        return plane.reshape(*plane.shape[:-1], height, width)

    velocity = velocity_planes(found.velocity_east, found.velocity_north, found.velocity_sigma)
    if annual:
        velocity = np.concatenate([velocity, found.annual])
    quality = (found.closure, found.pairs, found.redundancy, found.rejected, found.components, found.dates)
    return SeriesBlock(
        x0,
        y0,
        shaped(found.east),
        shaped(found.north),
        shaped(found.sigma),
        shaped(velocity),
        shaped(np.stack(quality)),
    )


def _pair_records(stack: _Stack) -> list[dict[str, Any]]:
    return [
        {
            "name": source.name,
            "first": dating.text(source.first),
            "second": dating.text(source.second),
            "correction": {key: value for key, value in asdict(of).items() if value == value},  # NaN is no JSON
        }
        for source, of in zip(stack.sources, stack.corrections)
    ]


def _messages(stack: _Stack, options: StackOptions, statistics: Mapping[str, Any]) -> list[str]:
    inversion = options.inversion
    messages = [f"{len(stack.dates)} dates, {len(stack.pairs)} pairs."]
    split = network.split_sentence(stack.dates, stack.pairs)
    what = {
        "rate": "It is filled by each pixel's own mean velocity, and sigma grows by as much as was filled.",
        "nan": "Dates that no chain of pairs links to the first one are left empty.",
    }[inversion.split]
    if inversion.smoothness is not None:
        what = "It is filled by the smoothness that was asked for."
    if split:
        messages.append(f"{split} {what}")
    elif statistics["split"] > 0.01:
        messages.append(
            f"At {100 * statistics['split']:.0f} % of the pixels masked pairs leave the dates in unlinked parts, so "
            f"the motion between these parts is unknown there (quality band 'components'). {what}"
        )
    if statistics["known"] == 0:
        messages.append("No pixel has a history: every pair is masked everywhere.")
    if statistics["closure"] is None and statistics["known"] > 0:
        messages.append("The network has no redundancy: nothing checks the pairs; add pairs to see how they close.")
    return messages
