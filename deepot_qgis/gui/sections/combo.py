"""A combo box that is narrower than its entries: what does not fit ends in an ellipsis; the tooltip has it."""

from __future__ import annotations

from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtGui import QCursor
from qgis.PyQt.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip

_MARGIN_PX = 4


class EndInEllipsis(QObject):
    """Draws the chosen entry of a combo box; a filter, so that it serves QGIS's own combo boxes too."""

    def __init__(self, combo: QComboBox):
        super().__init__(combo)
        self._combo = combo
        combo.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            option = _option(self._combo)
            option.currentText = shown_text(self._combo, option)
            painter = QStylePainter(self._combo)
            painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
            painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
            painter.end()
            return True
        if event.type() == QEvent.Type.ToolTip and shown_text(self._combo) != self._combo.currentText():
            QToolTip.showText(
                QCursor.pos(), "\n".join(filter(None, (self._combo.currentText(), self._combo.toolTip()))), self._combo
            )
            return True
        return False


def shown_text(combo: QComboBox, option: QStyleOptionComboBox | None = None) -> str:
    """Return the chosen entry as it is drawn."""
    option = option or _option(combo)
    field = QStyle.SubControl.SC_ComboBoxEditField
    room = combo.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, combo).width()
    room -= _MARGIN_PX + (0 if option.currentIcon.isNull() else option.iconSize.width() + _MARGIN_PX)
    return combo.fontMetrics().elidedText(combo.currentText(), Qt.TextElideMode.ElideRight, max(room, 0))


def _option(combo: QComboBox) -> QStyleOptionComboBox:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    return option
