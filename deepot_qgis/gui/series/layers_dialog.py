"""Choose which raster layers of the project are images of a series."""

from __future__ import annotations

from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.gui.sections.rows import hint
from deepot_qgis.processing.present import current_project, present
from deepot_qgis.processing.sources import raster_path


class LayersDialog(QDialog):
    """A list of raster files in the project with ticks; results of this plugin are left out."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setWindowTitle(self.tr("Layers of the project"))
        self.resize(380, 360)
        self.list = QListWidget()
        self.list.setToolTip(self.tr("Raster layers that are files; untick those that are no images of the series"))
        for path, name in _images().items():
            item = QListWidgetItem(name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setToolTip(path)
            self.list.addItem(item)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(hint(self.tr("Which of them are images of one place at different dates?")))
        layout.addWidget(self.list, 1)
        layout.addWidget(self.buttons)

    def paths(self) -> list[str]:
        """Return the files that are ticked."""
        items = (present(self.list.item(i)) for i in range(self.list.count()))
        return [item.data(Qt.ItemDataRole.UserRole) for item in items if item.checkState() == Qt.CheckState.Checked]


def _images() -> dict[str, str]:
    found = {}
    for layer in current_project().mapLayers().values():
        ours = layer.customProperty("deepot/view") or layer.customProperty("deepot/series")
        if isinstance(layer, QgsRasterLayer) and not ours:
            try:
                found[raster_path(layer)] = layer.name()
            except DeepotError:
                continue  # a web service is no image
    return dict(sorted(found.items(), key=lambda item: item[1]))
