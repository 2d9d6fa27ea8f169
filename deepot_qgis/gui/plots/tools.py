"""Map tools: click a point, draw an area, draw a line."""

from __future__ import annotations

from qgis.core import Qgis, QgsGeometry, QgsPointXY, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent

from deepot_qgis.processing.present import present

_INK = QColor(0, 114, 178)


class PointTool(QgsMapTool):
    """Every left click is a point, in the map's CRS."""

    picked = pyqtSignal(QgsGeometry)

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self._canvas = canvas
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent | None) -> None:
        event = present(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(QgsGeometry.fromPointXY(event.mapPoint()))


class DrawTool(QgsMapTool):
    """Left clicks add corners, a right click or a double click ends, Backspace takes one back, Esc gives up.

    Parameters
    ----------
    kind
        Polygon or line.
    """

    picked = pyqtSignal(QgsGeometry)

    def __init__(self, canvas: QgsMapCanvas, kind: Qgis.GeometryType):
        super().__init__(canvas)
        self._canvas = canvas
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._least = 3 if kind == QgsWkbTypes.GeometryType.PolygonGeometry else 2
        self._corners: list[QgsPointXY] = []
        self._band = QgsRubberBand(canvas, kind)
        self._band.setStrokeColor(_INK)
        self._band.setFillColor(QColor(_INK.red(), _INK.green(), _INK.blue(), 50))
        self._band.setWidth(2)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent | None) -> None:
        event = present(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._corners.append(event.mapPoint())
            self._show()
        elif event.button() == Qt.MouseButton.RightButton:
            self._finish()

    def canvasDoubleClickEvent(self, _event: QgsMapMouseEvent | None) -> None:
        self._finish()

    def canvasMoveEvent(self, event: QgsMapMouseEvent | None) -> None:
        if self._corners:
            self._show(present(event).mapPoint())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        event = present(event)
        if event.key() == Qt.Key.Key_Escape:
            self._forget()
        elif event.key() == Qt.Key.Key_Backspace and self._corners:
            event.accept()  # not the map's own meaning of the key
            self._corners.pop()
            self._show()

    def deactivate(self) -> None:
        self._forget()
        super().deactivate()

    def remove(self) -> None:
        """Take what is drawn off the map; the canvas owns it, not this tool."""
        self._forget()
        self._canvas.scene().removeItem(self._band)

    def _finish(self) -> None:
        corners = self._corners
        self._forget()
        if len(corners) < self._least:
            return
        drawn = QgsGeometry.fromPolygonXY([corners]) if self._least == 3 else QgsGeometry.fromPolylineXY(corners)
        self.picked.emit(drawn)

    def _forget(self) -> None:
        self._corners = []
        self._show()

    def _show(self, mouse: QgsPointXY | None = None) -> None:
        self._band.reset(
            QgsWkbTypes.GeometryType.PolygonGeometry if self._least == 3 else QgsWkbTypes.GeometryType.LineGeometry
        )
        for corner in self._corners:
            self._band.addPoint(corner)
        if mouse is not None:
            self._band.addPoint(mouse)
