"""``deepot:timeseries`` through Processing."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsVectorLayer,
)

from deepot_qgis.engine.timeseries.product import open_series
from tests.engine import scenes
from tests.engine.test_timeseries_run import DAYS, STEP, stack
from tests.qgis.test_processing import Listener, run  # noqa: F401  (a fixture)


@pytest.fixture(scope="module")
def images(tmp_path_factory) -> Path:
    """Three dates whose middle moves."""
    return stack(tmp_path_factory.mktemp("stack"), DAYS[:3], 96)


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> str:
    return str(tmp_path_factory.mktemp("out") / "series")


def test_a_folder_of_images_becomes_a_series(run, images, out):  # noqa: F811
    listener = Listener()
    found = run("deepot:timeseries", listener, FOLDER=str(images), METHOD="correlation", NEIGHBOURS=2, OUTPUT=out)
    assert (found["DATES_COUNT"], found["PAIRS_COUNT"], found["UNIT"]) == (3, 3, "m")
    assert found["KNOWN"] > 0.8 and found["SPLIT_SHARE"] < 0.1
    product = open_series(found["RECORD"])
    assert product.at(500480, 4199520, 5).east[-1] == pytest.approx(20 * STEP, rel=0.2)
    for name in ("EAST", "NORTH", "SIGMA", "VELOCITY", "QUALITY", "SERIES_NETCDF"):
        assert Path(found[name]).exists()
    assert "3 dates, 3 pairs." in listener.said and any("Median speed" in line for line in listener.said)
    assert listener.shares == sorted(listener.shares) and listener.shares[-1] == 100


def test_layers_a_stable_polygon_and_the_map(run, images, out):  # noqa: F811
    project = QgsProject.instance()
    paths = [str(path) for path in sorted(images.glob("*.tif"), reverse=True)]
    polygon = QgsVectorLayer("Polygon?crs=EPSG:32613", "stable", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("POLYGON((500000 4199000,500960 4199000,500960 4199200,500000 4199200))"))
    polygon.dataProvider().addFeatures([feature])
    listener = Listener()
    assert project.layerTreeRoot().findGroups() == []
    found = run(
        "deepot:timeseries", listener, LAYERS=paths, METHOD="correlation", NEIGHBOURS=2, STABLE_AREA=polygon,
        OUTPUT=out, LOAD=True, NETCDF=False,
    )  # fmt: skip
    assert any("3 of 3 pairs were taken from an earlier run" in line for line in listener.said)
    assert open_series(found["RECORD"]).record["stack_options"]["reference"]["kind"] == "area"
    names = [group.name() for group in project.layerTreeRoot().findGroups()]
    assert names and "2020-01-01" in names[0]
    project.clear()


def test_bad_input_is_a_sentence(run, images, tmp_path):  # noqa: F811
    with pytest.raises(QgsProcessingException, match="No image is chosen"):
        run("deepot:timeseries", OUTPUT=str(tmp_path))
    (tmp_path / "one").mkdir()
    scenes.write(tmp_path / "one" / "scene_20200101.tif", scenes.texture(40, 40))
    with pytest.raises(QgsProcessingException, match="only one date"):
        run("deepot:timeseries", FOLDER=str(tmp_path / "one"), OUTPUT=str(tmp_path / "out"))
    scenes.write(tmp_path / "one" / "scene_20200113.tif", scenes.texture(40, 40), epsg=32614)
    with pytest.raises(QgsProcessingException, match="EPSG:32614 instead of EPSG:32613"):
        run("deepot:timeseries", FOLDER=str(tmp_path / "one"), OUTPUT=str(tmp_path / "out"))
    with pytest.raises(QgsProcessingException, match="needs a shortest or a longest interval"):
        run("deepot:timeseries", FOLDER=str(images), NETWORK="interval", OUTPUT=str(tmp_path / "out"))
    with pytest.raises(QgsProcessingException, match="there is none; draw one"):
        run("deepot:timeseries", FOLDER=str(images), STABLE="area", OUTPUT=str(tmp_path / "out"))


def test_a_cancel_leaves_measured_pairs(run, images, tmp_path):  # noqa: F811
    class Impatient(Listener):
        def isCanceled(self):
            return any("Pair 2" in line for line in self.said)

    listener = Impatient()
    run("deepot:timeseries", listener, FOLDER=str(images), METHOD="correlation", OUTPUT=str(tmp_path / "out"))
    assert len(list((tmp_path / "out" / "pairs").glob("*.json"))) <= 1
    assert not (tmp_path / "out" / "series.json").exists()
