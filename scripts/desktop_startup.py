"""Run by QGIS when ``make qgis`` starts it: load the sample pair and show it."""

from __future__ import annotations

from qgis.core import Qgis, QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.utils import iface


def show_sample() -> None:
    """Load the sample through the plugin, as its panel does, and zoom to it."""
    try:
        from deepot_qgis.gui.sample import load_sample

        reference, _ = load_sample(QgsProject.instance())
        QgsProject.instance().setCrs(reference.crs())
        iface.mapCanvas().setExtent(reference.extent())
        iface.mapCanvas().refresh()
    except Exception as error:  # QGIS would open without a word of what went wrong
        iface.messageBar().pushMessage("DeepOT", f"The sample was not loaded: {error}", Qgis.MessageLevel.Critical)


QTimer.singleShot(500, show_sample)
