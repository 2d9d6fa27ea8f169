"""The tab itself: a box for each step of the work, in it a button for each algorithm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtGui import QShowEvent
from qgis.PyQt.QtWidgets import QDialog, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.rows import hint
from deepot_qgis.gui.tab import Tab
from deepot_qgis.gui.toolbox.listing import Group, filled, groups

_LINE = 32  # widths of a Latin letter; a longer name takes a second line
_BREAK = re.compile(r"(?<=[\s、，])|(?=（)")  # East Asian texts have no spaces between words


def in_lines(name: str) -> str:
    """Break a name that is too long for one line of a button."""
    lines = [""]
    for part in _BREAK.split(name):
        if lines[-1] and _width(lines[-1] + part.rstrip()) > _LINE:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.strip() for line in lines)


def _width(text: str) -> int:
    """East Asian characters are as wide as two Latin letters."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


class ToolsTab(Tab):
    """Every algorithm of the plugin; a click opens its dialog with the current layers filled in.

    Parameters
    ----------
    known
        Returns what the other tabs know, by the name of the parameter.
    """

    HELP_PAGE = "algorithms"
    HAS_RUN = False

    def __init__(self, desk: Desk, known: Callable[[], Mapping[str, Any]], parent: QWidget | None = None):
        super().__init__(desk, parent)
        self._known = known
        self._shown: tuple[str, ...] = ()
        self._buttons: list[tuple[Button, str]] = []  # with what the search looks at
        self._boxes: list[tuple[QLabel, QFrame]] = []
        self._dialog: QDialog | None = None
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setToolTip(self.tr("Show only the tools whose name, description or keywords hold these words"))
        self.search.textChanged.connect(self._filter)
        self.none = hint(self.tr("No tools: switch on the plugin 'Processing' under Plugins, or search for less."))
        self.column.addWidget(
            hint(self.tr("Which single step do you need? Its dialog opens with the layers chosen here."))
        )
        self.column.addWidget(self.search)
        self.column.addWidget(self.none)
        self.column.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for new algorithms; other plugins and scripts may have been switched on or off."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show what the provider has now."""
        found = groups()
        ids = tuple(one.id() for group in found for one in group.algorithms)
        if ids != self._shown or not ids:
            self._shown = ids
            self._fill(found)

    def run_tip(self) -> str:
        return self.tr("Every tool has a dialog of its own, with its own Run")

    def open(self, algorithm: QgsProcessingAlgorithm) -> None:
        """Show the dialog of an algorithm."""
        from processing import createAlgorithmDialog  # late: it is another plugin, and imports much

        dialog = createAlgorithmDialog(algorithm.id(), filled(algorithm, self._known()))
        if dialog is not None:
            self._dialog = dialog  # QGIS's own reference is not enough
            dialog.show()

    def _fill(self, found: tuple[Group, ...]) -> None:
        for part in (part for parts in self._boxes for part in parts):
            self.column.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._boxes, self._buttons = [], []
        for number, group in enumerate(found, start=1):
            title = hint(f"{number}. {group.title}")  # may take two lines, as the title of a group box may not
            font = self.font()
            font.setBold(True)
            title.setFont(font)
            self.column.insertWidget(self.column.count() - 1, title)
            box = QFrame()
            box.setFrameShape(QFrame.Shape.StyledPanel)
            layout = QVBoxLayout(box)
            layout.setContentsMargins(8, 6, 8, 8)
            layout.setSpacing(4)
            for algorithm in group.algorithms:
                layout.addWidget(self._button(algorithm))
            self.column.insertWidget(self.column.count() - 1, box)
            self._boxes.append((title, box))
        self._filter()

    def _button(self, algorithm: QgsProcessingAlgorithm) -> Button:
        button = Button(in_lines(algorithm.displayName()).replace("&", "&&"))
        button.setObjectName(algorithm.id())
        button.setStyleSheet("text-align: left; padding: 4px 8px;")
        button.setToolTip(algorithm.shortDescription())
        button.clicked.connect(lambda _checked=False: self.open(algorithm))
        words = " ".join([algorithm.displayName(), algorithm.shortDescription(), *algorithm.tags(), algorithm.id()])
        self._buttons.append((button, words.lower()))
        return button

    def _filter(self, *_text: object) -> None:
        wanted = self.search.text().lower().split()
        for button, words in self._buttons:
            button.setVisible(all(word in words for word in wanted))
        for title, box in self._boxes:
            some = any(not button.isHidden() for button in box.findChildren(Button))
            title.setVisible(some)
            box.setVisible(some)
        self.none.setVisible(all(box.isHidden() for _, box in self._boxes))
