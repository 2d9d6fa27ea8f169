"""From strips of offsets to finished rasters, while the next strips are still being measured.

Every box is a thread (the judges are several), every arrow a channel of few places::

    measure -> write offsets
            -> judge -> write products

Each thread that reads or writes has datasets of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

from . import displacement, memory, product, runtime
from .callbacks import Cancelled, Share
from .inference import OFFSET_STEP_PX, SIGMA_STEP_PX, reopened, rounded
from .output import Band, GeoTiffWriter, strip_rows
from .pair import Pair
from .quality import QualityOptions
from .rasters import Grid
from .stages import Channel, Clock, Stages

#: Degrees and correlations are multiples of these; `inference.OFFSET_STEP_PX` says why.
_DIRECTION_STEP, _CORRELATION_STEP = 2.0**-6, 2.0**-12


@dataclass(frozen=True)
class Piece:
    """A block of the product with the offsets around it.

    Attributes
    ----------
    block, around : product.Block
        What is wanted, and the same with its halo.
    strips : tuple of (int, numpy.ndarray)
        First row and offsets ``(3, rows, width)`` of the strips that hold it.
    """

    block: product.Block
    around: product.Block
    strips: tuple[tuple[int, np.ndarray], ...]

    def offsets(self) -> np.ndarray:
        """Offsets of `around`, float32 ``(3, height, width)``."""
        x0, y0, width, height = self.around.x0, self.around.y0, self.around.width, self.around.height
        whole = np.empty((3, height, width), np.float32)
        for top, strip in self.strips:
            first, last = max(y0, top), min(y0 + height, top + strip.shape[1])
            if first < last:
                whole[:, first - y0 : last - y0] = strip[:, first - top : last - top, x0 : x0 + width]
        return whole


@dataclass(frozen=True)
class Files:
    """The rasters of a run while they are written.

    Attributes
    ----------
    offsets, product : GeoTiffWriter
    velocity : GeoTiffWriter or None
    factor : float or None
        From displacement to velocity.
    """

    offsets: GeoTiffWriter
    product: GeoTiffWriter
    velocity: GeoTiffWriter | None
    factor: float | None

    @classmethod
    def create(
        cls, paths: Mapping[str, str], pair: Pair, velocity_unit: str, factor: float | None, threads: int
    ) -> Files:
        """Begin the files at these (temporary) paths: ``offsets``, ``product`` and, when asked for, ``velocity``."""
        grid = pair.grid.window(*pair.window)
        velocity = None
        if "velocity" in paths:
            bands = [Band(name, velocity_unit) for name in product.VELOCITY_BANDS]
            velocity = GeoTiffWriter(paths["velocity"], grid, bands, threads)
        return cls(
            GeoTiffWriter(paths["offsets"], grid, product.OFFSET_BANDS, threads),
            GeoTiffWriter(paths["product"], grid, product.bands(displacement.unit(pair.grid)), threads),
            velocity,
            factor,
        )

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *_: object) -> None:
        """Close all, finished or not: an open file cannot be renamed or removed on Windows."""
        for writer in self._writers():
            writer.close()

    def _writers(self) -> Iterable[GeoTiffWriter]:
        return filter(None, (self.offsets, self.product, self.velocity))

    def finish(self, tags: Mapping[str, str], cancelled: Cancelled) -> None:
        """Close all with these tags."""
        for writer in self._writers():
            writer.finish(tags, cancelled)


def compressing(device: str) -> int:
    """Threads that compress a file: those of the cores that a network on this device leaves."""
    return max(1, runtime.cores() // (4 if device == "cpu" else 2))


def run(
    measured: Callable[[Cancelled], Iterable[np.ndarray]],
    pair: Pair,
    quality: QualityOptions,
    files: Files,
    clock: Clock,
    poll: Share,
) -> product.Statistics:
    """Write what is measured, and judge it meanwhile.

    Parameters
    ----------
    measured : callable
        Gives the strips of offsets as `inference.offsets` does; called with what says whether to stop.
    pair : Pair
    quality : QualityOptions
    files : Files
    clock : Clock
        Told where the time goes.
    poll : callable
        Called in the calling thread several times a second with the share of rows that are finished; what it raises
        ends the run.

    Returns
    -------
    product.Statistics

    Raises
    ------
    DeepotError
        Whatever a stage meets, or `poll` raises; all threads that touch files have ended then.
    """
    width, height = pair.window[2:]
    statistics, finished = product.Statistics(width * height), _Share(width * height)
    judges = memory.judges()
    with Stages() as stages:
        raw, pieces = stages.channel(1), stages.channel(judges)
        planes = stages.channel(judges, givers=judges)

        def measure() -> None:
            def noted() -> Iterator[np.ndarray]:
                for strip in measured(stages.stopped):
                    raw.put(strip)
                    yield strip

            for piece in cut(noted(), width, height, quality):
                pieces.put(piece)
            raw.close()
            pieces.close()

        def write_offsets() -> None:
            for strip in raw:
                with clock.stage("writing"):
                    files.offsets.write(strip)

        def write_products() -> None:
            for block, of in planes:
                with clock.stage("writing"):
                    _write(files, pair, block, of)
                with clock.stage("statistics"):
                    statistics.add(of)
                finished.add(block)

        for work in (measure, write_offsets, write_products):
            stages.start(work)
        for _ in range(judges):
            stages.start(lambda: _judge(pieces, planes, pair, quality, clock))
        stages.wait(lambda: poll(finished.share))
    return statistics


class _Share:
    """How much of a window is finished."""

    def __init__(self, pixels: int):
        self._pixels, self._done = pixels, 0

    def add(self, block: product.Block) -> None:
        self._done += block.width * block.height

    @property
    def share(self) -> float:
        """0..1."""
        return self._done / self._pixels


def cut(strips: Iterable[np.ndarray], width: int, height: int, quality: QualityOptions) -> Iterator[Piece]:
    """Blocks of the product from the top down, each as soon as the rows below it are there that it looks at.

    Parameters
    ----------
    strips : iterable of numpy.ndarray
        float32 ``(3, rows, width)``, from the top down.
    width, height : int
        Of the window.
    quality : QualityOptions
        Says how far a block looks around.
    """
    held: list[tuple[int, np.ndarray]] = []
    known = 0
    rows = product.blocks(width, height, strip_rows(width))
    row: list[product.Block] | None = next(rows)
    for strip in strips:
        held.append((known, strip))
        known += strip.shape[1]
        while row is not None:
            arounds = [product.halo(block, width, height, quality) for block in row]
            if arounds[0].y0 + arounds[0].height > known:
                break
            yield from (Piece(block, around, tuple(held)) for block, around in zip(row, arounds))
            row = next(rows, None)
            held = list(_rest(held, product.halo(row[0], width, height, quality).y0)) if row else []
        del strip  # not to be held while the next one is made


def _rest(held: Iterable[tuple[int, np.ndarray]], row: int) -> Iterator[tuple[int, np.ndarray]]:
    """Strips from this row down; of the one that it cuts a copy of the few rows below, for the whole is large."""
    for top, strip in held:
        if top >= row:
            yield top, strip
        elif top + strip.shape[1] > row:
            yield row, strip[:, row - top :].copy()


def _judge(pieces: Channel[Any], planes: Channel[Any], pair: Pair, quality: QualityOptions, clock: Clock) -> None:
    """Make blocks of the product until there are no more; the images are read from datasets of this thread's own."""
    pair = reopened(pair)
    steps = band_steps(pair.grid)
    for piece in pieces:
        with clock.stage("quality"):
            of = product.product_block(pair, piece.offsets(), piece.block, piece.around, quality)
            round_bands(of, steps)
        planes.put((piece.block, of))
    planes.close()


def round_bands(planes: np.ndarray, steps: tuple[float | None, ...]) -> None:
    """Round the bands of a product in place to what `band_steps` gives."""
    for plane, step in zip(planes, steps):
        if step is not None:
            rounded(plane, step)
    direction = planes[product.BANDS.index("direction")]
    direction[direction == 360] = 0  # a hair west of north rounds up


def band_steps(grid: Grid) -> tuple[float | None, ...]:
    """What the values of each band of a product are multiples of, a power of 2; None where they are whole numbers."""
    pixel = 2.0 ** np.floor(np.log2(displacement.pixel_metres(grid) or 1.0))
    offset, sigma = OFFSET_STEP_PX * pixel, SIGMA_STEP_PX * pixel
    return offset, offset, offset, _DIRECTION_STEP, sigma, _CORRELATION_STEP, None


def _write(files: Files, pair: Pair, block: product.Block, planes: np.ndarray) -> None:
    files.product.place(planes, block.x0, block.y0)
    if files.velocity is not None and files.factor is not None:
        files.velocity.place(velocity_planes(planes, pair.grid, files.factor), block.x0, block.y0)


def velocity_planes(planes: np.ndarray, grid: Grid, factor: float) -> np.ndarray:
    """Bands of a velocity, float32 ``(3, height, width)``, from those of a product."""
    step = band_steps(grid)[0] * 2.0 ** np.floor(np.log2(factor))
    return rounded(planes[: len(product.VELOCITY_BANDS)] * np.float32(factor), step)
