"""A bar that shows at a glance how much of the image was measured and why the rest was not."""

from __future__ import annotations

from collections.abc import Mapping

from qgis.PyQt.QtCore import QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from deepot_qgis.engine.quality import REASON_NAMES, Reason
from deepot_qgis.processing.layers.labels import reason_title
from deepot_qgis.processing.layers.styles import REASON_COLORS

_GOOD = QColor("#009e73")
_HEIGHT = 14


class ShareBar(QWidget):
    """Coloured like the mask layer, with the shares in words below."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._shares: list[tuple[str, float, QColor]] = []
        self._bar = _Bar(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(1, 1)
        self.setToolTip(self.tr("How much of the image was measured well, and why the rest is masked"))

    def set_shares(self, good: float, masked: Mapping[str, float]) -> None:
        """Show the share of good pixels and the share masked by each reason (the engine's names), 0..1."""
        reasons = {REASON_NAMES[reason]: reason for reason in Reason}
        self._shares = [(self.tr("good"), good, _GOOD)]
        for name, share in sorted(masked.items(), key=lambda item: -item[1]):
            reason = reasons.get(name)
            color = REASON_COLORS[reason] if reason is not None else QColor("#444444")
            self._shares.append((reason_title(reason) if reason is not None else name, share, color))
        self._lay_out()

    def text(self) -> str:
        """Return the shares in words."""
        return ", ".join(f"{name} {_percent(share)}" for name, share, _ in self._shares)

    def _lay_out(self) -> None:
        while self._grid.count():
            widget = self._grid.takeAt(0).widget()
            if widget is not self._bar:
                widget.hide()
                widget.deleteLater()
        self._bar.shares = self._shares
        self._bar.update()
        self._grid.addWidget(self._bar, 0, 0, 1, 3)
        for i, (name, share, color) in enumerate(self._shares, start=1):
            swatch = QLabel()
            swatch.setFixedSize(10, 10)
            swatch.setStyleSheet(f"background: {color.name()}; border: 1px solid rgba(0,0,0,90);")
            reason = QLabel(name)
            reason.setWordWrap(True)
            reason.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            self._grid.addWidget(swatch, i, 0)
            self._grid.addWidget(reason, i, 1)
            self._grid.addWidget(QLabel(_percent(share)), i, 2, Qt.AlignmentFlag.AlignRight)


class _Bar(QWidget):
    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.shares: list[tuple[str, float, QColor]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        left = 0.0
        for _, share, color in self.shares:
            width = share * self.width()
            painter.fillRect(QRectF(left, 0.0, width, float(self.height())), color)
            left += width
        painter.end()


def _percent(share: float) -> str:
    percent = 100.0 * share
    return f"{percent:.0f} %" if percent >= 1 or percent == 0 else f"{percent:.1f} %"
