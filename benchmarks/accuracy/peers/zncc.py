"""CNES's pandora2d: zero-mean normalised correlation with bicubic refinement."""

from __future__ import annotations

import logging
import tempfile
import warnings
from pathlib import Path

import numpy as np
import rasterio
from pandora import import_plugin
from pandora2d import run_pandora2d
from pandora2d.check_configuration import check_conf
from pandora2d.state_machine import Pandora2DMachine

from benchmarks.accuracy.peers.prepare import filled, from_nodes, without_sigma
from deepot_qgis.engine.estimate import Estimate

SEARCH_PX = 8
POSTING_PX = 4
PAD_PX = 28


class PeerEstimator:
    """pandora2d: ZNCC in windows of 31 px, search +-8 px, posting 4 px, half pixels by splines of order 5.

    Refined by six bicubic dichotomies. With its default splines of order 1 it is 0.28 px wrong on images that did not
    move. Near the image's edge, where the search leaves the image, it answers wrongly; images continued by their
    mirror image over that width serve it better than leaving those pixels out.
    """

    name, margin_px, tile_multiple, max_offset_px = "pandora2d", 32, POSTING_PX, float(SEARCH_PX)
    tells_sigma, may_fail = False, True

    def __init__(self) -> None:
        import_plugin()
        logging.getLogger().setLevel(logging.ERROR)

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile; see `deepot_qgis.engine.estimate.Estimator`."""
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            left, right = Path(folder) / "left.tif", Path(folder) / "right.tif"
            _write(left, reference)
            _write(right, secondary)
            machine = Pandora2DMachine()
            settings = _settings(left, right, Path(folder) / "out")
            check_conf(settings, machine)
            maps, _ = run_pandora2d(machine, settings)
        nodes = np.stack([maps["col_map"].data, maps["row_map"].data])
        rows, columns = (maps.coords[name].data - PAD_PX for name in ("row", "col"))
        return without_sigma(from_nodes(nodes, rows, columns, reference.shape))


def _settings(left: Path, right: Path, out: Path) -> dict:
    return {
        "input": {
            "left": {"img": str(left), "nodata": 0},
            "right": {"img": str(right), "nodata": 0},
            "col_disparity": {"init": 0, "range": SEARCH_PX},
            "row_disparity": {"init": 0, "range": SEARCH_PX},
        },
        "pipeline": {
            "matching_cost": {
                "matching_cost_method": "zncc",
                "window_size": 31,
                "step": [POSTING_PX, POSTING_PX],
                "subpix": 2,
                "spline_order": 5,
            },
            "disparity": {"disparity_method": "wta", "invalid_disparity": np.nan},
            "refinement": {"refinement_method": "dichotomy", "iterations": 6, "filter": {"method": "bicubic"}},
        },
        "output": {"path": str(out)},
    }


def _write(path: Path, image: np.ndarray) -> None:
    image = np.pad(filled(image), PAD_PX, mode="reflect")
    profile = {"driver": "GTiff", "width": image.shape[1], "height": image.shape[0], "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", **profile) as file:
        file.write(image, 1)
