"""The page of a product as a layout of the project, opened in QGIS's layout designer. Main thread only."""

from __future__ import annotations

import os

import qgis.utils
from qgis.core import QgsMapLayer, QgsPrintLayout, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.processing.layers.arrows import ArrowPoints
from deepot_qgis.processing.layout.compose import MapLayers, compose, make_layers
from deepot_qgis.processing.layout.page import TITLE, Page
from deepot_qgis.processing.present import present
from deepot_qgis.processing.sources import raster_path


def layout_in_project(project: QgsProject, page: Page, view: str, arrows: ArrowPoints) -> QgsPrintLayout:
    """Add the page to the project's layouts and return it; it shows the project's own layers where there are such.

    Raises
    ------
    DeepotError
        The template cannot be read.
    """
    made = make_layers(page, view, arrows)
    layers = MapLayers(
        _of_project(project, made.result, page),
        tuple(_of_project(project, layer, page) for layer in made.over),
        tuple(_of_project(project, layer, page) for layer in made.under),
    )
    _add(project, [layer for layer in layers.all() if project.mapLayer(layer.id()) is None])
    layout = compose(project, page, layers, arrows)
    layout.setName(_free_name(project, page.texts[TITLE]))
    present(project.layoutManager()).addLayout(layout)
    return layout


def open_designer(layout: QgsPrintLayout) -> None:
    """Show a layout to the user, where QGIS has a window."""
    if qgis.utils.iface is not None:
        qgis.utils.iface.openLayoutDesigner(layout)


def _of_project(project: QgsProject, made: QgsMapLayer, page: Page) -> QgsMapLayer:
    """Return the project's layer of the same view and file, else the one that was made."""
    view, file = made.customProperty("deepot/view"), _file(made)
    if view == "arrows":  # those that were made lie in a temporary folder
        file = _plain(f"{os.path.splitext(page.product)[0]}_arrows.gpkg")
    for layer in project.mapLayers().values():
        if layer.type() == made.type() and layer.customProperty("deepot/view") == view and _file(layer) == file:
            return layer
    return made


def _file(layer: QgsMapLayer) -> str:
    try:
        path = raster_path(layer) if isinstance(layer, QgsRasterLayer) else layer.source().split("|")[0]
    except DeepotError:  # a web service
        return layer.id()
    return _plain(path)


def _plain(path: str) -> str:
    return os.path.normcase(os.path.abspath(path))


def _add(project: QgsProject, layers: list[QgsMapLayer]) -> None:
    """Add layers that the page alone needs as a group that is not shown on the map."""
    if not layers:
        return
    root = present(project.layerTreeRoot())
    group = present(root.addGroup(QCoreApplication.translate("DeepOT", "For the print layout")))
    for layer in layers:
        project.addMapLayer(layer, False)
        group.addLayer(layer)
    group.setItemVisibilityChecked(False)
    group.setExpanded(False)


def _free_name(project: QgsProject, name: str) -> str:
    """Return a name for a layout that no other has."""
    free, number = name, 2
    while present(project.layoutManager()).layoutByName(free) is not None:
        free, number = f"{name} ({number})", number + 1
    return free
