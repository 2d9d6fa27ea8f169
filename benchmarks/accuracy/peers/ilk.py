"""scikit-image's iterative Lucas-Kanade."""

from __future__ import annotations

import numpy as np
from skimage.registration import optical_flow_ilk

from benchmarks.accuracy.peers.prepare import decibel, without_sigma
from deepot_qgis.engine.estimate import Estimate


class PeerEstimator:
    """`optical_flow_ilk` with a Gaussian window of radius 20 px and 8 warps, on decibel images."""

    name, margin_px, tile_multiple, max_offset_px = "scikit-image iLK", 64, 1, 16.0
    tells_sigma, may_fail = False, True

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile; see `deepot_qgis.engine.estimate.Estimator`."""
        rows, columns = optical_flow_ilk(decibel(reference), decibel(secondary), radius=20, num_warp=8, gaussian=True)
        return without_sigma(np.stack([columns, rows]))
