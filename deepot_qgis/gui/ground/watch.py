"""Keeps the preview of a refinement up to date in the background."""

from __future__ import annotations

from collections.abc import Callable

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.refine import RefineOptions, Survivors
from deepot_qgis.gui.ground.task import PreviewTask
from deepot_qgis.gui.runner import Runner

_SETTLE_MS = 400  # until the user has stopped changing things


class PreviewWatch(QObject):
    """Looks at what would survive, always for what is chosen now.

    Parameters
    ----------
    chosen
        Returns what is chosen, None while there is nothing to look at; raises a `DeepotError` when it cannot be.

    Signals
    -------
    began, found, failed
        A look begins; `Survivors`; a `DeepotError`. A look that was overtaken says nothing.
    """

    began = pyqtSignal()
    found = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, chosen: Callable[[], RefineOptions | None], parent: QObject | None = None):
        super().__init__(parent)
        self._chosen = chosen
        self._wanted: RefineOptions | None = None
        self._asked: RefineOptions | None = None
        self._runner = Runner(self)
        self._runner.idle.connect(self._go_on)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._look)

    def look(self, *_change: object) -> None:
        """Look again, as soon as nothing changes any more."""
        self._wanted = None
        self._settle.start()

    def stop(self) -> None:
        """Stop what is under way."""
        self._settle.stop()
        self._wanted = None
        self._runner.cancel()

    def _look(self) -> None:
        try:
            self._wanted = self._chosen()
        except DeepotError as error:
            self.failed.emit(error)
            return
        if self._runner.busy():
            self._runner.cancel()  # it is overtaken; `idle` comes back here
        else:
            self._go_on()

    def _go_on(self) -> None:
        wanted = self._wanted
        if wanted is None or self._runner.busy():
            return
        self._asked = wanted
        task = PreviewTask(wanted)
        task.succeeded.connect(self._found)
        task.failed.connect(self._failed)
        self.began.emit()
        self._runner.start(task)

    def _found(self, survivors: Survivors) -> None:
        if self._asked is self._wanted:
            self._wanted = None
            self.found.emit(survivors)

    def _failed(self, error: DeepotError) -> None:
        if self._asked is self._wanted:
            self._wanted = None
            self.failed.emit(error)
