"""Forward-backward consistency: where the way there and the way back, measured apart, do not cancel."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from .source import Planes, View

#: Pixels of the backward offsets that are read at once.
_MOST_PX = 1 << 24


def disagreement(view: View, backward: Planes, asked: np.ndarray) -> np.ndarray:
    """How far from where it began a pixel ends that goes forward and then backward.

    Parameters
    ----------
    view : View
        With offsets.
    backward : Planes
        Offsets on the product's grid of the pair with its images exchanged.
    asked : numpy.ndarray
        bool ``(H, W)``.

    Returns
    -------
    numpy.ndarray
        float32 ``(H, W)``, pixels: the length of ``d(x) + b(x + d(x))``, with `b` between its pixels bilinear. Infinite
        where the way back is not known, NaN where not asked.
    """
    result = np.full(asked.shape, np.nan, np.float32)
    _fill(view, backward, asked, result)
    return result


def _fill(view: View, backward: Planes, asked: np.ndarray, result: np.ndarray) -> None:
    if not asked.any():
        return
    assert view.offsets is not None
    dx, dy = (plane[asked].astype(float) for plane in view.offsets)
    columns, rows = (places[asked] for places in np.broadcast_arrays(view.columns, view.rows))
    columns, rows = columns + dx, rows + dy
    x0, x1 = _span(columns, view.pixel.width)
    y0, y1 = _span(rows, view.pixel.height)
    width, height = x1 - x0, y1 - y0
    if width <= 0 or height <= 0:
        result[asked] = np.inf
        return
    shape = max(1, round(height / view.step)), max(1, round(width / view.step))
    if shape[0] * shape[1] > _MOST_PX and asked.sum() > 1:
        for half in _halves(asked):
            _fill(view, backward, half, result)
        return
    places = (rows - y0) * shape[0] / height - 0.5, (columns - x0) * shape[1] / width - 0.5
    back = [
        ndimage.map_coordinates(plane, places, order=1, mode="constant", cval=np.nan)
        for plane in backward.read((x0, y0, width, height), shape)
    ]
    ends = np.hypot(dx + back[0], dy + back[1])
    result[asked] = np.where(np.isfinite(ends), ends, np.inf)


def _span(places: np.ndarray, size: int) -> tuple[int, int]:
    """First pixel, and the one after the last, that the places lie between."""
    return max(0, math.floor(places.min() - 1)), min(size, math.ceil(places.max() + 1))


def _halves(asked: np.ndarray) -> list[np.ndarray]:
    """The same pixels in two parts."""
    places = np.flatnonzero(asked)
    halves = []
    for part in np.array_split(places, 2):
        half = np.zeros(asked.size, bool)
        half[part] = True
        halves.append(half.reshape(asked.shape))
    return halves
