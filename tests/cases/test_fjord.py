"""What the fjord's case says of a series, with a series made up here."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from cases import creep, fjord, fjord_report, fjord_scene, plots, scores


@pytest.fixture(scope="module")
def made() -> fjord_scene.Scene:
    return fjord_scene.scene(quick=True)[0]


def judged(made, method: str, short: float) -> fjord.Judged:
    """A method that reads the slab too short by a factor and everything else as still."""
    days = np.array(fjord_scene.days())
    true = fjord_scene.travelled(days)
    last = np.where(made.is_kind("slab"), short * true[-1], 0.0).astype(np.float32)
    last[made.is_kind("water")] = np.nan
    names = fjord.places(made)
    return fjord.Judged(
        SimpleNamespace(method=method, pairs=15),
        creep.Motion(days, short * true, 0.001),
        last,
        scores.score(short * true, true),
        scores.score(last[made.is_kind("slab")], np.full(int(made.is_kind("slab").sum()), true[-1])),
        0.05,
        {name: float(name == "water") for name in names},
        {name: float((last[where] > fjord.ALARMING_M).mean()) for name, where in names.items()},
        0.6,
    )


def test_tables_tell_the_methods_apart(made):
    both = [judged(made, "model", 0.95), judged(made, "correlation", 0.6)]
    slab, acceleration, surroundings = fjord_report.tables(made, both)
    assert [row[0] for row in slab[1]] == ["DeepOT", "conventional"]
    assert [row[4] for row in slab[1]] == ["0.95", "0.60"]
    embedded, *rows = acceleration[1]
    assert embedded[1] == "8.0"
    assert all(row[4] > "2021-08-25" for row in rows)  # after the onset on day 96
    water = next(row for row in surroundings[1] if row[0] == "water")
    assert water[1:] == ("100%", "100%", "0.0%", "0.0%")
    rock = next(row for row in surroundings[1] if row[0] == "rock")
    assert rock[3] == "0.0%"


def test_pictures_and_page_are_made_of_it(made, tmp_path):
    both = [judged(made, "model", 0.95), judged(made, "correlation", 0.6)]
    image = tmp_path / "first.tif"
    fjord.files.write_image(
        image, np.ones(made.shape, np.float32), fjord_scene.grid(made.shape), fjord_scene.FIRST, "test"
    )
    pictures = fjord_report.draw(made, (image,), both, tmp_path)
    assert all(10_000 < path.stat().st_size < 600_000 for path in pictures)
    page = " ".join("\n".join(fjord_report.document(made, both, pictures)).split())
    for words in ("Simulated", "Fukuzono", "not a model of that slope", "Barry Arm", plots.NAMES["model"]):
        assert words in page


def test_steadiness_is_that_of_blocks_of_rock():
    rng = np.random.default_rng(4)
    days = np.arange(6) * 10.0
    moved = rng.normal(0, 0.02, (6, 400, 400)) + rng.normal(0, 0.05, (6, 1, 1))  # a shift of the whole date
    found = fjord._velocity_error(moved, np.ones((400, 400), bool), days)
    # medians of 96 x 96 independent pixels hardly scatter; the shift, common to all blocks, is what is left
    assert found == pytest.approx(np.std(np.diff(np.median(moved, axis=(1, 2))) / 10), rel=0.1)
