"""The map tools as actions, for menus and buttons."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QAction

from deepot_qgis.gui.map.compare import BlinkTool, CompareTool, SwipeTool
from deepot_qgis.gui.map.identify import IdentifyTool


class MapTools(QObject):
    """Identify, swipe and blink on one canvas; an action is ticked while its tool is in use.

    Attributes
    ----------
    identify, swipe, blink : QAction
    """

    def __init__(self, canvas: QgsMapCanvas, parent: QObject | None = None):
        super().__init__(parent)
        self._canvas = canvas
        self._tools: dict[QAction, CompareTool | IdentifyTool] = {}
        self.identify = self._action(
            self.tr("Identify"),
            self.tr("Click on the map: how far the ground moved there, how sure that is, or why it is masked"),
            IdentifyTool(canvas),
        )
        self.swipe = self._action(
            self.tr("Swipe"),
            self.tr("Drag a line across the map: one view left of it, another right"),
            SwipeTool(canvas),
        )
        self.blink = self._action(
            self.tr("Blink"),
            self.tr("Show two dates or two layers in turns: what moved jumps; a click on the map stops and goes on"),
            BlinkTool(canvas),
        )

    def actions(self) -> list[QAction]:
        """Return all actions."""
        return list(self._tools)

    def tool(self, action: QAction) -> CompareTool | IdentifyTool:
        """Return the tool of an action."""
        return self._tools[action]

    def shut_down(self) -> None:
        """Leave the map as it was found."""
        for tool in self._tools.values():
            self._canvas.unsetMapTool(tool)
            tool.remove()
        self._tools = {}

    def _action(self, text: str, tip: str, tool: CompareTool | IdentifyTool) -> QAction:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setToolTip(tip)
        tool.setAction(action)  # QGIS ticks it while the tool is in use
        action.triggered.connect(lambda checked, tool=tool: self._use(tool, checked))
        self._tools[action] = tool
        return action

    def _use(self, tool: QgsMapTool, wanted: bool) -> None:
        if wanted:
            self._canvas.setMapTool(tool)
            self._canvas.setFocus()
        else:
            self._canvas.unsetMapTool(tool)
