"""Speckle through time and images of scatterers: what is asked for is what the dates hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import imaging, stack
from cases.decorrelation import Chain, Decorrelation
from deepot_qgis.engine import speckle
from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.synthetic import Sensor

LAW = Decorrelation(initial=0.9, final=0.35, days=40)


def coherence(first, second):
    return abs(np.vdot(first, second)) / np.sqrt(np.vdot(first, first).real * np.vdot(second, second).real)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(1, 90), min_size=3, max_size=5), st.floats(0, 1), st.integers(0, 10_000))
def test_any_two_dates_share_what_the_law_says(steps, kept, seed):
    days = np.cumsum([0, *steps])
    shares = np.where(np.arange(len(days)) == 1, kept, 1.0)
    chain = Chain(LAW, 40_000, np.random.default_rng(seed))
    dates = [chain.at(day, share) for day, share in zip(days, shares)]
    for i, first in enumerate(dates):
        assert np.mean(np.abs(first) ** 2) == pytest.approx(1, abs=0.04)
        for j in range(i + 1, len(dates)):
            expected = LAW.coherence(days[j] - days[i]) * shares[i] * shares[j]
            assert coherence(first, dates[j]) == pytest.approx(expected, abs=0.025)


def test_each_scatterer_may_follow_its_own_law():
    law = Decorrelation(np.repeat([0.95, 0.0], 30_000), np.repeat([0.8, 0.0], 30_000), 20.0)
    chain = Chain(law, 60_000, np.random.default_rng(3))
    first, second = chain.at(0), chain.at(15)
    assert coherence(first[:30_000], second[:30_000]) == pytest.approx(law.coherence(15)[0], abs=0.02)
    assert coherence(first[30_000:], second[30_000:]) < 0.02


@pytest.mark.parametrize("law", [(0.5, 0.6, 10), (1.1, 0.2, 10), (0.5, -0.1, 10), (0.5, 0.2, 0)])
def test_impossible_laws_are_refused(law):
    with pytest.raises(OptionsError):
        Decorrelation(*law)


def test_dates_that_go_back_are_refused():
    chain = Chain(LAW, 10, np.random.default_rng(0))
    chain.at(5)
    with pytest.raises(OptionsError, match="sort"):
        chain.at(4)


@settings(max_examples=20, deadline=None)
@given(st.floats(20, 40), st.floats(18, 30))
def test_a_scatterer_is_seen_where_it_is(x, y):
    """The image of one scatterer is the sensor's response centred on it to a hundredth of a pixel, at any fraction."""
    imager = imaging.Imager((48, 60), imaging.sensor_like())
    seen = np.abs(imager.complex_image(np.array([x]), np.array([y]), np.ones((1, 1), np.complex64))[0])
    rows, columns = np.indices(seen.shape)
    near = np.hypot(columns - x, rows - y) < 6
    weight = np.where(near, seen.astype(float) ** 2, 0)
    assert (weight * columns).sum() / weight.sum() == pytest.approx(x, abs=0.01)
    assert (weight * rows).sum() / weight.sum() == pytest.approx(y, abs=0.01)


def test_the_image_is_the_sum_through_the_band():
    """Against the sum written out: every scatterer's response is the inverse transform of the band."""
    rng = np.random.default_rng(5)
    sensor, count = Sensor(0.6, 0.5, 0.75), 30
    imager = imaging.Imager((40, 50), sensor)
    x, y = rng.uniform(10, 40, count), rng.uniform(10, 30, count)
    values = rng.standard_normal((1, count)) + 1j * rng.standard_normal((1, count))
    found = imager.complex_image(x, y, values)[0]
    height, width = imager._full
    bands = [imaging._band(size, band, 0.75) for size, band in ((height, 0.5), (width, 0.6))]
    scale = 1 / np.sqrt(np.mean(bands[0] ** 2) * np.mean(bands[1] ** 2))
    fy, fx = np.fft.fftfreq(height), np.fft.fftfreq(width)
    spectrum = np.einsum(
        "n,nv,nu->vu",
        values[0],
        np.exp(-2j * np.pi * fy[None, :] * (y[:, None] + 8)),
        np.exp(-2j * np.pi * fx[None, :] * (x[:, None] + 8)),
    )
    exact = np.fft.ifft2(scale * spectrum * bands[0][:, None] * bands[1][None, :])[8:48, 8:58]
    assert np.abs(found - exact).max() < 3e-3 * np.abs(exact).max()


def test_power_and_looks_are_those_asked_for():
    options = stack.StackOptions((160, 160), (0, 30), LAW, looks=3)
    ground = imaging.ground(np.full((160, 160), 2.5, np.float32))
    for image in stack.images(ground, lambda _: (0.0, 0.0), options):
        intensity = image.astype(float) ** 2
        assert intensity.mean() == pytest.approx(2.5, rel=0.05)
        assert intensity.mean() ** 2 / intensity.var() == pytest.approx(3, rel=0.12)


def test_moving_ground_stays_coherent_when_it_is_moved_back():
    shift = 1.37
    options = stack.StackOptions((128, 128), (0, 40), LAW, looks=1, sensor=imaging.sensor_like(noise_db=-60), seed=4)
    ground = imaging.ground(np.ones((128, 128), np.float32))
    still = list(stack.images(ground, lambda _: (0.0, 0.0), options))
    moved = list(stack.images(ground, lambda number: (shift * number, 0.0), options))
    expected = LAW.coherence(40)
    assert speckle.coherence(*still) == pytest.approx(expected, abs=0.06)
    assert speckle.coherence(*moved) < 0.6 * expected
    frequency = np.fft.fftfreq(128)
    back = np.fft.ifft(np.fft.fft(moved[1], axis=1) * np.exp(2j * np.pi * frequency * shift), axis=1).real
    assert speckle.coherence(moved[0], np.maximum(back, 1e-3)) == pytest.approx(expected, abs=0.08)


@pytest.mark.parametrize("wrong", [{"days": (0,)}, {"days": (0, 0)}, {"kept": (1.0,)}, {"looks": 0}])
def test_impossible_stacks_are_refused(wrong):
    with pytest.raises(OptionsError):
        stack.StackOptions(**{"shape": (8, 8), "days": (0, 12), "law": LAW, **wrong})


def test_a_band_too_wide_for_the_grid_is_refused():
    with pytest.raises(OptionsError):
        imaging.Imager((32, 32), Sensor(0.8, 0.6))
