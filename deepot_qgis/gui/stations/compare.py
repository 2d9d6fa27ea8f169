"""Sections 2 and 3: the map to compare with, how, and where the results are kept."""

from __future__ import annotations

import os
from typing import Any

from qgis.core import QgsProcessingUtils
from qgis.gui import QgsFileWidget
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QGroupBox, QLineEdit, QWidget

from deepot_qgis.engine.stations.options import SIZES, StationsOptions
from deepot_qgis.gui.names import free_name
from deepot_qgis.gui.sections.rows import form, narrow
from deepot_qgis.gui.settings import remember
from deepot_qgis.gui.stations.breaks import parse_breaks
from deepot_qgis.gui.stations.map_chooser import MapChooser
from deepot_qgis.processing.present import present


class MapSection(QGroupBox):
    """Which map."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Compare with"))
        self.chooser = MapChooser()
        layout = form(self)
        layout.addRow(self.chooser)


class CompareSection(QGroupBox):
    """Window, gaps, breaks, base station, folder."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("How"))
        self.averaged, self.base = narrow(QComboBox()), narrow(QComboBox())
        self.gap = QDoubleSpinBox()
        self.breaks = QLineEdit()
        self.folder = QgsFileWidget()
        self._fill()
        self._explain()
        layout = form(self)
        layout.addRow(self.tr("Average"), self.averaged)
        layout.addRow(self.tr("Longest gap"), self.gap)
        layout.addRow(self.tr("Breaks"), self.breaks)
        layout.addRow(self.tr("Base station"), self.base)
        layout.addRow(self.tr("Save in"), self.folder)
        remember(self.averaged, "stations_size_px")
        remember(self.gap, "stations_gap_days")
        remember(self.folder, "stations_folder")

    def _fill(self) -> None:
        for size in SIZES:
            self.averaged.addItem(self.tr("{size} × {size} pixels").format(size=size), size)
        self.averaged.setCurrentIndex(self.averaged.findData(StationsOptions.size))
        self.gap.setRange(0.0, 10_000.0)
        self.gap.setDecimals(1)
        self.gap.setSuffix(self.tr(" days"))
        self.gap.setValue(StationsOptions.max_gap_days)
        self.gap.setMinimumWidth(70)
        self.breaks.setPlaceholderText(self.tr("none"))
        self.folder.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.folder.setDialogTitle(self.tr("Choose the folder for the results"))
        present(self.folder.lineEdit()).setPlaceholderText(self.tr("temporary folder"))
        self.offer_bases(())

    def _explain(self) -> None:
        self.averaged.setToolTip(
            self.tr("How many pixels around a station are averaged, weighted by their uncertainty")
        )
        self.gap.setToolTip(
            self.tr("A record is interpolated to an acquisition only between two values no further apart than this")
        )
        self.breaks.setToolTip(
            self.tr(
                "Where a sensor was changed or a cable straightened: station=date, several parted by commas, * for all "
                "stations. The record starts at zero again after a break. Example: upper=2015-05-13, *=2016-01-01"
            )
        )
        self.base.setToolTip(
            self.tr("A GNSS on stable ground whose motion is subtracted from the others; it is not compared itself")
        )
        self.folder.setToolTip(
            self.tr("Folder for points, tables and plots. Empty: a temporary folder that is emptied when QGIS closes.")
        )

    def offer_bases(self, names: tuple[str, ...]) -> None:
        """Offer the GNSS stations as base; what was chosen stays chosen."""
        chosen = self.base.currentData()
        self.base.clear()
        self.base.addItem(self.tr("none"), "")
        for name in names:
            self.base.addItem(name, name)
        self.base.setCurrentIndex(max(0, self.base.findData(chosen)))

    def options(self) -> dict[str, Any]:
        """Return the choices as keywords of `StationsOptions`.

        Raises
        ------
        OptionsError
            The breaks cannot be understood.
        """
        return {
            "output": self._output(),
            "size": self.averaged.currentData(),
            "max_gap_days": self.gap.value(),
            "breaks": parse_breaks(self.breaks.text()),
            "base": self.base.currentData() or None,
        }

    def _output(self) -> str:
        """Return a free folder: results on the map must not change under the user."""
        folder = self.folder.filePath().strip() or QgsProcessingUtils.tempFolder()
        return free_name(os.path.join(folder, "stations"))
