"""What a series says of the devices that measured its pairs."""

from __future__ import annotations

import json
from pathlib import Path

from deepot_qgis.engine.timeseries.devices import about_devices

_LEFT = "CUDA (NVIDIA H200) was left and the network went on on the CPU: its memory is too small for this network."


def records(folder: Path, *facts: dict) -> list[str]:
    paths = [folder / f"{number}.tif" for number in range(len(facts))]
    for path, found in zip(paths, facts):
        path.with_suffix(".json").write_text(json.dumps({"estimator": found}))
    return [str(path) for path in paths]


def test_pairs_that_the_cpu_measured_need_no_word(tmp_path):
    cpu = {"device": "cpu", "device_name": "Good CPU"}
    assert about_devices(records(tmp_path, cpu, {"name": "correlation", "device": "cpu"})) == []
    assert about_devices([str(tmp_path / "none.tif")]) == []


def test_cards_are_counted_and_what_happened_is_said_once(tmp_path):
    card = {"device": "cuda", "device_name": "NVIDIA H200"}
    left = {"device": "cpu", "began_on": "cuda", "device_name": "Good CPU", "device_notes": [_LEFT]}
    assert about_devices(records(tmp_path, card, left, card, left, card)) == [
        "Measured on NVIDIA H200 (3 pairs), Good CPU (2 pairs).",
        _LEFT,
    ]


def test_damaged_records_are_passed_over(tmp_path):
    (path,) = records(tmp_path, {"device": "cuda", "device_name": "NVIDIA H200"})
    for text in ("", "[]", '{"estimator": 3}', "{"):
        (tmp_path / "bad.json").write_text(text)
        assert about_devices([str(tmp_path / "bad.tif"), path]) == ["Measured on NVIDIA H200 (1 pairs)."]
