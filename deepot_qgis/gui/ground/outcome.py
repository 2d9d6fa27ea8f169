"""What a refinement would do: how much survives and why not, and stable ground before and after."""

from __future__ import annotations

from qgis.PyQt.QtWidgets import QVBoxLayout, QWidget

from deepot_qgis.engine.quality import REASON_NAMES, Reason
from deepot_qgis.engine.refine import StableGround, Survivors
from deepot_qgis.gui.sections.numbers import NumbersTable, amount
from deepot_qgis.gui.sections.rows import hint
from deepot_qgis.gui.share_bar import ShareBar
from deepot_qgis.processing.spoken import spoken

_NO_GROUND = (Reason.GOOD, Reason.NODATA, Reason.USER_MASK)  # what is not a reason that masks measured ground


class Outcome(QWidget):
    """Numbers of a `Survivors`, or one sentence."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.sentence, self.shares, self.numbers, self.messages = hint(), ShareBar(), NumbersTable(), hint()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.sentence, self.shares, self.numbers, self.messages):
            column.addWidget(widget)
        self.say("")

    def say(self, sentence: str) -> None:
        """Show a sentence instead of numbers."""
        self.sentence.setText(spoken(sentence))
        self.sentence.setVisible(bool(sentence))
        for widget in (self.shares, self.numbers, self.messages):
            widget.hide()

    def show_survivors(self, found: Survivors) -> None:
        """Show what survives."""
        self.say(
            self.tr("{good:.1f} % of the pixels survive, {before:.1f} % did before.").format(
                good=100 * found.good, before=100 * found.good_before
            )
        )
        masked = {
            REASON_NAMES[reason]: found.share(reason)
            for reason in Reason
            if reason not in _NO_GROUND and found.share(reason) > 0
        }
        self.shares.set_shares(found.good, masked)
        self.shares.show()
        if found.stable is not None:
            self.numbers.show_rows(self._stable_rows(found.stable))
            self.numbers.show()
        told = found.stable.sentences() if found.stable is not None else []
        news = [message for message in found.messages if message not in told]
        self.messages.setText(spoken("\n".join(news)))
        self.messages.setVisible(bool(news))

    def text(self) -> str:
        """Return what is shown as text."""
        parts = [self.sentence.text()]
        if self.shares.isVisibleTo(self):
            parts.append(self.shares.text())
        if self.numbers.isVisibleTo(self):
            parts.extend(self.numbers.lines())
        return "\n".join(parts)

    def _stable_rows(self, stable: StableGround) -> list[tuple[str, str]]:
        def change(before: float, after: float) -> str:
            return f"{amount(before, stable.unit)} → {amount(after, stable.unit)}"

        before, after = stable.before, stable.after
        return [
            (self.tr("Stable ground"), self.tr("{count} pixels, before → after").format(count=stable.pixels)),
            (self.tr("Median east"), change(before.median_east, after.median_east)),
            (self.tr("Median north"), change(before.median_north, after.median_north)),
            (self.tr("NMAD east"), change(before.nmad_east, after.nmad_east)),
            (self.tr("NMAD north"), change(before.nmad_north, after.nmad_north)),
        ]
