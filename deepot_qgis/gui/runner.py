"""Starts tasks, keeps them alive, estimates the time left, cancels them."""

from __future__ import annotations

import time

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from deepot_qgis.gui.task import DeepotTask
from deepot_qgis.processing.present import present

_FIRST_ESTIMATE_S = 1.5  # before that the estimate jumps
_FIRST_ESTIMATE_SHARE = 0.03
_CANCEL_GRACE_MS = 1000  # loading a model or reading a slow drive may take longer than a person waits


class Runner(QObject):
    """Runs one piece of work at a time.

    Signals
    -------
    progressed
        Fraction 0..1, what is being done, seconds left (negative while unknown).
    stopped
        The work was cancelled; what that left, as a sentence.
    idle
        The work has ended, one way or another.
    """

    progressed = pyqtSignal(float, str, float)
    stopped = pyqtSignal(str)
    idle = pyqtSignal()

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._task: DeepotTask | None = None
        self._started = 0.0
        self._leaving: set[DeepotTask] = set()
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(_CANCEL_GRACE_MS)
        self._grace.timeout.connect(self._abandon)

    def busy(self) -> bool:
        """Say whether work is under way."""
        return self._task is not None

    def start(self, task: DeepotTask) -> None:
        """Hand a task to QGIS and keep a reference: QGIS's own is not enough for Python objects.

        The task may outlive the panel, when the plugin is unloaded. Give its signals methods of objects of Qt only: Qt
        forgets those when their object goes, and calls a function all the same.
        """
        self._task = task
        self._started = time.monotonic()
        task.progressed.connect(self._progress)
        # connected after the caller's own slots, so that `idle` comes last
        task.succeeded.connect(self._end)
        task.failed.connect(self._end)
        task.stopped.connect(self._stop)
        present(QgsApplication.taskManager()).addTask(task)

    def cancel(self) -> None:
        """Ask the work to stop; the engine looks between its steps, and while a tile is measured."""
        if self._task is not None:
            self._task.cancel()
            self._grace.start()

    def settled(self) -> bool:
        """Say whether no worker is left, abandoned ones included."""
        return self._task is None and not self._leaving

    def _abandon(self) -> None:
        task = self._task
        if task is not None:
            self._leaving.add(task)
            task.left.connect(lambda: self._leaving.discard(task))
            task.abandon()

    def _progress(self, fraction: float, text: str) -> None:
        elapsed = time.monotonic() - self._started
        known = elapsed >= _FIRST_ESTIMATE_S and fraction >= _FIRST_ESTIMATE_SHARE
        self.progressed.emit(fraction, text, elapsed * (1.0 - fraction) / fraction if known else -1.0)

    def _stop(self) -> None:
        self.stopped.emit(present(self._task).stopped_text())
        self._end()

    def _end(self, *_value: object) -> None:
        self._task = None
        self._grace.stop()
        self.idle.emit()


def duration_text(seconds: float) -> str:
    """Return a duration as a person says it: ``40 s``, ``3 min``, ``1 h 20 min``."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
