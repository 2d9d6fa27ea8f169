"""Click a place: how far it moved, how sure that is, which way, when, or why it is masked."""

from __future__ import annotations

from qgis.core import QgsCsException, QgsGeometry, QgsPointXY, QgsRasterLayer
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsVertexMarker
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QKeyEvent

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.probe import Reading, probe
from deepot_qgis.gui.map.popup import Popup
from deepot_qgis.gui.map.views import is_result
from deepot_qgis.gui.map.words import reading_html
from deepot_qgis.gui.plots.markers import in_crs
from deepot_qgis.processing.present import current_project, present
from deepot_qgis.processing.sources import raster_path

_INK = QColor("#d55e00")
_MOST = 4  # products that one popup tells of


class IdentifyTool(QgsMapTool):
    """Every left click asks the results under it; those that are shown first, from the top down.

    Attributes
    ----------
    popup : Popup
    """

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self._canvas = canvas
        self.setCursor(Qt.CursorShape.WhatsThisCursor)
        self.popup = Popup(canvas)
        self.popup.closed.connect(self._unmark)
        self._marker: QgsVertexMarker | None = None
        canvas.extentsChanged.connect(self.popup.shut)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent | None) -> None:
        event = present(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        readings = self.readings(event.mapPoint())
        text = "<hr>".join(reading_html(reading) for reading in readings)
        self._mark(event.mapPoint())
        self.popup.say(text or self.tr("No displacement was measured here: click on a result of DeepOT."), event.pos())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if present(event).key() == Qt.Key.Key_Escape:
            self.popup.shut()

    def deactivate(self) -> None:
        self.popup.shut()
        super().deactivate()

    def remove(self) -> None:
        """Take everything off the map."""
        self._unmark()
        self.popup.deleteLater()

    def readings(self, point: QgsPointXY) -> list[Reading]:
        """Return what the results say at a place of the map, each product once."""
        found: list[Reading] = []
        asked: set[str] = set()
        for layer in self._results():
            path = _path(layer)
            if not path or path in asked:
                continue
            asked.add(path)
            reading = self._ask(layer, path, point)
            if reading is not None:
                found.append(reading)
            if len(found) == _MOST:
                break
        return found

    def _results(self) -> list[QgsRasterLayer]:
        """Raster layers of results: what is shown, else all there are."""
        everything = current_project().mapLayers().values()
        for layers in (self._canvas.layers(), everything):
            results = [layer for layer in layers if isinstance(layer, QgsRasterLayer) and is_result(layer)]
            if results:
                return results
        return []

    def _ask(self, layer: QgsRasterLayer, path: str, point: QgsPointXY) -> Reading | None:
        crs = self._canvas.mapSettings().destinationCrs()
        try:
            place = in_crs(QgsGeometry.fromPointXY(point), crs, layer.crs()).asPoint()
            return probe(path, place.x(), place.y())
        except (DeepotError, QgsCsException):  # offsets in pixels and the like: other results may answer
            return None

    def _mark(self, point: QgsPointXY) -> None:
        self._unmark()
        self._marker = QgsVertexMarker(self._canvas)
        self._marker.setCenter(point)
        self._marker.setIconType(QgsVertexMarker.IconType.ICON_CROSS)
        self._marker.setIconSize(14)
        self._marker.setPenWidth(2)
        self._marker.setColor(_INK)

    def _unmark(self) -> None:
        if self._marker is not None:
            self._canvas.scene().removeItem(self._marker)
            self._marker = None


def _path(layer: QgsRasterLayer) -> str:
    try:
        return raster_path(layer)
    except DeepotError:
        return ""
