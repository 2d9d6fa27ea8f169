"""Which series or product: those whose layers are in the project, or one from a folder."""

from __future__ import annotations

import os

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QCoreApplication, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QToolButton, QWidget

from deepot_qgis.gui.sections.rows import narrow
from deepot_qgis.processing.layers.series import series_in_project
from deepot_qgis.processing.present import current_project, present
from deepot_qgis.processing.sources import raster_path


def _tr(text: str) -> str:
    """Translate in one context: `self.tr` would look for that of the subclass."""
    return QCoreApplication.translate("DeepOT", text)


class SeriesChooser(QWidget):
    """A combo box of known series and a button for others; `changed` when another is chosen."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.combo = narrow(QComboBox())
        self.combo.setToolTip(_tr("The series that is looked into: one whose layers are in the project, or another"))
        self.browse = QToolButton()
        self.browse.setText("…")
        self.browse.setToolTip(_tr("Choose the file series.json in the folder of a series"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.combo, 1)
        layout.addWidget(self.browse)
        self._others: list[str] = []
        self.combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.browse.clicked.connect(self._browse)
        current_project().layersAdded.connect(self.refresh)
        current_project().layersRemoved.connect(self.refresh)
        self.refresh()

    def path(self) -> str:
        """Return the path of the chosen series.json, empty when there is none."""
        return self.combo.currentData() or ""

    def choose(self, path: str) -> None:
        """Choose a series, known or not."""
        path = os.path.normpath(path)
        if self.combo.findData(path) < 0:
            self._others.append(path)
            self.refresh()
        self.combo.setCurrentIndex(self.combo.findData(path))

    def refresh(self, *_layers: object) -> None:
        """Offer what there is now; what was chosen stays chosen."""
        chosen = self.path()
        known = {**self.known(), **{path: _title(path) for path in self._others}}
        self.combo.blockSignals(True)
        self.combo.clear()
        for path, title in known.items():
            self.combo.addItem(title, path)
        self.combo.setCurrentIndex(max(0, self.combo.findData(chosen)) if known else -1)
        self.combo.blockSignals(False)
        if self.path() != chosen:
            self.changed.emit()

    def known(self) -> dict[str, str]:
        """Return what the project offers: title by path."""
        return series_in_project(current_project())

    def shut_down(self) -> None:
        """Stop listening to the project."""
        current_project().layersAdded.disconnect(self.refresh)
        current_project().layersRemoved.disconnect(self.refresh)

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, _tr("Choose a series"), "", _tr("Series (series.json *.json)"))
        if path:
            self.choose(path)


def products_in_project(project: QgsProject) -> dict[str, str]:
    """Return the displacement products whose layers are in a project: the title of their group by path."""
    products = {}
    for layer in project.mapLayers().values():
        if isinstance(layer, QgsRasterLayer) and layer.customProperty("deepot/view") == "magnitude":
            node = present(project.layerTreeRoot()).findLayer(layer.id())
            group = node.parent() if node is not None else None
            products[raster_path(layer)] = (group.name() if group is not None else "") or layer.name()
    return products


def _title(path: str) -> str:
    return os.path.basename(os.path.dirname(path)) or path
