"""The dislocation against the values published with it, and against the laws it must obey."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import okada
from deepot_qgis.engine.errors import OptionsError

# Okada (1985), table 2: x, y, depth of the lower edge, dip, length, width, kind, ux, uy, uz for unit slip
PUBLISHED = [
    (2, 3, 4, 70, 3, 2, "strike", -8.689e-3, -4.298e-3, -2.747e-3),
    (2, 3, 4, 70, 3, 2, "dip", -4.682e-3, -3.527e-2, -3.564e-2),
    (2, 3, 4, 70, 3, 2, "tensile", -2.660e-4, 1.056e-2, 3.214e-3),
    (0, 0, 4, 90, 3, 2, "strike", 0, 5.253e-3, 0),
    (0, 0, 4, 90, 3, 2, "dip", 0, 0, 0),
    (0, 0, 4, 90, 3, 2, "tensile", 1.223e-2, 0, -1.606e-2),
    (0, 0, 4, -90, 3, 2, "strike", 0, -1.303e-3, 0),
    (0, 0, 4, -90, 3, 2, "dip", 0, 0, 0),
    (0, 0, 4, -90, 3, 2, "tensile", 3.507e-3, 0, -7.740e-3),
]
SLIPS = {"strike": (1, 0, 0), "dip": (0, 1, 0), "tensile": (0, 0, 1)}


@pytest.mark.parametrize(("x", "y", "depth", "dip", "length", "width", "kind", "ux", "uy", "uz"), PUBLISHED)
def test_published_values(x, y, depth, dip, length, width, kind, ux, uy, uz):
    sin, cos = np.sin(np.radians(dip)), np.cos(np.radians(dip))
    found = okada.rectangle(np.array([x]), np.array([y]), depth, sin, cos, length, width, SLIPS[kind])
    for value, expected in zip(found, (ux, uy, uz)):
        assert value[0] == pytest.approx(expected, abs=0.6e-3 * 10.0 ** np.floor(np.log10(max(abs(expected), 1e-6))))


@pytest.mark.parametrize("dip", [90, 80, 45])
def test_surface_slip_is_the_slip(dip):
    """Across the trace of a rupture that reaches the surface the two sides differ by the slip itself."""
    fault = okada.Fault(0, 0, 30, dip, 20e3, 10e3, slip=3, rake=180)
    across = np.array([np.cos(np.radians(30)), -np.sin(np.radians(30))])  # to the right of strike
    right, left = (okada.displacement(fault, *(side * 0.01 * across)) for side in (1, -1))
    along = np.array([np.sin(np.radians(30)), np.cos(np.radians(30)), 0])
    # right-lateral: seen from one side the other moves to the right, so the right side goes back along strike
    np.testing.assert_allclose(right - left, -3 * along, atol=2e-3)


def test_reverse_slip_lifts_the_hanging_wall():
    fault = okada.Fault(0, 0, 0, 45, 20e3, 10e3, slip=2, rake=90)
    right, left = (okada.displacement(fault, np.array(side * 0.01), np.array(0.0)) for side in (1, -1))
    jump = right - left
    assert jump[2] == pytest.approx(2 * np.sin(np.radians(45)), abs=2e-3)
    assert jump[0] == pytest.approx(-2 * np.cos(np.radians(45)), abs=2e-3)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0, 360),
    st.floats(5, 90),
    st.floats(-180, 180),
    st.floats(0.1, 5),
    st.floats(-3e4, 3e4),
    st.floats(-3e4, 3e4),
)
def test_linear_in_slip_and_the_same_when_everything_turns(strike, dip, rake, slip, east, north):
    fault = okada.Fault(100, -50, strike, dip, 9e3, 5e3, 500, slip, rake)
    once = okada.displacement(fault, np.array([east]), np.array([north]))
    assert np.isfinite(once).all()
    twice = okada.displacement(okada.Fault(100, -50, strike, dip, 9e3, 5e3, 500, 2 * slip, rake), east, north)
    np.testing.assert_allclose(twice, 2 * once[:, 0], rtol=1e-9, atol=1e-12)
    # a quarter turn of fault and place turns the answer by the same quarter
    de, dn = east - 100, north + 50
    turned = okada.displacement(
        okada.Fault(100, -50, strike + 90, dip, 9e3, 5e3, 500, slip, rake), np.array(100 + dn), np.array(-50 - de)
    )
    np.testing.assert_allclose(turned, [once[1, 0], -once[0, 0], once[2, 0]], atol=1e-7)


def test_nothing_blows_up_on_the_trace_and_at_the_corners():
    fault = okada.Fault(0, 0, 0, 90, 2000, 1000, slip=1)
    north = np.array([-1000.0, -500, 0, 500, 1000, 1500])
    assert np.isfinite(okada.displacement(fault, np.zeros(6), north)).all()


def test_two_halves_make_the_whole():
    east, north = np.meshgrid(np.linspace(-5e3, 5e3, 7), np.linspace(-6e3, 6e3, 8))
    whole = okada.Fault(0, 0, 0, 75, 8e3, 4e3, slip=2, rake=150)
    halves = [okada.Fault(0, north0, 0, 75, 4e3, 4e3, slip=2, rake=150) for north0 in (-2e3, 2e3)]
    np.testing.assert_allclose(okada.total(halves, east, north), okada.displacement(whole, east, north), atol=1e-9)


@pytest.mark.parametrize("wrong", [{"dip": 0}, {"dip": 91}, {"length": 0}, {"width": -1}, {"top": -1}])
def test_impossible_faults_are_refused(wrong):
    given_values = {"east": 0, "north": 0, "strike": 0, "dip": 60, "length": 1, "width": 1, **wrong}
    with pytest.raises(OptionsError):
        okada.Fault(**given_values)
