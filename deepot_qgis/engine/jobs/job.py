"""One pair as a job, what became of it, and what a process keeps from one to the next."""

from __future__ import annotations

import functools
import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Callable, Protocol

from .. import errors
from ..callbacks import Cancelled, Share
from ..errors import CancelledError, DeepotError, OutputError
from ..measure import MeasureOptions, measure, measure_rows
from ..model import NetworkEstimator
from ..model.estimator import find
from .earlier import Earlier

#: What may become of a job.
STATES = ("done", "taken", "failed")
#: Networks that a process keeps.
_MOST_NETWORKS = 2


@dataclass(frozen=True)
class Job:
    """A pair to be measured by any process that sees the same files.

    Attributes
    ----------
    name : str
        Of the pair, for people.
    options : MeasureOptions
    rows : tuple of int or None
        First row, and the row to end before, of a part of the pair; None is the pair with its files.
    """

    name: str
    options: MeasureOptions
    rows: tuple[int, int] | None = None

    def text(self) -> str:
        """The job as JSON, with whole paths: that is all that travels to another process."""
        return json.dumps({"name": self.name, "options": asdict(_with_whole_paths(self.options)), "rows": self.rows})

    @classmethod
    def from_text(cls, text: str) -> Job:
        """The job that `text` gave."""
        given = json.loads(text)
        rows = given["rows"] and tuple(given["rows"])
        return cls(given["name"], MeasureOptions.from_record(given["options"]), rows)


def _with_whole_paths(options: MeasureOptions) -> MeasureOptions:
    """The same files from whichever folder a process works in; names that are no files (subdatasets) stay."""
    whole = {
        name: os.path.abspath(path)
        for name in ("reference", "secondary", "model")
        for path in [getattr(options, name)]
        if os.path.exists(path)
    }
    for name in ("output", "offsets", "velocity"):
        path = getattr(options, name)
        whole[name] = path and os.path.abspath(path)
    return replace(options, **whole)


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    state : str
        One of `STATES`: measured now, taken from an earlier run, or not to be measured.
    seconds : float
    reason : str
        Why it failed, a sentence.
    error : str
        Name of the class of `errors` that it failed with.
    worker : str
        Who did it; empty for this process.
    """

    state: str
    seconds: float = 0.0
    reason: str = ""
    error: str = ""
    worker: str = ""

    def failure(self) -> DeepotError:
        """What it failed with, to be raised here."""
        return getattr(errors, self.error or "DeepotError", DeepotError)(self.reason)


def failed(error: Exception, seconds: float) -> Outcome:
    """The outcome of a job that ended in an error, whether or not it is one of ours."""
    if isinstance(error, DeepotError):
        return Outcome("failed", seconds, str(error), type(error).__name__)
    return Outcome("failed", seconds, f"It ended unexpectedly ({type(error).__name__}: {error}).", "DeepotError")


#: Called with a job that is under way and the share of it that is done, 0..1.
Watch = Callable[[Job, float], None]


class Runner(Protocol):
    """Has jobs done, here or elsewhere."""

    def run(self, jobs: Iterable[Job], watch: Watch, cancelled: Cancelled) -> Iterator[tuple[Job, Outcome]]:
        """Do jobs, and give each with its outcome as soon as it is known, in any order.

        Parameters
        ----------
        jobs : iterable of Job
            Asked for the next one when there is somebody to do it.
        watch : callable
        cancelled : callable
            Asked several times a second.

        Raises
        ------
        CancelledError
            `cancelled` said so. What is finished is kept; jobs under way leave nothing under a final name.
        DeepotError
            Nothing can be done at all: a process cannot be started, a cluster not be reached.
        """
        ...


class Workplace:
    """What a process keeps from one job to the next: networks with their weights, and hashes of images."""

    def __init__(self) -> None:
        self._earlier = Earlier()
        self._networks: dict[tuple[str, int, str], NetworkEstimator] = {}

    def perform(self, job: Job, share: Share, cancelled: Cancelled) -> Outcome:
        """Measure a pair, unless an earlier run did.

        Raises
        ------
        CancelledError
            `cancelled` said so. Every other error of ours is an outcome.
        """
        started = time.monotonic()
        try:
            if self._earlier.fits(job.options, cancelled):
                return Outcome("taken", time.monotonic() - started)
            _make_folder(os.path.dirname(os.path.abspath(job.options.output)))
            if job.rows is None:
                measure(job.options, lambda done, _: share(done), cancelled, self._network)
            else:
                measure_rows(job.options, job.rows, lambda done, _: share(done), cancelled, self._network)
        except CancelledError:
            raise
        except DeepotError as error:
            return failed(error, time.monotonic() - started)
        return Outcome("done", time.monotonic() - started)

    def _network(self, model: str, device: str) -> NetworkEstimator:
        path = find(model)
        key = (path, os.stat(path).st_mtime_ns, device)
        if key not in self._networks:
            while len(self._networks) >= _MOST_NETWORKS:
                del self._networks[next(iter(self._networks))]
            self._networks[key] = NetworkEstimator(model, device)
        return self._networks[key]


class InProcess:
    """Does one job after the other in this process, with all its cores."""

    def run(self, jobs: Iterable[Job], watch: Watch, cancelled: Cancelled) -> Iterator[tuple[Job, Outcome]]:
        """Do jobs; see `Runner.run`."""
        workplace = Workplace()
        for job in jobs:
            if cancelled():
                raise CancelledError("Cancelled.")
            watch(job, 0.0)
            started = time.monotonic()
            try:
                outcome = workplace.perform(job, functools.partial(watch, job), cancelled)
            except CancelledError:
                raise
            except Exception as error:  # what nobody foresaw costs this job only
                outcome = failed(error, time.monotonic() - started)
            yield job, outcome


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path} cannot be made ({error.strerror}); choose another.") from error
