import ctypes
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import inference, memory
from deepot_qgis.engine.runtime import main_memory


def pair(width, height, x0=0, y0=0):
    return SimpleNamespace(window=(x0, y0, width, height), grid=SimpleNamespace(width=x0 + width, height=y0 + height))


def estimator(**changes):
    facts = {
        "margin_px": 128, "tile_multiple": 16, "tile_px": None, "overlap_px": 16, "workers": 2, "max_offset_px": 16.0,
        "bytes_px": 430,
    }  # fmt: skip
    return SimpleNamespace(**{**facts, **changes})


sides = st.integers(32, 25_000)


@settings(max_examples=40, deadline=None)
@given(sides, sides, st.integers(0, 5), st.sampled_from([16, 128]), st.integers(1, 4), st.integers(50, 600))
def test_what_is_chosen_is_what_is_measured_and_fits(width, height, x0, margin, workers, bytes_px):
    of, by = pair(width, height, x0), estimator(margin_px=margin, workers=workers, bytes_px=bytes_px)
    chosen = memory.layout(of, by, (None, None), memory.MOST_BYTES)
    plan = inference.plan_of(of, by, (chosen.width, chosen.height))
    assert len(plan) == chosen.tiles and 1 <= chosen.workers <= workers
    assert chosen.size <= memory.MOST_BYTES
    largest = max(tile.width * tile.height for tile in plan)
    assert chosen.workers * largest * bytes_px < chosen.size
    # what the record keeps can be asked for, and gives the same tiles
    assert all(memory.SIDES_PX[0] <= side <= memory.SIDES_PX[1] for side in (chosen.width, chosen.height))
    assert memory.layout(of, by, (None, None), 1 << 62) == chosen  # a larger machine takes no more
    again = memory.layout(of, by, (chosen.width, chosen.height), 1 << 62)
    assert (again.width, again.height, again.tiles) == (chosen.width, chosen.height, chosen.tiles)


def test_context_that_is_left_out_early_leaves_memory_for_larger_tiles():
    of = pair(9000, 7000)
    whole, early = (
        memory.layout(of, estimator(bytes_px=370, **more), (None, None), memory.MOST_BYTES)
        for more in ({}, {"bytes_read_px": 280})
    )
    assert early.width * early.height > 1.1 * whole.width * whole.height and early.size <= memory.MOST_BYTES
    # a tile with no context at all takes what it takes
    alone = pair(1024, 1024)
    assert (
        memory.layout(alone, estimator(bytes_read_px=280), (1024, 1024), 1 << 40).size
        == memory.layout(alone, estimator(), (1024, 1024), 1 << 40).size
    )


def test_more_memory_never_means_more_work(monkeypatch):
    of, by = pair(9000, 7000), estimator()
    read = []
    monkeypatch.setattr(memory, "MOST_BYTES", 1 << 40)
    for allowed in (950e6, 1.2e9, 1.5e9, 1.8e9, 3e9, 9e9):
        chosen = memory.layout(of, by, (None, None), int(allowed))
        assert chosen.size <= allowed
        tiles = inference.plan_of(of, by, (chosen.width, chosen.height))
        read.append(sum(tile.width * tile.height for tile in tiles))
    assert read == sorted(read, reverse=True) and read[-1] < 1.25 * 9000 * 7000


def test_where_nothing_fits_the_smallest_tiles_are_taken():
    chosen = memory.layout(pair(9000, 7000), estimator(), (None, None), 1)
    assert chosen.workers == 1 and chosen.width <= 300 and chosen.height <= 300


def test_a_size_that_is_asked_for_is_taken_and_said():
    chosen = memory.layout(pair(3000, 2000), estimator(), (512, None), 2_000_000_000)
    assert (chosen.width, chosen.height, chosen.tiles) == (512, 512, 7 * 4)
    assert chosen.sentence().startswith(f"About {chosen.size / 1e9:.1f} GB of memory")
    assert "28 tiles of 512 x 512 px, 2 at a time" in chosen.sentence()


def test_what_is_kept_in_a_long_run_is_said():
    short = memory.layout(pair(3000, 2000), estimator(), (512, None), 2_000_000_000)
    long = memory.layout(pair(20_000, 20_000), estimator(), (None, None), 64_000_000_000)
    assert short.taken == short.size
    assert long.size <= memory.MOST_BYTES < long.taken < 2_000_000_000
    assert long.sentence().startswith(f"About {long.taken / 1e9:.1f} GB of memory")


def test_a_network_of_one_tile_size_has_its_own():
    of, by = pair(3000, 2000), estimator(tile_px=512, margin_px=64)
    chosen = memory.layout(of, by, (None, None), memory.MOST_BYTES)
    assert chosen.width == chosen.height == 384 and chosen.tiles == len(inference.plan_of(of, by, (999, 999)))


def test_a_large_card_works_on_larger_tiles_than_the_cpu():
    of = pair(10_000, 10_000)
    cpu = memory.layout(of, estimator(), (None, None), memory.MOST_BYTES)
    card = memory.layout(of, estimator(device="cuda", workers=16, bytes_px=None), (None, None), 1 << 40)
    assert card.width * card.height > cpu.width * cpu.height and card.workers == 16


def _machine(root, available, **limits):
    (root / "proc").mkdir()
    (root / "proc" / "meminfo").write_text(f"MemTotal:  99999999 kB\nMemAvailable: {available} kB\n")
    for name, text in limits.items():
        path = root / "sys" / "fs" / "cgroup" / name.replace("__", "/").replace("--", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return main_memory.free_on_linux(str(root))


def test_linux_says_what_is_available(tmp_path):
    assert _machine(tmp_path, 1000) == 1000 * 1024


@pytest.mark.parametrize(
    ("limits", "free"),
    [
        ({"memory--max": "600000\n", "memory--current": "200000\n", "memory--stat": "inactive_file 1000\n"}, 401000),
        ({"memory--max": "600000\n", "memory--current": "200000\n"}, 400000),
        ({"memory--max": "max\n", "memory--current": "200000\n"}, 1024000),
        ({"memory__memory--limit_in_bytes": "500000", "memory__memory--usage_in_bytes": "450000"}, 50000),
        ({"memory--max": "100\n", "memory--current": "200000\n"}, 0),
    ],
)
def test_a_container_may_leave_less(tmp_path, limits, free):
    assert _machine(tmp_path, 1000, **limits) == free


def test_windows_and_mac_are_asked_their_way_and_silence_is_no_error(monkeypatch):
    def status(pointer):
        pointer._obj.free = 123 << 20
        return 1

    kernel = SimpleNamespace(GlobalMemoryStatusEx=status)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert memory.available() == 123 << 20
    kernel.GlobalMemoryStatusEx = lambda pointer: 0
    assert memory.available() is None

    told = {b"vm.page_free_count": 100, b"vm.page_pageable_external_count": 50, b"hw.pagesize": 4096}
    told[b"hw.memsize"] = 800

    def sysctl(name, number, size, new, length):
        if name not in told:
            return -1
        number._obj.value = told[name]
        return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(sysctlbyname=sysctl))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert memory.available() == 150 * 4096
    del told[b"vm.page_free_count"]
    assert memory.available() == 400
    told.clear()
    assert memory.available() is None
    monkeypatch.setattr(sys, "platform", "plan9")
    assert memory.available() is None


def test_processes_side_by_side_share_the_memory(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 1_000_000_000)
    monkeypatch.setattr(memory, "_all_cores", lambda: 4)
    monkeypatch.setattr(memory.runtime, "cores", lambda: 4)
    alone = memory.free_share()
    monkeypatch.setattr(memory.runtime, "cores", lambda: 1)
    assert alone == 700_000_000 and memory.free_share() == alone // 4
    monkeypatch.setattr(memory, "available", lambda: None)
    assert memory.free_share() == memory.MOST_BYTES


def test_a_context_that_is_carried_to_the_end_takes_memory():
    needs = {"margin_px": 208, "bytes_px": 400, "bytes_read_px": 240, "workers": 1}
    of = pair(4000, 4000)
    kept, left = (
        memory.layout(of, estimator(**needs, rim_px=rim), (1024, 1024), memory.MOST_BYTES) for rim in (128, 16)
    )
    assert (kept.width, kept.tiles) == (left.width, left.tiles)
    assert kept.size - left.size == 400 * (1024 + 2 * 128) ** 2 - 240 * (1024 + 2 * 208) ** 2
