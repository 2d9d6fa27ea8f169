"""Displacement against time: click points, draw areas, compare them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from qgis.core import QgsGeometry, QgsWkbTypes
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QWidget

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.timeseries.product import PointSeries, SeriesProduct
from deepot_qgis.gui.plots.markers import Marker
from deepot_qgis.gui.plots.page import PlotPage
from deepot_qgis.gui.plots.pick_table import PickTable
from deepot_qgis.gui.plots.picks import (
    ALONG,
    COMPONENTS,
    MAGNITUDE,
    REFERENCE_COLOR,
    Pick,
    Picks,
    Quantity,
    color_of,
)
from deepot_qgis.gui.plots.tables import time_csv
from deepot_qgis.gui.plots.time_figure import ANNUAL, LINEAR, NO_FIT, FitRow, draw_time, is_small
from deepot_qgis.gui.plots.tools import DrawTool, PointTool
from deepot_qgis.gui.sections.rows import hint, narrow, row
from deepot_qgis.gui.settings import remember
from deepot_qgis.processing.spoken import spoken

_WINDOWS = (1, 3, 5)


class TimePage(PlotPage):
    """Histories of places, with error bars and fits."""

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(canvas, parent)
        self.picks = Picks()
        self.rows: list[FitRow] = []
        self._small = False
        self.show_kind, self.fit, self.averaged = (narrow(QComboBox()) for _ in range(3))
        self.bearing = QDoubleSpinBox()
        self.table = PickTable()
        self.problem = hint()
        self._make_tools()
        self._fill()
        self._explain()
        self._lay_out()
        for widget, key in (
            (self.show_kind, "plot_quantity"),
            (self.bearing, "plot_bearing"),
            (self.fit, "plot_fit"),
            (self.averaged, "plot_window_px"),
        ):
            remember(widget, key)
        self.show_kind.currentIndexChanged.connect(self.redraw)
        self.fit.currentIndexChanged.connect(self.redraw)
        self.bearing.valueChanged.connect(self.redraw)
        self.averaged.currentIndexChanged.connect(self._read_again)
        self.table.removed.connect(self.remove)
        self.redraw()

    # ---- construction

    def _make_tools(self) -> None:
        point, reference = PointTool(self.canvas), PointTool(self.canvas)
        area = DrawTool(self.canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self.point = self.add_tool(self.tr("Point"), self.tr("Click points on the map, each becomes a curve"), point)
        self.area = self.add_tool(
            self.tr("Area"),
            self.tr("Draw an area on the map: left clicks add corners, a right click ends; its mean becomes a curve"),
            area,
        )
        self.reference = self.add_tool(
            self.tr("Reference"),
            self.tr("Click stable ground on the map: its motion is subtracted from every curve"),
            reference,
        )
        point.picked.connect(self.pick)
        area.picked.connect(self.pick)
        reference.picked.connect(self.pick_reference)
        self.add_endings("displacement_time", self.tr("Remove all curves, markers and the reference"))

    def _fill(self) -> None:
        self.show_kind.addItem(self.tr("Magnitude"), MAGNITUDE)
        self.show_kind.addItem(self.tr("East and north"), COMPONENTS)
        self.show_kind.addItem(self.tr("Along a bearing"), ALONG)
        self.fit.addItem(self.tr("Line"), LINEAR)
        self.fit.addItem(self.tr("Line and yearly wave"), ANNUAL)
        self.fit.addItem(self.tr("None"), NO_FIT)
        for size in _WINDOWS:
            self.averaged.addItem(self.tr("{size} × {size} pixels").format(size=size), size)
        self.averaged.setCurrentIndex(1)
        self.bearing.setRange(0.0, 360.0)
        self.bearing.setDecimals(0)
        self.bearing.setWrapping(True)
        self.bearing.setSuffix("°")

    def _explain(self) -> None:
        self.show_kind.setToolTip(
            self.tr(
                "What is plotted. A magnitude is never negative and grows by noise alone; a bearing shows the sign and "
                "compares with an extensometer."
            )
        )
        self.bearing.setToolTip(self.tr("Direction that counts as positive, degrees clockwise from north"))
        self.fit.setToolTip(
            self.tr("Model through each curve: a constant velocity, with or without a wave of one year")
        )
        self.averaged.setToolTip(
            self.tr("How many pixels around a clicked point are averaged, weighted by their uncertainty")
        )

    def _lay_out(self) -> None:
        self.controls.addRow(self.tr("Show"), row(self.show_kind, self.bearing))
        self.controls.addRow(self.tr("Fit"), self.fit)
        self.controls.addRow(self.tr("Average"), self.averaged)
        self.column.addWidget(self.table, 1)
        self.column.addWidget(self.problem)
        self.fit_side()

    # ---- what the user does

    def pick(self, drawn: QgsGeometry) -> None:
        """Read the history of a point or an area of the map, and plot it."""
        self._ask(drawn, self.picks.free_number)

    def pick_reference(self, drawn: QgsGeometry) -> None:
        """Subtract the history of a point from all others."""
        self._ask(drawn, lambda: 0)

    def remove(self, number: int) -> None:
        """Forget one place; 0 is the reference."""
        if number:
            self.picks.remove(number)
        else:
            self.picks.set_reference(None)
        self.redraw()

    def clear(self) -> None:
        self.picks.clear()
        self.redraw()

    def quantity(self) -> Quantity:
        """Return what is plotted."""
        return Quantity(self.show_kind.currentData(), self.bearing.value())

    def csv(self) -> str:
        """Return the plotted numbers."""
        return time_csv(self.picks, self.quantity())

    # ---- reading and drawing

    def _ask(self, drawn: QgsGeometry, number: Callable[[], int]) -> None:
        try:
            place = self.placed(drawn)
        except DeepotError as error:
            self.refused.emit(error)
            return
        self._read(place.asWkt(12), place, number)

    def _read(self, wkt: str, place: QgsGeometry, number: Callable[[], int]) -> None:
        size, path = self.averaged.currentData(), self.path()
        self.reader.read(path, partial(_history, wkt=wkt, place=_xy(place), size=size), partial(self._add, wkt, number))

    def _add(self, wkt: str, number: Callable[[], int], series: PointSeries) -> None:
        chosen = number()
        geometry = QgsGeometry.fromWkt(wkt)
        color = color_of(chosen) if chosen else REFERENCE_COLOR
        pick = Pick(chosen, wkt, series, Marker(self.canvas, geometry, self.crs(), color, square=not chosen))
        if chosen:
            self.picks.put(pick)
        else:
            self.picks.set_reference(pick)
        self.redraw()

    def _read_again(self) -> None:
        """The window changed: areas stay as they are, points are averaged anew."""
        again = [*self.picks, *([self.picks.reference] if self.picks.reference else [])]
        for pick in again:
            place = QgsGeometry.fromWkt(pick.wkt)
            if _xy(place) is not None:
                self._read(pick.wkt, place, partial(int, pick.number))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self._resized)  # once the figure has its new size

    def _resized(self) -> None:
        if is_small(self.figure) != self._small:
            self.redraw()

    def redraw(self, *_: object) -> None:
        """Draw everything as it is chosen now."""
        self.bearing.setVisible(self.show_kind.currentData() == ALONG)
        self._small = is_small(self.figure)
        self.rows = draw_time(self.figure, self.picks, self.quantity(), self.fit.currentData())
        self.plot.draw_idle()
        self.table.show_rows(self.rows, self.picks.reference)
        problems = sorted({row.problem for row in self.rows if row.problem})
        self.problem.setText(spoken(" ".join(problems)))
        self.problem.setVisible(bool(problems))


def _xy(place: QgsGeometry) -> tuple[float, float] | None:
    """Return the coordinates of a point, None for an area."""
    if place.type() != QgsWkbTypes.GeometryType.PointGeometry:
        return None
    return place.asPoint().x(), place.asPoint().y()


def _history(product: SeriesProduct, wkt: str, place: tuple[float, float] | None, size: int) -> PointSeries:
    return product.within(wkt) if place is None else product.at(*place, size)
