"""Progress of many jobs as that of one run."""

from __future__ import annotations

from ..callbacks import Progress
from .job import Job


class Overview:
    """Adds up what is finished and what is under way.

    Parameters
    ----------
    total : int
        How many jobs there are.
    progress : callable
        Called with the share of all that is done, 0..1, and what is being done.
    """

    def __init__(self, total: int, progress: Progress):
        self._total, self._progress = total, progress
        self._finished = 0
        self._under_way: dict[str, float] = {}

    def watch(self, job: Job, share: float) -> None:
        """A job is under way; see `job.Watch`."""
        self._under_way[job.name] = share
        self._show()

    def finished(self, job: Job) -> None:
        """Nothing more is to be done for a job."""
        self._under_way.pop(job.name, None)
        self._finished += 1
        self._show()

    def _show(self) -> None:
        done = self._finished + sum(self._under_way.values())
        self._progress(done / max(1, self._total), self._words())

    def _words(self) -> str:
        if len(self._under_way) == 1:
            return f"Pair {self._finished + 1} of {self._total}, {next(iter(self._under_way))}"
        if self._under_way:
            return f"{self._finished} of {self._total} pairs, {len(self._under_way)} under way"
        return f"{self._finished} of {self._total} pairs"
