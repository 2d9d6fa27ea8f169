"""OpenPIV's multi-pass correlation with window deformation."""

from __future__ import annotations

import numpy as np
from openpiv import windef

from benchmarks.accuracy.peers.prepare import decibel, from_nodes, without_sigma
from deepot_qgis.engine.estimate import Estimate

LEAST_PX = 128


class PeerEstimator:
    """`openpiv.windef`: windows 64, 32, 32, 32 px, last posting 8 px, both images deformed by cubic splines.

    Normalised correlation, Gaussian peak, on decibel images.
    """

    name, margin_px, tile_multiple, max_offset_px = "OpenPIV", 64, 8, 16.0
    tells_sigma, may_fail = False, True

    def __init__(self) -> None:
        settings = windef.PIVSettings()
        settings.windowsizes = (64, 32, 32, 32)
        settings.overlap = (48, 24, 24, 24)
        settings.num_iterations = 4
        settings.correlation_method = "circular"
        settings.normalized_correlation = True
        settings.subpixel_method = "gaussian"
        settings.deformation_method = "symmetric"
        settings.interpolation_order = 3
        settings.sig2noise_validate = False
        settings.sig2noise_method = None
        settings.smoothn = False
        self._settings = settings

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile; see `deepot_qgis.engine.estimate.Estimator`."""
        # its splines want four windows along each axis: a narrow image is continued by its mirror image
        short = [(0, max(LEAST_PX - size, 0)) for size in reference.shape]
        images = [np.pad(_without_holes(image), short, "reflect") for image in (reference, secondary)]
        x, y, u, v, _ = windef.simple_multipass(*images, self._settings)
        if not (u.any() or v.any()):
            raise ValueError("it refused every vector")
        # its y axis and v point up, its rows come from the top: the first row is the highest y
        rows, columns = np.sort(y[:, 0]), x[0]
        return without_sigma(from_nodes(np.stack([u, -v]), rows, columns, reference.shape))


def _without_holes(image: np.ndarray) -> np.ndarray:
    """Decibel image whose invalid pixels hold values of others, in the same order in both images of a pair.

    A window that is flat, or two that have nothing in common, may leave a vector that is no number, and its splines
    spread one of those over the whole answer.
    """
    level, valid = decibel(image).astype(np.float64), image > 0
    if valid.any() and not valid.all():
        order = np.random.default_rng(0).random(image.shape)
        level[~valid] = np.quantile(level[valid], order[~valid])
    return level
