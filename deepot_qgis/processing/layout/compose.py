"""The page filled in: layers on the map, their legend, scale, arrow and texts. Main thread only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from qgis.core import (
    QgsColorRampLegendNode,
    QgsContrastEnhancement,
    QgsExpressionContextUtils,
    QgsLayerTreeLayer,
    QgsLayerTreeModelLegendNode,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemPolyline,
    QgsLayoutItemScaleBar,
    QgsLegendRenderer,
    QgsLegendStyle,
    QgsMapLayer,
    QgsMapLayerLegendUtils,
    QgsPrintLayout,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleBandGrayRenderer,
    QgsUnitTypes,
)
from qgis.PyQt.QtCore import QPointF, QSizeF, Qt
from qgis.PyQt.QtGui import QPolygonF

from deepot_qgis.engine.product import BANDS
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.report.backdrop import backdrop
from deepot_qgis.engine.report.maps import Frame
from deepot_qgis.engine.report.scales import tidy_floor, tidy_map_scale
from deepot_qgis.engine.styles.ranges import band_ranges, result_ranges
from deepot_qgis.engine.styles.views import PRODUCT_VIEWS, SIGNIFICANCE, SIGNIFICANCE_VIEWS
from deepot_qgis.processing.layers.arrows import ArrowPoints, arrow_layer
from deepot_qgis.processing.layers.labels import layer_title, masked_title, reason_title
from deepot_qgis.processing.layers.significance import write_significance
from deepot_qgis.processing.layers.styles import raster_layer, style_band, style_masked
from deepot_qgis.processing.layout import page as ids
from deepot_qgis.processing.layout.page import GREYED, Page
from deepot_qgis.processing.layout.template import DPI, FOLDER, TEMPLATE, open_template, write_layout
from deepot_qgis.processing.present import present

#: Share of the map that a product fills at most.
_FILLED = 0.97
_RAMP_MM = QSizeF(6.0, 42.0)
_EMPTY_WHERE_MASKED = ("magnitude", "direction", "east", "north")
#: Views that arrows are drawn over.
WITH_ARROWS = ("magnitude", "direction")


@dataclass(frozen=True)
class MapLayers:
    """What the map of the page shows.

    Attributes
    ----------
    result
        The view of the product; the legend explains it.
    over, under
        Above and below it, from the top down.
    """

    result: QgsMapLayer
    over: tuple[QgsMapLayer, ...] = ()
    under: tuple[QgsMapLayer, ...] = ()

    def all(self) -> list[QgsMapLayer]:
        """Return every layer from the top down."""
        return [*self.over, self.result, *self.under]


def write_page(
    page: Page, view: str, arrows: ArrowPoints | None, path: str, template: str | Path = TEMPLATE, dpi: int = DPI
) -> str:
    """Write the page as PDF, PNG or SVG, with layers of its own, and return the path.

    Parameters
    ----------
    page
    view
        Key of the view that the map shows.
    arrows
    path
        Ends in ``.pdf``, ``.png`` or ``.svg``.
    template
    dpi

    Raises
    ------
    DeepotError
        The template cannot be read, or the file cannot be written.
    """
    project = QgsProject()  # of its own: the user's layers and layouts stay as they are
    layers = make_layers(page, view, arrows)
    project.addMapLayers(layers.all(), False)
    if layers.result.crs().isValid():
        project.setCrs(layers.result.crs(), True)
    write_layout(compose(project, page, layers, arrows, template), path, dpi)
    return path


def make_layers(page: Page, view: str, arrows: ArrowPoints | None) -> MapLayers:
    """Return new layers of a product, styled as the panel does."""
    (chosen,) = (known for known in PRODUCT_VIEWS if known.key == view)
    result = raster_layer(page.product, layer_title(view, page.content.unit))
    style_band(result, chosen, result_ranges(page.product, None, None)[view])
    over: list[QgsMapLayer] = (
        [arrow_layer(arrows, layer_title("arrows", ""))] if arrows is not None and arrows.count else []
    )
    if view in GREYED:
        over.append(_veil(page))
    under = [layer for layer in (_masked(page, view), _image(page)) if layer is not None]
    return MapLayers(result, tuple(over), tuple(under))


def compose(
    project: QgsProject, page: Page, layers: MapLayers, arrows: ArrowPoints | None, template: str | Path = TEMPLATE
) -> QgsPrintLayout:
    """Return the page of a product; what a template has no item for is left out.

    Raises
    ------
    InputError
        The template cannot be read.
    """
    layout = open_template(project, template)
    items = {item.id(): item for item in layout.items() if hasattr(item, "id")}
    map_item, arrow = items.get(ids.MAP), items.get(ids.ARROW)
    texts = dict(page.texts)
    if isinstance(map_item, QgsLayoutItemMap):
        _fill_map(map_item, page, layers)
        if isinstance(arrow, QgsLayoutItemPolyline):
            texts[ids.ARROW_TEXT] = _fill_arrow(arrow, map_item, arrows if layers.over else None)
        _fill_scale(items.get(ids.SCALE), map_item, page)
        _fill_north(items.get(ids.NORTH), page)
    for name, text in texts.items():
        QgsExpressionContextUtils.setLayoutVariable(layout, name, text)
    legend = items.get(ids.LEGEND)
    if isinstance(legend, QgsLayoutItemLegend):
        _fill_legend(legend, layers, page)
    layout.refresh()
    return layout


def _fill_map(item: QgsLayoutItemMap, page: Page, layers: MapLayers) -> None:
    extent = QgsRectangle(layers.result.extent())
    if layers.result.crs().isValid():
        item.setCrs(layers.result.crs())
    item.setLayers(layers.all())
    item.setKeepLayerSet(True)
    extent.scale(1.0 / _FILLED)
    item.zoomToExtent(extent)
    if page.content.grid.georeferenced and np.isfinite(item.scale()) and item.scale() > 0:
        item.setScale(tidy_map_scale(item.scale()))
    grids = present(item.grids())
    if not page.content.grid.georeferenced or not grids.size():
        return
    grid = present(grids.grid(0))
    step = tidy_floor(item.extent().width() / 4.0)
    grid.setIntervalX(step)
    grid.setIntervalY(step)
    grid.setAnnotationPrecision(max(0, -int(np.floor(np.log10(step)))))
    grid.setEnabled(True)


def _fill_arrow(item: QgsLayoutItemPolyline, map_item: QgsLayoutItemMap, arrows: ArrowPoints | None) -> str:
    """Give the legend's arrow the length it has on the map, and return what it stands for."""
    if arrows is None or not arrows.legend:
        item.setVisibility(False)
        return ""
    millimetres = map_item.sizeWithUnits().width() / map_item.extent().width()
    length = arrows.legend * arrows.map_units_per_unit * millimetres
    nodes = item.nodes()  # held by a name: PyQt's points lie in the memory of their polygon
    start = QPointF(nodes[0])
    item.setNodes(QPolygonF([start, start + QPointF(length, 0.0)]))
    return arrows.legend_text()


def _fill_scale(item: object, map_item: QgsLayoutItemMap, page: Page) -> None:
    if not isinstance(item, QgsLayoutItemScaleBar):
        return
    if not page.content.grid.georeferenced:
        item.setVisibility(False)
        return
    grid = page.content.grid
    across = grid.width * Frame.of(page.content).width * map_item.extent().width() / _product_width(page)
    part = tidy_floor(across / 8.0)
    kilometres = part >= 1000
    unit = QgsUnitTypes.DistanceUnit.DistanceKilometers if kilometres else QgsUnitTypes.DistanceUnit.DistanceMeters
    item.setUnits(unit)
    item.setUnitLabel("km" if kilometres else "m")
    item.setUnitsPerSegment(part / 1000 if kilometres else part)
    item.setMapUnitsPerScaleBarUnit(1.0)
    item.update()


def _product_width(page: Page) -> float:
    """Width of a product along its rows, map units."""
    g = page.content.grid.geotransform
    return float(np.hypot(g[1], g[4])) * page.content.grid.width


def _fill_north(item: object, page: Page) -> None:
    if isinstance(item, QgsLayoutItemPicture):
        item.setPicturePath(str(FOLDER / "north_arrow.svg"))
        item.setVisibility(page.content.grid.georeferenced)


def _fill_legend(item: QgsLayoutItemLegend, layers: MapLayers, page: Page) -> None:
    """Explain the result alone: its ramp, or the reasons of masking that there are."""
    item.setAutoUpdateModel(False)
    model = present(item.model())
    root = present(model.rootGroup())
    root.removeAllChildren()
    _explain_result(item, present(root.addLayer(layers.result)), page)
    for layer in layers.under:
        if layer.name() == masked_title():
            node = present(root.addLayer(layer))
            QgsLegendRenderer.setNodeLegendStyle(node, QgsLegendStyle.Style.Hidden)
            titles = [one.data(Qt.ItemDataRole.DisplayRole) for one in _nodes(node)]
            QgsMapLayerLegendUtils.setLegendNodeOrder(node, [titles.index(masked_title())])
            model.refreshLayerLegend(node)
    item.adjustBoxSize()


def _explain_result(item: QgsLayoutItemLegend, node: QgsLayerTreeLayer, page: Page) -> None:
    original = _nodes(node)
    ramps = [i for i, one in enumerate(original) if isinstance(one, QgsColorRampLegendNode)]
    found = {reason_title(reason) for reason, count in page.content.counts.items() if count and reason}
    reasons = [i for i, one in enumerate(original) if one.data(Qt.ItemDataRole.DisplayRole) in found]
    QgsMapLayerLegendUtils.setLegendNodeOrder(node, ramps or reasons)
    for i in ramps:
        QgsMapLayerLegendUtils.setLegendNodeSymbolSize(node, i, _RAMP_MM)
    present(item.model()).refreshLayerLegend(node)


def _nodes(node: QgsLayerTreeLayer) -> list[QgsLayerTreeModelLegendNode]:
    """Return the entries that a layer has in a legend by itself."""
    return present(present(node.layer()).legend()).createLayerTreeModelLegendNodes(node)


def _veil(page: Page) -> QgsRasterLayer:
    """Return a grey over motion that may be noise."""
    path = write_significance(page.product, QgsProcessingUtils.generateTempFilename("significance.vrt"))
    layer = raster_layer(path, layer_title(SIGNIFICANCE, ""))
    style_band(layer, SIGNIFICANCE_VIEWS[0], band_ranges(path, SIGNIFICANCE_VIEWS)[SIGNIFICANCE])
    return layer


def _masked(page: Page, view: str) -> QgsRasterLayer | None:
    """Return a grey over what is masked; None for views that show something there themselves."""
    if view not in _EMPTY_WHERE_MASKED or page.content.counts[Reason.GOOD] == sum(page.content.counts.values()):
        return None
    layer = raster_layer(page.product, masked_title())
    style_masked(layer, BANDS.index("mask") + 1)
    return layer


def _image(page: Page) -> QgsRasterLayer | None:
    """Return the radar image under a result; None where it is gone."""
    if page.backdrop is None or backdrop(page.content) is None:
        return None
    path, band = page.backdrop
    layer = raster_layer(path, os.path.splitext(os.path.basename(path))[0])
    if not layer.isValid():
        return None
    provider = present(layer.dataProvider())
    statistics = provider.cumulativeCut(band, 0.02, 0.98, layer.extent(), 250_000)
    enhancement = QgsContrastEnhancement(provider.dataType(band))
    enhancement.setMinimumValue(statistics[0])
    enhancement.setMaximumValue(statistics[1])
    stretch = QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
    enhancement.setContrastEnhancementAlgorithm(stretch)
    renderer = QgsSingleBandGrayRenderer(provider, band)
    renderer.setContrastEnhancement(enhancement)
    layer.setRenderer(renderer)
    return layer
