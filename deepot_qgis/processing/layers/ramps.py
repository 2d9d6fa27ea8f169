"""The colours of results as gradients of QGIS."""

from __future__ import annotations

from qgis.core import QgsGradientColorRamp, QgsGradientStop
from qgis.PyQt.QtGui import QColor

from deepot_qgis.engine.report.colors import CYCLIC, DIVERGING, ERROR, FADE_IN, FADE_OUT, SEQUENTIAL, VEIL

__all__ = ["CYCLIC", "DIVERGING", "ERROR", "FADE_IN", "FADE_OUT", "SEQUENTIAL", "VEIL", "color_ramp"]


def color_ramp(stops: tuple[str, ...], opacities: tuple[float, ...] = ()) -> QgsGradientColorRamp:
    """Return the stops, evenly spaced, as a QGIS gradient.

    Parameters
    ----------
    stops
        Colours from the low to the high end.
    opacities
        0..1 of the first stops; the rest is opaque.
    """
    last = len(stops) - 1
    colors = [QColor(stop) for stop in stops]
    for color, opacity in zip(colors, opacities):
        color.setAlpha(round(255 * opacity))  # what a style keeps in any version
    between = [QgsGradientStop(i / last, colors[i]) for i in range(1, last)]
    return QgsGradientColorRamp(colors[0], colors[-1], False, between)
