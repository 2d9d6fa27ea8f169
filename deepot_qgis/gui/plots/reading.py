"""Reading histories of a series in the background: a drawn area may hold millions of pixels."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from qgis.PyQt.QtCore import QObject, pyqtSignal

from deepot_qgis.engine.timeseries.product import SeriesProduct, open_series
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.task import DeepotTask

_Read = Callable[[SeriesProduct], Any]


class ReadTask(DeepotTask):
    """Open a series by path and read from it; succeeds with what `read` returns."""

    def __init__(self, path: str, read: _Read):
        super().__init__("DeepOT: read series")
        self._path, self._read = path, read

    def work(self) -> Any:
        return self._read(open_series(self._path))


class Reader(QObject):
    """Reads one after the other, in the order in which they were asked for.

    Signals
    -------
    failed
        A DeepotError.
    """

    failed = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._runner = Runner(self)
        self._runner.idle.connect(self._next)
        self._waiting: deque[tuple[str, _Read, Callable[[Any], None]]] = deque()

    def read(self, path: str, read: _Read, done: Callable[[Any], None]) -> None:
        """Call `read` with the opened series in a worker, then `done` with what it returned."""
        self._waiting.append((path, read, done))
        self._next()

    def busy(self) -> bool:
        """Say whether something is being read."""
        return self._runner.busy() or bool(self._waiting)

    def stop(self) -> None:
        """Forget what was asked for."""
        self._waiting.clear()
        self._runner.cancel()

    def _next(self) -> None:
        if self._waiting and not self._runner.busy():
            path, read, done = self._waiting.popleft()
            task = ReadTask(path, read)
            task.succeeded.connect(done)
            task.failed.connect(self.failed)
            self._runner.start(task)
