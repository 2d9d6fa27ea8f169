"""The Salmon Falls case: the stations' motion on a grid, and the command's small variant."""

from __future__ import annotations

import numpy as np
import pytest

from cases import salmon_falls, salmon_falls_scene


def test_the_ground_at_a_station_moves_as_the_station_did(shared_data, monkeypatch, tmp_path):
    monkeypatch.setenv("DEEPOT_SHARED", str(shared_data.parent))
    monkeypatch.setattr(salmon_falls_scene, "PIXEL_M", 4.0)
    made, real = salmon_falls_scene.scene(False, tmp_path)
    assert real and [station.name for station in made.stations] == ["BLKM", "BLKS", "BLOK", "MIDB", "NTOE", "STOE"]
    last = len(made.dates) - 1
    truth = made.truth(last)
    for k, station in enumerate(made.stations):
        column, row = (int(value) for value in made.grid.to_pixel(*made.position(station)))
        assert made.blocks[row, column] == k + 1
        np.testing.assert_allclose(truth[:, row, column], made.moved[k, last], atol=0.002)
    # MIDB moved by 217 mm west and 87 mm south in all; less than that between the dates, to the south-west
    east, north = made.moved[3, last]
    assert -0.217 < east < -0.15 and -0.1 < north < -0.05
    assert not truth[:, :5].any() and not truth[:, :, -5:].any()


def test_the_quick_variant_compares_and_writes_its_page(tmp_path, monkeypatch):
    monkeypatch.setattr(salmon_falls.measuring, "methods", lambda: ("correlation",))
    monkeypatch.setattr(salmon_falls_scene, "PIXEL_M", 1.0)
    numbers = salmon_falls.run(True, tmp_path / "work", tmp_path / "docs")["correlation"]
    assert set(numbers) == {"overall", "MIDL", "TOES", "UPPR", "problems"} and numbers["problems"] == []
    assert numbers["MIDL"]["along"]["n"] == 3 and set(numbers["MIDL"]) == {"along", "east", "north"}
    assert numbers["overall"]["rmse"] < 0.2 and numbers["overall"]["correlation"] > 0.5
    page = (tmp_path / "docs" / "case-salmon-falls.md").read_text(encoding="utf-8")
    assert "What is measured and what is simulated" in page and "Only at the stations is this known" in page
    for name in ("map", "stations", "middle"):
        assert (tmp_path / "docs" / "images" / f"case_salmon_falls_{name}.png").is_file()


def test_made_up_stations_are_files_of_the_same_format(tmp_path):
    made, real = salmon_falls_scene.scene(True, tmp_path)
    assert not real and len(made.stations) == 3
    first = sorted((tmp_path / "gnss").iterdir())[0].read_text()
    assert first.startswith("PBO Station Position Time Series.")
    assert made.moved[:, 0] == pytest.approx(0)
