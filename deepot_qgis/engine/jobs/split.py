"""Large pairs in parts: rows measured by many, and the files made of them by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from .. import values
from ..callbacks import Cancelled
from ..errors import DeepotError
from ..output import strip_rows
from ..pair import locate
from ..rasters import Raster
from .job import Job, Outcome, Runner, Watch

#: Share of a split pair that the measuring of its rows is.
_MEASURING = 0.9


class Split:
    """A runner whose jobs on large pairs are done in parts by another one.

    All parts are measured first; then one job a pair makes the files, as a run that goes on after all rows are
    measured. Tiles at the border of two parts are measured by both.

    Parameters
    ----------
    runner : Runner
    rows : int
        About how many rows a part has; pairs of fewer rows stay whole.
    """

    def __init__(self, runner: Runner, rows: int):
        self._runner = runner
        self._rows = values.whole("part_rows", rows, 64, 10**7)

    def run(self, jobs: Iterable[Job], watch: Watch, cancelled: Cancelled) -> Iterator[tuple[Job, Outcome]]:
        """Do jobs; see `job.Runner.run`."""
        pairs: dict[str, _Parts] = {}

        def parts() -> Iterator[Job]:
            for job in jobs:
                spans = _spans(job, self._rows)
                if len(spans) < 2:
                    yield job
                    continue
                found = [Job(f"{job.name}_rows_{first}", job.options, (first, last)) for first, last in spans]
                pairs.update(dict.fromkeys((part.name for part in found), _Parts(job, len(spans))))
                yield from found

        def watch_part(job: Job, share: float) -> None:
            if job.rows is None:
                watch(job, share)
            else:
                watch(pairs[job.name].job, _MEASURING * pairs[job.name].share(job, share))

        for job, outcome in self._runner.run(parts(), watch_part, cancelled):
            if job.rows is None:
                yield job, outcome
            else:
                pairs[job.name].add(job, outcome)
        split = {found.job.name: found for found in pairs.values()}
        yield from self._files(split, watch, cancelled)

    def _files(self, split: dict[str, _Parts], watch: Watch, cancelled: Cancelled) -> Iterator[tuple[Job, Outcome]]:
        """Make the files of pairs whose rows are measured."""
        for found in split.values():
            if found.failed is not None:
                yield found.job, found.failed
        whole = [
            replace(found.job, options=replace(found.job.options, resume=True))
            for found in split.values()
            if found.failed is None
        ]
        if not whole:
            return

        def watch_rest(job: Job, share: float) -> None:
            watch(job, _MEASURING + (1 - _MEASURING) * share)

        for job, outcome in self._runner.run(whole, watch_rest, cancelled):
            yield split[job.name].job, replace(outcome, seconds=outcome.seconds + split[job.name].seconds)


def _spans(job: Job, rows: int) -> list[tuple[int, int]]:
    """First and last row of the parts of a pair, multiples of a strip; one where the pair cannot be looked at."""
    try:
        raster = Raster(job.options.reference, job.options.reference_band)
        _, (_, _, width, height) = locate(job.options.area, raster)
    except DeepotError:
        return [(0, 0)]  # whoever measures it says what is wrong
    strip = strip_rows(width)
    step = strip * max(1, round(rows / strip))
    firsts = range(0, height, step)
    return [(first, min(first + step, height)) for first in firsts]


@dataclass
class _Parts:
    """What is known of the parts of a pair."""

    job: Job
    count: int
    seconds: float = 0.0
    failed: Outcome | None = None
    shares: dict[str, float] = field(default_factory=dict)

    def share(self, part: Job, share: float) -> float:
        """Share of the pair, given that of one of its parts."""
        self.shares[part.name] = share
        return sum(self.shares.values()) / self.count

    def add(self, part: Job, outcome: Outcome) -> None:
        """One of them has come to its end."""
        self.share(part, 1.0)
        self.seconds += outcome.seconds
        if outcome.state == "failed":
            self.failed = outcome
