"""The plugin: what it adds to QGIS, and takes away again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QCoreApplication, QLocale, Qt, QTranslator
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from deepot_qgis.__about__ import NAME
from deepot_qgis.engine.resources import folder
from deepot_qgis.gui.help import open_help
from deepot_qgis.processing.present import present
from deepot_qgis.processing.provider import DeepotProvider

if TYPE_CHECKING:
    from deepot_qgis.gui.dock import DeepotDock
    from deepot_qgis.gui.plots.dock import PlotDock

_OPEN_KEY = "deepot/panel_open"


class DeepotPlugin:
    """Actions that show the panel, the plots and the manual, and one Processing provider."""

    def __init__(self, iface: QgisInterface | None):
        self._iface = iface
        self._action: QAction | None = None
        self._dock: DeepotDock | None = None
        self._plots_action: QAction | None = None
        self._plots: PlotDock | None = None
        self._help_action: QAction | None = None
        self._provider: DeepotProvider | None = None
        self._translator = _translator()

    def initProcessing(self) -> None:
        """Register the algorithms; ``qgis_process`` calls this without a window."""
        self._provider = DeepotProvider()
        present(QgsApplication.processingRegistry()).addProvider(self._provider)

    def initGui(self) -> None:
        self.initProcessing()
        action = QAction(QIcon(str(folder("resources") / "icon.svg")), NAME, self._desktop().mainWindow())
        action.setObjectName("deepotAction")
        action.setCheckable(True)
        action.setToolTip(QCoreApplication.translate("DeepOT", "DeepOT: measure ground displacement from SAR images"))
        action.toggled.connect(self.show_panel)
        self._desktop().addToolBarIcon(action)
        self._desktop().addPluginToRasterMenu(NAME, action)
        self._action = action
        self._add_plots_action()
        self._add_help_action()
        if QgsSettings().value(_OPEN_KEY, False, type=bool):
            action.setChecked(True)

    def show_panel(self, visible: bool = True) -> None:
        """Show or hide the panel; it is made the first time it is asked for, so that QGIS starts no slower."""
        if visible and self._dock is None:
            self._make_dock()
        if self._dock is not None:
            self._dock.setUserVisible(visible)

    def show_plots(self, visible: bool = True) -> PlotDock | None:
        """Show or hide the plots of a series, and return their dock; made the first time it is asked for."""
        if visible and self._plots is None:
            self._make_plots()
        if self._plots is not None:
            self._plots.setUserVisible(visible)
        return self._plots

    def open_plots(self) -> PlotDock:
        """Show the plots of a series and return their dock."""
        return present(self.show_plots())

    def unload(self) -> None:
        if self._dock is not None:
            self._dock.visibilityChanged.disconnect(self._remember_open)
            self._dock.shut_down()
            self._desktop().removeDockWidget(self._dock)
            self._dock.deleteLater()
            self._dock = None
        if self._plots is not None:
            self._plots.shut_down()
            self._desktop().removeDockWidget(self._plots)
            self._plots.deleteLater()
            self._plots = None
        if self._plots_action is not None:
            self._desktop().removePluginRasterMenu(NAME, self._plots_action)
            self._plots_action.deleteLater()
            self._plots_action = None
        if self._help_action is not None:
            self._desktop().removePluginRasterMenu(NAME, self._help_action)
            self._help_action.deleteLater()
            self._help_action = None
        if self._action is not None:
            self._desktop().removeToolBarIcon(self._action)
            self._desktop().removePluginRasterMenu(NAME, self._action)
            self._action.deleteLater()
            self._action = None
        if self._provider is not None:
            present(QgsApplication.processingRegistry()).removeProvider(self._provider)
            self._provider = None
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None

    def _desktop(self) -> QgisInterface:
        """The window of QGIS; ``qgis_process`` has none, and calls nothing that asks for it."""
        return present(self._iface)

    def _make_dock(self) -> None:
        from deepot_qgis.gui.dock import DeepotDock  # late: builds on the engine and asks onnxruntime for devices

        desktop = self._desktop()
        canvas, bar = present(desktop.mapCanvas()), present(desktop.messageBar())
        self._dock = DeepotDock(canvas, bar, desktop.mainWindow(), self.open_plots)
        self._dock.setToggleVisibilityAction(self._action)
        desktop.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
        self._dock.visibilityChanged.connect(self._remember_open)

    def _add_plots_action(self) -> None:
        text = QCoreApplication.translate("DeepOT", "Displacement against time")
        action = QAction(text, self._desktop().mainWindow())
        action.setObjectName("deepotPlotsAction")
        action.setCheckable(True)
        action.setToolTip(QCoreApplication.translate("DeepOT", "Plot a series at points, in areas, along lines"))
        action.toggled.connect(self.show_plots)
        self._desktop().addPluginToRasterMenu(NAME, action)
        self._plots_action = action

    def _add_help_action(self) -> None:
        action = QAction(QCoreApplication.translate("DeepOT", "Help"), self._desktop().mainWindow())
        action.setObjectName("deepotHelpAction")
        action.triggered.connect(lambda: open_help("index"))
        self._desktop().addPluginToRasterMenu(NAME, action)
        self._help_action = action

    def _make_plots(self) -> None:
        from deepot_qgis.gui.plots.dock import PlotDock  # late: imports Matplotlib

        self._plots = PlotDock(present(self._desktop().mapCanvas()), self._desktop().mainWindow())
        self._plots.setToggleVisibilityAction(self._plots_action)
        self._desktop().addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self._plots)

    def _remember_open(self, _visible: bool) -> None:
        if self._dock is not None:
            QgsSettings().setValue(_OPEN_KEY, self._dock.isUserVisible())


def _translator() -> QTranslator | None:
    """Install the plugin's texts in the user's language, when there are any."""
    locale = QgsSettings().value("locale/userLocale", QLocale().name()) or "en"
    language = re.split("[-_@.]", locale)[0].lower()  # one file for all of pt_BR, pt_PT; zh-Hans, zh_CN; es_AR
    translator = QTranslator()
    if not translator.load(str(folder("i18n") / f"deepot_{language}.qm")):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
