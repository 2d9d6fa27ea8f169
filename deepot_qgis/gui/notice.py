"""A message inside the panel: one sentence, coloured by level, with buttons for the way out."""

from __future__ import annotations

import re
from collections.abc import Callable

from qgis.core import Qgis
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from deepot_qgis.gui.levels import tinted
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.processing.spoken import spoken


def breakable(text: str) -> str:
    """Let long file names break at their joints, which a narrow panel would cut off, and no number from its unit."""
    text = re.sub(r"(\d) (?=(?:[cmk]?m|px|cm/day|days|%)\b|%)", "\\1\u00a0", text)
    return re.sub(r"\S{20,}", lambda word: re.sub(r"([_\-./\\])", "\\1\u200b", word.group()), text)


class Notice(QFrame):
    """Hidden until `say` is called; closed by its cross, by `clear` or by the next message."""

    said = pyqtSignal()

    def __init__(self, parent: QWidget | None = None, closable: bool = True):
        super().__init__(parent)
        self.setObjectName("deepotNotice")
        self.level: Qgis.MessageLevel | None = None
        self._text = ""
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        font = self._label.font()
        font.setPointSizeF(font.pointSizeF() * 0.92)
        self._label.setFont(font)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setToolTip(self.tr("Close this message"))
        self._close.clicked.connect(self.clear)
        self._close.setVisible(closable)
        self._buttons = QVBoxLayout()
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._label, 1)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 5, 4, 5)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(self._buttons)

    def text(self) -> str:
        """Return the message shown, empty when there is none."""
        return self._text

    def button(self, number: int = 0) -> QPushButton | None:
        """Return a button offered with the message, None when there are not so many."""
        item = self._buttons.itemAt(number)
        widget = item.widget() if item is not None else None
        return widget if isinstance(widget, QPushButton) else None

    def say(
        self,
        text: str,
        level: Qgis.MessageLevel = Qgis.MessageLevel.Info,
        *ways_out: str | Callable[[], object],
    ) -> None:
        """Show a message, with a button for each way out: an action and its call, then the next.

        The engine's sentences are shown in the user's language.
        """
        self._drop_buttons()
        self.level = level
        self._text = text = spoken(text)
        self._label.setText(breakable(text))
        for action, callback in zip(ways_out[::2], ways_out[1::2]):
            button = Button(str(action))
            button.clicked.connect(lambda _checked=False, callback=callback: callback())
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setStyleSheet(tinted("deepotNotice", level))
        self.show()
        self.said.emit()

    def clear(self) -> None:
        """Take the message away."""
        self._drop_buttons()
        self.level = None
        self._text = ""
        self._label.clear()
        self.hide()

    def _drop_buttons(self) -> None:
        while self._buttons.count():
            widget = self._buttons.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
