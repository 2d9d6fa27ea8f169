"""The self-test through Processing and in the panel."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from qgis.core import Qgis, QgsProcessingException
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QApplication

from deepot_qgis.engine import synthetic
from deepot_qgis.engine.selftest import run as engine_selftest
from deepot_qgis.engine.selftest.quick_estimate import QuickEstimate
from tests.engine import scenes
from tests.qgis.test_processing import Listener, run  # noqa: F401  (a fixture)

LEFT = Qt.MouseButton.LeftButton
TIMEOUT_MS = 60_000
QUICK = {"METHOD": "correlation", "SIZES": "20", "WINDOWS": 1}


@pytest.fixture(autouse=True)
def few_bodies(monkeypatch):
    """As few bodies as say anything: the panel's own settings are made for images of other sizes."""
    monkeypatch.setattr(engine_selftest, "_LEAST_BODIES", 5)
    monkeypatch.setattr(engine_selftest, "_BODIES", 5)


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


@pytest.fixture
def test_to_end(qtbot):
    """Return a call that clicks the self-test's button and waits until it has ended."""

    def call(panel) -> None:
        with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
            qtbot.mouseClick(panel.pair.selftest.test, LEFT)

    return call


def test_preflight_estimates_what_can_be_measured(panel, choose, qtbot, still_pair):
    choose(panel, *still_pair)
    qtbot.waitUntil(lambda: "of a body 60 px (600 m) wide (quick" in panel.pair.images.preflight.text(), timeout=20_000)
    assert "12 days" in panel.pair.images.preflight.text() and "/day)" in panel.pair.images.preflight.text()
    assert not panel.pair.selftest.headline.isVisible()


def test_self_test_by_a_click(panel, choose, qtbot, test_to_end, still_pair, tmp_path, monkeypatch):
    choose(panel, *still_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path))
    qtbot.waitUntil(lambda: "12 days" in panel.pair.images.preflight.text(), timeout=20_000)
    test_to_end(panel)
    section = panel.pair.selftest
    assert section.headline.text().startswith("Self-test (Conventional (NCC))")
    assert section.headline.text() in panel.pair.images.preflight.text()
    assert "quick estimate" not in panel.pair.images.preflight.text()
    assert panel.run_bar.notice.text() == "The self-test is done."
    assert "20 px (200 m): " in section.text() and "Noise floor: " in section.text()
    report = tmp_path / "selftest_20230904_20230916.html"
    assert sorted(path.name for path in tmp_path.iterdir()) == [report.name, report.with_suffix(".json").name]
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    qtbot.mouseClick(section.report, LEFT)
    assert [url.toLocalFile() for url in opened] == [str(report)]
    qtbot.mouseClick(section.copy, LEFT)
    assert QApplication.clipboard().text() == section.text()
    assert panel.pair.widget().minimumSizeHint().width() <= 300
    # a change of what is compared takes the answer away
    panel.pair.images.secondary.date.setDateTime(QDateTime.fromString("2023-10-01T00:00:00Z", Qt.DateFormat.ISODate))
    qtbot.waitUntil(lambda: "27 days" in panel.pair.images.preflight.text(), timeout=20_000)
    assert not section.headline.isVisible()
    qtbot.waitUntil(lambda: "quick estimate" in panel.pair.images.preflight.text(), timeout=20_000)


def test_self_test_is_cancelled_by_a_click(panel, choose, qtbot, big_pair, tmp_path):
    choose(panel, *big_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path))
    qtbot.mouseClick(panel.pair.selftest.test, LEFT)
    assert not panel.pair.selftest.test.isEnabled() and not panel.run_bar.run.isEnabled()
    qtbot.waitUntil(lambda: panel.run_bar.progress.value() > 5, timeout=TIMEOUT_MS)
    with qtbot.waitSignal(panel.runner.idle, timeout=20_000):
        qtbot.mouseClick(panel.run_bar.cancel, LEFT)
    assert panel.run_bar.notice.text() == "Cancelled. Nothing was written."
    assert panel.pair.selftest.test.isEnabled() and not panel.pair.selftest.headline.isVisible()
    qtbot.waitUntil(panel.runner.settled, timeout=TIMEOUT_MS)
    assert list(tmp_path.iterdir()) == []


def test_self_test_says_what_is_wrong(panel, choose, qtbot, test_to_end, tmp_path):
    qtbot.mouseClick(panel.pair.selftest.test, LEFT)
    assert "Choose the reference image first" in panel.run_bar.notice.text()
    choose(panel, *scenes.pair(tmp_path, 0, 0, (64, 70)))
    test_to_end(panel)
    assert "70 x 64 pixels; the self-test" in panel.run_bar.notice.text()
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Critical


def test_estimates_are_worded_by_what_they_found(panel):
    found = QuickEstimate(60, 0.1, 1.0, 0.8, 10.0, 12.0)
    text = panel.pair.watch.wording.estimate_text
    assert "60 px (600 m)" in text(found) and "0.1 px = 100 cm (8.3 cm/day)" in text(found)
    assert "only 10 % of the sampled ground" in text(replace(found, answered=0.1))
    assert "too few places" in text(replace(found, limit_px=None))
    assert text(replace(found, metres=None, days=None)).startswith("0.1 px, of a body") and "60 px wide" in text(
        replace(found, metres=None, days=None)
    )
