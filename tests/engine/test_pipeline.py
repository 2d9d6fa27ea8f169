import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import inference, measure, pipeline, product
from deepot_qgis.engine.correlation import CorrelationEstimator
from deepot_qgis.engine.errors import CancelledError, InputError, ModelError, OutputError
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.output import GeoTiffWriter
from deepot_qgis.engine.quality import QualityOptions
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.engine.stages import NETWORK, Clock

from . import scenes


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 150), st.integers(1, 700), st.integers(1, 120), st.sampled_from([5, 31, 151]), st.data())
def test_every_block_gets_the_offsets_around_it_once(width, height, high, window, data):
    whole = np.arange(3 * height * width, dtype=np.float32).reshape(3, height, width)
    options = QualityOptions(window_px=window)
    strips, row = [], 0
    while row < height:
        rows = data.draw(st.integers(1, 300))
        strips.append(whole[:, row : row + rows])
        row += rows
    seen = np.zeros((height, width), int)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "strip_rows", lambda width: high)
        patch.setattr(product, "_WIDTH", 64)
        for piece in pipeline.cut(strips, width, height, options):
            block, around = piece.block, piece.around
            seen[block.y0 : block.y0 + block.height, block.x0 : block.x0 + block.width] += 1
            there = np.s_[around.y0 : around.y0 + around.height, around.x0 : around.x0 + around.width]
            assert np.array_equal(piece.offsets(), whole[(slice(None), *there)])
    assert (seen == 1).all()


def test_a_block_is_cut_as_soon_as_the_rows_below_it_are_there():
    given_ = []

    def strips():
        for number in range(6):
            given_.append(number)
            yield np.zeros((3, 512, 10), np.float32)

    for number, _ in enumerate(pipeline.cut(strips(), 10, 6 * 512, QualityOptions())):
        assert len(given_) == min(number + 2, 6)


@pytest.fixture
def run(tmp_path):
    """Run a measurement of a few tiles in a folder of its own; gives the folder."""
    folder = tmp_path / "out"
    folder.mkdir()
    pair = scenes.pair(tmp_path, 1.2, -0.6, size=(170, 160))

    def measured(**more):
        options = MeasureOptions(*pair, str(folder / "d.tif"), method="correlation", tile_px=96)
        return measure.measure(options, **more)

    measured.folder = folder
    return measured


def _fails(error, after):
    """Something that raises from a certain call on."""
    calls = []

    def work(*arguments, **keywords):
        calls.append(arguments)
        if len(calls) > after:
            raise error
        return work.original(*arguments, **keywords)

    return work


@pytest.mark.parametrize(
    ("of", "name", "error", "after"),
    [
        (inference, "_images", InputError("The image cannot be read around row 7; copy it again."), 2),
        (CorrelationEstimator, "estimate", ModelError("The network failed; choose the CPU."), 1),
        (product, "product_block", InputError("The image cannot be read around row 9; copy it again."), 0),
        (GeoTiffWriter, "write", OutputError("The disk is full; make room."), 0),
        (GeoTiffWriter, "place", OutputError("The disk is full; make room."), 1),
    ],
)
def test_a_failure_in_any_stage_ends_all_and_leaves_nothing(run, monkeypatch, of, name, error, after):
    before = set(threading.enumerate())
    work = _fails(error, after)
    work.original = getattr(of, name)
    monkeypatch.setattr(of, name, work)
    with pytest.raises(type(error), match=str(error)):
        run()
    assert list(run.folder.iterdir()) == []
    _all_ended(before)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.7])
def test_a_cancel_at_any_moment_ends_all_and_leaves_nothing(run, share):
    before, reached = set(threading.enumerate()), [0.0]
    with pytest.raises(CancelledError):
        run(progress=lambda done, what: reached.append(done), cancelled=lambda: reached[-1] > share)
    assert list(run.folder.iterdir()) == []
    _all_ended(before)


def _all_ended(before):
    """Tiles under way when a run ends are not waited for; they end by themselves."""
    until = time.monotonic() + 30
    while set(threading.enumerate()) - before and time.monotonic() < until:
        time.sleep(0.05)
    assert not set(threading.enumerate()) - before


def test_every_thread_has_datasets_of_its_own(run, monkeypatch):
    """A GDAL dataset that two threads use at a time may give wrong values or crash."""
    users, used = {}, Raster._read_inside

    def read(raster, *arguments):
        users.setdefault(id(raster), (raster, set()))[1].add(threading.get_ident())
        return used(raster, *arguments)

    monkeypatch.setattr(Raster, "_read_inside", read)
    run()
    assert len(users) >= 6 and all(len(threads) == 1 for _, threads in users.values())


def test_the_caller_alone_is_told_and_asked(run):
    mine, heard = threading.get_ident(), set()

    def note(*_):
        heard.add(threading.get_ident())
        return False

    run(progress=note, cancelled=note)
    assert heard == {mine}


def test_the_clock_knows_every_stage_of_a_run(run):
    clock = Clock()
    result = run(clock=clock)
    rows = {row.stage: row for row in clock.rows()}
    assert {NETWORK, "reading", "blending", "quality", "writing", "preparing", "finishing"} <= set(rows)
    assert sum(row.cpu_s for row in rows.values()) == pytest.approx(clock.cpu_s(), rel=0.1)
    assert rows[NETWORK].busy_s > 0 and rows[NETWORK].running <= 1 and result.seconds <= clock.wall_s()


def test_the_numbers_of_a_product_are_round(run):
    result = run()
    bands = scenes.read(result.product)
    raw = scenes.read(result.offsets)
    for plane, step in (
        (raw["dx"], inference.OFFSET_STEP_PX),
        (raw["sigma"], inference.SIGMA_STEP_PX),
        (bands["east"], 8 * inference.OFFSET_STEP_PX),  # pixels of 10 m
        (bands["correlation"], 2.0**-12),
    ):
        steps = plane[np.isfinite(plane)].astype(np.float64) / step
        assert np.array_equal(steps, np.rint(steps)) and steps.size
    known = bands["mask"] == 0
    assert np.abs(bands["east"] - 10 * raw["dx"])[known].max() <= 8 * inference.OFFSET_STEP_PX
    assert (bands["direction"][known] < 360).all()
