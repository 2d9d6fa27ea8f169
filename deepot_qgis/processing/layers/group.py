"""Results as one styled group in the layer tree. Main thread only: it makes layers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeLayer, QgsMapLayerLegendUtils, QgsProject

from deepot_qgis.processing.layers.arrows import ArrowPoints, arrow_layer, legend_arrow
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.ranges import BandRange
from deepot_qgis.processing.layers.styles import raster_layer, save_style, style_band
from deepot_qgis.processing.layers.views import OFFSET_VIEWS, PRODUCT_VIEWS, VELOCITY_VIEWS, View

_SHOWN = ("magnitude", "arrows")  # visible at first; the rest is one tick away


@dataclass(frozen=True)
class ResultFiles:
    """What a run left on disk and how it is to be shown; made in the worker, read in the main thread."""

    title: str
    product: str
    unit: str
    offsets: str | None = None
    velocity: str | None = None
    velocity_unit: str = ""
    arrows: ArrowPoints | None = None
    ranges: dict[str, BandRange] = field(default_factory=dict)


def group_title(reference: str, secondary: str, reference_date: str | None, secondary_date: str | None) -> str:
    """Return ``2023-09-04 - 2023-09-16``, or the files' names where a date is unknown."""
    if reference_date and secondary_date:
        return f"{reference_date[:10]} - {secondary_date[:10]}"
    return " - ".join(os.path.splitext(os.path.basename(path))[0] for path in (reference, secondary))


def add_result_group(project: QgsProject, files: ResultFiles) -> QgsLayerTreeGroup:
    """Add all views of a result to the top of the layer tree and save their styles beside the files."""
    group = project.layerTreeRoot().insertGroup(0, files.title)
    if files.arrows is not None and files.arrows.count:
        _add(project, group, arrow_layer(files.arrows, layer_title("arrows", "")), "arrows")
    _add_views(project, group, files, files.product, PRODUCT_VIEWS, files.unit)
    if files.velocity:
        _add_views(project, group, files, files.velocity, VELOCITY_VIEWS, files.velocity_unit)
    if files.offsets:
        _add_views(project, group, files, files.offsets, OFFSET_VIEWS, "px")
    # the layer tree opens a group only on a change, and only once it has layers
    group.setExpanded(False)
    group.setExpanded(True)
    return group


def _add_views(
    project: QgsProject, group: QgsLayerTreeGroup, files: ResultFiles, path: str, views: tuple[View, ...], unit: str
) -> None:
    for view in views:
        if view.key not in files.ranges:
            continue
        layer = raster_layer(path, layer_title(view.key, unit))
        style_band(layer, view, files.ranges[view.key])
        save_style(layer, view.key, default=view is views[0])
        _add(project, group, layer, view.key)


def _add(project: QgsProject, group: QgsLayerTreeGroup, layer, key: str) -> None:
    project.addMapLayer(layer, False)
    node = QgsLayerTreeLayer(layer)
    if key == "arrows":
        # the map's arrows grow with the motion, of which a legend has none to show; set before the tree sees the node
        QgsMapLayerLegendUtils.setLegendNodeCustomSymbol(node, 0, legend_arrow())
    shown = key in _SHOWN
    node.setItemVisibilityChecked(shown)
    node.setExpanded(shown)
    group.addChildNode(node)
