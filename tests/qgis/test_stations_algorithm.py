"""``deepot:stations`` through Processing."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.processing.stations_algorithm import parse_breaks
from tests.engine import station_scenes as scenes
from tests.qgis.test_processing import Listener, run  # noqa: F401  (a fixture)

SPEED = float(np.hypot(*scenes.RATE))
BEARING = float(np.degrees(np.arctan2(*scenes.RATE)) % 360)
HERE = "300300,4199850 [EPSG:32613]"


@pytest.fixture(scope="module")
def series(tmp_path_factory) -> str:
    """A series without noise whose right half moves."""
    return scenes.series(tmp_path_factory.mktemp("map"))


def test_an_extensometer_agrees(run, series, tmp_path):  # noqa: F811
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    listener = Listener()
    found = run(
        "deepot:stations", listener, MAP=series, FILES=[file], POSITION=HERE, BEARING=BEARING,
        BREAKS="upper=2017-05-20", OUTPUT=str(tmp_path / "out"), POINTS=str(tmp_path / "points.gpkg"),
    )  # fmt: skip
    assert (found["N"], found["STATIONS"]) == (10, 1)
    assert found["RMSE"] == pytest.approx(0, abs=1e-6) and found["SLOPE"] == pytest.approx(1, abs=1e-5)
    assert found["SUMMARY"].startswith("upper: n 10")
    for name in ("TABLE", "SAMPLES", "RECORD", "SCATTER"):
        assert Path(found[name]).parent == tmp_path / "out" and Path(found[name]).exists()
    layer = QgsVectorLayer(found["POINTS"], "stations")
    (feature,) = list(layer.getFeatures())
    assert (feature["name"], feature["n"], layer.crs().authid()) == ("upper", 10, "EPSG:32613")
    assert any("recognised by themselves" in line for line in listener.said)


def test_columns_unit_and_zone_can_be_given(run, series, tmp_path):  # noqa: F811
    path = Path(scenes.extensometer_csv(tmp_path / "upper.csv", SPEED, unit=-100.0))
    path.write_text(path.read_text().replace("displacement (mm)", "a"))
    where = tmp_path / "where.csv"
    where.write_text(f"station,x,y,bearing\nupper,300300,4199850,{BEARING}\n")
    found = run(
        "deepot:stations", MAP=series, FOLDER=str(tmp_path), POSITIONS=str(where), POSITIONS_CRS="EPSG:32613",
        DISPLACEMENT_COLUMN="a", UNIT="cm", REVERSE=True, TIME_FORMAT="%Y-%m-%d", SIZE="1", NORTH="grid",
        OUTPUT=str(tmp_path / "out"),
    )  # fmt: skip
    assert found["N"] == 11 and found["RMSE"] == pytest.approx(0, abs=1e-6)
    with open(found["TABLE"], newline="") as table:
        assert [row["bearing_from"] for row in csv.DictReader(table)] == ["given"]


def test_one_bad_station_is_said(run, series, tmp_path):  # noqa: F811
    scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    scenes.extensometer_csv(tmp_path / "lost.csv", SPEED)
    where = tmp_path / "where.csv"
    where.write_text("station,x,y,epsg\nupper,300300,4199850,32613\nlost,-100,10,4326\n")
    listener = Listener()
    found = run("deepot:stations", listener, MAP=series, FOLDER=str(tmp_path), POSITIONS=str(where),
                OUTPUT=str(tmp_path / "out"))  # fmt: skip
    assert found["STATIONS"] == 1 and "lost is" in found["SUMMARY"]
    assert any("km outside the map" in line for line in listener.said)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"FILES": None}, "No file of stations is chosen"),
        ({"POSITION": None}, "has no position"),
        ({"POSITION": "300300,4199850"}, "coordinate reference system of station upper is not known"),
        ({"BREAKS": "other=2017-05-20"}, "A break is given for station 'other'"),
        ({"BREAKS": "=2017-05-20"}, "names no station"),
        ({"TIME_ZONE": "Mars"}, "time zone 'Mars' is not known"),
        ({"MAP": "no.tif"}, "does not exist"),
    ],
)
def test_what_cannot_be_is_said(run, series, tmp_path, parameters, words):  # noqa: F811
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    given = {"MAP": series, "FILES": [file], "POSITION": HERE, "OUTPUT": str(tmp_path / "out"), **parameters}
    with pytest.raises(QgsProcessingException, match=words):
        run("deepot:stations", **{name: value for name, value in given.items() if value is not None})


def test_breaks_are_read():
    assert parse_breaks("UPPER=2017-05-20; 2018-01-01;") == (("UPPER", "2017-05-20"), ("*", "2018-01-01"))
    assert parse_breaks("") == ()
    with pytest.raises(OptionsError, match="names no station"):
        parse_breaks("=2017-01-01")
