"""The numbers of the last run: how much it moved, how sure that is, what was masked and why."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtWidgets import QAction, QApplication, QGroupBox, QToolButton, QWidget

from deepot_qgis.engine.measure import MeasureResult
from deepot_qgis.engine.refine import RefineResult
from deepot_qgis.gui.pair.export import ExportButton
from deepot_qgis.gui.runner import duration_text
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.numbers import NumbersTable, amount
from deepot_qgis.gui.sections.rows import evenly, form, hint
from deepot_qgis.gui.share_bar import ShareBar
from deepot_qgis.processing.spoken import spoken


class LastRunSection(QGroupBox):
    """Hidden until there is a result."""

    def __init__(self, map_actions: Sequence[QAction] = (), parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Last run"))
        self._layout = form(self)
        self._numbers = NumbersTable()
        self._layout.addRow(self._numbers)
        self.shares = ShareBar()
        self._layout.addRow(self.shares)
        self.messages = hint()
        self._layout.addRow(self.messages)
        self.zoom = Button(self.tr("Zoom to result"))
        self.zoom.setToolTip(self.tr("Show the whole result on the map"))
        self.copy = Button(self.tr("Copy numbers"))
        self.copy.setToolTip(self.tr("Copy these numbers as text, for a report or a message"))
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text()))
        self._layout.addRow(evenly(self.zoom, self.copy))
        self.report = Button(self.tr("Report"))
        self.report.setToolTip(
            self.tr("Write inputs, settings, maps, numbers and plots as one page and open it in the web browser")
        )
        self.export = ExportButton()
        self._layout.addRow(evenly(self.report, self.export))
        self.map_tools = [_tool_button(action) for action in map_actions]
        if self.map_tools:
            self._layout.addRow(evenly(*self.map_tools))
        self._messages: tuple[str, ...] = ()
        self.product = ""
        self.hide()

    def show_result(self, title: str, result: MeasureResult, known: tuple[str, ...] = ()) -> None:
        """Show the numbers of a run, and the messages that the preflight (`known`) has not said already."""
        self._show(title, result, self._run_rows(result), known)

    def show_refined(self, title: str, result: RefineResult) -> None:
        """Show the numbers of a refined product."""
        self._show(title, result, [], ())

    def _show(
        self, title: str, result: MeasureResult | RefineResult, how: list[tuple[str, str]], known: tuple[str, ...]
    ) -> None:
        self._numbers.show_rows([(self.tr("Pair"), title), *self._number_rows(result), *how])
        self.shares.set_shares(result.statistics["good"], result.statistics["masked"])
        self._messages = result.messages
        self.product = result.product
        self.export.set_product(result.product)
        news = [message for message in result.messages if message not in known]
        self.messages.setText(spoken("\n".join(news)))
        self.messages.setVisible(bool(news))
        self.show()

    def text(self) -> str:
        """Return the numbers as text, one a line."""
        lines = self._numbers.lines()
        return "\n".join([*lines, self.shares.text(), *map(spoken, self._messages)])

    def _number_rows(self, result: MeasureResult | RefineResult) -> list[tuple[str, str]]:
        numbers, unit = result.statistics, result.unit
        rows = [
            (self.tr("Median"), amount(numbers["median_magnitude"], unit)),
            (self.tr("95 % below"), amount(numbers["p95_magnitude"], unit)),
            (self.tr("Largest"), amount(numbers["max_magnitude"], unit)),
            (self.tr("Uncertainty"), "± " + amount(numbers["median_sigma"], unit)),
        ]
        if result.days:
            rows.append((self.tr("Time between"), self.tr("{days:g} days").format(days=result.days)))
        return rows

    def _run_rows(self, result: MeasureResult) -> list[tuple[str, str]]:
        how = result.model if result.method == "model" else self.tr("conventional")
        device = "CPU" if result.device == "cpu" else result.device_name or result.device
        return [(self.tr("Measured by"), f"{how}, {device}, {duration_text(result.seconds)}")]


def _tool_button(action: QAction) -> QToolButton:
    """Return a button that is ticked while the action's map tool is in use."""
    button = QToolButton()
    button.setDefaultAction(action)
    return button
