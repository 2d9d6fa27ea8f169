"""The panel, driven by clicks to the end of its main job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from qgis.core import (
    Qgis,
    QgsColorRampLegendNode,
    QgsLayerTreeModel,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSettings,
)
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QLineEdit

from deepot_qgis.engine.runtime import Device
from deepot_qgis.gui.runner import duration_text
from deepot_qgis.gui.sections.area import CANVAS, POLYGONS
from deepot_qgis.gui.sections.method import CORRELATION, MODEL
from deepot_qgis.gui.task import Inventory

LEFT = Qt.MouseButton.LeftButton
ALL_VIEWS = {"magnitude", "direction", "east", "north", "sigma", "correlation", "mask"}


def result_layers() -> dict:
    """Nodes of the newest result group by view."""
    group = QgsProject.instance().layerTreeRoot().children()[0]
    return {node.layer().customProperty("deepot/view"): node for node in group.findLayers()}


def test_sample_to_finished_map(panel, qtbot, run_to_end):
    qtbot.mouseClick(panel.pair.sample, LEFT)
    assert panel.pair.images.reference.date.iso() == "2024-01-01"
    assert panel.pair.images.secondary.date.iso() == "2024-01-13"
    qtbot.waitUntil(lambda: "12 days" in panel.pair.images.preflight.text(), timeout=20_000)
    run_to_end(panel)
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert group.name() == "2024-01-01 - 2024-01-13"
    layers = result_layers()
    assert set(layers) == ALL_VIEWS | {"arrows", "arrow_legend", "significance"}
    assert all(node.layer().isValid() for node in layers.values())
    shown = {view for view, node in layers.items() if node.itemVisibilityChecked()}
    assert shown == {"magnitude", "arrows", "arrow_legend"}
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Success
    assert panel.pair.last_run.isVisible() and "good" in panel.pair.last_run.text()


def test_legend_explains_the_layers(panel, choose, run_to_end, moving_pair):
    choose(panel, *moving_pair)
    run_to_end(panel)
    tree = QgsLayerTreeModel(QgsProject.instance().layerTreeRoot())
    layers = result_layers()

    def legend(view: str) -> list:
        return tree.layerLegendNodes(layers[view], True)

    ramps = [node for node in legend("magnitude") if isinstance(node, QgsColorRampLegendNode)]
    assert len(ramps) == 1
    assert layers["magnitude"].isExpanded() and layers["magnitude"].name() == "Magnitude (m)"
    reasons = [node.data(Qt.ItemDataRole.DisplayRole) for node in legend("mask")]
    assert {"good", "no data", "low correlation"} <= set(reasons)
    assert QgsProject.instance().layerTreeRoot().children()[0].isExpanded()


def test_result_has_a_style_beside_every_raster(panel, choose, run_to_end, moving_pair, tmp_path):
    choose(panel, *moving_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path))
    panel.pair.products.velocity.setChecked(True)
    panel.pair.products.offsets.setChecked(True)
    run_to_end(panel)
    assert set(result_layers()) >= ALL_VIEWS | {"velocity", "offset_x", "offset_y"}
    rasters = sorted(tmp_path.glob("*.tif"))
    assert [path.name for path in rasters] == [
        "displacement_20230904_20230916.tif",
        "displacement_20230904_20230916_offsets.tif",
        "displacement_20230904_20230916_velocity.tif",
    ]
    for path in rasters:
        assert path.with_suffix(".qml").exists()
        assert QgsRasterLayer(str(path), "again").renderer().type() == "singlebandpseudocolor"
    assert (tmp_path / "displacement_20230904_20230916_mask.qml").exists()


def test_numbers_are_those_of_the_motion(panel, choose, run_to_end, moving_pair):
    choose(panel, *moving_pair)
    run_to_end(panel)
    text = panel.pair.last_run.text()
    assert "Median: 22." in text  # hypot(2, 1) pixels of 10 m
    assert "12 days" in text and "conventional, CPU" in text
    QTest.mouseClick(panel.pair.last_run.copy, LEFT)
    assert QApplication.clipboard().text() == text


def test_a_second_run_takes_a_free_name(panel, choose, run_to_end, moving_pair, tmp_path):
    choose(panel, *moving_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path))
    run_to_end(panel)
    run_to_end(panel)
    assert (tmp_path / "displacement_20230904_20230916_2.tif").exists()
    assert len(QgsProject.instance().layerTreeRoot().findGroups()) == 2


def test_swap_exchanges_images_and_dates(panel, choose, qtbot, moving_pair):
    choose(panel, *moving_pair)
    qtbot.mouseClick(panel.pair.images.swap, LEFT)
    assert panel.pair.images.reference.layer().name() == "scene_20230916"
    assert panel.pair.images.reference.date.iso() == "2023-09-16"
    assert panel.pair.images.secondary.date.iso() == "2023-09-04"


def test_dates_can_be_corrected_and_emptied(panel, choose, moving_pair):
    choose(panel, *moving_pair)
    edit = panel.pair.images.secondary.date
    edit.setDateTime(QDateTime.fromString("2023-10-01T00:00:00Z", Qt.DateFormat.ISODate))
    assert panel.pair.job().options.secondary_date == "2023-10-01"
    edit.clear()
    assert panel.pair.job().options.secondary_date is None


def test_a_known_time_of_day_is_kept(panel):
    panel.pair.images.reference.date.set_iso("2023-03-26T02:30:15Z")  # does not exist in Europe's summer time
    assert panel.pair.images.reference.date.iso() == "2023-03-26T02:30:15Z"


def test_area_is_what_the_map_shows(panel, choose, moving_pair, qgis_canvas):
    choose(panel, *moving_pair)
    qgis_canvas.setDestinationCrs(panel.pair.images.reference.layer().crs())
    qgis_canvas.setExtent(QgsRectangle(500100, 4199000, 500900, 4199800))
    panel.pair.area.kind.setCurrentIndex(panel.pair.area.kind.findData(CANVAS))
    assert panel.pair.job().options.area.startswith("Polygon")


def test_area_inside_polygons(panel, choose, moving_pair, run_to_end, polygon_layer):
    choose(panel, *moving_pair)
    QgsProject.instance().addMapLayer(polygon_layer)
    assert not panel.pair.area.layers.isVisible()
    panel.pair.area.kind.setCurrentIndex(panel.pair.area.kind.findData(POLYGONS))
    assert panel.pair.area.layers.isVisible()
    panel.pair.area.layers.setLayer(polygon_layer)
    run_to_end(panel)
    product = result_layers()["magnitude"].layer()
    assert 75 <= product.width() <= 90  # the polygon is 80 pixels wide, the image 192


def test_cancel_does_not_wait_for_the_run(panel, choose, qtbot, tmp_path, big_pair):
    folder = tmp_path / "out"
    folder.mkdir()
    choose(panel, *big_pair)
    panel.pair.products.folder.setFilePath(str(folder))
    panel.pair.advanced.tile.setValue(256)  # the first of many is soon done, on a busy machine too
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert panel.run_bar.cancel.isEnabled() and not panel.run_bar.run.isEnabled()
    qtbot.waitUntil(lambda: panel.run_bar.progress.value() > 5, timeout=20_000)
    with qtbot.waitSignal(panel.runner.idle, timeout=10_000):
        qtbot.mouseClick(panel.run_bar.cancel, LEFT)
    assert panel.run_bar.notice.text() == "Cancelled. Nothing was written."
    assert panel.run_bar.run.isEnabled() and not panel.run_bar.progress.isVisible()
    qtbot.waitUntil(panel.runner.settled, timeout=20_000)
    assert list(folder.iterdir()) == []
    assert not QgsProject.instance().layerTreeRoot().findGroups()


def test_settings_are_remembered(make_panel):
    first = make_panel(None)
    first.pair.method.method.setCurrentIndex(first.pair.method.method.findData(CORRELATION))
    first.pair.products.velocity.setChecked(True)
    first.pair.products.unit.setCurrentIndex(first.pair.products.unit.findData("mm/day"))
    first.pair.products.arrows.setChecked(False)
    first.pair.products.folder.setFilePath("/somewhere")
    first.pair.advanced.setCollapsed(False)
    first.pair.advanced.min_correlation.setValue(0.3)
    first.pair.advanced.windows.setText("32, 64")
    second = make_panel(None)
    assert second.pair.method.method.currentData() == CORRELATION
    assert second.pair.products.velocity.isChecked() and not second.pair.products.arrows.isChecked()
    assert second.pair.products.unit.currentData() == "mm/day" and second.pair.products.unit.isEnabled()
    assert second.pair.products.folder.filePath() == "/somewhere"
    assert not second.pair.advanced.isCollapsed()
    assert second.pair.advanced.min_correlation.value() == 0.3
    assert second.pair.advanced.options()["correlation"].windows_px == (32, 64)
    second.pair.advanced.defaults.click()
    assert second.pair.advanced.min_correlation.value() < 0.3


def test_a_setting_that_is_no_longer_offered_is_ignored(make_panel):
    QgsSettings().setValue("deepot/panel/velocity_unit", "furlong/fortnight")
    assert make_panel(None).pair.products.unit.currentData() == "m/yr"


def test_method_shows_only_what_it_needs(panel):
    assert not panel.pair.method.device.isVisible()
    panel.pair.method.method.setCurrentIndex(panel.pair.method.method.findData(MODEL))
    assert panel.pair.method.device.isVisible() and panel.pair.method.models.isVisible()


def test_a_device_that_does_not_work_says_why(panel):
    method = panel.pair.method
    method.method.setCurrentIndex(method.method.findData(MODEL))
    reason = "the library libcublasLt.so.13 of CUDA 13 is missing"
    card = Device("cuda", "NVIDIA H200, 139.0 of 150.0 GB free")
    for problem, runs_on in ((reason, "Good CPU"), ("", "NVIDIA H200")):
        found = {"cpu": Device("cpu", "Good CPU, 2 cores"), "cuda": replace(card, problem=problem)}
        method.set_inventory(Inventory({}, found, ""))
        method.device.setCurrentIndex(method.device.findData("auto"))
        assert f"Runs on: {runs_on}" in method.hint.text()
        method.device.setCurrentIndex(method.device.findData("cuda"))
        assert (reason in method.hint.text()) == bool(problem)
        assert (reason in method.device.currentData(Qt.ItemDataRole.ToolTipRole)) == bool(problem)


def test_a_model_of_ones_own_is_offered_again(make_panel, tmp_path):
    path = tmp_path / "mine.onnx"
    path.touch()
    first = make_panel(MODEL)
    first.pair.method.choose_model_file(str(path))
    assert first.pair.method.options()["model"] == str(path)
    assert make_panel(MODEL).pair.method.options()["model"] == str(path)


def test_bundled_models_say_what_they_are(make_panel, qtbot):
    pytest.importorskip("onnxruntime")
    panel = make_panel(MODEL)
    if not panel.pair.method.models.count():
        pytest.skip("no model is bundled")
    qtbot.waitUntil(lambda: "Sees motion up to" in panel.pair.method.hint.text(), timeout=20_000)
    assert "citation" in panel.pair.method.models.itemData(0, Qt.ItemDataRole.ToolTipRole)


def test_panel_fits_in_320_pixels(panel):
    scroll_bar = 20
    assert panel.pair.widget().minimumSizeHint().width() <= 320 - scroll_bar
    assert panel.run_bar.minimumSizeHint().width() <= 320
    panel.pair.advanced.setCollapsed(False)
    assert panel.pair.widget().minimumSizeHint().width() <= 320 - scroll_bar


def test_every_control_explains_itself(panel):
    silent = []
    for kind in (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit):
        for control in panel.widget().findChildren(kind):
            # the line edit of a spin box and the button of a file widget are explained by what they are part of
            parts = (control, control.parentWidget(), control.parentWidget().parentWidget())
            if not any(part.toolTip() for part in parts if part is not None):
                silent.append((type(control).__name__, control.objectName(), type(control.parentWidget()).__name__))
    assert not [entry for entry in silent if not entry[1].startswith(("qt_", "scrollbar", "ScrollLeft", "ScrollRight"))]


def test_browsing_adds_the_file_to_the_project(panel, moving_pair):
    panel.pair.images.reference.choose_file(moving_pair[0])
    assert panel.pair.images.reference.layer().name() == "scene_20230904"
    assert panel.pair.images.reference.date.iso() == "2023-09-04"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59, "59 s"), (100, "2 min"), (3600, "1 h 00 min"), (5000, "1 h 23 min")]
)
def test_durations_read_well(seconds, text):
    assert duration_text(seconds) == text


def test_time_left_is_shown(panel):
    panel.run_bar.set_busy(True)
    panel.run_bar.show_progress(0.25, "Measuring offsets", 90.0)
    assert panel.run_bar.status.text() == "Measuring offsets (25 %) – about 2 min left"
    panel.run_bar.show_progress(0.01, "Measuring offsets", -1.0)
    assert "left" not in panel.run_bar.status.text()


def test_sample_is_loaded_once(panel, qtbot):
    qtbot.mouseClick(panel.pair.sample, LEFT)
    qtbot.mouseClick(panel.pair.sample, LEFT)
    assert len(QgsProject.instance().mapLayers()) == 2
    assert Path(panel.pair.images.reference.path()).name == "sample_20240101.tif"


def test_a_message_waits_in_its_tab(panel, qtbot):
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    notice = panel.run_bar.notice
    assert notice.isVisible() and notice.text().startswith("Choose the reference image")
    panel.show_tab(panel.series)
    assert not notice.isVisible()
    panel.show_tab(panel.pair)
    assert notice.isVisible()
