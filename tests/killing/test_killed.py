"""Processes killed at seeded moments and at every step of finishing leave whole files or temporary ones, and go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from benchmarks.killing import __main__ as command
from benchmarks.killing import judge, scene
from benchmarks.killing.run import REPOSITORY, Midwife, kill, moments

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="victims are forked")


@pytest.fixture(scope="module")
def midwife():
    with Midwife() as one:
        yield one


@pytest.fixture
def pair(tmp_path):
    (tmp_path / "images").mkdir()
    return command.pair_of(*scene.write(str(tmp_path / "images"), 600, 48)[:2])


def test_a_pair_killed_at_any_moment_ends_in_the_same_files(midwife, pair, tmp_path):
    counts = kill(midwife, pair, str(tmp_path), moments(7, 6))
    assert counts.wrong == []
    assert (counts.kills, counts.resumed) == (6, 6) and counts.during > 0


def test_a_pair_killed_between_its_last_steps_ends_in_the_same_files(midwife, pair, tmp_path):
    """Of two strips: before the second is kept; before the first and the last file get their names."""
    counts = kill(midwife, pair, str(tmp_path), (), (("replace", 2), ("replace", 3), ("replace", 5), ("fsync", 8)))
    assert counts.wrong == []
    assert (counts.during, counts.resumed, counts.went_on) == (4, 4, 4)
    assert counts.temporary >= 4


def test_a_killed_series_goes_on_with_the_pairs_that_are_missing(midwife, tmp_path):
    (tmp_path / "images").mkdir()
    scene.write(str(tmp_path / "images"), 48, 48, scene.DAYS[:3])
    counts = kill(
        midwife, command.series_of(str(tmp_path / "images")), str(tmp_path), (), (("replace", 3), ("replace", 8))
    )
    assert counts.wrong == []
    assert (counts.during, counts.resumed, counts.went_on) == (2, 2, 2)  # three files a pair: one was whole, two


def test_the_judge_sees_what_must_not_be(tmp_path):
    path = scene.write(str(tmp_path), 32, 32, scene.DAYS[:1])[0]
    digest = judge.look(str(tmp_path)).whole["scene_20230904.tif"]
    with open(path, "r+b") as file:
        file.seek(-40, os.SEEK_END)
        file.write(b"\xff" * 4)
    assert judge.look(str(tmp_path)).whole["scene_20230904.tif"] != digest
    with open(path, "r+b") as file:
        file.truncate(300)
    (tmp_path / "d.json").write_text('{"half": ')
    (tmp_path / ".d.here-1-abcdef.partial.tif").write_bytes(b"")
    (tmp_path / ".d.tif.resume").mkdir()
    (tmp_path / ".d.tif.resume" / "rows").write_bytes(b"")
    left = judge.look(str(tmp_path))
    assert set(left.broken) == {"scene_20230904.tif", "d.json"} and not left.whole
    assert left.temporary == (".d.here-1-abcdef.partial.tif", ".d.tif.resume")


def test_the_midwife_tells_how_a_victim_ended(midwife, tmp_path):
    log = str(tmp_path / "log")
    assert midwife.run(["--version"], log)[0] == 0
    assert midwife.run(["pair", "no.tif", "no.tif", str(tmp_path / "d.tif")], log)[0] == 1
    assert midwife.run(["--version"], log, after_s=0.0)[0] in (0, -9)


@pytest.mark.skipif(os.name == "nt", reason="no signals")
def test_a_queue_that_asks_for_the_end_gets_it_with_a_sentence(pair, tmp_path):
    """SIGTERM, as schedulers send it before they kill: nothing temporary stays, and the rows are kept."""
    out = tmp_path / "out"
    out.mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "deepot_qgis.engine", *pair.of(str(out))],
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    ) as run:
        while run.poll() is None and not [name for name in os.listdir(out) if ".partial" in name]:
            time.sleep(0.005)
        run.terminate()
        said = run.stderr.read()
    assert run.returncode in (0, 1)
    if run.returncode == 1:
        assert said.splitlines()[-1].startswith("Cancelled; ")
        assert set(os.listdir(out)) <= {".d.tif.resume"}
