"""Which results, and where they are kept."""

from __future__ import annotations

import os

from qgis.core import QgsProcessingUtils
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QComboBox, QGroupBox, QWidget

from deepot_qgis.engine.displacement import VELOCITY_UNITS
from deepot_qgis.gui.names import free_name
from deepot_qgis.gui.sections.button import CheckBox
from deepot_qgis.gui.sections.rows import form, narrow, row
from deepot_qgis.gui.settings import remember
from deepot_qgis.processing.present import present


class ProductsSection(QGroupBox):
    """Displacement always; velocity, arrows and unfiltered offsets on request."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Results"))
        self.displacement = CheckBox(self.tr("Displacement"))
        self.displacement.setChecked(True)
        self.displacement.setEnabled(False)
        self.velocity = CheckBox(self.tr("Velocity in"))
        self.unit = narrow(QComboBox())
        for unit in VELOCITY_UNITS:
            self.unit.addItem(unit, unit)
        self.arrows = CheckBox(self.tr("Arrows"))
        self.arrows.setChecked(True)
        self.offsets = CheckBox(self.tr("Unfiltered offsets"))
        self.resume = CheckBox(self.tr("Go on after an interruption"))
        self.folder = QgsFileWidget()
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setDialogTitle(self.tr("Choose the folder for the results"))
        present(self.folder.lineEdit()).setPlaceholderText(self.tr("temporary folder"))
        self._explain()
        self._lay_out()
        for widget, key in (
            (self.velocity, "velocity"),
            (self.unit, "velocity_unit"),
            (self.arrows, "arrows"),
            (self.offsets, "offsets"),
            (self.resume, "resume"),
            (self.folder, "folder"),
        ):
            remember(widget, key)
        self.velocity.toggled.connect(self.unit.setEnabled)
        self.unit.setEnabled(self.velocity.isChecked())

    def _explain(self) -> None:
        self.displacement.setToolTip(
            self.tr(
                "Always made: east, north, magnitude, direction, uncertainty, correlation and the mask with its "
                "reasons, as one GeoTIFF with a JSON that says how it was made"
            )
        )
        self.velocity.setToolTip(self.tr("Also divide by the time between the two dates; needs both dates"))
        self.unit.setToolTip(self.tr("Unit of the velocity (a year has 365.25 days)"))
        self.arrows.setToolTip(self.tr("Also draw arrows that show which way the ground moved, where it clearly did"))
        self.offsets.setToolTip(
            self.tr("Also show the offsets in pixels before anything was masked; the file is kept in any case")
        )
        self.resume.setToolTip(
            self.tr(
                "Keep finished rows in a hidden folder beside the result until it is whole: when QGIS ends or you "
                "cancel, Run goes on from there with the same images, settings and folder"
            )
        )
        self.folder.setToolTip(
            self.tr("Folder for the results. Empty: a temporary folder that is emptied when QGIS closes.")
        )

    def _lay_out(self) -> None:
        layout = form(self)
        layout.addRow(row(self.displacement, self.arrows))
        layout.addRow(row(self.velocity, self.unit, stretch=1))
        layout.addRow(self.offsets)
        layout.addRow(self.resume)
        layout.addRow(self.tr("Save in"), self.folder)

    def choose(self, velocity: bool, unit: str, arrows: bool, offsets: bool, resume: bool) -> None:
        """Set what is made; the folder stays."""
        for box, checked in (
            (self.velocity, velocity), (self.arrows, arrows), (self.offsets, offsets), (self.resume, resume),
        ):  # fmt: skip
            box.setChecked(checked)
        self.unit.setCurrentIndex(self.unit.findData(unit))

    def product_path(self, reference: str, reference_date: str | None, secondary_date: str | None) -> str:
        """Return a free file name for the displacement product."""
        return free_name(self._stem("displacement", reference, reference_date, secondary_date), ".tif")

    def report_path(self, reference: str, reference_date: str | None, secondary_date: str | None) -> str:
        """Return a free file name for the report of a self-test."""
        return free_name(self._stem("selftest", reference, reference_date, secondary_date), ".html")

    def _stem(self, what: str, reference: str, reference_date: str | None, secondary_date: str | None) -> str:
        folder = self.folder.filePath().strip() or QgsProcessingUtils.tempFolder()
        if reference_date and secondary_date:
            of = "_".join(date[:10].replace("-", "") for date in (reference_date, secondary_date))
        else:
            of = os.path.splitext(os.path.basename(reference))[0]
        return os.path.join(folder, f"{what}_{of}")
