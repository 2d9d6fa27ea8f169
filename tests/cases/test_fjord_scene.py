"""The radar's view of the fjord: geometry that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cases import fjord_scene as setting


@pytest.fixture(scope="module")
def made() -> setting.Scene:
    return setting.scene(quick=True)[0]


def test_sinking_and_leaving_ground_moves_away_in_range():
    right, down = setting.sensitivity()
    incidence = np.radians(setting.INCIDENCE)
    # a metre along the slope: what leaves horizontally, and what sinks by 1 / tan of the incidence angle
    level, sunk = np.cos(np.radians(28)) * np.cos(np.radians(15)), np.sin(np.radians(28))
    assert right == pytest.approx(level + sunk / np.tan(incidence))
    assert down < 0  # along the flight is up the image


def test_every_kind_of_ground_is_seen_with_layover_and_shadow(made):
    for name in setting.KINDS:
        assert made.is_kind(name).mean() > 0.03, name
    assert 0.02 < made.layover.mean() < 0.15
    assert 0.02 < made.shadow.mean() < 0.2


def test_the_wall_folds_over_the_fjord(made):
    """Layover lies in front of the wall (towards the radar), shadow behind its top."""
    columns = np.arange(made.shape[1])
    wall = made.layover[:, 600:]
    layover = (wall * columns[600:]).sum() / wall.sum()
    shadow = (made.shadow * columns).sum() / made.shadow.sum()
    water = (made.is_kind("water") * columns).sum() / made.is_kind("water").sum()
    assert water < layover < shadow


def test_only_the_slab_is_moved(made):
    right, _ = made.motion(9)
    slab = made.kind == setting.KINDS.index("slab")
    assert (right[~slab] == 0).all()
    assert right[slab].min() == pytest.approx(setting.sensitivity()[0] * setting.travelled(216.0) / setting.PIXEL_M)
    assert (made.motion(0)[0] == 0).all()


def test_the_pattern_of_the_ice_moves_and_that_of_rock_stays(made):
    first, later = made.power(0), made.power(4)
    rock, ice = (made.kind == setting.KINDS.index(name) for name in ("rock", "ice"))
    np.testing.assert_array_equal(first[rock], later[rock])
    lit = ice & (first > 0)
    assert np.corrcoef(np.log(first[lit]), np.log(later[lit]))[0, 1] < 0.6
