"""What the drivers of the real desktop share: clicks, waiting, pictures, leaving. Runs inside QGIS."""

import os
import sys
import traceback

from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget, QPushButton, QToolBar, QWidget
from qgis.utils import iface

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SIZE = tuple(int(part) for part in os.environ.get("DEEPOT_SIZE", "1600x1400").split("x"))


def click(widget: QWidget) -> None:
    """Click a widget the way a hand does."""
    assert widget.isVisible() and widget.isEnabled(), f"{widget.text()} cannot be clicked"
    QTest.mouseClick(widget, LEFT)


def button(parent: QWidget, text: str) -> QPushButton:
    """Return the visible button with a text."""
    return next(b for b in parent.findChildren(QPushButton) if b.text() == text and b.isVisible())


def tidy_window(*shown: str) -> None:
    """Leave the menus, the layer tree, the map and our docks in the picture."""
    window = iface.mainWindow()
    window.resize(*SIZE)
    for bar in window.findChildren(QToolBar):
        bar.setVisible(bar.objectName() in ("mMapNavToolBar", "mPluginToolBar"))
    for dock in window.findChildren(QDockWidget):
        if dock.objectName() not in ("Layers", "DeepotDock", *shown):
            dock.hide()
    QApplication.processEvents()  # a button that did not fit into the tool bar before does now


def open_panel(width: int = 370) -> QDockWidget:
    """Click the plugin's button and return the panel."""
    window = iface.mainWindow()
    action = window.findChild(object, "deepotAction")
    click(window.findChild(QToolBar, "mPluginToolBar").widgetForAction(action))
    panel = window.findChild(QDockWidget, "DeepotDock")
    window.resizeDocks([panel], [width], Qt.Orientation.Horizontal)
    window.resizeDocks([window.findChild(QDockWidget, "Layers")], [300], Qt.Orientation.Horizontal)
    return panel


def wait(ready, then, what: str, seconds: int = 60) -> None:
    """Look every tenth of a second whether something is so, then go on."""

    def look(rounds: int) -> None:
        assert rounds, f"not in {seconds} s: {what}"
        if ready():
            then()
        else:
            QTimer.singleShot(100, guarded(lambda: look(rounds - 1)))

    look(10 * seconds)


def later(milliseconds: int, step) -> None:
    """Go on after QGIS had time to draw."""
    QTimer.singleShot(milliseconds, guarded(step))


def save(widget: QWidget, path: str) -> None:
    """Write a picture of a widget."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    assert image.save(path, "PNG", 0), f"cannot write {path}"  # 0 compresses most


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
