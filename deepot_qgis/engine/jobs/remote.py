"""What the workers of a dask cluster do: one pair a task."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from deepot_qgis.__about__ import VERSION

from .. import runtime
from ..errors import CancelledError, ClusterError
from .job import Job, Workplace

#: A worker asks this seldom whether its job was cancelled: it costs the scheduler a message.
_ASKING_S = 2.0
#: How often it tells how far it is, for the same reason.
_TELLING_S = 1.0
_THREAD = threading.local()


def about_versions(address: str, theirs: str, ours: str) -> str:
    """What to do about a worker of another version, as a sentence."""
    return (
        f"The worker {address} has version {theirs} of this package, and this is version {ours}; install the same "
        "version on both sides."
    )


def facts(dask_worker: Any) -> dict[str, Any]:
    """What a worker says of itself: its version, its host, and the cores it may use."""
    affinity = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(runtime.cores()))
    return {
        "version": VERSION,
        "host": dask_worker.address.rpartition(":")[0],
        "cores": affinity,
        "threads": dask_worker.state.nthreads,
    }


def measure_job(text: str, version: str, stop: str, cores: Mapping[str, int], topic: str) -> dict[str, Any] | None:
    """Do a job on a worker; None when it was cancelled.

    Parameters
    ----------
    text : str
        As `Job.text` gives it.
    version : str
        Of the package that gives the job.
    stop : str
        Name of the event that cancels all jobs of a run.
    cores : mapping
        How many cores a job may use, by the worker's address.
    topic : str
        Where the share that is done is told, with the key of the task.
    """
    import distributed

    worker = distributed.get_worker()
    if version != VERSION:
        raise ClusterError(about_versions(worker.address, VERSION, version))
    own = cores.get(worker.address, max(1, runtime.cores() // worker.state.nthreads))
    os.environ.setdefault(runtime.CORES, str(own))
    if not hasattr(_THREAD, "workplace"):
        _THREAD.workplace = Workplace()  # one a thread: a network looks at one pair at a time
    tell = _Teller(worker, topic, str(worker.get_current_task()))
    try:
        outcome = _THREAD.workplace.perform(Job.from_text(text), tell, _Stopped(distributed.Event(stop)))
    except CancelledError:
        return None
    return {**asdict(outcome), "worker": worker.address}


class _Teller:
    """Tells the share of a task that is done, now and then, to whoever listens to a topic."""

    def __init__(self, worker: Any, topic: str, key: str):
        self._worker, self._topic, self._key = worker, topic, key
        self._told: float | None = None

    def __call__(self, share: float) -> None:
        now = time.monotonic()
        if self._told is None or now - self._told >= _TELLING_S:
            self._told = now
            with contextlib.suppress(Exception):  # who does not hear how far it is loses nothing else
                self._worker.log_event(self._topic, {"key": self._key, "share": float(share)})


class _Stopped:
    """Whether the run was cancelled, asked of the scheduler now and then."""

    def __init__(self, event: Any):
        self._event, self._asked, self._answer = event, time.monotonic(), False

    def __call__(self) -> bool:
        now = time.monotonic()
        if not self._answer and now - self._asked >= _ASKING_S:
            self._asked = now
            with contextlib.suppress(Exception):  # a scheduler that does not answer cancels nothing
                self._answer = bool(self._event.is_set())
        return self._answer
