"""A product in other forms: through Processing, and from the panel."""

from __future__ import annotations

from pathlib import Path

import pytest
from osgeo import gdal, ogr
from qgis.core import QgsProcessingException
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QFileDialog

from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.report import run as report
from deepot_qgis.gui.pair import export as module
from tests.qgis.test_processing import run  # noqa: F401  (a fixture)

LEFT = Qt.MouseButton.LeftButton
TIMEOUT_MS = 20_000


@pytest.fixture(scope="session")
def pair_product(moving_pair, tmp_path_factory) -> str:
    path = str(tmp_path_factory.mktemp("exported") / "moved.tif")
    measure(MeasureOptions(*moving_pair, output=path, method="correlation"))
    return path


@pytest.fixture
def quick_report(monkeypatch):
    """One map of few pixels in a report; tests/engine/test_report.py looks at a whole one."""
    monkeypatch.setattr(report, "VIEWS", {"magnitude": report.VIEWS["magnitude"]})
    monkeypatch.setattr(report, "_DPI", 40)


def test_processing_writes_every_form(run, pair_product, tmp_path):  # noqa: F811
    paths = {"COG": "cog.tif", "MAP": "map.png", "ARROWS": "arrows.gpkg", "NETCDF": "speed.nc"}
    asked = {name: str(tmp_path / file) for name, file in paths.items()}
    found = run("deepot:exportpair", PRODUCT=pair_product, BAND="east", **asked)
    assert found == asked
    cog = gdal.Open(asked["COG"])
    assert cog.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG" and cog.RasterCount == 7
    assert Path(asked["MAP"]).read_bytes().startswith(b"\x89PNG")
    arrows = ogr.Open(asked["ARROWS"])
    assert arrows.GetLayer(0).GetFeatureCount() > 10
    assert gdal.Open(f'NETCDF:"{asked["NETCDF"]}":vx') is not None


def test_processing_writes_a_report(run, pair_product, tmp_path, quick_report):  # noqa: F811
    found = run("deepot:report", PRODUCT=pair_product, REPORT=str(tmp_path / "report.html"))
    assert "2023-09-04" in Path(found["REPORT"]).read_text(encoding="utf-8")


def test_processing_says_what_is_missing(run, pair_product, moving_pair, tmp_path):  # noqa: F811
    with pytest.raises(QgsProcessingException, match="Nothing to write was chosen"):
        run("deepot:exportpair", PRODUCT=pair_product)
    for form in ({"ARROWS": "a.gpkg"}, {"MAP": "a.png"}):
        with pytest.raises(QgsProcessingException, match="is no displacement product"):
            run("deepot:exportpair", PRODUCT=moving_pair[0], **{k: str(tmp_path / v) for k, v in form.items()})


def test_the_panel_reports_and_exports_the_last_run(
    panel, choose, run_to_end, moving_pair, tmp_path, qtbot, monkeypatch, quick_report
):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    panel.pair.products.folder.setFilePath(str(tmp_path))
    choose(panel, *moving_pair)
    run_to_end(panel)
    last = panel.pair.last_run
    with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
        qtbot.mouseClick(last.report, LEFT)
    assert opened == [last.product.replace(".tif", "_report.html")]
    assert Path(opened[0]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    endings = ("page.pdf", "map.png", "arrows.gpkg", "cog.tif", "velocity.nc")
    for action, ending in zip(last.export.menu().actions()[1:], endings):
        target = tmp_path / f"mine_{ending}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, target=target: (str(target.with_suffix("")), ""))
        with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
            action.trigger()
        assert target.stat().st_size > 0
        assert str(target) in panel.run_bar.notice.text()
    assert len(opened) == 1


def test_a_failed_export_says_why(panel, choose, run_to_end, moving_pair, tmp_path, qtbot):
    choose(panel, *moving_pair)
    run_to_end(panel)
    with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
        panel.pair.export(module.COG, str(tmp_path / "no" / "folder.tif"))
    assert "folder" in panel.run_bar.notice.text()


def test_names_beside_a_product_are_free(tmp_path):
    product = str(tmp_path / "a.tif")
    assert module.beside(product, module.MAP).endswith("a_map.png")
    (tmp_path / "a_map.png").write_text("taken")
    assert module.beside(product, module.MAP).endswith("a_map_2.png")
