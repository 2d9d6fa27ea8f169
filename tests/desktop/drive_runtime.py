"""Runs inside the real QGIS (``qgis --code``) of somebody who has no ONNX Runtime: one click installs it, then it runs.

``tests/desktop/picture_runtime.py`` starts it. ``DEEPOT_MISSING_PICTURE``, ``DEEPOT_LOG_PICTURE`` and
``DEEPOT_PICTURE`` name the PNGs: the panel that lacks it, the log when it is installed, the window after a run.
"""

import os
import sys

sys.path.insert(0, os.environ["DEEPOT_REPOSITORY"])

from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

from tests.desktop.steps import button, click, later, leave, open_panel, save, tidy_window, wait


def start() -> None:
    """Open the panel and load the sample."""
    tidy_window()
    panel = open_panel()
    click(button(panel, "Load sample data"))
    install = panel.pair.method.install
    wait(install.isVisible, lambda: later(3000, lambda: missing(panel)), "the button that installs")


def missing(panel) -> None:
    """Take a picture of the panel, install."""
    save(panel, os.environ["DEEPOT_MISSING_PICTURE"])
    panel.pair.ensureWidgetVisible(panel.pair.method.install)
    click(panel.pair.method.install)
    dialog = panel.show_runtime()
    wait(
        lambda: not dialog.runner.busy(), lambda: later(3000, lambda: installed(panel, dialog)), "the installation", 150
    )


def installed(panel, dialog) -> None:
    """Take a picture of the log, measure with the network."""
    save(dialog, os.environ["DEEPOT_LOG_PICTURE"])
    assert dialog.notice.level == Qgis.MessageLevel.Success, dialog.notice.text()
    wait(lambda: not panel.pair.method.install.isVisible(), lambda: go_on(panel, dialog), "the panel hears of it")


def go_on(panel, dialog) -> None:
    """Keep the diagnostics, measure."""
    panel.tools.diagnostics.trigger()
    with open(os.environ["DEEPOT_DIAGNOSTICS"], "w", encoding="utf-8") as file:
        file.write(QApplication.clipboard().text())
    dialog.close()
    click(panel.run_bar.run)
    wait(lambda: not panel.runner.busy(), lambda: measured(panel), "the run", 120)


def measured(panel) -> None:
    """Take a picture of the whole, leave."""
    assert panel.pair.last_run.isVisible(), panel.run_bar.notice.text()
    iface.messageBar().clearWidgets()
    save(iface.mainWindow(), os.environ["DEEPOT_PICTURE"])
    leave(0)


later(1500, start)
