"""Known displacement put into real SAR images: the product's demo and self-test, and what models learn from.

Moves the ground, not the picture: a reflectivity taken from a real image carries complex speckle that is partially
coherent between the two dates, and the coherent part moves with the ground. Everything is done on a grid oversampled
by two and detected afterwards, so that sub-pixel motion leaves no trace of the interpolation in the texture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import fft, ndimage

from deepot_qgis.engine import warp
from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.fields import bowl, constant, fault, fractal, lobe, ramp, rotation, undulation

__all__ = [
    "Sensor",
    "bowl",
    "constant",
    "embed",
    "fault",
    "fractal",
    "lobe",
    "move",
    "ramp",
    "reflectivity",
    "rotation",
    "speckle_pair",
    "undulation",
]


@dataclass(frozen=True)
class Sensor:
    """How the simulated sensor samples its speckle.

    Attributes
    ----------
    bandwidth_x, bandwidth_y : float
        Share of the sampling frequency that the signal fills, (0.2, 1].
    taper : float
        Hamming coefficient of the spectral weighting: 1 none, 0.54 full Hamming; [0.5, 1].
    noise_db : float
        Thermal noise below the median reflectivity, dB (negative).
    blur_px : float
        Gaussian smoothing of the detected intensity, px (detection before multilooking and resampling).
    """

    bandwidth_x: float = 0.85
    bandwidth_y: float = 0.85
    taper: float = 0.75
    noise_db: float = -20.0
    blur_px: float = 0.0

    def __post_init__(self) -> None:
        for name in ("bandwidth_x", "bandwidth_y"):
            if not 0.2 < getattr(self, name) <= 1:
                raise OptionsError(f"{name} is {getattr(self, name)}; it must lie above 0.2 and at most at 1.")
        if not 0.5 <= self.taper <= 1:
            raise OptionsError(f"taper is {self.taper}; it must lie between 0.5 and 1.")
        if self.blur_px < 0:
            raise OptionsError(f"blur_px is {self.blur_px}; it must not be negative.")


def reflectivity(amplitude: np.ndarray, window: int = 5, bright: float = 12.0) -> np.ndarray:
    """Despeckled intensity of a real amplitude image: an adaptive local mean that keeps bright scatterers.

    The weight of the pixel against its neighbourhood follows Lee (1980): near zero where the local variation is what
    speckle alone makes (taken as the image's lower quartile), near one at structure.

    Parameters
    ----------
    amplitude : (H, W) array, linear; 0 or NaN = invalid.
    window : int
        Side of the neighbourhood, px, odd.
    bright : float
        A pixel more than this many times its neighbourhood's median intensity is a scatterer and stays as it is.

    Returns
    -------
    (H, W) float32 intensity, mean 1 over valid pixels, 0 where invalid.
    """
    valid = np.isfinite(amplitude) & (amplitude > 0)
    if not valid.any():
        return np.zeros(amplitude.shape, np.float32)
    intensity = np.where(valid, np.nan_to_num(amplitude), 0).astype(np.float64) ** 2
    intensity /= intensity[valid].mean()
    count = np.maximum(ndimage.uniform_filter(valid.astype(np.float64), window), 1e-6)
    ceiling = bright * np.maximum(ndimage.median_filter(intensity, window), 1e-3)
    ground = np.minimum(intensity, ceiling)
    mean = ndimage.uniform_filter(ground, window) / count
    variance = np.maximum(ndimage.uniform_filter(ground**2, window) / count - mean**2, 0)
    relative = variance / np.maximum(mean**2, 1e-30)
    speckle = np.quantile(relative[valid], 0.25)
    keep = np.clip(1 - speckle / np.maximum(relative, 1e-30), 0, 1) / (1 + speckle)
    # a single-look image varies everywhere like structure does: without a scatterer, half the weight at most
    smooth = mean + np.minimum(keep, 0.5) * (ndimage.uniform_filter(ground, 3) - mean)
    smooth = np.where(intensity > ceiling, intensity, smooth)
    return np.where(valid, np.maximum(smooth, 1e-6), 0).astype(np.float32)


def _band(size: int, bandwidth: float, taper: float) -> np.ndarray:
    """Amplitude response along one axis of the grid oversampled by two."""
    frequency = np.abs(fft.fftfreq(size)) * 2
    inside = frequency <= bandwidth / 2
    return np.where(inside, taper + (1 - taper) * np.cos(2 * np.pi * frequency / bandwidth), 0).astype(np.float32)


def _double(image: np.ndarray) -> np.ndarray:
    """Grid twice as fine: sample i of the result lies at i / 2."""
    rows = np.repeat(image, 2, axis=0)
    rows[1:-1:2] = 0.5 * (image[:-1] + image[1:])
    fine = np.repeat(rows, 2, axis=1)
    fine[:, 1:-1:2] = 0.5 * (rows[:, :-1] + rows[:, 1:])
    return fine


def _gaussian(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Circular complex Gaussian noise of unit power."""
    parts = rng.standard_normal(shape + (2,), np.float32)
    return parts.view(np.complex64)[..., 0] * np.float32(np.sqrt(0.5))


def speckle_pair(
    intensity: np.ndarray,
    offset: np.ndarray,
    coherence: float | np.ndarray,
    looks: int,
    rng: np.random.Generator,
    sensor: Sensor = Sensor(),
    scatterers: np.ndarray | None = None,
    intensity_after: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Two detected images of one reflectivity whose ground moved between them.

    Per look, with independent circular Gaussian speckle s and n that the sensor's band limits,
    ``z1 = s`` and ``z2(p + offset(p)) = g s(p) + sqrt(1 - g^2) n(p)``.

    Parameters
    ----------
    intensity : (H, W) array
        Reflectivity (power), everywhere positive.
    offset : (2, H, W) array
        dx, dy in pixels on the reference grid.
    coherence : float or (H, W) array
        g, 0 to 1, on the reference grid.
    looks : int
        Independent looks averaged in intensity.
    scatterers : (H, W) array, optional
        Amplitude of point scatterers that stay the same between the dates and move with the ground.
    intensity_after : (H, W) array, optional
        Reflectivity at the second date where it changed (still on the reference grid); default: the same.

    Returns
    -------
    reference, secondary : (H, W) float32 amplitudes.
    """
    if looks < 1:
        raise OptionsError(f"looks is {looks}; at least one look is needed.")
    height, width = intensity.shape
    position, residual = warp.inverse_map(offset)
    pad = int(np.ceil(np.abs(offset).max())) + 6
    fine_shape = tuple(fft.next_fast_len(2 * (size + 2 * pad)) for size in (height, width))

    def fine(image: np.ndarray) -> np.ndarray:
        doubled = _double(np.pad(image, pad, mode="reflect" if min(height, width) > pad else "symmetric"))
        extra = [(0, full - have) for full, have in zip(fine_shape, doubled.shape)]
        return np.pad(doubled, extra, mode="edge").astype(np.float32)

    response = _band(fine_shape[0], sensor.bandwidth_y, sensor.taper)[:, None]
    response = response * _band(fine_shape[1], sensor.bandwidth_x, sensor.taper)[None, :]
    # unit-power white noise keeps its power through the band
    response *= np.float32(1 / np.sqrt(np.mean(response**2)))
    before = np.sqrt(fine(intensity))
    after = before if intensity_after is None else np.sqrt(fine(intensity_after))
    coherence_map = np.broadcast_to(np.asarray(coherence, np.float32), (height, width))
    coherence_at = ndimage.map_coordinates(coherence_map, [position[1], position[0]], order=1, mode="nearest")
    # ground that was not there in the reference cannot be coherent with it
    coherence_at = np.where(residual > 0.5, 0, np.clip(coherence_at, 0, 1)).astype(np.float32)
    incoherent_at = np.sqrt(1 - coherence_at**2)
    points: Any = 0
    if scatterers is not None:
        points = np.zeros(fine_shape, np.complex64)
        phase = np.exp(2j * np.pi * rng.random((height, width)))
        points[2 * pad : 2 * (pad + height) : 2, 2 * pad : 2 * (pad + width) : 2] = scatterers * phase
        kernel_peak = np.abs(fft.ifft2(response)).max()
        points = fft.ifft2(fft.fft2(points) * response) / kernel_peak
    fine_x, fine_y = 2 * (position[0] + pad), 2 * (position[1] + pad)
    changed = intensity_after is not None
    noise_power = np.float32(np.median(intensity) * 10 ** (sensor.noise_db / 10))
    first = np.zeros((height, width), np.float32)
    second = np.zeros((height, width), np.float32)
    for _ in range(looks):
        white = _gaussian(rng, (2,) + fine_shape)
        grains = [before * white[0], after * white[1]] + ([after * white[0]] if changed else [])
        bands = fft.ifft2(fft.fft2(np.stack(grains), axes=(-2, -1)) * response, axes=(-2, -1)).astype(np.complex64)
        seen = bands[0] + points
        seen = seen[2 * pad : 2 * (pad + height) : 2, 2 * pad : 2 * (pad + width) : 2]
        stack = np.stack([bands[2 if changed else 0], bands[1]] + ([points] if scatterers is not None else []))
        moved = warp.sample(stack.astype(np.complex64), fine_x, fine_y, taps=6)
        later = coherence_at * moved[0] + incoherent_at * moved[1]
        if scatterers is not None:
            later = later + moved[2]
        noise = _gaussian(rng, (2, height, width)) * np.sqrt(noise_power)
        first += np.abs(seen + noise[0]) ** 2
        second += np.abs(later + noise[1]) ** 2
    if sensor.blur_px > 0:
        first = ndimage.gaussian_filter(first, sensor.blur_px, mode="nearest")
        second = ndimage.gaussian_filter(second, sensor.blur_px, mode="nearest")
    return np.sqrt(first / looks), np.sqrt(second / looks)


def embed(
    amplitude: np.ndarray,
    offset: np.ndarray,
    coherence: float | np.ndarray,
    looks: int,
    rng: np.random.Generator,
    sensor: Sensor = Sensor(),
) -> tuple[np.ndarray, np.ndarray]:
    """Pair of images of a real scene whose ground moved by a known field.

    Parameters
    ----------
    amplitude : (H, W) array
        Real linear amplitude; 0 or NaN = invalid.
    offset : (2, H, W) array
        dx, dy in pixels on the reference grid.
    coherence, looks, rng, sensor
        As in `speckle_pair`. The same generator state gives the same pair.

    Returns
    -------
    reference, secondary : (H, W) float32
        In the scale of the input, 0 where invalid; holes stay where the image had them and do not move.
    """
    valid = np.isfinite(amplitude) & (amplitude > 0)
    if not valid.any():
        raise OptionsError("The image to move the ground in has no valid pixel; choose one that has data.")
    scale = np.sqrt(np.mean(np.asarray(amplitude, np.float64)[valid] ** 2))
    intensity = warp.fill_invalid(reflectivity(amplitude), valid)
    reference, secondary = speckle_pair(intensity, offset, coherence, looks, rng, sensor)
    tiny = np.finfo(np.float32).tiny
    reference, secondary = (
        np.where(valid, np.maximum(image * scale, tiny), 0).astype(np.float32) for image in (reference, secondary)
    )
    return reference, secondary


def move(amplitude: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Real image moved by a forward field, with its own texture and no new speckle.

    The secondary of which ``secondary[y + dy, x + dx] = amplitude[y, x]``.

    Parameters
    ----------
    amplitude : (H, W) array, real (0 or NaN = invalid) or complex.
    offset : (2, H, W) array, dx and dy in pixels on the grid of `amplitude`.
    """
    position, _ = warp.inverse_map(offset)
    if np.iscomplexobj(amplitude):
        return warp.sample(amplitude, position[0], position[1])
    return warp.sample_valid(amplitude, position[0], position[1])
