"""Which values a colour ramp spans: robust, tidy, and never mere noise."""

from __future__ import annotations

from math import floor, log10

import numpy as np

#: A landslide may be one pixel in a hundred, an outlier is rarer than one in two hundred.
PERCENTILE = 99.5
#: The magnitude of pure noise stays below 3.3 standard errors of a component in 99.5 of 100 pixels (Rayleigh): a range
#: of at least this many keeps still ground pale.
NOISE_SIGMAS = 8.0
#: Motion that exceeds so many standard errors of a component is seldom noise: one in ninety is (Rayleigh), while two
#: sigmas are exceeded by one in seven.
CLEAR_SIGMAS = 3.0
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
#: Of maps; in finer steps than 1, 2, 5, so that a product fills most of its page.
_MAP_SCALES = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 10.0)


def percentile(values: np.ndarray, percent: float) -> float:
    """Percentile of the absolute values; 0 when nothing was measured."""
    known = np.abs(values[np.isfinite(values)])
    return float(np.percentile(known, percent)) if known.size else 0.0


def tidy_ceiling(value: float) -> float:
    """The next round number at or above a positive value: 3.41 gives 4, 0.0123 gives 0.015."""
    if not np.isfinite(value) or value <= 0:
        return 1.0
    return float(f"{_at_or_above(value, _STEPS):.6g}")


def tidy_map_scale(denominator: float) -> int:
    """The next denominator of a map scale at or above one, as maps have them: 41237 gives 50000.

    Raises
    ------
    ValueError
        It is not positive.
    """
    if not np.isfinite(denominator) or denominator <= 0:
        raise ValueError(f"{denominator} is no denominator of a map scale")
    return round(_at_or_above(denominator, _MAP_SCALES))


def _at_or_above(value: float, steps: tuple[float, ...]) -> float:
    """The first of these steps of a decade, 1 to 10, that a positive value does not exceed."""
    decade = 10.0 ** floor(log10(value))
    return next(step for step in steps if value <= step * decade * (1 + 1e-9)) * decade


def tidy_floor(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is at most a positive value: 340 gives 200."""
    if not np.isfinite(value) or value <= 0:
        return 1.0
    decade = 10.0 ** floor(log10(value))
    return float(f"{max(s for s in (1.0, 2.0, 5.0) if s * decade <= value * (1 + 1e-9)) * decade:.6g}")
