"""The tab "Stations": its sections, and what happens between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qgis.core import Qgis
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QWidget

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.stations import StationsOptions, StationsResult, compare
from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.stations.compare import CompareSection, MapSection
from deepot_qgis.gui.stations.files import StationFiles
from deepot_qgis.gui.stations.results import StationsResults
from deepot_qgis.gui.tab import Section, Tab
from deepot_qgis.gui.task import DeepotTask
from deepot_qgis.processing.layers.stations import add_station_layer
from deepot_qgis.processing.present import current_project, present
from deepot_qgis.processing.spoken import words_of_user

if TYPE_CHECKING:
    from deepot_qgis.gui.plots.dock import PlotDock


# QGIS 3.22 was seen to show new points and their labels only at the next drawing of the map
_REDRAW_MS = 500


class CompareTask(DeepotTask):
    """Compare stations with a map; succeeds with a StationsResult."""

    def __init__(self, options: StationsOptions):
        super().__init__("DeepOT: stations")
        self._options = options

    def work(self) -> StationsResult:
        return compare(self._options, self.tell, self.isCanceled, words_of_user())


class StationsTab(Tab):
    """Instruments on the ground beside a map.

    Parameters
    ----------
    open_plots
        Shows the plot dock and returns it.
    """

    HELP_PAGE = "stations"

    def __init__(self, desk: Desk, open_plots: Callable[[], PlotDock], parent: QWidget | None = None):
        super().__init__(desk, parent)
        self._open_plots = open_plots
        self._result: StationsResult | None = None
        self._compared: StationsOptions | None = None
        self.files, self.map = StationFiles(desk.canvas), MapSection()
        self.how, self.results = CompareSection(), StationsResults()
        steps = map(Section, (self.files, self.map, self.how))
        question = self.tr("Does the map agree with extensometers and GNSS on the ground?")
        self.fill(question, (*steps, Section(self.results, step=False)))
        self.files.refused.connect(self.show_error)
        self.files.changed.connect(lambda: self.how.offer_bases(self.files.stations.all_names("gnss")))
        self.results.plot_wanted.connect(self._show_plots)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(desk.canvas.refreshAllLayers)

    def run_tip(self) -> str:
        return self.tr("Compare the stations with the map: metrics, plots and a layer of points")

    def options(self) -> StationsOptions:
        """Return what a click on Run would do.

        Raises
        ------
        DeepotError
            Something is missing or cannot be.
        """
        if not self.files.paths():
            raise InputError(self.tr("There is no file of stations yet: click 'Add…' first."))
        if not self.map.chooser.path():
            raise InputError(
                self.tr("There is no map to compare with: run a series or a pair, or choose one with '…'.")
            )
        table = self.files.stations
        names = table.names()
        if not names:
            raise InputError(self.tr("No station is ticked: tick those that are to be compared."))
        positions = self.files.positions.filePath().strip()
        return StationsOptions(
            product=self.map.chooser.path(),
            stations=self.files.paths(),
            csv=self.files.csv,
            positions=positions or None,
            positions_crs=self.files.crs_text() if positions else "",
            placements=table.placements(),
            names=() if names == table.all_names() else names,
            **self.how.options(),
        )

    def run(self) -> None:
        """Compare what is chosen."""
        self.desk.launch(self._task, self._show_result, self.show_error)

    def shut_down(self) -> None:
        self._redraw.stop()
        self.files.shut_down()
        self.map.chooser.shut_down()

    def _task(self) -> CompareTask:
        self._compared = self.options()
        return CompareTask(self._compared)

    def _show_result(self, result: StationsResult) -> None:
        self._result = result
        add_station_layer(current_project(), result.points, self.tr("Stations: {name}").format(name=result.product))
        self._redraw.start()
        self.results.show_result(result)
        count = len(result.comparisons)
        good = not result.problems
        self.desk.say(
            self.tr("Done: {count} of {all} stations compared, {n} pairs of values.").format(
                count=count, all=count + len(result.problems), n=result.overall.n
            ),
            Qgis.MessageLevel.Success if good else Qgis.MessageLevel.Warning,
        )
        self._show_plots("")
        self.reveal(self.results)

    def _show_plots(self, name: str) -> None:
        self._open_plots().show_stations(present(self._result), present(self._compared).max_gap_days, name)
