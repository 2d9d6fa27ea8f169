"""Limits by which pixels are masked: uncertainty, correlation, the way there and back."""

from __future__ import annotations

from typing import Any

from qgis.gui import QgsFileWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QWidget

from deepot_qgis.gui.sections.rows import row

_STEP = 0.05
_AS_MEASURED = -_STEP  # the least value of a spin box, shown in words; one step below the least limit
_FIELD_WIDTH = 110


class LimitsForm(QWidget):
    """Rows of limits; what is left alone stays as the measurement decided.

    Signals
    -------
    changed
        Another limit is chosen.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.sigma, self.correlation, self.disagreement = QDoubleSpinBox(), QDoubleSpinBox(), QDoubleSpinBox()
        self.unit = QComboBox()
        self.backward = QgsFileWidget()
        self._disagreement_label = QLabel(self.tr("May differ by"))
        self._set_up()
        self._explain()
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        layout.addRow(self.tr("Uncertainty up to"), row(self.sigma, self.unit))
        layout.addRow(self.tr("Correlation from"), self.correlation)
        layout.addRow(self.tr("Swapped pair"), self.backward)
        layout.addRow(self._disagreement_label, self.disagreement)
        for signal in (
            self.sigma.valueChanged,
            self.correlation.valueChanged,
            self.disagreement.valueChanged,
            self.unit.currentIndexChanged,
            self.backward.fileChanged,
        ):
            signal.connect(lambda *_: self.changed.emit())
        self.backward.fileChanged.connect(self._show_fitting)
        self._show_fitting()

    def _set_up(self) -> None:
        for spin, most in ((self.sigma, 1000.0), (self.correlation, 1.0)):
            spin.setRange(_AS_MEASURED, most)
            spin.setValue(_AS_MEASURED)
            spin.setSingleStep(_STEP)
            spin.setSpecialValueText(self.tr("as measured"))
        self.disagreement.setRange(0.01, 100.0)
        self.disagreement.setSingleStep(0.1)
        self.disagreement.setValue(0.5)
        self.disagreement.setSuffix(" px")
        for spin in (self.sigma, self.correlation, self.disagreement):
            spin.setDecimals(2)
            spin.setMinimumWidth(_FIELD_WIDTH)
            spin.setKeyboardTracking(False)
        for unit in ("px", "m"):
            self.unit.addItem(unit, unit)
        self.backward.setFilter(self.tr("Unfiltered offsets (*_offsets.tif *.tif)"))

    def _explain(self) -> None:
        self.sigma.setToolTip(
            self.tr(
                "Pixels with a larger 1-sigma uncertainty of a component are masked. A larger limit brings back pixels "
                "that the measurement masked."
            )
        )
        self.unit.setToolTip(self.tr("Unit of the limit: pixels of the images, or metres"))
        self.correlation.setToolTip(
            self.tr("Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)")
        )
        self.backward.setToolTip(
            self.tr(
                "Unfiltered offsets (pixels) of the same pair measured with the images swapped: where the way there "
                "and the way back do not end where they began, the pixel is masked"
            )
        )
        self.disagreement.setToolTip(self.tr("Largest distance between the two, in pixels"))

    def options(self) -> dict[str, Any]:
        """Return the limits as keywords of `RefineOptions`."""
        backward = self.backward.filePath().strip()
        return {
            "max_sigma": _limit(self.sigma),
            "sigma_unit": self.unit.currentData(),
            "min_correlation": _limit(self.correlation),
            "backward": backward or None,
            "max_disagreement_px": self.disagreement.value(),
        }

    def _show_fitting(self, *_path: object) -> None:
        wanted = bool(self.backward.filePath().strip())
        self.disagreement.setVisible(wanted)
        self._disagreement_label.setVisible(wanted)


def _limit(spin: QDoubleSpinBox) -> float | None:
    return spin.value() if spin.value() >= 0 else None
