"""Run by QGIS when ``make qgis`` starts it: open the panel with the sample pair loaded."""

from __future__ import annotations

from qgis.core import Qgis
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface, plugins


def show_sample() -> None:
    """Do what a user does first: open the panel and load the sample data."""
    try:
        plugins["deepot_qgis"].show_panel()
        iface.mainWindow().findChild(QDockWidget, "DeepotDock").pair.load_sample()
    except Exception as error:  # QGIS would open without a word of what went wrong
        iface.messageBar().pushMessage("DeepOT", f"The sample was not loaded: {error!r}", Qgis.MessageLevel.Critical)


QTimer.singleShot(500, show_sample)
