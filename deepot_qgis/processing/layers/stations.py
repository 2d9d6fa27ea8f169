"""Stations on the map: coloured by how far the map is off, labelled with their names. Main thread only."""

from __future__ import annotations

from qgis.core import (
    QgsGraduatedSymbolRenderer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProject,
    QgsRendererRange,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)

from deepot_qgis.engine.report.scales import tidy_ceiling
from deepot_qgis.processing.layers.arrows import haloed_text
from deepot_qgis.processing.layers.ramps import SEQUENTIAL, color_ramp
from deepot_qgis.processing.present import present

_CLASSES = 4
_SIZE = "4"


def add_station_layer(project: QgsProject, path: str, title: str) -> QgsVectorLayer:
    """Add the points of a comparison to the top of the layer tree."""
    layer = QgsVectorLayer(f"{path}|layername=stations", title, "ogr")
    style_stations(layer)
    layer.saveStyleToDatabase("stations", "", True, "")
    project.addMapLayer(layer, False)
    present(project.layerTreeRoot()).insertLayer(0, layer)
    return layer


def style_stations(layer: QgsVectorLayer) -> None:
    """Colour by RMSE in a colour-blind-safe ramp, label with the name, tell the numbers on hovering."""
    symbol = present(
        QgsMarkerSymbol.createSimple(
            {"name": "triangle", "size": _SIZE, "outline_color": "#ffffff", "outline_width": "0.4", "color": "#c8675f"}
        )
    )
    renderer = QgsGraduatedSymbolRenderer("rmse", _classes(layer, symbol))
    renderer.setSourceSymbol(symbol)
    layer.setRenderer(renderer)
    _label(layer)
    layer.setCustomProperty("deepot/view", "stations")
    layer.setMapTipTemplate(
        "<b>[% name %]</b><br>n [% n %], bias [% round(bias, 4) %] m, RMSE [% round(rmse, 4) %] m, "
        "R&sup2; [% round(r2, 3) %]"
    )
    layer.triggerRepaint()


def _classes(layer: QgsVectorLayer, symbol: QgsMarkerSymbol) -> list[QgsRendererRange]:
    """Return classes of equal width from zero to a round number; a single station has its place among them, too."""
    values = [feature["rmse"] for feature in layer.getFeatures()]
    top = tidy_ceiling(max((float(value) for value in values if isinstance(value, (int, float))), default=1.0))
    ramp = color_ramp(SEQUENTIAL[2:-1])
    classes = []
    for k in range(_CLASSES):
        low, high = top * k / _CLASSES, top * (k + 1) / _CLASSES
        colored = present(symbol.clone())
        colored.setColor(ramp.color(k / (_CLASSES - 1)))
        classes.append(QgsRendererRange(low, high, colored, f"RMSE {low:.3g} – {high:.3g} m"))
    return classes


def _label(layer: QgsVectorLayer) -> None:
    settings = QgsPalLayerSettings()
    settings.fieldName = "name"
    settings.setFormat(haloed_text())
    settings.dist = 2.0
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
