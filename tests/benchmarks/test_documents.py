"""docs/accuracy.md says what the numbers say."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from benchmarks.accuracy import (
    documents,
    fixed_set,
    goals,
    landslide,
    measures,
    plots,
    real_pairs,
    remarks,
    report,
    sweeps,
)

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

NAMES = {"zero": "own", "correlation": "own", "deepot": "network", "OpenPIV": "peer"}
ERROR = {"zero": 1.0, "correlation": 0.2, "deepot": 0.05, "OpenPIV": 0.3}


def field_row(field, error):
    row = {"all": error, "within_sigma": 0.68}
    if "lobe" in field:
        row.update(inside=2 * error, edge=3 * error)
        if "200" not in field:
            row["floor"] = error / 2
    if "fault" in field:
        row["edge"] = 3 * error
    return row


def still_row(name, error):
    spread = {"median": error / 2, "p95": 2 * error, "over_half": error / 10}
    row = {**spread, "kept_share": 0.9, "kept": spread, "incoherent_share": 0.1}
    told = name in ("correlation", "deepot")
    row["coherent"] = {**spread, "sigma": error} if told else spread
    row["incoherent"] = {**spread, "sigma": 1.0} if told else spread
    return {**row, "silent": 0.01} if told else row


@pytest.fixture
def result():
    names = [field.name for field in fixed_set.fields(64)]
    bins = len(measures.SIGMA_EDGES) + 1
    told = {name: {"count": [10_000] * bins, "inside": [6_800] * bins} for name in ("correlation", "deepot")}
    depth = [0.1] * (len(measures.DEPTH_EDGES) + 1)
    by = lambda labels, row: {label: {name: row(name, ERROR[name]) for name in NAMES} for label in labels}  # noqa: E731
    return {
        "fields": {
            name: {regime: {field: field_row(field, ERROR[name]) for field in names} for regime in fixed_set.REGIMES}
            for name in NAMES
        },
        "by_depth": {
            name: {regime: {plots.MARGIN_FIELD: depth} for regime in fixed_set.REGIMES} for name in NAMES
        },
        "calibration": {part: copy.deepcopy(told) for part in plots.CALIBRATION_PARTS},
        "megapixels_per_second": dict.fromkeys(NAMES, 1.25),
        "null": by((*real_pairs.STILL, *real_pairs.CHANGED), still_row),
        "moved": {name: {field: field_row(field, ERROR[name]) for field in names} for name in NAMES},
        "landslide": by([f"{peak:g}" for peak in landslide.PEAKS], lambda _, e: field_row("lobe", 2 * e)),
        "pictures": dict.fromkeys(["truth", *NAMES], landslide.packed(np.linspace(0, 4, 600).reshape(20, 30))),
        "sweeps": {
            "coherence": by([f"{value:g}" for value in sweeps.COHERENCES], lambda _, e: field_row("lobe", e)),
            "motion": by([f"{value:g}" for value in sweeps.MOTIONS], lambda _, e: field_row("lobe", e)),
            "bound": {
                name: {
                    regime: {"rms": 0.02, "bias": 0.01, "times_bound": 3.0, "window": 21.0}
                    for regime in fixed_set.REGIMES
                }
                for name in NAMES
            },
            "bound_px": dict.fromkeys(fixed_set.REGIMES, 0.007),
        },
        "size": 512,
        "repeats": 1,
        "seed": 1,
        "versions": {"zero": "", "correlation": "default options", "deepot": "9.8.7", "OpenPIV": "0.25.3"},
        "kinds": dict(NAMES),
    }  # fmt: skip


def line_with(text, *parts):
    lines = [line for line in text.splitlines() if all(part in line for part in parts)]
    assert lines, parts
    return lines[0]


def test_met_and_missed_follow_from_the_numbers(result):
    text = documents.document(result)
    # all fields at 0.05 px: missed at 0.035, met at 0.060
    assert "missed" in line_with(text, "| all fields | 0.9, 1 look | 0.035 | **0.050**")
    assert "| met |" in line_with(text, "| 0.7, 4 looks | 0.060 | **0.050**")
    assert "0.300 (OpenPIV)" in line_with(text, "| all fields | 0.9, 1 look |")
    assert "OpenPIV 0.25.3" in text and "`deepot` 9.8.7" in text


def test_every_goal_is_judged_in_every_regime(result):
    text = documents.document(result)
    judged = [line for line in text.splitlines() if line.startswith("|") and (" met |" in line or " missed |" in line)]
    assert len(judged) == 3 * len(goals.GOALS)
    count = sum(" met |" in line for line in judged)
    assert f"meets {count} of the {len(judged)} goals" in text


def test_a_bad_sigma_is_told(result):
    assert "15 of 15" not in remarks.calibration(result)[0]
    assert "16 of 16 bins within" in remarks.calibration(result)[0]
    result["calibration"]["simulated"]["deepot"]["inside"][3] = 2_000
    told = line_with("\n".join(remarks.calibration(result)), "`deepot`")
    assert "15 of 16 bins within" in told and "(20 to 68 %)" in told


def test_still_ground_is_judged(result):
    lines = remarks.still(result)
    assert "median 0.025 px (goal below 0.03: met)" in lines[0] and "0.5 % off" in lines[0]
    result["null"][real_pairs.STILL[0]]["deepot"].update(median=0.2, over_half=0.1)
    lines = remarks.still(result)
    assert "goal below 0.03: missed" in lines[0] and "goal at most 2 %: missed" in lines[0]


def test_it_is_said_when_nothing_beats_answering_zero(result):
    result["landslide"]["0.2"]["zero"]["inside"] = 0.01
    assert "no method beats answering no motion" in remarks.landslide(result)[0]


def test_without_peers_and_networks_there_is_still_a_page(result):
    def without(node):
        if isinstance(node, dict):
            return {key: without(value) for key, value in node.items() if key not in ("deepot", "OpenPIV")}
        return node

    text = documents.document(without(result))
    assert "No network was measured." in text and "No peer was installed" in text


def test_page_and_plots_are_written_small_and_always_the_same(result, tmp_path):
    made = documents.write(result, tmp_path)
    first = {path: path.read_bytes() for path in made}
    assert {path.name for path in made} >= {"accuracy.md", "accuracy_margin.png", "accuracy_calibration.png"}
    assert all(len(content) < 150_000 for content in first.values())
    text = (tmp_path / "accuracy.md").read_text(encoding="utf-8")
    for path in made:
        assert path.suffix == ".md" or f"images/{path.name}" in text
    assert all(path.read_bytes() == first[path] for path in documents.write(result, tmp_path))


def test_the_short_form_for_metadata_holds_the_table(result):
    kept = report.short(result)
    assert kept["fixed set"]["deepot"]["0.7, 4 looks"]["all fields"] == 0.05
    assert kept["real still pairs"][real_pairs.STILL[0]]["OpenPIV"] == {"median": 0.15, "p95": 0.6, "over_half": 0.03}
    assert set(kept["landslide field, by px of its peak"]["4"]["deepot"]) == {"inside", "floor"}


def test_a_picture_survives_being_packed():
    length = np.linspace(0, 5, 35).reshape(5, 7)
    assert landslide.unpacked(landslide.packed(length)) == pytest.approx(length, abs=0.011)
