"""Jobs done by several processes of this machine, each with its share of the cores."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .. import runtime, values
from ..callbacks import Cancelled
from ..errors import CancelledError, ClusterError, InstallationError, LostError
from ..installation import interpreter
from . import worker
from .job import Job, Outcome, Watch

_PACKAGE = __name__.partition(".")[0]
#: Variables by which numerical libraries are told how many threads to use.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_POLL_S = 0.1
#: A process that was told to stop ends by itself within this time, or is ended.
_PATIENCE_S = 30.0
_QUOTED = 300
#: Statuses of what is ended from outside (SIGKILL, also sent when memory runs out, and SIGTERM), not by a fault of its
#: own.
_FROM_OUTSIDE = (-9, -15)

#: A process, which of its lives, and what it said.
_Heard = tuple["_Process", "subprocess.Popen[str]", dict[str, Any]]


class LocalPool:
    """Processes that do jobs side by side.

    A process that is lost (out of memory, killed) costs the job that it was doing: another one does it again.

    Parameters
    ----------
    jobs : int
        How many jobs at once.
    cores : int or None
        Cores for each; None divides those of this process.
    retries : int
        How often a job is given out again after its process was lost.
    """

    def __init__(self, jobs: int, cores: int | None = None, retries: int = 2):
        self._count = values.whole("jobs", jobs, 1, 1024)
        self._cores = values.whole("cores", cores or max(1, runtime.cores() // jobs), 1, 4096)
        self._retries = retries

    def run(self, jobs: Iterable[Job], watch: Watch, cancelled: Cancelled) -> Iterator[tuple[Job, Outcome]]:
        """Do jobs; see `job.Runner.run`."""
        heard: queue.Queue[_Heard] = queue.Queue()
        todo, lost = _Todo(jobs), collections.Counter[str]()
        python = _python()
        processes = [_Process(number, python, self._cores, heard) for number in range(1, self._count + 1)]
        try:
            while True:
                for process in processes:
                    if process.job is None:
                        process.give(todo.next())
                if not any(process.job for process in processes):
                    break
                for process, job, said in _listen(heard, cancelled):
                    if "share" in said:
                        watch(job, said["share"])
                        continue
                    outcome = self._outcome(process, job, said, lost)
                    process.job = None
                    if outcome is None:
                        todo.again(job)
                    else:
                        yield job, outcome
        except CancelledError:
            yield from _finished_meanwhile(heard, processes)
            raise
        finally:
            for process in processes:
                process.stop()
            for process in processes:
                process.end()

    def _outcome(
        self, process: _Process, job: Job, said: dict[str, Any], lost: collections.Counter[str]
    ) -> Outcome | None:
        """What the last words of a process mean for its job; None when the job is to be done again."""
        if "outcome" in said:
            return Outcome(**{**said["outcome"], "worker": process.name})
        name = job.name
        lost[name] += 1
        if "crash" in said:
            why = said["crash"]
            process.end()
        else:
            why = process.lost()
        if lost[name] <= self._retries:
            return None
        return Outcome("failed", 0.0, _about_loss(why, lost[name]), LostError.__name__, process.name)


def _about_loss(why: str, times: int) -> str:
    return (
        f"The process that measured it was lost {times} times ({why}); if the memory does not suffice, run fewer jobs "
        "at once or choose a smaller tile."
    )


class _Todo:
    """Jobs that are left: those to be done again first."""

    def __init__(self, jobs: Iterable[Job]):
        self._jobs = iter(jobs)
        self._again: list[Job] = []

    def next(self) -> Job | None:
        return self._again.pop() if self._again else next(self._jobs, None)

    def again(self, job: Job) -> None:
        self._again.append(job)


def _listen(heard: queue.Queue[_Heard], cancelled: Cancelled) -> Iterator[tuple[_Process, Job, dict[str, Any]]]:
    """Wait until something is said, and give all that was; not what comes from a process that was replaced."""
    while True:
        if cancelled():
            raise CancelledError("Cancelled.")
        try:
            process, of, said = heard.get(timeout=_POLL_S)
        except queue.Empty:
            continue
        while True:
            if of is process.running:
                if process.job is not None:
                    yield process, process.job, said
                elif "lost" in said:
                    process.end()  # while it had nothing to do; the next job starts another
            if heard.empty():
                return
            process, of, said = heard.get()


def _finished_meanwhile(heard: queue.Queue[_Heard], processes: Sequence[_Process]) -> Iterator[tuple[Job, Outcome]]:
    """What was finished while nobody listened any more, after all processes were told to stop and have."""
    for process in processes:
        process.stop()
    for process in processes:
        process.wait()
    while not heard.empty():
        process, of, said = heard.get()
        if of is process.running and process.job is not None and "outcome" in said:
            yield process.job, Outcome(**{**said["outcome"], "worker": process.name})


class _Process:
    """One process, started when it is first needed and again after it was lost."""

    def __init__(self, number: int, python: str, cores: int, heard: queue.Queue[_Heard]):
        self.name = f"process {number}"
        self.job: Job | None = None
        self._python, self._cores, self._heard = python, cores, heard
        self.running: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._words: Any = None
        self._began = False

    def give(self, job: Job | None) -> None:
        """Have a job done; nothing for None."""
        self.job = job
        if job is None:
            return
        if self.running is None:
            self._start()
        self._tell(job.text())

    def stop(self) -> None:
        """Say that whatever it does is to end; nothing is waited for."""
        if self.running is not None:
            self._tell(worker.STOP)

    def end(self) -> None:
        """End it, unless it has ended."""
        self.stop()
        self.wait()
        if self.running is not None:
            self._close()

    def wait(self) -> None:
        """Wait until it has ended and all that it said is heard; see to it that it does end."""
        if self.running is None:
            return
        try:
            self.running.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()
        if self._listener is not None:
            self._listener.join()

    def lost(self) -> str:
        """Why it ended, after it did.

        Raises
        ------
        ClusterError
            It never began, by a fault of its own: the next one would not either.
        """
        assert self.running is not None  # it was heard of
        status = self.running.wait()
        words = self._last_words()
        self._close()
        if not self._began and status not in _FROM_OUTSIDE:
            raise ClusterError(
                f"No process for measuring can be started ({words or f'exit status {status}'}); run one job at a time."
            )
        if status < 0:
            return f"ended by signal {-status}"
        return words or f"exit status {status}"

    def _start(self) -> None:
        self._began = False
        self._words = tempfile.TemporaryFile()  # noqa: SIM115  closed by _close
        try:
            self.running = subprocess.Popen(  # noqa: S603  this very Python
                [self._python, "-m", worker.__name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._words,
                env=_environment(self._cores),
                encoding="utf-8",
                start_new_session=True,  # Ctrl+C in the terminal is for this process alone
            )
        except OSError as error:
            raise ClusterError(
                f"No process for measuring can be started ({error.strerror}); run one job at a time."
            ) from error
        self._listener = threading.Thread(target=self._listen, args=(self.running,), daemon=True)
        self._listener.start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None  # it was opened with a pipe
        for line in process.stdout:
            said = json.loads(line)
            if "ready" in said:
                self._began = True
            else:
                self._heard.put((self, process, said))
        self._heard.put((self, process, {"lost": True}))

    def _tell(self, line: str) -> None:
        assert self.running is not None and self.running.stdin is not None
        with contextlib.suppress(OSError):  # it is gone; whoever listens to it hears that
            self.running.stdin.write(line + "\n")
            self.running.stdin.flush()

    def _last_words(self) -> str:
        self._words.seek(0)
        lines = self._words.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][-_QUOTED:] if lines else ""

    def _close(self) -> None:
        process, self.running = self.running, None
        assert process is not None and process.stdin is not None
        with contextlib.suppress(OSError):  # what could not be said any more
            process.stdin.close()
        self._words.close()


def _python() -> str:
    """The Python that runs this, where QGIS takes itself or another one for it, too."""
    try:
        return interpreter.find()
    except InstallationError as error:
        raise ClusterError(
            "Several jobs at once need a Python that can be started anew, and here it is part of another program; run "
            "one job at a time, or use the command line."
        ) from error


def _environment(cores: int) -> dict[str, str]:
    """Of a process that shall find this package and use so many cores."""
    here = str(Path(__file__).resolve().parents[__name__.count(".")])
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    shares = {name: str(min(cores, _given(name, cores))) for name in _THREADS}
    return {**os.environ, **shares, "PYTHONPATH": os.pathsep.join(paths), runtime.CORES: str(cores)}


def _given(name: str, otherwise: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() and int(text) else otherwise
