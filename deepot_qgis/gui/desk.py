"""What all tabs of the panel share: the map, the one piece of work under way, and where messages are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import Qgis
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QObject, pyqtSignal

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.gui.map.tools import MapTools
from deepot_qgis.gui.run_bar import RunBar
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.task import DeepotTask
from deepot_qgis.processing.spoken import spoken

_BAR_SECONDS = 8


class Desk(QObject):
    """One run bar, one runner, one message bar for every tab.

    Parameters
    ----------
    canvas
        The map whose extent may limit the area and which is zoomed to results.
    message_bar
        QGIS's message bar; what goes wrong is shown there as well as in the panel.

    Attributes
    ----------
    map_tools : MapTools
        Identify, swipe and blink on that map.

    Signals
    -------
    busy_changed
        Whether work is under way.
    """

    busy_changed = pyqtSignal(bool)

    def __init__(self, canvas: QgsMapCanvas, message_bar: QgsMessageBar, parent: QObject | None = None):
        super().__init__(parent)
        self.canvas, self._message_bar = canvas, message_bar
        self.run_bar, self.runner = RunBar(), Runner(self)
        self.map_tools = MapTools(canvas, self)
        self.run_bar.cancel_clicked.connect(self.runner.cancel)
        self.runner.progressed.connect(self.run_bar.show_progress)
        self.runner.stopped.connect(self.say)
        self.runner.idle.connect(lambda: self._set_busy(False))

    def launch(
        self, make: Callable[[], DeepotTask], succeeded: Callable[[Any], None], failed: Callable[[DeepotError], None]
    ) -> None:
        """Start what a click asks for, unless a task is under way or what is chosen makes none."""
        if self.runner.busy():
            return
        self.run_bar.notice.clear()
        try:
            task = make()
        except DeepotError as error:
            failed(error)
            return
        task.succeeded.connect(succeeded)
        task.failed.connect(failed)
        self._set_busy(True)
        self.runner.start(task)

    def say(
        self, text: str, level: Qgis.MessageLevel = Qgis.MessageLevel.Info, *way_out: str | Callable[[], object]
    ) -> None:
        """Say something at the foot of the panel, with a button when an action and its call are given."""
        self.run_bar.notice.say(text, level, *way_out)

    def show_error(self, error: DeepotError, *way_out: str | Callable[[], object]) -> None:
        """Say in the panel and in the message bar what is wrong, and offer the way out as a button."""
        self.say(str(error), Qgis.MessageLevel.Critical, *way_out)
        self._message_bar.pushMessage("DeepOT", spoken(str(error)), Qgis.MessageLevel.Critical, _BAR_SECONDS)

    def _set_busy(self, busy: bool) -> None:
        self.run_bar.set_busy(busy)
        self.busy_changed.emit(busy)
