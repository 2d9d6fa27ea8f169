from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.interchange.projection import Projection
from deepot_qgis.engine.interchange.radar import Look, convergence, look_vectors, vectors

from . import interchanged as ic

ASCENDING, DESCENDING = -12.0, -168.0
METRES = st.floats(-100, 100, width=32)


@given(METRES, METRES, st.floats(-360, 360), st.floats(5, 85), st.sampled_from(("right", "left")))
def test_to_the_radar_and_back(east, north, heading, incidence, side):
    look = vectors(heading, incidence, side)
    back = look.ground(*look.project(np.float32(east), np.float32(north)))
    np.testing.assert_allclose(back, (east, north), atol=2e-4)


def test_signs_of_a_right_looking_radar():
    up = vectors(ASCENDING, 35.0)
    down = vectors(DESCENDING, 35.0)
    # ascending passes look east: motion to the east goes away from the satellite; descending ones look west
    assert up.project(1.0, 0.0)[0] == pytest.approx(-np.sin(np.radians(35)) * np.cos(np.radians(12)), rel=1e-5)
    assert down.project(1.0, 0.0)[0] > 0.5
    assert up.project(0.0, 1.0)[1] == pytest.approx(np.cos(np.radians(12)), rel=1e-5)
    assert down.project(0.0, 1.0)[1] < -0.9
    assert vectors(ASCENDING, 35.0, "left").project(1.0, 0.0)[0] > 0.5


def test_the_formulas_are_those_of_mintpy():
    east, north, incidence = 1.3, -0.4, np.radians(38.0)
    azimuth = np.radians(90 - ASCENDING)
    los = -east * np.sin(incidence) * np.sin(azimuth) + north * np.sin(incidence) * np.cos(azimuth)
    along = -east * np.sin(azimuth - np.pi / 2) + north * np.cos(azimuth - np.pi / 2)
    np.testing.assert_allclose(vectors(ASCENDING, 38.0).project(east, north), (los, along), rtol=1e-6)


def test_errors_go_with_the_motion():
    look = vectors(-12.0, 35.0)
    random = np.random.default_rng(1)
    los, azimuth = random.normal(0, 0.2, 200_000), random.normal(0, 0.7, 200_000)
    east, north = look.ground(los, azimuth)
    measured = np.sqrt((east.astype(float).var() + north.astype(float).var()) / 2)
    assert look.ground_sigma(np.float32(0.2), np.float32(0.7)) == pytest.approx(measured, rel=0.01)
    assert look.radar_sigma(np.float32(1))[1] == pytest.approx(1)


def test_map_north_is_not_true_north():
    # west of the central meridian of UTM 13 (105 W) grid north points west of true north
    west = ic.grid(geotransform=(200000.0, 10.0, 0.0, 5500000.0, 0.0, -10.0))
    assert convergence(west) == pytest.approx(-3.14, abs=0.05)
    assert convergence(ic.grid()) == pytest.approx(0, abs=0.01)
    assert convergence(ic.grid(4326, (10.0, 1e-3, 0, 47.0, 0, -1e-3))) == 0
    turned = look_vectors(Look(ASCENDING, 35.0), west)
    assert np.degrees(np.arctan2(turned.azimuth_east, turned.azimuth_north)) == pytest.approx(-12 + 3.14, abs=0.05)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Look(-12, 95), "incidence"),
        (lambda: Look(-720, 35), "heading"),
        (lambda: Look(-12, 35, "up"), "look side"),
        (lambda: Projection("los"), "heading and incidence"),
        (lambda: Projection("bearing"), "bearing"),
        (lambda: Projection("upward"), "component"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(OptionsError, match=words):
        make()
