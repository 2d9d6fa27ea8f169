"""What can be put on either side of a comparison: the map as it is, results, single images and dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeLayer, QgsMapLayer, QgsRasterLayer
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine import dates
from deepot_qgis.processing.present import current_project, present

MAP, BARE = "map", "bare"


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


@dataclass(frozen=True)
class MapView:
    """Something to look at.

    Attributes
    ----------
    key
        `MAP`, `BARE`, or the id of a layer or of a layer at the top of a group.
    title
        As users read it.
    layers
        From the top down; None is what the canvas shows at any time.
    date
        Of a single image whose name tells it.
    """

    key: str
    title: str
    layers: tuple[QgsMapLayer, ...] | None
    date: datetime | None = None


def map_views(canvas: QgsMapCanvas) -> list[MapView]:
    """Return what there is to compare: the map with and without results, each result, each image."""
    under = tuple(layer for layer in canvas.layers() if not is_result(layer))
    views = [MapView(MAP, _tr("Map as it is"), None), MapView(BARE, _tr("Map without results"), under)]
    root = present(current_project().layerTreeRoot())
    for group in root.findGroups(True):
        layers = _ticked_results(group)
        if layers:
            views.append(MapView(layers[0].id(), group.name(), (*layers, *under)))
    for layer in root.layerOrder():
        date = dates.find(layer.name())
        if isinstance(layer, QgsRasterLayer) and (date or not is_result(layer)):
            views.append(MapView(layer.id(), layer.name(), (layer,), date))
    return views


def two_dates(views: list[MapView]) -> tuple[str, str] | None:
    """Return the keys of the images of the first two dates; None where there are not two dates."""
    dated = {view.date: view.key for view in reversed(views) if view.date is not None}
    first = sorted(dated)[:2]
    return (dated[first[0]], dated[first[1]]) if len(first) > 1 else None


def is_result(layer: QgsMapLayer) -> bool:
    """Say whether a layer was made by this plugin."""
    return bool(layer.customProperty("deepot/view"))


def _ticked_results(group: QgsLayerTreeGroup) -> list[QgsMapLayer]:
    """Results right in a group that are ticked, whether the group itself is or not."""
    nodes = (node for node in group.children() if isinstance(node, QgsLayerTreeLayer))
    layers = (node.layer() for node in nodes if node.itemVisibilityChecked())
    return [layer for layer in layers if layer is not None and is_result(layer)]
