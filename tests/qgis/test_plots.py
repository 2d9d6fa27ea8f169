"""The dock "Displacement against time": clicked on a real map, plotted, fitted, exported."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QToolButton

from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.gui.plots.dock import PlotDock
from deepot_qgis.gui.plots.picks import ALONG, COMPONENTS, MAGNITUDE, color_of
from deepot_qgis.gui.plots.time_figure import ANNUAL, LINEAR, NO_FIT
from deepot_qgis.processing.layers.series import add_series_group
from deepot_qgis.processing.layers.series_files import series_files
from tests.qgis import series

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> str:
    return series.write(tmp_path_factory.mktemp("series") / "mound")


@pytest.fixture
def canvas(qgis_canvas, qgis_new_project):
    qgis_canvas.resize(640, 480)
    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32613"))
    qgis_canvas.setExtent(QgsRectangle(500000, 4199040, 501280, 4200000))
    return qgis_canvas


@pytest.fixture
def make_plots(canvas, qtbot):
    """Return a call that opens the dock, with a series or without."""
    made = []

    def make(path: str = "") -> PlotDock:
        dock = PlotDock(canvas)
        qtbot.addWidget(dock)
        dock.resize(1000, 320)
        dock.show()
        if path:
            dock.show_series(path)
        made.append(dock)
        return dock

    yield make
    for dock in made:
        dock.shut_down()


@pytest.fixture
def plots(make_plots, record):
    return make_plots(record)


def pixel(canvas, x: float, y: float) -> QPoint:
    return canvas.getCoordinateTransform().transform(QgsPointXY(x, y)).toQPointF().toPoint()


def where(canvas, x: float, y: float) -> tuple[float, float]:
    """Map coordinates of the screen pixel nearest to a place: what a click there means."""
    point = canvas.getCoordinateTransform().toMapCoordinates(pixel(canvas, x, y))
    return point.x(), point.y()


def click(qtbot, page, canvas, *places, finish: bool = False) -> None:
    """Click places on the map and wait until they are read."""
    for place in places:
        QTest.mouseClick(canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel(canvas, *place))
    if finish:
        QTest.mouseClick(canvas.viewport(), RIGHT, Qt.KeyboardModifier.NoModifier, pixel(canvas, *places[-1]))
    qtbot.waitUntil(lambda: not page.reader.busy(), timeout=20_000)


def choose(combo, data) -> None:
    combo.setCurrentIndex(combo.findData(data))
    assert combo.currentData() == data


def plotted(axes) -> list[np.ndarray]:
    """Values of each curve with error bars, in the order of the legend."""
    return [container.lines[0].get_ydata() for container in axes.containers]


def test_a_click_plots_what_the_series_holds_there(plots, canvas, qtbot, record):
    page = plots.time
    choose(page.show_kind, COMPONENTS)
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP, series.STILL)
    product = open_series(record)
    east, north = page.figure.axes
    for i, place in enumerate((series.TOP, series.STILL)):
        expected = product.at(*where(canvas, *place), 3)
        np.testing.assert_allclose(plotted(east)[i], expected.east, rtol=1e-6)  # metres: the motion is above one
        np.testing.assert_allclose(plotted(north)[i], expected.north, rtol=1e-6)
    bars = east.containers[0].lines[2][0].get_segments()
    assert bars[-1][1][1] - bars[-1][0][1] == pytest.approx(2 * expected.sigma[-1], rel=1e-3)


def test_two_points_have_their_markers_colours(plots, canvas, qtbot):
    page = plots.time
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP, series.STILL)
    first, second = page.picks
    colors = [container.lines[0].get_color() for container in page.figure.axes[0].containers]
    assert colors == [first.marker.color(), second.marker.color()] == [color_of(1), color_of(2)]
    assert first.marker.item.center().x() == pytest.approx(where(canvas, *series.TOP)[0])
    assert first.symbol != second.symbol


def test_a_line_is_fitted_and_its_velocity_shown(plots, canvas, qtbot):
    page = plots.time
    choose(page.show_kind, MAGNITUDE)
    choose(page.fit, LINEAR)
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP)
    row = page.rows[0]
    assert row.fitted.rate == pytest.approx(5.0, abs=0.1)  # hypot(3, 4)
    assert row.fitted.r2 > 0.99 and 0 < row.fitted.rate_sigma < 0.1
    assert page.table.item(0, 1).text() == row.rate_text() and "±" in row.rate_text()
    assert row.rate_text() in page.figure.axes[0].get_legend().get_texts()[0].get_text()
    choose(page.fit, ANNUAL)
    assert page.rows[0].fitted.model == "annual"
    choose(page.fit, NO_FIT)
    row = page.rows[0]
    assert row.fitted is None and page.table.item(0, 1).text() == "–"
    assert {row.rate_text(), row.r2_text(), row.rmse_text()} == {"–"}  # a row without a fit has no numbers


def test_a_small_plot_keeps_its_numbers_in_the_table(plots, canvas, qtbot):
    page = plots.time
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP)

    def legend() -> str:
        return page.figure.axes[0].get_legend().get_texts()[0].get_text()

    assert "R²" in legend()
    plots.resize(620, 320)
    qtbot.waitUntil(lambda: legend() == "1", timeout=20_000)
    assert "±" in page.table.item(0, 1).text()


def test_along_a_bearing_has_a_sign(plots, canvas, qtbot):
    page = plots.time
    choose(page.show_kind, ALONG)
    page.bearing.setValue(0)
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP)
    assert page.rows[0].fitted.rate == pytest.approx(series.NORTH_RATE, abs=0.1)
    page.bearing.setValue(180)
    assert page.rows[0].fitted.rate == pytest.approx(-series.NORTH_RATE, abs=0.1)


def test_an_area_is_the_mean_inside_it(plots, canvas, qtbot, record):
    page = plots.time
    choose(page.show_kind, COMPONENTS)
    x, y = series.TOP
    qtbot.mouseClick(page.area, LEFT)
    corners = [(x - 100, y - 100), (x + 100, y - 100), (x + 100, y + 100), (x - 100, y + 100)]
    click(qtbot, page, canvas, *corners, finish=True)
    pick = next(iter(page.picks))
    assert pick.series.pixels == pytest.approx(400, abs=45)
    expected = open_series(record).within(pick.wkt)
    np.testing.assert_allclose(plotted(page.figure.axes[0])[0], expected.east, rtol=1e-6)
    assert "mean of" in page.table.item(0, 0).text()


def test_a_reference_is_subtracted_and_can_be_taken_back(make_plots, canvas, qtbot, tmp_path):
    page = make_plots(series.write(tmp_path / "shifted", shift_m=1.0)).time
    choose(page.show_kind, COMPONENTS)
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP)
    assert page.rows[0].fitted.rate == pytest.approx(series.EAST_RATE + 1, abs=0.1)
    qtbot.mouseClick(page.reference, LEFT)
    click(qtbot, page, canvas, series.STILL)
    assert page.rows[0].fitted.rate == pytest.approx(series.EAST_RATE, abs=0.1)
    last = page.table.rowCount() - 1
    assert page.table.item(last, 0).text() == "Reference"
    qtbot.mouseClick(page.table.cellWidget(last, 4), LEFT)
    assert page.picks.reference is None
    assert page.rows[0].fitted.rate == pytest.approx(series.EAST_RATE + 1, abs=0.1)


def test_one_is_removed_and_all_are_cleared(plots, canvas, qtbot):
    page = plots.time
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP, series.STILL)
    before = len(canvas.scene().items())
    button = page.table.cellWidget(0, 4)
    assert isinstance(button, QToolButton) and button.toolTip()
    qtbot.mouseClick(button, LEFT)
    assert [pick.number for pick in page.picks] == [2] and len(canvas.scene().items()) == before - 1
    click(qtbot, page, canvas, series.TOP)
    assert [pick.number for pick in page.picks] == [1, 2]  # the free number and colour are taken again
    qtbot.mouseClick(page.clear_button, LEFT)
    assert len(page.picks) == 0 and len(canvas.scene().items()) == before - 2


def test_the_average_can_be_changed_afterwards(plots, canvas, qtbot, record):
    page = plots.time
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP)
    choose(page.averaged, 1)
    qtbot.waitUntil(lambda: not page.reader.busy(), timeout=20_000)
    assert next(iter(page.picks)).series.pixels == 1


def test_map_in_another_crs(plots, canvas, qtbot, record):
    page = plots.time
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    canvas.setExtent(QgsRectangle(-105.002, 37.934, -104.984, 37.948))
    qtbot.mouseClick(page.point, LEFT)
    middle = canvas.extent().center()
    click(qtbot, page, canvas, (middle.x(), middle.y()))
    pick = next(iter(page.picks))
    assert 500000 < pick.series.x < 501280 and 4199040 < pick.series.y < 4200000
    assert pick.marker.item.center().x() == pytest.approx(middle.x(), abs=1e-4)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32613"))
    assert pick.marker.item.center().x() == pytest.approx(pick.series.x, abs=1e-3)


@pytest.mark.parametrize("kind", ["png", "svg", "csv"])
def test_exports(plots, canvas, qtbot, tmp_path, kind):
    page = plots.time
    choose(page.show_kind, ALONG)
    page.bearing.setValue(90)
    qtbot.mouseClick(page.point, LEFT)
    click(qtbot, page, canvas, series.TOP, series.STILL)
    path = tmp_path / f"plot.{kind}"
    page.export.save(str(path))
    assert plots.notice.level == Qgis.MessageLevel.Success and str(path) in plots.notice.text()
    content = path.read_bytes()
    if kind == "png":
        assert content.startswith(b"\x89PNG") and len(content) > 15_000
    elif kind == "svg":
        assert b"<svg" in content and len(content) > 15_000
    else:
        rows = list(csv.DictReader(content.decode().splitlines()))
        assert len(rows) == 2 * series.COUNT and rows[0]["date"] == "2023-01-05"
        assert float(rows[series.COUNT - 1]["along_m"]) == pytest.approx(float(rows[series.COUNT - 1]["east_m"]))


def test_an_export_that_cannot_be_written_says_so(plots, canvas, qtbot, tmp_path):
    plots.time.export.save(str(tmp_path / "nowhere" / "plot.png"))
    assert plots.notice.level == Qgis.MessageLevel.Critical and "does not exist" in plots.notice.text()


def test_a_click_outside_is_a_sentence(plots, canvas, qtbot):
    canvas.setExtent(QgsRectangle(490000, 4190000, 510000, 4210000))
    qtbot.mouseClick(plots.time.point, LEFT)
    click(qtbot, plots.time, canvas, (491000, 4191000))
    assert "is outside the time series mound" in plots.notice.text()
    assert len(plots.time.picks) == 0


def test_no_series_is_a_sentence(make_plots, canvas, qtbot):
    dock = make_plots()
    qtbot.mouseClick(dock.time.point, LEFT)
    click(qtbot, dock.time, canvas, series.TOP)
    assert "There is no series to look into" in dock.notice.text()


def test_a_damaged_record_is_a_sentence(plots, tmp_path):
    broken = tmp_path / "series.json"
    broken.write_text("{", encoding="utf-8")
    plots.show_series(str(broken))
    assert plots.notice.level == Qgis.MessageLevel.Critical and "is damaged" in plots.notice.text()


def test_too_short_for_a_yearly_wave_is_a_sentence(make_plots, canvas, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(series, "STEP_DAYS", 6)
    dock = make_plots(series.write(tmp_path / "short"))
    choose(dock.time.fit, ANNUAL)
    qtbot.mouseClick(dock.time.point, LEFT)
    click(qtbot, dock.time, canvas, series.TOP)
    assert "a yearly wave needs at least" in dock.time.problem.text() and dock.time.problem.isVisible()


def test_profile_of_velocity_and_displacement(plots, canvas, qtbot, record, tmp_path):
    page = plots.profile
    plots.tabs.setCurrentWidget(page)
    qtbot.mouseClick(page.line, LEFT)
    x, y = series.TOP
    click(qtbot, page, canvas, (x - 500, y), (x + 500, y), finish=True)
    choose(page.component, "east")
    drawn = page.drawn()
    assert drawn.unit == "m/yr" and drawn.values.max() == pytest.approx(series.EAST_RATE, abs=0.15)
    assert drawn.distance[-1] == pytest.approx(1000, abs=15)
    assert abs(drawn.distance[np.argmax(drawn.values)] - 500) < 30
    choose(page.what, "displacement")
    page.first.setCurrentIndex(2)
    page.second.setCurrentIndex(6)
    expected = page.profile.east[6] - page.profile.east[2]
    np.testing.assert_allclose(page.figure.axes[0].lines[0].get_ydata(), expected, rtol=1e-6)
    page.export.save(str(tmp_path / "profile.csv"))
    rows = list(csv.DictReader((tmp_path / "profile.csv").open()))
    assert len(rows) == len(drawn.distance) and "displacement_east_m" in rows[0]
    qtbot.mouseClick(page.clear_button, LEFT)
    assert page.profile is None


def test_a_profile_of_nothing_cannot_be_exported(plots, tmp_path):
    plots.profile.export.save(str(tmp_path / "profile.csv"))
    assert "There is no profile yet" in plots.notice.text() and not list(tmp_path.iterdir())


def test_series_of_the_project_are_offered(plots, canvas, qtbot, record, tmp_path):
    other = series.write(tmp_path / "other")
    assert plots.chooser.combo.count() == 1
    add_series_group(QgsProject.instance(), series_files(other))
    assert plots.chooser.combo.count() == 2
    plots.chooser.combo.setCurrentIndex(plots.chooser.combo.findData(other))
    assert plots.time.product.name == "other"
    QgsProject.instance().clear()
    assert plots.chooser.path() == record


def test_escape_gives_a_drawing_up(plots, canvas, qtbot):
    qtbot.mouseClick(plots.time.area, LEFT)
    x, y = series.TOP
    click(qtbot, plots.time, canvas, (x, y), (x + 100, y), (x, y + 100))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    click(qtbot, plots.time, canvas, (x, y), finish=True)
    assert len(plots.time.picks) == 0


def test_every_control_explains_itself_and_fits(plots):
    for button in plots.widget().findChildren(QToolButton):
        assert button.toolTip() or button.objectName().startswith(("Scroll", "qt_")), button.text()
    assert plots.minimumSizeHint().height() <= 260 and plots.minimumSizeHint().width() <= 900


def test_shut_down_leaves_the_map_as_it_was(canvas, qtbot, record):
    before, tool = len(canvas.scene().items()), canvas.mapTool()
    dock = PlotDock(canvas)
    qtbot.addWidget(dock)
    dock.resize(1000, 320)
    dock.show()
    dock.show_series(record)
    qtbot.mouseClick(dock.time.point, LEFT)
    click(qtbot, dock.time, canvas, series.TOP)
    dock.shut_down()
    assert len(canvas.scene().items()) == before and canvas.mapTool() in (tool, None)
