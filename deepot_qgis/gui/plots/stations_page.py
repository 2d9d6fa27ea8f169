"""Stations beside the map: a time series each, and the scatter of all. The engine draws, this shows."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from deepot_qgis.engine import dates
from deepot_qgis.engine.stations import StationsResult
from deepot_qgis.engine.stations.plots import scatter_figure, time_series_figure
from deepot_qgis.gui.plots.canvas import figure_canvas, new_figure
from deepot_qgis.gui.plots.export import ExportButton

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROOM = (560, 200)  # pixels below which a figure scrolls instead of shrinking
_PANEL_PX = 170


class StationsPage(QWidget):
    """One figure at a time."""

    refused = pyqtSignal(object)
    said = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.figure: Figure = new_figure()
        self._result: StationsResult | None = None
        self._gap = 0.0
        self.which = QComboBox()
        self.which.setToolTip(self.tr("The scatter of all stations, or the time series of one"))
        self.which.setMinimumContentsLength(24)
        self.export = ExportButton(lambda: self.figure, self.csv, "stations")
        self.export.saved.connect(lambda path: self.said.emit(self.tr("Saved: {path}").format(path=path)))
        self.export.failed.connect(self.refused)
        self.plot_area = QScrollArea()
        self.plot_area.setWidgetResizable(True)
        top = QHBoxLayout()
        top.addWidget(self.which)
        top.addWidget(self.export)
        top.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.plot_area, 1)
        self.which.currentIndexChanged.connect(self.redraw)

    def show_result(self, result: StationsResult, max_gap_days: float, name: str = "") -> None:
        """Show the plot of a station; an empty name is the scatter of all."""
        self._result, self._gap = result, max_gap_days
        self.which.blockSignals(True)
        self.which.clear()
        self.which.addItem(self.tr("All stations: scatter"), "")
        for one in result.comparisons:
            self.which.addItem(one.name, one.name)
        self.which.setCurrentIndex(max(0, self.which.findData(name)))
        self.which.blockSignals(False)
        self.redraw()

    def redraw(self, *_: object) -> None:
        """Draw what is chosen."""
        if self._result is None:
            return
        panels = 2
        name = self.which.currentData()
        if name:
            one = next(one for one in self._result.comparisons if one.name == name)
            self.figure = time_series_figure(one, self._result.product, self._gap)
            panels = len(one.components)
        else:
            self.figure = scatter_figure(self._result.comparisons, self._result.overall, self._result.product)
        canvas = figure_canvas(self.figure)
        canvas.setMinimumSize(_ROOM[0], max(_ROOM[1], _PANEL_PX * panels))
        self.plot_area.setWidget(canvas)

    def csv(self) -> str:
        """Return the values of the plot that is shown."""
        name = self.which.currentData()
        target = io.StringIO()
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(
            ["station", "component", "date", "map_m", "map_sigma_m", "station_m", "station_sigma_m", "compared"]
        )
        for one in self._result.comparisons if self._result else ():
            if name in ("", one.name):
                for part in one.components:
                    for i, moment in enumerate(part.dates):
                        values = (part.mapped[i], part.mapped_sigma[i], part.station[i], part.station_sigma[i])
                        numbers = ["" if value != value else f"{value:.6g}" for value in values]
                        writer.writerow([one.name, part.name, dates.text(moment), *numbers, int(part.used[i])])
        return target.getvalue()
