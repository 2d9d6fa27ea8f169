"""The button beside Help: what is needed around measuring, now and then."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtWidgets import QAction, QMenu, QToolButton, QWidget


class ToolsButton(QToolButton):
    """A menu with the map tools, ONNX Runtime's installation and the diagnostics."""

    def __init__(self, map_actions: Sequence[QAction] = (), parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("deepotTools")
        self.setText("⋮")
        self.setAutoRaise(True)
        self.setToolTip(self.tr("Map tools, ONNX Runtime, and diagnostics for those who help"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions(list(map_actions))
        menu.addSeparator()
        self.runtime = menu.addAction(self.tr("ONNX Runtime…"))
        self.runtime.setToolTip(self.tr("Install, install again or remove what runs the networks"))
        self.diagnostics = menu.addAction(self.tr("Copy diagnostics"))
        self.diagnostics.setToolTip(
            self.tr(
                "Copy versions, devices, settings, the last log and the last error as Markdown, to ask for help with"
            )
        )
        self.setMenu(menu)
