"""Jobs done by the workers of a dask cluster, which see the same files under the same paths.

``dask.distributed`` is imported only when a cluster is asked for.
"""

from __future__ import annotations

import contextlib
import os
import queue
import time
import uuid
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deepot_qgis.__about__ import VERSION

from .. import values, waiting
from ..callbacks import Cancelled
from ..errors import CancelledError, ClusterError, LostError, OptionsError
from . import remote
from .job import Job, Outcome, Watch

DEFAULT_TIMEOUT_S = 30.0
_POLL_S = 0.2


@dataclass(frozen=True)
class _Share:
    """How much of a task is done, 0..1, as its worker tells."""

    key: str
    share: float


class Cluster:
    """The workers of a scheduler, each of which does one job a thread.

    A worker that is lost costs the jobs that it was doing: others do them again.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://node:8786``, or the path of its scheduler file.
    retries : int
        How often a job is given out again after it ended unexpectedly.
    timeout_s : float
        How long the scheduler may take to answer.
    """

    def __init__(self, address: str, retries: int = 2, timeout_s: float = DEFAULT_TIMEOUT_S):
        if not address.strip():
            raise OptionsError("The address of the scheduler is empty; give one, such as tcp://node:8786.")
        self._address = address.strip()
        self._retries = values.whole("retries", retries, 0, 100)
        self._timeout_s = values.number("scheduler_timeout", timeout_s, 0.1, 1e5)

    def run(self, jobs: Iterable[Job], watch: Watch, cancelled: Cancelled) -> Iterator[tuple[Job, Outcome]]:
        """Do jobs; see `job.Runner.run`.

        Raises
        ------
        ClusterError
            distributed is not installed, the scheduler does not answer or was lost, or a worker has another version of
            this package.
        """
        distributed = _distributed()
        with self._client(distributed) as client:
            cores = _cores_of_workers(_facts_of_workers(client, cancelled))
            run, heard = uuid.uuid4().hex, queue.Queue[Any]()
            stop, topic = distributed.Event(f"deepot-stop-{run}", client=client), f"deepot-shares-{run}"
            left: dict[str, tuple[Job, Any]] = {}
            client.subscribe_topic(topic, lambda event: heard.put(_Share(event[1]["key"], event[1]["share"])))
            try:
                for number, job in enumerate(jobs):
                    key = f"measure-{job.name}-{run[:8]}{number:06x}"  # the dashboard calls tasks by it
                    future = client.submit(
                        remote.measure_job, job.text(), VERSION, stop.name, cores, topic,
                        key=key, retries=self._retries, pure=False,
                    )  # fmt: skip
                    left[key] = job, future
                    future.add_done_callback(heard.put)
                while left:
                    ended = _next(heard, cancelled)
                    if not isinstance(ended, _Share):
                        job, _ = left.pop(ended.key)
                        yield job, self._outcome(ended)
                    elif ended.key in left:  # what a task said last may come after its end
                        watch(left[ended.key][0], ended.share)
            except CancelledError:
                while not heard.empty():  # finished while nobody listened any more
                    future = heard.get()
                    if not isinstance(future, _Share) and future.status == "finished":
                        job, _ = left.pop(future.key)
                        yield job, self._outcome(future)
                raise
            finally:
                if left:
                    with contextlib.suppress(Exception):  # the scheduler may be what was lost
                        stop.set()
                        client.cancel([future for _, future in left.values()])

    @contextlib.contextmanager
    def _client(self, distributed: Any) -> Iterator[Any]:
        place = {"scheduler_file": self._address} if os.path.isfile(self._address) else {"address": self._address}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # versions that differ: what matters is compared below
                client = distributed.Client(**place, timeout=self._timeout_s, set_as_default=False, name="deepot")
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"The scheduler {self._address} did not answer within {self._timeout_s:g} s; is it running, and can "
                "this machine reach it? Its log says its address."
            ) from error
        except Exception as error:
            raise ClusterError(
                f"The scheduler {self._address} cannot be used ({_brief(error)}); give its address as its log says it, "
                "such as tcp://node:8786, and use the same version of distributed there and here."
            ) from error
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.close(timeout=5)

    def _outcome(self, future: Any) -> Outcome:
        """What became of a task that has ended."""
        if future.status == "finished":
            said = future.result()
            if said is not None:
                return Outcome(**said)
        if future.status == "error":
            error = future.exception()
            if isinstance(error, ClusterError):
                raise error
            return Outcome("failed", 0.0, _about_failure(error), LostError.__name__)
        raise ClusterError(
            f"The scheduler {self._address} was lost or has forgotten its tasks; pairs that are finished are kept: "
            "start it again, and run this again for the others."
        )


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise ClusterError(
            "The package distributed is not installed in this Python, and clusters need it: install it (python3 -m pip "
            "install 'deepot-qgis[cluster]'), or measure on this machine with --jobs."
        ) from error
    return distributed


def _next(heard: queue.Queue[Any], cancelled: Cancelled) -> Any:
    while True:
        if cancelled():
            raise CancelledError("Cancelled.")
        try:
            return heard.get(timeout=_POLL_S)
        except queue.Empty:
            continue


def _about_failure(error: BaseException) -> str:
    if type(error).__name__ == "KilledWorker":
        return (
            "The workers that measured it were lost one after the other; if the memory does not suffice, give workers "
            "more of it, or fewer threads."
        )
    return f"It ended unexpectedly on its worker ({_brief(error)})."


def _brief(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    if lines and type(error) is Exception:  # what could not be sent as it was says itself what it is
        return lines[0][:200]
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__


def _facts_of_workers(client: Any, cancelled: Cancelled) -> dict[str, dict[str, Any]]:
    """What the workers say of themselves, once there is one.

    Raises
    ------
    ClusterError
        One of them has no or another version of this package.
    """
    while not client.nthreads():
        if cancelled():
            raise CancelledError("Cancelled.")
        time.sleep(_POLL_S)
    found = waiting.call(lambda: client.run(remote.facts, on_error="return"), cancelled)
    for address, said in found.items():
        if isinstance(said, BaseException):
            raise ClusterError(
                f"The worker {address} cannot measure ({_brief(said)}); install the same version of this package "
                f"({VERSION}) for it, with GDAL, numpy and scipy."
            )
        if said["version"] != VERSION:
            raise ClusterError(remote.about_versions(address, said["version"], VERSION))
    return found


def _cores_of_workers(workers: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Cores that one job may use, by the worker's address; workers of a host that may use the same ones share them."""
    shared = Counter[Any]()
    for said in workers.values():
        shared[said["host"], tuple(said["cores"])] += said["threads"]
    return {
        address: max(1, len(said["cores"]) // shared[said["host"], tuple(said["cores"])])
        for address, said in workers.items()
    }
