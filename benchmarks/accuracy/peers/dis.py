"""OpenCV's dense inverse search: patches of 16 px at full resolution, on decibel images."""

from __future__ import annotations

import cv2
import numpy as np

from benchmarks.accuracy.peers.prepare import decibel, without_sigma
from deepot_qgis.engine.estimate import Estimate


class PeerEstimator:
    """`cv2.DISOpticalFlow` at finest scale 0: patch 16, stride 4, 32 gradient and 5 variational iterations, alpha 20.

    On decibel images stretched from 1 to 99 %, with no smoothing before.
    """

    name, margin_px, tile_multiple, max_offset_px = "OpenCV DIS", 64, 1, 64.0
    tells_sigma, may_fail = False, True

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # speeds are those of one core
        flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        flow.setFinestScale(0)
        flow.setPatchSize(16)
        flow.setPatchStride(4)
        flow.setGradientDescentIterations(32)
        flow.setVariationalRefinementIterations(5)
        flow.setVariationalRefinementAlpha(20.0)
        self._flow = flow

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile; see `deepot_qgis.engine.estimate.Estimator`."""
        first, second = ((255 * decibel(image)).round().astype(np.uint8) for image in (reference, secondary))
        return without_sigma(self._flow.calc(first, second, None).transpose(2, 0, 1))
