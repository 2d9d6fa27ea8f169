"""A plot as a file: PNG, SVG, or its numbers as CSV."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.files import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 200


class ExportButton(QToolButton):
    """A button with a menu of formats.

    Parameters
    ----------
    figure
        Returns what is to be saved.
    table
        Returns the numbers as CSV.
    stem
        Suggested file name.

    Signals
    -------
    saved, failed
        The path; a DeepotError.
    """

    saved = pyqtSignal(str)
    failed = pyqtSignal(object)

    def __init__(
        self, figure: Callable[[], Figure], table: Callable[[], str], stem: str, parent: QWidget | None = None
    ):
        super().__init__(parent)
        self._figure, self._table, self._stem = figure, table, stem
        self.setText(self.tr("Export"))
        self.setToolTip(self.tr("Save the plot as a picture (PNG, SVG) or its numbers as a table (CSV)"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for label, extension in (
            (self.tr("Picture (PNG)"), "png"),
            (self.tr("Drawing (SVG)"), "svg"),
            (self.tr("Table (CSV)"), "csv"),
        ):
            menu.addAction(label).triggered.connect(lambda _checked=False, kind=extension: self._ask(kind))
        self.setMenu(menu)

    def save(self, path: str) -> None:
        """Write the plot or its numbers; the ending of the path says which."""
        kind = os.path.splitext(path)[1].lower()
        try:
            with whole_file(path) as temporary:
                if kind == ".csv":
                    with open(temporary, "w", encoding="utf-8", newline="") as target:
                        target.write(self._table())
                else:
                    self._figure().savefig(temporary, dpi=_DPI, facecolor="white")
        except DeepotError as error:
            self.failed.emit(error)
            return
        self.saved.emit(path)

    def _ask(self, kind: str) -> None:
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save plot"), f"{self._stem}.{kind}", f"*.{kind}")
        if path:
            self.save(path if os.path.splitext(path)[1].lower() == f".{kind}" else f"{path}.{kind}")
