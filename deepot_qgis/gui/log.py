"""The plugin's log: one tag in QGIS's log panel, never standard output, which belongs to ``qgis_process --json``."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from qgis.core import Qgis, QgsApplication, QgsMessageLog
from qgis.PyQt.QtCore import QObject

from deepot_qgis.processing.present import present

TAG = "DeepOT"
_KEPT = 200


def log(text: str, level: Qgis.MessageLevel = Qgis.MessageLevel.Info) -> None:
    """Write a line to QGIS's log panel; from any thread."""
    QgsMessageLog.logMessage(text, TAG, level, False)


class LogKeeper(QObject):
    """Keeps the last lines of the plugin's log, for diagnostics."""

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._error = ""
        present(QgsApplication.messageLog()).messageReceived.connect(self._take)

    def lines(self) -> tuple[str, ...]:
        """Return the lines with their time, the oldest first."""
        return tuple(self._lines)

    def last_error(self) -> str:
        """Return the last thing that went wrong; empty when nothing did."""
        return self._error

    def shut_down(self) -> None:
        """Listen no more."""
        present(QgsApplication.messageLog()).messageReceived.disconnect(self._take)

    def _take(self, text: str, tag: str = "", level: Qgis.MessageLevel = Qgis.MessageLevel.Info) -> None:
        if tag != TAG:
            return
        line = f"{datetime.now():%H:%M:%S} {text.rstrip()}"
        self._lines.append(line)
        if level in (Qgis.MessageLevel.Warning, Qgis.MessageLevel.Critical):
            self._error = line
