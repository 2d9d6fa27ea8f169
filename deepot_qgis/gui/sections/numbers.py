"""Names and values of a result, one below the other, to read, select and copy."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QSizePolicy, QTableWidgetItem, QVBoxLayout, QWidget


class NumbersTable(QWidget):
    """Rows of a name and a value; `show_rows` puts others in their place."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.rows: list[tuple[str, str]] = []
        self._shown = QWidget()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._shown)

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show these instead of what is there."""
        self.rows = list(rows)
        fresh = QWidget()
        layout = QFormLayout(fresh)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for name, value in self.rows:
            label = QLabel(value)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            layout.addRow(name, label)
        self._layout.replaceWidget(self._shown, fresh)
        self._shown.deleteLater()
        self._shown = fresh

    def lines(self) -> list[str]:
        """Return the rows as text."""
        return [f"{name}: {value}" for name, value in self.rows]


def number_item(text: str) -> QTableWidgetItem:
    """Return a number for a table, flush right."""
    item = QTableWidgetItem(text)
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)  # type: ignore[arg-type] # flags
    return item


def amount(value: float | None, unit: str) -> str:
    """Return a length with three digits and a unit that suits it."""
    if value is None:
        return "–"
    if unit == "m" and abs(value) < 1:
        return f"{100 * value:.3g} cm"
    return f"{value:.3g} {unit}"
