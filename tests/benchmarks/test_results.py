"""Results of benchmarks are kept whole, small, and without the places of a machine."""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks import results


def test_what_is_stored_is_loaded(tmp_path):
    found = {"words": ["It is fast."], "seconds": np.float32(1.5), "sizes": np.arange(3), "nothing": None}
    path = results.store("speed", found, "python -m benchmarks.speed", tmp_path)
    record = results.load("speed", tmp_path)
    assert path.name == "speed.json"
    assert record["result"] == {"words": ["It is fast."], "seconds": 1.5, "sizes": [0, 1, 2], "nothing": None}
    assert record["command"] == "python -m benchmarks.speed"
    assert record["machine"]["cores"] >= 1
    assert record["versions"]["numpy"] == np.__version__


def test_nothing_is_none(tmp_path):
    assert results.load("speed", tmp_path) is None


@pytest.mark.parametrize(
    ("name", "result"),
    [("../speed", {}), ("", {}), ("speed", {"seconds": float("nan")}), ("speed", {"samples": list(range(100_000))})],
)
def test_what_does_not_belong_is_refused(tmp_path, name, result):
    with pytest.raises(ValueError, match=r"name|JSON|bytes"):
        results.store(name, result, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_crooked_table_is_refused():
    assert results.table("Sizes", ["side", "s"], [[512, 0.5]])["rows"] == [["512", "0.5"]]
    with pytest.raises(ValueError, match="Sizes"):
        results.table("Sizes", ["side", "s"], [[512]])


def test_the_command_has_no_places(monkeypatch):
    inside = str(results.REPOSITORY / "models" / "deepot.onnx")
    monkeypatch.setattr("sys.argv", ["x", "--model", inside, "--folder", "/somewhere/else", "--side", "512"])
    words = results.running_command().split()
    assert words[-6:] == ["--model", "models/deepot.onnx", "--folder", "else", "--side", "512"]


def test_committed_results_are_whole():
    for path in results.FOLDER.glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert set(record) == {"command", "date", "machine", "versions", "result"}, path.name
        assert path.stat().st_size <= results.LARGEST_BYTES
