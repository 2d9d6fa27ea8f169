"""Runs inside the real QGIS (``qgis --code``): opens the panel, measures the sample by clicks, takes a picture.

``tests/desktop/picture.py`` starts it; ``DEEPOT_PICTURE`` names the PNG. QGIS leaves with 0 when all went well. With
``DEEPOT_TEST_PICTURE`` it runs the self-test instead and takes a picture of the panel alone; with
``DEEPOT_START_PICTURE`` it runs nothing and takes one of the panel with the sample loaded; with
``DEEPOT_TOOLS_PICTURE`` one of the tab Tools.
"""

import os
import sys

sys.path.insert(0, os.environ["DEEPOT_REPOSITORY"])

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

from tests.desktop.steps import click, later, leave, open_panel, save, tidy_window, wait

PICTURE = os.environ.get("DEEPOT_PICTURE", "")
METHOD = os.environ.get("DEEPOT_METHOD", "model")
TEST_PICTURE = os.environ.get("DEEPOT_TEST_PICTURE", "")
TOOLS_PICTURE = os.environ.get("DEEPOT_TOOLS_PICTURE", "")
START_PICTURE = os.environ.get("DEEPOT_START_PICTURE", "")


def start() -> None:
    """Open the panel, load the sample, choose the method."""
    tidy_window()
    panel = open_panel()
    click(panel.pair.sample)
    combo = panel.pair.method.method
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home if METHOD == "model" else Qt.Key.Key_End)
    card = panel.pair.images.preflight
    estimated = lambda: bool(card.rows) and all(row.verdict for row in card.rows)  # noqa: E731
    later(1000, lambda: wait(estimated, lambda: go_on(panel), "the quick estimate"))


def go_on(panel: QDockWidget) -> None:
    """Measure, test what can be measured, or leave it at that."""
    if TOOLS_PICTURE:
        iface.mapCanvas().zoomToFullExtent()
        panel.show_tab(panel.toolbox)
        later(2500, lambda: end(iface.mainWindow(), TOOLS_PICTURE))
        return
    if START_PICTURE:
        iface.mapCanvas().zoomToFullExtent()
        known = lambda: not panel.pair.method.hint.text().startswith("Looking")  # noqa: E731
        wait(known, lambda: later(2000, loaded), "models and devices")
        return
    if TEST_PICTURE:
        click(panel.pair.selftest.test)
        wait(lambda: not panel.runner.busy(), lambda: tested(panel), "the self-test", 150)
        return
    click(panel.run_bar.run)
    wait(lambda: not panel.runner.busy(), lambda: measured(panel), "the run")


def loaded() -> None:
    """Take a picture of the window before a run, and leave."""
    iface.messageBar().clearWidgets()
    end(iface.mainWindow(), START_PICTURE)


def tested(panel: QDockWidget) -> None:
    """Take a picture of the panel alone, and leave."""
    assert panel.pair.selftest.headline.isVisible(), panel.run_bar.notice.text()
    later(500, lambda: end(panel, TEST_PICTURE))


def measured(panel: QDockWidget) -> None:
    """Show the whole result."""
    assert panel.pair.last_run.isVisible(), panel.run_bar.notice.text()
    click(panel.pair.last_run.zoom)
    later(2500, finish)


def finish() -> None:
    """Take the picture and leave."""
    iface.messageBar().clearWidgets()
    views = {layer.customProperty("deepot/view") for layer in QgsProject.instance().mapLayers().values()}
    assert {"magnitude", "direction", "east", "north", "sigma", "correlation", "mask"} <= views, views
    end(iface.mainWindow(), PICTURE)


def end(widget, path: str) -> None:
    """Write a picture and leave."""
    save(widget, path)
    leave(0)


later(1500, start)
