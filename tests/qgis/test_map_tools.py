"""Identify, swipe and blink, by mouse and keyboard on a real canvas."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsContrastEnhancement,
    QgsCoordinateReferenceSystem,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleBandGrayRenderer,
)
from qgis.PyQt.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QImage, QMouseEvent, QPainter
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.probe import Reading, probe
from deepot_qgis.engine.product import BANDS, VELOCITY_BANDS
from deepot_qgis.engine.quality import Reason
from deepot_qgis.gui.map.tools import MapTools
from deepot_qgis.gui.map.views import BARE, MAP, map_views, two_dates
from deepot_qgis.gui.map.words import direction_words, reading_html
from tests.engine import scenes

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN = Qt.KeyboardModifier.NoModifier
WAIT_MS = 20_000
NORTH, SOUTH = QgsPointXY(500500, 4199750), QgsPointXY(500500, 4199250)


def write(path, values: dict, tags: dict | None = None, unit: str = "m") -> str:
    """Write 100 x 100 pixels of 10 m; the values of a band may be one for the upper half and one for the lower."""
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), 100, 100, len(values), gdal.GDT_Float32)
    dataset.SetGeoTransform(scenes.NORTH_UP)
    crs = QgsCoordinateReferenceSystem("EPSG:32613")
    dataset.SetProjection(crs.toWkt())
    dataset.SetMetadata(tags or {})
    for number, (name, halves) in enumerate(values.items(), start=1):
        band = dataset.GetRasterBand(number)
        band.SetDescription(name)
        band.SetUnitType("" if name in ("mask", "correlation") else unit)
        band.WriteArray(np.repeat(np.array(halves, np.float32).reshape(2, 1), 50, axis=0).repeat(100, axis=1))
    dataset = None
    return str(path)


def product_values(east: float, north: float, sigma: float = 0.01) -> dict:
    """Bands that moved in the upper half; the lower half is masked for low correlation."""
    nothing = float("nan")
    size, bearing = float(np.hypot(east, north)), float(np.degrees(np.arctan2(east, north)) % 360)
    halves = (east, nothing), (north, nothing), (size, nothing), (bearing, nothing), (sigma, 0.4), (0.8, 0.05)
    return dict(zip(BANDS, (*halves, (0, int(Reason.LOW_CORRELATION)))))


@pytest.fixture
def product(tmp_path) -> str:
    tags = {"REFERENCE_DATE": "2023-09-04", "SECONDARY_DATE": "2023-09-16", "UNIT": "m"}
    return write(tmp_path / "moved.tif", product_values(3.0, -4.0), tags)


@pytest.fixture
def canvas(qgis_canvas, qgis_new_project):
    qgis_canvas.resize(400, 400)
    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32613"))
    qgis_canvas.setExtent(QgsRectangle(500000, 4199000, 501000, 4200000))
    window = qgis_canvas.window()
    window.show()
    yield qgis_canvas
    qgis_canvas.setLayers([])
    window.hide()


@pytest.fixture
def tools(canvas):
    tools = MapTools(canvas)
    yield tools
    tools.shut_down()


def add(canvas, path: str, name: str, view: str = "") -> QgsRasterLayer:
    """Put a raster on top of the map."""
    layer = QgsRasterLayer(path, name)
    if view:
        layer.setCustomProperty("deepot/view", view)
    QgsProject.instance().addMapLayer(layer)
    canvas.setLayers(QgsProject.instance().layerTreeRoot().layerOrder())
    return layer


def at(canvas, point: QgsPointXY) -> QPoint:
    return canvas.getCoordinateTransform().transform(point).toQPointF().toPoint()


def click(canvas, point: QgsPointXY, button=LEFT) -> None:
    QTest.mouseClick(canvas.viewport(), button, PLAIN, at(canvas, point))


def move(canvas, place: QPoint, button) -> None:
    """Move the mouse with a button down or none; QTest's own move depends on where the window is."""
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(place), Qt.MouseButton.NoButton, button, PLAIN)
    QApplication.sendEvent(canvas.viewport(), event)


def popup(tools):
    return tools.tool(tools.identify).popup


# ---- identify


def test_a_click_tells_motion_uncertainty_direction_and_dates(canvas, tools, product):
    add(canvas, product, "moved", "magnitude")
    tools.identify.trigger()
    click(canvas, NORTH)
    text = popup(tools).text()
    assert popup(tools).isVisible()
    assert "5 ± 0.01 m" in text and "towards south-east (143°)" in text
    assert "2023-09-04 – 2023-09-16 (12 days)" in text
    assert "east 3 m, north −4 m" in text and "41.7 cm per day" in text and "noise" not in text


def test_a_click_on_masked_ground_tells_why(canvas, tools, product):
    add(canvas, product, "moved", "magnitude")
    tools.identify.trigger()
    click(canvas, SOUTH)
    text = popup(tools).text()
    assert "Masked: <b>low correlation</b>" in text and "Correlation 0.05" in text and "towards" not in text


def test_motion_within_its_uncertainty_is_said_to_be(canvas, tools, tmp_path):
    add(canvas, write(tmp_path / "weak.tif", product_values(0.3, 0.0, sigma=0.2)), "weak", "magnitude")
    tools.identify.trigger()
    click(canvas, NORTH)
    assert "Below 3 sigma" in popup(tools).text()


def test_each_product_answers_once_and_all_that_are_shown(canvas, tools, product, tmp_path):
    other = write(tmp_path / "later.tif", product_values(0.0, 2.0), {"UNIT": "m"})
    for path, name in ((product, "east"), (product, "magnitude"), (other, "magnitude")):
        add(canvas, path, name, name)
    assert [reading.name for reading in tools.tool(tools.identify).readings(NORTH)] == ["later.tif", "moved.tif"]


def test_a_hidden_result_answers_when_none_is_shown(canvas, tools, product):
    add(canvas, product, "moved", "magnitude")
    canvas.setLayers([])
    assert len(tools.tool(tools.identify).readings(NORTH)) == 1


def test_a_map_in_degrees_is_asked_at_the_same_place(canvas, tools, product):
    layer = add(canvas, product, "moved", "magnitude")
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    canvas.setExtent(canvas.mapSettings().layerExtentToOutputExtent(layer, layer.extent()))
    upper = canvas.mapSettings().layerToMapCoordinates(layer, NORTH)
    tools.identify.trigger()
    click(canvas, upper)
    assert "5 ± 0.01 m" in popup(tools).text()


def test_beside_every_result_the_tool_says_what_to_do(canvas, tools, product, tmp_path):
    add(canvas, scenes.write(tmp_path / "image.tif", scenes.texture(32, 32)), "image")
    tools.identify.trigger()
    click(canvas, NORTH)
    assert "click on a result" in popup(tools).text()


def test_a_deleted_file_is_no_answer(canvas, tools, product, tmp_path):
    add(canvas, product, "moved", "magnitude")
    (tmp_path / "moved.tif").unlink()
    assert tools.tool(tools.identify).readings(NORTH) == []


def test_the_note_is_closed_by_escape_by_its_button_and_by_moving_the_map(canvas, tools, product):
    add(canvas, product, "moved", "magnitude")
    tools.identify.trigger()
    before = len(canvas.scene().items())
    for shut in (
        lambda: QTest.keyClick(canvas, Qt.Key.Key_Escape),
        lambda: QTest.mouseClick(popup(tools).close_button, LEFT),
        lambda: canvas.setExtent(QgsRectangle(500100, 4199100, 500900, 4199900)),
    ):
        click(canvas, NORTH)
        assert popup(tools).isVisible() and len(canvas.scene().items()) == before + 1
        shut()
        assert not popup(tools).isVisible() and len(canvas.scene().items()) == before


@pytest.mark.parametrize("corner", [(500010, 4199990), (500990, 4199990), (500010, 4199510), (500990, 4199510)])
def test_the_note_stays_on_the_map(canvas, tools, product, corner):
    add(canvas, product, "moved", "magnitude")
    tools.identify.trigger()
    click(canvas, QgsPointXY(*corner))
    assert canvas.rect().contains(popup(tools).geometry())


def test_a_velocity_has_its_own_unit(tmp_path):
    path = write(tmp_path / "v.tif", dict(zip(VELOCITY_BANDS, ((0, 0), (-0.5, 0), (0.5, 0)))), unit="m/yr")
    reading = probe(path, NORTH.x(), NORTH.y())
    assert (reading.unit, reading.direction, reading.reason, reading.sigma) == ("m/yr", 180.0, None, None)
    assert "50 cm/yr</b><br>towards south (180°)" in reading_html(reading)


def test_outside_and_of_another_kind(product, moving_pair):
    assert probe(product, 0.0, 0.0) is None
    with pytest.raises(InputError, match="no displacement and no velocity"):
        probe(moving_pair[0], NORTH.x(), NORTH.y())


def test_without_a_map_directions_are_those_of_the_image():
    reading = Reading("a.tif", "px", None, None, 2.0, -2.0, 2.83, None, 135.0, None, Reason.GOOD)
    text = reading_html(reading)
    assert "a.tif" in text and "towards down and right" in text and "right 2 px, up −2 px" in text


@pytest.mark.parametrize(
    ("bearing", "words"),
    [
        (0, "north"),
        (22, "north"),
        (23, "north-east"),
        (180, "south"),
        (337, "north-west"),
        (338, "north"),
        (360, "north"),
    ],
)
def test_eight_directions(bearing, words):
    assert direction_words(bearing, False) == words


def test_every_reason_has_words():
    for reason in Reason:
        reading = Reading("a", "m", None, None, None, None, None, 0.1, None, 0.2, reason)
        assert ("Masked" in reading_html(reading)) == (reason != Reason.GOOD)


# ---- swipe and blink


@pytest.fixture
def dates(canvas, tmp_path) -> tuple[QgsRasterLayer, QgsRasterLayer]:
    """Two images, black on the first date and white on the second, and a result that is grey."""
    layers = []
    for name, value in (("scene_20230916", 255.0), ("scene_20230904", 0.0)):
        layer = add(canvas, write(tmp_path / f"{name}.tif", {"amplitude": (value, value)}), name)
        _grey(layer)
        layers.append(layer)
    return layers[1], layers[0]


def _grey(layer: QgsRasterLayer) -> None:
    enhancement = QgsContrastEnhancement(layer.dataProvider().dataType(1))
    enhancement.setContrastEnhancementAlgorithm(
        QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
    )
    enhancement.setMinimumValue(0)
    enhancement.setMaximumValue(255)
    renderer = QgsSingleBandGrayRenderer(layer.dataProvider(), 1)
    renderer.setContrastEnhancement(enhancement)
    layer.setRenderer(renderer)


def seen(canvas, tool, x: float, y: int = 100) -> int:
    """Lightness of what the comparison paints at a share of the width, -1 for nothing."""
    image = QImage(QSize(400, 400), QImage.Format.Format_ARGB32)
    image.fill(QColor(255, 0, 0))
    painter = QPainter(image)
    tool.overlay.paint(painter)
    painter.end()
    color = image.pixelColor(round(400 * x), y)
    return -1 if color == QColor(255, 0, 0) else color.lightness()


def drawn(qtbot, tool) -> None:
    qtbot.waitUntil(lambda: all(side.ready() for side in tool.sides), timeout=WAIT_MS)


def choose(tool, left: QgsRasterLayer, right: QgsRasterLayer) -> None:
    for combo, layer in zip(tool.bar.combos, (left, right)):
        combo.setCurrentIndex(combo.findData(layer.id()))


def test_the_line_is_dragged_and_each_side_shows_its_own(canvas, tools, dates, qtbot):
    tools.swipe.trigger()
    tool = tools.tool(tools.swipe)
    choose(tool, *dates)
    drawn(qtbot, tool)
    assert seen(canvas, tool, 0.2) < 20 and seen(canvas, tool, 0.8) > 235
    QTest.mousePress(canvas.viewport(), LEFT, PLAIN, QPoint(200, 200))
    move(canvas, QPoint(100, 200), LEFT)
    assert tool.overlay.split == 0.25
    QTest.mouseRelease(canvas.viewport(), LEFT, PLAIN, QPoint(100, 200))
    assert seen(canvas, tool, 0.2) < 20 and seen(canvas, tool, 0.4) > 235
    move(canvas, QPoint(300, 200), Qt.MouseButton.NoButton)
    assert tool.overlay.split == 0.25


def test_arrow_keys_move_the_line_as_far_as_the_edge(canvas, tools, dates):
    tools.swipe.trigger()
    tool = tools.tool(tools.swipe)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert tool.overlay.split == pytest.approx(0.52)
    for _ in range(60):
        QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert tool.overlay.split == 0.0


def test_at_first_the_map_without_results_is_left_of_the_map(canvas, tools, dates, product, qtbot):
    result = add(canvas, product, "moved", "magnitude")
    tools.swipe.trigger()
    tool = tools.tool(tools.swipe)
    assert tool.bar.chosen_keys() == (BARE, MAP)
    left, right = tool.bar.views()
    assert result not in left.layers and right.layers is None
    drawn(qtbot, tool)
    assert seen(canvas, tool, 0.2) >= 0 and seen(canvas, tool, 0.8) == -1  # the canvas itself is seen there


def test_sides_are_exchanged(canvas, tools, dates, qtbot):
    tools.swipe.trigger()
    tool = tools.tool(tools.swipe)
    choose(tool, *dates)
    qtbot.mouseClick(tool.bar.exchange, LEFT)
    drawn(qtbot, tool)
    assert seen(canvas, tool, 0.2) > 235 and seen(canvas, tool, 0.8) < 20


def test_the_comparison_follows_the_map(canvas, tools, dates, qtbot):
    tools.swipe.trigger()
    tool = tools.tool(tools.swipe)
    choose(tool, *dates)
    drawn(qtbot, tool)
    old = tool.sides[0].picture
    canvas.setExtent(QgsRectangle(500400, 4199400, 502400, 4201400))
    drawn(qtbot, tool)
    assert tool.sides[0].picture is not old
    assert seen(canvas, tool, 0.1, 340) < 20 and seen(canvas, tool, 0.45, 340) > 235  # the image, and beside it


def test_two_dates_blink_in_turns_and_a_click_stops_them(canvas, tools, dates, qtbot):
    tools.blink.trigger()
    tool = tools.tool(tools.blink)
    assert [view.title for view in tool.bar.views()] == ["scene_20230904", "scene_20230916"]
    drawn(qtbot, tool)
    for _ in range(2):
        for front, fits in ((0, lambda tone: tone < 20), (1, lambda tone: tone > 235)):
            qtbot.waitUntil(lambda front=front: tool.overlay.front == front, timeout=WAIT_MS)
            assert fits(seen(canvas, tool, 0.5))
    click(canvas, NORTH)
    assert not tool.running()
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert tool.running()


def test_a_comparison_ends_and_leaves_nothing(canvas, tools, dates, qtbot):
    before = len(canvas.scene().items())
    for action in (tools.swipe, tools.blink):
        tool = tools.tool(action)
        for end in (
            lambda: QTest.keyClick(canvas, Qt.Key.Key_Escape),
            lambda tool=tool: qtbot.mouseClick(tool.bar.end, LEFT),
            action.trigger,
        ):
            action.trigger()
            assert action.isChecked() and tool.bar.isVisible()
            end()
            assert not action.isChecked() and not tool.bar.isVisible() and canvas.mapTool() is not tool
            assert len(canvas.scene().items()) == before


def test_one_tool_at_a_time(canvas, tools, dates):
    tools.swipe.trigger()
    tools.identify.trigger()
    assert [action.isChecked() for action in tools.actions()] == [True, False, False]
    assert tools.tool(tools.swipe).overlay is None


def test_a_layer_that_is_removed_meanwhile_does_no_harm(canvas, tools, dates, qtbot):
    tools.swipe.trigger()
    tool = tools.tool(tools.swipe)
    choose(tool, *dates)
    drawn(qtbot, tool)
    gone = dates[0].id()
    QgsProject.instance().removeMapLayer(gone)
    assert gone not in tool.bar.chosen_keys() and tool.bar.combos[0].findData(gone) == -1
    drawn(qtbot, tool)
    seen(canvas, tool, 0.2)


def test_each_result_is_a_view_over_the_map_that_is_under_it(canvas, dates, product):
    layer = QgsRasterLayer(product, "Magnitude")
    layer.setCustomProperty("deepot/view", "magnitude")
    QgsProject.instance().addMapLayer(layer, False)
    group = QgsProject.instance().layerTreeRoot().insertGroup(0, "2023-09-04 - 2023-09-16")
    group.addLayer(layer)
    view = next(view for view in map_views(canvas) if view.title == group.name())
    assert view.layers == (layer, dates[0], dates[1]) and view.date is None
    group.children()[0].setItemVisibilityChecked(False)
    assert group.name() not in [view.title for view in map_views(canvas)]


def test_without_two_dates_there_are_none(canvas, dates):
    views = map_views(canvas)
    assert two_dates(views) == (dates[0].id(), dates[1].id())
    assert two_dates([view for view in views if view.key != dates[0].id()]) is None


# ---- in the panel


def test_the_panel_has_the_tools_in_its_menu_and_under_the_last_run(panel, qgis_canvas, qtbot):
    actions = panel.desk.map_tools.actions()
    assert [action.text() for action in panel.tools.menu().actions()[:3]] == ["Identify", "Swipe", "Blink"]
    panel.pair.last_run.show()
    for button, action in zip(panel.pair.last_run.map_tools, actions):
        qtbot.mouseClick(button, LEFT)
        assert qgis_canvas.mapTool() is panel.desk.map_tools.tool(action) and button.isChecked()
        qtbot.mouseClick(button, LEFT)
        assert not button.isChecked()


def test_a_panel_that_is_shut_down_leaves_the_map_alone(make_panel, qgis_canvas):
    panel = make_panel()
    before = len(qgis_canvas.scene().items())
    panel.desk.map_tools.swipe.trigger()
    assert len(qgis_canvas.scene().items()) > before
    panel.desk.map_tools.shut_down()
    assert len(qgis_canvas.scene().items()) == before
