"""What stands still, and is taken from the displacement because of it."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsMapLayerProxyModel, QgsVectorLayer, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsMapLayerComboBox, QgsMapTool
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QGroupBox, QLabel, QWidget

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.gui.plots.markers import Marker
from deepot_qgis.gui.plots.tools import DrawTool
from deepot_qgis.gui.sections.button import Button, CheckBox
from deepot_qgis.gui.sections.rows import form, narrow
from deepot_qgis.gui.settings import remember
from deepot_qgis.processing.present import current_project
from deepot_qgis.processing.sources import drawn_area, polygon_area

SLOWEST, POLYGONS, DRAWN, NOTHING = "slowest", "polygons", "drawn", "none"
_COLOR = "#009e73"


class ReferenceSection(QGroupBox):
    """Slowest quarter, polygons of a layer, or an area drawn on the map; a shift, or a ramp as well.

    Parameters
    ----------
    canvas
        To draw on.
    key
        Under which the choice is remembered.

    Signals
    -------
    changed
        Something else is chosen.
    """

    changed = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, key: str = "reference", parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Stable ground"))
        self._canvas = canvas
        self._tool = DrawTool(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._drawn: QgsGeometry | None = None
        self._crs = QgsCoordinateReferenceSystem()
        self._marker: Marker | None = None
        self.kind = narrow(QComboBox())
        self.kind.addItem(self.tr("The slowest quarter"), SLOWEST)
        self.kind.addItem(self.tr("Polygons of a layer"), POLYGONS)
        self.kind.addItem(self.tr("Drawn on the map"), DRAWN)
        self.kind.addItem(self.tr("Correct nothing"), NOTHING)
        self.layers = narrow(QgsMapLayerComboBox())
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.draw = Button(self.tr("Draw on the map"))
        self.draw.setCheckable(True)
        self.ramp = CheckBox(self.tr("Remove a ramp as well"))
        self._explain()
        layout = form(self)
        layout.addRow(self.tr("Still is"), self.kind)
        self._layers_label = QLabel(self.tr("Layer"))
        layout.addRow(self._layers_label, self.layers)
        layout.addRow(self.draw)
        layout.addRow(self.ramp)
        remember(self.kind, f"{key}_kind")
        remember(self.ramp, f"{key}_ramp")
        self.kind.currentIndexChanged.connect(self._show_fitting)
        for signal in (self.kind.currentIndexChanged, self.layers.layerChanged, self.ramp.toggled):
            signal.connect(lambda *_: self.changed.emit())
        self.draw.toggled.connect(self._take_tool)
        self._tool.picked.connect(self._take_drawn)
        canvas.mapToolSet.connect(self._tool_changed)
        self._show_fitting()

    def _explain(self) -> None:
        self.kind.setToolTip(
            self.tr(
                "Ground that is known to stand still: its median motion is taken from every pair, which removes what "
                "is left of the co-registration. The slowest quarter is found by itself."
            )
        )
        self.layers.setToolTip(self.tr("Polygon layer of stable ground, for example rock outside the landslide"))
        self.draw.setToolTip(self.tr("Draw an area on the map: left clicks add corners, a right click ends"))
        self.ramp.setToolTip(
            self.tr(
                "Take out a plane instead of a shift, for orbits that tilt the result; needs stable ground all around"
            )
        )

    def options(self, crs: QgsCoordinateReferenceSystem) -> ReferenceOptions:
        """Return what is chosen, in the images' CRS.

        Raises
        ------
        InputError
            Nothing is drawn, or there is no polygon layer.
        """
        kind, ramp = self.kind.currentData(), self.ramp.isChecked()
        if kind in (SLOWEST, NOTHING):
            return ReferenceOptions(kind=kind, ramp=ramp and kind != NOTHING)
        transforms = current_project().transformContext()
        if kind == DRAWN:
            if self._drawn is None:
                raise InputError(self.tr("No stable ground is drawn yet: click 'Draw on the map', or choose another."))
            return ReferenceOptions("area", drawn_area(self._drawn, self._crs, crs, transforms), ramp)
        layer = self.layers.currentLayer()
        if not isinstance(layer, QgsVectorLayer):
            raise InputError(self.tr("There is no polygon layer of stable ground: add one, or draw it."))
        return ReferenceOptions("area", polygon_area(layer, crs, transforms), ramp)

    def shut_down(self) -> None:
        """Leave the map as it was found."""
        self._forget_marker()
        self._canvas.mapToolSet.disconnect(self._tool_changed)
        self._canvas.unsetMapTool(self._tool)
        self._tool.remove()

    def _take_drawn(self, drawn: QgsGeometry) -> None:
        self._drawn, self._crs = drawn, self._canvas.mapSettings().destinationCrs()
        self._show_fitting()
        self.draw.setChecked(False)
        self.changed.emit()

    def _show_fitting(self) -> None:
        kind = self.kind.currentData()
        self.layers.setVisible(kind == POLYGONS)
        self._layers_label.setVisible(kind == POLYGONS)
        self.draw.setVisible(kind == DRAWN)
        self.draw.setText(self.tr("Draw on the map") if self._drawn is None else self.tr("✓ Drawn; draw again"))
        self.ramp.setEnabled(kind != NOTHING)
        self._forget_marker()
        if kind == DRAWN and self._drawn is not None:
            self._marker = Marker(self._canvas, self._drawn, self._crs, _COLOR)

    def _forget_marker(self) -> None:
        if self._marker is not None:
            self._marker.remove()
            self._marker = None

    def _take_tool(self, wanted: bool) -> None:
        if wanted:
            self._canvas.setMapTool(self._tool)
        else:
            self._canvas.unsetMapTool(self._tool)

    def _tool_changed(self, now: QgsMapTool | None, _before: QgsMapTool | None = None) -> None:
        self.draw.setChecked(now is self._tool)
