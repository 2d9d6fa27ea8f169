"""Where to measure."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsMapLayerProxyModel,
    QgsVectorLayer,
    QgsVectorLayerSelectedFeatureSource,
)
from qgis.gui import QgsMapCanvas, QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QComboBox, QGroupBox, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import InputError
from deepot_qgis.gui.sections.button import CheckBox
from deepot_qgis.gui.sections.rows import form, narrow
from deepot_qgis.processing.present import current_project, present
from deepot_qgis.processing.sources import polygon_area, rectangle_area

WHOLE, CANVAS, POLYGONS = "whole", "canvas", "polygons"


class AreaSection(QGroupBox):
    """Whole image, what the map shows, or inside polygons."""

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self.setTitle(self.tr("Area"))
        self.kind = narrow(QComboBox())
        self.kind.addItem(self.tr("Whole image"), WHOLE)
        self.kind.addItem(self.tr("What the map shows"), CANVAS)
        self.kind.addItem(self.tr("Inside polygons"), POLYGONS)
        self.kind.setToolTip(self.tr("Measure everywhere, or only where it matters: a smaller area is done sooner."))
        self.layers = narrow(QgsMapLayerComboBox())
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layers.setToolTip(self.tr("Polygon layer, for example the outline of a landslide"))
        self.selected = CheckBox(self.tr("Selected features only"))
        self.selected.setToolTip(self.tr("Use only the polygons that are selected in the layer"))
        layout = form(self)
        layout.addRow(self.tr("Measure"), self.kind)
        self._polygon_rows = QWidget()
        column = QVBoxLayout(self._polygon_rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.layers)
        column.addWidget(self.selected)
        layout.addRow(self._polygon_rows)
        self.kind.currentIndexChanged.connect(self._show_fitting)
        self._show_fitting()

    def area_text(self, target: QgsCoordinateReferenceSystem) -> str | None:
        """Return the area as polygon text in the CRS of the images, None for the whole image.

        Raises
        ------
        InputError
            The area is empty or there is no polygon layer.
        """
        transforms = current_project().transformContext()
        kind = self.kind.currentData()
        if kind == CANVAS:
            crs = self._canvas.mapSettings().destinationCrs()
            return rectangle_area(self._canvas.extent(), crs, target, transforms)
        if kind == POLYGONS:
            return polygon_area(self._polygons(), target, transforms)
        return None

    def choose_polygons(self, wkt: str | None, crs: QgsCoordinateReferenceSystem, name: str) -> None:
        """Measure inside a polygon given as text, which becomes a layer of that name; everywhere when it is None."""
        if wkt is None:
            self.kind.setCurrentIndex(self.kind.findData(WHOLE))
            return
        layer = QgsVectorLayer("Polygon", name, "memory")
        layer.setCrs(crs)
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(wkt))
        present(layer.dataProvider()).addFeatures([feature])
        layer.updateExtents()
        current_project().addMapLayer(layer)
        self.selected.setChecked(False)
        self.layers.setLayer(layer)
        self.kind.setCurrentIndex(self.kind.findData(POLYGONS))

    def _polygons(self) -> QgsVectorLayer | QgsVectorLayerSelectedFeatureSource:
        layer = self.layers.currentLayer()
        if not isinstance(layer, QgsVectorLayer):
            raise InputError(self.tr("There is no polygon layer: add one, or measure the whole image."))
        return QgsVectorLayerSelectedFeatureSource(layer) if self.selected.isChecked() else layer

    def _show_fitting(self) -> None:
        self._polygon_rows.setVisible(self.kind.currentData() == POLYGONS)
