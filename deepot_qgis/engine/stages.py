"""Work in stages: threads beside each other, joined by channels of few places, and where their time goes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Generic, TypeVar

Item = TypeVar("Item")

#: The caller is asked this often whether to go on.
_POLL_S = 0.1
#: The stage whose share is what a run is judged by.
NETWORK = "network"
#: CPU seconds of threads that belong to no stage: of libraries, and of the caller.
ELSEWHERE = "elsewhere"


class Stopped(Exception):
    """Another stage failed or the user cancelled: this one ends at once."""


class Channel(Generic[Item]):
    """A queue of few places from stage to stage: who is faster waits.

    Parameters
    ----------
    places : int
        Items that may wait in it.
    givers : int
        Threads that put; it ends when each of them has closed it.
    """

    def __init__(self, places: int, givers: int = 1):
        self._places, self._givers = places, givers
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._stopped = False

    def put(self, item: Item) -> None:
        """Add an item, as soon as there is a place for it; raises `Stopped`."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or len(self._items) < self._places)
            if self._stopped:
                raise Stopped
            self._items.append(item)
            self._changed.notify_all()

    def close(self) -> None:
        """Say that this thread puts nothing more, for it is done; one that fails leaves its channel to be stopped."""
        with self._changed:
            self._givers -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Wake everybody who waits here, with `Stopped`."""
        with self._changed:
            self._stopped = True
            self._items.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Item]:
        """Items in order until the channel is closed; raises `Stopped`."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._items or self._givers <= 0)
                if self._stopped:
                    raise Stopped
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item


class Stages:
    """Threads that work beside each other until all are done, or one fails.

    A context: when it is left, by whichever way, all its threads have ended.
    """

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._channels: list[Channel[Any]] = []
        self._ended = threading.Condition()
        self._running = 0
        self._error: BaseException | None = None
        self._stop = threading.Event()

    def __enter__(self) -> Stages:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for thread in self._threads:
            thread.join()

    def channel(self, places: int, givers: int = 1) -> Channel[Any]:
        """A channel that wakes its waiters when the stages are stopped."""
        channel: Channel[Any] = Channel(places, givers)
        self._channels.append(channel)
        return channel

    def start(self, work: Callable[[], Any]) -> None:
        """Do this in a thread of its own; what it raises stops all."""
        thread = threading.Thread(target=self._run, args=(work,))
        self._threads.append(thread)
        with self._ended:
            self._running += 1
        thread.start()

    def stop(self) -> None:
        """Ask all threads to end."""
        self._stop.set()
        for channel in self._channels:
            channel.stop()

    def stopped(self) -> bool:
        """Whether the threads should end."""
        return self._stop.is_set()

    def check(self) -> None:
        """Raise what a stage raised, if one did."""
        if self._error is not None:
            raise self._error

    def wait(self, poll: Callable[[], None]) -> None:
        """Wait until all have ended.

        Parameters
        ----------
        poll : callable
            Called in this thread several times a second; what it raises stops all.

        Raises
        ------
        BaseException
            The first that a stage, or `poll`, raised. All threads have ended then.
        """
        try:
            over = False
            while not over:
                poll()
                with self._ended:
                    over = self._ended.wait_for(lambda: not self._running or self._error is not None, _POLL_S)
            poll()
        except BaseException as error:
            self._fail(error)
        if self._error is not None:
            self.stop()
        for thread in self._threads:
            thread.join()
        self.check()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except Stopped as error:
            if not self.stopped():  # of other stages, inside this one
                self._fail(error)
        except BaseException as error:  # given to who waits
            self._fail(error)
        finally:
            with self._ended:
                self._running -= 1
                self._ended.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._ended:
            self._error = self._error or error
            self._ended.notify_all()
        self.stop()


@dataclass(frozen=True)
class Row:
    """What a stage took.

    Attributes
    ----------
    stage : str
    busy_s : float
        Wall seconds in which its threads worked, summed over them.
    cpu_s : float
        CPU seconds of its threads.
    running : float
        Share of the wall time of the run during which at least one of its threads worked.
    """

    stage: str
    busy_s: float
    cpu_s: float
    running: float


class Clock:
    """Where the time of a run goes; any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: dict[str, float] = {}
        self._cpu: dict[str, float] = {}
        self._union: dict[str, float] = {}
        self._open: dict[str, tuple[int, float]] = {}
        self._begun = time.perf_counter(), time.process_time()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside for this stage."""
        wall, cpu = time.perf_counter(), time.thread_time()
        with self._lock:
            count, since = self._open.get(name, (0, wall))
            self._open[name] = count + 1, since if count else wall
        try:
            yield
        finally:
            now, spent = time.perf_counter(), time.thread_time() - cpu
            with self._lock:
                self._busy[name] = self._busy.get(name, 0.0) + now - wall
                self._cpu[name] = self._cpu.get(name, 0.0) + spent
                count, since = self._open[name]
                self._open[name] = count - 1, since
                if count == 1:
                    self._union[name] = self._union.get(name, 0.0) + now - since

    def wall_s(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._begun[0]

    def cpu_s(self) -> float:
        """CPU seconds of the whole process since then."""
        return time.process_time() - self._begun[1]

    def rows(self) -> tuple[Row, ...]:
        """Stages in the order in which they began, and what no stage claims.

        A network that has more than one core to itself computes in threads of its own besides; they are among what no
        stage claims.
        """
        wall, whole = max(self.wall_s(), 1e-9), self.cpu_s()
        with self._lock:
            rows = [
                Row(name, self._busy[name], cpu, self._union.get(name, 0.0) / wall) for name, cpu in self._cpu.items()
            ]
        rest = max(0.0, whole - sum(row.cpu_s for row in rows))
        return (*rows, Row(ELSEWHERE, rest, rest, min(1.0, rest / wall)))

    def table(self) -> str:
        """Stages with their seconds and shares, and how much of the run the network had, as text."""
        rows, wall, cpu = self.rows(), self.wall_s(), max(self.cpu_s(), 1e-9)
        lines = [f"{'stage':<12}{'wall s':>9}{'CPU s':>9}{'of CPU':>8}{'running':>9}"]
        lines += [
            f"{row.stage:<12}{row.busy_s:>9.2f}{row.cpu_s:>9.2f}{row.cpu_s / cpu:>8.1%}{row.running:>9.1%}"
            for row in sorted(rows, key=lambda row: -row.cpu_s)
        ]
        lines.append(f"{'whole run':<12}{wall:>9.2f}{cpu:>9.2f}{1:>8.1%}{1:>9.1%}")
        network = next((row for row in rows if row.stage == NETWORK), None)
        if network is not None:
            lines.append(
                f"The network was running during {network.running:.1%} of the wall time and took "
                f"{network.cpu_s / cpu:.1%} of the CPU seconds."
            )
        return "\n".join(lines)
