"""The tab Tools, recipes, settings by project, going on after an interruption, and the way to ONNX Runtime."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from qgis.core import Qgis, QgsApplication, QgsProject, QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFileDialog

from deepot_qgis.engine import recipe as recipes
from deepot_qgis.engine.cli import main
from deepot_qgis.engine.errors import CancelledError
from deepot_qgis.gui.sections.area import POLYGONS, WHOLE
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.method import CORRELATION, MODEL
from deepot_qgis.gui.toolbox.listing import filled, groups

LEFT = Qt.MouseButton.LeftButton
TIMEOUT_MS = 20_000


@pytest.fixture
def tools(panel, provider):
    """The tab, shown."""
    panel.show_tab(panel.toolbox)
    return panel.toolbox


def shown(tab) -> dict[str, Button]:
    return {button.objectName(): button for button in tab.findChildren(Button) if button.isVisible()}


# ---- tools


def test_every_algorithm_of_the_provider_has_a_button_in_the_order_of_the_work(tools, provider):
    assert set(shown(tools)) == {algorithm.id() for algorithm in provider.algorithms()}
    ids = [group.algorithms[0].groupId() for group in groups()]
    assert ids[:2] == ["preparation", "displacement"] and ids[-1] == "exchange"
    assert all(button.toolTip() for button in shown(tools).values())


def test_an_algorithm_that_comes_later_appears_by_itself(panel, qgis_processing):
    panel.show_tab(panel.toolbox)
    assert not shown(panel.toolbox) and panel.toolbox.none.isVisible()
    from deepot_qgis.processing.provider import DeepotProvider

    late = DeepotProvider()
    QgsApplication.processingRegistry().addProvider(late)
    try:
        panel.show_tab(panel.pair)
        panel.show_tab(panel.toolbox)
        assert len(shown(panel.toolbox)) == len(late.algorithms()) and not panel.toolbox.none.isVisible()
    finally:
        QgsApplication.processingRegistry().removeProvider(late)


def test_a_search_leaves_what_is_meant(tools, qtbot):
    qtbot.keyClicks(tools.search, "mintpy")
    assert "deepot:importoffsets" in shown(tools) and "deepot:align" not in shown(tools)
    tools.search.setText("no such word")
    assert not shown(tools) and tools.none.isVisible()
    tools.search.clear()
    assert "deepot:align" in shown(tools)


def test_a_tool_opens_with_the_current_layers(tools, panel, choose, qtbot, moving_pair, run_to_end, monkeypatch):
    choose(panel, *moving_pair)
    panel.show_tab(panel.pair)
    run_to_end(panel)
    panel.show_tab(tools)
    opened = []

    class Dialog:
        def show(self):
            opened.append("shown")

    monkeypatch.setattr(
        "processing.createAlgorithmDialog", lambda *given: opened.append(given) or Dialog(), raising=False
    )
    qtbot.mouseClick(shown(tools)["deepot:align"], LEFT)
    layers = panel.pair.images.reference.layer().id(), panel.pair.images.secondary.layer().id()
    assert opened == [("deepot:align", {"REFERENCE": layers[0], "SECONDARY": layers[1]}), "shown"]
    algorithm = QgsApplication.processingRegistry().algorithmById("deepot:report")
    assert filled(algorithm, panel.known()) == {"PRODUCT": panel.pair.last_run.product}
    algorithm = QgsApplication.processingRegistry().algorithmById("deepot:displacement")
    dates = filled(algorithm, panel.known())
    assert dates["REFERENCE_DATE"].toString("yyyy-MM-dd") == "2023-09-04"


def test_run_waits_for_a_tab_that_has_a_job(tools, panel):
    assert not panel.run_bar.run.isEnabled() and "dialog of its own" in panel.run_bar.run.toolTip()
    panel.run_bar.set_busy(True)
    panel.run_bar.set_busy(False)
    assert not panel.run_bar.run.isEnabled()
    panel.show_tab(panel.pair)
    assert panel.run_bar.run.isEnabled() and "between the two images" in panel.run_bar.run.toolTip()


# ---- recipes


def test_a_recipe_goes_from_panel_to_panel_and_to_the_command_line(
    make_panel, choose, moving_pair, polygon_layer, tmp_path, capfd
):
    first = make_panel()
    choose(first, *moving_pair)
    QgsProject.instance().addMapLayer(polygon_layer)
    pair = first.pair
    pair.area.kind.setCurrentIndex(pair.area.kind.findData(POLYGONS))
    pair.area.layers.setLayer(polygon_layer)
    pair.advanced.windows.setText("16, 32")
    pair.advanced.min_correlation.setValue(0.25)
    pair.products.velocity.setChecked(True)
    pair.products.arrows.setChecked(False)
    pair.images.secondary.date.set_iso("2023-10-01")
    path = str(tmp_path / "mine.json")
    pair.save_recipe(path)
    assert json.loads(Path(path).read_text(encoding="utf-8"))["correlation"]["windows_px"] == [16, 32]
    wanted = pair.settings.recipe()
    QgsProject.instance().clear()
    QgsSettings().remove("deepot")
    second = make_panel(MODEL)
    assert second.pair.settings.recipe() != wanted
    second.pair.load_recipe(path)
    assert "mine.json" in second.run_bar.notice.text()
    got = second.pair.settings.recipe()
    assert got.area and second.pair.area.layers.currentLayer().name() == "mine"
    assert {**vars(got), "area": None} == {**vars(wanted), "area": None}
    out = tmp_path / "out.tif"
    assert main(["pair", str(out), "--recipe", path]) == 0
    assert (tmp_path / "out_velocity.tif").exists()


def test_a_recipe_keeps_what_has_no_knob(panel, tmp_path):
    path = tmp_path / "fine.json"
    path.write_text('{"deepot_recipe": 1, "method": "correlation", "quality": {"outlier_factor": 4.5}}')
    panel.pair.load_recipe(str(path))
    assert panel.pair.settings.recipe().quality.outlier_factor == 4.5
    assert panel.pair.area.kind.currentData() == WHOLE
    panel.pair.advanced.defaults.click()
    assert panel.pair.settings.recipe().quality.outlier_factor != 4.5


def test_a_recipe_that_cannot_be_taken_is_said(panel, tmp_path):
    path = tmp_path / "odd.json"
    path.write_text("{}")
    panel.pair.load_recipe(str(path))
    assert "odd.json is no recipe" in panel.run_bar.notice.text()
    path.write_text('{"deepot_recipe": 1, "model": "/nowhere/mine.onnx"}')
    panel.pair.load_recipe(str(path))
    assert "/nowhere/mine.onnx is not here" in panel.run_bar.notice.text()
    path.write_text('{"deepot_recipe": 1, "images": {"reference": "gone.tif", "secondary": "lost.tif"}}')
    panel.pair.load_recipe(str(path))
    assert "does not exist" in panel.run_bar.notice.text()
    panel.pair.save_recipe(str(tmp_path / "nowhere" / "recipe.json"))
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Critical


def test_the_menu_asks_for_a_file(panel, tmp_path, monkeypatch):
    path = tmp_path / "asked"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (f"{path}.json", ""))
    save, load = panel.pair.recipe.menu().actions()
    save.trigger()
    assert recipes.read(f"{path}.json").method == CORRELATION
    panel.pair.advanced.tile.setValue(512)
    panel.pair.advanced.context.setValue(208)
    load.trigger()
    assert panel.pair.advanced.tile.value() == panel.pair.advanced.context.value() == 0


# ---- projects


def test_a_project_remembers_its_settings_and_images(make_panel, choose, moving_pair, tmp_path):
    panel = make_panel()
    choose(panel, *moving_pair)
    pair = panel.pair
    pair.images.secondary.date.set_iso("2023-10-01")
    pair.products.unit.setCurrentIndex(pair.products.unit.findData("mm/day"))
    pair.products.folder.setFilePath("/somewhere")
    pair.advanced.min_correlation.setValue(0.3)
    path = str(tmp_path / "one.qgz")
    assert QgsProject.instance().write(path)
    QgsProject.instance().clear()
    assert not pair.images.complete()
    pair.advanced.min_correlation.setValue(0.7)  # of another project
    pair.products.unit.setCurrentIndex(pair.products.unit.findData("m/yr"))
    assert QgsProject.instance().read(path)
    assert pair.images.complete() and pair.images.reference.layer().name() == "scene_20230904"
    assert pair.images.secondary.date.iso() == "2023-10-01"
    assert pair.advanced.min_correlation.value() == 0.3 and pair.products.unit.currentData() == "mm/day"
    assert pair.products.folder.filePath() == "/somewhere"
    assert not QgsProject.instance().isDirty()
    late = make_panel(None)  # opened after the project
    assert late.pair.images.secondary.date.iso() == "2023-10-01" and late.pair.advanced.min_correlation.value() == 0.3


def test_a_new_project_begins_with_what_was_chosen_last(make_panel):
    panel = make_panel()
    panel.pair.advanced.min_correlation.setValue(0.3)
    QgsProject.instance().clear()
    assert panel.pair.advanced.min_correlation.value() == 0.3
    assert not QgsProject.instance().isDirty()


def test_an_edited_setting_is_ignored(make_panel):
    QgsProject.instance().writeEntry("deepot", "panel/min_correlation", "high")
    assert make_panel(None).pair.advanced.min_correlation.value() == pytest.approx(0.1)


# ---- interruptions


def test_a_cancelled_run_goes_on_when_asked_to(panel, choose, qtbot, run_to_end, moving_pair, tmp_path, monkeypatch):
    asked = []

    def measuring(options, progress, cancelled):
        asked.append(options)
        while not cancelled():
            time.sleep(0.01)
        raise CancelledError

    monkeypatch.setattr("deepot_qgis.gui.task.measure", measuring)
    choose(panel, *moving_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path))
    for resume, words in ((False, "Nothing was written."), (True, "Finished rows are kept: Run goes on from there.")):
        panel.pair.products.resume.setChecked(resume)
        qtbot.mouseClick(panel.run_bar.run, LEFT)
        qtbot.waitUntil(lambda count=1 + resume: len(asked) == count, timeout=TIMEOUT_MS)
        with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
            qtbot.mouseClick(panel.run_bar.cancel, LEFT)
        assert panel.run_bar.notice.text() == f"Cancelled. {words}"
        qtbot.waitUntil(panel.runner.settled, timeout=TIMEOUT_MS)
    assert [options.resume for options in asked] == [False, True]
    assert asked[0].output == asked[1].output  # what was kept is found again by its place


# ---- ONNX Runtime


def test_install_is_offered_when_a_run_fails_for_lack_of_it(
    make_panel, choose, qtbot, run_to_end, moving_pair, without_onnxruntime, tmp_path, monkeypatch
):
    panel = make_panel(MODEL)
    model = tmp_path / "network.onnx"
    model.write_bytes(b"never opened")
    panel.pair.method.choose_model_file(str(model))
    choose(panel, *moving_pair)
    run_to_end(panel)
    asked = []
    monkeypatch.setattr(
        panel, "show_runtime", lambda: type("Dialog", (), {"install": lambda self: asked.append("install")})()
    )
    button = panel.run_bar.notice.button()
    assert button.text() == "Install ONNX Runtime"
    qtbot.mouseClick(button, LEFT)
    assert asked == ["install"]
    assert panel.run_bar.notice.button(1).text() == "Use the conventional method"
