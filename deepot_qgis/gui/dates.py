"""An acquisition date that may be unknown, edited as a date and kept as ISO text in UTC."""

from __future__ import annotations

from qgis.gui import QgsDateTimeEdit
from qgis.PyQt.QtCore import QDateTime, Qt, QTime
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import QWidget

_DAY, _MINUTE = "yyyy-MM-dd", "yyyy-MM-dd HH:mm"


class DateEdit(QgsDateTimeEdit):
    """Empty means unknown. The time of day is shown only when it is known."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTimeSpec(Qt.TimeSpec.UTC)
        self.setAllowNull(True)
        self.setNullRepresentation(self.tr("date unknown"))
        self.setDisplayFormat(_DAY)
        self.setCalendarPopup(True)
        self.setMinimumWidth(60)
        self.clear()

    def set_iso(self, text: str | None) -> None:
        """Show a date given as ISO text, or none."""
        moment = QDateTime.fromString((text or "").rstrip("Z"), Qt.DateFormat.ISODate)
        if not moment.isValid():
            self.clear()
            self.showEvent(QShowEvent())  # what QGIS empties out of its sight shows today's date, in grey
            return
        moment.setTimeSpec(Qt.TimeSpec.UTC)
        self.setDisplayFormat(_DAY if moment.time() == QTime(0, 0) else _MINUTE)
        self.setDateTime(moment)

    def iso(self) -> str | None:
        """Return the date as ISO text, with the time when it is known; None when empty."""
        if self.isNull():
            return None
        moment = self.dateTime()
        if moment.time() == QTime(0, 0):
            return moment.toString(_DAY)
        return moment.toString("yyyy-MM-ddTHH:mm:ss") + "Z"
