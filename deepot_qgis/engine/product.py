"""The displacement product: its bands, and how offsets become them block by block."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from . import displacement, quality
from .errors import InputError
from .output import BLOCK, Band
from .pair import Pair
from .quality import QualityOptions, Reason
from .rasters import Raster, require_dataset

BANDS = ("east", "north", "magnitude", "direction", "sigma", "correlation", "mask")
OFFSET_BANDS = (Band("dx", "px"), Band("dy", "px"), Band("sigma", "px"))
VELOCITY_BANDS = ("east", "north", "magnitude")
#: Side of what is computed at once; between two blocks the user may cancel.
_WIDTH = 1024
#: As far into an image its spline feels the edge, as much as matters.
_SPLINE_PX = 8


def bands(unit: str) -> tuple[Band, ...]:
    """Bands of a displacement product in this unit (``m`` or ``px``)."""
    units = (unit, unit, unit, "degree", unit, "", "")
    return tuple(Band(name, of) for name, of in zip(BANDS, units))


def band_numbers(path: str) -> dict[str, int]:
    """Number of each band of a displacement product, by name.

    Raises
    ------
    InputError
        It is none.
    """
    Raster(path)  # says in a sentence what is wrong with it
    dataset = require_dataset(path)
    found = {dataset.GetRasterBand(n).GetDescription(): n for n in range(1, dataset.RasterCount + 1)}
    missing = [band for band in BANDS if band not in found]
    if missing:
        raise InputError(
            f"{os.path.basename(path)} is no displacement product: it has no band {' or '.join(missing)}; choose the "
            "GeoTIFF that a measurement of a pair wrote."
        )
    return {band: found[band] for band in BANDS}


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
    context, lattice = quality.context_px(options), quality.LATTICE_PX
    x0, y0 = (max(0, (start - context) // lattice * lattice) for start in (block.x0, block.y0))
    x1, y1 = min(width, block.x0 + block.width + context), min(height, block.y0 + block.height + context)
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
    known = np.isfinite(offsets[2])
    offset = offsets[:2] if known.all() else np.where(known, offsets[:2], np.float32(np.nan))
    similar = _similarity(pair, offset, known, around, options)
    inner = _inner(block, around)
    masks = {
        Reason.USER_MASK: pair.outside_area(*_place(pair, block)),
        Reason.NODATA: ~known[inner],
        Reason.OUTSIDE: ~_inside(pair, offset[(slice(None), *inner)], block),
        Reason.LOW_CORRELATION: similar[inner] < options.min_correlation,
        Reason.UNCERTAIN: offsets[2][inner] > options.max_sigma_px,
    }
    undecided = np.zeros(known.shape, bool)
    undecided[inner] = quality.reasons(masks, (block.height, block.width)) == Reason.GOOD
    followed = quality.well_followed(similar, options)
    unlike = quality.outliers(offset, known, followed, options.outlier_factor, undecided)
    masks[Reason.INCONSISTENT] = unlike[inner]
    return _planes(pair, offsets[(slice(None), *inner)], similar[inner], masks, block)


def _similarity(
    pair: Pair, offset: np.ndarray, known: np.ndarray, around: Block, options: QualityOptions
) -> np.ndarray:
    """Correlation of the reference with the secondary that the offset brought back onto it."""
    reference = pair.reference.read(*_place(pair, around))
    x0, y0, width, height = _place(pair, around)
    farthest = max(np.fmax.reduce(offset, axis=None, initial=0), -np.fmin.reduce(offset, axis=None, initial=0))
    reach = int(np.ceil(farthest)) + _SPLINE_PX
    secondary = pair.secondary.read(x0 - reach, y0 - reach, width + 2 * reach, height + 2 * reach)
    warped = quality.warp(secondary, offset, (reach, reach))
    return quality.correlation(reference, warped, (reference > 0) & (warped > 0) & known, options.window_px)


def _planes(
    pair: Pair, offsets: np.ndarray, similar: np.ndarray, masks: dict[Reason, np.ndarray], block: Block
) -> np.ndarray:
    """Bands of a block from its offsets, correlation and masks."""
    why = quality.reasons(masks, similar.shape)
    planes = np.empty((len(BANDS), *similar.shape), np.float32)
    offset = np.where(why == Reason.GOOD, offsets[:2], np.float32(np.nan))
    displacement.displacement(offset, offsets[2], pair.grid.window(*_place(pair, block)), planes[:5])
    planes[5], planes[6] = similar, why
    unseen = masks[Reason.NODATA] | masks[Reason.USER_MASK]
    np.copyto(planes[4:6], np.float32(np.nan), where=unseen)
    return planes


def _place(pair: Pair, block: Block) -> tuple[int, int, int, int]:
    """Column, row, width and height of a block in the rasters."""
    return pair.window[0] + block.x0, pair.window[1] + block.y0, block.width, block.height


def _inner(block: Block, around: Block) -> tuple[slice, slice]:
    """Where a block lies in what is around it."""
    top, left = block.y0 - around.y0, block.x0 - around.x0
    return slice(top, top + block.height), slice(left, left + block.width)


def _inside(pair: Pair, offset: np.ndarray, block: Block) -> np.ndarray:
    """Whether the ground of each pixel is still inside the secondary."""
    x0, y0, width, height = _place(pair, block)
    columns = np.arange(x0, x0 + width, dtype=np.float32)[None, :] + offset[0]
    rows = np.arange(y0, y0 + height, dtype=np.float32)[:, None] + offset[1]
    return (columns > -0.5) & (columns < pair.grid.width - 0.5) & (rows > -0.5) & (rows < pair.grid.height - 0.5)


class Statistics:
    """Numbers of a run, gathered block by block from a regular sample of pixels."""

    #: Values kept for percentiles; more would not change what is printed.
    _SAMPLE = 4_000_000
    _SAMPLED = ("east", "north", "magnitude", "sigma")

    def __init__(self, pixels: int):
        self._step = math.ceil(math.sqrt(pixels / self._SAMPLE)) or 1
        self._samples: dict[str, list[np.ndarray]] = {name: [] for name in self._SAMPLED}
        self._counts = dict.fromkeys(Reason, 0)

    def add(self, planes: np.ndarray) -> None:
        """Take in the bands of a block."""
        mask = planes[BANDS.index("mask")]
        for reason in Reason:
            self._counts[reason] += int(np.count_nonzero(mask == reason))
        thin = np.s_[:: self._step, :: self._step]
        measured = np.isfinite(planes[0][thin])
        for name, sample in self._samples.items():
            sample.append(planes[BANDS.index(name)][thin][measured])

    def summary(self) -> dict[str, object]:
        """Median, 95 % and largest magnitude, median east, north and sigma, and the shares of good and masked pixels.

        Shares: `covered` of the asked pixels hold data; `good` of those are not masked; `masked` gives each reason's
        share of the covered pixels.
        """
        asked = sum(self._counts.values()) - self._counts[Reason.USER_MASK]
        covered = asked - self._counts[Reason.NODATA]
        median, high, largest = self._percentiles("magnitude", 50, 95, 100)
        return {
            "median_magnitude": median,
            "p95_magnitude": high,
            "max_magnitude": largest,
            "median_east": self._percentiles("east", 50)[0],
            "median_north": self._percentiles("north", 50)[0],
            "median_sigma": self._percentiles("sigma", 50)[0],
            "covered": covered / asked if asked else 0.0,
            "good": self._counts[Reason.GOOD] / covered if covered else 0.0,
            "masked": {
                quality.REASON_NAMES[reason]: count / covered
                for reason, count in self._counts.items()
                if count and covered and reason not in (Reason.GOOD, Reason.NODATA, Reason.USER_MASK)
            },
        }

    def _percentiles(self, name: str, *shares: float) -> list[float | None]:
        """Percentiles of what was sampled of a band, None where that is nothing."""
        values = np.concatenate(self._samples[name] or [np.empty(0, np.float32)])
        if values.size == 0:
            return [None] * len(shares)
        return [float(value) for value in np.percentile(values, shares, overwrite_input=True)]
