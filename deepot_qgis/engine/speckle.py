"""What two images say of their own speckle: looks, bandwidth, and how much of it lasted between the dates.

All of it is measured on texture: intensity over its local mean, so that relief and land cover weigh little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .synthetic import Sensor

#: Intensity is levelled, and its variation measured, over this many pixels.
_LEVEL_PX = 11
#: Texture above this many times the local mean is a bright scatterer, not speckle.
_BRIGHT = 8.0
#: Side of the blocks whose median is taken, px: a bridge or a ship decides one of them only.
_BLOCK_PX = 48
#: Most looks that are simulated; with more of them there is little speckle left to track.
MOST_LOOKS = 16
_BANDWIDTHS = np.linspace(0.25, 1.0, 76)


@dataclass(frozen=True)
class Speckle:
    """Speckle of one image.

    Attributes
    ----------
    looks : int
        Equivalent number of looks, rounded.
    sensor : Sensor
        Bandwidth of the simulated sensor whose speckle is as wide.
    """

    looks: int
    sensor: Sensor


def describe(amplitudes: list[np.ndarray]) -> Speckle:
    """Estimate looks and bandwidth from windows of one image.

    Parameters
    ----------
    amplitudes : list of (H, W) arrays
        Linear amplitude, invalid pixels 0.

    Returns
    -------
    Speckle

    Notes
    -----
    In homogeneous ground the looks are mean^2 / variance of intensity (Oliver and Quegan, Understanding Synthetic
    Aperture Radar Images, 2004, ch. 4). Relief and edges only add variance, so the quartile of the calmest places is
    taken. The bandwidth is the one whose speckle has the measured autocorrelation at one pixel: that of intensity is
    the squared autocorrelation of the complex signal.
    """
    variation = np.concatenate([_variation(image) for image in amplitudes])
    calm = float(np.quantile(variation, 0.25)) if variation.size else 1.0
    looks = int(np.clip(round(1 / max(calm, 1e-6)), 1, MOST_LOOKS))
    across, along = (np.median([_lag_one(image, axis) for image in amplitudes]) for axis in (1, 0))
    return Speckle(looks, Sensor(bandwidth_x=_bandwidth(across), bandwidth_y=_bandwidth(along)))


def coherence(reference: np.ndarray, secondary: np.ndarray) -> float | None:
    """Coherence of two detected images of ground that did not move, from their intensities alone.

    For circular Gaussian speckle the correlation coefficient of two intensities is the squared coherence, for any
    number of looks (Guarnieri and Prati, SAR interferometry: a "quick and dirty" coherence estimator for data
    browsing, IEEE TGRS 35(3), 1997).

    Parameters
    ----------
    reference, secondary : (H, W) arrays
        Linear amplitude on one grid, registered to a fraction of a pixel; invalid pixels 0.

    Returns
    -------
    float or None
        Median over blocks, 0..1; None where the two have hardly any ground in common.
    """
    valid = (reference > 0) & (secondary > 0)
    first, second = texture(reference, valid), texture(secondary, valid)
    found = []
    for block in _blocks(valid.shape):
        use = valid[block]
        if use.mean() < 0.5:
            continue
        a, b = first[block][use], second[block][use]
        spread = a.std() * b.std()
        if spread > 0:
            found.append(float(np.mean((a - a.mean()) * (b - b.mean())) / spread))
    return float(np.sqrt(max(np.median(found), 0.0))) if found else None


def texture(amplitude: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Intensity over its local mean, bright scatterers capped, 0 where invalid."""
    intensity = np.where(valid, amplitude, 0).astype(np.float64) ** 2
    share = np.maximum(ndimage.uniform_filter(valid.astype(np.float64), _LEVEL_PX), 1e-6)
    mean = ndimage.uniform_filter(intensity, _LEVEL_PX) / share
    return np.where(valid & (mean > 0), np.minimum(intensity / np.maximum(mean, 1e-30), _BRIGHT), 0)


def _blocks(shape: tuple[int, int]) -> list[tuple[slice, slice]]:
    steps = [range(0, max(size - _BLOCK_PX, 0) + 1, _BLOCK_PX) for size in shape]
    return [(slice(y, y + _BLOCK_PX), slice(x, x + _BLOCK_PX)) for y in steps[0] for x in steps[1]]


def _variation(amplitude: np.ndarray) -> np.ndarray:
    """Variance over squared mean of intensity, in full windows side by side."""
    valid = amplitude > 0
    intensity = np.where(valid, amplitude, 0).astype(np.float64) ** 2
    thin = np.s_[_LEVEL_PX // 2 :: _LEVEL_PX, _LEVEL_PX // 2 :: _LEVEL_PX]
    full = ndimage.uniform_filter(valid.astype(np.float64), _LEVEL_PX)[thin] > 0.999
    mean = ndimage.uniform_filter(intensity, _LEVEL_PX)[thin][full]
    square = ndimage.uniform_filter(intensity**2, _LEVEL_PX)[thin][full]
    # the sample variance of a window is a little small: the mean is taken from the same pixels
    return np.maximum(square / np.maximum(mean**2, 1e-300) - 1, 0) * _LEVEL_PX**2 / (_LEVEL_PX**2 - 1)


def _lag_one(amplitude: np.ndarray, axis: int) -> float:
    """Correlation of texture with itself one pixel on."""
    valid = amplitude > 0
    values = texture(amplitude, valid)
    size = values.shape[axis]
    first, second = (np.take(values, range(start, size - 1 + start), axis) for start in (0, 1))
    use = np.take(valid, range(size - 1), axis) & np.take(valid, range(1, size), axis)
    if np.count_nonzero(use) < 100:
        return 0.0
    a, b = first[use] - first[use].mean(), second[use] - second[use].mean()
    return float(np.mean(a * b) / max(a.std() * b.std(), 1e-12))


def _bandwidth(correlation: float) -> float:
    """Bandwidth of the default sensor's spectrum whose intensity is so correlated at one pixel."""
    frequency = np.linspace(-0.5, 0.5, 401)
    taper = Sensor().taper
    expected = []
    for bandwidth in _BANDWIDTHS:
        inside = np.abs(frequency) <= bandwidth / 2
        power = np.where(inside, taper + (1 - taper) * np.cos(2 * np.pi * frequency / bandwidth), 0) ** 2
        expected.append(float((power * np.cos(2 * np.pi * frequency)).sum() / power.sum()) ** 2)
    return float(_BANDWIDTHS[np.argmin(np.abs(np.array(expected) - max(correlation, 0.0)))])
