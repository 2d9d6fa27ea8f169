"""The plugin: what it adds to QGIS, and takes away again."""

from __future__ import annotations

import re

from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QCoreApplication, QLocale, Qt, QTranslator
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from deepot_qgis.__about__ import NAME
from deepot_qgis.engine.resources import folder
from deepot_qgis.gui.help import open_help
from deepot_qgis.processing.provider import DeepotProvider

_OPEN_KEY = "deepot/panel_open"


class DeepotPlugin:
    """Actions that show the panel, the plots and the manual, and one Processing provider."""

    def __init__(self, iface: QgisInterface | None):
        self._iface = iface
        self._action: QAction | None = None
        self._dock = None
        self._plots_action: QAction | None = None
        self._plots = None
        self._help_action: QAction | None = None
        self._provider: DeepotProvider | None = None
        self._translator = _translator()

    def initProcessing(self) -> None:
        """Register the algorithms; ``qgis_process`` calls this without a window."""
        self._provider = DeepotProvider()
        QgsApplication.processingRegistry().addProvider(self._provider)

    def initGui(self) -> None:
        self.initProcessing()
        action = QAction(QIcon(str(folder("resources") / "icon.svg")), NAME, self._iface.mainWindow())
        action.setObjectName("deepotAction")
        action.setCheckable(True)
        action.setToolTip(QCoreApplication.translate("DeepOT", "DeepOT: measure ground displacement from SAR images"))
        action.toggled.connect(self.show_panel)
        self._iface.addToolBarIcon(action)
        self._iface.addPluginToRasterMenu(NAME, action)
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

    def show_plots(self, visible: bool = True):
        """Show or hide the plots of a series, and return their dock; made the first time it is asked for."""
        if visible and self._plots is None:
            self._make_plots()
        if self._plots is not None:
            self._plots.setUserVisible(visible)
        return self._plots

    def unload(self) -> None:
        if self._dock is not None:
            self._dock.visibilityChanged.disconnect(self._remember_open)
            self._dock.shut_down()
            self._iface.removeDockWidget(self._dock)
            self._dock.deleteLater()
            self._dock = None
        if self._plots is not None:
            self._plots.shut_down()
            self._iface.removeDockWidget(self._plots)
            self._plots.deleteLater()
            self._plots = None
        if self._plots_action is not None:
            self._iface.removePluginRasterMenu(NAME, self._plots_action)
            self._plots_action.deleteLater()
            self._plots_action = None
        if self._help_action is not None:
            self._iface.removePluginRasterMenu(NAME, self._help_action)
            self._help_action.deleteLater()
            self._help_action = None
        if self._action is not None:
            self._iface.removeToolBarIcon(self._action)
            self._iface.removePluginRasterMenu(NAME, self._action)
            self._action.deleteLater()
            self._action = None
        if self._provider is not None:
            QgsApplication.processingRegistry().removeProvider(self._provider)
            self._provider = None
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None

    def _make_dock(self) -> None:
        from deepot_qgis.gui.dock import DeepotDock  # late: builds on the engine and asks onnxruntime for devices

        window = self._iface.mainWindow()
        self._dock = DeepotDock(self._iface.mapCanvas(), self._iface.messageBar(), window, self.show_plots)
        self._dock.setToggleVisibilityAction(self._action)
        self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._dock)
        self._dock.visibilityChanged.connect(self._remember_open)

    def _add_plots_action(self) -> None:
        text = QCoreApplication.translate("DeepOT", "Displacement against time")
        action = QAction(text, self._iface.mainWindow())
        action.setObjectName("deepotPlotsAction")
        action.setCheckable(True)
        action.setToolTip(QCoreApplication.translate("DeepOT", "Plot a series at points, in areas, along lines"))
        action.toggled.connect(self.show_plots)
        self._iface.addPluginToRasterMenu(NAME, action)
        self._plots_action = action

    def _add_help_action(self) -> None:
        action = QAction(QCoreApplication.translate("DeepOT", "Help"), self._iface.mainWindow())
        action.setObjectName("deepotHelpAction")
        action.triggered.connect(lambda: open_help("index"))
        self._iface.addPluginToRasterMenu(NAME, action)
        self._help_action = action

    def _make_plots(self) -> None:
        from deepot_qgis.gui.plots.dock import PlotDock  # late: imports Matplotlib

        self._plots = PlotDock(self._iface.mapCanvas(), self._iface.mainWindow())
        self._plots.setToggleVisibilityAction(self._plots_action)
        self._iface.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, self._plots)

    def _remember_open(self, _visible: bool) -> None:
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
