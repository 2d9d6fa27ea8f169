"""``stations``, ``columns`` and ``stations-rerun`` on the command line."""

import json

import numpy as np
import pytest

from deepot_qgis.engine.cli import main

from . import station_scenes as scenes

SPEED = float(np.hypot(*scenes.RATE))
AT = ["--at", "300300", "4199850", "--at-crs", "EPSG:32613"]


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return scenes.series(tmp_path_factory.mktemp("map"))


def test_a_comparison_and_the_same_again(series, tmp_path, capsys):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    first = [
        "stations",
        series,
        file,
        "--out",
        str(tmp_path / "a"),
        *AT,
        "--break",
        "upper=2017-05-20",
        "--no-pictures",
    ]
    assert main([*first, "--bearing", "143.13", "--plunge", "upper=0", "--max-gap", "2"]) == 0
    said = capsys.readouterr().out
    assert "upper    along 143°  10" in said and "100 %" in said and "Points: " in said
    assert main(["stations-rerun", str(tmp_path / "a" / "stations.json"), str(tmp_path / "b")]) == 0
    assert (tmp_path / "a" / "comparison.csv").read_text() == (tmp_path / "b" / "comparison.csv").read_text()
    assert json.loads((tmp_path / "b" / "stations.json").read_text())["options"]["max_gap_days"] == 2


def test_a_table_that_is_described(series, tmp_path, capsys):
    path = tmp_path / "upper.txt"
    rows = [f"{57763 + k}.5\t{100 * SPEED * k}\t5" for k in range(280)]  # days of 2017 as modified Julian dates
    path.write_text("day\tweg\tother\n" + "\n".join(rows) + "\n")
    out = ["--out", str(tmp_path / "out"), *AT, "--no-pictures"]
    given = ["--displacement-column", "weg", "--unit", "cm", "--delimiter", "tab", "--time-column", "1"]
    assert main(["stations", series, str(path), *out, *given]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("upper "))
    assert " 11 " in row and "the map's own mean direction" in row and " 0.0000 " in row


def test_columns_says_what_a_table_holds(tmp_path, capsys):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    assert main(["columns", file]) == 0
    said = capsys.readouterr().out
    assert "displacement (mm)" in said and "its name" in said and "unit mm" in said
    (tmp_path / "a.csv").write_text("date,disp\n01/02/2011,3.5\n05/03/2011,3.6\n")
    assert main(["columns", str(tmp_path / "a.csv")]) == 0
    assert "Still to be chosen" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--bearing", "upper=east"], "is no number of degrees"),
        (["--time-zone", "Mars"], "not known here"),
        (["--displacement-column", "gone"], "has no column 'gone'"),
        (["--only", "gone"], "There is no station gone"),
        (["--positions", "gone.csv"], "cannot be read"),
    ],
)
def test_one_sentence_and_status_one(series, tmp_path, capsys, more, words):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    assert main(["stations", series, file, "--out", str(tmp_path / "out"), *AT, *more]) == 1
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1
