"""What both pages of the plot dock share: the map, the series, a map tool, a plot with controls beside it."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem, QgsCsException, QgsGeometry
from qgis.gui import QgsMapCanvas, QgsMapTool
from qgis.PyQt.QtCore import QCoreApplication, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.timeseries.product import SeriesProduct
from deepot_qgis.gui.plots.canvas import figure_canvas, new_figure
from deepot_qgis.gui.plots.export import ExportButton
from deepot_qgis.gui.plots.markers import in_crs
from deepot_qgis.gui.plots.reading import Reader
from deepot_qgis.processing.present import present

_SIDE_WIDTH = 300
_SCROLL_BAR = 16


def _tr(text: str) -> str:
    """Translate in one context: `self.tr` would look for that of the subclass."""
    return QCoreApplication.translate("DeepOT", text)


class PlotPage(QWidget):
    """A plot, and what it is made with.

    Signals
    -------
    refused
        A DeepotError to be shown.
    said
        A sentence to be shown.
    """

    refused = pyqtSignal(object)
    said = pyqtSignal(str)

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(parent)
        self.canvas = canvas
        self.product: SeriesProduct | None = None
        self.reader = Reader(self)
        self.reader.failed.connect(self.refused)
        self.figure = new_figure()
        self.plot = figure_canvas(self.figure)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(4)
        self.controls = QFormLayout()
        self.controls.setContentsMargins(0, 0, 0, 0)
        self._tools: list[tuple[QToolButton, QgsMapTool]] = []
        self._arrange()
        canvas.mapToolSet.connect(self._tool_changed)

    def set_product(self, product: SeriesProduct | None) -> None:
        """Look into another series; what was picked in the old one is forgotten."""
        self.reader.stop()
        self.clear()
        self.product = product

    def clear(self) -> None:
        """Forget everything that was picked."""
        raise NotImplementedError

    def add_tool(self, label: str, tip: str, tool: QgsMapTool) -> QToolButton:
        """Add a button that gives the map a tool."""
        button = QToolButton()
        button.setText(label)
        button.setToolTip(tip)
        button.setCheckable(True)
        button.clicked.connect(lambda checked: self._take(tool, checked))
        self.tools.addWidget(button)
        self._tools.append((button, tool))
        return button

    def add_endings(self, stem: str, tip: str) -> None:
        """Add what ends a row of tools: a button that clears (`tip` says what) and one that saves as `stem`."""
        self.clear_button = QToolButton()
        self.clear_button.setText(_tr("Clear"))
        self.clear_button.setToolTip(tip)
        self.clear_button.clicked.connect(self.clear)
        self.export = ExportButton(lambda: self.figure, self.csv, stem)
        self.export.saved.connect(lambda path: self.said.emit(_tr("Saved: {path}").format(path=path)))
        self.export.failed.connect(self.refused)
        self.tools.addWidget(self.clear_button)
        self.tools.addWidget(self.export)
        self.tools.addStretch(1)

    def csv(self) -> str:
        """Return the numbers of the plot as a table."""
        raise NotImplementedError

    def fit_side(self) -> None:
        """Give the controls the width they need; the rest is the plot's."""
        self._scroll.setFixedWidth(max(_SIDE_WIDTH, self._side.minimumSizeHint().width() + _SCROLL_BAR))

    def shut_down(self) -> None:
        """Leave the map as it was found."""
        self.reader.stop()
        self.clear()
        self.canvas.mapToolSet.disconnect(self._tool_changed)
        for _, tool in self._tools:
            self.canvas.unsetMapTool(tool)
            if hasattr(tool, "remove"):
                tool.remove()

    def crs(self) -> QgsCoordinateReferenceSystem:
        """Return the series' CRS, invalid where it has none."""
        return QgsCoordinateReferenceSystem.fromWkt(present(self.product).grid.crs_wkt)

    def path(self) -> str:
        """Return where the series is, for a worker to open it."""
        return present(self.product).folder

    def placed(self, drawn: QgsGeometry) -> QgsGeometry:
        """Return what was drawn on the map in the series' CRS.

        Raises
        ------
        InputError
            There is no series, or the place cannot be transformed.
        """
        if self.product is None:
            raise InputError(_tr("There is no series to look into: run one in the panel, or choose a series.json."))
        try:
            return in_crs(drawn, self.canvas.mapSettings().destinationCrs(), self.crs())
        except QgsCsException:
            raise InputError(
                _tr("This place cannot be transformed to the CRS of the series: click inside the series.")
            ) from None

    def _take(self, tool: QgsMapTool, wanted: bool) -> None:
        if wanted:
            self.canvas.setMapTool(tool)
        else:
            self.canvas.unsetMapTool(tool)

    def _tool_changed(self, now: QgsMapTool | None, _before: QgsMapTool | None = None) -> None:
        for button, tool in self._tools:
            button.setChecked(tool is now)

    def _arrange(self) -> None:
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(4)
        column.addLayout(self.tools)
        column.addLayout(self.controls)
        self.column = column
        scroll = QScrollArea()
        scroll.setWidget(side)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._side, self._scroll = side, scroll
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.setSpacing(4)
        layout.addWidget(scroll)
        layout.addWidget(self.plot, 1)
