"""Matplotlib inside Qt, with the Qt that QGIS itself uses.

Matplotlib is imported when the first plot is shown: QGIS starts no slower for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QT_VERSION_STR
from qgis.PyQt.QtWidgets import QSizePolicy

from deepot_qgis.gui.plots.fonts import make_legible

if TYPE_CHECKING:
    from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
    from matplotlib.figure import Figure


def new_figure() -> Figure:
    """Return an empty figure that makes room for its own labels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(6.0, 2.6), dpi=100, constrained_layout=True)


def figure_canvas(figure: Figure) -> FigureCanvasQTAgg:
    """Return a widget that shows a figure."""
    # qgis.PyQt is imported above: Matplotlib takes the binding that is loaded
    try:
        from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
    except ImportError:  # Matplotlib before 3.5 knows Qt 5 only
        if not QT_VERSION_STR.startswith("5."):
            raise
        from matplotlib.backends.backend_qt5agg import FigureCanvasQTAgg

    make_legible(figure)
    canvas = FigureCanvasQTAgg(figure)
    canvas.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    canvas.setMinimumSize(160, 100)
    return canvas
