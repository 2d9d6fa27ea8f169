"""How finely the images sample their speckle, and how much of an error that leaves.

Detection doubles the bandwidth of a complex image, so an amplitude image that was not sampled finely is aliased, and
its correlation peak so narrow that a shift of up to 0.2 px hardly changes the samples: what `shape` cannot undo is
drawn towards whole pixels. No surface shows this, because all of it is drawn alike. But neighbouring speckle then is
uncorrelated, and that can be seen.
"""

from __future__ import annotations

import numpy as np

# what is left of the pull towards whole pixels when speckle is finely sampled, and when it is not, px, 1-sigma
FINE_BIAS_PX = 0.02
COARSE_BIAS_PX = 0.1
# correlation of neighbouring speckle from which sampling counts as fine: measured in benchmarks/correlation_bias.py
FINE = 0.1


def neighbour_correlation(images: tuple[np.ndarray, ...], posting: int, window: int) -> np.ndarray:
    """Correlation of speckle with its neighbour on the grid of nodes: the finer the sampling, the higher.

    Parameters
    ----------
    images : tuple of numpy.ndarray
        float32 ``(H, W)``, multiples of `posting`: texture about 0, invalid pixels 0.
    posting : int
        Distance between nodes, px.
    window : int
        Side of the window that is looked at around each node, px.

    Returns
    -------
    numpy.ndarray
        float32 ``(2, H / posting + 1, W / posting + 1)``: along x and along y, about 0 to 1.
    """
    power = _around(sum(image * image for image in images), posting, window)
    found = []
    for axis in (1, 0):
        near, far = (
            _around(sum(image * _moved(image, lag, axis) for image in images), posting, window) for lag in (1, 2)
        )
        # ground texture reaches further than speckle does: what is left two pixels on is its share
        found.append((near - far) / np.maximum(power - far, np.finfo(np.float32).tiny))
    return np.stack(found)


def sampling_bias(alike: np.ndarray) -> np.ndarray:
    """1-sigma error of a component from sampling, px, ``(rows, columns)``, of what `neighbour_correlation` gives."""
    share = np.clip(alike.min(0) / FINE, 0, 1)
    return FINE_BIAS_PX + (COARSE_BIAS_PX - FINE_BIAS_PX) * (1 - share)


def _moved(image: np.ndarray, lag: int, axis: int) -> np.ndarray:
    """Image moved by the lag, nothing coming in from beyond the edge."""
    result = np.zeros_like(image)
    rest = max(image.shape[axis] - lag, 0)
    if axis == 0:
        result[:rest] = image[lag:]
    else:
        result[:, :rest] = image[:, lag:]
    return result


def _around(image: np.ndarray, posting: int, window: int) -> np.ndarray:
    """Sums over the window around each node."""
    rows, columns = (size // posting for size in image.shape)
    blocks = image.reshape(rows, posting, columns, posting).sum((1, 3), dtype=np.float64)
    half = window // posting // 2
    for axis in (0, 1):
        total = np.cumsum(blocks, axis)
        total = np.concatenate([np.zeros_like(np.take(total, [0], axis)), total], axis)
        last = blocks.shape[axis]
        node = np.arange(last + 1)
        blocks = np.take(total, np.minimum(node + half, last), axis) - np.take(total, np.maximum(node - half, 0), axis)
    return blocks.astype(np.float32)
