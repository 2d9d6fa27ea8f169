"""A profile along a drawn line: velocity, or displacement between two dates."""

from __future__ import annotations

from functools import partial

from qgis.core import QgsGeometry, QgsWkbTypes
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtWidgets import QComboBox, QWidget

from deepot_qgis.engine import dates
from deepot_qgis.engine.errors import DeepotError, InputError
from deepot_qgis.engine.timeseries.product import Profile, SeriesProduct
from deepot_qgis.gui.plots.markers import Marker
from deepot_qgis.gui.plots.page import PlotPage
from deepot_qgis.gui.plots.profile_figure import (
    ACROSS,
    ALONG,
    COLOR,
    EAST,
    MAGNITUDE,
    NORTH,
    Drawn,
    between,
    component,
    component_title,
    distance_on_ground,
    draw_profile,
    velocity,
)
from deepot_qgis.gui.plots.tables import profile_csv
from deepot_qgis.gui.plots.tools import DrawTool
from deepot_qgis.gui.sections.rows import hint, narrow
from deepot_qgis.gui.settings import remember

VELOCITY, DISPLACEMENT = "velocity", "displacement"


class ProfilePage(PlotPage):
    """One line at a time."""

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(canvas, parent)
        self.profile: Profile | None = None
        self._marker: Marker | None = None
        self.what, self.first, self.second, self.component = (narrow(QComboBox()) for _ in range(4))
        self._make_tools()
        self._fill()
        self._explain()
        self.controls.addRow(self.tr("Show"), self.what)
        self.controls.addRow(self.tr("From"), self.first)
        self.controls.addRow(self.tr("To"), self.second)
        self.controls.addRow(self.tr("Component"), self.component)
        self.column.addWidget(hint(self.tr("Draw a line on the map: left clicks add corners, a right click ends.")))
        self.column.addStretch(1)
        self.fit_side()
        remember(self.what, "profile_quantity")
        remember(self.component, "profile_component")
        for combo in (self.what, self.first, self.second, self.component):
            combo.currentIndexChanged.connect(self.redraw)
        self.redraw()

    def _make_tools(self) -> None:
        tool = DrawTool(self.canvas, QgsWkbTypes.GeometryType.LineGeometry)
        self.line = self.add_tool(
            self.tr("Draw line"), self.tr("Draw a line on the map: left clicks add corners, a right click ends"), tool
        )
        tool.picked.connect(self.pick)
        self.add_endings("profile", self.tr("Remove the profile and its line"))

    def _fill(self) -> None:
        self.what.addItem(self.tr("Velocity"), VELOCITY)
        self.what.addItem(self.tr("Displacement between two dates"), DISPLACEMENT)
        for kind in (MAGNITUDE, ALONG, ACROSS, EAST, NORTH):
            self.component.addItem(component_title(kind), kind)

    def _explain(self) -> None:
        self.what.setToolTip(
            self.tr("Mean velocity over all dates (a year has 365.25 days), or what moved between two")
        )
        self.first.setToolTip(self.tr("Displacement is counted from this date (UTC)"))
        self.second.setToolTip(self.tr("Displacement is counted to this date (UTC)"))
        self.component.setToolTip(self.tr("Along: in the direction in which the line was drawn. Across: to its right."))

    def set_product(self, product: SeriesProduct | None) -> None:
        super().set_product(product)
        texts = [dates.text(moment) for moment in product.dates] if product else []
        for combo, chosen in ((self.first, 0), (self.second, len(texts) - 1)):
            combo.blockSignals(True)
            combo.clear()
            for index, text in enumerate(texts):
                combo.addItem(text, index)
            combo.setCurrentIndex(chosen)
            combo.blockSignals(False)

    def pick(self, drawn: QgsGeometry) -> None:
        """Read the profile along a line of the map, and plot it."""
        try:
            line = self.placed(drawn)
        except DeepotError as error:
            self.refused.emit(error)
            return
        corners = tuple((point.x(), point.y()) for point in line.asPolyline())
        self.reader.read(self.path(), partial(_profile, corners=corners), partial(self._take_profile, line))

    def clear(self) -> None:
        self.profile = None
        if self._marker is not None:
            self._marker.remove()
            self._marker = None
        self.redraw()

    def csv(self) -> str:
        """Return the plotted numbers.

        Raises
        ------
        InputError
            Nothing is plotted.
        """
        drawn = self.drawn()
        if drawn is None or self.profile is None:
            raise InputError(self.tr("There is no profile yet: draw a line on the map first."))
        title = f"{self.what.currentData()}_{self.component.currentData()}_{drawn.unit.replace('/', '_')}"
        return profile_csv(self.profile, drawn.distance, drawn.values, drawn.sigma, title)

    def drawn(self) -> Drawn | None:
        """Return what is plotted, in the series' unit."""
        if self.profile is None:
            return None
        fast, kind = self.what.currentData() == VELOCITY, self.component.currentData()
        if fast:
            moved = velocity(self.profile)
            title = self.tr("Velocity: {component}")
        else:
            moved = between(self.profile, self.first.currentData(), self.second.currentData())
            title = self.tr("Displacement: {component}")
        return Drawn(
            distance_on_ground(self.profile, self.crs()),
            component(moved, kind),
            moved.sigma[0],
            title.format(component=component_title(kind)),
            self.profile.unit + ("/yr" if fast else ""),
        )

    def redraw(self, *_: object) -> None:
        """Draw everything as it is chosen now."""
        dated = self.what.currentData() == DISPLACEMENT
        self.first.setEnabled(dated)
        self.second.setEnabled(dated)
        draw_profile(self.figure, self.drawn())
        self.plot.draw_idle()

    def _take_profile(self, line: QgsGeometry, profile: Profile) -> None:
        self.clear()
        self.profile = profile
        self._marker = Marker(self.canvas, line, self.crs(), COLOR)
        self.redraw()


def _profile(product: SeriesProduct, corners: tuple[tuple[float, float], ...]) -> Profile:
    return product.profile(corners)
