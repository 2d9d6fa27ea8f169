"""The dock panel: one tab a job, one run bar below them."""

from __future__ import annotations

from qgis.gui import QgsDockWidget, QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.pair.tab import PairTab
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.tab import Tab
from deepot_qgis.gui.task import Inventory, InventoryTask


class DeepotDock(QgsDockWidget):
    """Two or more images in, displacement on the map.

    Parameters
    ----------
    canvas
        The map whose extent may limit the area and which is zoomed to results.
    message_bar
        QGIS's message bar; what goes wrong is shown there as well as in the panel.
    """

    def __init__(self, canvas: QgsMapCanvas, message_bar: QgsMessageBar, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("DeepotDock")
        self.setWindowTitle(self.tr("DeepOT – displacement"))
        self.desk = Desk(canvas, message_bar, self)
        self.run_bar, self.runner = self.desk.run_bar, self.desk.runner
        self._looker = Runner(self)
        self.pair = PairTab(self.desk)
        self.tabs = QTabWidget()
        self._lay_out()
        self.run_bar.run_clicked.connect(self.run)
        self.tabs.currentChanged.connect(self._explain_run)
        self._explain_run()
        self._look_around()

    def run(self) -> None:
        """Do the job of the tab that is shown."""
        self._shown().run()

    def show_tab(self, tab: Tab) -> None:
        """Bring a tab to the front."""
        self.tabs.setCurrentWidget(tab)

    def shut_down(self) -> None:
        """Stop what is under way; the plugin is about to be unloaded."""
        self.runner.cancel()
        self._looker.cancel()
        for tab in self._all():
            tab.shut_down()

    def _lay_out(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.pair, self.tr("Pair"))
        self.tabs.setTabToolTip(0, self.tr("Displacement between two images"))
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.run_bar)
        self.setWidget(body)
        self.setMinimumWidth(280)

    def _all(self) -> list[Tab]:
        return [self.tabs.widget(index) for index in range(self.tabs.count())]

    def _shown(self) -> Tab:
        return self.tabs.currentWidget()

    def _explain_run(self, *_index) -> None:
        self.run_bar.run.setToolTip(self._shown().run_tip())

    def _look_around(self) -> None:
        task = InventoryTask()
        task.succeeded.connect(self._take_inventory)
        self._looker.start(task)

    def _take_inventory(self, inventory: Inventory) -> None:
        self.pair.set_inventory(inventory)
