"""Stations on the map: coloured by how far the map is off, labelled with their names. Main thread only."""

from __future__ import annotations

from qgis.core import (
    QgsClassificationQuantile,
    QgsGraduatedSymbolRenderer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProject,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from deepot_qgis.processing.layers.ramps import SEQUENTIAL, color_ramp

_CLASSES = 4
_SIZE = "4"


def add_station_layer(project: QgsProject, path: str, title: str) -> QgsVectorLayer:
    """Add the points of a comparison to the top of the layer tree."""
    layer = QgsVectorLayer(f"{path}|layername=stations", title, "ogr")
    style_stations(layer)
    layer.saveStyleToDatabase("stations", "", True, "")
    project.addMapLayer(layer, False)
    project.layerTreeRoot().insertLayer(0, layer)
    return layer


def style_stations(layer: QgsVectorLayer) -> None:
    """Colour by RMSE in a colour-blind-safe ramp, label with the name, tell the numbers on hovering."""
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "triangle", "size": _SIZE, "outline_color": "#ffffff", "outline_width": "0.4", "color": "#c8675f"}
    )
    renderer = QgsGraduatedSymbolRenderer("rmse")
    renderer.setSourceSymbol(symbol)
    renderer.setSourceColorRamp(color_ramp(SEQUENTIAL[1:-1]))
    renderer.setClassificationMethod(QgsClassificationQuantile())
    renderer.updateClasses(layer, min(_CLASSES, max(1, layer.featureCount())))
    renderer.updateColorRamp(color_ramp(SEQUENTIAL[1:-1]))
    layer.setRenderer(renderer)
    _label(layer)
    layer.setCustomProperty("deepot/view", "stations")
    layer.setMapTipTemplate(
        "<b>[% name %]</b><br>n [% n %], bias [% round(bias, 4) %] m, RMSE [% round(rmse, 4) %] m, "
        "R&sup2; [% round(r2, 3) %]"
    )
    layer.triggerRepaint()


def _label(layer: QgsVectorLayer) -> None:
    text, buffer = QgsTextFormat(), QgsTextBufferSettings()
    buffer.setEnabled(True)
    buffer.setSize(0.8)
    buffer.setColor(QColor("#ffffff"))
    text.setSize(9)
    text.setColor(QColor("#111111"))
    text.setBuffer(buffer)
    settings = QgsPalLayerSettings()
    settings.fieldName = "name"
    settings.setFormat(text)
    settings.dist = 2.0
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
