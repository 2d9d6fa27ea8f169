"""The displacement product: its bands, and how offsets become them block by block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import displacement, quality
from .output import BLOCK, Band
from .pair import Pair
from .quality import QualityOptions, Reason

BANDS = ("east", "north", "magnitude", "direction", "sigma", "correlation", "mask")
OFFSET_BANDS = (Band("dx", "px"), Band("dy", "px"), Band("sigma", "px"))
VELOCITY_BANDS = ("east", "north", "magnitude")
#: Side of what is computed at once; between two blocks the user may cancel.
_WIDTH = 1024


def bands(unit: str) -> tuple[Band, ...]:
    """Bands of a displacement product in this unit (``m`` or ``px``)."""
    units = (unit, unit, unit, "degree", unit, "", "")
    return tuple(Band(name, of) for name, of in zip(BANDS, units))


@dataclass(frozen=True)
class Block:
    """A part of the window: x0, y0 from the window's corner, and its size."""

    x0: int
    y0: int
    width: int
    height: int


def blocks(width: int, height: int, high: int = BLOCK) -> Iterator[list[Block]]:
    """Rows of blocks that cover the window, as high as a block of the file."""
    for y in range(0, height, high):
        rows = min(high, height - y)
        yield [Block(x, y, min(_WIDTH, width - x), rows) for x in range(0, width, _WIDTH)]


def halo(block: Block, width: int, height: int, options: QualityOptions) -> Block:
    """The block with the context that the outlier test and the correlation window need, inside the window.

    It begins on the test's own lattice, so that a block decides as the whole would.
    """
    pad = -(-quality.context_px(options) // 32) * 32
    x0, y0 = max(0, block.x0 - pad), max(0, block.y0 - pad)
    x1, y1 = min(width, block.x0 + block.width + pad), min(height, block.y0 + block.height + pad)
    return Block(x0, y0, x1 - x0, y1 - y0)


def product_block(pair: Pair, offsets: np.ndarray, block: Block, around: Block, options: QualityOptions) -> np.ndarray:
    """All bands of a block.

    Parameters
    ----------
    pair : Pair
    offsets : numpy.ndarray
        float32 ``(3, h, w)`` of `around`: dx, dy, sigma in pixels, NaN where unknown.
    block, around : Block
        What is wanted, and the same with its halo.
    options : QualityOptions

    Returns
    -------
    numpy.ndarray
        float32 ``(7, block.height, block.width)``. Displacement is NaN where masked; sigma and correlation stay,
        because they say why.
    """
    offset, sigma = offsets[:2], offsets[2]
    known = np.isfinite(sigma)
    reference, warped, inside = _images(pair, np.where(known, offset, 0), around)
    both = (reference > 0) & (warped > 0) & known
    similar = quality.correlation(reference, warped, both, options.window_px)
    followed = quality.well_followed(similar, options)
    masks = {
        Reason.USER_MASK: pair.outside_area(pair.window[0] + around.x0, pair.window[1] + around.y0, *_size(around)),
        Reason.NODATA: ~known,
        Reason.OUTSIDE: ~inside,
        Reason.LOW_CORRELATION: similar < options.min_correlation,
        Reason.UNCERTAIN: sigma > options.max_sigma_px,
        Reason.INCONSISTENT: quality.outliers(np.where(known, offset, 0), known, followed, options.outlier_factor),
    }
    why = quality.reasons(masks, known.shape)
    grid = pair.grid.window(pair.window[0] + around.x0, pair.window[1] + around.y0, *_size(around))
    ground = displacement.displacement(np.where(why == Reason.GOOD, offset, np.float32(np.nan)), sigma, grid)
    seen = known & (why != Reason.USER_MASK)
    planes = (
        ground.east,
        ground.north,
        ground.magnitude,
        ground.direction,
        np.where(seen, ground.sigma, np.float32(np.nan)),
        np.where(seen, similar, np.float32(np.nan)),
        why,
    )
    top, left = block.y0 - around.y0, block.x0 - around.x0
    return np.stack([plane[top : top + block.height, left : left + block.width] for plane in planes])


def _size(block: Block) -> tuple[int, int]:
    return block.width, block.height


def _images(pair: Pair, offset: np.ndarray, around: Block) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Reference, warped secondary, and whether the ground is still inside the secondary, of a block."""
    x0, y0 = pair.window[0] + around.x0, pair.window[1] + around.y0
    reference = pair.reference.read(x0, y0, *_size(around))
    reach = int(np.ceil(np.abs(offset).max(initial=0))) + 4
    secondary = pair.secondary.read(x0 - reach, y0 - reach, around.width + 2 * reach, around.height + 2 * reach)
    warped = quality.warp(secondary, offset, (reach, reach))
    columns = np.arange(x0, x0 + around.width, dtype=np.float32)[None, :] + offset[0]
    rows = np.arange(y0, y0 + around.height, dtype=np.float32)[:, None] + offset[1]
    inside = (columns > -0.5) & (columns < pair.grid.width - 0.5) & (rows > -0.5) & (rows < pair.grid.height - 0.5)
    return reference, warped, inside


class Statistics:
    """Numbers of a run, gathered block by block from a regular sample of pixels."""

    #: Values kept for percentiles; more would not change what is printed.
    _SAMPLE = 4_000_000

    def __init__(self, pixels: int):
        self._step = max(1, int(np.sqrt(pixels / self._SAMPLE)))
        self._sample: list[np.ndarray] = []
        self._counts = dict.fromkeys(Reason, 0)

    def add(self, planes: np.ndarray) -> None:
        """Take in the bands of a block."""
        mask = planes[BANDS.index("mask")]
        for reason in Reason:
            self._counts[reason] += int(np.count_nonzero(mask == reason))
        thin = planes[:5, :: self._step, :: self._step]
        self._sample.append(thin[:, np.isfinite(thin[0])])

    def summary(self) -> dict[str, object]:
        """Median, 95 % and largest magnitude, median east, north and sigma, and the shares of good and masked pixels.

        Shares: `covered` of the asked pixels hold data; `good` of those are not masked; `masked` gives each reason's
        share of the covered pixels.
        """
        east, north, magnitude, _, sigma = np.concatenate(self._sample, axis=1) if self._sample else np.empty((5, 0))
        asked = sum(self._counts.values()) - self._counts[Reason.USER_MASK]
        covered = asked - self._counts[Reason.NODATA]

        def number(function, values: np.ndarray, *arguments: float) -> float | None:
            return float(function(values, *arguments)) if values.size else None

        return {
            "median_magnitude": number(np.median, magnitude),
            "p95_magnitude": number(np.percentile, magnitude, 95),
            "max_magnitude": number(np.max, magnitude),
            "median_east": number(np.median, east),
            "median_north": number(np.median, north),
            "median_sigma": number(np.median, sigma),
            "covered": covered / asked if asked else 0.0,
            "good": self._counts[Reason.GOOD] / covered if covered else 0.0,
            "masked": {
                quality.REASON_NAMES[reason]: count / covered
                for reason, count in self._counts.items()
                if count and covered and reason not in (Reason.GOOD, Reason.NODATA, Reason.USER_MASK)
            },
        }
