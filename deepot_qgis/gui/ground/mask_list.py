"""Ground that is left out: polygons, rasters and drawn areas, one below the other."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsMapLayer,
    QgsMapLayerProxyModel,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QListWidget, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import DeepotError, InputError
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.refine import Mask
from deepot_qgis.gui.plots.markers import Marker
from deepot_qgis.gui.plots.tools import DrawTool
from deepot_qgis.gui.sections.button import Button, CheckBox
from deepot_qgis.gui.sections.rows import narrow, row
from deepot_qgis.processing.masks import mask_of
from deepot_qgis.processing.present import current_project
from deepot_qgis.processing.sources import drawn_area

POLYGONS, RASTER, DRAWN = "polygons", "raster", "drawn"
_COLOR = "#cc79a7"
_SHOWN_ROWS = 3


class MaskList(QWidget):
    """Choose or draw a mask, add it; the list says what is left out and why.

    Signals
    -------
    changed
        A mask was added or removed.
    refused
        A `DeepotError`: what was chosen makes no mask.
    """

    changed = pyqtSignal()
    refused = pyqtSignal(object)

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._masks: list[tuple[Mask, Marker | None]] = []
        self._crs = QgsCoordinateReferenceSystem()
        self._tool = DrawTool(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self.kind, self.reason = narrow(QComboBox()), narrow(QComboBox())
        self.polygons, self.rasters = narrow(QgsMapLayerComboBox()), narrow(QgsMapLayerComboBox())
        self.outside = CheckBox(self.tr("Leave out what lies outside"))
        self.add, self.remove = Button(), Button(self.tr("Remove"))
        self.list = QListWidget()
        self._set_up()
        self._explain()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.kind, self.polygons, self.rasters, self.reason, self.outside):
            column.addWidget(widget)
        column.addWidget(row(self.add, self.remove))
        column.addWidget(self.list)
        self._connect()
        self._show_fitting()

    def _set_up(self) -> None:
        self.kind.addItem(self.tr("Polygons of a layer"), POLYGONS)
        self.kind.addItem(self.tr("A raster (not 0 = left out)"), RASTER)
        self.kind.addItem(self.tr("Drawn on the map"), DRAWN)
        self.reason.addItem(self.tr("Water, vegetation or other"), int(Reason.EXCLUDED))
        self.reason.addItem(self.tr("Layover or shadow"), int(Reason.LAYOVER_SHADOW))
        self.polygons.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.rasters.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.list.setFixedHeight(_SHOWN_ROWS * self.fontMetrics().height() + 12)

    def _explain(self) -> None:
        self.kind.setToolTip(self.tr("What says which ground is left out"))
        self.polygons.setToolTip(self.tr("Polygon layer, for example lakes, forest or a glacier"))
        self.rasters.setToolTip(
            self.tr(
                "Raster layer; the tool 'Layover and shadow' makes one from a terrain model. Any grid will do that "
                "covers the product."
            )
        )
        self.reason.setToolTip(self.tr("The reason that the mask layer gives for these pixels"))
        self.outside.setToolTip(self.tr("Keep what lies inside the polygons and leave out everything else"))
        self.remove.setToolTip(self.tr("Take the selected mask off the list"))
        self.list.setToolTip(self.tr("Ground that is left out"))

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._show_fitting)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.list.currentRowChanged.connect(lambda _: self._show_fitting())
        self._tool.picked.connect(self._take_drawn)
        self._canvas.mapToolSet.connect(self._tool_changed)

    # ---- what is chosen

    def set_crs(self, crs: QgsCoordinateReferenceSystem) -> None:
        """Take the CRS of the product, in which areas are handed to the engine; masks of another one go."""
        if crs != self._crs:
            self._crs = crs
            self.clear()

    def masks(self) -> tuple[Mask, ...]:
        """Return what is left out."""
        return tuple(mask for mask, _ in self._masks)

    def clear(self) -> None:
        """Leave nothing out."""
        for _, marker in self._masks:
            if marker is not None:
                marker.remove()
        had, self._masks = bool(self._masks), []
        self._show()
        if had:
            self.changed.emit()

    def shut_down(self) -> None:
        """Leave the map as it was found."""
        self.blockSignals(True)
        self.clear()
        self._canvas.mapToolSet.disconnect(self._tool_changed)
        self._canvas.unsetMapTool(self._tool)
        self._tool.remove()

    # ---- what the user does

    def _add(self) -> None:
        kind = self.kind.currentData()
        if kind == DRAWN:
            self._canvas.setMapTool(self._tool)
            self._show_fitting()
            return
        try:
            self._take(self._of_polygons() if kind == POLYGONS else self._of_raster())
        except DeepotError as error:
            self.refused.emit(error)

    def _of_polygons(self) -> tuple[Mask, str]:
        layer = self.polygons.currentLayer()
        if not isinstance(layer, QgsVectorLayer):
            raise InputError(self.tr("There is no polygon layer: add one, or draw the area."))
        return self._mask_of(layer), layer.name()

    def _of_raster(self) -> tuple[Mask, str]:
        layer = self.rasters.currentLayer()
        if not isinstance(layer, QgsRasterLayer):
            raise InputError(self.tr("There is no raster layer: add one, or make one with 'Layover and shadow'."))
        return self._mask_of(layer), layer.name()

    def _mask_of(self, layer: QgsMapLayer) -> Mask:
        transforms = current_project().transformContext()
        return mask_of(layer, self._crs, transforms, self.outside.isChecked(), self.reason.currentData())

    def _take_drawn(self, drawn: QgsGeometry) -> None:
        crs = self._canvas.mapSettings().destinationCrs()
        self._canvas.unsetMapTool(self._tool)
        try:
            area = drawn_area(drawn, crs, self._crs, current_project().transformContext())
            mask = Mask(area=area, outside=self.outside.isChecked(), reason=self.reason.currentData())
        except DeepotError as error:
            self.refused.emit(error)
            return
        self._take((mask, self.tr("Drawn")), Marker(self._canvas, drawn, crs, _COLOR))

    def _take(self, named: tuple[Mask, str], marker: Marker | None = None) -> None:
        mask, name = named
        self._masks.append((mask, marker))
        kind = self.tr("{name}: outside") if mask.outside else "{name}"
        self.list.addItem(f"{kind.format(name=name)} ({self.reason.currentText()})")
        self.list.setCurrentRow(self.list.count() - 1)
        self._show_fitting()
        self.changed.emit()

    def _remove(self) -> None:
        at = self.list.currentRow()
        if at < 0:
            return
        _, marker = self._masks.pop(at)
        if marker is not None:
            marker.remove()
        self.list.takeItem(at)
        self._show_fitting()
        self.changed.emit()

    # ---- what is shown

    def _show(self) -> None:
        self.list.clear()
        self._show_fitting()

    def _show_fitting(self, *_index: object) -> None:
        kind = self.kind.currentData()
        self.polygons.setVisible(kind == POLYGONS)
        self.rasters.setVisible(kind == RASTER)
        self.outside.setVisible(kind != RASTER)
        if kind == RASTER:
            self.outside.setChecked(False)
        self.list.setVisible(bool(self._masks))
        self.remove.setEnabled(self.list.currentRow() >= 0)
        drawing = self._canvas.mapTool() is self._tool
        if kind != DRAWN:
            self.add.setText(self.tr("Leave this out"))
            self.add.setToolTip(self.tr("Put the chosen mask on the list"))
        else:
            self.add.setText(self.tr("Click corners on the map…") if drawing else self.tr("Draw on the map"))
            self.add.setToolTip(self.tr("Draw an area on the map: left clicks add corners, a right click ends"))

    def _tool_changed(self, *_tools: object) -> None:
        self._show_fitting()
