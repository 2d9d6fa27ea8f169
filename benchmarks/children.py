"""Child processes whose wall time, processor time and peak memory are measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
# Libraries that ask for their number of threads in the environment, before they are imported.
_THREADS = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS",
)  # fmt: skip


@dataclass(frozen=True)
class Spent:
    """What a process took.

    Attributes
    ----------
    wall_s, cpu_s : float
        Seconds of wall and processor time.
    peak_mb : float
        Its largest resident memory, MB (1e6 bytes).
    curve : tuple of (float, float)
        Seconds since its start and its resident memory then, MB; empty where nobody watched.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    curve: tuple[tuple[float, float], ...] = ()


def environment(cores: int) -> dict[str, str]:
    """The environment of a child that is to use this many threads."""
    return {**os.environ, **dict.fromkeys(_THREADS, str(cores)), "PYTHONUNBUFFERED": "1"}


def run(arguments: Sequence[str], cores: int | None = None, folder: Path = REPOSITORY) -> tuple[Spent, str]:
    """Run Python with these arguments to its end; what it took and what it printed.

    Parameters
    ----------
    arguments : sequence of str
        After ``python``.
    cores : int, optional
        Cores that it may use; all when not given.
    folder : Path, optional
        Where it runs; the repository when not given.

    Raises
    ------
    RuntimeError
        It failed; the text is what it printed.
    """
    with tempfile.TemporaryFile("w+") as printed:
        started = time.monotonic()
        process = _start(arguments, cores, 0, folder, stdout=printed, stderr=subprocess.STDOUT)
        try:
            with MemoryCurve(process.pid) as memory:
                _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}:\n{text}")
    return replace(_spent(wall, usage), curve=memory.points), text


class MemoryCurve:
    """Watches the resident memory of a process while it runs; a context.

    However long it runs, no more than `MOST_POINTS` are kept: where there are more, of every two neighbours the larger
    stays.

    Parameters
    ----------
    pid : int
    """

    MOST_POINTS = 240

    def __init__(self, pid: int, every_s: float = 0.5):
        self._path, self._every, self._begun = Path(f"/proc/{pid}/statm"), every_s, time.monotonic()
        self._points: list[tuple[float, float]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemoryCurve:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Seconds and MB."""
        return tuple((round(seconds, 1), round(size, 1)) for seconds, size in self._points)

    def _watch(self) -> None:
        while not self._over.wait(self._every):
            try:
                pages = int(self._path.read_text().split()[1])
            except (OSError, IndexError, ValueError):
                return  # it has ended, or this is no Linux
            self._points.append((time.monotonic() - self._begun, pages * os.sysconf("SC_PAGE_SIZE") / 1e6))
            if len(self._points) >= self.MOST_POINTS:
                self._points = [max(two, key=lambda of: of[1]) for two in zip(self._points[::2], self._points[1::2])]
                self._every *= 2


class Worker:
    """A child that waits for work: for every line it is given it answers with one line of JSON.

    Parameters
    ----------
    arguments : sequence of str
        After ``python``.
    cores : int
        Cores that it may use.
    first : int
        The first of them, among those that this process may use.
    """

    def __init__(self, arguments: Sequence[str], cores: int, first: int = 0):
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed with the process)
        self._process = _start(
            arguments,
            cores,
            first,
            REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._started = time.monotonic()

    def tell(self, work: str) -> None:
        """Give it work and do not wait."""
        try:
            self._process.stdin.write(work + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # its answer says why it ended

    def answer(self) -> dict:
        """Wait for the answer.

        Raises
        ------
        RuntimeError
            The child ended; the text is the last line that it had to say.
        """
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        self._errors.seek(0)
        words = self._errors.read().strip().splitlines()
        raise RuntimeError(words[-1] if words else "it ended without a word; was it killed for its memory?")

    def close(self) -> Spent:
        """End it; what it took from beginning to end."""
        self._process.stdin.close()
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        self._process.stdout.close()
        self._errors.close()
        return _spent(time.monotonic() - self._started, usage)


def _start(arguments: Sequence[str], cores: int | None, first: int, folder: Path, **pipes) -> subprocess.Popen:
    command = [sys.executable, *arguments]
    if not hasattr(os, "sched_setaffinity"):
        return subprocess.Popen(command, cwd=folder, env=environment(cores or os.cpu_count()), **pipes)
    allowed = sorted(os.sched_getaffinity(0))
    chosen = allowed if cores is None else allowed[first : first + cores]
    # Set here and inherited: whoever counts the cores, from its first import on, finds as many as it may use.
    os.sched_setaffinity(0, chosen)
    try:
        return subprocess.Popen(command, cwd=folder, env=environment(len(chosen)), **pipes)
    finally:
        os.sched_setaffinity(0, allowed)


def _spent(wall: float, usage) -> Spent:
    # kilobytes, but bytes on macOS
    unit = 1 if sys.platform == "darwin" else 1024
    return Spent(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)
