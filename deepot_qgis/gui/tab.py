"""What every tab of the panel is: a column of sections that scrolls, and a job for the Run button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QGroupBox, QScrollArea, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.sections.method import CORRELATION, MethodSection
from deepot_qgis.gui.sections.rows import align_labels, hint


class Section(NamedTuple):
    """A part of a tab, and whether it is a step of the work, which is numbered."""

    widget: QGroupBox
    step: bool = True


class Tab(QScrollArea):
    """A column of sections. The subclass fills it and says what Run does.

    Attributes
    ----------
    HELP_PAGE : str
        The page of docs/ that the panel's Help button opens while this tab is shown.
    HAS_RUN : bool
        Whether the panel's Run button does anything while this tab is shown.

    Signals
    -------
    install_wanted
        ONNX Runtime is missing and the user wants it.
    """

    HELP_PAGE = "index"
    HAS_RUN = True
    install_wanted = pyqtSignal()

    def __init__(self, desk: Desk, parent: QWidget | None = None):
        super().__init__(parent)
        self.desk = desk
        column = QWidget()
        self.column = QVBoxLayout(column)
        self.column.setContentsMargins(6, 6, 6, 6)
        self.column.setSpacing(8)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(column)

    def fill(self, question: str, sections: Sequence[Section], *first: QWidget) -> None:
        """Lay out the question that the tab answers, what comes first, and the sections; steps are numbered."""
        for widget in (hint(question), *first):  # in this order: the Tab key goes by it
            self.column.addWidget(widget)
        number = 0
        for section in sections:
            if section.step:
                number += 1
                section.widget.setTitle(f"{number}. {section.widget.title()}")
            self.column.addWidget(section.widget)
        self.column.addStretch(1)
        align_labels(section.widget for section in sections if section.step)

    def ways_to_measure(self, method: MethodSection) -> tuple[str | Callable[[], object], ...]:
        """Return what to offer where ONNX Runtime is missing: install it, or do without."""
        return (
            self.tr("Install ONNX Runtime"),
            self.install_wanted.emit,
            self.tr("Use the conventional method"),
            lambda: self._go_conventional(method),
        )

    def run_tip(self) -> str:
        """Return what the Run button does while this tab is shown."""
        raise NotImplementedError

    def run(self) -> None:
        """Do what the Run button asks for."""
        raise NotImplementedError

    def known(self) -> dict[str, Any]:
        """Return what the dialogs of algorithms can be filled with: values by the name of the parameter."""
        return {}

    def shut_down(self) -> None:
        """Stop what is under way in the background; the plugin is about to be unloaded."""

    def show_error(self, error: DeepotError) -> None:
        """Say what is wrong, with a way out where the tab knows one."""
        self.desk.show_error(error)

    def reveal(self, section: QWidget) -> None:
        """Scroll to a section that has just been filled, once it has its size."""
        QTimer.singleShot(0, lambda: self.ensureWidgetVisible(section, 0, 0))

    def _go_conventional(self, method: MethodSection) -> None:
        self.desk.run_bar.notice.clear()
        method.method.setCurrentIndex(method.method.findData(CORRELATION))
