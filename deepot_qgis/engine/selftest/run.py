"""The self-test: what motion can be measured in a user's own images, and how well.

Known motion is embedded in windows of the user's image, the network and conventional offset tracking measure it, and
their answers are compared with what was embedded. With two images the motion is put into the real secondary
(`synthetic.move`), so that everything that happened to the ground between the dates is in it; the untouched pair is the
still ground. With one image both dates are simulated on its reflectivity (`synthetic.embed`), with its own looks and
bandwidth and a coherence that is assumed. What "can be measured" means is defined in `detection`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from .. import displacement, provenance, runtime, speckle, values
from ..callbacks import Cancelled, Progress
from ..correlation import CorrelationEstimator, CorrelationOptions
from ..errors import CancelledError, OptionsError
from ..estimate import Estimator
from ..measure import METHODS
from ..model import DEFAULT_MODEL, NetworkEstimator
from ..pair import PairOptions, Source, locate, open_pair, open_source
from ..quality import QualityOptions
from ..words import ENGLISH, Words
from . import report
from .pairs import PairMaker
from .result import SelfTestResult
from .sample import MIN_SIDE_PX, Body, Window, fitting, moving, places, read_windows, smooth
from .score import Answer, Score, Scorer, answer, moved_together, with_rim

#: Bodies of each size that are tested at least, and how many more as long as they cost no more pixels than this.
_LEAST_BODIES, _BODIES = 12, 24
_EFFORT_PX = 12 * 384**2
#: Windows of still ground that are measured at least, where it can be simulated anew.
_STILL = 4
#: Motions tested begin below the smallest decision level and reach well above the largest: times, and in pixels for
#: bodies of one pixel (small bodies have to move farther to be seen).
_FROM, _TO, _TO_PX = 0.7, 8.0, 120.0
_LEAST_PX, _MOST_PX = 0.01, 6.0
#: Share of places on ground taken for still that may stand out before the user is warned: what the decision level, a
#: 95 % quantile, bears.
_STANDING_OUT = 0.05
_NOWHERE = np.zeros((), bool)


@dataclass(frozen=True)
class SelfTestOptions:
    """What to test, and on how much of it.

    Attributes
    ----------
    reference : str
        Path of the image.
    secondary : str or None
        Path of the second date; None simulates one.
    output : str or None
        Path of the report; an HTML page and a JSON file of this name are written. None writes nothing.
    reference_band, secondary_band, reference_date, secondary_date, radiometry, area
        See `pair.PairOptions`. Windows around a small area reach beyond it.
    method : str
        ``model`` tests the network and conventional tracking, ``correlation`` conventional tracking alone.
    model, device, correlation, quality
        As in `measure.MeasureOptions`.
    coherence : float or None
        Of a simulated second date, 0..1; None assumes `pairs.ASSUMED_COHERENCE`.
    looks : int or None
        Of a simulated second date; None estimates them.
    sizes_px : tuple of float
        Diameters of the bodies that move, px.
    windows : int
        Most windows that are looked at.
    window_px : int
        Side of a window.
    seed : int
        The same seed gives the same numbers.
    """

    reference: str
    secondary: str | None = None
    output: str | None = None
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
    coherence: float | None = None
    looks: int | None = None
    sizes_px: tuple[float, ...] = (20, 60, 200)
    windows: int = 6
    window_px: int = 384
    seed: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "sizes_px", tuple(self.sizes_px))
        values.one_of("method", self.method, METHODS)
        values.one_of("device", self.device, runtime.DEVICES)
        if self.secondary is not None and (self.coherence is not None or self.looks is not None):
            raise OptionsError(
                "Coherence and looks describe a simulated second date, and a real one was given; leave out either the "
                "secondary image or the two numbers."
            )
        if self.coherence is not None and not 0 <= self.coherence <= 1:
            raise OptionsError(f"The coherence is {self.coherence}; it must lie between 0 and 1.")
        if self.looks is not None and not 1 <= self.looks <= speckle.MOST_LOOKS:
            raise OptionsError(f"The looks are {self.looks}; choose 1 to {speckle.MOST_LOOKS}.")
        if not self.sizes_px or min(self.sizes_px) < 8 or max(self.sizes_px) > 512:
            raise OptionsError("The sizes of the bodies must lie between 8 and 512 px; give one at least.")
        if not 1 <= self.windows <= 64:
            raise OptionsError(f"{self.windows} windows were asked for; choose 1 to 64.")
        if not MIN_SIDE_PX <= self.window_px <= 1024:
            raise OptionsError(f"The window is {self.window_px} px; it must lie between {MIN_SIDE_PX} and 1024.")

    @property
    def pair(self) -> PairOptions:
        """The part that opens two images."""
        return PairOptions(**{item.name: getattr(self, item.name) for item in fields(PairOptions)})


@dataclass(frozen=True)
class _Scene:
    """The opened images."""

    reference: Source
    secondary: Source | None
    window: tuple[int, int, int, int]
    days: float | None
    messages: tuple[str, ...]


def selftest(
    options: SelfTestOptions,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    words: Words = ENGLISH,
) -> SelfTestResult:
    """Find out what motion can be measured in the user's images.

    Parameters
    ----------
    options : SelfTestOptions
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked before every pair; when it returns True the test ends.
    words : Words, optional
        The language of the page; default: English.

    Returns
    -------
    SelfTestResult

    Raises
    ------
    DeepotError
        What `pair.open_pair` and the estimators raise, `InputError` when the image is too small or holds too little
        data, `CancelledError` when the user cancelled.
    """
    started = time.monotonic()
    progress = progress or (lambda share, what: None)
    progress(0.0, "Looking at the images")
    if options.output:
        report.require_output(options.output, (options.reference, options.secondary))
    scene = _open(options)
    windows = read_windows(scene.reference, scene.secondary, scene.window, options.window_px, options.windows)
    sizes = fitting(options.sizes_px, windows[0].shape)
    network = NetworkEstimator(options.model, options.device) if options.method == "model" else None
    scorers = _scorers(network, options, sizes)
    maker = PairMaker(windows, options.coherence, options.looks, options.seed)
    test = _Test(maker, scorers, sizes, options.quality, progress, cancelled or (lambda: False))
    test.run()
    scores = tuple(scorer.score() for scorer in scorers)
    result = SelfTestResult(
        reference=scene.reference.raster.name,
        secondary=scene.secondary.raster.name if scene.secondary else "",
        messages=(
            *scene.messages,
            maker.message,
            *_left_out(options.sizes_px, sizes, windows[0]),
            *_warnings(scores, test.moved_share),
        ),
        coherence=maker.coherence,
        looks=maker.looks,
        windows=tuple((window.x0, window.y0, window.shape[1], window.shape[0]) for window in windows),
        pairs=test.pairs,
        metres=displacement.pixel_metres(scene.reference.raster.grid),
        days=scene.days or None,
        scores=scores,
        device=network.device if network else "cpu",
        seconds=time.monotonic() - started,
    )
    if options.output:
        result = report.write(result, options.output, asdict(options), _facts(network), words)
    progress(1.0, "Done")
    return result


def _facts(network: NetworkEstimator | None) -> dict[str, Any]:
    """What the record says of the network."""
    if network is None:
        return {"versions": provenance.versions(None)}
    facts = {key: network.card.metadata[key] for key in ("name", "version", "architecture", "licence", "citation")}
    facts["sha256"] = provenance.sha256(network.card.path, lambda: False)
    return {"model": facts, "versions": provenance.versions(runtime.onnxruntime().__version__)}


def _open(options: SelfTestOptions) -> _Scene:
    if options.secondary is not None:
        pair = open_pair(options.pair)
        return _Scene(pair.reference, pair.secondary, pair.window, pair.days, pair.messages)
    source = open_source(options.reference, options.reference_band, options.reference_date, options.radiometry)
    _, window = locate(options.area, source.raster)
    return _Scene(source, None, window, None, (source.kind.sentence(source.raster.name),))


def _scorers(network: NetworkEstimator | None, options: SelfTestOptions, sizes: list[float]) -> list[Scorer]:
    found: list[tuple[Estimator, str]] = [(CorrelationEstimator(options.correlation), "Conventional (NCC)")]
    if network is not None:
        found.insert(0, (network, f"{network.name} {network.card.metadata['version']}"))
    return [Scorer(estimator, label, sizes) for estimator, label in found]


@dataclass
class _Test:
    """Runs the pairs through the methods."""

    maker: PairMaker
    scorers: list[Scorer]
    sizes: list[float]
    quality: QualityOptions
    progress: Progress
    cancelled: Cancelled
    pairs: int = 0

    def __post_init__(self) -> None:
        self._moving: dict[int, np.ndarray] = {}
        self._left_out = np.zeros(2, int)

    @property
    def moved_share(self) -> float:
        """Share of the sampled ground that really moved between the dates, and was left out."""
        return float(self._left_out[0] / self._left_out[1]) if self._left_out[1] else 0.0

    def run(self) -> None:
        """Still ground first: its decision levels say which motions are worth testing."""
        self._repeats = {size: self._repeat(size) for size in self.sizes}
        count = len(self.maker.windows)
        again = -(-_STILL // count) if self.maker.simulated else 1
        self._total = count * (again + 1 + sum(self._repeats.values()))
        for round_ in range(again):
            for number in range(count):
                self._step("Measuring still ground")
                images = self.maker.make(number, None, self.maker.rng(0, round_, number))
                answers = self._answers(images)
                if not self.maker.simulated and len(answers) > 1:
                    self._leave_out(number, moved_together(answers), answers[0].data)
                for scorer, found in zip(self.scorers, answers):
                    scorer.add_still(number, found.without(self._moving.get(number, _NOWHERE)))
        for number in range(count):
            rng = self.maker.rng(1, number)
            self._moved("Measuring smooth motion", number, smooth(self.maker.windows[number].shape, rng), (), rng)
        for index, size in enumerate(self.sizes):
            self._size(index, size)

    def _size(self, index: int, size: float) -> None:
        for number, bodies in self._bodies(index, size):
            rng = self.maker.rng(3, index, self.pairs)
            field_ = moving(bodies, self.maker.windows[number].shape)
            self._moved(f"Measuring bodies {size:g} px wide", number, field_, bodies, rng)

    def _bodies(self, index: int, size: float) -> Iterator[tuple[int, list[Body]]]:
        """Windows with their moving bodies: motions from the smallest to the largest, dealt out at random."""
        rng = self.maker.rng(2, index)
        groups = [
            (number, places(size, window.shape, rng))
            for _ in range(self._repeats[size])
            for number, window in enumerate(self.maker.windows)
        ]
        count = sum(len(bodies) for _, bodies in groups)
        motions = iter(rng.permutation(np.geomspace(*self._range(size), count)))
        for number, bodies in groups:
            angles = rng.uniform(0, 2 * np.pi, len(bodies))
            yield (
                number,
                [
                    Body(body.x, body.y, size, motion * np.cos(angle), motion * np.sin(angle))
                    for body, angle, motion in zip(bodies, angles, motions)
                ],
            )

    def _range(self, size: float) -> tuple[float, float]:
        """Smallest and largest motion worth testing for bodies of a size, px."""
        levels = [level for level in (scorer.level(size) for scorer in self.scorers) if level is not None]
        most = min(_MOST_PX, *(0.75 * scorer.estimator.max_offset_px for scorer in self.scorers))
        if not levels:
            return min(0.1, most / 2), most
        high = min(most, max(_TO * max(levels), _TO_PX / size))
        return min(max(_LEAST_PX, _FROM * min(levels)), high / 4), high

    def _repeat(self, size: float) -> int:
        """How often the windows are gone through for enough bodies of a size."""
        rng = np.random.default_rng(0)
        once = sum(len(places(size, window.shape, rng)) for window in self.maker.windows)
        affordable = _EFFORT_PX // sum(window.reference.size for window in self.maker.windows)
        return max(-(-_LEAST_BODIES // once), min(-(-_BODIES // once), affordable))

    def _moved(
        self, what: str, number: int, offset: np.ndarray, bodies: Sequence[Body], rng: np.random.Generator
    ) -> None:
        self._step(what)
        images = self.maker.make(number, offset, rng)
        for scorer, found in zip(self.scorers, self._answers(images)):
            scorer.add_moved(number, found.without(self._moving.get(number, _NOWHERE)), offset, bodies)

    def _answers(self, images: tuple[np.ndarray, np.ndarray]) -> list[Answer]:
        answers = []
        for scorer in self.scorers:
            self._ask()
            answers.append(answer(scorer.estimator, *images, self.quality))
        return answers

    def _leave_out(self, number: int, ground: np.ndarray, data: np.ndarray) -> None:
        """Remember ground that really moved; it is neither still nor free to be moved."""
        self._moving[number] = with_rim(ground)
        self._left_out += np.count_nonzero(ground & data), np.count_nonzero(data)

    def _step(self, what: str) -> None:
        self._ask()
        self.progress(0.99 * self.pairs / self._total, what)
        self.pairs += 1

    def _ask(self) -> None:
        if self.cancelled():
            raise CancelledError("Cancelled; nothing was written.")


def _left_out(wanted: tuple[float, ...], tested: list[float], window: Window) -> list[str]:
    missing = [f"{size:g}" for size in wanted if size not in tested]
    if not missing:
        return []
    return [
        f"Bodies {' and '.join(missing)} px wide were not tested: they do not fit into {window.shape[1]} x "
        f"{window.shape[0]} pixels with still ground around them."
    ]


def _warnings(scores: tuple[Score, ...], moved_share: float) -> list[str]:
    """What should give pause."""
    found = []
    if moved_share >= 0.005:
        found.append(
            f"{100 * moved_share:.0f} % of the ground really moved between the dates, as far as both methods agree; it "
            "was left out, with what lies beside it."
        )
    standing_out = [score.standing_out for score in scores if score.standing_out is not None]
    if standing_out and min(standing_out) > _STANDING_OUT:
        found.append(
            f"{100 * min(standing_out):.0f} % of the ground taken for still stands out: it moved, or cannot be "
            "matched. It counts as noise, so the smallest motions are pessimistic; an area of stable ground gives "
            "better ones."
        )
    shift = scores[0].shift_px
    if shift is not None and np.hypot(*shift) > 0.1:
        found.append(
            f"Still ground is shifted by {shift[0]:+.2f}, {shift[1]:+.2f} px (right, down) between the images: "
            "co-register them better, or take the median of stable ground off. Bodies are read against the ground "
            "around them, errors and bias include the shift."
        )
    return found
