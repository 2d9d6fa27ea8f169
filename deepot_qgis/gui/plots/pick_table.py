"""The places of a plot: colour, velocity, how well a line fits, and a cross to remove each."""

from __future__ import annotations

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QToolButton, QWidget

from deepot_qgis.gui.plots.picks import Pick
from deepot_qgis.gui.plots.time_figure import FitRow, place_label
from deepot_qgis.gui.sections.numbers import number_item

_SWATCH = 10
_LAST = 4


class PickTable(QTableWidget):
    """One row a curve; `removed` with the number of a place, 0 for the reference."""

    removed = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(0, _LAST + 1, parent)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setMinimumHeight(60)
        self.setToolTip(
            self.tr("Velocity with its 1-sigma error, share of the variance the fit explains, its residual")
        )
        modes = QHeaderView.ResizeMode
        header = self.horizontalHeader()
        header.setMinimumSectionSize(20)
        for column, mode in enumerate((modes.ResizeToContents, modes.Stretch, *[modes.ResizeToContents] * 3)):
            header.setSectionResizeMode(column, mode)

    def show_rows(self, rows: list[FitRow], reference: Pick | None) -> None:
        """Show what was fitted, and that there is a reference."""
        unit = rows[0].unit if rows else "m"
        self.setHorizontalHeaderLabels(
            ["", self.tr("Rate ({unit}/yr)").format(unit=unit), "R²", self.tr("RMSE ({unit})").format(unit=unit), ""]
        )
        self.setRowCount(0)
        seen = set()
        for row in rows:
            label = place_label(row.pick) if row.pick.number not in seen else ""
            if row.name in ("east", "north"):
                label += self.tr(" E") if row.name == "east" else self.tr(" N")
            numbers = row.rate_text(), row.r2_text(), row.rmse_text()
            self._add(label, row.pick, numbers, removable=row.pick.number not in seen)
            seen.add(row.pick.number)
        if reference is not None:
            self._add(self.tr("Reference"), reference, ("", "", ""), removable=True)

    def _add(self, label: str, pick: Pick, numbers: tuple[str, str, str], removable: bool) -> None:
        index = self.rowCount()
        self.insertRow(index)
        swatch = QPixmap(_SWATCH, _SWATCH)
        swatch.fill(QColor(pick.marker.color()))
        self.setItem(index, 0, QTableWidgetItem(QIcon(swatch), label))
        for column, text in enumerate(numbers, start=1):
            self.setItem(index, column, number_item(text))
        if removable:
            button = QToolButton()
            button.setText("✕")
            button.setAutoRaise(True)
            button.setToolTip(self.tr("Remove this place"))
            button.clicked.connect(lambda _checked=False, number=pick.number: self.removed.emit(number))
            self.setCellWidget(index, _LAST, button)
