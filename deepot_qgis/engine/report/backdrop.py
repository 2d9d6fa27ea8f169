"""The radar image under a map: the reference of the run, if it is still where the record says."""

from __future__ import annotations

import os

import numpy as np

from ..errors import DeepotError
from ..rasters import Raster
from ..values import is_number
from .content import LONGEST, PairContent

#: Pixels of a part of an image that is read as it is; a larger part comes from the thinned whole.
_MOST_PX = 4_000_000
#: Brightness of the darkest and the brightest shown, percentiles.
_DARK, _BRIGHT = 2.0, 98.0


def backdrop(content: PairContent) -> np.ndarray | None:
    """Grey values 0..1 of the ground of a product; None where the image is gone or is another."""
    path, window = content.said("inputs", "reference", "path"), content.said("window_px")
    band = content.said("inputs", "reference", "band")
    if not (isinstance(path, str) and isinstance(window, list) and len(window) == 4 and all(map(is_number, window))):
        return None
    try:
        if not os.path.isfile(path):
            return None
        raster = Raster(path, int(band) if is_number(band) else 1)
        values = _part(raster, *(int(side) for side in window))
    except (DeepotError, ValueError):  # a picture without a backdrop is still a picture
        return None
    if (int(window[2]), int(window[3])) != (content.grid.width, content.grid.height) or values is None:
        return None
    return _grey(values)


def _part(raster: Raster, x0: int, y0: int, width: int, height: int) -> np.ndarray | None:
    if x0 < 0 or y0 < 0 or x0 + width > raster.grid.width or y0 + height > raster.grid.height or width * height < 1:
        return None
    if width * height <= _MOST_PX:
        values, valid = raster.read(x0, y0, width, height)
    else:
        values, valid = raster.overview(2 * LONGEST)
        down, across = values.shape[0] / raster.grid.height, values.shape[1] / raster.grid.width
        part = np.s_[int(y0 * down) : int((y0 + height) * down) + 1, int(x0 * across) : int((x0 + width) * across) + 1]
        values, valid = values[part], valid[part]
    step = max(1, max(values.shape) // LONGEST)
    return np.where(valid, np.abs(values), np.nan)[::step, ::step].astype(np.float32)


def _grey(values: np.ndarray) -> np.ndarray | None:
    """Square root of the amplitude between its darkest and brightest: speckle stays readable."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    root = np.sqrt(values)
    low, high = np.sqrt(np.percentile(known, [_DARK, _BRIGHT]))
    return np.clip((root - low) / max(high - low, 1e-12), 0, 1)
