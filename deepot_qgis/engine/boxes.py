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
        ``(H - size + 1, W - size + 1)``; element (0, 0) is the sum of the first `size` rows and columns.
    """
    return _run_sums(_run_sums(image, size, 0), size, 1)


def _run_sums(image: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Sums of `size` consecutive samples along an axis, from runs of powers of two."""
    run, length, total, done = image, 1, None, 0
    while True:
        if size & length:
            total = run if total is None else _add(total, run, done, axis)
            done += length
        if done == size:
            return total
        run = _add(run, run, length, axis)
        length *= 2


def _add(first: np.ndarray, second: np.ndarray, step: int, axis: int) -> np.ndarray:
    """First image plus the second moved back by `step`, where both are."""
    count = min(first.shape[axis], second.shape[axis] - step)
    if axis == 0:
        return first[:count] + second[step : step + count]
    return first[:, :count] + second[:, step : step + count]


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
        float32 ``(H - size + 1, W - size + 1)``.
    """
    # Bytes are added four times as fast as single precision; they hold a column of 255.
    small, large = (np.uint8, np.uint16) if size <= 255 else (np.float32, np.float32)
    columns = _run_sums(flags.astype(small), size, 0)
    return _run_sums(columns.astype(large), size, 1).astype(np.float32)
