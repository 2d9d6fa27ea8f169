"""What is taken from each pair of a stack because stable ground says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

import numpy as np

from .. import dates as dating
from ..errors import CancelledError, InputError
from ..pair import inside, locate
from ..rasters import Grid
from ..reference import Correction, ReferenceOptions, correction, slowest
from .stack import PairSource, thinned, thinned_shape

#: Pixels of a pair that are looked at: more would not change a median.
_SAMPLE = 65_536


def corrections(
    sources: Sequence[PairSource],
    options: ReferenceOptions,
    cancelled: Callable[[], bool],
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[list[Correction | None], list[str]]:
    """Correction of each pair, None for a pair that has too little stable ground, and sentences about these.

    Raises
    ------
    InputError
        There is no stable ground at all, or a pair cannot be read.
    """
    if options.kind == "none":
        return [Correction()] * len(sources), []
    if options.kind == "area":
        sampled = _in_area(sources, options.area or "", cancelled, progress)
    else:
        sampled = _thinned(sources, cancelled, progress)
    east, north, columns, rows = sampled
    if options.kind == "slowest":
        days = np.array([dating.days_between(source.first, source.second) for source in sources])
        stable = slowest(east, north, days, options.share, (columns, rows) if options.ramp else None)
        east, north, columns, rows = east[:, stable], north[:, stable], columns[stable], rows[stable]
    found: list[Correction | None] = []
    sentences = []
    for source, of_east, of_north in zip(sources, east, north):
        try:
            found.append(correction(of_east, of_north, columns, rows, options.ramp, source.name))
        except InputError as error:
            found.append(None)
            sentences.append(str(error))
    if not any(found):
        raise InputError(f"No pair has enough stable ground. {sentences[0]}")
    return found, sentences


_Sampled = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _thinned(sources: Sequence[PairSource], cancelled: Callable[[], bool], progress: Callable) -> _Sampled:
    """East and north ``(pairs, pixels)`` of a regular sample of the rasters, and its columns and rows."""
    grid = sources[0].grid
    step = max(1, int(np.sqrt(grid.width * grid.height / _SAMPLE)))
    height, width = thinned_shape(grid, step)
    east, north = (np.empty((len(sources), height * width), np.float32) for _ in range(2))
    for number, source in enumerate(sources):
        _go_on(cancelled, progress, number / len(sources))
        planes = thinned(source, step)
        east[number], north[number] = planes[0].ravel(), planes[1].ravel()
    columns, rows = _centres(grid, width, height)
    return east, north, columns.ravel(), rows.ravel()


def _in_area(sources: Sequence[PairSource], wkt: str, cancelled: Callable[[], bool], progress: Callable) -> _Sampled:
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
    return tuple(np.meshgrid(columns, rows))


def _go_on(cancelled: Callable[[], bool], progress: Callable[[float], None], share: float) -> None:
    if cancelled():
        raise CancelledError("Cancelled; the measured pairs are kept.")
    progress(share)
