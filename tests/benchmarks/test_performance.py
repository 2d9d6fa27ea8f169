"""docs/performance.md says what the stored numbers say, also when a goal was missed and when something is lacking."""

from __future__ import annotations

import copy
import subprocess
import sys

import pytest

from benchmarks import memory, results
from benchmarks.performance import document, goals, waiting
from deepot_qgis.engine.stages import Clock

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

PRINTED = """
Reading
stage          wall s    CPU s  of CPU  running
network         10.00     9.00   90.0%    95.5%
quality check    2.00     0.80    8.0%    20.0%
writing          1.00     0.20    2.0%    10.0%
whole run       10.50    10.00  100.0%   100.0%
The network was running during 95.5% of the wall time and took 90.0% of the CPU seconds.
"""


def row(side, peak=900.0, stages=None):
    megapixels = side**2 / 1e6
    return {
        "side": side, "rounds": 2, "wall_s": 1 + megapixels, "cpu_s": 1 + 1.8 * megapixels, "spread": 0.1,
        "peak_mb": peak, "files_mb": 10 * megapixels, "good": 1.0, "mpx_per_s": megapixels / (1 + megapixels),
        "stages": stages or {},
    }  # fmt: skip


def method(kind, wall, **more):
    return {
        "kind": kind, "version": "1.0" if kind == "peer" else "", "parallel": "its own threads", "posting_px": 1,
        "settings": "as is", "peak_mb": 300.0, "wall_s": wall, "walls_s": [wall], "cpu_s": 2 * wall, "spread": 0.02,
        "mpx_per_s": 1 / wall, "cores_used": 2.0, **more,
    }  # fmt: skip


def ratio(value):
    return {"median": value, "least": value, "most": value, "cpu": value}


def kept(result):
    return {
        "command": "python -m benchmarks.x", "date": "2030-01-01 00:00 UTC",
        "machine": {"processor": "Intel", "cores": 2, "memory_gb": 8.0, "system": "Linux", "load": 0.1},
        "versions": {"deepot": "1.0.0", "commit": "abc", "numpy": "1.26"}, "result": result,
    }  # fmt: skip


def group(name, spent):
    return {"name": name, "calls": 3, "ms_per_mpx": spent, "share": spent / 1000}


@pytest.fixture
def records():
    profile = {"operators": [group("Conv", 600.0), group("Add", 400.0)], "rooms": [group("fine", 1000.0)]}
    before = {"operators": [group("Conv", 900.0), group("Gather", 800.0)], "rooms": [group("coarse", 1700.0)]}
    facts = {"ms_per_mpx": 1000.0, "mpx_per_s": 1.0, "nodes": 12}
    start = {**row(64), "wall_s": 1.0, "cpu_s": 1.0}
    return {
        "speed": kept({
            "size": 1000, "cores": 2, "absent": [],
            "methods": {
                "deepot": method("network", 0.5), "OpenCV DIS": method("peer", 0.6), "NCC 32 px": method("own", 0.6),
                "pandora2d": method("peer", 9.0), "OpenPIV": {**method("peer", 1.0), "failed": "no memory"},
            },
            "ratios": {"OpenCV DIS": ratio(1.2), "NCC 32 px": ratio(1.2), "pandora2d": ratio(18.0)},
        }),
        "memory": kept({
            "start": start, "points": [row(1024), row(4096, 1900.0, memory.stages(PRINTED))], "cores": 2,
            "exponent": {"wall_s": 1.01, "cpu_s": 1.02},
            "before": {"revision": "old", "before": row(2048, 3000.0), "after": row(2048)},
        }),
        "operators": kept({
            "model": "deepot", "before": "old", "size": 1024,
            "profiles": {"before": {**facts, **before}, "after": {**facts, **profile}},
        }),
        "batch": kept({
            "words": ["Two are quicker."], "tables": [results.table("Pairs", ["a"], [["1|2"]])], "ratio": 1.8,
        }),
    }  # fmt: skip


def verdicts(records):
    return {goal.words.split(",")[0]: goal.row(records)[2:] for goal in goals.GOALS}


def test_the_stages_are_read_as_they_are_printed():
    rows = memory.stages(PRINTED)["rows"]
    assert [one["stage"] for one in rows] == ["network", "quality check", "writing", "whole run"]
    assert rows[0] == {"stage": "network", "busy_s": 10.0, "cpu_s": 9.0, "of_cpu": 0.9, "running": 0.955}
    assert memory.stages("Measured by model deepot on cpu in 6.2 s.") == {}


def test_the_stages_are_read_as_the_engine_prints_them():
    clock = Clock()
    for name in ("reading", "network", "quality check"):
        with clock.stage(name):
            sum(range(1000))
    rows = memory.stages("Product: x.tif\n" + clock.table())["rows"]
    assert {one["stage"] for one in rows} >= {"reading", "network", "quality check", "whole run"}


def test_goals_are_judged(records):
    found = verdicts(records)
    assert found["as fast as OpenCV's optical flow tuned for speckle"] == ["**1.20 x**", "met"]
    assert found["faster than correlation of 32-px windows every 8 px"] == ["**1.20 x**", "missed"]
    assert found["faster than pandora2d"] == ["**18.0 x**", "met"]
    assert found["largest memory of any size that was measured"] == ["**1900 MB**", "met"]
    assert found["two workers against one"] == ["**1.80 x**", "met"]
    assert found["GPU: megapixels a second in the network"] == ["-", "not measured"]


def test_one_large_pair_over_the_bound_is_told(records):
    records["memory_large"] = kept({"start": row(64), "points": [row(20000, 2500.0)], "cores": 2})
    assert verdicts(records)["largest memory of any size that was measured"] == ["**2500 MB**", "missed"]
    text = document.document(records)
    assert "reaches 2.5 GB" in text
    assert "20000 x 20000" in text


def test_the_largest_pair_counts_whatever_run_measured_it(records):
    stages = {"rows": [{"stage": "network", "busy_s": 9.0, "cpu_s": 9.0, "of_cpu": 0.71, "running": 0.9}]}
    wide = {"width": 20000, "height": 20000, "wall_s": 564.0, "cpu_s": 1055.0, "peak_mb": 1950.0, "estimated_gb": 1.7}
    wide["files_mb"] = 2961.0
    records["memory_wide"] = kept({**wide, "curve": [], "stages": stages, "cores": 2})
    found = verdicts(records)
    assert found["the network runs"] == ["**90 %**", "met"]
    assert found["spent in the network"] == ["**71 %**", "missed"]
    assert found["largest memory of any size that was measured"] == ["**1950 MB**", "met"]
    assert "at work during 90 % of the 564 s, and took 71 %" in " ".join(document.document(records).split())


def wide_pair(width, height, cpu_s=722.0):
    return {
        "width": width, "height": height, "wall_s": 400.0, "cpu_s": cpu_s, "peak_mb": 1950.0, "estimated_gb": 1.7,
        "files_mb": 2961.0, "curve": [], "stages": {}, "cores": 2,
    }  # fmt: skip


def test_a_wide_pair_is_one_of_the_sizes_where_it_is_a_square_of_the_same_machine(records):
    records["memory_wide"] = kept(wide_pair(20000, 20000))
    assert [point["side"] for point in goals.points(records)] == [1024, 4096, 20000]
    assert "| 20000 x 20000 | 400.00 | 400.0 | 722.0 | 1.00 | 1950 | 1700 |" in document.document(records)
    records["memory_wide"] = kept(wide_pair(20000, 4000))
    assert [point["side"] for point in goals.points(records)] == [1024, 4096]
    assert len(goals.measured(records)) == 3
    other = kept(wide_pair(20000, 20000))
    other["machine"]["cores"] = 64
    assert [point["side"] for point in goals.points({**records, "memory_wide": other})] == [1024, 4096]


@pytest.mark.parametrize(
    ("cpu_s", "judged"), [(722.0, "linear"), (300.0, "less than linear"), (3000.0, "more than linear")]
)
def test_growth_with_size_is_judged(records, cpu_s, judged):
    records["memory_wide"] = kept({**wide_pair(20000, 20000, cpu_s), "wall_s": 401.0})
    assert f": {judged} (0.9 to 1.1 counts as linear)" in " ".join(document.document(records).split())


def test_seams_are_judged_with_a_wide_context_on_the_worst_pair(records):
    words = "two ways to cut tiles agree within 0.0001 px, share of the pixels (256 px of context)"
    goal = next(goal for goal in goals.GOALS if goal.words == words)
    assert goal.row(records)[2:] == ["-", "not measured"]
    apart = [
        {"context": 96, "beyond": 0.3},
        {"context": 256, "beyond": 0.0},
        {"context": 256, "beyond": 0.0004},
    ]
    records["seams"] = kept({"words": [], "tables": [], "apart": apart})
    assert goal.row(records)[2:] == ["**99.9 %**", "missed"]
    apart[2]["beyond"] = 0.0
    assert goal.row(records)[2:] == ["**100 %**", "met"]


def test_the_page_shows_what_was_measured(records, tmp_path):
    made = document.write(records, tmp_path)
    assert {path.name for path in made} == {
        "performance.md", "performance_speed.png", "performance_size.png", "performance_stages.png",
        "performance_operators.png",
    }  # fmt: skip
    text = (tmp_path / "performance.md").read_text(encoding="utf-8")
    for said in ("18.0 x pandora2d", "failed: no memory", "Two are quicker.", "1/2", "| Gather | 3 |", "90.0 %",
                 "no GPU was at hand", "took 5.2 s and 3000 MB at revision `old`"):  # fmt: skip
        assert said in text, said
    for image in tmp_path.glob("images/*.png"):
        assert f"images/{image.name}" in text


def test_memory_of_a_wide_raster_is_shown_over_its_run(records, tmp_path):
    curve = [[second, 1000 + 5 * second] for second in range(100)]
    wide = {"width": 20000, "height": 4000, "wall_s": 100.0, "cpu_s": 150.0, "peak_mb": 1500.0, "estimated_gb": 1.7}
    records["memory_wide"] = kept({**wide, "curve": curve})
    made = document.write(records, tmp_path)
    assert "performance_curve.png" in {path.name for path in made}
    text = made[0].read_text(encoding="utf-8")
    assert "| at most MB | 1120 | 1245 | 1370 | 1495 |" in text and "told before: 1700 MB" in text


def test_a_curve_is_of_one_machine(records):
    records["memory_large"] = kept({"start": row(64), "points": [row(20000, 2500.0)], "cores": 2})
    assert [one["side"] for one in goals.points(records)] == [1024, 4096, 20000]
    assert goals.exponent(records, "wall_s") == pytest.approx(1.0)
    records["memory_large"]["machine"] = {**records["memory"]["machine"], "cores": 64}
    assert [one["side"] for one in goals.points(records)] == [1024, 4096]
    del records["memory"]
    assert "20000 x 20000" in document.document(records)


@pytest.mark.parametrize("lacking", [[], ["speed"], ["operators"], ["speed", "operators", "batch"], None])
def test_a_page_is_written_from_whatever_there_is(records, tmp_path, lacking):
    for name in list(records) if lacking is None else lacking:
        del records[name]
    text = document.write(records, tmp_path)[0].read_text(encoding="utf-8")
    assert "Measuring again" in text
    assert "None" not in text and "nan" not in text


def test_stages_may_be_lacking(records, tmp_path):
    part = copy.deepcopy(records)
    part["memory"]["result"]["points"][1]["stages"] = {}
    del part["memory"]["result"]["before"]
    assert "Where the time goes" not in document.write(part, tmp_path)[0].read_text(encoding="utf-8")


def test_a_gpu_fills_its_columns(records):
    records["gpu"] = kept(
        {"words": ["It ran."], "files_mpx_per_s": 80.0, "network_mpx_per_s": 120.0, "in_network": 0.8}
    )
    found = verdicts(records)
    assert found["GPU: megapixels a second in the network"] == ["**120**", "missed"]
    assert found["GPU: megapixels a second from file to file"] == ["**80**", "met"]
    assert "no GPU was at hand" not in document.document(records)


def test_waiting_grows_with_the_work():
    start, sizes = {"wall_s": 1.0}, [row(1024), row(4096, 1900.0)]
    one = waiting.Job("one", 4096**2 / 1e6)
    assert waiting.seconds(one, start, sizes) == pytest.approx(sizes[1]["wall_s"])
    many = waiting.Job("many", one.megapixels, 10)
    assert waiting.seconds(many, start, sizes) == pytest.approx(10 * waiting.seconds(one, start, sizes) - 9)
    assert waiting.memory(waiting.Job("small", 0.1), sizes) == "900 MB"
    assert waiting.memory(one, sizes) == "1900 MB"
    assert waiting.memory(waiting.Job("huge", 1e4), sizes) == "up to 2 GB"
    assert [waiting.words(value) for value in (1.234, 59, 600, 7200)] == ["1.2 s", "59 s", "10 min", "2.0 h"]


def test_the_command_line_writes_the_page_without_measuring(tmp_path):
    command = [sys.executable, "-m", "benchmarks.performance", "--only-document", "--documents", str(tmp_path)]
    done = subprocess.run(command, cwd=results.REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "performance.md").is_file()
