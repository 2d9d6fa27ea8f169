"""Velocity, the date on which acceleration shows, and the inverse-velocity line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import creep, fjord_scene
from deepot_qgis.engine.errors import OptionsError


def motion(sigma: float, noise: np.ndarray | None = None) -> creep.Motion:
    days = np.array(fjord_scene.days())
    travelled = fjord_scene.travelled(days)
    return creep.Motion(days, travelled if noise is None else travelled + noise, sigma)


def test_acceleration_shows_sooner_where_the_noise_is_lower():
    late, soon = motion(0.006).alarm(), motion(0.0004).alarm()
    assert fjord_scene.days()[soon] > fjord_scene.ONSET_DAY
    assert soon < late


def test_steady_creep_never_alarms():
    days = np.arange(0.0, 200, 20)
    assert creep.Motion(days, 0.01 * days, 0.001).alarm() is None
    assert creep.Motion(days, 0.01 * days, 0.001).failure_day() is None


@settings(max_examples=20, deadline=None)
@given(st.floats(30, 200), st.floats(0.001, 0.1))
def test_the_inverse_velocity_line_ends_at_the_failure(left, scale):
    """For the law itself, with intervals short beside the time that is left."""
    days = np.linspace(0, 20, 9)
    failure = 20 + left
    travelled = -scale * failure * np.log(1 - days / failure)
    found = creep.Motion(days, travelled, 0.0).failure_day()
    assert found == pytest.approx(failure, rel=0.02)


def test_motion_along_a_direction_is_read_back_from_both_offsets():
    sensitivity = fjord_scene.sensitivity()
    true = np.array([0.0, 0.7, 2.5])
    right, down = (part * true / 3.0 for part in sensitivity)
    np.testing.assert_allclose(creep.along(right, down, sensitivity, 3.0), true, atol=1e-12)
    with pytest.raises(OptionsError):
        creep.along(right, down, np.zeros(2), 3.0)


def test_the_slab_creeps_then_accelerates():
    days = np.linspace(0, 216, 500)
    speed = np.gradient(fjord_scene.travelled(days), days)
    np.testing.assert_allclose(speed[days < 90], fjord_scene.CREEP, rtol=1e-3)
    assert speed[-1] == pytest.approx(fjord_scene.CREEP * 144 / 24, rel=0.03)
    assert (np.diff(speed[days > 100]) > 0).all()
