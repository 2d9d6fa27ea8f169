"""A button whose text is never cut off: where it does not fit it ends in an ellipsis, and the tooltip has all of it."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QSize, Qt
from qgis.PyQt.QtGui import QCursor, QPaintEvent
from qgis.PyQt.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter, QToolTip, QWidget

_LEAST_PX = 48
_MARGIN_PX = 6


class Button(QPushButton):
    """As wide as its text where there is room, narrower where there is none."""

    def __init__(self, text: str = "", parent: QWidget | None = None):
        super().__init__(text, parent)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), _LEAST_PX), hint.height())

    def shown_text(self) -> str:
        """Return the text as it is drawn."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, max(room - _MARGIN_PX, 0))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.shown_text()
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self.shown_text() != self.text():
            QToolTip.showText(QCursor.pos(), "\n".join(filter(None, (self.text(), self.toolTip()))), self)
            return True
        return super().event(event)
