"""Colour and sign of a level: said by shape and word too, for those who do not see the colour."""

from __future__ import annotations

from qgis.core import Qgis
from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

# Okabe and Ito's colours: told apart by colour-blind readers, readable on light and dark themes
COLORS = {
    Qgis.MessageLevel.Info: QColor(0, 114, 178),
    Qgis.MessageLevel.Success: QColor(0, 158, 115),
    Qgis.MessageLevel.Warning: QColor(230, 159, 0),
    Qgis.MessageLevel.Critical: QColor(213, 94, 0),
}
_SIDE = 15


def tinted(name: str, level: Qgis.MessageLevel) -> str:
    """Return the style sheet of a frame of that name in a level's colour."""
    color = COLORS[level]
    rgb = f"{color.red()},{color.green()},{color.blue()}"
    return f"#{name} {{ background: rgba({rgb},38); border: none; border-left: 4px solid rgb({rgb}); }}"


class LevelSign(QWidget):
    """A tick in a disc, an exclamation mark in a triangle, a cross in a square; drawn, so sharp on every screen."""

    def __init__(self, level: Qgis.MessageLevel | None = None, parent: QWidget | None = None):
        super().__init__(parent)
        self.level = level
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.level is None:  # still looking
            painter.setBrush(self.palette().mid())
            for x in (3.5, 7.5, 11.5):
                painter.drawEllipse(QPointF(x, 7.5), 1.3, 1.3)
            painter.end()
            return
        painter.setBrush(COLORS[self.level])
        if self.level == Qgis.MessageLevel.Critical:
            painter.drawRoundedRect(QRectF(1, 1, 13, 13), 2, 2)
            strokes = ((4.5, 4.5, 10.5, 10.5), (10.5, 4.5, 4.5, 10.5))
        elif self.level == Qgis.MessageLevel.Warning:
            painter.drawPolygon(QPolygonF([QPointF(7.5, 0.5), QPointF(14.8, 14), QPointF(0.2, 14)]))
            strokes = ((7.5, 5.2, 7.5, 9.2), (7.5, 11.6, 7.5, 11.8))
        else:
            painter.drawEllipse(QRectF(0.5, 0.5, 14, 14))
            strokes = ((4.2, 7.8, 6.6, 10.2), (6.6, 10.2, 10.8, 5.2))
        dark = self.level == Qgis.MessageLevel.Warning  # white on yellow is hard to see
        pen = QPen(QColor(40, 30, 0) if dark else QColor(255, 255, 255), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        for x0, y0, x1, y1 in strokes:
            painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))
        painter.end()
