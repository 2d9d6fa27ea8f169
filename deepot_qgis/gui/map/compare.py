"""Compare two views of one place: a line that is dragged across the map, or one after the other."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtGui import QKeyEvent

from deepot_qgis.gui.map.compare_bar import CompareBar
from deepot_qgis.gui.map.overlay import Overlay, Side
from deepot_qgis.gui.map.views import BARE, MAP, map_views, two_dates
from deepot_qgis.processing.present import current_project, present

BLINK_MS = 700  # slow enough to see what moved, fast enough to remember where it was
_STEP = 0.02  # of the width, for an arrow key
_SETTLE_MS = 100


class CompareTool(QgsMapTool):
    """What both ways of comparing share: two sides, their lists, and a drawing that follows the map.

    Attributes
    ----------
    bar : CompareBar
    overlay : Overlay or None
        There while the tool is in use.
    """

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self._canvas = canvas
        self.bar = CompareBar(canvas)
        self.sides = (Side(canvas), Side(canvas))
        self.overlay: Overlay | None = None
        self._settle = QTimer()
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._offer)
        self.bar.chosen.connect(self._show)
        self.bar.ended.connect(self.end)
        for side in self.sides:
            side.drawn.connect(self._repaint)

    def first_keys(self) -> tuple[str, str]:
        """Return what is compared at first."""
        raise NotImplementedError

    def make_overlay(self) -> Overlay:
        """Return the overlay as this way of comparing begins."""
        raise NotImplementedError

    def activate(self) -> None:
        super().activate()
        self.overlay = self.make_overlay()
        self.bar.offer(map_views(self._canvas), self.first_keys())
        self.bar.place()
        self.bar.show()
        self._canvas.extentsChanged.connect(self._draw)
        self._canvas.layersChanged.connect(self._settle.start)
        current_project().layersRemoved.connect(self._forget)

    def deactivate(self) -> None:
        if self.overlay is not None:
            self._canvas.extentsChanged.disconnect(self._draw)
            self._canvas.layersChanged.disconnect(self._settle.start)
            current_project().layersRemoved.disconnect(self._forget)
            for side in self.sides:
                side.show(None)
            self._canvas.scene().removeItem(self.overlay)
            self.overlay = None
        self._settle.stop()
        self.bar.hide()
        super().deactivate()

    def end(self) -> None:
        """Put the tool away."""
        self._canvas.unsetMapTool(self)

    def remove(self) -> None:
        """Take everything off the map for good."""
        self.end()
        self.bar.deleteLater()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        event = present(event)
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.end()

    def _offer(self) -> None:
        if self.overlay is not None:
            self.bar.offer(map_views(self._canvas), self.bar.chosen_keys())

    def _forget(self, *_identifiers: object) -> None:
        """A layer is gone: let go of it at once, then look what is left."""
        for side in self.sides:
            side.show(None)
        self._offer()

    def _show(self) -> None:
        if self.overlay is not None:
            for side, view in zip(self.sides, self.bar.views()):
                side.show(view)

    def _draw(self) -> None:
        for side in self.sides:
            side.draw()

    def _repaint(self) -> None:
        if self.overlay is not None:
            self.overlay.update()


class SwipeTool(CompareTool):
    """A line across the map, one view left of it, the other right; it is dragged, or moved by the arrow keys."""

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self._canvas = canvas
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self._share = 0.5
        self._dragged = False

    def first_keys(self) -> tuple[str, str]:
        return BARE, MAP

    def make_overlay(self) -> Overlay:
        overlay = Overlay(self._canvas, self.sides)
        overlay.split = self._share
        return overlay

    def canvasPressEvent(self, event: QgsMapMouseEvent | None) -> None:
        event = present(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = True
            self._move_to(event)

    def canvasMoveEvent(self, event: QgsMapMouseEvent | None) -> None:
        if self._dragged:
            self._move_to(present(event))

    def canvasReleaseEvent(self, _event: QgsMapMouseEvent | None) -> None:
        self._dragged = False

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        event = present(event)
        if event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)
            return
        event.accept()  # not the map's own meaning of the key
        self._move(self._share + (_STEP if event.key() == Qt.Key.Key_Right else -_STEP))

    def _move_to(self, event: QgsMapMouseEvent) -> None:
        self._move(event.pos().x() / max(self._canvas.width(), 1))

    def _move(self, share: float) -> None:
        self._share = min(max(share, 0.0), 1.0)
        if self.overlay is not None:
            self.overlay.split = self._share
            self.overlay.update()


class BlinkTool(CompareTool):
    """One view, then the other, in turns; a click or the space bar stops and goes on."""

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self._canvas = canvas
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._timer = QTimer()
        self._timer.setInterval(BLINK_MS)
        self._timer.timeout.connect(self._turn)

    def first_keys(self) -> tuple[str, str]:
        return two_dates(map_views(self._canvas)) or (BARE, MAP)

    def make_overlay(self) -> Overlay:
        overlay = Overlay(self._canvas, self.sides)
        overlay.split = None
        return overlay

    def activate(self) -> None:
        super().activate()
        self._timer.start()

    def deactivate(self) -> None:
        self._timer.stop()
        super().deactivate()

    def running(self) -> bool:
        """Say whether the views take turns."""
        return self._timer.isActive()

    def canvasReleaseEvent(self, event: QgsMapMouseEvent | None) -> None:
        event = present(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._stop_or_go_on()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        event = present(event)
        if event.key() == Qt.Key.Key_Space:
            event.accept()
            self._stop_or_go_on()
        else:
            super().keyPressEvent(event)

    def _stop_or_go_on(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
        else:
            self._timer.start()

    def _turn(self) -> None:
        """Show the other side once it is drawn: an empty map between two pictures would look like a change."""
        if self.overlay is not None and self.sides[1 - self.overlay.front].ready():
            self.overlay.front = 1 - self.overlay.front
            self.overlay.update()
