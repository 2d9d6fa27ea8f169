"""Dates one after the other on the map, by QGIS's own temporal controller."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from qgis.core import QgsInterval, QgsLayerTreeGroup, QgsTemporalNavigationObject
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtWidgets import QDockWidget

from deepot_qgis.processing.layers.temporal import date_ranges, irregular_steps, whole_range
from deepot_qgis.processing.present import current_project, present

_CONTROLLER = "Temporal Controller"  # the name of QGIS's own dock


def play(canvas: QgsMapCanvas, dates: Sequence[datetime], group: QgsLayerTreeGroup, shown: QgsLayerTreeGroup) -> None:
    """Show the displacement by date, and hand the dates to the temporal controller.

    Parameters
    ----------
    group
        Of the whole series: what else of it is visible is switched off.
    shown
        Of the dates.
    """
    for node in group.findLayers():
        if node.parent() is not shown:
            node.setItemVisibilityChecked(False)
    shown.setItemVisibilityCheckedRecursive(True)
    group.setItemVisibilityChecked(True)
    present(current_project().timeSettings()).setTemporalRange(whole_range(dates))
    controller = canvas.temporalController()
    if isinstance(controller, QgsTemporalNavigationObject):
        controller.setTemporalExtents(whole_range(dates))
        controller.setAvailableTemporalRanges(date_ranges(dates))
        controller.setFrameDuration(QgsInterval(1, irregular_steps()))
        controller.setNavigationMode(QgsTemporalNavigationObject.NavigationMode.Animated)
        controller.rewindToStart()
        controller.playForward()
    else:
        canvas.setTemporalRange(date_ranges(dates)[-1])
    dock = canvas.window().findChild(QDockWidget, _CONTROLLER)
    if dock is not None:
        dock.show()
