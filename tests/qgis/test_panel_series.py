"""The tab "Series": from images to histories on the map, by clicks, with a real small stack."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRasterLayerTemporalProperties,
    QgsRectangle,
    QgsSettings,
    QgsTemporalNavigationObject,
)
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtTest import QTest

from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.gui.sections.method import CORRELATION
from deepot_qgis.gui.sections.reference import DRAWN, NOTHING, POLYGONS
from deepot_qgis.gui.series.layers_dialog import LayersDialog
from deepot_qgis.gui.series.network import ALL, COHERENCE, INTERVAL, SEQUENTIAL
from deepot_qgis.gui.series.table import DATE, NAME
from deepot_qgis.processing.layers.series import dates_group, series_group
from deepot_qgis.processing.layers.series_files import series_files
from deepot_qgis.processing.layers.temporal import bands_have_time, date_ranges
from tests.engine import scenes
from tests.qgis import series

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
TIMEOUT_MS = 60_000
DATES = ("20230105", "20230117", "20230129", "20230210")
STEP_PX = 1.0  # east, from date to date: 10 m in 12 days


@pytest.fixture(autouse=True)
def no_models(monkeypatch):
    """Nothing here needs a network: do not wait until onnxruntime is loaded."""
    monkeypatch.setattr("deepot_qgis.gui.dock.DeepotDock._look_around", lambda _: None)


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Path:
    """Four dates of 128 x 112 pixels whose ground moves one pixel east each time, right of a still third."""
    folder = tmp_path_factory.mktemp("stack")
    first = scenes.texture(112, 128)
    for i, date in enumerate(DATES):
        image = first.copy()
        image[:, 48:] = scenes.moved(first, STEP_PX * i, 0.0)[:, 48:]
        scenes.write(folder / f"scene_{date}.tif", image)
    return folder


@pytest.fixture
def tab(panel, tmp_path):
    panel.show_tab(panel.series)
    tab = panel.series
    choose(tab.method.method, CORRELATION)
    tab.history.folder.setFilePath(str(tmp_path))
    tab.advanced.windows.setText("16, 32")
    tab.advanced.search.setValue(5)
    return tab


@pytest.fixture
def take(qtbot):
    """Return a call that hands files or a folder to the tab and waits until they are looked at."""

    def call(tab, *paths) -> None:
        tab.images.take([str(path) for path in paths])
        settle(tab, qtbot)

    return call


def settle(tab, qtbot) -> None:
    qtbot.waitUntil(lambda: not tab.images.busy(), timeout=TIMEOUT_MS)


def run(panel, qtbot) -> None:
    with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
        qtbot.mouseClick(panel.run_bar.run, LEFT)


def assert_refused(panel, *words: str) -> None:
    notice = panel.run_bar.notice
    assert notice.isVisible() and notice.level == Qgis.MessageLevel.Critical
    for word in words:
        assert word in notice.text()
    assert "Traceback" not in notice.text() and panel.run_bar.run.isEnabled()


def choose(combo, data) -> None:
    combo.setCurrentIndex(combo.findData(data))
    assert combo.currentData() == data


def test_from_a_folder_to_histories_on_the_map(panel, tab, take, stack, qtbot, qgis_canvas, tmp_path):
    take(tab, stack)
    assert [image.date for image in tab.images.table.images()] == [f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in DATES]
    assert "4 images from 2023-01-05 to 2023-02-10, one grid of 128 × 112 pixels" in tab.images.notice.text()
    choose(tab.network.kind, ALL)
    choose(tab.reference.kind, NOTHING)
    run(panel, qtbot)
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Success, panel.run_bar.notice.text()
    folder = tmp_path / "series_20230105_20230210"
    assert {"series.json", "velocity.tif", "east.tif", "magnitude.vrt"} <= {path.name for path in folder.iterdir()}
    product = open_series(str(folder))
    middle = product.grid.to_map(90.5, 56.5)
    np.testing.assert_allclose(product.at(*middle).east, 10 * STEP_PX * np.arange(4), atol=1.0)
    group = series_group(QgsProject.instance(), str(folder / "series.json"))
    nodes = {node.layer().customProperty("deepot/view"): node for node in group.findLayers()}
    assert set(nodes) >= {"velocity_magnitude", "velocity_east", "velocity_north", "velocity_sigma", "series_magnitude"}
    assert all(node.layer().isValid() for node in nodes.values())
    assert nodes["velocity_magnitude"].isVisible() and not nodes["velocity_east"].isVisible()
    assert not dates_group(group).isVisible()
    assert tab.results.isVisible() and "4, 6" in tab.results.text() and "m/yr" in tab.results.text()
    plots_show_what_was_made(panel, tab, qtbot, qgis_canvas, product, middle)


def plots_show_what_was_made(panel, tab, qtbot, canvas, product, place) -> None:
    """From the tab's button to a clicked point."""
    qtbot.mouseClick(tab.results.plot, LEFT)
    page = panel._own_plots.time
    canvas.resize(600, 500)
    canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32613"))
    qtbot.mouseClick(tab.results.zoom, LEFT)
    qtbot.mouseClick(page.point, LEFT)
    transform = canvas.getCoordinateTransform()
    pixel = transform.transform(QgsPointXY(*place)).toQPointF().toPoint()
    QTest.mouseClick(canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel)
    qtbot.waitUntil(lambda: not page.reader.busy(), timeout=TIMEOUT_MS)
    clicked = transform.toMapCoordinates(pixel)
    expected = product.at(clicked.x(), clicked.y(), 3).magnitude()
    np.testing.assert_allclose(page.figure.axes[0].containers[0].lines[0].get_ydata(), expected, rtol=1e-6)


def test_a_second_run_takes_the_pairs_again_and_replaces_the_layers(panel, tab, take, stack, qtbot):
    take(tab, stack)
    choose(tab.reference.kind, NOTHING)
    tab.network.neighbours.setValue(1)
    run(panel, qtbot)
    layers = len(QgsProject.instance().mapLayers())
    tab.network.neighbours.setValue(2)
    run(panel, qtbot)
    assert "3 of 5 pairs were taken from an earlier run" in tab.results.messages.text()
    assert len(QgsProject.instance().mapLayers()) == layers
    assert len(QgsProject.instance().layerTreeRoot().findGroups()) == 1


def test_cancel_keeps_what_was_measured(panel, tab, take, stack, qtbot, tmp_path):
    take(tab, stack)
    choose(tab.network.kind, ALL)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    pairs = tmp_path / "series_20230105_20230210" / "pairs"
    qtbot.waitUntil(lambda: len(list(pairs.glob("[0-9]*.json"))) >= 1, timeout=TIMEOUT_MS)
    with qtbot.waitSignal(panel.runner.idle, timeout=20_000):
        qtbot.mouseClick(panel.run_bar.cancel, LEFT)
    assert "The pairs measured so far are kept" in panel.run_bar.notice.text()
    qtbot.waitUntil(panel.runner.settled, timeout=TIMEOUT_MS)
    assert not (pairs.parent / "series.json").exists() and list(pairs.glob("*.tif"))


def test_images_of_the_project(tab, stack, qtbot):
    for path in sorted(stack.glob("*.tif")):
        QgsProject.instance().addMapLayer(QgsRasterLayer(str(path), path.stem))
    qtbot.mouseClick(tab.images.layers, LEFT)
    dialog = tab.images.dialog
    assert isinstance(dialog, LayersDialog) and dialog.list.count() == 4
    dialog.list.item(3).setCheckState(Qt.CheckState.Unchecked)
    dialog.accept()
    settle(tab, qtbot)
    assert tab.images.table.rowCount() == 3 and "3 images" in tab.images.notice.text()


def test_dates_can_be_corrected_and_images_unticked(tab, take, stack, qtbot):
    take(tab, stack)
    table = tab.images.table
    table.item(0, DATE).setText("2023-03-01")
    qtbot.waitUntil(lambda: table.item(3, DATE).text() == "2023-03-01", timeout=20_000)
    assert Path(table.item(3, NAME).toolTip()).name == "scene_20230105.tif"
    table.item(0, NAME).setCheckState(Qt.CheckState.Unchecked)
    settle(tab, qtbot)
    images = tab.images.acquisitions()
    assert len(images) == 3 and images[-1].date == datetime(2023, 3, 1, tzinfo=timezone.utc)
    table.selectRow(0)
    qtbot.mouseClick(tab.images.remove, LEFT)
    assert table.rowCount() == 3


@pytest.mark.parametrize(
    ("kind", "count"),
    [(SEQUENTIAL, 5), (ALL, 6), (INTERVAL, 5), (COHERENCE, 5)],
)
def test_the_network_is_drawn_as_it_is_chosen(tab, take, stack, qtbot, kind, count):
    take(tab, stack)
    with qtbot.waitSignal(tab.network.drawn, timeout=20_000):
        choose(tab.network.kind, kind)
        tab.network.neighbours.setValue(2)
        tab.network.max_days.setValue(30 if kind == INTERVAL else 0)
        tab.network.decorrelation.setValue(25)
    assert tab.network.summary.text() == f"4 dates, {count} pairs."
    assert tab.network._holder.isVisible()
    assert tab.network.neighbours.isVisible() == (kind == SEQUENTIAL)
    assert tab.network.max_days.isVisible() == (kind != SEQUENTIAL)
    assert tab.network.decorrelation.isVisible() == (kind == COHERENCE)


def test_a_network_that_falls_apart_says_so(tab, take, stack, qtbot):
    take(tab, stack)
    tab.images.table.item(3, DATE).setText("2023-09-01")
    choose(tab.network.kind, INTERVAL)
    tab.network.max_days.setValue(20)
    qtbot.waitUntil(lambda: "falls into 2 parts" in tab.network.summary.text(), timeout=20_000)
    tab.network.min_days.setValue(30)
    qtbot.waitUntil(lambda: "is longer than the longest" in tab.network.summary.text(), timeout=20_000)


def test_stable_ground_is_drawn_on_the_map(panel, tab, take, stack, qtbot, qgis_canvas):
    take(tab, stack)
    choose(tab.reference.kind, DRAWN)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "No stable ground is drawn yet")
    qgis_canvas.resize(600, 500)
    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32613"))
    qgis_canvas.setExtent(QgsRectangle(500000, 4198880, 501280, 4200000))
    before = len(qgis_canvas.scene().items())
    tab.ensureWidgetVisible(tab.reference.draw)
    qtbot.mouseClick(tab.reference.draw, LEFT)
    transform = qgis_canvas.getCoordinateTransform()
    corners = [(500050, 4199950), (500400, 4199950), (500400, 4198950), (500050, 4198950)]
    pixels = [transform.transform(QgsPointXY(*corner)).toQPointF().toPoint() for corner in corners]
    for pixel in pixels:
        QTest.mouseClick(qgis_canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel)
    QTest.mouseClick(qgis_canvas.viewport(), RIGHT, Qt.KeyboardModifier.NoModifier, pixels[-1])
    assert tab.reference.draw.text() == "✓ Drawn; draw again" and not tab.reference.draw.isChecked()
    assert len(qgis_canvas.scene().items()) == before + 1
    options = tab.options().reference
    assert options.kind == "area" and options.area.startswith("Polygon")
    run(panel, qtbot)
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Success, panel.run_bar.notice.text()


def test_stable_ground_from_a_layer(panel, tab, take, stack, qtbot, polygon_layer):
    take(tab, stack)
    choose(tab.reference.kind, POLYGONS)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "There is no polygon layer of stable ground")
    QgsProject.instance().addMapLayer(polygon_layer)
    tab.reference.ramp.setChecked(True)
    options = tab.options().reference
    assert options.kind == "area" and options.ramp and "500700" in options.area.replace(".", "")


def test_options_reach_the_engine(tab, take, stack):
    take(tab, stack)
    tab.history.smoothness.setValue(0.5)
    tab.history.robust.setChecked(False)
    tab.history.annual.setChecked(True)
    tab.history.netcdf.setChecked(False)
    options = tab.options()
    assert (options.inversion.smoothness, options.inversion.robust, options.inversion.model) == (0.5, "none", "annual")
    assert options.method == "correlation" and options.correlation.windows_px == (16, 32) and not options.netcdf
    assert options.reference.kind == "slowest"


def test_no_images(panel, tab, qtbot):
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "There are no images yet")


def test_one_date(panel, tab, take, stack, qtbot):
    take(tab, sorted(stack.glob("*.tif"))[0])
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "at least two images")


def test_the_same_date_twice(panel, tab, take, stack, qtbot):
    take(tab, stack)
    tab.images.table.item(1, DATE).setText("2023-01-05")
    settle(tab, qtbot)
    qtbot.waitUntil(lambda: "are both of 2023-01-05" in tab.images.notice.text(), timeout=20_000)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "are both of 2023-01-05")


def test_a_date_that_is_none(panel, tab, take, stack, qtbot):
    take(tab, stack)
    tab.images.table.item(1, DATE).setText("last winter")
    settle(tab, qtbot)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "is 'last winter'", "type it into the table")


def test_an_image_without_a_date(tab, take, stack, tmp_path, qtbot):
    path = tmp_path / "plain.tif"
    path.write_bytes((stack / f"scene_{DATES[0]}.tif").read_bytes())
    take(tab, stack, path)
    assert tab.images.table.item(0, DATE).text() == "unknown"  # on top: it needs a hand
    assert "The date of plain.tif is 'unknown'" in tab.images.notice.text()


def test_another_grid(tab, take, stack, bad_rasters):
    take(tab, stack, bad_rasters["shifted"])
    assert "is not on the grid of" in tab.images.notice.text()


def test_a_file_that_is_no_raster_is_named_and_the_others_stay(tab, take, stack, tmp_path):
    broken = tmp_path / "broken.tif"
    broken.write_text("no raster", encoding="utf-8")
    take(tab, stack, broken)
    assert tab.images.table.rowCount() == 4
    assert "broken.tif is not a raster" in tab.images.notice.text() and "4 images" in tab.images.notice.text()


def test_a_damaged_image_in_the_middle_costs_only_its_pairs(panel, tab, take, stack, tmp_path, qtbot):
    for path in stack.glob("*.tif"):
        data = path.read_bytes()
        (tmp_path / path.name).write_bytes(data[: len(data) // 3] if DATES[1] in path.name else data)
    take(tab, tmp_path)
    choose(tab.reference.kind, NOTHING)
    run(panel, qtbot)
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Success, panel.run_bar.notice.text()
    assert f"scene_{DATES[1]}.tif" in tab.results.messages.text()
    assert "3 dates" in panel.run_bar.notice.text()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that not even root may write to")
def test_a_folder_that_cannot_be_written(panel, tab, take, stack, qtbot):
    take(tab, stack)
    tab.history.folder.setFilePath("/proc")
    run(panel, qtbot)
    assert_refused(panel, "/proc")


def test_dates_are_wired_to_the_temporal_controller(panel, qgis_canvas, qtbot, tmp_path):
    files = series_files(series.write(tmp_path / "mound"))
    from deepot_qgis.processing.layers.series import add_series_group

    group = add_series_group(QgsProject.instance(), files)
    shown = dates_group(group)
    ranges = date_ranges(files.dates)
    assert ranges[0].begin() == QDateTime.fromString("2023-01-05T00:00:00Z", Qt.DateFormat.ISODate)
    assert ranges[0].end() == ranges[1].begin() and not ranges[0].contains(ranges[0].end())
    layers = [node.layer() for node in shown.findLayers()]
    assert all(layer.temporalProperties().isActive() for layer in layers)
    if bands_have_time():
        assert len(layers) == 1 and len(layers[0].temporalProperties().fixedRangePerBand()) == series.COUNT
    else:
        modes = QgsRasterLayerTemporalProperties.TemporalMode
        assert len(layers) == series.COUNT
        by_band = {layer.renderer().band(): layer.temporalProperties() for layer in layers}
        for band, properties in by_band.items():
            assert properties.mode() == modes.FixedTemporalRange
            assert properties.fixedTemporalRange() == ranges[band - 1]
    controller = QgsTemporalNavigationObject()
    qgis_canvas.setTemporalController(controller)
    panel.series._files = files
    panel.series.play()
    assert controller.navigationMode() == QgsTemporalNavigationObject.NavigationMode.Animated
    assert controller.totalFrameCount() == series.COUNT
    assert controller.dateTimeRangeForFrameNumber(2).begin() == ranges[2].begin()
    controller.pause()
    assert shown.isVisible() and not group.findLayers()[0].isVisible()
    qgis_canvas.setTemporalController(None)


def test_displacement_by_date_is_the_length_of_the_motion(tmp_path):
    files = series_files(series.write(tmp_path / "mound"))
    layer = QgsRasterLayer(files.magnitude, "magnitude")
    product = open_series(files.record)
    x, y = product.grid.to_map(64.5, 48.5)
    read = [layer.dataProvider().sample(QgsPointXY(x, y), band)[0] for band in range(1, series.COUNT + 1)]
    np.testing.assert_allclose(read, product.at(x, y, 1).magnitude(), rtol=1e-5, atol=1e-6)
    assert layer.crs().authid() == "EPSG:32613"
    assert np.isnan(layer.dataProvider().sample(QgsPointXY(500005, 4199995), 3)[0])
    assert layer.bandName(2).endswith("2023-03-06")


def test_settings_are_remembered(make_panel):
    first = make_panel().series
    choose(first.network.kind, COHERENCE)
    first.network.min_coherence.setValue(0.55)
    first.history.smoothness.setValue(1.5)
    choose(first.reference.kind, NOTHING)
    second = make_panel().series
    assert second.network.kind.currentData() == COHERENCE and second.network.min_coherence.value() == 0.55
    assert second.history.smoothness.value() == 1.5 and second.reference.kind.currentData() == NOTHING
    QgsSettings().remove("deepot")


def test_tab_fits_in_320_pixels(tab, take, stack):
    take(tab, stack)
    choose(tab.network.kind, COHERENCE)
    tab.advanced.setCollapsed(False)
    assert tab.widget().minimumSizeHint().width() <= 300
    assert not tab.advanced.secondary_band.isVisible()
