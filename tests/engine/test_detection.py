"""The detection limit against cases whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.selftest import detection


def noisy_bodies(sigma: float, gain: float = 1.0, lost: float = np.inf, count: int = 120, seed: int = 0) -> tuple:
    """Decision level of still ground with Gaussian noise, and readings of bodies that are read at `gain`."""
    rng = np.random.default_rng(seed)
    level = detection.decision_level(np.hypot(*rng.normal(0, sigma, (2, 2000))))
    motions = np.geomspace(0.3 * sigma, 60 * sigma, count)
    answered = np.where(motions < lost, gain * motions, 0)
    return level, list(zip(motions, np.hypot(answered + rng.normal(0, sigma, count), rng.normal(0, sigma, count))))


def test_limit_of_noise_is_where_95_in_100_bodies_show():
    rng = np.random.default_rng(1)
    still = np.hypot(*rng.normal(0, 1, (2, 200_000)))
    level = np.quantile(still, 0.95)
    limit = detection.limit_of_noise(1.0)
    moving = np.hypot(limit + rng.normal(0, 1, 200_000), rng.normal(0, 1, 200_000))
    assert np.mean(moving > level) == pytest.approx(0.95, abs=0.004)


@pytest.mark.parametrize("sigma", [0.01, 0.1, 0.5])
def test_gaussian_noise_gives_the_limit_of_theory(sigma):
    found = detection.detect(60, *noisy_bodies(sigma))
    expected = detection.limit_of_noise(sigma)
    assert found.low_px < expected < found.high_px
    assert found.limit_px == pytest.approx(expected, rel=0.35)
    assert found.loss_px is None and found.gain == pytest.approx(1, abs=0.05)


def test_a_smoothed_body_must_move_farther():
    sharp, smoothed = (detection.detect(20, *noisy_bodies(0.05, gain)) for gain in (1.0, 0.25))
    assert smoothed.limit_px == pytest.approx(4 * sharp.limit_px, rel=0.4)
    assert smoothed.gain == pytest.approx(0.25, abs=0.05)


def test_what_moves_too_far_is_lost():
    found = detection.detect(20, *noisy_bodies(0.05, lost=1.0))
    assert found.loss_px == pytest.approx(1.0, rel=0.3)
    assert found.limit_px == pytest.approx(detection.limit_of_noise(0.05), rel=0.4)


def test_what_never_shows_has_no_limit():
    level, readings = noisy_bodies(0.05, gain=0.0)
    found = detection.detect(20, level, readings)
    assert found.limit_px is None and found.loss_px is None and found.gain is None
    assert found.hits < 0.15 * found.bodies


def test_too_few_say_nothing():
    level, readings = noisy_bodies(0.05)
    assert detection.detect(20, level, readings[-4:]).limit_px is None
    assert detection.detect(20, None, readings).limit_px is None
    assert detection.detect(20, level, []).bodies == 0
    assert detection.decision_level([0.1] * 7) is None


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.floats(1e-3, 10), st.floats(0, 10)), min_size=5, max_size=30), st.floats(1e-3, 1))
def test_a_limit_lies_between_level_and_largest_motion(readings, level):
    found = detection.detect(60, level, readings)
    assert found.hits <= found.bodies == len(readings)
    if found.limit_px is not None:
        assert level <= found.low_px <= found.limit_px <= found.largest_px
        assert found.high_px is None or found.high_px >= found.limit_px


def test_a_body_that_is_hardly_answered_is_not_read():
    offset, stable = np.ones((2, 100)), np.array([0.5, 1.0])
    answered = np.zeros(100, bool)
    answered[:20] = True
    assert detection.reading(offset, answered, stable) is None
    answered[:40] = True
    assert detection.reading(offset, answered, stable) == pytest.approx([0.5, 0.0])
