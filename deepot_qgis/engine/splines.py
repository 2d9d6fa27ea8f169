"""An image at moved pixels, by cubic splines, in whole rows at a time.

The same splines as `scipy.ndimage.map_coordinates` of order 3. That finds for each pixel which samples it needs; here a
part of the image in which all offsets lie within two pixels is computed from the same 5 x 5 neighbours of every pixel,
weighted by B-splines of which the outermost are zero. No sample is then fetched one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from .boxes import strips

#: Pole of the filter that turns samples into weights of cubic B-splines (Unser, Aldroubi and Eden 1993, IEEE
#: Transactions on Signal Processing 41, 821-833).
_POLE = np.sqrt(3.0) - 2.0
#: The filter is the product of these four, each a pixel and its neighbours at a distance: (1 + a D)(1 + a / D) with
#: a = pole ** distance. What four leave out is pole ** 16, less than single precision holds.
_DISTANCES = (1, 2, 4, 8)
_REACH = sum(_DISTANCES)
#: Samples around a pixel that a move by up to one pixel needs.
_TAPS = 2
#: Offsets further apart than this many pixels do not share their neighbours.
_SPREAD = 2.0
#: What is computed at once: begun with, and halved down to where offsets differ too much.
_CELL = (64, 512)
_LEAST_CELL_PX = 1 << 11
#: Above it weights could exceed what single precision holds.
_LARGE = 2.0**120


def moved(image: np.ndarray, offset: np.ndarray, origin: tuple[int, int]) -> np.ndarray:
    """Values of an image at the pixels of a block, each moved by its offset.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(H, W)``, finite.
    offset : numpy.ndarray
        float32 ``(2, h, w)``: dx, dy in pixels; NaN where it is not known.
    origin : tuple of int
        Row and column in `image` of the block's top left pixel.

    Returns
    -------
    numpy.ndarray
        float32 ``(h, w)``; 0 outside `image` and where the offset is not known.
    """
    if max(image.max(initial=0), -image.min(initial=0)) > _LARGE:
        return moved(image * np.float32(2.0**-20), offset, origin) * np.float32(2.0**20)
    weights = _spline_weights(image)
    result = np.empty(offset.shape[1:], np.float32)
    rest = np.zeros(result.shape, bool)
    for cell, centre in _cells(offset, image.shape, origin):
        if centre is None:
            rest[cell] = True
        else:
            result[cell] = _near(weights, offset, cell, centre, origin)
    if rest.any():
        result[rest] = _one_by_one(weights, image.shape, offset, rest, origin)
    return result


def _spline_weights(image: np.ndarray) -> np.ndarray:
    """Weights of the B-splines through the image mirrored at its edges, and `_TAPS` beyond them on each side."""
    around = np.pad(image, _REACH + _TAPS, mode="reflect")
    height, width = (side - 2 * _REACH for side in around.shape)
    result = np.empty((height, width), np.float32)
    for top, bottom in strips(height, width):
        result[top:bottom] = _filtered(_filtered(around[top : bottom + 2 * _REACH], 0), 1)
    return result


def _filtered(image: np.ndarray, axis: int) -> np.ndarray:
    """Along an axis, from samples to weights; `_REACH` shorter at both ends."""
    for distance in _DISTANCES:
        share = _POLE**distance
        count = image.shape[axis] - 2 * distance
        parts = [(slice(None),) * axis + (slice(start, start + count),) for start in (0, distance, 2 * distance)]
        both = image[parts[0]] + image[parts[2]]
        both *= np.float32(share)
        both += image[parts[1]] * np.float32(1 + share**2)
        image = both
    image *= np.float32((1 - _POLE) ** 2)
    return image


def _cells(
    offset: np.ndarray, shape: tuple[int, int], origin: tuple[int, int]
) -> Iterator[tuple[tuple[slice, slice], tuple[int, int] | None]]:
    """Cut a block into cells; with each the whole pixels (x, y) around which its offsets lie, None if they do not."""
    height, width = offset.shape[1:]
    waiting = [
        (top, min(top + _CELL[0], height), left, min(left + _CELL[1], width))
        for top in range(0, height, _CELL[0])
        for left in range(0, width, _CELL[1])
    ]
    while waiting:
        top, bottom, left, right = waiting.pop()
        cell = slice(top, bottom), slice(left, right)
        centre = _centre(offset[(slice(None), *cell)])
        if centre is not None and _within(cell, centre, shape, origin):
            yield cell, centre
        elif (bottom - top) * (right - left) < 2 * _LEAST_CELL_PX:
            yield cell, None
        elif 2 * (bottom - top) > right - left:
            middle = (top + bottom) // 2
            waiting += [(top, middle, left, right), (middle, bottom, left, right)]
        else:
            middle = (left + right) // 2
            waiting += [(top, bottom, left, middle), (top, bottom, middle, right)]


def _centre(offset: np.ndarray) -> tuple[int, int] | None:
    """Whole pixels within one pixel of all the offsets; None if there are none."""
    centre = []
    for component in offset:
        low, high = np.fmin.reduce(component, axis=None), np.fmax.reduce(component, axis=None)
        if np.isnan(low):
            return 0, 0
        middle = np.rint((np.float64(low) + high) / 2)
        if not max(middle - low, high - middle) <= _SPREAD / 2:
            return None
        centre.append(int(middle))
    return centre[0], centre[1]


def _within(
    cell: tuple[slice, slice], centre: tuple[int, int], shape: tuple[int, int], origin: tuple[int, int]
) -> bool:
    """Whether a cell moved to its centre, and one pixel further, lies in the image."""
    for part, step, begin, side in zip(cell, centre[::-1], origin, shape):
        if part.start + step + begin < 1 or part.stop + step + begin > side - 1:
            return False
    return True


def _near(
    weights: np.ndarray, offset: np.ndarray, cell: tuple[slice, slice], centre: tuple[int, int], origin: tuple[int, int]
) -> np.ndarray:
    """Spline at a cell whose offsets are within a pixel of `centre`."""
    across, down = (_taps(offset[axis][cell] - np.float32(centre[axis])) for axis in (0, 1))
    top, left = cell[0].start + origin[0] + centre[1], cell[1].start + origin[1] + centre[0]
    height, width = across[0].shape
    total, line, part = (np.empty((height, width), np.float32) for _ in range(3))
    for row, share in enumerate(down):
        near = weights[top + row : top + row + height]
        np.multiply(near[:, left : left + width], across[0], out=line)
        for column in range(1, len(across)):
            np.multiply(near[:, left + column : left + column + width], across[column], out=part)
            line += part
        if row == 0:
            np.multiply(line, share, out=total)
        else:
            line *= share
            total += line
    return total


def _taps(shift: np.ndarray) -> list[np.ndarray]:
    """Cubic B-splines at -2, -1, 0, 1, 2 seen from a shift between -1 and 1."""
    sixth = np.float32(1 / 6)
    right = np.maximum(shift, 0)
    left = right - shift
    last, first = (side * side * side * sixth for side in (right, left))
    near_right, near_left = ((1 + side) for side in (shift, -shift))
    second, fourth = (side * side * side * sixth - 4 * far for side, far in ((near_left, first), (near_right, last)))
    middle = 1 - (first + second + fourth + last)
    return [first, second, middle, fourth, last]


def _one_by_one(
    weights: np.ndarray, shape: tuple[int, int], offset: np.ndarray, which: np.ndarray, origin: tuple[int, int]
) -> np.ndarray:
    """Spline at single pixels."""
    rows, columns = np.nonzero(which)
    y, x = (
        rows + (origin[0] + offset[1][which].astype(np.float64)),
        columns + (origin[1] + offset[0][which].astype(np.float64)),
    )
    with np.errstate(invalid="ignore"):
        seen = (y >= 0) & (y <= shape[0] - 1) & (x >= 0) & (x <= shape[1] - 1)
    result = np.zeros(y.shape, np.float32)
    at = [y[seen] + _TAPS, x[seen] + _TAPS]
    result[seen] = ndimage.map_coordinates(weights, at, order=3, mode="mirror", prefilter=False, output=np.float32)
    return result
