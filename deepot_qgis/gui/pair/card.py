"""The preflight card: one row a topic with a sign, a word, what was found and, where there is one, the way out."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from qgis.core import Qgis
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from deepot_qgis.engine.preflight import Verdict
from deepot_qgis.gui.levels import LevelSign, tinted
from deepot_qgis.gui.notice import breakable
from deepot_qgis.gui.sections.button import Button

LEVELS = {
    Verdict.GOOD: Qgis.MessageLevel.Success,
    Verdict.LOOK: Qgis.MessageLevel.Warning,
    Verdict.STOP: Qgis.MessageLevel.Critical,
}


@dataclass(frozen=True)
class Row:
    """What there is to say of a topic.

    Attributes
    ----------
    topic, text
        In the user's language.
    verdict
        None while it is looked at.
    action, call
        The way out, as a button; an empty action for none.
    tip
        What the button does.
    """

    topic: str
    text: str
    verdict: Verdict | None
    action: str = ""
    call: Callable[[], None] | None = None
    tip: str = ""


class PreflightCard(QFrame):
    """Hidden until it is given rows."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("deepotPreflight")
        self.rows: tuple[Row, ...] = ()
        self.level: Qgis.MessageLevel | None = None
        self._headline = _label(bold=True)
        self._table = QWidget()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 5, 6, 6)
        self._layout.setSpacing(4)
        self._layout.addWidget(self._headline)
        self._layout.addWidget(self._table)
        self.hide()

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows, and above them what they come to."""
        if tuple(rows) == self.rows:
            return  # nothing new: what is about to be clicked stays where it is
        self.rows = tuple(rows)
        self.level = _worst(self.rows)
        self._headline.setText(self._summary())
        self.setStyleSheet(tinted("deepotPreflight", self.level or Qgis.MessageLevel.Info))
        fresh = self._filled(self.rows)
        self._layout.replaceWidget(self._table, fresh)
        self._table.hide()
        self._table.deleteLater()
        self._table = fresh
        self.show()

    def clear(self) -> None:
        """Take everything away."""
        self.rows, self.level = (), None
        self.hide()

    def text(self) -> str:
        """Return the card as text, a row a line."""
        lines = (f"{self.word(row.verdict)}: {row.topic}: {row.text}" for row in self.rows)
        return "\n".join([self._headline.text(), *lines]) if self.rows else ""

    def buttons(self) -> dict[str, QPushButton]:
        """Return the buttons that are offered, by their texts."""
        return {button.text(): button for button in self._table.findChildren(QPushButton)}

    def button(self) -> QPushButton | None:
        """Return the first button that is offered."""
        return next(iter(self.buttons().values()), None)

    def word(self, verdict: Verdict | None) -> str:
        """Return a verdict as one word."""
        if verdict is None:
            return self.tr("wait")
        words = {Verdict.GOOD: self.tr("good"), Verdict.LOOK: self.tr("note"), Verdict.STOP: self.tr("stop")}
        return words[verdict]

    def _summary(self) -> str:
        counts = {verdict: sum(row.verdict is verdict for row in self.rows) for verdict in Verdict}
        if counts[Verdict.STOP]:
            return self.tr("Preflight: this pair cannot be measured yet")
        if any(row.verdict is None for row in self.rows):
            return self.tr("Preflight: looking at the pair")
        if counts[Verdict.LOOK]:
            return self.tr("Preflight: ready, with {count} to note").format(count=counts[Verdict.LOOK])
        return self.tr("Preflight: ready to run")

    def _filled(self, rows: Sequence[Row]) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(5)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(2, 1)
        line = 0
        for row in rows:
            level = None if row.verdict is None else LEVELS[row.verdict]
            word = _label(self.word(row.verdict), wraps=False)
            text = _label(f"<b>{html.escape(row.topic)}</b>&nbsp; {html.escape(breakable(row.text))}")
            grid.addWidget(LevelSign(level), line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(word, line, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, line, 2, Qt.AlignmentFlag.AlignTop)
            if row.action and row.call is not None:
                line += 1
                grid.addWidget(_button(row, row.call), line, 2, Qt.AlignmentFlag.AlignLeft)
            line += 1
        return table


def _worst(rows: Sequence[Row]) -> Qgis.MessageLevel | None:
    """The level of the whole card; None while something is looked at and nothing stops the run."""
    verdicts = [row.verdict for row in rows]
    if Verdict.STOP in verdicts:
        return LEVELS[Verdict.STOP]
    if None in verdicts or not verdicts:
        return None
    return LEVELS[Verdict.LOOK if Verdict.LOOK in verdicts else Verdict.GOOD]


def _button(row: Row, call: Callable[[], None]) -> Button:
    button = Button(row.action)
    button.setToolTip(row.tip)
    button.clicked.connect(lambda _checked=False: call())
    return button


def _label(text: str = "", bold: bool = False, wraps: bool = True) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(wraps)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if wraps:
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 0.92)
    font.setBold(bold)
    label.setFont(font)
    return label
