"""A note on the map at the place it is about."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

_GAP_PX = 12
_WIDEST_PX = 340


class Popup(QFrame):
    """Text that stays until it is closed; it can be selected and copied.

    Signals
    -------
    closed
    """

    closed = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self.setObjectName("deepotPopup")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        palette = self.palette()
        for role, like in (
            (QPalette.ColorRole.Window, QPalette.ColorRole.ToolTipBase),
            (QPalette.ColorRole.WindowText, QPalette.ColorRole.ToolTipText),
        ):
            palette.setColor(role, palette.color(like))
        self.setPalette(palette)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.RichText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setWordWrap(False)
        self.close_button = QToolButton()
        self.close_button.setText("×")
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip(self.tr("Close (Esc)"))
        self.close_button.clicked.connect(self.shut)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 2, 6)
        layout.addWidget(self._text)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def say(self, html: str, place: QPoint) -> None:
        """Show text beside a place of the canvas, where there is room for it."""
        self._text.setWordWrap(False)
        self._text.setText(html)
        if self._text.sizeHint().width() > _WIDEST_PX:
            self._text.setWordWrap(True)
            self._text.setFixedWidth(_WIDEST_PX)
        else:
            self._text.setFixedWidth(self._text.sizeHint().width())
        self.adjustSize()
        room = self.parentWidget().size()
        x, y = place.x() + _GAP_PX, place.y() + _GAP_PX
        if x + self.width() > room.width():
            x = place.x() - _GAP_PX - self.width()
        if y + self.height() > room.height():
            y = place.y() - _GAP_PX - self.height()
        self.move(max(x, 0), max(y, 0))
        self.show()
        self.raise_()

    def text(self) -> str:
        """Return what is shown, as rich text."""
        return self._text.text()

    def shut(self) -> None:
        """Close it."""
        if self.isVisible():
            self.hide()
            self.closed.emit()
