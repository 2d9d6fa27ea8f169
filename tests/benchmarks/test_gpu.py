"""The benchmark of a card, on a stand-in for one."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import gpu
from tests.engine import fake_nvml, networks
from tests.engine import fake_onnxruntime as fake_ort

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


@pytest.fixture
def card(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    fake_nvml.install(monkeypatch, fake_nvml.Driver(fake_nvml.Card()))
    return fake_ort.install(monkeypatch, tmp_path)


@pytest.fixture
def plan(tmp_path) -> gpu.Plan:
    path = tmp_path / "n.onnx"
    networks.write(path)
    return gpu.Plan(path, batches=(1, 2, 4), tiles=(64, 128), side=200, folder=tmp_path, seconds=0)


def test_every_table_is_made_and_what_does_not_fit_is_said(card, plan, capsys, monkeypatch):
    card.limit_px = 2 * 128**2
    monkeypatch.setattr(gpu, "_AGREEMENT_PX", 64)
    found = gpu.run(plan, ["Network", "Agreement with the CPU"])
    speeds, apart = (table["rows"] for table in found["tables"])
    assert [row[:3] for row in speeds[:3]] == [["full", "64", "1"], ["full", "64", "2"], ["full", "64", "4"]]
    assert {row[0] for row in speeds} == {"full", "tf32"}, "half precision only where there is a file for it"
    assert [row[3] == "no memory" for row in speeds if row[1] == "128"] == [False, False, True] * 2
    assert all(row[1:] == ["0", "0", "0"] for row in apart)
    assert any(option.get("use_tf32") == "1" for option in card.options)
    assert "goal: 150" in found["words"][0] and "NVIDIA H200" in capsys.readouterr().out


def test_from_file_to_file(card, plan):
    found = gpu.run(plan, ["Batches", "GeoTIFF to GeoTIFF"])
    rows = found["tables"][1]["rows"]
    assert len(rows) == 4 and all(row[4] == "NVIDIA H200" for row in rows)
    assert not list(plan.folder.rglob("d.tif")), "nothing is left behind"


def test_the_ground_moves_as_it_is_said_to():
    first, second = gpu.feed(2, 40).values()
    assert first.shape == second.shape == (2, 1, 40, 40)
    np.testing.assert_array_equal(first[0, 0, 5:30, 5:30], second[0, 0, 4:29, 7:32])
