"""Pair to pixel offsets: tiles read ahead, measured beside each other, blended, given from the top down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import numpy as np

from . import estimate, tiling, waiting
from .callbacks import Cancelled, Share
from .errors import CancelledError
from .estimate import Estimator
from .output import strip_rows
from .pair import Pair, Source
from .rasters import Raster
from .stages import NETWORK, Channel, Clock, Stages, Stopped

#: Offset, sigma and known pixels of the core of a tile.
Answer = tuple[np.ndarray, np.ndarray, np.ndarray]

#: Offsets and sigmas are multiples of these, px: far below what any image can tell, and what follows in a number of 32
#: bits is noise that takes three quarters of the room of a file. Twice the step is how far apart two tilings may be.
OFFSET_STEP_PX = 2.0**-14
SIGMA_STEP_PX = 2.0**-12
#: Tiles read or answered that may wait, besides those that are being measured.
AHEAD = 3


def plan_of(pair: Pair, estimator: Estimator, tile_px: int | tuple[int, int]) -> tiling.Plan:
    """Tiles that cover the window of a pair; see `offsets`."""
    width, height = tile_px if isinstance(tile_px, tuple) else (tile_px, tile_px)
    context = 2 * estimator.margin_px
    return tiling.plan(
        *pair.window,
        estimator.tile_px or (width + context, height + context),
        estimator.margin_px,
        estimator.tile_multiple,
        estimator.overlap_px,
        estimator.tile_px or 0,
        None if estimator.tile_px else (pair.grid.width, pair.grid.height),
    )


def reopened(pair: Pair) -> Pair:
    """The same pair on datasets of its own, for another thread: a GDAL dataset belongs to one at a time."""

    def again(source: Source) -> Source:
        return replace(source, raster=Raster(source.raster.path, source.raster.band_number))

    area = pair.area.Clone() if pair.area is not None else None
    return replace(pair, reference=again(pair.reference), secondary=again(pair.secondary), area=area)


def offsets(
    pair: Pair,
    estimator: Estimator,
    tile_px: int | tuple[int, int],
    progress: Share,
    cancelled: Cancelled,
    first_row: int = 0,
    clock: Clock | None = None,
    workers: int | None = None,
    last_row: int | None = None,
) -> Iterator[np.ndarray]:
    """Measure the pair's window from the top down.

    Tiles are read in one thread and measured in others while the caller works on the rows that it was given.

    Parameters
    ----------
    pair : Pair
    estimator : Estimator
    tile_px : int or tuple of int
        Side, or width and height, of a tile without the context around it; an estimator made for one tile size takes
        that one.
    progress : callable
        Called with the share that is done, 0..1.
    cancelled : callable
        Asked several times a second.
    first_row : int
        Row of the window to begin at, a multiple of `output.strip_rows`: what is above is known already. The rows from
        here on are the same to the last bit.
    clock : Clock, optional
        Told where the time goes.
    workers : int, optional
        Tiles measured at once, where memory does not allow the estimator's own number.
    last_row : int, optional
        Row of the window to end before, a multiple of `output.strip_rows`; None is the bottom. The rows above it are
        the same to the last bit.

    Yields
    ------
    numpy.ndarray
        float32 ``(3, rows, width)``: dx, dy, sigma in pixels; NaN where there is no data. Strips of
        `output.strip_rows` rows, the last of what is left.

    Raises
    ------
    CancelledError
        `cancelled` said so.
    """
    clock = clock or Clock()
    x0, y0, width, height = pair.window
    top, bottom = y0 + first_row, y0 + (height if last_row is None else min(last_row, height))
    plan = plan_of(pair, estimator, tile_px).below(top).above(bottom)
    blender = tiling.Blender(x0, top, width, bottom - top, plan.overlap)
    strips = _Strips(blender, top, width, bottom, clock)
    done = 0
    with _Answers(pair, estimator, plan, workers or estimator.workers, clock) as answers:
        in_order = answers.take(cancelled)
        for row, following in zip(plan.rows, (*plan.rows[1:], None)):
            for tile, answer in islice(in_order, len(row)):
                if answer is not None:
                    with clock.stage("blending"):
                        blender.add(tile, *answer)
                done += 1
                progress(done / len(plan))
            yield from strips.until(following[0].core[1] if following else bottom)


class _Strips:
    """Rows of a blender as strips of one height."""

    def __init__(self, blender: tiling.Blender, top: int, width: int, bottom: int, clock: Clock):
        self._blender, self._clock = blender, clock
        self._top, self._width, self._bottom = top, width, bottom
        self._strip, self._filled = np.empty((3, 0, width), np.float32), 0

    def until(self, row: int) -> Iterator[np.ndarray]:
        """Strips that are full when all rows above this raster row are finished."""
        while self._blender.ready(row):
            with self._clock.stage("blending"):
                if self._filled == self._strip.shape[1]:
                    rows = min(strip_rows(self._width), self._bottom - self._top)
                    self._strip, self._filled = np.empty((3, rows, self._width), np.float32), 0
                    self._top += rows
                count = min(self._blender.ready(row), self._strip.shape[1] - self._filled)
                part = self._strip[:, self._filled : self._filled + count]
                self._blender.give(part)
                for plane, step in zip(part, (OFFSET_STEP_PX, OFFSET_STEP_PX, SIGMA_STEP_PX)):
                    rounded(plane, step)
                self._filled += count
            if self._filled == self._strip.shape[1]:
                # given away: nothing here holds on to it while the next rows are measured
                full = [self._strip]
                self._strip, self._filled = np.empty((3, 0, self._width), np.float32), 0
                yield full.pop()


def rounded(values: np.ndarray, step: float) -> np.ndarray:
    """Round to multiples of a power of 2, in place: what is left compresses three times better."""
    values *= np.float32(1 / step)
    np.rint(values, out=values)
    values *= np.float32(step)
    return values


class _Answers:
    """Tiles read ahead in one thread and measured in others, and their answers in order."""

    def __init__(self, pair: Pair, estimator: Estimator, tiles: Iterable[tiling.Tile], workers: int, clock: Clock):
        self._pair, self._estimator, self._tiles, self._clock = pair, estimator, tiles, clock
        self._stages = Stages()
        self._pending: Channel[tuple[tiling.Tile, Future[Answer] | None]] = self._stages.channel(workers + AHEAD)
        self._pool = ThreadPoolExecutor(workers)

    def __enter__(self) -> _Answers:
        self._stages.start(self._read)
        return self

    def __exit__(self, *reason: object) -> None:
        self._stages.__exit__(*reason)
        # Not waited for: after a cancel the tiles under way end by themselves and are forgotten. They touch no file.
        self._pool.shutdown(wait=False, cancel_futures=True)

    def take(self, cancelled: Cancelled) -> Iterator[tuple[tiling.Tile, Answer | None]]:
        """Tiles with their answers, None where there was nothing to measure; while it waits the user may cancel."""
        try:
            for tile, future in self._pending:
                if future is None and cancelled():
                    raise CancelledError("Cancelled; nothing was written.")
                yield tile, None if future is None else waiting.result(future, cancelled)
        except Stopped:
            self._stages.check()  # what the reader raised
            raise

    def _read(self) -> None:
        """Read all tiles, one after the other; each is measured as soon as a worker is free."""
        with self._clock.stage("reading"):
            pair = reopened(self._pair)
        for tile in self._tiles:
            with self._clock.stage("reading"):
                images = _images(pair, tile)
            future = self._pool.submit(self._measure, tile, *images) if images else None
            self._pending.put((tile, future))
        self._pending.close()  # only now: closed means that all went well

    def _measure(self, tile: tiling.Tile, reference: np.ndarray, secondary: np.ndarray) -> Answer:
        """Offset, sigma and known pixels of the core of a tile."""
        with self._clock.stage(NETWORK):
            found = estimate.within(self._estimator, reference, secondary, tile.context)
        with self._clock.stage("known pixels"):
            known = tile.kept(reference) > 0
            known &= _lands_on_data(found.offset, _data(self._pair, tile, secondary), tile)
        return found.offset, found.sigma, known


def _images(pair: Pair, tile: tiling.Tile) -> tuple[np.ndarray, np.ndarray] | None:
    """Both images of a tile; None where one of them holds nothing."""
    reference = pair.reference.read(tile.x0, tile.y0, tile.width, tile.height)
    if not reference.any():
        return None
    secondary = pair.secondary.read(tile.x0, tile.y0, tile.width, tile.height)
    return (reference, secondary) if secondary.any() else None


def _data(pair: Pair, tile: tiling.Tile, secondary: np.ndarray) -> np.ndarray:
    """Pixels of a tile with data; what left the image is not a hole in it, the product says "outside"."""
    data = secondary > 0
    columns = np.arange(tile.x0, tile.x0 + tile.width)
    rows = np.arange(tile.y0, tile.y0 + tile.height)
    data[:, (columns < 0) | (columns >= pair.grid.width)] = True
    data[(rows < 0) | (rows >= pair.grid.height)] = True
    return data


def _lands_on_data(offset: np.ndarray, data: np.ndarray, tile: tiling.Tile) -> np.ndarray | bool:
    """Pixels of the core that the offset carries onto data; what leaves the tile cannot be told and counts as data."""
    if data.all():
        return True
    left, top = tile.core[0] - tile.x0, tile.core[1] - tile.y0
    columns = np.arange(left, left + tile.core[2], dtype=np.float32)[None, :] + offset[0]
    rows = np.arange(top, top + tile.core[3], dtype=np.float32)[:, None] + offset[1]
    rows, columns = np.rint(rows).astype(np.int32), np.rint(columns).astype(np.int32)
    height, width = data.shape
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    return ~inside | data[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
