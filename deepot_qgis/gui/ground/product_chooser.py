"""Which displacement product is refined."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QFileDialog, QWidget

from deepot_qgis.gui.plots.sources import SeriesChooser, products_in_project
from deepot_qgis.processing.present import current_project


class ProductChooser(SeriesChooser):
    """Displacement products of the project, and others from files."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.combo.setToolTip(self.tr("The displacement product to refine: one on the map, or another from a file"))
        self.browse.setToolTip(self.tr("Choose the GeoTIFF of a displacement product"))

    def known(self) -> dict[str, str]:
        return products_in_project(current_project())

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.tr("Choose a displacement product"), "", self.tr("GeoTIFF (*.tif *.tiff)")
        )
        if path:
            self.choose(path)
