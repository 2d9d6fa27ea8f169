"""The dock "Displacement against time"."""

from __future__ import annotations

from qgis.core import Qgis
from qgis.gui import QgsDockWidget, QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.stations import StationsResult
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.gui.notice import Notice
from deepot_qgis.gui.plots.profile_page import ProfilePage
from deepot_qgis.gui.plots.sources import SeriesChooser
from deepot_qgis.gui.plots.stations_page import StationsPage
from deepot_qgis.gui.plots.time_page import TimePage


class PlotDock(QgsDockWidget):
    """Looks into a series: places against time, and along a line.

    Parameters
    ----------
    canvas
        The map that is clicked.
    """

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("DeepotPlots")
        self.setWindowTitle(self.tr("DeepOT – displacement against time"))
        self.chooser = SeriesChooser()
        self.time, self.profile = TimePage(canvas), ProfilePage(canvas)
        self.stations = StationsPage()
        self.notice = Notice(self)
        self.tabs = QTabWidget()
        self._lay_out()
        for page in (self.time, self.profile, self.stations):
            page.refused.connect(self.show_error)
            page.said.connect(self._say)
        self.chooser.changed.connect(self._open)
        self._open()

    def show_series(self, path: str) -> None:
        """Look into a series: the path of its series.json or its folder."""
        self.chooser.choose(path)

    def show_stations(self, result: StationsResult, max_gap_days: float, name: str = "") -> None:
        """Show how stations compare with the map; an empty name is the scatter of all."""
        self.stations.show_result(result, max_gap_days, name)
        self.tabs.setCurrentWidget(self.stations)

    def show_error(self, error: DeepotError) -> None:
        """Say what is wrong."""
        self.notice.say(str(error), Qgis.MessageLevel.Critical)

    def shut_down(self) -> None:
        """Leave the map and the project as they were found."""
        self.chooser.shut_down()
        for page in (self.time, self.profile):
            page.shut_down()

    def _say(self, text: str) -> None:
        self.notice.say(text, Qgis.MessageLevel.Success)

    def _open(self) -> None:
        self.notice.clear()
        product = None
        if self.chooser.path():
            try:
                product = open_series(self.chooser.path())
            except DeepotError as error:
                self.show_error(error)
        for page in (self.time, self.profile):
            page.set_product(product)

    def _lay_out(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.time, self.tr("Against time"))
        self.tabs.setTabToolTip(0, self.tr("Displacement of places against time"))
        self.tabs.addTab(self.profile, self.tr("Along a line"))
        self.tabs.setTabToolTip(1, self.tr("Velocity or displacement along a drawn line"))
        self.tabs.addTab(self.stations, self.tr("Stations"))
        self.tabs.setTabToolTip(2, self.tr("Stations beside the map, as the tab Stations of the panel compared them"))
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 4, 0)
        row.addWidget(QLabel(self.tr("Series")))
        row.addWidget(self.chooser)
        self.chooser.setMinimumWidth(220)
        self.tabs.setCornerWidget(corner, Qt.Corner.TopRightCorner)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.tabs, 1)
        self.setWidget(body)
