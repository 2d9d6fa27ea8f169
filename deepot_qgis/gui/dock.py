"""The dock panel: one tab a job, one run bar below them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qgis.core import Qgis
from qgis.gui import QgsDockWidget, QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication, QShortcut, QTabWidget, QVBoxLayout, QWidget

from deepot_qgis.gui import diagnostics
from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.help import HelpButton
from deepot_qgis.gui.log import LogKeeper
from deepot_qgis.gui.pair.tab import PairTab
from deepot_qgis.gui.run_bar import CANCEL_KEYS, RUN_KEYS
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.runtime.dialog import RuntimeDialog
from deepot_qgis.gui.series.tab import SeriesTab
from deepot_qgis.gui.stations.tab import StationsTab
from deepot_qgis.gui.tab import Tab
from deepot_qgis.gui.task import Inventory, InventoryTask
from deepot_qgis.gui.toolbox.tab import ToolsTab
from deepot_qgis.gui.tools_button import ToolsButton

if TYPE_CHECKING:
    from deepot_qgis.gui.plots.dock import PlotDock


_PLOTS_SIZE = (960, 340)


class DeepotDock(QgsDockWidget):
    """Two or more images in, displacement on the map.

    Parameters
    ----------
    canvas
        The map whose extent may limit the area and which is zoomed to results.
    message_bar
        QGIS's message bar; what goes wrong is shown there as well as in the panel.
    open_plots
        Shows the plot dock and returns it; without, plots have a window of their own.
    """

    def __init__(
        self,
        canvas: QgsMapCanvas,
        message_bar: QgsMessageBar,
        parent: QWidget | None = None,
        open_plots: Callable[[], PlotDock] | None = None,
    ):
        super().__init__(parent)
        self.setObjectName("DeepotDock")
        self.setWindowTitle(self.tr("DeepOT – displacement"))
        self.desk = Desk(canvas, message_bar, self)
        self.run_bar, self.runner = self.desk.run_bar, self.desk.runner
        self._looker = Runner(self)
        self._log = LogKeeper(self)
        self._inventory: Inventory | None = None
        self._runtime: RuntimeDialog | None = None
        self._own_plots: PlotDock | None = None
        self._open_plots = open_plots or self._plots_of_its_own
        self.pair = PairTab(self.desk)
        self.series = SeriesTab(self.desk, self._open_plots)
        self.stations = StationsTab(self.desk, self._open_plots)
        self.toolbox = ToolsTab(self.desk, self.known)
        self.tabs = QTabWidget()
        self.help = HelpButton(lambda: self._shown().HELP_PAGE)
        self.tools = ToolsButton(self.desk.map_tools.actions())
        self._lay_out()
        self.tools.runtime.triggered.connect(lambda _checked=False: self.show_runtime())
        self.tools.diagnostics.triggered.connect(self.copy_diagnostics)
        for tab in (self.pair, self.series):
            tab.method.install.clicked.connect(self.install_runtime)
            tab.install_wanted.connect(self.install_runtime)
        self.run_bar.run_clicked.connect(self.run)
        self.tabs.currentChanged.connect(self._explain_run)
        self._said_in: Tab | None = None
        self.run_bar.notice.said.connect(self._note_tab)
        self.tabs.currentChanged.connect(self._show_notice)
        for keys, button in ((RUN_KEYS, self.run_bar.run), (CANCEL_KEYS, self.run_bar.cancel)):
            shortcut = QShortcut(keys, self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)
        self._explain_run()
        self._look_around()

    def known(self) -> dict[str, Any]:
        """Return what the tabs know, by the name of an algorithm's parameter."""
        known: dict[str, Any] = {}
        for tab in self._all():
            known.update(tab.known())
        return known

    def run(self) -> None:
        """Do the job of the tab that is shown."""
        self._shown().run()

    def show_tab(self, tab: Tab) -> None:
        """Bring a tab to the front."""
        self.tabs.setCurrentWidget(tab)

    def show_runtime(self) -> RuntimeDialog:
        """Show what there is of ONNX Runtime, to install or remove it."""
        if self._runtime is None:
            self._runtime = RuntimeDialog(self)
            self._runtime.changed.connect(self._look_around)
        self._runtime.show()
        self._runtime.raise_()
        self._runtime.look()
        return self._runtime

    def install_runtime(self) -> None:
        """Install ONNX Runtime, its log in sight."""
        self.show_runtime().install()

    def copy_diagnostics(self) -> None:
        """Copy what somebody who helps needs to know."""
        text = diagnostics.markdown(self._inventory, self._log.lines(), self._log.last_error())
        QApplication.clipboard().setText(text)
        self.desk.say(
            self.tr("The diagnostics are copied: paste them where you ask for help."), Qgis.MessageLevel.Success
        )

    def shut_down(self) -> None:
        """Stop what is under way; the plugin is about to be unloaded."""
        self._log.shut_down()
        if self._runtime is not None:
            self._runtime.shut_down()
        if self._own_plots is not None:
            self._own_plots.shut_down()
        self.runner.cancel()
        self._looker.cancel()
        for tab in self._all():
            tab.shut_down()
        self.desk.map_tools.shut_down()

    def _lay_out(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.setUsesScrollButtons(False)  # a tab that cannot be seen is not found
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.addTab(self.pair, self.tr("Pair"))
        self.tabs.setTabToolTip(0, self.tr("Displacement between two images"))
        self.tabs.addTab(self.series, self.tr("Series"))
        self.tabs.setTabToolTip(1, self.tr("Displacement over many dates"))
        self.tabs.addTab(self.stations, self.tr("Stations"))
        self.tabs.setTabToolTip(2, self.tr("Compare displacement with extensometers and GNSS"))
        self.tabs.addTab(self.toolbox, self.tr("Tools"))
        self.tabs.setTabToolTip(3, self.tr("Every step as a tool of its own, for many files and for models"))
        self.run_bar.add(self.help, self.tools)  # beside the tabs they would take the room of a tab
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.run_bar)
        self.setWidget(body)
        self.setMinimumWidth(280)

    def _plots_of_its_own(self) -> PlotDock:
        from deepot_qgis.gui.plots.dock import PlotDock  # late: imports Matplotlib

        if self._own_plots is None:
            self._own_plots = PlotDock(self.desk.canvas, self)
            self._own_plots.setFloating(True)
            self._own_plots.resize(*_PLOTS_SIZE)
        self._own_plots.show()
        return self._own_plots

    def _all(self) -> list[Tab]:
        return [self.pair, self.series, self.stations, self.toolbox]

    def _shown(self) -> Tab:
        return self._all()[self.tabs.currentIndex()]

    def _explain_run(self, *_index: object) -> None:
        shown = self._shown()
        self.run_bar.set_job(shown.run_tip(), shown.HAS_RUN)

    def _note_tab(self) -> None:
        self._said_in = self._shown()

    def _show_notice(self, *_index: int) -> None:
        """What was said of one job is no answer to another: it waits in its tab."""
        notice = self.run_bar.notice
        notice.setVisible(bool(notice.text()) and self._said_in is self._shown())

    def _look_around(self) -> None:
        task = InventoryTask()
        task.succeeded.connect(self._take_inventory)
        self._looker.start(task)

    def _take_inventory(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.pair.set_inventory(inventory)
        self.series.set_inventory(inventory)
