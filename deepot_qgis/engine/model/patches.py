"""An image of any size, in memory, for an estimator that takes one tile size only."""

from __future__ import annotations

from typing import Callable

import numpy as np

from .. import tiling
from ..estimate import Estimate

MeasureTile = Callable[[np.ndarray, np.ndarray], Estimate]


def estimate(
    measure_tile: MeasureTile, reference: np.ndarray, secondary: np.ndarray, tile: int, margin: int, multiple: int,
    overlap: int,
) -> Estimate:  # fmt: skip
    """Measure tile by tile and blend; what tiles lack beside the image is no data.

    Parameters
    ----------
    measure_tile : callable
        Measures two images ``(tile, tile)``.
    reference, secondary : numpy.ndarray
        float32 ``(H, W)``, any H and W.
    tile, margin, multiple, overlap : int
        See `tiling.plan`.
    """
    height, width = reference.shape
    plan = tiling.plan(0, 0, width, height, tile, margin, multiple, overlap, tile)
    blender = tiling.Blender(0, 0, width, height, plan.overlap)
    for part in plan:
        answer = measure_tile(_cut(reference, part), _cut(secondary, part))
        sigma = part.kept(answer.sigma)
        blender.add(part, part.kept(answer.offset), sigma, np.ones(sigma.shape, bool))
    planes = blender.finished(height)
    return Estimate(planes[:2], planes[2])


def least_side(margin: int, multiple: int, overlap: int) -> int:
    """Least side of a tile that leaves something to be kept; the arguments are those of `estimate`."""
    margin, overlap, core = (-(-px // multiple) * multiple for px in (margin, overlap, tiling.LEAST_CORE_PX))
    return 2 * margin + max(core, 2 * overlap)


def _cut(image: np.ndarray, part: tiling.Tile) -> np.ndarray:
    """A tile of an image, 0 beside it."""
    height, width = image.shape
    tile = np.zeros((part.height, part.width), np.float32)
    top, left = max(part.y0, 0), max(part.x0, 0)
    bottom, right = min(part.y0 + part.height, height), min(part.x0 + part.width, width)
    tile[top - part.y0 : bottom - part.y0, left - part.x0 : right - part.x0] = image[top:bottom, left:right]
    return tile
