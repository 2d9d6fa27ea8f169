"""How much of an error the sampling of the images hides from their correlation.

Detection doubles the bandwidth of a complex image, so an amplitude image that was not sampled finely is aliased, and
every correlation peak is drawn towards whole pixels by up to 0.2 px. No surface shows this, because all of it is
drawn alike. But neighbouring speckle then is uncorrelated, and that can be seen.
"""

from __future__ import annotations

import numpy as np

# what is left of the pull towards whole pixels when speckle is finely sampled, and when it is not, px, 1-sigma
FINE_BIAS_PX = 0.035
COARSE_BIAS_PX = 0.15
# correlation of neighbouring speckle from which sampling counts as fine: measured in benchmarks/correlation_bias.py
FINE = 0.1


def sampling_bias(images: tuple[np.ndarray, ...], posting: int, window: int) -> np.ndarray:
    """Error from sampling on the grid of nodes.

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
        float32 ``(H / posting + 1, W / posting + 1)``: 1-sigma error of a component, px.
    """
    power = _around(sum(image * image for image in images), posting, window)
    coarsest = np.full(power.shape, np.inf, np.float32)
    for axis in (0, 1):
        near, far = (
            _around(sum(image * _moved(image, lag, axis) for image in images), posting, window) for lag in (1, 2)
        )
        # ground texture reaches further than speckle does: what is left two pixels on is its share
        speckle = (near - far) / np.maximum(power - far, np.finfo(np.float32).tiny)
        coarsest = np.minimum(coarsest, speckle)
    share = np.clip(coarsest / FINE, 0, 1)
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
