"""The numbers of the last series, and what to do with it."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QApplication, QGroupBox, QWidget

from deepot_qgis.engine.timeseries.run import SeriesResult
from deepot_qgis.gui.runner import duration_text
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.numbers import NumbersTable
from deepot_qgis.gui.sections.rows import evenly, form, hint
from deepot_qgis.processing.spoken import spoken


class SeriesResults(QGroupBox):
    """Hidden until there is a result."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Last series"))
        self._numbers = NumbersTable()
        self.messages = hint()
        self.plot, self.play = Button(self.tr("Plot")), Button(self.tr("Play"))
        self.zoom, self.copy = Button(self.tr("Zoom")), Button(self.tr("Copy"))
        self.plot.setToolTip(self.tr("Open the plots: click points on the map, see displacement against time"))
        self.play.setToolTip(self.tr("Show the displacement by date on the map with QGIS's temporal controller"))
        self.zoom.setToolTip(self.tr("Show the whole series on the map"))
        self.copy.setToolTip(self.tr("Copy these numbers as text, for a report or a message"))
        self._layout = form(self)
        self._layout.addRow(self._numbers)
        self._layout.addRow(evenly(self.plot, self.play, self.zoom, self.copy))
        self._layout.addRow(self.messages)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text()))
        self.hide()

    def show_result(self, result: SeriesResult, title: str) -> None:
        """Show the numbers of a run and what it had to say."""
        self._numbers.show_rows([(self.tr("Series"), title), *self._number_rows(result)])
        self.messages.setText(spoken("\n".join(result.messages)))
        self.messages.setVisible(bool(result.messages))
        self.show()

    def text(self) -> str:
        """Return the numbers as text, one a line."""
        return "\n".join([*self._numbers.lines(), self.messages.text()])

    def _number_rows(self, result: SeriesResult) -> list[tuple[str, str]]:
        numbers, unit = result.statistics, result.unit

        def rate(key: str) -> str:
            value = numbers.get(key)
            return "–" if value is None else f"{value:.3g} {unit}/yr"

        def length(key: str) -> str:
            value = numbers.get(key)
            if value is None:
                return "–"
            return f"{100 * value:.3g} cm" if unit == "m" and value < 1 else f"{value:.3g} {unit}"

        return [
            (self.tr("Dates and pairs"), f"{len(result.dates)}, {len(result.pairs)}"),
            (self.tr("Median velocity"), rate("speed")),
            (self.tr("95 % below"), rate("p95_speed")),
            (self.tr("Uncertainty"), "± " + rate("velocity_sigma")),
            (self.tr("Pairs disagree by"), length("closure")),
            (self.tr("Stable ground"), "± " + length("stable_spread")),
            (self.tr("Area with a history"), f"{100 * numbers['known']:.0f} %"),
            (self.tr("Took"), duration_text(result.seconds)),
        ]
