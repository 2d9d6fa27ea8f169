"""What was picked, shown on the map in the colours of its curves."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsRubberBand, QgsVertexMarker
from qgis.PyQt.QtGui import QColor

from deepot_qgis.processing.present import current_project

_SIZE = 13


def in_crs(
    geometry: QgsGeometry, source: QgsCoordinateReferenceSystem, target: QgsCoordinateReferenceSystem
) -> QgsGeometry:
    """Return a copy in another CRS; as it is where one of the two is unknown.

    Raises
    ------
    QgsCsException
        It cannot be transformed.
    """
    moved = QgsGeometry(geometry)
    if source.isValid() and target.isValid() and source != target:
        moved.transform(QgsCoordinateTransform(source, target, current_project()))
    return moved


class Marker:
    """A point, an area or a line on the map.

    Parameters
    ----------
    geometry, crs
        Where it is, and in which CRS; the map may change its own meanwhile.
    """

    def __init__(
        self,
        canvas: QgsMapCanvas,
        geometry: QgsGeometry,
        crs: QgsCoordinateReferenceSystem,
        color: str,
        square: bool = False,
    ):
        self._canvas, self._geometry, self._crs = canvas, QgsGeometry(geometry), crs
        self._color = QColor(color)
        self._point = geometry.type() == QgsWkbTypes.GeometryType.PointGeometry
        self.item: QgsVertexMarker | QgsRubberBand = self._vertex(square) if self._point else self._band()
        canvas.destinationCrsChanged.connect(self.place)
        self.place()

    def color(self) -> str:
        """Return the colour as ``#rrggbb``."""
        return self._color.name()

    def place(self) -> None:
        """Put it where it belongs in the map's present CRS."""
        try:
            moved = in_crs(self._geometry, self._crs, self._canvas.mapSettings().destinationCrs())
        except QgsCsException:
            self.item.hide()
            return
        self.item.show()
        if isinstance(self.item, QgsVertexMarker):
            self.item.setCenter(moved.asPoint())
        else:
            self.item.setToGeometry(moved, QgsCoordinateReferenceSystem())

    def remove(self) -> None:
        """Take it off the map."""
        self._canvas.destinationCrsChanged.disconnect(self.place)
        self._canvas.scene().removeItem(self.item)

    def _vertex(self, square: bool) -> QgsVertexMarker:
        item = QgsVertexMarker(self._canvas)
        icons = QgsVertexMarker.IconType
        item.setIconType(icons.ICON_BOX if square else icons.ICON_CIRCLE)
        item.setIconSize(_SIZE)
        item.setPenWidth(3)
        item.setColor(self._color)
        item.setFillColor(QColor(255, 255, 255, 160))
        return item

    def _band(self) -> QgsRubberBand:
        item = QgsRubberBand(self._canvas, self._geometry.type())
        item.setStrokeColor(self._color)
        item.setSecondaryStrokeColor(QColor(255, 255, 255, 160))
        item.setFillColor(QColor(self._color.red(), self._color.green(), self._color.blue(), 40))
        item.setWidth(3)
        return item
