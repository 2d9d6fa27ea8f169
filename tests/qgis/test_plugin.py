"""The plugin comes and goes without a trace, and the package imports without QGIS."""

from __future__ import annotations

import subprocess
import sys

import pytest
from qgis.core import QgsApplication, QgsSettings, QgsTask
from qgis.gui import QgsMapCanvas, QgsMessageBar
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from qgis.PyQt.QtWidgets import QDockWidget, QMainWindow, QToolBar

import deepot_qgis
from deepot_qgis import __about__


class Desktop:
    """The part of QGIS's interface that the plugin uses, with real widgets."""

    def __init__(self, qtbot):
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.canvas, self.bar = QgsMapCanvas(self.window), QgsMessageBar(self.window)
        self.tool_bar = QToolBar(self.window)
        self.menu: list = []

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def messageBar(self):
        return self.bar

    def addToolBarIcon(self, action):
        self.tool_bar.addAction(action)

    def removeToolBarIcon(self, action):
        self.tool_bar.removeAction(action)

    def addPluginToRasterMenu(self, _name, action):
        self.menu.append(action)

    def removePluginRasterMenu(self, _name, action):
        self.menu.remove(action)

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)


@pytest.fixture
def desktop(qtbot, qgis_new_project):
    return Desktop(qtbot)


def provider_ids() -> list[str]:
    return [provider.id() for provider in QgsApplication.processingRegistry().providers()]


def test_unload_removes_everything(desktop, qtbot):
    plugin = deepot_qgis.classFactory(desktop)
    plugin.initGui()
    assert "deepot" in provider_ids() and desktop.menu and desktop.tool_bar.actions()
    assert desktop.window.findChild(QDockWidget) is None  # not made before it is asked for
    desktop.tool_bar.actions()[0].trigger()
    dock = desktop.window.findChild(QDockWidget, "DeepotDock")
    assert dock is not None
    desktop.tool_bar.actions()[0].trigger()
    plugin.unload()
    qtbot.waitUntil(lambda: desktop.window.findChild(QDockWidget) is None, timeout=20_000)
    assert "deepot" not in provider_ids() and not desktop.menu and not desktop.tool_bar.actions()


def test_plots_come_from_the_menu_and_go_with_the_plugin(desktop, qtbot):
    plugin = deepot_qgis.classFactory(desktop)
    plugin.initGui()
    action = next(action for action in desktop.menu if action.objectName() == "deepotPlotsAction")
    action.trigger()
    dock = desktop.window.findChild(QDockWidget, "DeepotPlots")
    assert dock is not None
    assert plugin.show_plots() is dock  # made once
    plugin.unload()
    qtbot.waitUntil(lambda: desktop.window.findChild(QDockWidget) is None, timeout=20_000)
    assert not desktop.menu


def test_plugin_can_be_reloaded(desktop):
    for _ in range(2):
        plugin = deepot_qgis.classFactory(desktop)
        plugin.initGui()
        plugin.show_panel()
        plugin.unload()
    assert "deepot" not in provider_ids()


def test_unload_cancels_a_run(desktop, qtbot, choose, big_pair):
    plugin = deepot_qgis.classFactory(desktop)
    plugin.initGui()
    plugin.show_panel()
    dock = desktop.window.findChild(QDockWidget, "DeepotDock")
    dock.pair.method.method.setCurrentIndex(dock.pair.method.method.findData("correlation"))
    choose(dock, *big_pair)
    dock.run()
    task = dock.desk.runner._task
    qtbot.waitUntil(lambda: task.status() == QgsTask.TaskStatus.Running, timeout=20_000)
    plugin.unload()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the panel is gone before the run has ended
    qtbot.waitUntil(lambda: QgsApplication.taskManager().countActiveTasks() == 0, timeout=60_000)


def test_panel_opens_again_if_it_was_open(desktop):
    QgsSettings().setValue("deepot/panel_open", True)
    plugin = deepot_qgis.classFactory(desktop)
    plugin.initGui()
    assert desktop.window.findChild(QDockWidget, "DeepotDock") is not None
    plugin.unload()


def test_processing_alone_needs_no_window(qgis_processing):
    plugin = deepot_qgis.classFactory(None)
    plugin.initProcessing()
    assert "deepot" in provider_ids()
    plugin.unload()


def test_about_reads_the_metadata(repository):
    text = (repository / "metadata.txt").read_text(encoding="utf-8")
    assert f"version={__about__.VERSION}" in text and f"name={__about__.NAME}" in text


def test_package_imports_without_qgis():
    code = "import sys; sys.modules['qgis'] = None; import deepot_qgis, deepot_qgis.engine.cli, deepot_qgis.__about__"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
