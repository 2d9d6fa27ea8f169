"""Refining through Processing: layers as masks and stable ground, the log, styles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.quality import Reason
from deepot_qgis.processing.masks import mask_of
from tests.engine import scenes
from tests.qgis.test_processing import run  # noqa: F401  (a fixture)

UTM = QgsCoordinateReferenceSystem("EPSG:32613")
#: Of the 192 x 160 pixels of 10 m: the eastern part.
EAST = "Polygon((501000 4198400, 502000 4198400, 502000 4200000, 501000 4200000, 501000 4198400))"


@pytest.fixture(scope="module")
def product(moving_pair, tmp_path_factory) -> str:
    path = str(tmp_path_factory.mktemp("measured") / "moved.tif")
    measure(MeasureOptions(*moving_pair, output=path, method="correlation"))
    return path


@pytest.fixture
def polygons(qgis_app) -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:32613", "rock", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(EAST))
    layer.dataProvider().addFeatures([feature])
    layer.updateExtents()
    QgsProject.instance().addMapLayer(layer)
    return layer


def test_stable_polygons_take_the_shift_out_and_the_outputs_say_so(run, product, polygons, tmp_path):  # noqa: F811
    output = str(tmp_path / "refined.tif")
    found = run("deepot:refine", PRODUCT=product, STABLE="area", STABLE_AREA=polygons, OUTPUT=output)
    assert found["OUTPUT"] == output and found["UNIT"] == "m"
    assert found["EAST_MEDIAN_BEFORE"] == pytest.approx(20, abs=0.5)
    assert found["NORTH_MEDIAN_BEFORE"] == pytest.approx(-10, abs=0.5)
    assert abs(found["EAST_MEDIAN_AFTER"]) < 0.01 and found["EAST_NMAD_AFTER"] < 0.5
    assert found["STABLE_PIXELS"] > 1000
    assert found["GOOD_SHARE"] == found["GOOD_SHARE_BEFORE"] > 0.8
    east = scenes.read(output)["east"]
    assert np.nanmedian(east) == pytest.approx(0, abs=0.1)
    assert not list(Path(product).parent.glob("*.qml"))  # the measurement's files stay as they are
    assert (tmp_path / "refined.qml").is_file() and (tmp_path / "refined_mask.qml").is_file()
    layer = QgsRasterLayer(output, "refined")
    layer.loadNamedStyle(str(tmp_path / "refined_mask.qml"))
    labels = {int(one.value): one.label for one in layer.renderer().classes()}
    assert labels[Reason.EXCLUDED] == "excluded by a mask" and labels[Reason.DISAGREES]


def test_masks_of_every_kind(run, product, polygons, tmp_path):  # noqa: F811
    shadow = np.zeros((160, 192), np.uint8)
    shadow[60:80] = 2
    raster = QgsRasterLayer(scenes.write(tmp_path / "shadow.tif", shadow), "shadow")
    QgsProject.instance().addMapLayer(raster)
    output, velocity = str(tmp_path / "refined.tif"), str(tmp_path / "velocity.tif")
    run("deepot:refine", PRODUCT=product, MASKS=[polygons], LAYOVER=[raster], OUTPUT=output, VELOCITY=velocity,
        VELOCITY_UNIT="cm/day", MIN_CORRELATION=0.2, MAX_SIGMA=5.0, SIGMA_UNIT="m")  # fmt: skip
    bands = scenes.read(output)
    assert (bands["mask"][60:80, :180] == Reason.LAYOVER_SHADOW).mean() > 0.9
    assert (bands["mask"][90:150, 105:180] == Reason.EXCLUDED).all()
    assert (bands["mask"][90:150, 10:90] == 0).mean() > 0.9
    moved = scenes.read(velocity)["east"]
    assert np.nanmedian(moved) == pytest.approx(np.nanmedian(bands["east"]) / 12 * 100, rel=0.01)


def test_keeping_only_what_lies_inside(run, product, polygons, tmp_path):  # noqa: F811
    output = str(tmp_path / "refined.tif")
    found = run("deepot:refine", PRODUCT=product, KEEP=polygons, OUTPUT=output)
    mask = scenes.read(output)["mask"]
    assert (mask[90:150, :98] == Reason.EXCLUDED).all() and not (mask[:, 102:] == Reason.EXCLUDED).any()
    assert 0.3 < found["GOOD_SHARE"] < found["GOOD_SHARE_BEFORE"]


def test_backward_is_measured_when_asked(run, product, tmp_path):  # noqa: F811
    output = str(tmp_path / "refined.tif")
    found = run("deepot:refine", PRODUCT=product, MEASURE_BACKWARD=True, MAX_DISAGREEMENT=0.3, OUTPUT=output)
    assert (tmp_path / "refined_backward_offsets.tif").is_file()
    assert 0.8 < found["GOOD_SHARE"] <= found["GOOD_SHARE_BEFORE"]
    again = str(tmp_path / "again.tif")
    same = run("deepot:refine", PRODUCT=product, BACKWARD=str(tmp_path / "refined_backward_offsets.tif"),
               MAX_DISAGREEMENT=0.3, OUTPUT=again)  # fmt: skip
    assert same["GOOD_SHARE"] == found["GOOD_SHARE"]


def test_what_cannot_be_is_a_sentence(run, product, moving_pair, tmp_path):  # noqa: F811
    output = str(tmp_path / "refined.tif")
    with pytest.raises(QgsProcessingException, match="is no displacement product"):
        run("deepot:refine", PRODUCT=moving_pair[0], OUTPUT=output)
    with pytest.raises(QgsProcessingException, match="is to be a polygon"):
        run("deepot:refine", PRODUCT=product, STABLE="area", OUTPUT=output)
    assert not list(tmp_path.iterdir())


def test_a_layer_that_is_a_whole_file_is_a_mask_by_its_path(polygons, tmp_path):
    path, transforms = str(tmp_path / "Wasser größer.gpkg"), QgsProject.instance().transformContext()
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.layerName = "lake"
    QgsVectorFileWriter.writeAsVectorFormatV3(polygons, path, transforms, options)
    layer = QgsVectorLayer(f"{path}|layername=lake", "lake", "ogr")
    mask = mask_of(layer, UTM, transforms)
    assert (mask.path, mask.layer, mask.area) == (path, "lake", None)
    layer.setSubsetString("fid > 0")
    assert mask_of(layer, UTM, transforms).area.lower().startswith(("polygon", "multipolygon"))
    assert mask_of(polygons, UTM, transforms, outside=True).outside
    with pytest.raises(InputError, match="no polygon"):
        mask_of(QgsVectorLayer("Polygon?crs=EPSG:32613", "empty", "memory"), UTM, transforms)
