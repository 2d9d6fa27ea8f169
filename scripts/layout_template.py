"""Write resources/layouts/displacement.qpt: the page that `deepot:layout` fills in.

QT_QPA_PLATFORM=offscreen .venv/bin/python -m scripts.layout_template

Texts are expressions of the layout's variables, and items are found by their ids; so a copy of the template may be
arranged anew in QGIS and given to the algorithm.
"""

from __future__ import annotations

import os
import sys
from xml.etree import ElementTree

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemMapGrid,
    QgsLayoutItemPage,
    QgsLayoutItemPicture,
    QgsLayoutItemPolyline,
    QgsLayoutItemScaleBar,
    QgsLayoutMeasurement,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendStyle,
    QgsLineSymbol,
    QgsPrintLayout,
    QgsProject,
    QgsReadWriteContext,
    QgsRectangle,
    QgsTextFormat,
    QgsUnitTypes,
)
from qgis.PyQt.QtCore import QPointF, Qt
from qgis.PyQt.QtGui import QColor, QFont, QPolygonF

from deepot_qgis.processing.layout import page
from deepot_qgis.processing.layout.template import TEMPLATE

_MM = QgsUnitTypes.LayoutUnit.LayoutMillimeters
#: An expression, so that it stays true when the map is zoomed in the layout.
_SCALE_NUMBER = (
    f"[% if(@{page.SCALED} = 'yes', '  ·  1 : ' || "
    f"format_number(map_get(item_variables('{page.MAP}'), 'map_scale'), 0), '') %]"
)
_INK, _SOFT, _LINE = QColor("#1a1a1a"), QColor("#555555"), QColor("#8a8f94")
#: Millimetres on A4 landscape: left, top, width, height.
_MAP = (16.0, 27.0, 194.0, 158.0)
_LEFT, _WIDE = 216.0, 72.0
#: Top of a block of the right column: its heading, and the block below it.
_HEADING_MM = 5.0
_NUMBERS_TOP, _REASONS_TOP = 103.0, 148.0


def main() -> int:
    """Write the template."""
    application = QgsApplication([], True)
    application.initQgis()
    TEMPLATE.parent.mkdir(parents=True, exist_ok=True)
    layout = make_layout()
    layout.saveAsTemplate(str(TEMPLATE), QgsReadWriteContext())
    text = TEMPLATE.read_text(encoding="utf-8")
    # QGIS writes attributes in another order every time
    TEMPLATE.write_text(ElementTree.canonicalize(text) + "\n", encoding="utf-8")
    print(f"{TEMPLATE.name}: {TEMPLATE.stat().st_size:,} bytes")
    del layout
    application.exitQgis()
    return 0


def make_layout() -> QgsPrintLayout:
    """Return the page with nothing filled in."""
    layout = QgsPrintLayout(QgsProject.instance())
    layout.setName("DeepOT")
    layout.initializeDefaults()
    layout.pageCollection().page(0).setPageSize("A4", QgsLayoutItemPage.Orientation.Landscape)
    _label(layout, page.TITLE, (16.0, 8.0, 272.0, 9.0), 17.0, bold=True)
    _label(layout, page.SUBTITLE, (16.0, 17.0, 272.0, 5.5), 9.5, color=_SOFT, more=_SCALE_NUMBER)
    map_item = _map(layout)
    _legend(layout, map_item)
    _arrow(layout)
    _scale(layout, map_item)
    _north(layout, map_item)
    for top, heading, names, values in (
        (_NUMBERS_TOP, page.NUMBERS_HEADING, page.NUMBER_NAMES, page.NUMBER_VALUES),
        (_REASONS_TOP, page.REASONS_HEADING, page.REASON_NAMES, page.REASON_VALUES),
    ):
        _label(layout, heading, (_LEFT, top, _WIDE, _HEADING_MM), 9.5, bold=True)
        block = (_LEFT, top + _HEADING_MM, _WIDE, 40.0)
        _label(layout, names, block, 8.5, color=_SOFT)
        _label(layout, values, block, 8.5, right=True)
    _label(layout, page.CREDITS, (16.0, 191.5, 272.0, 15.0), 6.5, color=_SOFT)
    return layout


def _place(item: QgsLayoutItem, name: str, box: tuple[float, float, float, float]) -> None:
    left, top, width, height = box
    item.setId(name)
    item.attemptMove(QgsLayoutPoint(left, top, _MM))
    item.attemptResize(QgsLayoutSize(width, height, _MM))


def _font(points: float, bold: bool = False) -> QFont:
    font = QFont("sans-serif")
    font.setStyleHint(QFont.StyleHint.SansSerif)
    font.setPointSizeF(points)
    font.setBold(bold)
    return font


def _text(points: float, bold: bool = False, color: QColor = _INK) -> QgsTextFormat:
    text = QgsTextFormat()
    text.setFont(_font(points, bold))
    text.setSize(points)
    text.setColor(color)
    return text


def _label(
    layout: QgsPrintLayout,
    variable: str,
    box: tuple[float, float, float, float],
    points: float,
    bold: bool = False,
    right: bool = False,
    color: QColor = _INK,
    more: str = "",
) -> None:
    label = QgsLayoutItemLabel(layout)
    label.setText(f"[% @{variable} %]{more}")
    label.setFont(_font(points, bold))
    label.setFontColor(color)
    label.setHAlign(Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft)
    label.setMarginX(0.0)
    label.setMarginY(0.0)
    layout.addLayoutItem(label)
    _place(label, variable, box)


def _map(layout: QgsPrintLayout) -> QgsLayoutItemMap:
    item = QgsLayoutItemMap(layout)
    layout.addLayoutItem(item)
    _place(item, page.MAP, _MAP)
    item.setExtent(QgsRectangle(0.0, 0.0, *_MAP[2:]))  # any: without one the map could not be zoomed to another
    item.setFrameEnabled(True)
    item.setFrameStrokeColor(_LINE)
    item.setFrameStrokeWidth(QgsLayoutMeasurement(0.25, _MM))
    item.setBackgroundColor(QColor("#ffffff"))
    grid = QgsLayoutItemMapGrid(page.GRID, item)
    grid.setEnabled(False)  # until there is a map whose coordinates it can show
    grid.setStyle(QgsLayoutItemMapGrid.GridStyle.FrameAnnotationsOnly)
    grid.setFrameStyle(QgsLayoutItemMapGrid.FrameStyle.ExteriorTicks)
    grid.setFrameWidth(1.2)
    grid.setFramePenSize(0.25)
    grid.setFramePenColor(_LINE)
    grid.setAnnotationEnabled(True)
    grid.setAnnotationFont(_font(6.5))
    grid.setAnnotationFontColor(_SOFT)
    grid.setAnnotationFrameDistance(0.8)
    sides, frame = QgsLayoutItemMapGrid.BorderSide, QgsLayoutItemMapGrid.DisplayMode
    for side in (sides.Top, sides.Right):
        grid.setAnnotationDisplay(frame.HideAll, side)
    grid.setAnnotationDisplay(frame.LongitudeOnly, sides.Bottom)
    grid.setAnnotationDisplay(frame.LatitudeOnly, sides.Left)
    grid.setAnnotationDirection(QgsLayoutItemMapGrid.AnnotationDirection.Vertical, sides.Left)
    item.grids().addGrid(grid)
    return item


def _legend(layout: QgsPrintLayout, map_item: QgsLayoutItemMap) -> None:
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(map_item)
    legend.setAutoUpdateModel(False)
    legend.setResizeToContents(True)
    legend.setBoxSpace(0.0)
    for component, points, bold in (
        (QgsLegendStyle.Style.Subgroup, 9.5, True),
        (QgsLegendStyle.Style.SymbolLabel, 8.0, False),
    ):
        legend.setStyleFont(component, _font(points, bold))
    legend.setFontColor(_INK)
    legend.setSymbolHeight(3.2)
    legend.setSymbolWidth(5.0)
    layout.addLayoutItem(legend)
    _place(legend, page.LEGEND, (_LEFT, 27.0, _WIDE, 60.0))


def _arrow(layout: QgsPrintLayout) -> None:
    line = QgsLayoutItemPolyline(QPolygonF([QPointF(_LEFT, 94.0), QPointF(_LEFT + 10.0, 94.0)]), layout)
    line.setSymbol(QgsLineSymbol.createSimple({"color": "#111111", "width": "0.5", "capstyle": "flat"}))
    line.setEndMarker(QgsLayoutItemPolyline.MarkerMode.ArrowHead)
    line.setArrowHeadWidth(2.2)
    line.setArrowHeadFillColor(QColor("#111111"))
    line.setArrowHeadStrokeColor(QColor("#111111"))
    line.setArrowHeadStrokeWidth(0.1)
    line.setId(page.ARROW)
    layout.addLayoutItem(line)
    _label(layout, page.ARROW_TEXT, (_LEFT, 96.0, _WIDE, 4.5), 8.0)


def _scale(layout: QgsPrintLayout, map_item: QgsLayoutItemMap) -> None:
    bar = QgsLayoutItemScaleBar(layout)
    bar.setStyle("Single Box")
    bar.setLinkedMap(map_item)
    bar.setNumberOfSegments(2)
    bar.setNumberOfSegmentsLeft(0)
    bar.setHeight(1.6)
    bar.setLabelBarSpace(0.8)
    bar.setBoxContentSpace(1.4)
    bar.setTextFormat(_text(7.5))
    bar.setBackgroundEnabled(True)
    bar.setBackgroundColor(QColor(255, 255, 255, 215))
    layout.addLayoutItem(bar)
    left, top, _, height = _MAP
    bar.setReferencePoint(QgsLayoutItem.ReferencePoint.LowerLeft)
    bar.setId(page.SCALE)
    bar.attemptMove(QgsLayoutPoint(left + 2.0, top + height - 2.0, _MM))


def _north(layout: QgsPrintLayout, map_item: QgsLayoutItemMap) -> None:
    picture = QgsLayoutItemPicture(layout)
    picture.setLinkedMap(map_item)
    picture.setNorthMode(QgsLayoutItemPicture.NorthMode.GridNorth)
    picture.setBackgroundEnabled(True)
    picture.setBackgroundColor(QColor(255, 255, 255, 215))
    layout.addLayoutItem(picture)
    left, top, width, _ = _MAP
    _place(picture, page.NORTH, (left + width - 12.0, top + 2.0, 10.0, 14.0))


if __name__ == "__main__":
    sys.exit(main())
