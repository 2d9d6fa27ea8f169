"""Mask and reference in the panel: limits, masks, stable ground, a preview, and a refined product on the map."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest

from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.refine import preview
from deepot_qgis.gui.ground.mask_list import DRAWN, POLYGONS, RASTER, MaskList
from deepot_qgis.gui.sections import reference
from tests.engine import scenes

LEFT = Qt.MouseButton.LeftButton
SOON_MS = 20_000


@pytest.fixture(scope="module")
def product(moving_pair, tmp_path_factory) -> str:
    """A product of the conventional method."""
    path = str(tmp_path_factory.mktemp("measured") / "displacement.tif")
    measure(MeasureOptions(*moving_pair, output=path, method="correlation"))
    return path


@pytest.fixture
def measured(panel, product, tmp_path):
    """A panel whose section is open on a product of the test's own."""
    for path in Path(product).parent.glob("displacement*"):
        shutil.copy(path, tmp_path)
    panel.pair.refining.products.choose(str(tmp_path / "displacement.tif"))
    panel.pair.refining.setCollapsed(False)
    return panel


@pytest.fixture
def seen(qtbot):
    """Return a call that waits for the preview that belongs to what is chosen now."""

    def call(section, change=lambda: None):
        with qtbot.waitSignal(section.watch.found, timeout=SOON_MS) as caught:
            change()
        return caught.args[0]

    return call


@pytest.fixture
def apply(qtbot):
    """Return a call that clicks Apply and waits; gives the bands of the product."""

    def call(panel) -> np.ndarray:
        with qtbot.waitSignal(panel.runner.idle, timeout=SOON_MS):
            qtbot.mouseClick(panel.pair.refining.apply, LEFT)
        assert panel.run_bar.notice.level == Qgis.MessageLevel.Success, panel.run_bar.notice.text()
        return gdal.Open(panel.pair.last_run.product).ReadAsArray()

    return call


def set_kind(combo, data) -> None:
    combo.setCurrentIndex(combo.findData(data))


def test_nothing_to_refine_is_said(panel, qtbot):
    section = panel.pair.refining
    section.setCollapsed(False)
    assert not section.apply.isEnabled() and "Run first" in section.outcome.text()


def test_what_was_measured_is_looked_at(panel, choose, run_to_end, moving_pair, seen, apply):
    section = panel.pair.refining
    choose(panel, *moving_pair)
    run_to_end(panel)
    assert section.products.combo.currentText() == "2023-09-04 - 2023-09-16"
    found = seen(section, lambda: section.setCollapsed(False))
    assert section.apply.isEnabled()
    apply(panel)
    group = QgsProject.instance().layerTreeRoot().children()[0]
    assert group.name() == "2023-09-04 - 2023-09-16, refined"
    assert found.good == pytest.approx(found.good_before)
    shown = section.outcome.text()
    assert f"{100 * found.good:.1f} % of the pixels survive" in shown
    assert "Median east" in shown and "→" in shown and "NMAD north" in shown


def test_a_tighter_limit_masks_more_and_a_looser_brings_back(measured, seen):
    section = measured.pair.refining
    tight = seen(section, lambda: section.limits.correlation.setValue(0.9))
    assert tight.good < tight.good_before and tight.share(Reason.LOW_CORRELATION) > 0
    loose = seen(section, lambda: section.limits.correlation.setValue(0.0))
    assert loose.good >= loose.good_before > tight.good


def test_a_polygon_is_left_out_and_the_product_is_on_the_map(measured, seen, apply, polygon_layer):
    section = measured.pair.refining
    QgsProject.instance().addMapLayer(polygon_layer)
    section.masks.polygons.setLayer(polygon_layer)
    before = gdal.Open(section.products.path()).ReadAsArray()
    found = seen(section, lambda: QTest.mouseClick(section.masks.add, LEFT))
    assert found.share(Reason.EXCLUDED) > 0.05
    assert "outline" in section.masks.list.item(0).text()
    after = apply(measured)
    out = after[6] == Reason.EXCLUDED
    assert out.sum() == pytest.approx(80 * 80, rel=0.03)
    assert np.isnan(after[0][out]).all()
    kept = (after[6] == 0) & ~out
    moved = np.abs(after[0] - before[0])[kept]
    assert np.ptp(moved) < 1e-4  # one shift, seen on the slowest quarter, for all
    assert measured.pair.last_run.product.endswith("_refined.tif")
    assert Path(measured.pair.last_run.product).with_suffix(".json").exists()


def test_a_file_in_a_crs_that_was_set_by_hand_masks_what_the_map_shows(
    qgis_canvas, qgis_new_project, polygon_layer, tmp_path, qtbot
):
    path = str(tmp_path / "outline.shp")
    file = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(path)
    written = file.CreateLayer("outline", None, ogr.wkbPolygon)  # of no CRS
    feature = ogr.Feature(written.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt(next(polygon_layer.getFeatures()).geometry().asWkt()))
    written.CreateFeature(feature)
    del feature, written, file
    layer = QgsVectorLayer(path, "outline", "ogr")
    layer.setCrs(polygon_layer.crs())
    QgsProject.instance().addMapLayer(layer)
    masks = MaskList(qgis_canvas)
    qtbot.addWidget(masks)
    masks.set_crs(QgsCoordinateReferenceSystem("EPSG:32613"))
    masks.polygons.setLayer(layer)
    QTest.mouseClick(masks.add, LEFT)
    (mask,) = masks.masks()
    masks.shut_down()
    shown = QgsGeometry.fromWkt(mask.area).boundingBox()
    assert not mask.path and shown.xMinimum() == pytest.approx(500700, abs=1)


def test_a_mask_can_be_taken_off_again(measured, seen, polygon_layer):
    section = measured.pair.refining
    QgsProject.instance().addMapLayer(polygon_layer)
    section.masks.polygons.setLayer(polygon_layer)
    assert seen(section, lambda: QTest.mouseClick(section.masks.add, LEFT)).share(Reason.EXCLUDED) > 0
    section.masks.list.setCurrentRow(0)
    assert seen(section, lambda: QTest.mouseClick(section.masks.remove, LEFT)).share(Reason.EXCLUDED) == 0
    assert section.masks.masks() == ()


def test_a_raster_masks_layover_and_shadow(measured, seen, tmp_path):
    section = measured.pair.refining
    plane = np.zeros((160, 192), np.uint8)
    plane[100:, :] = 2
    layer = QgsRasterLayer(scenes.write(tmp_path / "shadow.tif", plane), "shadow")
    QgsProject.instance().addMapLayer(layer)
    set_kind(section.masks.kind, RASTER)
    section.masks.rasters.setLayer(layer)
    set_kind(section.masks.reason, int(Reason.LAYOVER_SHADOW))
    assert not section.masks.outside.isVisible()
    found = seen(section, lambda: QTest.mouseClick(section.masks.add, LEFT))
    assert found.share(Reason.LAYOVER_SHADOW) > 0.3


def test_everything_outside_a_drawn_polygon_is_left_out(measured, seen, qgis_canvas, qtbot):
    section = measured.pair.refining
    grid = QgsRasterLayer(section.products.path())
    qgis_canvas.setDestinationCrs(grid.crs())
    qgis_canvas.setExtent(grid.extent())
    set_kind(section.masks.kind, DRAWN)
    section.masks.outside.setChecked(True)
    QTest.mouseClick(section.masks.add, LEFT)
    assert qgis_canvas.mapTool() is section.masks._tool
    box = grid.extent()
    inside = QgsRectangle(box.center().x(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    found = seen(section, lambda: section.masks._tool.picked.emit(QgsGeometry.fromRect(inside)))
    assert 0.3 < found.share(Reason.EXCLUDED) < 0.6
    assert qgis_canvas.mapTool() is not section.masks._tool


def test_stable_ground_is_set_to_zero(measured, seen, apply):
    """The whole scene moves 20 m east and 10 m south, stable ground with it: referencing takes that out."""
    section = measured.pair.refining
    found = seen(section, lambda: set_kind(section.reference.kind, reference.SLOWEST))
    assert found.stable.before.median_east == pytest.approx(20, abs=1)
    assert found.stable.before.median_north == pytest.approx(-10, abs=1)
    assert found.stable.after.median_east == pytest.approx(0, abs=0.01)
    assert "20" in section.outcome.text() and "→" in section.outcome.text()
    after = apply(measured)
    assert np.nanmedian(after[0]) == pytest.approx(0, abs=0.5)


def test_what_cannot_be_is_a_sentence(measured, qtbot):
    section = measured.pair.refining
    set_kind(section.reference.kind, reference.DRAWN)
    qtbot.waitUntil(lambda: "No stable ground is drawn" in section.outcome.text(), timeout=SOON_MS)
    qtbot.mouseClick(section.apply, LEFT)
    assert "No stable ground is drawn" in measured.run_bar.notice.text()
    set_kind(section.masks.kind, POLYGONS)
    QTest.mouseClick(section.masks.add, LEFT)
    assert "no polygon layer" in measured.run_bar.notice.text()


def test_a_look_that_is_overtaken_says_nothing(measured, qtbot):
    section = measured.pair.refining
    said = []
    section.watch.found.connect(said.append)
    for limit in (0.2, 0.5, 0.9):
        section.limits.correlation.setValue(limit)
        qtbot.wait(5)
    qtbot.waitUntil(lambda: bool(said), timeout=SOON_MS)
    qtbot.wait(1000)
    assert len(said) == 1 and said[0].after == preview(section.job().options).after


def test_masks_of_another_frame_do_not_stay(measured, polygon_layer):
    masks = measured.pair.refining.masks
    QgsProject.instance().addMapLayer(polygon_layer)
    masks.polygons.setLayer(polygon_layer)
    QTest.mouseClick(masks.add, LEFT)
    assert masks.masks()
    masks.set_crs(QgsCoordinateReferenceSystem("EPSG:32633"))
    assert not masks.masks() and masks.list.count() == 0
