"""The ground moves the way it is told, and the speckle has the statistics it is asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import synthetic, warp
from deepot_qgis.engine.errors import OptionsError

SHAPE = (96, 112)


def peak_shift(reference, secondary):
    """Shift (dx, dy) of the cross-correlation's peak, refined by a parabola."""
    # a Hann taper: what enters at one edge is not what leaves at the other
    taper = np.hanning(reference.shape[0])[:, None] * np.hanning(reference.shape[1])[None, :]
    a, b = (reference - reference.mean()) * taper, (secondary - secondary.mean()) * taper
    surface = np.fft.ifft2(np.conj(np.fft.fft2(a)) * np.fft.fft2(b)).real
    row, column = np.unravel_index(surface.argmax(), surface.shape)

    def vertex(line, at):
        before, peak, after = line[at - 1], line[at], line[(at + 1) % line.size]
        fine = at + 0.5 * (before - after) / (before - 2 * peak + after)
        return (fine + line.size / 2) % line.size - line.size / 2

    return vertex(surface[row], column), vertex(surface[:, column], row)


def textured(shape=SHAPE, seed=3, exponent=2.5):
    """Amplitude with texture of several pixels, as a scene has."""
    spread = synthetic.fractal(shape, 0.4, exponent, np.random.default_rng(seed))[0]
    return np.exp(spread).astype(np.float32)


@given(dx=st.floats(-6, 6), dy=st.floats(-6, 6), seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_embedded_ground_moves_right_and_down(dx, dy, seed):
    sensor = synthetic.Sensor(bandwidth_x=0.6, bandwidth_y=0.6)  # narrow: detection aliases nothing
    offset = synthetic.constant(SHAPE, dx, dy)
    pair = synthetic.embed(np.ones(SHAPE), offset, 0.95, 4, np.random.default_rng(seed), sensor)
    assert np.allclose(peak_shift(*pair), (dx, dy), atol=0.3)  # the taper pulls towards zero by a few per cent


def test_moved_image_is_read_back_by_warp():
    image = textured(exponent=5)
    offset = synthetic.lobe(SHAPE, 3, -2, 50, 40, margin=6)
    back = warp.warp(synthetic.move(image, offset), offset)
    assert np.abs(back - image)[12:-12, 12:-12].max() < 0.02 * image.max()


def test_move_agrees_in_sign_with_embed():
    moved = synthetic.move(textured(exponent=1), synthetic.constant(SHAPE, 4, -3))
    assert np.allclose(peak_shift(textured(exponent=1), moved), (4, -3), atol=0.3)


def test_move_takes_complex_images():
    image = textured() * np.exp(0.5j)
    out = synthetic.move(image, synthetic.constant(SHAPE, 5, 0))
    assert np.iscomplexobj(out) and np.allclose(out[:, 20:60], image[:, 15:55], atol=1e-3)


def test_same_seed_same_pair():
    offset = synthetic.fault(SHAPE, 1, 0)
    first = synthetic.embed(textured(), offset, 0.7, 2, np.random.default_rng(7))
    second = synthetic.embed(textured(), offset, 0.7, 2, np.random.default_rng(7))
    other = synthetic.embed(textured(), offset, 0.7, 2, np.random.default_rng(8))
    assert all(np.array_equal(a, b) for a, b in zip(first, second))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("looks", [1, 4])
def test_speckle_has_the_looks_and_power_asked_for(looks):
    flat = np.ones((256, 256), np.float32)
    still = synthetic.constant(flat.shape, 0.5, 0.5)
    sensor = synthetic.Sensor(noise_db=-60)
    for image in synthetic.speckle_pair(flat, still, 0.5, looks, np.random.default_rng(1), sensor):
        intensity = image**2
        assert intensity.mean() == pytest.approx(1, abs=0.05)
        assert intensity.mean() ** 2 / intensity.var() == pytest.approx(looks, rel=0.12)


@pytest.mark.parametrize("coherence", [0.0, 0.5, 0.9])
def test_intensity_correlation_is_coherence_squared(coherence):
    flat = np.ones((256, 256), np.float32)
    sensor = synthetic.Sensor(noise_db=-60)
    still = synthetic.constant(flat.shape, 0, 0)
    a, b = synthetic.speckle_pair(flat, still, coherence, 1, np.random.default_rng(2), sensor)
    assert np.corrcoef((a**2).ravel(), (b**2).ravel())[0, 1] == pytest.approx(coherence**2, abs=0.03)


def test_coherence_map_and_lasting_scatterers():
    flat = np.ones((96, 96), np.float32)
    coherence = np.where(np.arange(96)[None, :] < 48, 0.95, 0.0) * np.ones((96, 1))
    scatterers = np.zeros_like(flat)
    scatterers[48, 72] = 30
    still = synthetic.constant(flat.shape, 0, 0)
    a, b = synthetic.speckle_pair(flat, still, coherence, 1, np.random.default_rng(5), scatterers=scatterers)
    assert np.corrcoef(a[:, :44].ravel(), b[:, :44].ravel())[0, 1] > 0.7
    assert abs(np.corrcoef(a[:40, 52:].ravel(), b[:40, 52:].ravel())[0, 1]) < 0.1
    assert a[48, 72] == pytest.approx(30, rel=0.1) and b[48, 72] == pytest.approx(30, rel=0.1)


def test_holes_stay_holes_and_the_rest_is_positive():
    image = textured()
    image[30:40, 30:40] = 0
    pair = synthetic.embed(image, synthetic.constant(SHAPE, 1.5, 0), 0.8, 1, np.random.default_rng(0))
    for made in pair:
        assert made.dtype == np.float32 and np.array_equal(made > 0, image > 0)


def test_reflectivity_smooths_speckle_and_keeps_scatterers():
    flat = np.ones((128, 128), np.float32)
    speckled, _ = synthetic.speckle_pair(flat, synthetic.constant(flat.shape, 0, 0), 1, 1, np.random.default_rng(3))
    speckled[64, 64] = 40
    clean = synthetic.reflectivity(speckled)
    around = np.delete(clean.ravel(), 64 * 128 + 64)
    assert around.std() / around.mean() < 0.6
    assert clean[64, 64] > 100 * np.median(clean)


def test_fields_have_their_stated_shape():
    shape = (81, 101)
    lobe = synthetic.lobe(shape, 2, -1, 40, 40)
    assert lobe.shape == (2, 81, 101) and lobe.dtype == np.float32
    assert np.allclose(lobe[:, 40, 50], (2, -1), atol=1e-3) and np.abs(lobe[:, 0, 0]).max() < 1e-3
    assert np.allclose(lobe[0, 40, 50 + 20], 1, atol=0.02)  # half the motion on the margin itself
    fault = synthetic.fault(shape, 5, 0)
    assert fault[0, 80, 50] - fault[0, 0, 50] == 5
    ramp = synthetic.ramp(shape, 1.5, 0)
    assert ramp[0, 0, 0] == -1.5 and ramp[0, 0, -1] == 1.5 and (ramp[1] == 0).all()
    bowl = synthetic.bowl(shape, 2, 15)
    assert bowl[0, 40, 35] == pytest.approx(2, abs=1e-3) and bowl[0, 40, 65] == pytest.approx(-2, abs=1e-3)
    turn = synthetic.rotation(shape, 1)
    assert turn[1, 40, 100] == pytest.approx(50 * np.sin(np.radians(1)), rel=1e-3)
    assert synthetic.fractal(shape, 0.3, 3, np.random.default_rng(0)).std() == pytest.approx(0.3, rel=0.02)


@pytest.mark.parametrize("bad", [{"bandwidth_x": 0}, {"taper": 0.2}, {"blur_px": -1}])
def test_impossible_sensors_are_refused(bad):
    with pytest.raises(OptionsError):
        synthetic.Sensor(**bad)


def test_an_empty_image_is_refused():
    with pytest.raises(OptionsError, match="no valid pixel"):
        synthetic.embed(np.zeros(SHAPE), synthetic.constant(SHAPE, 0, 0), 0.5, 1, np.random.default_rng(0))
