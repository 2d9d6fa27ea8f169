"""Runs inside the real QGIS (``qgis --code``): measures the sample, draws stable ground on the map, takes a picture.

``tests/desktop/picture.py`` starts it; ``DEEPOT_PICTURE`` names the PNG, ``DEEPOT_METHOD`` the method. QGIS leaves with
0 when all went well.
"""

import os
import sys

sys.path.insert(0, os.environ["DEEPOT_REPOSITORY"])

from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

from tests.desktop.steps import LEFT, RIGHT, button, click, later, leave, open_panel, save, tidy_window, wait

#: Corners of ground that stands still in the sample, in shares of the picture of the map.
STABLE = ((0.25, 0.28), (0.42, 0.22), (0.66, 0.22), (0.62, 0.36), (0.40, 0.37))
MAX_SIGMA_PX = "0.25"


def start() -> None:
    """Open the panel, load the sample, measure it."""
    tidy_window()
    panel = open_panel(400)
    click(button(panel, "Load sample data"))
    combo = panel.pair.method.method
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Home if os.environ["DEEPOT_METHOD"] == "model" else Qt.Key.Key_End)
    later(1500, lambda: run(panel))


def run(panel: QDockWidget) -> None:
    """Click Run."""
    click(panel.run_bar.run)
    wait(lambda: not panel.runner.busy(), lambda: measured(panel), "the run", 120)


def measured(panel: QDockWidget) -> None:
    """Open the section, tighten a limit, and begin to draw stable ground."""
    assert panel.pair.last_run.isVisible(), panel.run_bar.notice.text()
    click(panel.pair.last_run.zoom)
    section = panel.pair.refining
    section.setCollapsed(False)
    section.reference.kind.setFocus()
    section.reference.kind.setCurrentIndex(section.reference.kind.findData("drawn"))
    section.limits.sigma.setFocus()
    section.limits.sigma.selectAll()
    QTest.keyClicks(section.limits.sigma, MAX_SIGMA_PX)
    QTest.keyClick(section.limits.sigma, Qt.Key.Key_Return)
    panel.pair.ensureWidgetVisible(section.reference.draw, 0, 40)
    later(1500, lambda: draw(panel))


def draw(panel: QDockWidget) -> None:
    """Draw stable ground with the mouse."""
    click(panel.pair.refining.reference.draw)
    view = iface.mapCanvas().viewport()
    corners = [QPoint(int(x * view.width()), int(y * view.height())) for x, y in STABLE]
    for corner in corners:
        QTest.mouseClick(view, LEFT, Qt.KeyboardModifier.NoModifier, corner)
    QTest.mouseClick(view, RIGHT, Qt.KeyboardModifier.NoModifier, corners[-1])
    outcome = panel.pair.refining.outcome
    wait(lambda: "→" in outcome.text(), lambda: finish(panel), "the preview")


def finish(panel: QDockWidget) -> None:
    """Take the picture and leave."""
    panel.run_bar.notice.clear()
    iface.messageBar().clearWidgets()
    bar = panel.pair.verticalScrollBar()
    bar.setValue(bar.value() + panel.pair.refining.mapTo(panel.pair.widget(), QPoint()).y() - bar.value())
    later(1500, lambda: (save(iface.mainWindow(), os.environ["DEEPOT_PICTURE"]), leave(0)))


later(1500, start)
