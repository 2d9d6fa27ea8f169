"""Where a correlation peak lies between its samples, from the shape that speckle gives it.

The surface of two images of one ground is its autocorrelation, moved by the offset and sampled at whole pixels.
Detection doubles the bandwidth of a complex image, so that an amplitude image sampled as the complex one is aliased and
its peak narrow: a parabola or a Gaussian through three samples, or an oversampled surface, then all draw the peak
towards whole pixels, which PIV calls peak locking (Westerweel 1997, Measurement Science and Technology 8, 1379-1392).
Ground that has texture of its own adds a broad foot below the narrow peak, and does the same: a Gaussian takes the foot
for a part of the peak. The way out is to ask where the *known* shape fits best (correlation mapping: Chen and Katz
2005, Measurement Science and Technology 16, 1605-1618).

Here the shape is that of speckle of a flat band, whose complex autocorrelation is a sinc: ``height * sinc^2(B x)`` on a
foot that is the same over five samples. The band `B` follows from how alike neighbouring speckle is; height and foot
are fitted, and the shift is the one whose shape then leaves the least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Samples along an axis that take part, beside the highest one on each side.
BESIDE = 2
# Bandwidths whose shapes are at hand, in units of the sampling frequency. Finer sampling than the first changes the
# shape within five samples little. Beyond the last, shifts of up to 0.2 px leave nearly the same samples: what a
# wider band would read there is noise, on ground that stands still too.
_BANDS = np.linspace(0.4, 0.85, 10)
# shifts that are tried, px; between them the fit is interpolated
_STEP = 0.05
_SHIFTS = np.arange(-15, 16) * _STEP
_SAMPLES = np.arange(-BESIDE, BESIDE + 1)
# bands and how alike neighbouring speckle is with them, which falls from one to nothing
_ALL_BANDS = np.linspace(0.0, 1.0, 201)
_ALIKE = np.sinc(_ALL_BANDS) ** 2
# weight of the two outer samples, which tell the foot, for each band. On finely sampled speckle they lie on the flanks
# of the peak instead, where they bring more noise than knowledge
_OUTER = np.exp(np.interp(_BANDS, (0.5, 0.65), (np.log(0.03), 0.0)))


def _templates() -> tuple[np.ndarray, np.ndarray]:
    """What five samples are multiplied by, ``(bands, shifts, 5)``, and how far that tells shifts apart, 1/px.

    A template is the shape less its weighted mean, at unit length and times the weights: the product with the samples
    is their weighted resemblance to the shape, whatever the foot.
    """
    samples = np.sinc(_BANDS[:, None, None] * (_SAMPLES - _SHIFTS[:, None])) ** 2
    weight = np.ones((_BANDS.size, 1, _SAMPLES.size))
    weight[..., [0, -1]] = _OUTER[:, None, None]
    samples -= (weight * samples).sum(-1, keepdims=True) / weight.sum(-1, keepdims=True)
    unit = samples / np.sqrt((weight * samples**2).sum(-1, keepdims=True))
    turning = np.gradient(unit, _STEP, axis=1)
    # curvature of the resemblance at its best, over the length of what noise tilts it by
    apart = (weight * turning**2).sum(-1) / np.linalg.norm(weight * turning, axis=-1)
    return (weight * unit).astype(np.float32), apart


_TEMPLATES, _APART = _templates()


@dataclass(frozen=True)
class Fit:
    """The shape fitted to five samples of each node.

    Attributes
    ----------
    shift : numpy.ndarray
        Where the peak lies from the middle sample, px.
    slope : numpy.ndarray
        What noise of the samples is divided by to get the error of the shift, 1/px.
    """

    shift: np.ndarray
    slope: np.ndarray


def band_of(alike: np.ndarray) -> np.ndarray:
    """Number of the band whose neighbouring speckle is correlated like this, for `fit` and `weights`."""
    band = np.interp(-np.clip(alike, 0, 1), -_ALIKE, _ALL_BANDS)
    step = _BANDS[1] - _BANDS[0]
    return np.clip(np.rint((band - _BANDS[0]) / step), 0, _BANDS.size - 1).astype(np.intp)


def fit(samples: np.ndarray, band: np.ndarray) -> Fit:
    """Find the peak.

    Parameters
    ----------
    samples : numpy.ndarray
        ``(5, nodes)``: the surface along an axis, the highest one in the middle.
    band : numpy.ndarray
        Integer ``(nodes,)``: from `band_of`.
    """
    resemblance = np.empty((samples.shape[1], _SHIFTS.size), np.float32)
    for number in np.unique(band):
        nodes = np.flatnonzero(band == number)
        resemblance[nodes] = samples[:, nodes].T @ _TEMPLATES[number].T
    best = np.clip(resemblance.argmax(1), 1, _SHIFTS.size - 2)
    node = np.arange(best.size)
    below, here, above = (resemblance[node, best + step] for step in (-1, 0, 1))
    bend = np.maximum(2 * here - below - above, np.finfo(np.float32).tiny)
    shift = _SHIFTS[best] + _STEP * np.clip(0.5 * (above - below) / bend, -1, 1)
    return Fit(shift, np.maximum(here, 0) * _APART[band, best])


def weights(band: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Share of the peak that the sample before, at and after the highest one has along an axis: ``(3, nodes)``."""
    return np.sinc(_BANDS[band] * (np.arange(-1, 2)[:, np.newaxis] - shift)) ** 2
