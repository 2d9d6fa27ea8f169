"""Everything that can be said of a pair before it is measured, by topic: what is good, to know, or stops it.

`pair.open_pair` ends at the first thing that is wrong. Here the other topics are looked at all the same, so that a user
sees all of it at once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Callable, TypeVar

from . import amplitude, dates, displacement
from .errors import DeepotError, GridMismatchError
from .grids import require_same_grid
from .pair import (
    Coverage,
    PairOptions,
    Source,
    coverage,
    days_between,
    description,
    open_source,
    refuse_same_file,
    refuse_tiny,
)
from .rasters import Grid
from .selftest.quick_estimate import QuickEstimate, quick_estimate
from .shift import ResidualShift, residual_shift

#: Shares of the grid with data in both images below which little is left to measure.
_FEW_COMMON = 0.5
#: A residual shift below this is no larger than what tracking gets wrong in a pixel; above, everything seems to move.
SHIFT_PX = 0.2
#: Below this share of ground that can be matched, a number for the smallest motion would promise too much.
MATCHED = 0.2

Value = TypeVar("Value")


class Verdict(enum.Enum):
    """GOOD: nothing to do. LOOK: it can be measured, but know this. STOP: it cannot be measured like this."""

    GOOD = "good"
    LOOK = "look"
    STOP = "stop"


@dataclass(frozen=True)
class Grids:
    """Whether the pixels lie on each other.

    Attributes
    ----------
    grid : Grid or None
        Of the reference; None when an image cannot be opened.
    metres : float or None
        On the ground for a pixel; None without georeference.
    stretch : float
        Metres on the ground for one of the map (`displacement.stretch`).
    problem : DeepotError or None
        What is wrong, and the way out.
    """

    grid: Grid | None
    metres: float | None
    stretch: float
    problem: DeepotError | None

    @property
    def verdict(self) -> Verdict:
        """How good that is."""
        if self.problem is not None:
            return Verdict.STOP
        return Verdict.LOOK if self.metres is None else Verdict.GOOD

    @property
    def can_align(self) -> bool:
        """Whether an aligned copy of the secondary is the way out."""
        return isinstance(self.problem, GridMismatchError) and self.metres is not None


@dataclass(frozen=True)
class Dates:
    """When the images were acquired: ISO text, None where unknown, and the days between."""

    reference: str | None
    secondary: str | None
    days: float | None
    problem: DeepotError | None

    @property
    def verdict(self) -> Verdict:
        """How good that is."""
        if self.problem is not None:
            return Verdict.STOP
        return Verdict.GOOD if self.days else Verdict.LOOK


@dataclass(frozen=True)
class Amplitudes:
    """Which kind of numbers the images hold, and why we think so."""

    reference: amplitude.Recognition
    secondary: amplitude.Recognition

    @property
    def verdict(self) -> Verdict:
        """How good that is."""
        return Verdict.GOOD if self.reference.kind == self.secondary.kind else Verdict.LOOK


@dataclass(frozen=True)
class Data:
    """How much of the grid holds data; the coverage is None when that is the problem."""

    coverage: Coverage | None
    problem: DeepotError | None

    @property
    def verdict(self) -> Verdict:
        """How good that is."""
        if self.problem is not None or self.coverage is None:
            return Verdict.STOP
        return Verdict.GOOD if self.coverage.common >= _FEW_COMMON else Verdict.LOOK


@dataclass(frozen=True)
class Preflight:
    """What there is to say of a pair; a topic is None where another one keeps it from being looked at.

    Attributes
    ----------
    grids : Grids
    dates : Dates or None
    amplitudes : Amplitudes or None
    data : Data or None
    messages : tuple of str
        What `pair.open_pair` would say of the pair; empty when it cannot be measured.
    """

    grids: Grids
    dates: Dates | None = None
    amplitudes: Amplitudes | None = None
    data: Data | None = None
    messages: tuple[str, ...] = ()

    @property
    def problem(self) -> DeepotError | None:
        """The first thing that stops a run, None when nothing does."""
        found = (topic.problem for topic in (self.grids, self.dates, self.data) if topic is not None)
        return next((problem for problem in found if problem is not None), None)


@dataclass(frozen=True)
class Promise:
    """What takes a moment to find out of a pair that can be measured."""

    shift: ResidualShift
    limit: QuickEstimate

    @property
    def shift_verdict(self) -> Verdict:
        """Whether the two lie on each other well enough, and that is known."""
        length = self.shift.length
        return Verdict.GOOD if length is not None and length < SHIFT_PX else Verdict.LOOK

    @property
    def limit_verdict(self) -> Verdict:
        """Whether enough of the ground can be matched."""
        sure = self.limit.answered >= MATCHED and self.limit.limit_px is not None
        return Verdict.GOOD if sure else Verdict.LOOK


def preflight(options: PairOptions) -> Preflight:
    """Look at two images; what is wrong with them is part of the answer."""
    sources = []
    for path, band, date in (
        (options.reference, options.reference_band, options.reference_date),
        (options.secondary, options.secondary_band, options.secondary_date),
    ):
        source, problem = _attempt(lambda: open_source(path, band, date, options.radiometry))  # noqa: B023
        if source is None:
            return Preflight(Grids(None, None, 1.0, problem))
        sources.append(source)
    reference, secondary = sources
    grids, moments = _grids(reference, secondary), _dates(reference, secondary)
    kinds = Amplitudes(reference.kind, secondary.kind)
    if grids.problem is not None:
        return Preflight(grids, moments, kinds)
    covered, problem = _attempt(lambda: coverage(reference, secondary))
    found = Preflight(grids, moments, kinds, Data(covered, problem))
    if found.problem is not None or covered is None:
        return found
    return Preflight(grids, moments, kinds, found.data, description(reference, secondary, covered, moments.days))


def promise(options: PairOptions) -> Promise:
    """Estimate the residual shift and the smallest motion that shows, from a few windows of the two images.

    Raises
    ------
    DeepotError
        The pair cannot be measured.
    """
    return Promise(residual_shift(options), quick_estimate(options))


def _grids(reference: Source, secondary: Source) -> Grids:
    def compare() -> None:
        refuse_same_file(reference.raster, secondary.raster)
        refuse_tiny(reference.raster)
        require_same_grid(reference.raster, secondary.raster)

    grid = reference.raster.grid
    _, problem = _attempt(compare)
    stretch = displacement.stretch(grid) if grid.georeferenced else 1.0
    return Grids(grid, displacement.pixel_metres(grid), stretch, problem)


def _dates(reference: Source, secondary: Source) -> Dates:
    days, problem = _attempt(lambda: days_between(reference, secondary))
    first, second = (dates.text(source.date) if source.date else None for source in (reference, secondary))
    return Dates(first, second, days, problem)


def _attempt(step: Callable[[], Value]) -> tuple[Value | None, DeepotError | None]:
    """The value of a step, or why there is none."""
    try:
        return step(), None
    except DeepotError as error:
        return None, error
