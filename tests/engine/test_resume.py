"""An interrupted pair goes on where it stopped, and ends in the same bits."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import inference, resume
from deepot_qgis.engine.errors import CancelledError, InputError, OutputError
from deepot_qgis.engine.estimate import Estimate
from deepot_qgis.engine.pair import PairOptions, open_pair
from deepot_qgis.engine.resume import Work

from . import scenes

HEIGHT, WIDTH = 70, 11
KEY = {"inputs": {"reference": "a", "secondary": "b"}, "tile": 64}
ROWS = np.random.default_rng(1).standard_normal((3, HEIGHT, WIDTH)).astype(np.float32)
ROWS[:, 12:15, 3:5] = np.nan


class Measuring:
    """Gives the rows in strips and remembers with which it began."""

    def __init__(self, strip=10, stop=None, error=None):
        self.strip, self.stop, self.error, self.began = strip, stop, error, None

    def __call__(self, first):
        self.began = first
        for row in range(first, HEIGHT, self.strip):
            if self.stop is not None and row >= self.stop:
                raise self.error or OutputError("It stopped.")
            yield ROWS[:, row : row + self.strip]


def run(output, measuring, key=KEY, chosen=None):
    with Work(str(output), (HEIGHT, WIDTH), key, chosen or {"tile_px": 64}) as work:
        rows = np.concatenate(list(work.rows(measuring)), axis=1)
    assert not os.path.exists(work.folder)
    return rows, work


def interrupted(output, stop=40, error=None, **more):
    with pytest.raises((OutputError, CancelledError, InputError)) as caught:
        run(output, Measuring(stop=stop, error=error), **more)
    return str(caught.value)


def test_a_run_that_is_not_interrupted_leaves_no_folder(tmp_path):
    rows, work = run(tmp_path / "d.tif", Measuring())
    assert rows.tobytes() == ROWS.tobytes() and work.first_row == 0 and os.listdir(tmp_path) == []
    assert work.notes() == ()


def test_an_interrupted_run_goes_on_below_what_is_kept(tmp_path):
    said = interrupted(tmp_path / "d.tif")
    assert said.startswith("It stopped. The first 40 of 70 rows are measured and kept") and "--resume" in said
    measuring = Measuring()
    rows, work = run(tmp_path / "d.tif", measuring)
    assert rows.tobytes() == ROWS.tobytes() and (work.first_row, measuring.began) == (40, 40)
    assert work.notes() == ("40 of 70 rows had been measured before.",)
    assert os.listdir(tmp_path) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, HEIGHT)), max_size=5))
def test_any_number_of_interruptions_ends_in_the_same_bits(tmp_path_factory, stops):
    output = tmp_path_factory.mktemp("often") / "d.tif"
    for strip, stop in stops:
        try:
            rows, _ = run(output, Measuring(strip, stop))
        except OutputError:
            continue
        assert rows.tobytes() == ROWS.tobytes()
    assert run(output, Measuring())[0].tobytes() == ROWS.tobytes()


@pytest.mark.parametrize("error", [CancelledError("Cancelled; nothing was written."), KeyboardInterrupt()])
def test_who_cancels_is_told_what_is_kept(tmp_path, error):
    said = interrupted(tmp_path / "d.tif", error=error)
    assert said.startswith("Cancelled; the first 40 of 70 rows are measured and kept")


def test_every_error_keeps_its_kind(tmp_path):
    with pytest.raises(InputError, match=r"^The image went away\. The first 40"):
        run(tmp_path / "d.tif", Measuring(stop=40, error=InputError("The image went away.")))


def test_a_run_that_fails_before_its_first_rows_leaves_no_folder(tmp_path):
    assert interrupted(tmp_path / "d.tif", stop=0) == "It stopped."
    assert os.listdir(tmp_path) == []


def test_rows_of_other_images_or_options_are_not_taken(tmp_path):
    interrupted(tmp_path / "d.tif")
    measuring = Measuring()
    rows, _ = run(tmp_path / "d.tif", measuring, {**KEY, "tile": 128})
    assert measuring.began == 0 and rows.tobytes() == ROWS.tobytes()


def test_what_the_interrupted_run_chose_for_itself_holds_on(tmp_path):
    interrupted(tmp_path / "d.tif", chosen={"tile_px": 512})
    with Work(str(tmp_path / "d.tif"), (HEIGHT, WIDTH), KEY, {"tile_px": 64}) as work:
        assert work.settings == {"tile_px": 512} and work.first_row == 40
    with Work(str(tmp_path / "d.tif"), (HEIGHT, WIDTH), KEY, {"tile_px": 64}) as work:
        assert work.settings == {"tile_px": 64} and work.first_row == 0


def test_all_rows_kept_need_no_measuring(tmp_path):
    with pytest.raises(OutputError), Work(str(tmp_path / "d.tif"), (HEIGHT, WIDTH), KEY, {}) as work:
        list(work.rows(Measuring()))
        raise OutputError("The product cannot be written.")
    measuring = Measuring()
    assert run(tmp_path / "d.tif", measuring)[0].tobytes() == ROWS.tobytes() and measuring.began is None


def test_a_gap_is_measured_again_and_what_is_below_it_too(tmp_path):
    interrupted(tmp_path / "d.tif")
    folder = tmp_path / ".d.tif.resume"
    (folder / "rows_000000010_10.npy").unlink()
    (folder / ".rows_000000040_10.here-1-abcdef.partial.npy").write_bytes(b"half")
    measuring = Measuring()
    assert run(tmp_path / "d.tif", measuring)[0].tobytes() == ROWS.tobytes() and measuring.began == 10


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"rubbish" * 50])
def test_damaged_rows_are_said_with_the_way_out(tmp_path, damage):
    interrupted(tmp_path / "d.tif")
    (tmp_path / ".d.tif.resume" / "rows_000000010_10.npy").write_bytes(damage)
    with pytest.raises(OutputError, match=r"remove .*\.d\.tif\.resume and run again"):
        run(tmp_path / "d.tif", Measuring())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key": 1}', '{"key": "x", "settings": 5}'])
def test_a_folder_without_facts_is_begun_anew(tmp_path, text):
    interrupted(tmp_path / "d.tif")
    (tmp_path / ".d.tif.resume" / "run.json").write_text(text)
    measuring = Measuring()
    assert run(tmp_path / "d.tif", measuring)[0].tobytes() == ROWS.tobytes() and measuring.began == 0


def test_two_processes_do_not_measure_into_one_file(tmp_path):
    script = (
        "import sys\nfrom deepot_qgis.engine.resume import Work\n"
        f"with Work({str(tmp_path / 'd.tif')!r}, ({HEIGHT}, {WIDTH}), {KEY!r}, {{}}):\n"
        "    print('in', flush=True)\n    sys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(OutputError, match=r"d\.tif is being measured by another process"):
            run(tmp_path / "d.tif", Measuring())
        other.kill()
    assert run(tmp_path / "d.tif", Measuring())[0].tobytes() == ROWS.tobytes()  # the dead hold nothing


def test_a_folder_that_went_away_is_said(tmp_path):
    away = tmp_path / "drive"
    away.mkdir()

    def measuring(first):
        for number, rows in enumerate(Measuring()(first)):
            if number == 2:
                away.rename(tmp_path / "elsewhere")
            yield rows

    with pytest.raises(OutputError, match=r"d\.tif cannot be written because .*drive went away.* first 20 of 70 rows"):
        run(away / "d.tif", measuring)
    (tmp_path / "elsewhere").rename(away)
    measuring = Measuring()
    assert run(away / "d.tif", measuring)[0].tobytes() == ROWS.tobytes() and measuring.began == 20


class Shift:
    """An estimator whose answer depends on every pixel of its tile, so that another tile is another answer."""

    margin_px, tile_multiple, tile_px, workers, max_offset_px = 16, 8, None, 2, 5.0

    def __init__(self, overlap):
        self.overlap_px = overlap

    def estimate(self, reference, secondary):
        ratio = (reference / (1 + secondary)).astype(np.float32)
        return Estimate(np.stack([ratio, ratio * np.float32(0.3) + reference.mean()]), ratio + np.float32(0.1))


@pytest.mark.parametrize(("overlap", "height"), [(16, 300), (48, 300), (40, 218)])
def test_measuring_from_any_border_gives_the_bits_of_a_run_from_the_top(tmp_path, monkeypatch, overlap, height):
    """Also where the last row of tiles lies over more than one row above it."""
    monkeypatch.setattr(inference, "strip_rows", lambda width: 64)
    images = scenes.pair(tmp_path, 1.2, -0.7, size=(height, 150))
    pair = open_pair(PairOptions(*images))

    def offsets(first):
        return inference.offsets(pair, Shift(overlap), 100, lambda share: None, lambda: False, first_row=first)

    strips = [rows for rows in offsets(0) if rows.shape[1]]
    whole = np.concatenate(strips, axis=1)
    assert whole.shape[1] == height and len(strips) > 2
    for first in np.cumsum([rows.shape[1] for rows in strips[:-1]]):
        again = np.concatenate(list(offsets(int(first))), axis=1)
        assert again.tobytes() == np.ascontiguousarray(whole[:, first:]).tobytes(), first


def test_the_key_is_of_everything_that_decides():
    shape = (HEIGHT, WIDTH)
    keys = {
        resume._key(key, size)
        for key, size in ((KEY, shape), ({**KEY, "tile": 65}, shape), ({**KEY, "more": None}, shape), (KEY, (70, 12)))
    }
    assert len(keys) == 4 and resume._key(json.loads(json.dumps(KEY)), shape) in keys
