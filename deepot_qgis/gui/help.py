"""The way from the panel to the pages of help."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QToolButton, QWidget

from deepot_qgis.processing.help_pages import page_url


def open_help(page: str) -> None:
    """Show a page of help in the web browser; it needs no network where the plugin carries its pages."""
    QDesktopServices.openUrl(QUrl(page_url(page)))


class HelpButton(QToolButton):
    """Opens the page that belongs to what is shown.

    Parameters
    ----------
    page
        Returns the name of that page.
    """

    def __init__(self, page: Callable[[], str], parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("deepotHelp")
        self.setText(self.tr("Help"))
        self.setIcon(QgsApplication.getThemeIcon("/mActionHelpContents.svg"))  # without it the text is shown
        self.setAutoRaise(True)
        self.setToolTip(self.tr("Open the page of the manual that belongs to this tab, in the web browser"))
        self.clicked.connect(lambda: open_help(page()))
