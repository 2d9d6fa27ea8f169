"""Results as one styled group in the layer tree. Main thread only: it makes layers."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeLayer, QgsMapLayer, QgsMapLayerLegendUtils, QgsProject

from deepot_qgis.engine.report.lineage import Lineage
from deepot_qgis.engine.styles.ranges import BandRange
from deepot_qgis.engine.styles.views import (
    OFFSET_VIEWS,
    PRODUCT_VIEWS,
    SIGNIFICANCE_VIEWS,
    VELOCITY_VIEWS,
    View,
)
from deepot_qgis.processing.layers.arrows import ArrowPoints, arrow_layer, arrow_legend_layer, legend_arrow
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.metadata import describe, save_metadata
from deepot_qgis.processing.layers.styles import raster_layer, save_style, save_styles, style_band
from deepot_qgis.processing.present import present

_SHOWN = ("magnitude", "arrows", "arrow_legend")  # visible at first; the rest is one tick away


@dataclass(frozen=True)
class ResultFiles:
    """What a run left on disk and how it is to be shown; made in the worker, read in the main thread.

    Attributes
    ----------
    title
        Of the group.
    product, offsets, velocity, significance
        Paths; None where there is none.
    unit, velocity_unit
    arrows
    ranges
        By view key, of all rasters.
    show_offsets
        Whether the offsets become layers; their styles are saved beside them in any case.
    lineage
        What the layers' metadata say.
    """

    title: str
    product: str
    unit: str
    offsets: str | None = None
    velocity: str | None = None
    velocity_unit: str = ""
    arrows: ArrowPoints | None = None
    ranges: dict[str, BandRange] = field(default_factory=dict)
    significance: str | None = None
    show_offsets: bool = True
    lineage: Lineage | None = None


def group_title(reference: str, secondary: str, reference_date: str | None, secondary_date: str | None) -> str:
    """Return ``2023-09-04 - 2023-09-16``, or the files' names where a date is unknown."""
    if reference_date and secondary_date:
        return f"{reference_date[:10]} - {secondary_date[:10]}"
    return " - ".join(os.path.splitext(os.path.basename(path))[0] for path in (reference, secondary))


def add_result_group(project: QgsProject, files: ResultFiles) -> QgsLayerTreeGroup:
    """Add all views of a result to the top of the layer tree and save their styles beside the files."""
    group = present(present(project.layerTreeRoot()).insertGroup(0, files.title))
    if files.arrows is not None and files.arrows.count:
        _add_arrows(project, group, files, files.arrows)
    for path, views, unit in (
        (files.significance, SIGNIFICANCE_VIEWS, ""),
        (files.product, PRODUCT_VIEWS, files.unit),
        (files.velocity, VELOCITY_VIEWS, files.velocity_unit),
        (files.offsets if files.show_offsets else None, OFFSET_VIEWS, "px"),
    ):
        if path:
            _add_views(project, group, files, path, views, unit)
    if files.offsets and not files.show_offsets:
        save_styles(files.offsets, OFFSET_VIEWS, files.ranges)
    # the layer tree opens a group only on a change, and only once it has layers
    group.setExpanded(False)
    group.setExpanded(True)
    return group


def _add_arrows(project: QgsProject, group: QgsLayerTreeGroup, files: ResultFiles, arrows: ArrowPoints) -> None:
    for key, make in (("arrows", arrow_layer), ("arrow_legend", arrow_legend_layer)):
        title = layer_title(key, "")
        layer = make(arrows, title)
        if files.lineage is not None:
            describe(layer, title, files.lineage)
        _add(project, group, layer, key, arrows.legend_text())


def _add_views(
    project: QgsProject, group: QgsLayerTreeGroup, files: ResultFiles, path: str, views: tuple[View, ...], unit: str
) -> None:
    for view in views:
        if view.key not in files.ranges:
            continue
        title = layer_title(view.key, unit)
        layer = raster_layer(path, title)
        style_band(layer, view, files.ranges[view.key])
        save_style(layer, view.key, default=view is views[0])
        if files.lineage is not None:
            describe(layer, title, files.lineage)
            if view is views[0]:
                save_metadata(layer)
        _add(project, group, layer, view.key)


def _add(project: QgsProject, group: QgsLayerTreeGroup, layer: QgsMapLayer, key: str, words: str = "") -> None:
    """Add a layer; `words` stand beside its symbol in the legend."""
    project.addMapLayer(layer, False)
    node = QgsLayerTreeLayer(layer)
    if words:
        QgsMapLayerLegendUtils.setLegendNodeUserLabel(node, 0, words)
    if key in ("arrows", "arrow_legend"):
        # the map's arrows grow with the motion, of which a legend has none to show; set before the tree sees the node
        QgsMapLayerLegendUtils.setLegendNodeCustomSymbol(node, 0, legend_arrow())
    shown = key in _SHOWN
    node.setItemVisibilityChecked(shown)
    node.setExpanded(shown)
    group.addChildNode(node)
