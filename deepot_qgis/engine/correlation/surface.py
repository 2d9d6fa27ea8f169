"""Normalised cross-correlation of two images over all integer shifts, on a grid of nodes and for several windows.

For every shift the two images are multiplied and the product is summed over blocks of one posting; the windows are
sums of whole blocks. Several window sizes therefore cost little more than one, and the work does not grow with the
window. Every sum runs over the pixels that are valid in *both* images at that shift, so that nodata takes no part:
the result is the zero-mean normalised cross-correlation of Lewis (1995, "Fast normalized cross-correlation") with the
masks of Padfield (2012, "Masked object registration in the Fourier domain").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from deepot_qgis.engine.boxes import run_sums

# nodes handled together: large enough to make the halo of blocks cheap, small enough to stay in the cache
CHUNK_NODES = 64
# shifts handled together, for the same reason
SHIFTS = 16
# mean square texture, in units of the mean amplitude, below which a window is flat; speckle of 1000 looks has 3e-4
FLAT = 1e-5
# below any product of two variances that are not flat
_FAINT = np.float32(1e-12)


@dataclass(frozen=True)
class Surface:
    """Correlation surfaces of a rectangle of nodes for one window.

    Attributes
    ----------
    rows, columns : slice
        Where the nodes lie in the grid of nodes.
    window : int
        Side of the window, px.
    correlation : numpy.ndarray
        float32 ``(D, D, rows, columns)``, ``D = 2 * search + 1``: correlation at shifts ``(y, x)`` from ``-search``;
        0 where `usable` is false.
    usable : numpy.ndarray
        bool, same shape: enough commonly valid pixels, and texture in both images.
    """

    rows: slice
    columns: slice
    window: int
    correlation: np.ndarray
    usable: np.ndarray


def surfaces(
    reference: np.ndarray, secondary: np.ndarray, posting: int, windows: tuple[int, ...], search: int, min_pixels: int
) -> Iterator[Surface]:
    """Correlate around every node.

    Node ``(i, j)`` lies on the corner of four pixels, at ``(i * posting - 0.5, j * posting - 0.5)``; an image of
    H x W pixels has ``H / posting + 1`` by ``W / posting + 1`` nodes.

    Parameters
    ----------
    reference, secondary : numpy.ndarray
        float32 ``(H, W)``, multiples of `posting`: texture about 0 in units of the mean amplitude. Invalid pixels
        are 0, so a valid one must not be.
    posting : int
        Distance between nodes, px.
    windows : tuple of int
        Ascending; the first an even multiple of `posting`, each one a multiple of the one before.
    search : int
        Largest shift along an axis, px.
    min_pixels : int
        Commonly valid pixels below which a window gives no answer.

    Yields
    ------
    Surface
        One for each chunk of nodes and window, the windows of a chunk in ascending order.
    """
    half = windows[-1] // 2
    first = np.pad(reference, half)
    second = np.pad(secondary, half + search)
    second_blocks = [_running(_running(image, posting, 0), posting, 1) for image in (second, second * second)]
    rows, columns = (size // posting + 1 for size in reference.shape)
    halo = 2 * half // posting - 1
    for top in range(0, rows, CHUNK_NODES):
        for left in range(0, columns, CHUNK_NODES):
            bottom, right = min(top + CHUNK_NODES, rows), min(left + CHUNK_NODES, columns)
            inner = _pixels(top, bottom + halo, left, right + halo, posting, 0)
            outer = _pixels(top, bottom + halo, left, right + halo, posting, 2 * search)
            corner = _pixels(top, bottom + halo, left, right + halo, posting, 2 * search - posting + 1)
            sums = _block_sums(first[inner], second[outer], [image[corner] for image in second_blocks], posting, search)
            have = 1
            for window in windows:
                sums = [_widen(image, have, window // posting) for image in sums]
                have = window // posting
                crop = (half - window // 2) // posting
                nodes = (slice(None), slice(crop, crop + bottom - top), slice(crop, crop + right - left))
                correlation, usable = (image[nodes] for image in _normalise(sums, min_pixels))
                shape = (2 * search + 1, 2 * search + 1, bottom - top, right - left)
                yield Surface(
                    slice(top, bottom), slice(left, right), window, correlation.reshape(shape), usable.reshape(shape)
                )


def _pixels(top: int, bottom: int, left: int, right: int, posting: int, extra: int) -> tuple[slice, slice]:
    return (
        slice(top * posting, bottom * posting + extra),
        slice(left * posting, right * posting + extra),
    )


def _running(image: np.ndarray, count: int, axis: int) -> np.ndarray:
    """Sums of `count` consecutive samples; the axis gets shorter by ``count - 1``."""
    size = image.shape[axis] - count + 1
    parts = [image[start : start + size] if axis == 0 else image[:, start : start + size] for start in range(count)]
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total


def _widen(sums: np.ndarray, have: int, want: int) -> np.ndarray:
    """Sums over squares of `want` blocks from those of `have` blocks, `want` a multiple of `have`.

    The last ``want - 1`` rows and columns mean nothing: rows run on into the next ones, which is several times faster
    than to stop at the end of each.
    """
    columns = sums.shape[2]
    result = np.zeros(sums.shape, sums.dtype)
    for start in range(0, sums.shape[0], SHIFTS):
        flat = sums[start : start + SHIFTS].ravel()
        for step in (have * columns, have):
            flat = run_sums(flat, want // have, step)
        result[start : start + SHIFTS].ravel()[: flat.size] = flat
    return result


def _shifts(image: np.ndarray, posting: int, count: int, shape: tuple[int, int]) -> np.ndarray:
    """View ``(count, count) + shape``: every `posting`-th sample of the image from each of the first offsets."""
    down, right = image.strides
    return as_strided(image, (count, count) + shape, (down, right, down * posting, right * posting), writeable=False)


def _block_sums(
    first: np.ndarray, second: np.ndarray, second_blocks: list[np.ndarray], posting: int, search: int
) -> list[np.ndarray]:
    """Sums over each block and shift of ab, 1, a, a^2, b, b^2 over commonly valid pixels: ``(D * D or 1, blocks)``."""
    count = 2 * search + 1
    rows, columns = first.shape[0] // posting, first.shape[1] // posting
    product = np.empty((count * count, rows, columns), np.float32)
    tall = first.reshape(rows, posting, columns * posting)
    down, right = second.strides
    runs = np.zeros(first.shape[0] // posting * first.shape[1], np.float32)
    for shift in range(count * count):
        start = second[shift // count :, shift % count :]
        moved = as_strided(start, tall.shape, (down * posting, down, right), writeable=False)
        line = np.einsum("ijk,ijk->ik", tall, moved)
        # sums over the columns of a block are runs along the line, of which those that begin with a block are taken
        runs[: line.size - posting + 1] = run_sums(line.ravel(), posting, 1)
        product[shift] = runs.reshape(rows, columns, posting)[..., 0]
    valid, second_valid = first != 0, second != 0
    blocks = first.reshape(rows, posting, columns, posting)
    pixels = valid.reshape(blocks.shape).sum((1, 3), dtype=np.float32)
    alone = [pixels, blocks.sum((1, 3)), np.einsum("ijkl,ijkl->ik", blocks, blocks)]
    moving = [_shifts(image, posting, count, (rows, columns)) for image in second_blocks]
    moving = [np.ascontiguousarray(image).reshape(count * count, rows, columns) for image in moving]
    if valid.all() and second_valid.all():
        return [product] + [image[np.newaxis] for image in alone] + moving
    alone = [np.broadcast_to(image, product.shape).copy() for image in alone]
    sums = alone + moving
    _correct_partial(sums, first, second, pixels, posting, search)
    return [product] + sums


def _correct_partial(
    sums: list[np.ndarray], first: np.ndarray, second: np.ndarray, pixels: np.ndarray, posting: int, search: int
) -> None:
    """Replace, in place, the sums of the blocks that meet an invalid pixel by sums over commonly valid pixels."""
    count, reach = 2 * search + 1, posting + 2 * search
    within = np.lib.stride_tricks.sliding_window_view(second != 0, (reach, reach))[::posting, ::posting]
    met = within.sum((2, 3))
    nothing = (pixels == 0) | (met == 0)
    for image in sums:
        image[:, nothing] = 0
    i, j = np.nonzero(~nothing & ((pixels < posting**2) | (met < reach**2)))
    if i.size == 0:
        return

    # blocks last: the inner loop of every sum then runs over contiguous memory
    def patches(image: np.ndarray, side: int) -> np.ndarray:
        view = np.lib.stride_tricks.sliding_window_view(image, (side, side))[i * posting, j * posting]
        return np.ascontiguousarray(np.moveaxis(view, 0, -1))

    a, b = patches(first, posting), patches(second, reach)
    a_valid, b_valid = (a != 0).astype(np.float32), (b != 0).astype(np.float32)
    a_square, b_square = a * a, b * b
    for shift in range(count * count):
        at = (slice(shift // count, shift // count + posting), slice(shift % count, shift % count + posting))
        pairs = ((a_valid, b_valid), (a, b_valid), (a_square, b_valid), (a_valid, b), (a_valid, b_square))
        for image, (left, right) in zip(sums, pairs):
            image[shift, i, j] = np.einsum("ijn,ijn->n", left, right[at])


def _normalise(sums: list[np.ndarray], min_pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Correlation coefficient from the sums of ab, 1, a, a^2, b, b^2."""
    # a shift that leaves half of the pixels behind, at an edge, would win by chance
    least = np.maximum(min_pixels, 0.5 * sums[1].max(0))
    correlation, usable = np.empty(sums[0].shape, np.float32), np.empty(sums[0].shape, bool)
    for start in range(0, len(correlation), SHIFTS):
        shifts = slice(start, start + SHIFTS)
        part = [image if len(image) == 1 else image[shifts] for image in sums]
        _normalise_shifts(part, least, correlation[shifts], usable[shifts])
    return correlation, usable


def _normalise_shifts(sums: list[np.ndarray], least: np.ndarray, correlation: np.ndarray, usable: np.ndarray) -> None:
    """Fill in the coefficient of some shifts, and whether it counts."""
    product, pixels, a, a_square, b, b_square = sums
    scale = 1 / np.maximum(pixels, 1)
    mean = a * scale
    flat = FLAT * pixels
    variance = a_square - a * mean
    enough = (pixels >= least) & (variance > flat)
    spread = b * b
    spread *= scale
    np.subtract(b_square, spread, out=spread)
    np.greater(spread, flat, out=usable)
    usable &= enough
    spread *= variance
    np.maximum(spread, _FAINT, out=spread)
    np.sqrt(spread, out=spread)
    np.multiply(mean, b, out=correlation)
    np.subtract(product, correlation, out=correlation)
    correlation /= spread
    correlation *= usable
