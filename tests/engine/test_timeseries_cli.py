import json

import numpy as np
import pytest

from deepot_qgis.engine.cli import main
from deepot_qgis.engine.timeseries.product import open_series

from . import scenes
from .test_timeseries_run import DAYS, stack


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    (folder / "images").mkdir()
    return stack(folder / "images", DAYS[:3], 64)


def test_series_and_invert(images, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["series", str(images), str(out), "--method", "correlation", "--neighbours", "2", "--robust", "huber"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "3 dates, 3 pairs." in said and f"Series: {out / 'series.json'}" in said and "Speed: median" in said
    assert json.loads((out / "series.json").read_text())["stack_options"]["inversion"]["robust"] == "huber"
    assert main(["invert", str(out / "pairs"), str(tmp_path / "again"), "--stable", "none", "--no-netcdf"]) == 0
    again = open_series(tmp_path / "again")
    assert len(again.dates) == 3 and "netcdf" not in again.paths
    assert main(["series-rerun", str(out / "series.json"), str(tmp_path / "same")]) == 0
    first, second = (open_series(folder) for folder in (out, tmp_path / "same"))
    assert np.array_equal(first.read(0, 0, 64, 64), second.read(0, 0, 64, 64), equal_nan=True)
    assert main(["series-rerun", str(tmp_path / "again"), str(tmp_path / "no")]) == 1
    assert "does not say how a series was made from images" in capsys.readouterr().err


def test_a_plan_measures_nothing(images, tmp_path, capsys):
    assert main(["series", str(images), str(tmp_path / "out"), "--plan", "--network", "all", "--max-days", "13"]) == 0
    said = capsys.readouterr().out
    assert "2020-01-01  scene_20200101.tif" in said and "2 pairs of 3 dates: all pairs, at most 13 days." in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["series", "nowhere", "out"], "does not exist"),
        (["series", "IMAGES", "out", "--network", "interval"], "needs a shortest or a longest interval"),
        (["series", "IMAGES", "out", "--smoothness", "-1", "--plan"], "smoothness"),
        (["series", "IMAGES", "out", "--network", "interval", "--max-days", "3", "--plan"], "No two of the 3 dates"),
        (["invert", "IMAGES", "out"], "no displacement product"),
    ],
)
def test_what_is_wrong_is_one_sentence(images, tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert main([str(images) if text == "IMAGES" else text for text in arguments]) == 1
    said = capsys.readouterr()
    assert sentence in said.err and "Traceback" not in said.err


def test_dates_from_a_table(tmp_path, capsys):
    (tmp_path / "images").mkdir()
    for name in ("a.tif", "b.tif"):
        scenes.write(tmp_path / "images" / name, scenes.texture(40, 40))
    (tmp_path / "dates.csv").write_text("a.tif,2020-02-01\nb.tif,2020-01-01\n")
    command = [
        "series",
        str(tmp_path / "images"),
        str(tmp_path / "out"),
        "--plan",
        "--dates",
        str(tmp_path / "dates.csv"),
    ]
    assert main(command) == 0
    assert "20200101_20200201  31 days" in capsys.readouterr().out
