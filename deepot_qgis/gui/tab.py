"""What every tab of the panel is: a column of sections that scrolls, and a job for the Run button."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.gui.desk import Desk


class Tab(QScrollArea):
    """A column of sections. The subclass fills it and says what Run does.

    Attributes
    ----------
    HELP_PAGE : str
        The page of docs/ that the panel's Help button opens while this tab is shown.
    """

    HELP_PAGE = "index"

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

    def run_tip(self) -> str:
        """Return what the Run button does while this tab is shown."""
        raise NotImplementedError

    def run(self) -> None:
        """Do what the Run button asks for."""
        raise NotImplementedError

    def shut_down(self) -> None:
        """Stop what is under way in the background; the plugin is about to be unloaded."""

    def show_error(self, error: DeepotError) -> None:
        """Say what is wrong, with a way out where the tab knows one."""
        self.desk.show_error(error)

    def reveal(self, section: QWidget) -> None:
        """Scroll to a section that has just been filled, once it has its size."""
        QTimer.singleShot(0, lambda: self.ensureWidgetVisible(section, 0, 0))
