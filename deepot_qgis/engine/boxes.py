"""Sums over sliding squares, by adding an image to itself moved.

A sum of `n` neighbours is put together from sums of 1, 2, 4, 8 ... of them: a logarithm of `n` additions a pixel, each
over whole rows. Nothing runs on along a line, so a sum depends on the pixels of its own square only: single precision
does, and a pixel gets the same bits in whichever block of the image it is computed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

#: Pixels handled together, so that the few arrays of a step stay in the processor's cache.
STRIP_PX = 1 << 16


def strips(height: int, width: int, pixels: int = STRIP_PX) -> Iterator[tuple[int, int]]:
    """Cut rows into strips of about so many pixels: first row, and the row after the last."""
    rows = max(16, pixels // max(width, 1))
    for top in range(0, height, rows):
        yield top, min(top + rows, height)


def box_sums(image: np.ndarray, size: int) -> np.ndarray:
    """Sum over every square of `size` pixels that lies wholly inside the image.

    Parameters
    ----------
    image : numpy.ndarray
        ``(H, W)``; the sums have its type, which must hold them.
    size : int
        Side of the square, 1 up to the image's shorter side.

    Returns
    -------
    numpy.ndarray
        ``(H - size + 1, W)``; element (0, 0) is the sum of the first `size` rows and columns. The last ``size - 1``
        columns mean nothing: what runs on over the ends of rows is several times faster than what stops there.
    """
    width = image.shape[1]
    return _as_rows(run_sums(run_sums(image.ravel(), size, width), size, 1), width)


def box_extremes(image: np.ndarray, size: int, choose: np.ufunc) -> np.ndarray:
    """Least or largest value (`numpy.minimum`, `numpy.maximum`) in every square, as `box_sums` gives sums."""
    width = image.shape[1]
    return _as_rows(_run_extremes(_run_extremes(image.ravel(), size, width, choose), size, 1, choose), width)


def _as_rows(values: np.ndarray, width: int) -> np.ndarray:
    """Flat samples in rows of one length, the last filled up with zeros."""
    rows = np.zeros((-(-values.size // width), width), values.dtype)
    rows.ravel()[: values.size] = values
    return rows


def _run_extremes(values: np.ndarray, size: int, step: int, choose: np.ufunc) -> np.ndarray:
    """Least or largest of `size` samples that lie `step` apart: those of two runs that may overlap."""
    runs = _doubled(values, size, step, choose)
    rest = size - (1 << (len(runs) - 1))
    return _both(runs[-1], runs[-1], rest * step, choose)


def run_sums(values: np.ndarray, size: int, step: int) -> np.ndarray:
    """Sums of `size` samples that lie `step` apart, one beginning at each sample after which there are enough.

    Parameters
    ----------
    values : numpy.ndarray
        Flat; the sums have its type, which must hold them.
    size, step : int

    Returns
    -------
    numpy.ndarray
        Flat, ``(size - 1) * step`` shorter than `values`.
    """
    runs = _doubled(values, size, step, np.add)
    longest = 1 << (len(runs) - 1)
    rest = size - longest
    if rest and _ones(longest - rest) + 1 < _ones(rest):
        # Two of the longest runs overlap: what they share is taken off again.
        return _joined(_both(runs[-1], runs[-1], rest * step, np.add), runs, longest - rest, rest, step, np.subtract)
    return _joined(runs[-1], runs, rest, longest, step, np.add)


def _ones(number: int) -> int:
    return bin(number).count("1")


def _doubled(values: np.ndarray, size: int, step: int, combine: np.ufunc) -> list[np.ndarray]:
    """Samples combined with those after them: 1, 2, 4, 8 ... of them, up to the largest power of two in `size`."""
    runs = [values]
    while 2 << (len(runs) - 1) <= size:
        runs.append(_both(runs[-1], runs[-1], step << (len(runs) - 1), combine))
    return runs


def _joined(
    total: np.ndarray, runs: list[np.ndarray], count: int, start: int, step: int, combine: np.ufunc
) -> np.ndarray:
    """The total combined with the `count` samples that begin at sample `start`."""
    for power, run in enumerate(runs):
        if count >> power & 1:
            total = _both(total, run, start * step, combine)
            start += 1 << power
    return total


def _both(first: np.ndarray, second: np.ndarray, step: int, combine: np.ufunc) -> np.ndarray:
    """First samples combined with the second moved back by `step`, where both are."""
    count = min(first.size, second.size - step)
    return combine(first[:count], second[step : step + count])


def box_counts(flags: np.ndarray, size: int) -> np.ndarray:
    """How many of the flags in every square are set.

    Parameters
    ----------
    flags : numpy.ndarray
        bool ``(H, W)``.
    size : int
        As in `box_sums`.

    Returns
    -------
    numpy.ndarray
        float32 ``(H - size + 1, W)``, as `box_sums` gives it.
    """
    # Two bytes are added twice as fast as single precision; they hold a square of 255.
    return box_sums(flags.astype(np.uint16 if size <= 255 else np.float32), size).astype(np.float32)
