"""Which map stations are compared with: a series, or one displacement product."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QFileDialog, QWidget

from deepot_qgis.gui.plots.sources import SeriesChooser, products_in_project
from deepot_qgis.processing.present import current_project


class MapChooser(SeriesChooser):
    """Series and displacement products of the project, and others from files."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.combo.setToolTip(
            self.tr("The map to compare with: a time series, or one displacement product with two dates")
        )
        self.browse.setToolTip(self.tr("Choose the series.json of a series, or the GeoTIFF of a displacement product"))

    def known(self) -> dict[str, str]:
        return {**super().known(), **products_in_project(current_project())}

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, self.tr("Choose a map"), "", self.tr("Series or displacement (series.json *.tif *.tiff)")
        )
        if path:
            self.choose(path)
