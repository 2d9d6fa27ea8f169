"""Arrows that show where the ground went: points on a regular grid, one median motion each.

The points are made with GDAL alone, so a worker thread may do it; the style is made in the main thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsArrowSymbolLayer,
    QgsFillSymbol,
    QgsLineSymbol,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsProperty,
    QgsSingleSymbolRenderer,
    QgsSymbolLayer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorFieldSymbolLayer,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

from deepot_qgis.engine.files import stopped, whole_file
from deepot_qgis.engine.rasters import quietly
from deepot_qgis.engine.report.scales import CLEAR_SIGMAS, tidy_floor
from deepot_qgis.processing.present import present

ARROWS_ACROSS = 40  # cells along the longer side: dense enough to see a shear margin, sparse enough to read
_MIN_GOOD_SHARE = 0.5  # a cell speaks only when half of it was measured
_SHORTEST = 0.05  # of the typical length: a shorter arrow is a speck that points nowhere
_SAMPLES_ACROSS = 16  # pixels read along a cell's side; enough for a median
_LENGTH_IN_CELLS = 1.6  # length of an arrow of the 95th percentile of magnitude, in cells
# shares of the arrow's length
_ARROW_SHAPE = {
    QgsSymbolLayer.Property.PropertyArrowWidth: 0.07,
    QgsSymbolLayer.Property.PropertyArrowStartWidth: 0.07,
    QgsSymbolLayer.Property.PropertyArrowHeadLength: 0.34,
    QgsSymbolLayer.Property.PropertyArrowHeadThickness: 0.14,
}
#: Column, row, values of the fields, and text where there is any.
_Row = Sequence[Any]
_FIELDS = ("east", "north", "magnitude", "direction", "sigma")


@dataclass(frozen=True)
class ArrowPoints:
    """Where the points are and how long a unit of motion is drawn.

    Attributes
    ----------
    path
        GeoPackage with the points.
    map_units_per_unit
        Drawn length, in map units, of a motion of one unit.
    count
        Number of points.
    legend
        Motion that the legend's arrow stands for, a round number.
    unit
        Of the motion.
    """

    path: str
    map_units_per_unit: float
    count: int
    legend: float = 0.0
    unit: str = ""

    def legend_text(self) -> str:
        """Return what the legend's arrow stands for, in words."""
        return f"{self.legend:g} {self.unit}".strip()


def write_arrows(product: str, path: str, across: int = ARROWS_ACROSS) -> ArrowPoints:
    """Write the motion of a product as points, one for each grid cell with significant motion.

    The GeoPackage has a second layer, ``legend``: an arrow below the map's lower right corner, and what it stands for.

    Raises
    ------
    OutputError
        When the GeoPackage cannot be written.
    """
    source = gdal.OpenEx(product, gdal.OF_RASTER)
    cell = max(1, -(-max(source.RasterXSize, source.RasterYSize) // across))
    transform = source.GetGeoTransform(can_return_null=True) or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    cells = list(_cells(source, cell))
    typical = float(np.percentile([values[2] for _, _, values in cells], 95)) if cells else 1.0
    drawn = [item for item in cells if item[2][2] >= _SHORTEST * typical]
    spacing = cell * abs(transform[1] * transform[5] - transform[2] * transform[4]) ** 0.5
    unit = source.GetMetadataItem("UNIT") or source.GetRasterBand(1).GetUnitType()
    arrows = ArrowPoints(path, _LENGTH_IN_CELLS * spacing / typical, len(drawn), tidy_floor(typical), unit)
    with whole_file(path) as temporary:
        _write(temporary, source.GetSpatialRef(), transform, drawn, _legend(arrows, source, cell))
    return arrows


def style_arrows(layer: QgsVectorLayer, map_units_per_unit: float) -> None:
    """Draw the points as arrows of their east and north fields, in map units so that they zoom with the map."""
    head = _arrow(map_units_per_unit)
    field = QgsVectorFieldSymbolLayer()
    field.setXAttribute("east")
    field.setYAttribute("north")
    field.setVectorFieldType(QgsVectorFieldSymbolLayer.VectorFieldType.Cartesian)
    field.setDistanceUnit(QgsUnitTypes.RenderUnit.RenderMapUnits)
    field.setScale(map_units_per_unit)
    # changeSymbolLayer takes ownership; a symbol made from a list does not, and QGIS crashes when it is saved
    line, marker = QgsLineSymbol(), QgsMarkerSymbol()
    line.changeSymbolLayer(0, head)
    field.setSubSymbol(line)
    marker.changeSymbolLayer(0, field)
    layer.setRenderer(QgsSingleSymbolRenderer(marker))
    layer.setCustomProperty("deepot/view", "arrows")
    layer.setMapTipTemplate(
        "<b>[% round(magnitude, 3) %]</b> &plusmn; [% round(sigma, 3) %], towards [% round(direction) %]&deg;"
    )
    layer.triggerRepaint()


def arrow_layer(arrows: ArrowPoints, name: str) -> QgsVectorLayer:
    """Return the arrows as a layer, and keep its style inside the GeoPackage; main thread only.

    Inside, because a QML beside it may be that of a raster of the same name.
    """
    layer = QgsVectorLayer(f"{arrows.path}|layername=arrows", name, "ogr")
    style_arrows(layer, arrows.map_units_per_unit)
    layer.saveStyleToDatabase("arrows", "", True, "")
    return layer


def arrow_legend_layer(arrows: ArrowPoints, name: str) -> QgsVectorLayer:
    """Return the legend's arrow as a layer of its own, drawn as the arrows are; main thread only.

    On the map, because the arrows zoom with it: an arrow beside it would be wrong at every scale but one.
    """
    layer = QgsVectorLayer(f"{arrows.path}|layername=legend", name, "ogr")
    style_arrows(layer, arrows.map_units_per_unit)
    layer.setCustomProperty("deepot/view", "arrow_legend")
    layer.setMapTipTemplate("")
    settings = QgsPalLayerSettings()
    settings.fieldName = "label"
    settings.placement = QgsPalLayerSettings.Placement.OverPoint
    settings.setFormat(haloed_text())
    layer.setLabeling(QgsVectorLayerSimpleLabeling(settings))
    layer.setLabelsEnabled(True)
    layer.saveStyleToDatabase("legend", "", True, "")
    return layer


def haloed_text() -> QgsTextFormat:
    """Return dark text with a white rim, readable on any map."""
    text, rim = QgsTextFormat(), QgsTextBufferSettings()
    rim.setEnabled(True)
    rim.setSize(0.8)
    rim.setColor(QColor("#ffffff"))
    text.setSize(9)
    text.setColor(QColor("#111111"))
    text.setBuffer(rim)
    return text


def legend_arrow() -> QgsMarkerSymbol:
    """Return the arrow that stands for all of them in a legend."""
    return present(
        QgsMarkerSymbol.createSimple(
            {
                "name": "arrow",
                "color": "#111111",
                "outline_color": "#ffffff",
                "outline_width": "0.15",
                "size": "4",
                "angle": "60",
            }
        )
    )


def _arrow(map_units_per_unit: float) -> QgsArrowSymbolLayer:
    """Return an arrow whose head and shaft grow with its length, so that a short one still points."""
    arrow = QgsArrowSymbolLayer.create({"head_type": "0", "arrow_type": "0", "is_curved": "0"})
    assert isinstance(arrow, QgsArrowSymbolLayer)
    units = QgsUnitTypes.RenderUnit.RenderMapUnits
    arrow.setArrowWidthUnit(units)
    arrow.setArrowStartWidthUnit(units)
    arrow.setHeadLengthUnit(units)
    arrow.setHeadThicknessUnit(units)
    length = f'"magnitude" * {map_units_per_unit!r}'
    for name, share in _ARROW_SHAPE.items():
        arrow.setDataDefinedProperty(name, QgsProperty.fromExpression(f"{share} * {length}"))
    arrow.setSubSymbol(
        QgsFillSymbol.createSimple({"color": "#111111", "outline_color": "#ffffff", "outline_width": "0.15"})
    )
    return arrow


def _write(
    path: str,
    reference_system: osr.SpatialReference | None,
    transform: Sequence[float],
    drawn: Sequence[_Row],
    legend: Sequence[_Row],
) -> None:
    target, words = quietly(ogr.GetDriverByName("GPKG").CreateDataSource, path)
    if target is None:
        raise stopped(words, path)
    for name, rows in (("arrows", drawn), ("legend", legend)):
        layer, words = quietly(target.CreateLayer, name, reference_system, ogr.wkbPoint)
        if layer is None:
            raise stopped(words, path)
        _fill(layer, path, transform, rows)
    _, words = quietly(target.FlushCache)
    if words.strip():
        raise stopped(words, path)


def _fill(layer: ogr.Layer, path: str, transform: Sequence[float], rows: Sequence[_Row]) -> None:
    """Write rows of column, row, values of the fields, and text where there is any."""
    for name in _FIELDS:
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTReal))
    if layer.GetName() == "legend":
        layer.CreateField(ogr.FieldDefn("label", ogr.OFTString))
    layer.StartTransaction()
    for row in rows:
        _, words = quietly(layer.CreateFeature, _feature(layer, transform, *row))
        if words.strip():
            raise stopped(words, path)
    _, words = quietly(layer.CommitTransaction)
    if words.strip():
        raise stopped(words, path)


def _legend(arrows: ArrowPoints, source: gdal.Dataset, cell: int) -> list[_Row]:
    """Rows of the legend: its arrow below the lower right corner, and its length in words below that."""
    if not arrows.count:
        return []
    g = source.GetGeoTransform(can_return_null=True) or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    length = arrows.legend * arrows.map_units_per_unit / math.hypot(g[1], g[4])
    column, row = source.RasterXSize - length - cell / 2, source.RasterYSize + cell
    return [
        (column, row, (arrows.legend, 0.0, arrows.legend, 90.0, 0.0), ""),
        (column + length / 2, row + cell, (0.0, 0.0, 0.0, 0.0, 0.0), arrows.legend_text()),
    ]


def _cells(source: gdal.Dataset, cell: int) -> Iterator[tuple[float, float, tuple[float, ...]]]:
    """Yield (column, row, values) of each cell worth an arrow; column and row are its centre in pixels."""
    bands = {
        source.GetRasterBand(i).GetDescription(): source.GetRasterBand(i) for i in range(1, source.RasterCount + 1)
    }
    step = max(1, cell // _SAMPLES_ACROSS)
    width = source.RasterXSize
    for top in range(0, source.RasterYSize, cell):
        rows = min(cell, source.RasterYSize - top)
        # thinned by GDAL, which takes it from an overview where there is one
        thin = {"buf_xsize": -(-width // step), "buf_ysize": -(-rows // step)}
        east, north, sigma, mask = (
            bands[name].ReadAsArray(0, top, width, rows, **thin) for name in ("east", "north", "sigma", "mask")
        )
        good = (mask == 0) & np.isfinite(east) & np.isfinite(north)
        for left in range(0, width, cell):
            part = np.s_[:, left // step : -(-(left + cell) // step)]
            chosen = good[part]
            if chosen.size == 0 or chosen.mean() < _MIN_GOOD_SHARE:
                continue
            values = _motion(east[part][chosen], north[part][chosen], sigma[part][chosen])
            if values[2] >= CLEAR_SIGMAS * values[4]:
                columns = min(cell, width - left)
                yield left + columns / 2, top + rows / 2, values


def _motion(east: np.ndarray, north: np.ndarray, sigma: np.ndarray) -> tuple[float, ...]:
    e, n, s = float(np.median(east)), float(np.median(north)), float(np.median(sigma))
    return e, n, float(np.hypot(e, n)), float(np.degrees(np.arctan2(e, n)) % 360.0), s


def _feature(
    layer: ogr.Layer, transform: Sequence[float], column: float, row: float, values: tuple[float, ...], label: str = ""
) -> ogr.Feature:
    feature = ogr.Feature(layer.GetLayerDefn())
    if label:
        feature.SetField("label", label)
    for name, value in zip(_FIELDS, values):
        feature.SetField(name, value)
    x, y = gdal.ApplyGeoTransform(transform, column, row)
    point = ogr.Geometry(ogr.wkbPoint)
    point.AddPoint_2D(x, y)
    feature.SetGeometry(point)
    return feature
