"""A picture of other layers over the map, or over a part of it."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapRendererParallelJob, QgsMapSettings
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt.QtCore import QLineF, QObject, QPointF, QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPen

from deepot_qgis.gui.map.views import MapView
from deepot_qgis.processing.present import present

_HANDLE_PX = 11.0
_PLATE_PX = 8.0


class Side(QObject):
    """One side of a comparison: what it shows, drawn for the extent that the canvas has now.

    Signals
    -------
    drawn
        There is a new picture, or none any more.
    """

    drawn = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._job: QgsMapRendererParallelJob | None = None
        self.view: MapView | None = None
        self.picture: QImage | None = None

    def show(self, view: MapView | None) -> None:
        """Draw a view in place of what was shown before."""
        self.view = view
        self.draw()

    def ready(self) -> bool:
        """Say whether what is to be seen can be seen."""
        return self.view is not None and (self.view.layers is None or self.picture is not None)

    def draw(self) -> None:
        """Draw anew, because the canvas shows another place; nothing to draw where the canvas itself shows it."""
        self.stop()
        self.picture = None
        if self.view is None or self.view.layers is None:
            self.drawn.emit()
            return
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers(list(self.view.layers))
        settings.setIsTemporal(False)  # the date is chosen here, not by the temporal controller
        self._job = QgsMapRendererParallelJob(settings)
        self._job.finished.connect(self._take)
        self._job.start()

    def stop(self) -> None:
        """Give up a drawing that is under way."""
        if self._job is not None:
            self._job.finished.disconnect(self._take)
            self._job.cancel()
            self._job = None

    def _take(self) -> None:
        if self._job is not None:
            self.picture = self._job.renderedImage()
            self._job = None
            self.drawn.emit()


class Overlay(QgsMapCanvasItem):
    """Two sides over the canvas: left and right of a line, or one of them over all of it.

    Attributes
    ----------
    split : float or None
        Share of the width left of the line; None shows `front` everywhere.
    front : int
        Which side is shown without a line: 0 or 1.
    """

    def __init__(self, canvas: QgsMapCanvas, sides: tuple[Side, Side]):
        super().__init__(canvas)
        self._canvas_, self._sides = canvas, sides
        self.split: float | None = 0.5
        self.front = 0
        self.setZValue(50)  # above the layers, below rubber bands that users draw

    def boundingRect(self) -> QRectF:
        return QRectF(0.0, 0.0, float(self._canvas_.width()), float(self._canvas_.height()))

    def updatePosition(self) -> None:
        """Stay where it is: its pictures are as large as the canvas."""

    def line_px(self) -> float:
        """Return where the line is, pixels from the left."""
        return (self.split or 0.0) * self._canvas_.width()

    def paint(self, painter: QPainter | None, *_: Any) -> None:
        painter = present(painter)
        whole = self.boundingRect()
        if self.split is None:
            self._paint_side(painter, self.front, whole, whole.left() + _PLATE_PX, Qt.AlignmentFlag.AlignLeft)
            return
        x = self.line_px()
        left, right = QRectF(0.0, 0.0, x, whole.height()), QRectF(x, 0.0, whole.width() - x, whole.height())
        self._paint_side(painter, 0, left, x - _PLATE_PX, Qt.AlignmentFlag.AlignRight)
        self._paint_side(painter, 1, right, x + _PLATE_PX, Qt.AlignmentFlag.AlignLeft)
        self._paint_line(painter, x, whole.height())

    def _paint_side(self, painter: QPainter, number: int, area: QRectF, anchor: float, side: Qt.AlignmentFlag) -> None:
        view, picture = self._sides[number].view, self._sides[number].picture
        if view is None:
            return
        painter.save()
        painter.setClipRect(area)
        if view.layers is not None and picture is not None:
            painter.fillRect(area, self._canvas_.canvasColor())  # hides the map where the layers are empty
            painter.drawImage(QPointF(0.0, 0.0), picture)
        self._paint_title(painter, view.title, anchor, side)
        painter.restore()

    def _paint_title(self, painter: QPainter, text: str, anchor: float, side: Qt.AlignmentFlag) -> None:
        size = painter.fontMetrics().boundingRect(text)
        width, height = size.width() + 2 * _PLATE_PX, size.height() + _PLATE_PX
        left = anchor - width if side == Qt.AlignmentFlag.AlignRight else anchor
        plate = QRectF(left, self.boundingRect().height() - height - _PLATE_PX, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255, 215))
        painter.drawRoundedRect(plate, 3.0, 3.0)
        painter.setPen(QColor("#111111"))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_line(self, painter: QPainter, x: float, height: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in (("#ffffff", 5.0), ("#111111", 1.5)):
            painter.setPen(QPen(QColor(color), width))
            painter.drawLine(QLineF(x, 0.0, x, height))
        middle = QPointF(x, height / 2)
        painter.setPen(QPen(QColor("#111111"), 1.5))
        painter.setBrush(QColor("#ffffff"))
        painter.drawEllipse(middle, _HANDLE_PX, _HANDLE_PX)
        for way in (-1.0, 1.0):
            tip = middle + QPointF(way * 7.0, 0.0)
            for side in (-3.5, 3.5):
                painter.drawLine(QLineF(tip, middle + QPointF(way * 3.0, side)))
