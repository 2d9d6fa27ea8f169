"""Bad input: one sentence in the panel and in the message bar, and a button where there is a way out."""

from __future__ import annotations

import os

import pytest
from qgis.core import Qgis, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt

from deepot_qgis.gui.sections.area import POLYGONS
from deepot_qgis.gui.sections.method import CORRELATION, MODEL

LEFT = Qt.MouseButton.LeftButton


def assert_refused(panel, message_bar, *words: str) -> None:
    """The panel shows one message with these words, nothing runs and nothing was added."""
    text = panel.run_bar.notice.text()
    assert panel.run_bar.notice.isVisible() and panel.run_bar.notice.level == Qgis.MessageLevel.Critical
    for word in words:
        assert word in text
    assert "\n" not in text and "Traceback" not in text
    assert message_bar.currentItem() is not None and message_bar.currentItem().text() == text
    assert panel.run_bar.run.isEnabled()
    assert not panel.pair.last_run.isVisible()


def test_nothing_chosen(panel, message_bar, qtbot):
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, message_bar, "Choose the reference image first", "Load sample data")


@pytest.mark.parametrize(
    ("which", "word"),
    [
        ("shifted", "2.50 px away"),
        ("other_crs", "EPSG:26913"),
        ("empty", "holds no data"),
        ("far", "do not overlap"),
    ],
)
def test_unfit_secondary(panel, message_bar, choose, run_to_end, moving_pair, bad_rasters, which, word):
    choose(panel, moving_pair[0], bad_rasters[which])
    run_to_end(panel)
    assert_refused(panel, message_bar, word)


def test_preflight_warns_before_a_click(panel, choose, qtbot, moving_pair, bad_rasters):
    choose(panel, moving_pair[0], bad_rasters["shifted"])
    qtbot.waitUntil(lambda: "2.50 px away" in panel.pair.images.preflight.text(), timeout=20_000)
    assert panel.pair.images.preflight.level == Qgis.MessageLevel.Critical
    assert panel.pair.images.preflight.button().text() == "Make an aligned copy"


def test_aligned_copy_is_made_and_measured(panel, choose, qtbot, run_to_end, moving_pair, bad_rasters, tmp_path):
    choose(panel, moving_pair[0], bad_rasters["shifted"])
    panel.pair.products.folder.setFilePath(str(tmp_path))
    run_to_end(panel)
    with qtbot.waitSignal(panel.runner.idle, timeout=20_000):
        qtbot.mouseClick(panel.run_bar.notice.button(), LEFT)
    assert (tmp_path / "shifted_20230916_aligned.tif").exists()
    assert panel.pair.images.secondary.layer().name() == "shifted_20230916_aligned"
    assert panel.pair.images.secondary.date.iso() == "2023-09-16"
    run_to_end(panel)
    assert panel.pair.last_run.isVisible()


@pytest.mark.parametrize(
    ("which", "word"),
    [("text", "is not a raster"), ("missing", "does not exist"), ("folder", "is a folder")],
)
def test_files_that_are_no_rasters(panel, message_bar, bad_rasters, which, word):
    panel.pair.images.secondary.choose_file(bad_rasters[which])
    assert_refused(panel, message_bar, word)
    assert panel.pair.images.secondary.layer() is None


def test_truncated_file(panel, message_bar, bad_rasters):
    panel.pair.images.secondary.choose_file(bad_rasters["cut"])
    assert_refused(panel, message_bar, "cut_20230916.tif")


def test_file_removed_after_it_was_loaded(panel, message_bar, choose, run_to_end, moving_pair, bad_rasters):
    choose(panel, moving_pair[0], bad_rasters["shifted"])
    os.remove(bad_rasters["shifted"])
    run_to_end(panel)
    assert_refused(panel, message_bar, "does not exist", "choose the raster again")


def test_one_pixel(panel, message_bar, choose, run_to_end, bad_rasters, moving_pair):
    choose(panel, bad_rasters["tiny"], moving_pair[1])
    run_to_end(panel)
    assert_refused(panel, message_bar, "1 x 1 pixels")


def test_same_file_twice(panel, message_bar, choose, run_to_end, moving_pair):
    choose(panel, moving_pair[0], moving_pair[0])
    run_to_end(panel)
    assert_refused(panel, message_bar, "same image")


def test_reversed_dates_offer_to_swap(panel, message_bar, choose, qtbot, run_to_end, moving_pair):
    choose(panel, moving_pair[1], moving_pair[0])
    run_to_end(panel)
    assert_refused(panel, message_bar, "is later than the secondary")
    qtbot.mouseClick(panel.run_bar.notice.button(), LEFT)
    assert panel.pair.images.reference.layer().name() == "scene_20230904"
    assert not panel.run_bar.notice.isVisible()
    run_to_end(panel)
    assert panel.pair.last_run.isVisible()


def test_folder_that_is_not_there(panel, message_bar, choose, run_to_end, moving_pair, tmp_path):
    choose(panel, *moving_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path / "nowhere"))
    run_to_end(panel)
    assert_refused(panel, message_bar, "folder")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that not even root may write to")
def test_folder_that_cannot_be_written(panel, message_bar, choose, run_to_end, moving_pair):
    choose(panel, *moving_pair)
    panel.pair.products.folder.setFilePath("/proc")
    run_to_end(panel)
    assert_refused(panel, message_bar, "/proc", "choose another folder")


def test_velocity_without_dates(panel, message_bar, choose, run_to_end, moving_pair, tmp_path):
    plain = [tmp_path / name for name in ("first.tif", "second.tif")]
    for source, target in zip(moving_pair, plain):
        with open(source, "rb") as file:
            target.write_bytes(file.read())
    choose(panel, *map(str, plain))
    assert panel.pair.images.reference.date.isNull()
    panel.pair.products.velocity.setChecked(True)
    run_to_end(panel)
    assert_refused(panel, message_bar, "velocity needs both acquisition dates")


def test_windows_that_are_no_numbers(panel, message_bar, choose, qtbot, moving_pair):
    choose(panel, *moving_pair)
    panel.pair.advanced.windows.setText("large")
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, message_bar, "'large' is no list of sizes")


def test_no_polygon_layer(panel, message_bar, choose, qtbot, moving_pair):
    choose(panel, *moving_pair)
    panel.pair.area.kind.setCurrentIndex(panel.pair.area.kind.findData(POLYGONS))
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, message_bar, "There is no polygon layer")


def test_nothing_selected(panel, message_bar, choose, qtbot, moving_pair, polygon_layer):
    choose(panel, *moving_pair)
    QgsProject.instance().addMapLayer(polygon_layer)
    panel.pair.area.kind.setCurrentIndex(panel.pair.area.kind.findData(POLYGONS))
    panel.pair.area.layers.setLayer(polygon_layer)
    panel.pair.area.selected.setChecked(True)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, message_bar, "holds no polygon")


def test_web_service_is_refused(panel, message_bar, qtbot, moving_pair, choose):
    choose(panel, *moving_pair)
    web = QgsRasterLayer("type=xyz&url=file:///nothing/{z}/{x}/{y}.png&zmax=1&zmin=0", "tiles", "wms")
    QgsProject.instance().addMapLayer(web)
    panel.pair.images.secondary.layers.setLayer(web)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, message_bar, "tiles is not a raster file", "save it as GeoTIFF")


def test_model_file_that_is_none(panel, message_bar, choose, run_to_end, moving_pair, tmp_path):
    pytest.importorskip("onnxruntime")
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")
    choose(panel, *moving_pair)
    panel.pair.method.method.setCurrentIndex(panel.pair.method.method.findData(MODEL))
    panel.pair.method.choose_model_file(str(broken))
    run_to_end(panel)
    assert_refused(panel, message_bar, "broken.onnx")


def test_without_onnxruntime_the_panel_says_how_to_get_it(make_panel, qtbot, without_onnxruntime):
    panel = make_panel(MODEL)
    qtbot.waitUntil(lambda: "is not installed" in panel.pair.method.hint.text(), timeout=20_000)
    assert "Install it here" in panel.pair.method.hint.text() and panel.pair.method.install.isVisible()


def test_without_onnxruntime_conventional_works(
    make_panel, message_bar, choose, qtbot, run_to_end, moving_pair, without_onnxruntime, tmp_path
):
    panel = make_panel(MODEL)
    model = tmp_path / "network.onnx"
    model.write_bytes(b"never opened")
    panel.pair.method.choose_model_file(str(model))
    choose(panel, *moving_pair)
    run_to_end(panel)
    assert_refused(panel, message_bar, "onnxruntime is not installed")
    assert panel.run_bar.notice.button().text() == "Install ONNX Runtime"
    qtbot.mouseClick(panel.run_bar.notice.button(1), LEFT)
    assert panel.pair.method.method.currentData() == CORRELATION
    run_to_end(panel)
    assert panel.pair.last_run.isVisible()


def test_the_unexpected_is_said_too(panel, message_bar, choose, run_to_end, moving_pair, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("deepot_qgis.gui.task.measure", fail)
    choose(panel, *moving_pair)
    run_to_end(panel)
    assert_refused(panel, message_bar, "ZeroDivisionError", "log panel")
