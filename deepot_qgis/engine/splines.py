"""An image at moved pixels, by cubic splines, in whole rows at a time.

The same splines as `scipy.ndimage.map_coordinates` of order 3, which fetches for each pixel the samples that it needs.
Here a part of the image in which all offsets lie within two pixels is computed from the same 5 x 5 neighbours of every
pixel, weighted by B-splines of which the outermost are zero; only where offsets differ more are neighbours fetched.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .boxes import strips

#: Pole of the filter that turns samples into weights of cubic B-splines (Unser, Aldroubi and Eden 1993, IEEE
#: Transactions on Signal Processing 41, 821-833).
_POLE = np.sqrt(3.0) - 2.0
#: The filter is the product of these four, each a pixel and its neighbours at a distance: (1 + a D)(1 + a / D) with
#: a = pole ** distance. What four leave out is pole ** 16, less than single precision holds.
_DISTANCES = (1, 2, 4, 8)
_REACH = sum(_DISTANCES)
_GAIN = (1 - _POLE) ** 2 * np.prod([1 + _POLE ** (2 * distance) for distance in _DISTANCES]) / 12
#: Samples around a pixel that a move by up to one pixel needs.
_TAPS = 2
#: Rows and columns that are computed at once where their offsets are alike, and how many of these beside each other.
_ROWS, _COLUMNS, _SQUARES = 64, 128, 4
#: Offsets are cut here; no image is so large.
_FARTHEST = np.float32(2.0**20)
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
        float32 ``(h, w)``; 0 outside `image`, 0 or NaN where the offset is not known.
    """
    if max(image.max(initial=0), -image.min(initial=0)) > _LARGE:
        return moved(image * np.float32(2.0**-20), offset, origin) * np.float32(2.0**20)
    weights = _spline_weights(image)
    result = np.empty(offset.shape[1:], np.float32)
    for cell, centre in _cells(offset, image.shape, origin):
        part = offset[(slice(None), *cell)]
        corner = cell[0].start + origin[0], cell[1].start + origin[1]
        if centre is None:
            result[cell] = _far(weights, part, corner)
        else:
            result[cell] = _near(weights, part, corner, centre)
    return result


def _spline_weights(image: np.ndarray) -> np.ndarray:
    """Weights of the B-splines through the image mirrored at its edges, and `_TAPS` beyond them on each side.

    They are divided by 12 in both directions, for the shares of `_taps` are so many times too large.
    """
    around = np.pad(image, _REACH + _TAPS, mode="reflect")
    height, width = (side - 2 * _REACH for side in around.shape)
    result = np.empty((height, width), np.float32)
    for top, bottom in strips(height, width):
        part = around[top : bottom + 2 * _REACH]
        # Rows run on into the next ones; what they bring from there is cut off.
        flat = _filtered(_filtered(part.ravel(), part.shape[1]), 1)
        for row, start in zip(result[top:bottom], range(0, part.size, part.shape[1])):
            row[:] = flat[start : start + width]
    return result


def _filtered(samples: np.ndarray, step: int) -> np.ndarray:
    """From samples that lie `step` apart to weights; `_REACH` steps shorter at both ends."""
    for distance in _DISTANCES:
        share, reach = _POLE**distance, distance * step
        both = samples[: -2 * reach] + samples[2 * reach :]
        both *= np.float32(share / (1 + share**2))
        both += samples[reach:-reach]
        samples = both
    samples *= np.float32(_GAIN)
    return samples


def _cells(
    offset: np.ndarray, shape: tuple[int, int], origin: tuple[int, int]
) -> Iterator[tuple[tuple[slice, slice], tuple[int, int] | None]]:
    """Cut a block into cells; with each the whole pixels (x, y) around which its offsets lie, None if they do not."""
    height, width = offset.shape[1:]
    for top in range(0, height, _ROWS):
        bottom = min(top + _ROWS, height)
        lows, highs = _extremes(offset[:, top:bottom])
        for first in range(0, lows.shape[1], _SQUARES):
            squares = range(first, min(first + _SQUARES, lows.shape[1]))
            for group in (squares, *([square] for square in squares)):
                cell = slice(top, bottom), slice(group[0] * _COLUMNS, min((group[-1] + 1) * _COLUMNS, width))
                part = np.s_[:, group[0] : group[-1] + 1]
                centre = _centre(lows[part].min(1), highs[part].max(1))
                if centre is not None and _within(cell, centre, shape, origin):
                    yield cell, centre
                    if group is squares:
                        break
                elif group is not squares:
                    yield cell, None


def _extremes(offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest of both components in every `_COLUMNS`; infinite, the wrong way around, where none is known."""
    low, high = offset.min(1), offset.max(1)
    if np.isnan(low).any():
        low, high = np.fmin.reduce(offset, 1), np.fmax.reduce(offset, 1)
        low[np.isnan(low)], high[np.isnan(high)] = np.inf, -np.inf
    lefts = np.arange(0, offset.shape[2], _COLUMNS)
    return np.minimum.reduceat(low, lefts, 1), np.maximum.reduceat(high, lefts, 1)


def _centre(low: np.ndarray, high: np.ndarray) -> tuple[int, int] | None:
    """Whole pixels within one pixel of all the offsets; None if there are none."""
    if (low > high).any():
        return 0, 0
    middle = np.rint((low.astype(np.float64) + high) / 2)
    if not max((middle - low).max(), (high - middle).max()) <= 1:
        return None
    return int(middle[0]), int(middle[1])


def _within(
    cell: tuple[slice, slice], centre: tuple[int, int], shape: tuple[int, int], origin: tuple[int, int]
) -> bool:
    """Whether a cell moved to its centre, and one pixel further, lies in the image."""
    for part, step, begin, side in zip(cell, centre[::-1], origin, shape):
        if part.start + step + begin < 1 or part.stop + step + begin > side - 1:
            return False
    return True


def _near(weights: np.ndarray, offset: np.ndarray, corner: tuple[int, int], centre: tuple[int, int]) -> np.ndarray:
    """Spline at a cell whose offsets are within a pixel of `centre`; `corner` is the cell's first row and column."""
    height, width = offset.shape[1:]
    top, left, wide = corner[0] + centre[1], corner[1] + centre[0], width + 2 * _TAPS
    # All in rows of one length, which run on into each other: one loop over everything instead of one for each row.
    near = weights[top : top + height + 2 * _TAPS, left : left + wide].ravel()
    shifts = np.zeros((2, height, wide), np.float32)
    np.subtract(offset, np.array(centre, np.float32)[:, None, None], out=shifts[..., :width])
    size = height * wide - 2 * _TAPS
    across, down = (_taps(shift.ravel()[:size]) for shift in shifts)
    total, line, part = np.zeros(height * wide, np.float32), np.empty(size, np.float32), np.empty(size, np.float32)
    for row, share in enumerate(down):
        start = row * wide
        np.multiply(near[start : start + size], across[0], out=line)
        for column in range(1, len(across)):
            begin = start + column
            np.multiply(near[begin : begin + size], across[column], out=part)
            line += part
        line *= share
        total[:size] += line
    return total.reshape(height, wide)[:, :width]


def _taps(shift: np.ndarray) -> tuple[np.ndarray, ...]:
    """Cubic B-splines at -2, -1, 0, 1, 2 seen from a shift between -1 and 1, times 12."""
    square = shift * shift
    cube = square * shift
    size = np.abs(cube)
    first, last = size - cube, size + cube
    # Of those beside the middle the half sum and the half difference are short; the middle is what is left of 12.
    size *= 2
    square *= 3
    square -= size
    square += 1
    square *= 2
    middle = size + square
    middle += square
    np.subtract(12, middle, out=middle)
    cube *= 2
    second = shift * 6
    second -= cube
    fourth = square + second
    np.subtract(square, second, out=second)
    return first, second, middle, fourth, last


def _far(weights: np.ndarray, offset: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    """Spline at a cell, from 4 x 4 neighbours that are fetched for each pixel."""
    offset = np.fmax(np.fmin(offset, _FARTHEST), -_FARTHEST)  # what is not known lies outside
    whole = np.floor(offset)
    shares = [_taps(shift)[1:] for shift in offset - whole]
    places, inside = whole.astype(np.intp), True
    for place, shift, axis, begin in zip(places, offset, (1, 0), corner[::-1]):
        pixels = np.arange(begin, begin + offset.shape[axis + 1])
        pixels = pixels[:, np.newaxis] if axis == 0 else pixels
        place += pixels
        moved_to = shift + pixels.astype(np.float32)
        inside = inside & (moved_to >= 0) & (moved_to <= weights.shape[axis] - 2 * _TAPS - 1)
    width = weights.shape[1]
    first = (places[1] + (_TAPS - 1)) * width + places[0] + (_TAPS - 1)
    flat = weights.ravel()
    total, part = np.zeros(first.shape, np.float32), np.empty(first.shape, np.float32)
    for below, share in enumerate(shares[1]):
        line = np.zeros(first.shape, np.float32)
        for right, beside in enumerate(shares[0]):
            flat[below * width + right :].take(first, out=part, mode="clip")
            part *= beside
            line += part
        line *= share
        total += line
    total *= inside
    return total
