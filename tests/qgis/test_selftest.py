"""The self-test through Processing and in the panel."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from deepot_qgis.engine import synthetic
from tests.engine import scenes
from tests.qgis.test_processing import Listener, run  # noqa: F401  (a fixture)

QUICK = {"METHOD": "correlation", "SIZES": "20", "WINDOWS": 1}


@pytest.fixture(scope="session")
def still_pair(tmp_path_factory) -> tuple[str, str]:
    """Two dated images of still ground that lost some coherence."""
    folder = tmp_path_factory.mktemp("still")
    rng = np.random.default_rng(2)
    ground = np.exp(synthetic.fractal((128, 136), 0.4, 2.5, rng)[0])
    images = synthetic.embed(ground, np.zeros((2, 128, 136), np.float32), 0.9, 2, rng)
    return tuple(
        scenes.write(folder / f"still_{day}.tif", image) for day, image in zip(("20230904", "20230916"), images)
    )


def test_processing_writes_a_report_and_gives_numbers(run, still_pair, tmp_path):  # noqa: F811
    feedback = Listener()
    found = run(
        "deepot:selftest", feedback, REFERENCE=still_pair[0], SECONDARY=still_pair[1],
        REPORT=str(tmp_path / "report.html"), **QUICK,
    )  # fmt: skip
    assert Path(found["REPORT"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    record = json.loads(Path(found["DATA"]).read_text(encoding="utf-8"))
    assert record["days"] == 12 and record["options"]["sizes_px"] == [20]
    assert found["NOISE_PX"] == record["scores"][0]["noise_px"] > 0
    assert found["DETECTABLE_SIZE_PX"] == 20 and 0 < found["ANSWERED"] <= 1
    if "DETECTABLE_PX" in found:
        assert found["DETECTABLE_M"] == pytest.approx(10 * found["DETECTABLE_PX"])
    assert "a body 20 px (200 m) wide" in found["SUMMARY"]
    assert any("Noise floor" in line for line in feedback.said)
    assert feedback.shares[-1] == 100 and feedback.shares == sorted(feedback.shares)


def test_processing_simulates_where_there_is_no_second_date(run, still_pair, tmp_path):  # noqa: F811
    found = run(
        "deepot:selftest", REFERENCE=still_pair[0], COHERENCE=0.9, LOOKS=1, REPORT=str(tmp_path / "r.html"), **QUICK
    )
    record = json.loads(Path(found["DATA"]).read_text(encoding="utf-8"))
    assert record["coherence"] == 0.9 and record["looks"] == 1 and record["secondary"] == ""


def test_processing_refuses_in_the_engines_words(run, still_pair, bad_rasters, tmp_path):  # noqa: F811
    report = str(tmp_path / "report.html")
    for change, words in (
        ({"REFERENCE": bad_rasters["tiny"]}, "needs at least 96 x 96"),
        ({"REFERENCE": bad_rasters["empty"]}, "enough valid pixels"),
        ({"SECONDARY": still_pair[1], "COHERENCE": 0.5}, "a real one was given"),
        ({"SECONDARY": still_pair[0]}, "the same image"),
        ({"SIZES": "wide"}, "no list of sizes"),
        ({"METHOD": "model", "MODEL": "nobody"}, "no model 'nobody'"),
    ):
        with pytest.raises(QgsProcessingException, match=words):
            run("deepot:selftest", **{"REFERENCE": still_pair[0], "REPORT": report, **QUICK, **change})
    assert list(tmp_path.glob("report*")) == []


def test_processing_hears_a_cancel(run, still_pair, tmp_path):  # noqa: F811
    feedback = Listener()
    feedback.progressChanged.connect(lambda share: feedback.cancel() if share > 20 else None)
    report = tmp_path / "report.html"
    found = run("deepot:selftest", feedback, REFERENCE=still_pair[0], REPORT=str(report), **QUICK)
    assert not report.exists() and "NOISE_PX" not in found and max(feedback.shares) < 80
