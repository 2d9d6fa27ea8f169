"""How well a map agrees with what an instrument recorded: numbers with one meaning each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_FEWEST_FOR_A_LINE = 3


@dataclass(frozen=True)
class Metrics:
    """Agreement of n pairs of values, map m and station s, with residuals r = m - s.

    A number that n pairs cannot give is None.

    Attributes
    ----------
    n : int
        Pairs. Dates at which both were set to zero are not among them.
    bias : float or None
        Mean of r: positive when the map moves more.
    mae : float or None
        Mean of abs(r).
    rmse : float or None
        Root of the mean of r^2.
    r2 : float or None
        Coefficient of determination about the 1:1 line, 1 - sum(r^2) / sum((s - mean s)^2): the share of the
        station's variance that the map reproduces. 1 at best; negative when the mean of the station would be a better
        guess than the map (Nash and Sutcliffe, 1970, doi:10.1016/0022-1694(70)90255-6).
    r2_line : float or None
        R^2 of the regression, the square of `correlation`: blind to bias and scale. Published comparisons often give
        this one.
    correlation : float or None
        Pearson's; from three pairs on.
    slope, intercept : float or None
        Of the ordinary least-squares line m = intercept + slope * s, from three pairs on. The station counts as free of
        error beside the map (millimetres beside centimetres); the errors of the map alone are minimised, vertically.
    slope_sigma : float or None
        1-sigma error of the slope from the scatter about the line (Draper and Smith, Applied Regression Analysis, 1998,
        ch. 1.4), from three pairs on.
    within_1_sigma, within_2_sigma : float or None
        Share of pairs with abs(r) <= 1 (2) sigma, sigma^2 = sigma_map^2 + sigma_station^2. Honest normal errors give
        0.683 and 0.954. None when no pair has a sigma.
    sigma : float or None
        Median of that sigma.
    """

    n: int
    bias: float | None = None
    mae: float | None = None
    rmse: float | None = None
    r2: float | None = None
    r2_line: float | None = None
    correlation: float | None = None
    slope: float | None = None
    slope_sigma: float | None = None
    intercept: float | None = None
    within_1_sigma: float | None = None
    within_2_sigma: float | None = None
    sigma: float | None = None


def metrics(mapped: np.ndarray, station: np.ndarray, sigma: np.ndarray | None = None) -> Metrics:
    """Compare a map with a station.

    Parameters
    ----------
    mapped, station : numpy.ndarray
        ``(n,)``, same unit; pairs in which one is NaN are left out.
    sigma : numpy.ndarray or None
        ``(n,)``, 1-sigma error of the difference; NaN or 0 where it is not known.

    Returns
    -------
    Metrics
    """
    mapped, station = np.asarray(mapped, float), np.asarray(station, float)
    both = np.isfinite(mapped) & np.isfinite(station)
    m, s = mapped[both], station[both]
    n = len(m)
    if n == 0:
        return Metrics(0)
    r = m - s
    spread = float(np.sum((s - s.mean()) ** 2))
    found: dict[str, float | None] = {
        "bias": float(r.mean()),
        "mae": float(np.abs(r).mean()),
        "rmse": float(np.sqrt(np.mean(r**2))),
        "r2": 1 - float(np.sum(r**2)) / spread if n >= 2 and spread > _nothing(s) else None,
    }
    if sigma is not None:
        found |= _within(r, np.asarray(sigma, float)[both])
    return Metrics(n, **found, **_line(m, s, spread))


def _nothing(values: np.ndarray) -> float:
    """Sum of squares that rounding alone may give."""
    return len(values) * (1e-12 * max(float(np.abs(values).max()), 1e-300)) ** 2


def _line(m: np.ndarray, s: np.ndarray, spread: float) -> dict[str, float | None]:
    n = len(m)
    if n < _FEWEST_FOR_A_LINE or spread <= _nothing(s):
        return {}
    slope = float(np.sum((s - s.mean()) * (m - m.mean()))) / spread
    intercept = float(m.mean() - slope * s.mean())
    left = float(np.sum((m - intercept - slope * s) ** 2))
    of_map = float(np.sum((m - m.mean()) ** 2))
    found: dict[str, float | None] = {
        "slope": slope,
        "intercept": intercept,
        "slope_sigma": float(np.sqrt(left / (n - 2) / spread)),
    }
    if of_map > _nothing(m):
        correlation = float(np.clip(slope * np.sqrt(spread / of_map), -1, 1))
        found |= {"correlation": correlation, "r2_line": correlation**2}
    return found


def _within(r: np.ndarray, sigma: np.ndarray) -> dict[str, float | None]:
    known = np.isfinite(sigma) & (sigma > 0)
    if not known.any():
        return {}
    size, error = np.abs(r[known]), sigma[known]
    return {
        "within_1_sigma": float(np.mean(size <= error)),
        "within_2_sigma": float(np.mean(size <= 2 * error)),
        "sigma": float(np.median(error)),
    }


def in_words(found: Metrics, length: Callable[..., str]) -> str:
    """The metrics one after the other; `length` writes metres, with a sign where its second argument is ``+``."""
    if found.rmse is None:
        return "no date in common"
    parts = [f"n {found.n}", f"bias {length(found.bias, '+')}", f"RMSE {length(found.rmse)}"]
    if found.r2 is not None:
        parts.append(f"R² about 1:1 {found.r2:.3f}")
    if found.slope is not None:
        parts.append(f"slope {found.slope:.3f} ± {found.slope_sigma:.3f}")
    if found.within_1_sigma is not None and found.within_2_sigma is not None:
        parts.append(f"within 1 (2) σ {100 * found.within_1_sigma:.0f} ({100 * found.within_2_sigma:.0f}) %")
    return ", ".join(parts)
