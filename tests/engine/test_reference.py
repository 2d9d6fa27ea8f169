import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.reference import ReferenceOptions, correction, slowest

COLUMNS, ROWS = (axis.ravel() + 0.5 for axis in np.meshgrid(np.arange(40), np.arange(30)))


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(-5, 5)] * 2), st.tuples(*[st.floats(-0.1, 0.1)] * 4), st.integers(0, 1000))
def test_a_shift_and_a_ramp_are_found_and_taken_out(shift, slopes, seed):
    rng = np.random.default_rng(seed)
    east = shift[0] + slopes[0] * COLUMNS + slopes[1] * ROWS + rng.normal(0, 0.01, COLUMNS.size)
    north = shift[1] + slopes[2] * COLUMNS + slopes[3] * ROWS + rng.normal(0, 0.01, COLUMNS.size)
    east[rng.random(COLUMNS.size) < 0.1] += 7  # some of it moves after all
    found = correction(east, north, COLUMNS, ROWS, ramp=True)
    left_east, left_north = found.apply(east.reshape(30, 40), north.reshape(30, 40), 0, 0)
    assert abs(np.median(left_east)) < 0.01 and abs(np.median(left_north)) < 0.01
    assert np.percentile(np.abs(left_north), 95) < 0.03 and found.spread < 0.02


def test_a_window_is_corrected_as_the_whole(tmp_path):
    rng = np.random.default_rng(1)
    east, north = 0.1 * COLUMNS + 0.2 * ROWS, -0.3 * COLUMNS + rng.normal(0, 0.01, COLUMNS.size)
    found = correction(east, north, COLUMNS, ROWS, ramp=True)
    whole = found.apply(east.reshape(30, 40), north.reshape(30, 40), 0, 0)
    part = found.apply(east.reshape(30, 40)[10:20, 5:15], north.reshape(30, 40)[10:20, 5:15], 5, 10)
    assert np.allclose(whole[0][10:20, 5:15], part[0], atol=1e-5)
    assert np.allclose(whole[1][10:20, 5:15], part[1], atol=1e-5)


def test_without_a_ramp_it_is_the_median():
    east = np.arange(101.0)
    found = correction(east, -east, COLUMNS[:101], ROWS[:101], ramp=False)
    assert found.east == (50, 0, 0) and found.north == (-50, 0, 0) and found.pixels == 101


def test_too_little_stable_ground_is_refused():
    values = np.full(100, np.nan)
    values[:10] = 1.0
    with pytest.raises(InputError, match=r"p\.tif has only 10 measured pixels of stable ground"):
        correction(values, values, COLUMNS[:100], ROWS[:100], False, "p.tif")


def test_the_slowest_are_found_under_shifts_larger_than_the_motion():
    rng = np.random.default_rng(2)
    days = rng.uniform(10, 60, 12)
    speed = np.where(COLUMNS > 24, 0.01, 0.0)  # a third moves
    shift = rng.normal(0, 3, (2, 12, 1))
    east, north = shift + speed * days[:, None] + rng.normal(0, 0.05, (2, 12, COLUMNS.size))
    east[rng.random(east.shape) < 0.1] = np.nan
    stable = slowest(east, north, days, 0.25)
    assert stable.sum() == pytest.approx(0.25 * COLUMNS.size, rel=0.05)
    assert speed[stable].max() == 0


def test_pixels_that_few_pairs_measured_do_not_count_as_still():
    east = np.ones((6, 100)) * np.arange(100) * 0.01
    north = np.zeros((6, 100))
    east[1:, :10] = np.nan
    stable = slowest(east, north, np.full(6, 12.0), 0.25)
    assert not stable[:10].any() and stable.any()


@pytest.mark.parametrize("wrong", [{"kind": "fastest"}, {"share": 0}, {"kind": "area"}])
def test_options_that_cannot_be(wrong):
    with pytest.raises(OptionsError):
        ReferenceOptions(**wrong)
