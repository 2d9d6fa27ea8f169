"""Runs inside the real QGIS (``qgis --code``): a new user's way from the zip to a map, timed.

``tests/desktop/journey.py`` starts it with a clean profile. ``DEEPOT_ZIP`` is the plugin's file, ``DEEPOT_STARTED``
the clock when QGIS was started, ``DEEPOT_TIMES`` the JSON to write: what was reached, after how many clicks, and when.
"""

import json
import os
import sys
import time

sys.path.insert(0, os.environ["DEEPOT_REPOSITORY"])

import pyplugin_installer
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface

from tests.desktop.steps import button, click, later, leave, open_panel, save, tidy_window, wait

#: The plugin manager: menu Plugins, Manage and Install, Install from ZIP, the file, Install Plugin.
CLICKS_TO_INSTALL = 5


class Journey:
    """One step after the other, noted as it is reached."""

    def __init__(self) -> None:
        self.reached: list[dict] = []
        self.clicks = 0

    def reach(self, what: str, more: int = 0) -> None:
        """Note that something is reached, after some more clicks."""
        self.clicks += more
        seconds = time.time() - float(os.environ["DEEPOT_STARTED"])
        self.reached.append({"what": what, "clicks": self.clicks, "seconds": seconds})

    def start(self) -> None:
        """Install from the zip as the plugin manager does, and open the panel."""
        self.reach("QGIS is open")
        pyplugin_installer.instance().installFromZipFile(os.environ["DEEPOT_ZIP"])
        self.reach("the plugin is installed from its zip", CLICKS_TO_INSTALL)
        tidy_window()
        panel = open_panel()
        self.reach("the panel is open", 1)
        known = lambda: not panel.pair.method.hint.text().startswith("Looking")  # noqa: E731
        wait(known, lambda: self.load(panel), "models and devices")

    def load(self, panel: QDockWidget) -> None:
        """Load the sample."""
        click(button(panel, "Load sample data"))
        self.reach("the sample pair is on the map", 1)
        later(50, lambda: self.run(panel))

    def run(self, panel: QDockWidget) -> None:
        """Run with what the panel chose by itself."""
        click(panel.run_bar.run)
        wait(lambda: not panel.runner.busy(), lambda: self.measured(panel), "the run", 150)

    def measured(self, panel: QDockWidget) -> None:
        """The layers are there, styled."""
        assert panel.pair.last_run.isVisible(), panel.run_bar.notice.text()
        layers = {layer.customProperty("deepot/view"): layer for layer in QgsProject.instance().mapLayers().values()}
        assert {"magnitude", "direction", "east", "north", "sigma", "correlation", "mask", "arrows"} <= set(layers)
        assert layers["magnitude"].renderer().type() == "singlebandpseudocolor"
        self.reach("styled layers of the displacement are on the map", 1)
        later(3000, self.finish)

    def finish(self) -> None:
        """Write what was reached, and leave."""
        iface.messageBar().clearWidgets()
        save(iface.mainWindow(), os.environ["DEEPOT_TIMES"].replace(".json", ".png"))
        with open(os.environ["DEEPOT_TIMES"], "w", encoding="utf-8") as file:
            json.dump(self.reached, file)
        leave(0)


later(0, Journey().start)
