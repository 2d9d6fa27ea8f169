"""Interpolation and its inverse, judged on images whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import fields, warp


def smooth_image(shape=(64, 72), seed=0, cutoff=0.3):
    """Band-limited noise about a mean of ten: a windowed sinc must give it back anywhere."""
    spectrum = np.fft.fft2(np.random.default_rng(seed).standard_normal(shape))
    ky, kx = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None, :]
    spectrum[np.hypot(ky, kx) > cutoff] = 0
    image = np.fft.ifft2(spectrum).real
    return (10 + image / image.std()).astype(np.float32)


def shifted_exactly(image, dx, dy):
    """Image whose value at (x, y) is the input's at (x + dx, y + dy), through the Fourier transform."""
    ky, kx = np.fft.fftfreq(image.shape[0])[:, None], np.fft.fftfreq(image.shape[1])[None, :]
    return np.fft.ifft2(np.fft.fft2(image) * np.exp(2j * np.pi * (kx * dx + ky * dy))).real


def test_sampling_at_pixel_centres_gives_the_pixels():
    image = smooth_image()
    x, y = warp.pixel_grid(image.shape)
    assert np.allclose(warp.sample(image, x, y), image, atol=1e-5)


@given(dx=st.floats(-4, 4), dy=st.floats(-4, 4))
@settings(max_examples=25, deadline=None)
def test_sampling_agrees_with_the_fourier_shift(dx, dy):
    image = smooth_image()
    x, y = warp.pixel_grid(image.shape)
    inner = (slice(10, -10), slice(10, -10))
    assert np.abs(warp.sample(image, x + dx, y + dy) - shifted_exactly(image, dx, dy))[inner].max() < 0.02


def test_complex_and_stacked_images_are_sampled_alike():
    image = smooth_image()
    stack = np.stack([image, 2 * image]) * (1 + 1j)
    x, y = warp.pixel_grid(image.shape)
    out = warp.sample(stack, x + 0.3, y - 0.4)
    assert out.shape == stack.shape and out.dtype == np.complex64
    assert np.allclose(out[1], 2 * out[0], rtol=1e-5)
    assert np.allclose(out[0].real, warp.sample(image, x + 0.3, y - 0.4), atol=1e-4)


def test_warp_reads_the_secondary_at_reference_plus_offset():
    image = np.full((20, 30), 1.0, np.float32)
    image[12, 17] = 50
    offset = fields.constant(image.shape, 3, -2)
    row, column = np.unravel_index(warp.warp(image, offset).argmax(), image.shape)
    assert (row, column) == (14, 14)  # ground of (14, 14) went 3 to the right and 2 up, to (17, 12)


def test_invalid_pixels_stay_invalid_and_do_not_spread():
    image = smooth_image() + 20
    image[20:30, 20:30] = 0
    image[5, 5] = np.nan
    out = warp.warp(image, fields.constant(image.shape, 0.4, 0.4))
    assert (out[20:29, 20:29] == 0).all() and out[5, 5] == 0
    assert (out[31:60, 31:60] > 10).all() and np.isfinite(out).all()


def test_outside_the_image_is_invalid():
    out = warp.warp(smooth_image(), fields.constant((64, 72), 10, 0))
    assert (out[:, -9:] == 0).all() and (out[:, :60] > 0).all()


@given(
    dx=st.floats(-5, 5),
    dy=st.floats(-5, 5),
    ramp=st.floats(-3, 3),
    angle=st.floats(0, 360),
)
@settings(max_examples=25, deadline=None)
def test_inverse_map_undoes_the_forward_field(dx, dy, ramp, angle):
    shape = (48, 56)
    offset = fields.constant(shape, dx, dy) + fields.ramp(shape, ramp, -ramp, angle)
    position, residual = warp.inverse_map(offset)
    assert residual.max() < 0.01
    x, y = warp.pixel_grid(shape)
    inside = (position[0] >= 0) & (position[0] <= 55) & (position[1] >= 0) & (position[1] <= 47)
    along = warp.sample(offset, position[0], position[1])
    assert np.abs(position[0] + along[0] - x)[inside].max() < 0.02
    assert np.abs(position[1] + along[1] - y)[inside].max() < 0.02


def test_inverse_map_tells_where_ground_opened():
    _, residual = warp.inverse_map(fields.fault((60, 60), 0, 6))  # the two sides part by 6 px
    assert (residual[28:32] > 0.5).any() and residual[:20].max() < 0.01


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float64])
def test_any_real_type_is_taken(dtype):
    assert warp.sample(np.full((12, 12), 7, dtype), np.array([5.5]), np.array([5.5]))[0] == pytest.approx(7, abs=1e-4)
