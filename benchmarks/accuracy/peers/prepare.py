"""What several peers need: decibel images, and answers on a grid brought to every pixel."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from deepot_qgis.engine import warp
from deepot_qgis.engine.estimate import Estimate


def decibel(image: np.ndarray) -> np.ndarray:
    """Amplitude as decibel stretched from its 1 % to its 99 % value onto 0..1; invalid pixels (0) get the median."""
    valid = image > 0
    if not valid.any():
        return np.zeros(image.shape, np.float32)
    level = 20 * np.log10(np.where(valid, image, 1.0))
    low, middle, high = np.percentile(level[valid], (1, 50, 99))
    level = np.where(valid, level, middle)
    return np.clip((level - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)


def filled(image: np.ndarray) -> np.ndarray:
    """Amplitude whose invalid pixels (0) hold the median."""
    valid = image > 0
    return np.where(valid, image, np.median(image[valid]) if valid.any() else 0).astype(np.float32)


def without_sigma(offset: np.ndarray) -> Estimate:
    """An answer (2, H, W) of a method that tells no error."""
    return Estimate(np.asarray(offset, np.float32), np.zeros(offset.shape[1:], np.float32))


def from_nodes(nodes: np.ndarray, rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Offsets at the crossings of evenly spaced rows and columns, interpolated linearly to every pixel (2, H, W).

    A node without an answer (NaN) takes the nearest node's.
    """
    known = np.isfinite(nodes).all(0)
    if known.any():
        nodes = np.stack([warp.fill_invalid(band, known) for band in nodes])
    y = (np.arange(shape[0]) - rows[0]) / (rows[1] - rows[0])
    x = (np.arange(shape[1]) - columns[0]) / (columns[1] - columns[0])
    at = np.meshgrid(y, x, indexing="ij")
    return np.stack([ndimage.map_coordinates(band, at, order=1, mode="nearest") for band in nodes]).astype(np.float32)
