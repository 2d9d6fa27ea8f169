"""Lengths as a plot shows them: metres, or a smaller unit where metres would be all zeros."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

_STEPS = ((0.02, 1000.0, "mm"), (1.0, 100.0, "cm"))


def display_unit(values: Iterable[np.ndarray], unit: str) -> tuple[float, str]:
    """Return (factor, unit) that show values given in `unit` (``m`` or ``px``) with few digits."""
    peaks = [np.nanmax(np.abs(part)) for part in values if np.isfinite(part).any()]
    if unit != "m" or not peaks:
        return 1.0, unit
    peak = max(peaks)
    return next(((factor, name) for limit, factor, name in _STEPS if peak < limit), (1.0, unit))


def plus_minus(value: float, sigma: float) -> str:
    """Return ``12.3 ± 0.4``: as many digits as the error allows."""
    if not np.isfinite(sigma) or sigma <= 0:
        return f"{value:.3g}".replace("-", "−")
    digits = max(0, -int(np.floor(np.log10(sigma))))
    shown = round(value, digits) + 0.0  # no minus before a zero
    return f"{shown:.{digits}f} ± {sigma:.{digits}f}".replace("-", "−")
