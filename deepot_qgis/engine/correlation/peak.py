"""From a correlation surface to an offset below a pixel, and to how far it can be trusted.

The peak is refined with a Gaussian through its three samples along each axis. On speckle this carries less bias
towards whole pixels than oversampling the surface by a Fourier transform does, because a detected image is aliased and
so is the surface (``benchmarks/README.md`` has the figures).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np

# samples beside the peak count as at least this share of it: noise near zero must not rule the logarithms
FAINT = 0.05


#: Values of the surface so many samples below and to the right of the peak, and which of them can be used.
_At = Callable[[int, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Peaks:
    """What the highest correlation of each node says.

    Attributes
    ----------
    offset : numpy.ndarray
        float32 ``(2, ...)``: dx, dy of the peak, px.
    height : numpy.ndarray
        float32: correlation at the highest sample, -1 to 1.
    snr : numpy.ndarray
        float32: height over the standard deviation of the surface away from the peak.
    sigma : numpy.ndarray
        float32: 1-sigma error of one component that noise makes, px; `sampling_bias` comes on top.
    inside : numpy.ndarray
        bool: a maximum with samples on all four sides, not the slope of one beyond the search.
    """

    offset: np.ndarray
    height: np.ndarray
    snr: np.ndarray
    sigma: np.ndarray
    inside: np.ndarray


def find_peaks(correlation: np.ndarray, usable: np.ndarray) -> Peaks:
    """Peak of every node.

    Parameters
    ----------
    correlation, usable : numpy.ndarray
        float32 and bool ``(D, D, ...)``, as in `Surface`; D is odd and at least 5.
    """
    count, nodes = correlation.shape[0], correlation.shape[2:]
    surface = correlation.reshape(count * count, -1)
    usable = usable.reshape(count * count, -1)
    best = surface.argmax(0)
    row, column = best // count, best % count
    node = np.arange(best.size)

    def at(down: int, right: int) -> tuple[np.ndarray, np.ndarray]:
        y, x = np.clip(row + down, 0, count - 1), np.clip(column + right, 0, count - 1)
        index = y * count + x, node
        beyond = (row + down != y) | (column + right != x)
        return surface[index], usable[index] & ~beyond

    height = surface[best, node]
    snr, noise = _noise(surface, usable, height, at)
    inside = usable[best, node]
    floor = np.maximum(FAINT * height, 1e-6)
    middle = np.log(np.maximum(height, floor))
    shift, curvature = [], []
    for before, after in ((at(0, -1), at(0, 1)), (at(-1, 0), at(1, 0))):
        inside &= before[1] & after[1]
        below, above = (np.log(np.maximum(side[0], floor)) for side in (before, after))
        bend = np.maximum(2 * middle - below - above, 1e-3)
        shift.append(np.clip(0.5 * (above - below) / bend, -0.75, 0.75))
        curvature.append(bend)
    offset = np.stack([column + shift[0], row + shift[1]]) - count // 2
    sigma = _sigma(height, noise, np.sqrt(curvature[0] * curvature[1]))
    return Peaks(
        offset.astype(np.float32).reshape((2,) + nodes),
        height.reshape(nodes),
        snr.astype(np.float32).reshape(nodes),
        sigma.astype(np.float32).reshape(nodes),
        inside.reshape(nodes),
    )


def _noise(surface: np.ndarray, usable: np.ndarray, height: np.ndarray, at: _At) -> tuple[np.ndarray, np.ndarray]:
    """Peak to noise ratio, and standard deviation of the usable surface outside the 5 x 5 samples at the peak."""
    pixels = usable.sum(0, dtype=np.float32)
    total = surface.sum(0)
    square = np.einsum("ij,ij->j", surface, surface)
    for down in range(-2, 3):
        for right in range(-2, 3):
            value, present = at(down, right)
            value = np.where(present, value, 0)
            pixels -= present
            total -= value
            square -= value * value
    mean = total / np.maximum(pixels, 1)
    noise = np.sqrt(np.maximum(square / np.maximum(pixels, 1) - mean * mean, 1e-8))
    # with next to nothing around it a peak cannot be told from chance
    noise = np.where(pixels >= 8, noise, 1)
    return height / noise, noise


def _sigma(height: np.ndarray, noise: np.ndarray, curvature: np.ndarray) -> np.ndarray:
    """Error of the position of a peak.

    A peak of height A and curvature A c, on which noise of standard deviation n and the same spectrum rides, moves by
    ``n / (A sqrt(c))``. The noise at the peak itself vanishes as A goes to one, as in the Cramer-Rao bound of Bamler
    and Eineder (2005): ``sqrt(1 - g^2) / g``. `noise` is measured on the surface, so the number of independent samples
    in the window and its texture need not be known.
    """
    height = np.clip(height, 0.02, 1)
    return noise * np.sqrt(1 - height**2) / (height * np.sqrt(np.maximum(curvature, 0.02)))
