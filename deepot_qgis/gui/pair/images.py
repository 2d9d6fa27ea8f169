"""Which two images, of which dates, and what was recognised in them."""

from __future__ import annotations

import os

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QSignalBlocker, pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QGroupBox, QToolButton, QWidget

from deepot_qgis.engine.dates import acquisition_date
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.gui.dates import DateEdit
from deepot_qgis.gui.pair.card import PreflightCard
from deepot_qgis.gui.sections.rows import form, narrow, row
from deepot_qgis.gui.settings import entry, keep_entry
from deepot_qgis.processing.present import current_project
from deepot_qgis.processing.sources import raster_path


class RasterPicker(QWidget):
    """A raster layer of the project, or a file that becomes one, and its date."""

    changed = pyqtSignal()
    refused = pyqtSignal(object)  # a DeepotError

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.layers = narrow(QgsMapLayerComboBox())
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.layers.setAllowEmptyLayer(True, self.tr("choose an image"))
        self.layers.setCurrentIndex(0)
        self.browse = QToolButton()
        self.browse.setText("…")
        self.date = DateEdit()
        self.layers.layerChanged.connect(self._layer_changed)
        self.browse.clicked.connect(self._browse)
        self.date.valueChanged.connect(lambda *_: self.changed.emit())

    def layer(self) -> QgsRasterLayer | None:
        """Return the chosen layer."""
        chosen = self.layers.currentLayer()
        return chosen if isinstance(chosen, QgsRasterLayer) else None

    def path(self) -> str:
        """Return the path of the chosen raster, empty when none is chosen.

        Raises
        ------
        InputError
            The layer is not a file.
        """
        layer = self.layer()
        return raster_path(layer) if layer is not None else ""

    def show_choice(self, layer: QgsRasterLayer | None, date: str | None) -> None:
        """Show a layer and its date without saying that something changed."""
        with QSignalBlocker(self.layers), QSignalBlocker(self.date):
            self.layers.setLayer(layer)
            self.date.set_iso(date)

    def choose_file(self, path: str) -> None:
        """Choose the layer of a raster file, added to the project when none of its layers shows it."""
        try:
            Raster(path)
        except DeepotError as error:
            self.refused.emit(error)
            return
        layer = _layer_of(path)
        if layer is None:
            layer = QgsRasterLayer(path, os.path.splitext(os.path.basename(path))[0])
            current_project().addMapLayer(layer)
        self.layers.setLayer(layer)

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a SAR raster"))
        if path:
            self.choose_file(path)

    def _layer_changed(self, _layer: QgsMapLayer | None) -> None:
        date = None
        try:
            if self.layer() is not None:
                date = acquisition_date(self.path())
        except DeepotError:
            pass  # the preflight says what is wrong with the raster
        with QSignalBlocker(self.date):
            self.date.set_iso(date)
        self.changed.emit()


def _layer_of(path: str) -> QgsRasterLayer | None:
    """The layer of the project that shows a raster file."""
    for layer in current_project().mapLayers().values():
        if isinstance(layer, QgsRasterLayer) and os.path.normcase(layer.source()) == os.path.normcase(path):
            return layer
    return None


class ImagesSection(QGroupBox):
    """Reference and secondary; `changed` when anything of them changes."""

    changed = pyqtSignal()
    refused = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Images"))
        self.reference, self.secondary = RasterPicker(self), RasterPicker(self)
        self.swap = QToolButton()
        self.swap.setText("⇅")
        self.preflight = PreflightCard()
        self._explain()
        self._lay_out()
        for picker in (self.reference, self.secondary):
            picker.changed.connect(self.changed)
            picker.refused.connect(self.refused)
        self.swap.clicked.connect(self.exchange)
        self.changed.connect(self._keep)
        current_project().readProject.connect(self._restore)
        self._restore()

    def _explain(self) -> None:
        self.reference.layers.setToolTip(
            self.tr("The earlier SAR image: amplitude, intensity, dB or complex. The result lies on its grid.")
        )
        self.secondary.layers.setToolTip(
            self.tr("The later SAR image, on exactly the same grid. Motion is measured from the reference to this one.")
        )
        self.reference.browse.setToolTip(self.tr("Choose a raster file as reference and add it to the project"))
        self.secondary.browse.setToolTip(self.tr("Choose a raster file as secondary and add it to the project"))
        text = self.tr(
            "Acquisition date (UTC), read from the metadata or the file name; correct it if it is wrong. "
            "Both dates are needed for a velocity."
        )
        self.reference.date.setToolTip(text)
        self.secondary.date.setToolTip(text)
        self.swap.setToolTip(self.tr("Swap reference and secondary"))

    def _lay_out(self) -> None:
        layout = form(self)
        reference, secondary = self.reference, self.secondary
        layout.addRow(self.tr("Reference"), reference.date)
        layout.addRow(row(reference.layers, reference.browse))
        layout.addRow(self.tr("Secondary"), row(secondary.date, self.swap))
        layout.addRow(row(secondary.layers, secondary.browse))
        layout.addRow(self.preflight)

    def choose(self, reference: str, secondary: str, dates: tuple[str | None, str | None] = (None, None)) -> None:
        """Choose two files, adding them to the project where they are not in it; dates where they are known."""
        for picker, path, date in zip((self.reference, self.secondary), (reference, secondary), dates):
            picker.choose_file(path)
            if date:
                picker.date.set_iso(date)

    def complete(self) -> bool:
        """Say whether both images are chosen."""
        return self.reference.layer() is not None and self.secondary.layer() is not None

    def _pickers(self) -> tuple[tuple[str, RasterPicker], ...]:
        return ("reference", self.reference), ("secondary", self.secondary)

    def _keep(self) -> None:
        """Let the project remember what is chosen; a layer that goes away with its project is no choice."""
        for name, picker in self._pickers():
            layer = picker.layer()
            if layer is not None:
                keep_entry(f"{name}_layer", layer.id())
                keep_entry(f"{name}_date", picker.date.iso())

    def _restore(self, *_project: object) -> None:
        found = False
        for name, picker in self._pickers():
            layer = current_project().mapLayer(entry(f"{name}_layer") or "")
            if isinstance(layer, QgsRasterLayer):
                picker.show_choice(layer, entry(f"{name}_date"))
                found = True
        if found:
            self.changed.emit()

    def exchange(self) -> None:
        """Swap the two images and their dates."""
        layers = self.reference.layer(), self.secondary.layer()
        dates = self.reference.date.iso(), self.secondary.date.iso()
        for picker, layer, date in zip((self.secondary, self.reference), layers, dates):
            picker.show_choice(layer, date)
        self.changed.emit()

    def reversed(self) -> bool:
        """Say whether the reference is later than the secondary."""
        first, second = self.reference.date.iso(), self.secondary.date.iso()
        return bool(first and second and first > second)

    def focus_dates(self) -> None:
        """Put the cursor into the first date that is unknown."""
        unknown = [picker.date for picker in (self.reference, self.secondary) if picker.date.iso() is None]
        (unknown or [self.secondary.date])[0].setFocus()
