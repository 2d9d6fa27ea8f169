"""Runs inside the real QGIS (``qgis --code``): opens the panel, measures the sample by clicks, takes a picture.

``tests/desktop/picture.py`` starts it; ``DEEPOT_PICTURE`` names the PNG. QGIS leaves with 0 when all went well. With
``DEEPOT_TEST_PICTURE`` it runs the self-test instead and takes a picture of the panel alone.
"""

import os
import sys
import traceback

from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QPushButton, QToolBar, QWidget
from qgis.utils import iface

LEFT = Qt.MouseButton.LeftButton
PICTURE = os.environ.get("DEEPOT_PICTURE", "")
METHOD = os.environ.get("DEEPOT_METHOD", "model")
TEST_PICTURE = os.environ.get("DEEPOT_TEST_PICTURE", "")


def click(widget: QWidget) -> None:
    """Click a widget the way a hand does."""
    assert widget.isVisible() and widget.isEnabled(), f"{widget.text()} cannot be clicked"
    QTest.mouseClick(widget, LEFT)


def button(parent: QWidget, text: str) -> QPushButton:
    """Return the visible button with a text."""
    return next(b for b in parent.findChildren(QPushButton) if b.text() == text and b.isVisible())


def tidy_window() -> None:
    """Leave the menus, the layer tree, the map and the panel in the picture."""
    window = iface.mainWindow()
    window.resize(1600, 1400)
    for bar in window.findChildren(QToolBar):
        bar.setVisible(bar.objectName() in ("mMapNavToolBar", "mPluginToolBar"))
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() not in ("Layers", "DeepotDock"):
            dock.hide()


def open_panel() -> QDockWidget:
    """Click the plugin's button and return the panel."""
    action = iface.mainWindow().findChild(object, "deepotAction")
    tool_bar = iface.mainWindow().findChild(QToolBar, "mPluginToolBar")
    click(tool_bar.widgetForAction(action))
    return iface.mainWindow().findChild(QDockWidget, "DeepotDock")


def start() -> None:
    """Open the panel, load the sample, choose the method."""
    tidy_window()
    QApplication.processEvents()  # a button that did not fit into the tool bar before does now
    panel = open_panel()
    iface.mainWindow().resizeDocks([panel], [370], Qt.Orientation.Horizontal)
    layers = iface.mainWindow().findChild(QDockWidget, "Layers")
    iface.mainWindow().resizeDocks([layers], [300], Qt.Orientation.Horizontal)
    click(button(panel, "Load sample data"))
    combo = panel.pair.method.method
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home if METHOD == "model" else Qt.Key.Key_End)
    QTimer.singleShot(1000, guarded(lambda: preflight(panel, 300)))


def preflight(panel: QDockWidget, rounds: int) -> None:
    """Wait until the panel has said what it thinks of the pair, then go on."""
    assert rounds, f"no estimate in half a minute: {panel.pair.images.preflight.text()}"
    if "estimate" not in panel.pair.images.preflight.text():
        QTimer.singleShot(100, guarded(lambda: preflight(panel, rounds - 1)))
        return
    if TEST_PICTURE:
        click(panel.pair.selftest.test)
        tested(panel, 1500)
        return
    run(panel)


def tested(panel: QDockWidget, rounds: int) -> None:
    """Wait for the self-test, take a picture of the panel alone, and leave."""
    assert rounds, "the self-test did not end in two and a half minutes"
    if panel.runner.busy():
        QTimer.singleShot(100, guarded(lambda: tested(panel, rounds - 1)))
        return
    assert panel.pair.selftest.headline.isVisible(), panel.run_bar.notice.text()
    QTimer.singleShot(500, guarded(lambda: save(panel, TEST_PICTURE)))


def run(panel: QDockWidget) -> None:
    """Click Run and wait."""
    click(panel.run_bar.run)
    wait(panel, 600)


def wait(panel: QDockWidget, rounds: int) -> None:
    """Look every tenth of a second whether the run is over."""
    assert rounds, "the run did not end in a minute"
    if panel.runner.busy():
        QTimer.singleShot(100, guarded(lambda: wait(panel, rounds - 1)))
        return
    assert panel.pair.last_run.isVisible(), panel.run_bar.notice.text()
    click(panel.pair.last_run.zoom)
    QTimer.singleShot(2500, guarded(lambda: finish(panel)))


def finish(panel: QDockWidget) -> None:
    """Take the picture and leave."""
    iface.messageBar().clearWidgets()
    views = {layer.customProperty("deepot/view") for layer in QgsProject.instance().mapLayers().values()}
    assert {"magnitude", "direction", "east", "north", "sigma", "correlation", "mask"} <= views, views
    save(iface.mainWindow(), PICTURE)


def save(widget: QWidget, path: str) -> None:
    """Write a picture of a widget and leave."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    assert image.save(path, "PNG", 0), f"cannot write {path}"  # 0 compresses most
    leave(0)


def leave(code: int) -> None:
    """End QGIS; without an empty project newer versions crash on the way out."""
    QgsSettings().setValue("app/askToSaveMemoryLayers", False)
    QgsProject.instance().clear()
    QgsProject.instance().setDirty(False)
    QApplication.instance().exit(code)


def guarded(step):
    """Return the step as a call that ends QGIS instead of leaving it running when something goes wrong."""

    def call() -> None:
        try:
            step()
        except Exception:
            sys.stderr.write(traceback.format_exc())
            leave(1)

    return call


QTimer.singleShot(1500, guarded(start))
