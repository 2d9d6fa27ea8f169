"""Moving the map."""

from __future__ import annotations

from qgis.core import QgsCoordinateTransform, QgsCsException, QgsMapLayer
from qgis.gui import QgsMapCanvas

from deepot_qgis.processing.present import current_project

_MARGIN = 1.05


def zoom_to_layer(canvas: QgsMapCanvas, layer: QgsMapLayer) -> None:
    """Show a whole layer; where it cannot be placed in the map's CRS, leave the map alone."""
    extent, crs = layer.extent(), canvas.mapSettings().destinationCrs()
    if layer.crs().isValid() and crs.isValid() and layer.crs() != crs:
        try:
            extent = QgsCoordinateTransform(layer.crs(), crs, current_project()).transformBoundingBox(extent)
        except QgsCsException:
            return
    extent.scale(_MARGIN)
    canvas.setExtent(extent)
    canvas.refresh()
