"""Buttons and check boxes whose texts are never cut off, in whatever language and however narrow the panel is.

What does not fit ends in an ellipsis, and the tooltip has all of it; buttons side by side take a second row first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QEvent, QSize, Qt
from qgis.PyQt.QtGui import QCursor, QPaintEvent, QResizeEvent
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolTip,
    QWidget,
)

_LEAST_PX = 48
_MARGIN_PX = 6
_SPACING_PX = 4

if TYPE_CHECKING:  # what a push button and a check box have in common; at run time a mixin knows no widget
    from qgis.PyQt.QtWidgets import QAbstractButton

    class _Shown(QAbstractButton):
        def initStyleOption(self, option: QStyleOptionButton) -> None: ...
else:
    _Shown = object


class _Elided(_Shown):
    """As wide as its text where there is room, narrower where there is none.

    Attributes
    ----------
    CONTENTS, CONTROL
        Where the style puts the text, and what it draws.
    """

    CONTENTS: QStyle.SubElement
    CONTROL: QStyle.ControlElement

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), _LEAST_PX), hint.height())

    def shown_text(self) -> str:
        """Return the text as it is drawn."""
        if self.width() >= self.sizeHint().width():
            return self.text()
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(self.CONTENTS, option, self).width()
        end, room = Qt.TextElideMode.ElideRight, max(room - _MARGIN_PX, 0)
        return "\n".join(self.fontMetrics().elidedText(line, end, room) for line in self.text().split("\n"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.shown_text()
        painter.drawControl(self.CONTROL, option)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and self.shown_text() != self.text():
            QToolTip.showText(QCursor.pos(), "\n".join(filter(None, (self.text(), self.toolTip()))), self)
            return True
        return super().event(event)


class Button(_Elided, QPushButton):
    """A push button."""

    CONTENTS = QStyle.SubElement.SE_PushButtonContents
    CONTROL = QStyle.ControlElement.CE_PushButton

    def __init__(self, text: str = "", parent: QWidget | None = None):
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


class CheckBox(_Elided, QCheckBox):
    """A check box."""

    CONTENTS = QStyle.SubElement.SE_CheckBoxContents
    CONTROL = QStyle.ControlElement.CE_CheckBox

    def __init__(self, text: str = "", parent: QWidget | None = None):
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


class ButtonRow(QWidget):
    """Buttons of one width side by side, in as few rows as their texts fit into."""

    def __init__(self, buttons: tuple[QWidget, ...], parent: QWidget | None = None):
        super().__init__(parent)
        self._buttons, self._columns = buttons, 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_SPACING_PX)
        for button in buttons:
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._lay_out(len(buttons))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        widest = max(button.sizeHint().width() for button in self._buttons) + _SPACING_PX
        count = len(self._buttons)
        choices = (count, -(-count // 2), 1)  # all in one row, in two, each alone
        self._lay_out(next((c for c in choices if c * widest <= event.size().width() + _SPACING_PX), 1))

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for any panel: the buttons go below each other before they shrink."""
        return QSize(2 * _LEAST_PX, super().minimumSizeHint().height())

    def _lay_out(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for button in self._buttons:
            self._grid.removeWidget(button)
        for i, button in enumerate(self._buttons):
            self._grid.addWidget(button, i // columns, i % columns)
        for column in range(len(self._buttons)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self.updateGeometry()
