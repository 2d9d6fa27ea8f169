"""From a correlation surface to an offset below a pixel, and to how far it can be trusted.

The peak is refined along each axis with the shape that speckle gives it (`shape`), on five samples; then once more on
three lines each, joined with the weights that the first answer gives them, which lowers the noise by a quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepot_qgis.engine.correlation import shape

_SIDE = 2 * shape.BESIDE + 1
_MIDDLE = shape.BESIDE
# slope of a peak that is hardly there, 1/px
_LEAST_SLOPE = 0.005


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


def find_peaks(correlation: np.ndarray, usable: np.ndarray, alike: np.ndarray) -> Peaks:
    """Peak of every node.

    Parameters
    ----------
    correlation, usable : numpy.ndarray
        float32 and bool ``(D, D, ...)``, as in `Surface`; D is odd and at least 5.
    alike : numpy.ndarray
        float32 ``(2, ...)``: correlation of speckle with its neighbour along x and y, as from `neighbour_correlation`.
    """
    count, nodes = correlation.shape[0], correlation.shape[2:]
    surface = correlation.reshape(count * count, -1)
    usable = usable.reshape(count * count, -1)
    best = surface.argmax(0)
    row, column = best // count, best % count
    node = np.arange(best.size)
    height, inside = surface[best, node], usable[best, node]
    patch, present = _patches(surface, usable, row, column)
    for down, right in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        inside &= present[_MIDDLE + down, _MIDDLE + right]
    snr = _snr(surface, usable, height, patch, present)
    _mirror(patch, present)
    shift, slope = _refine(patch, shape.band_of(alike.reshape(2, -1)))
    offset = np.stack([column + shift[0], row + shift[1]]) - count // 2
    sigma = _sigma(height, _noise(surface, row), slope)
    return Peaks(
        offset.astype(np.float32).reshape((2,) + nodes),
        height.reshape(nodes),
        snr.astype(np.float32).reshape(nodes),
        sigma.astype(np.float32).reshape(nodes),
        inside.reshape(nodes),
    )


def _patches(
    surface: np.ndarray, usable: np.ndarray, row: np.ndarray, column: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Surface around the peaks, 0 where it cannot be used or ends, and which samples can: ``(5, 5, nodes)``."""
    count, node = int(np.sqrt(surface.shape[0])), np.arange(row.size)
    patch = np.empty((_SIDE, _SIDE, row.size), np.float32)
    present = np.empty(patch.shape, bool)
    for i in range(_SIDE):
        for j in range(_SIDE):
            y, x = row + (i - _MIDDLE), column + (j - _MIDDLE)
            there = (y >= 0) & (y < count) & (x >= 0) & (x < count)
            index = np.where(there, y * count + x, 0), node
            present[i, j] = usable[index] & there
            patch[i, j] = np.where(present[i, j], surface[index], 0)
    return patch, present


def _mirror(patch: np.ndarray, present: np.ndarray) -> None:
    """Give a sample beside the search, in place, the value of the one opposite: they differ in little but the foot."""
    for axis in (0, 1):
        lines, there = np.moveaxis(patch, axis, 0), np.moveaxis(present, axis, 0)
        for end in (0, _SIDE - 1):
            lines[end] = np.where(there[end], lines[end], lines[_SIDE - 1 - end])


def _refine(patch: np.ndarray, band: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift from the middle of the patch along x and y, and what noise is divided by to get its error: ``(2, nodes)``.

    `band` holds the number of the band along x and y.
    """
    along = patch, np.swapaxes(patch, 0, 1)
    first = [shape.fit(lines[_MIDDLE], band[axis]).shift for axis, lines in enumerate(along)]
    shift, slope = [], []
    for axis, lines in enumerate(along):
        # the lines beside see the same peak along this axis, as high as its shape along the other one lets them
        weight = shape.weights(band[1 - axis], first[1 - axis])
        joined = np.einsum("in,ijn->jn", weight, lines[_MIDDLE - 1 : _MIDDLE + 2])
        fit = shape.fit(joined.astype(np.float32), band[axis])
        shift.append(fit.shift)
        slope.append(fit.slope / np.linalg.norm(weight, axis=0))
    return np.stack(shift), np.stack(slope)


def _snr(
    surface: np.ndarray, usable: np.ndarray, height: np.ndarray, patch: np.ndarray, present: np.ndarray
) -> np.ndarray:
    """Peak over the standard deviation of the usable surface outside the 5 x 5 samples at the peak."""
    pixels = usable.sum(0, dtype=np.float32) - present.sum((0, 1))
    total = surface.sum(0) - patch.sum((0, 1))
    square = np.einsum("ij,ij->j", surface, surface) - np.einsum("ijn,ijn->n", patch, patch)
    mean = total / np.maximum(pixels, 1)
    noise = np.sqrt(np.maximum(square / np.maximum(pixels, 1) - mean * mean, 1e-8))
    # with next to nothing around it a peak cannot be told from chance
    return height / np.where(pixels >= 8, noise, 1)


def _noise(surface: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Standard deviation of noise on the surface, from the lines that lie apart from the peak.

    Half the variance of differences over two samples: ground with texture makes broad hills that would pass for noise,
    but they move no peak.
    """
    count = int(np.sqrt(surface.shape[0]))
    # every other line tells as much: neighbours are alike
    lines = surface.reshape(count, count, -1)[::2]
    difference = lines[:, 2:] - lines[:, :-2]
    apart = np.abs(np.arange(0, count, 2)[:, np.newaxis] - row) > shape.BESIDE
    power = np.einsum("in,ijn,ijn->n", apart.astype(np.float32), difference, difference)
    pixels = (count - 2) * apart.sum(0)
    # with next to nothing around it a peak cannot be told from chance
    return np.where(pixels > 0, np.sqrt(np.maximum(0.5 * power / np.maximum(pixels, 1), 1e-8)), 1)


def _sigma(height: np.ndarray, noise: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Error of the position of a peak, root mean square of the two axes.

    White noise of standard deviation n moves the best fit by ``n / slope``. The noise at the peak itself vanishes as
    its height goes to one, as in the Cramer-Rao bound of Bamler and Eineder (2005): ``sqrt(1 - g^2) / g``. `noise` is
    measured on the surface, so the number of independent samples in the window need not be known.
    """
    error = np.sqrt((1 / np.maximum(slope, _LEAST_SLOPE) ** 2).mean(0))
    return noise * np.sqrt(1 - np.clip(height, 0, 1) ** 2) * error
