"""Pair to pixel offsets: tile by tile, blended, streamed to disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Callable

import numpy as np

from . import tiling, waiting
from .errors import CancelledError
from .estimate import Estimator
from .pair import Pair

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


def offsets(
    pair: Pair, estimator: Estimator, tile_px: int, progress: Progress, cancelled: Cancelled, first_row: int = 0
) -> Iterator[np.ndarray]:
    """Measure the pair's window from the top down.

    Parameters
    ----------
    pair : Pair
    estimator : Estimator
    tile_px : int
        Side of a tile without the context around it; an estimator made for one tile size takes that one.
    progress : callable
        Called with the share that is done, 0..1.
    cancelled : callable
        Asked several times a second.
    first_row : int
        Row of the window with which to begin, in a run that goes on. Every tile that reaches to it is measured, so that
        the same numbers are summed in the same order as in a run from the top.

    Yields
    ------
    numpy.ndarray
        float32 ``(3, rows, width)``: dx, dy, sigma in pixels; NaN where there is no data.

    Raises
    ------
    CancelledError
        `cancelled` said so.
    """
    x0, y0, width, height = pair.window
    plan = tiling.plan(
        x0,
        y0,
        width,
        height,
        estimator.tile_px or tile_px + 2 * estimator.margin_px,
        estimator.margin_px,
        estimator.tile_multiple,
        estimator.overlap_px,
        estimator.tile_px or 0,
        None if estimator.tile_px else (pair.grid.width, pair.grid.height),
    )
    plan = plan.below(y0 + first_row)
    blender = tiling.Blender(x0, y0 + first_row, width, height - first_row, plan.overlap)
    answers = _answers(pair, estimator, plan, cancelled)
    done = 0
    for row, following in zip(plan.rows, (*plan.rows[1:], None)):
        for tile, answer in islice(answers, len(row)):
            if answer is not None:
                blender.add(tile, *answer)
            done += 1
            progress(done / len(plan))
        yield blender.finished(following[0].core[1] if following else y0 + height)


def _answers(pair: Pair, estimator: Estimator, tiles: Iterable[tiling.Tile], cancelled: Cancelled):
    """Tiles with their answers, in order.

    Reading stays in this thread (a GDAL dataset belongs to one thread at a time); the estimator works beside it, on the
    tiles of the next row too while one is being finished.
    """
    pending: deque[tuple[tiling.Tile, Future | None]] = deque()
    pool = ThreadPoolExecutor(estimator.workers)
    try:
        for tile in tiles:
            images = _read(pair, tile)
            pending.append((tile, pool.submit(_measure, pair, estimator, tile, *images) if images else None))
            if len(pending) > estimator.workers:
                yield _answer(*pending.popleft(), cancelled)
        while pending:
            yield _answer(*pending.popleft(), cancelled)
    finally:
        # Not waited for: after a cancel the tiles under way end by themselves and are forgotten. They touch no file.
        pool.shutdown(wait=False, cancel_futures=True)


def _answer(tile: tiling.Tile, future: Future | None, cancelled: Cancelled):
    """A tile with its answer, None where there was nothing to measure; while it waits the user may cancel."""
    if future is not None:
        return tile, waiting.result(future, cancelled)
    if cancelled():
        raise CancelledError("Cancelled; nothing was written.")
    return tile, None


def _read(pair: Pair, tile: tiling.Tile) -> tuple[np.ndarray, np.ndarray] | None:
    """Both images of a tile; None where one of them holds nothing."""
    reference = pair.reference.read(tile.x0, tile.y0, tile.width, tile.height)
    if not reference.any():
        return None
    secondary = pair.secondary.read(tile.x0, tile.y0, tile.width, tile.height)
    return (reference, secondary) if secondary.any() else None


def _measure(
    pair: Pair, estimator: Estimator, tile: tiling.Tile, reference: np.ndarray, secondary: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offset, sigma and known pixels of the core of a tile."""
    estimate = estimator.estimate(reference, secondary)
    data = secondary > 0
    data |= ~_inside_raster(pair, tile)  # what left the image is not a hole in it; the product says "outside"
    known = (reference > 0) & _lands_on_data(estimate.offset, data)
    return tile.kept(estimate.offset), tile.kept(estimate.sigma), tile.kept(known)


def _inside_raster(pair: Pair, tile: tiling.Tile) -> np.ndarray:
    """Pixels of a tile that the raster has, bool ``(height, width)``."""
    columns = np.arange(tile.x0, tile.x0 + tile.width)
    rows = np.arange(tile.y0, tile.y0 + tile.height)
    return np.outer((rows >= 0) & (rows < pair.grid.height), (columns >= 0) & (columns < pair.grid.width))


def _lands_on_data(offset: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Pixels that the offset carries onto data; what leaves the tile cannot be told and counts as data."""
    height, width = valid.shape
    columns = np.rint(np.arange(width, dtype=np.float32)[None, :] + offset[0]).astype(np.int32)
    rows = np.rint(np.arange(height, dtype=np.float32)[:, None] + offset[1]).astype(np.int32)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    return ~inside | valid[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
