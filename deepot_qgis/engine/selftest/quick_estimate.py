"""A first guess, in a second, of the motion that can be measured in a pair: from noise alone, nothing is embedded.

Conventional tracking measures a few small windows of the untouched pair. How much its medians over discs of ground
scatter is the noise of a body of that size, and `detection.limit_of_noise` gives the motion that stands out of it. What
a tracker smooths away or loses is not in it: the self-test measures that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import dates, displacement, speckle
from ..correlation import CorrelationEstimator
from ..grids import require_same_grid
from ..pair import PairOptions, Source, locate, open_source
from ..quality import QualityOptions
from .detection import limit_of_noise, reading
from .sample import Window, still_bodies
from .score import BORDER_PX, answer

SIZE_PX = 60
_SIDE_PX = 192
_WINDOWS = 4
#: Tried in this order, as shares of the way across and down: the middle, then around it.
_PLACES = ((0.5, 0.5), (0.15, 0.15), (0.85, 0.85), (0.85, 0.15), (0.15, 0.85), (0.5, 0.15), (0.5, 0.85), (0, 0), (1, 1))
_VALID = 0.6
_MIN_READINGS = 6
_MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True)
class QuickEstimate:
    """What the noise of a few windows says.

    Attributes
    ----------
    size_px : float
        Diameter of the body that is spoken of.
    limit_px : float or None
        Motion from which it should show; None when too little of the ground could be matched.
    answered : float
        Share of the ground with data that conventional tracking answers.
    coherence : float or None
        That would make the two intensities as alike as they are (`speckle.coherence`).
    metres : float or None
        Metres on the ground for a pixel; None without georeference.
    days : float or None
        Between the dates, None when unknown or 0.
    """

    size_px: float
    limit_px: float | None
    answered: float
    coherence: float | None
    metres: float | None
    days: float | None


def quick_estimate(options: PairOptions) -> QuickEstimate:
    """Estimate from a few windows which motion stands out of the noise; takes about a second.

    Nothing but the windows is read, however large the images are.

    Raises
    ------
    InputError
        An image cannot be read, the grids differ, or the area misses the image.
    OptionsError
        A date or the radiometry cannot be understood.
    """
    reference = open_source(options.reference, options.reference_band, options.reference_date, options.radiometry)
    secondary = open_source(options.secondary, options.secondary_band, options.secondary_date, options.radiometry)
    require_same_grid(reference.raster, secondary.raster)
    windows = _read(reference, secondary, locate(options.area, reference.raster)[1])
    estimator, quality = CorrelationEstimator(), QualityOptions()
    readings, counts = [], np.zeros(2)
    images = [(window, window.secondary) for window in windows if window.secondary is not None]
    for window, image in images:
        found = answer(estimator, window.reference, image, quality)
        counts += np.count_nonzero(found.answered), np.count_nonzero(found.data)
        shift = found.median(found.data)
        if shift is None:
            continue
        for body in still_bodies(SIZE_PX, window.shape, BORDER_PX):
            pixels = found.pixels(body)
            if pixels is not None:
                seen = reading(found.offset[(slice(None), *pixels)], found.answered[pixels], shift)
                readings += [] if seen is None else [seen]
    limit = None
    if len(readings) >= _MIN_READINGS:
        limit = limit_of_noise(_MAD_TO_SIGMA * float(np.median(np.abs(readings))))
    alike = [speckle.coherence(window.reference, image) for window, image in images]
    known = [value for value in alike if value is not None]
    return QuickEstimate(
        size_px=SIZE_PX,
        limit_px=limit,
        answered=float(counts[0] / counts[1]) if counts[1] else 0.0,
        coherence=float(np.median(known)) if known else None,
        metres=displacement.pixel_metres(reference.raster.grid),
        days=_days(reference, secondary),
    )


def _days(reference: Source, secondary: Source) -> float | None:
    if reference.date is None or secondary.date is None:
        return None
    return dates.days_between(reference.date, secondary.date) or None


def _read(reference: Source, secondary: Source, area: tuple[int, int, int, int]) -> list[Window]:
    """The first few windows with enough data."""
    grid = reference.raster.grid
    x0, y0, across, down = area
    width, height = min(_SIDE_PX, grid.width), min(_SIDE_PX, grid.height)
    windows: list[Window] = []
    seen = set()
    for share_x, share_y in _PLACES:
        x = int(np.clip(x0 + share_x * (across - width), 0, grid.width - width))
        y = int(np.clip(y0 + share_y * (down - height), 0, grid.height - height))
        if (x, y) in seen or any(abs(x - w.x0) < width // 2 and abs(y - w.y0) < height // 2 for w in windows):
            continue
        seen.add((x, y))
        place = (x, y, width, height)
        window = Window(x, y, reference.read(*place), secondary.read(*place))
        if window.valid.mean() >= _VALID:
            windows.append(window)
        if len(windows) == _WINDOWS:
            break
    return windows
