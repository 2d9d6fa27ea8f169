"""The numbers of the last comparison: one row a station, and the way to its tables and plots."""

from __future__ import annotations

from qgis.PyQt.QtCore import QTimer, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QGroupBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from deepot_qgis.engine.stations import Metrics, StationsResult
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.numbers import number_item
from deepot_qgis.gui.sections.rows import evenly, fit_rows, form, hint
from deepot_qgis.processing.present import present
from deepot_qgis.processing.spoken import spoken

_MILLIMETRES_BELOW = 0.5


class StationsResults(QGroupBox):
    """Hidden until there is a result.

    Signals
    -------
    plot_wanted
        Name of the station whose plot is asked for, empty for the scatter of all.
    """

    plot_wanted = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Last comparison"))
        self._result: StationsResult | None = None
        self.table = QTableWidget(0, 7)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        font = self.table.font()
        font.setPointSizeF(0.88 * font.pointSizeF())
        self.table.setFont(font)
        self.table.horizontalHeader().setFont(font)
        self.table.horizontalHeader().setMinimumSectionSize(20)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setToolTip(
            self.tr(
                "Map minus station along the bearing of each station. Bias: mean difference. R²: share of the "
                "station's variance that the map reproduces, about the 1:1 line. 1σ, 2σ: share of differences "
                "within one and two sigma; honest errors give 68 and 95 %. Double-click a row for its plot."
            )
        )
        self.plots, self.open_table = Button(self.tr("Plots")), Button(self.tr("Table"))
        self.samples, self.copy = Button(self.tr("All values")), Button(self.tr("Copy"))
        self.plots.setToolTip(self.tr("Show the scatter of all stations; double-click a row for one station"))
        self.open_table.setToolTip(self.tr("Open stations.csv: all metrics of every component"))
        self.samples.setToolTip(self.tr("Open comparison.csv: map and station at each date"))
        self.copy.setToolTip(self.tr("Copy the table as text"))
        self.messages = hint()
        layout = form(self)
        layout.addRow(self.table)
        layout.addRow(evenly(self.plots, self.open_table, self.samples, self.copy))
        layout.addRow(self.messages)
        self.plots.clicked.connect(lambda: self.plot_wanted.emit(""))
        self.open_table.clicked.connect(lambda: self._open(present(self._result).table))
        self.samples.clicked.connect(lambda: self._open(present(self._result).samples))
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text()))
        self.table.cellDoubleClicked.connect(self._row_wanted)
        self.hide()

    def show_result(self, result: StationsResult) -> None:
        """Show the metrics of every station and of all together."""
        self._result = result
        rows = [(one.name, one.along.metrics) for one in result.comparisons]
        rows.append((self.tr("All"), result.overall))
        unit, factor = ("mm", 1000.0) if _largest(rows) < _MILLIMETRES_BELOW else ("m", 1.0)
        self.table.setHorizontalHeaderLabels(
            [
                self.tr("Station"),
                "n",
                self.tr("Bias {unit}").format(unit=unit),
                self.tr("RMSE {unit}").format(unit=unit),
                "R²",
                self.tr("Slope"),
                self.tr("1σ, 2σ"),
            ]
        )
        self.table.setRowCount(len(rows))
        for i, (name, numbers) in enumerate(rows):
            for column, text in enumerate((name, *_texts(numbers, factor))):
                self.table.setItem(i, column, number_item(text) if column else QTableWidgetItem(text))
        QTimer.singleShot(0, lambda: fit_rows(self.table))  # once it is known whether a scroll bar takes room
        problems = [f"⚠ {problem.name}: {spoken(problem.why)}" for problem in result.problems]
        self.messages.setText(spoken("\n".join([*problems, *result.messages])))
        self.messages.setVisible(bool(self.messages.text()))
        self.show()

    def text(self) -> str:
        """Return the table as text, columns parted by tabs."""
        columns = range(self.table.columnCount())
        lines = ["\t".join(present(self.table.horizontalHeaderItem(column)).text() for column in columns)]
        for i in range(self.table.rowCount()):
            lines.append("\t".join(present(self.table.item(i, column)).text() for column in columns))
        return "\n".join(lines)

    def _row_wanted(self, index: int, _column: int) -> None:
        comparisons = present(self._result).comparisons
        self.plot_wanted.emit(comparisons[index].name if index < len(comparisons) else "")

    @staticmethod
    def _open(path: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def _largest(rows: list[tuple[str, Metrics]]) -> float:
    lengths = [value for _, numbers in rows for value in (numbers.bias, numbers.rmse) if value is not None]
    return max(map(abs, lengths), default=0.0)


def _texts(numbers: Metrics, factor: float) -> tuple[str, ...]:
    def length(value: float | None) -> str:
        return "–" if value is None else f"{factor * value:.3g}"

    def plain(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    return (
        str(numbers.n),
        length(numbers.bias),
        length(numbers.rmse),
        plain(numbers.r2),
        plain(numbers.slope),
        _shares(numbers.within_1_sigma, numbers.within_2_sigma),
    )


def _shares(one: float | None, two: float | None) -> str:
    return "–" if one is None or two is None else f"{100 * one:.0f}, {100 * two:.0f} %"
