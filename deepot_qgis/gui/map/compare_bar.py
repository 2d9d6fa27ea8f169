"""The strip at the top of the map that says what is compared with what."""

from __future__ import annotations

from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QEvent, QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton

from deepot_qgis.gui.map.views import MapView

_NARROWEST = 14  # characters of a title that are seen at least


class CompareBar(QFrame):
    """Two lists of views, a button that exchanges them, and one that ends.

    Signals
    -------
    chosen
        Another view was chosen on one of the sides.
    ended
    """

    chosen = pyqtSignal()
    ended = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas):
        super().__init__(canvas)
        self.setObjectName("deepotCompareBar")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.combos = (QComboBox(), QComboBox())
        self.exchange, self.end = QToolButton(), QToolButton()
        self.hint = QLabel()
        for combo, tip in zip(self.combos, (self.tr("What is on the left"), self.tr("What is on the right"))):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(_NARROWEST)
            combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            combo.setToolTip(tip)
            combo.currentIndexChanged.connect(lambda _index: self.chosen.emit())
        self.exchange.setText("⇄")
        self.exchange.setToolTip(self.tr("Exchange the two sides"))
        self.exchange.clicked.connect(self._exchange)
        self.end.setText("×")
        self.end.setAutoRaise(True)
        self.end.setToolTip(self.tr("End the comparison (Esc)"))
        self.end.clicked.connect(self.ended)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 3, 3, 3)
        for widget in (self.combos[0], self.exchange, self.combos[1], self.end):
            layout.addWidget(widget, 1 if widget in self.combos else 0)
        self._views: list[MapView] = []
        canvas.installEventFilter(self)
        self.hide()

    def offer(self, views: list[MapView], keys: tuple[str, str]) -> None:
        """Fill the lists; each side keeps what it shows while that is there, else it takes its key."""
        self._views = views
        known = [view.key for view in views]
        for combo, key in zip(self.combos, keys):
            combo.blockSignals(True)
            combo.clear()
            for view in views:
                combo.addItem(view.title, view.key)
            combo.setCurrentIndex(known.index(key) if key in known else 0)
            combo.blockSignals(False)
        self.chosen.emit()

    def views(self) -> tuple[MapView | None, MapView | None]:
        """Return what is chosen, left and right."""
        found = [next((v for v in self._views if v.key == combo.currentData()), None) for combo in self.combos]
        return found[0], found[1]

    def chosen_keys(self) -> tuple[str, str]:
        """Return the keys of what is chosen."""
        return self.combos[0].currentData() or "", self.combos[1].currentData() or ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def place(self) -> None:
        """Stand in the middle of the map's upper edge."""
        room = self.parentWidget().width()
        width = min(max(self.sizeHint().width(), 420), room - 8)
        self.setFixedWidth(max(width, 120))
        self.adjustSize()
        self.move(max((room - self.width()) // 2, 0), 4)

    def _exchange(self) -> None:
        left, right = self.chosen_keys()
        self.offer(self._views, (right, left))
