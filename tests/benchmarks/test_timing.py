"""What the timing commands make of what they measured, and that their pairs are pairs."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks import children, contenders, large_pair, memory, operators, speed
from deepot_qgis.engine.estimate import Estimate


def test_a_child_is_measured():
    spent, text = children.run(["-c", "x = bytearray(300_000_000); x[::4096] = b'1' * len(x[::4096]); print('done')"])
    assert text == "done\n"
    assert spent.peak_mb > 300
    assert min(spent.cpu_s, spent.wall_s) > 0


def test_a_child_that_fails_says_why():
    with pytest.raises(RuntimeError, match="no such luck"):
        children.run(["-c", "raise SystemExit('no such luck')"])


@pytest.mark.skipif(not hasattr(__import__("os"), "sched_getaffinity"), reason="cores cannot be assigned here")
def test_a_child_sees_its_cores_only():
    _, text = children.run(["-c", "import os; print(len(os.sched_getaffinity(0)), os.environ['OMP_NUM_THREADS'])"], 1)
    assert text.split() == ["1", "1"]


def test_a_worker_answers_and_its_end_is_told():
    worker = children.Worker(["-c", "import sys\nfor line in sys.stdin: print('{\"echo\": %s}' % line.strip())"], 1)
    worker.tell("5")
    assert worker.answer() == {"echo": 5}
    assert worker.close().peak_mb > 1
    broken = children.Worker(["-c", "raise SystemExit('gone')"], 1)
    with pytest.raises(RuntimeError, match="gone"):
        broken.answer()
    broken.close()


def test_the_second_image_is_the_first_moved():
    reference, secondary = large_pair.arrays(600)
    dx, dy = large_pair.MOVED
    moved = secondary[100 + dy : 500 + dy, 100 + dx : 500 + dx]
    ratio = moved / reference[100:500, 100:500]
    assert np.abs(ratio - 1).max() < 0.25
    assert ratio.std() > 0.05  # each date has its own noise


def test_files_hold_what_arrays_hold(tmp_path):
    gdal = pytest.importorskip("osgeo.gdal")
    for path, image in zip(large_pair.write(tmp_path, 96), large_pair.arrays(96)):
        assert np.array_equal(gdal.Open(str(path)).ReadAsArray(), image)


@pytest.mark.parametrize("shape", [(64, 64), (700, 500)])
def test_tiles_answer_every_pixel(shape):
    class Level:
        """Answers the reference itself, so that a pixel put in the wrong place shows."""

        name, margin_px, tile_multiple, max_offset_px, overlap_px, tile_px, workers = "level", 16, 8, 4.0, 16, None, 2

        def estimate(self, reference, secondary):
            return Estimate(np.stack([reference, secondary]), reference)

    rng = np.random.default_rng(0)
    images = rng.random((2, *shape), np.float32)
    for tile in (128, 2048):
        found = contenders.tiled(Level(), *images, tile_px=tile)
        assert np.array_equal(found, images)


def test_sizes_double_up_to_the_largest():
    assert memory.sizes(4096) == [512, 1024, 2048, 4096]
    assert memory.sizes(20000) == [512, 1024, 2048, 4096, 8192, 20000]
    assert memory.sizes(512) == [512]


@pytest.mark.parametrize("power", [0.8, 1.0, 1.2])
def test_the_exponent_is_found(power):
    points = [{"side": side, "wall_s": 3 + 1e-6 * (side**2) ** power} for side in (512, 1024, 2048, 4096)]
    assert memory.exponent(points, "wall_s", 3) == pytest.approx(power)
    assert memory.exponent(points[:2], "wall_s", 3) is None


def test_ratios_are_made_within_rounds():
    rows = {
        "deepot": {"walls_s": [1.0, 2.0, 1.0], "cpus_s": [1.0, 1.0, 1.0]},
        "slow": {"walls_s": [4.0, 8.0], "cpus_s": [2.0, 2.0]},
        "lost": {"failed": "memory"},
    }
    assert speed.ratios(rows) == {"slow": {"median": 4.0, "least": 4.0, "most": 4.0, "cpu": 2.0}}
    assert speed.ratios({"slow": rows["slow"]}) == {}


def test_a_profile_is_summed_without_the_warm_up():
    def node(name, kind, ts, dur):
        return {"cat": "Node", "name": name + "_kernel_time", "ts": ts, "dur": dur, "args": {"op_name": kind}}

    events = [{"cat": "Session", "name": "model_run", "ts": 1000 * n, "dur": 900} for n in range(3)]
    events += [node("/fine/conv/Conv", "Conv", 1000 * n + 10, 500 if n else 9000) for n in range(3)]
    events += [node("Add_3", "Add", 1000 * n + 600, 250) for n in range(3)]
    found = operators.summary(events, 2, 0.5)
    assert found["operators"] == [
        {"name": "Conv", "calls": 1, "ms_per_mpx": 1.0, "share": pytest.approx(2 / 3)},
        {"name": "Add", "calls": 1, "ms_per_mpx": 0.5, "share": pytest.approx(1 / 3)},
    ]
    assert [row["name"] for row in found["rooms"]] == ["fine", "(top level)"]
    assert found["ms_per_mpx"] == pytest.approx(1.8)
    short = operators.shortened([{"name": n, "calls": 1, "ms_per_mpx": 1.0, "share": 0.2} for n in "abcde"], 2)
    assert [row["name"] for row in short] == ["a", "b", "3 others"]
    assert sum(row["share"] for row in short) == pytest.approx(1)


def test_every_peer_has_its_adapter():
    names = {contender.name for contender in contenders.ALL if contender.kind == "peer"}
    assert names == set(contenders._ADAPTERS)
    assert not [name for name in sys.modules if name.startswith("openpiv")]  # asking costs no import
