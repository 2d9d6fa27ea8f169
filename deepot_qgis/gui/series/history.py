"""Section 6: from pairs to histories, and where the result is kept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from qgis.core import QgsProcessingUtils
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QDoubleSpinBox, QGroupBox, QWidget

from deepot_qgis.engine.timeseries.inversion import InversionOptions
from deepot_qgis.gui.sections.button import CheckBox
from deepot_qgis.gui.sections.rows import form
from deepot_qgis.gui.settings import remember
from deepot_qgis.processing.present import present


class HistorySection(QGroupBox):
    """Robust or not, smooth or not, with a yearly wave or without; the folder."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Result"))
        self.robust = CheckBox(self.tr("Robust against bad pairs"))
        self.robust.setChecked(True)
        self.annual = CheckBox(self.tr("Yearly wave as well"))
        self.smoothness = QDoubleSpinBox()
        self.smoothness.setRange(0.0, 10_000.0)
        self.smoothness.setDecimals(2)
        self.smoothness.setSingleStep(0.1)
        self.smoothness.setSpecialValueText(self.tr("none"))
        self.smoothness.setSuffix(self.tr(" m/yr in a year"))
        self.smoothness.setMinimumWidth(70)
        self.netcdf = CheckBox(self.tr("NetCDF as well"))
        self.netcdf.setChecked(True)
        self.folder = QgsFileWidget()
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setDialogTitle(self.tr("Choose the folder for the series"))
        present(self.folder.lineEdit()).setPlaceholderText(self.tr("temporary folder"))
        self._explain()
        layout = form(self)
        layout.addRow(self.robust)
        layout.addRow(self.annual)
        layout.addRow(self.tr("Smoothness"), self.smoothness)
        layout.addRow(self.netcdf)
        layout.addRow(self.tr("Save in"), self.folder)
        for widget, key in (
            (self.robust, "series_robust"),
            (self.annual, "series_annual"),
            (self.smoothness, "series_smoothness"),
            (self.netcdf, "series_netcdf"),
            (self.folder, "series_folder"),
        ):
            remember(widget, key)

    def _explain(self) -> None:
        self.robust.setToolTip(self.tr("Pairs that contradict the others lose their say, pixel by pixel"))
        self.annual.setToolTip(
            self.tr("Fit a wave of one year beside the velocity; needs dates over at least three quarters of a year")
        )
        self.smoothness.setToolTip(
            self.tr(
                "How much the velocity may change within a year (1 sigma, metres a year): small values smooth more. "
                "None leaves the history as the pairs say it."
            )
        )
        self.netcdf.setToolTip(self.tr("Also write the series as one NetCDF file (CF conventions)"))
        self.folder.setToolTip(
            self.tr(
                "Folder in which a folder for the series is made. Measured pairs are kept there and taken again by the "
                "next run. Empty: a temporary folder that is emptied when QGIS closes."
            )
        )

    def inversion(self) -> InversionOptions:
        """Return how pairs become histories."""
        return InversionOptions(
            robust="tukey" if self.robust.isChecked() else "none",
            smoothness=self.smoothness.value() or None,
            model="annual" if self.annual.isChecked() else "linear",
        )

    def output(self, dates: Sequence[datetime]) -> str:
        """Return the folder of a series of these dates; the same again for the same dates, so that a run goes on."""
        folder = self.folder.filePath().strip() or QgsProcessingUtils.tempFolder()
        first, last = (moment.strftime("%Y%m%d") for moment in (min(dates), max(dates)))
        return os.path.join(folder, f"series_{first}_{last}")
