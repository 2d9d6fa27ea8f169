"""What is taken from each pair of a stack because stable ground says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import dates as dating
from ..callbacks import Cancelled, Share
from ..errors import CancelledError, InputError
from ..files import whole_file
from ..output import Band, GeoTiffWriter
from ..pair import inside, locate
from ..rasters import Grid
from ..reference import Correction, ReferenceOptions, correction, slowest
from .stack import PairSource, thinned, thinned_shape

#: Pixels of a pair that are looked at: more would not change a median.
_SAMPLE = 65_536
#: East and north ``(pairs, pixels)``, columns and rows ``(pixels,)``.
_Sampled = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class StableGround:
    """What stands still, and what each pair shows there.

    Attributes
    ----------
    corrections : tuple of Correction or None
        One a pair; None for a pair that has too little stable ground.
    sentences : tuple of str
        About these pairs.
    mask : numpy.ndarray or None
        bool, the pixels that were found to move least, on the coarse `grid`; None where nothing had to be found.
    grid : Grid or None
    """

    corrections: tuple[Correction | None, ...]
    sentences: tuple[str, ...] = ()
    mask: np.ndarray | None = None
    grid: Grid | None = None

    def write(self, path: str) -> None:
        """Write the mask as a GeoTIFF of one band, 1 where the ground stands still, NaN elsewhere."""
        assert self.mask is not None
        assert self.grid is not None
        with whole_file(path) as temporary:
            writer = GeoTiffWriter(temporary, self.grid, [Band("stable")])
            writer.write(np.where(self.mask, np.float32(1), np.float32(np.nan))[None])
            writer.finish({}, lambda: False)


def stable_ground(
    sources: Sequence[PairSource],
    options: ReferenceOptions,
    cancelled: Cancelled,
    progress: Share = lambda share: None,
) -> StableGround:
    """Find stable ground, and what has to be taken from each pair.

    Raises
    ------
    InputError
        There is no stable ground at all, or a pair cannot be read.
    """
    if options.kind == "none":
        return StableGround((Correction(),) * len(sources))
    if options.kind == "area":
        sampled = _in_area(sources, options.area or "", cancelled, progress)
        return StableGround(*_corrections(sources, sampled, options.ramp))
    step = max(1, int(np.sqrt(sources[0].grid.width * sources[0].grid.height / _SAMPLE)))
    east, north, columns, rows = _thinned(sources, step, cancelled, progress)
    days = np.array([dating.days_between(source.first, source.second) for source in sources])
    still = slowest(east, north, days, options.share, (columns, rows) if options.ramp else None)
    found = _corrections(sources, (east[:, still], north[:, still], columns[still], rows[still]), options.ramp)
    shape = thinned_shape(sources[0].grid, step)
    return StableGround(*found, still.reshape(shape), sources[0].grid.resized(*shape[::-1]))


def _corrections(
    sources: Sequence[PairSource], sampled: _Sampled, ramp: bool
) -> tuple[tuple[Correction | None, ...], tuple[str, ...]]:
    found: list[Correction | None] = []
    sentences = []
    for source, east, north in zip(sources, *sampled[:2]):
        try:
            found.append(correction(east, north, *sampled[2:], ramp, source.name))
        except InputError as error:
            found.append(None)
            sentences.append(str(error))
    if not any(found):
        raise InputError(f"No pair has enough stable ground. {sentences[0]}")
    return tuple(found), tuple(sentences)


def _thinned(sources: Sequence[PairSource], step: int, cancelled: Cancelled, progress: Share) -> _Sampled:
    """East and north ``(pairs, pixels)`` of a regular sample of the rasters, and its columns and rows."""
    grid = sources[0].grid
    height, width = thinned_shape(grid, step)
    east, north = (np.empty((len(sources), height * width), np.float32) for _ in range(2))
    for number, source in enumerate(sources):
        _go_on(cancelled, progress, number / len(sources))
        planes = thinned(source, step)
        east[number], north[number] = planes[0].ravel(), planes[1].ravel()
    columns, rows = _centres(grid, width, height)
    return east, north, columns.ravel(), rows.ravel()


def _in_area(sources: Sequence[PairSource], wkt: str, cancelled: Cancelled, progress: Share) -> _Sampled:
    """The same of all pixels inside a polygon, or of a sample of them where they are many."""
    grid = sources[0].grid
    area, (x0, y0, width, height) = locate(wkt, sources[0])
    here = inside(area, grid.window(x0, y0, width, height))
    places = np.flatnonzero(here.ravel())
    if not places.size:
        raise InputError("The stable area holds no pixel centre; draw a larger one.")
    places = places[:: max(1, places.size // _SAMPLE)]
    east, north = (np.empty((len(sources), places.size), np.float32) for _ in range(2))
    for number, source in enumerate(sources):
        _go_on(cancelled, progress, number / len(sources))
        planes = source.read(x0, y0, width, height)
        east[number], north[number] = planes[0].ravel()[places], planes[1].ravel()[places]
    return east, north, x0 + places % width + 0.5, y0 + places // width + 0.5


def _centres(grid: Grid, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    columns = (np.arange(width) + 0.5) * grid.width / width
    rows = (np.arange(height) + 0.5) * grid.height / height
    across, down = np.meshgrid(columns, rows)
    return across, down


def _go_on(cancelled: Cancelled, progress: Share, share: float) -> None:
    if cancelled():
        raise CancelledError("Cancelled; the measured pairs are kept.")
    progress(share)
