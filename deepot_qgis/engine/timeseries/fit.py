"""A straight line, or a line and a yearly wave, through one history of displacement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..displacement import DAYS_A_YEAR
from ..errors import InputError
from ..values import one_of

MODELS = ("linear", "annual")
#: A yearly wave is told from a trend only when most of a year was seen.
SHORTEST_ANNUAL_DAYS = 0.75 * DAYS_A_YEAR


@dataclass(frozen=True)
class Fit:
    """What a line through a history says.

    Attributes
    ----------
    model : str
        ``linear`` or ``annual`` (line and yearly wave).
    rate : float
        Unit a year (365.25 days).
    rate_sigma : float
        1-sigma error of `rate`; NaN where it cannot be told (two dates without sigma).
    offset : float
        Value of the line at day 0.
    amplitude : float
        Of the yearly wave (half its range), 0 for a line.
    amplitude_sigma : float
    phase_days : float
        Days from day 0 to the first largest value of the wave, 0 to 365.25.
    r2 : float
        Share of the variance that the model explains (not weighted); NaN where all values are equal.
    rmse : float
        Root mean square of the residuals (not weighted), in the unit of the values.
    count : int
        Values that took part.
    """

    model: str
    rate: float
    rate_sigma: float
    offset: float
    amplitude: float
    amplitude_sigma: float
    phase_days: float
    r2: float
    rmse: float
    count: int

    def at(self, days: np.ndarray) -> np.ndarray:
        """Values of the model at these days."""
        days = np.asarray(days, float)
        wave = self.amplitude * np.cos(2 * np.pi * (days - self.phase_days) / DAYS_A_YEAR)
        return self.offset + self.rate * days / DAYS_A_YEAR + (wave if self.amplitude else 0.0)


def columns(days: np.ndarray, model: str) -> np.ndarray:
    """Columns of the model without its constant: years, and sine and cosine of the year, ``(n, 1 or 3)``."""
    years = np.asarray(days, float) / DAYS_A_YEAR
    if one_of("Model", model, MODELS) == "linear":
        return years[:, None]
    return np.stack([years, np.sin(2 * np.pi * years), np.cos(2 * np.pi * years)], axis=1)


def fit(days: np.ndarray, values: np.ndarray, sigma: np.ndarray | None = None, model: str = "linear") -> Fit:
    """Weighted least squares of a line, or a line and a yearly wave.

    Parameters
    ----------
    days : numpy.ndarray
        ``(n,)``, from any day 0.
    values : numpy.ndarray
        ``(n,)``, NaN where unknown.
    sigma : numpy.ndarray, optional
        ``(n,)``, 1-sigma error of each value. A value whose sigma is 0 (the first date of a series, to which all
        others are relative) or unknown counts as much as the median one.
    model : str
        One of `MODELS`.

    Returns
    -------
    Fit
        The error of the rate is the formal one, enlarged by the root of the reduced chi-square where the values
        scatter more about the model than their sigma says; without sigma it follows from the scatter alone.

    Raises
    ------
    InputError
        There are too few known values for the model, or they span too short a time for a yearly wave.
    OptionsError
        The model is not known.
    """
    days, values = np.asarray(days, float), np.asarray(values, float)
    known = np.isfinite(days) & np.isfinite(values)
    design = np.column_stack([np.ones(len(days)), columns(days, model)])[known]
    _require_enough(days[known], design.shape[1], model)
    weight = _weights(sigma, known)
    scaled = design * np.sqrt(weight)[:, None]
    inverse = np.linalg.pinv(scaled.T @ scaled)
    solution = inverse @ (scaled.T @ (values[known] * np.sqrt(weight)))
    residual = values[known] - design @ solution
    errors = np.sqrt(np.diag(inverse)) * _enlarged(residual, weight, design.shape[1], sigma is not None)
    amplitude = float(np.hypot(*solution[2:4])) if model == "annual" else 0.0
    peak = np.arctan2(solution[2], solution[3]) if model == "annual" else 0.0
    scatter = float(np.sum((values[known] - values[known].mean()) ** 2))
    return Fit(
        model=model,
        rate=float(solution[1]),
        rate_sigma=float(errors[1]),
        offset=float(solution[0]),
        amplitude=amplitude,
        amplitude_sigma=float(np.sqrt(np.mean(errors[2:4] ** 2))) if model == "annual" else 0.0,
        phase_days=float(peak / (2 * np.pi) * DAYS_A_YEAR % DAYS_A_YEAR),
        r2=1 - float(residual @ residual) / scatter if scatter > 0 else float("nan"),
        rmse=float(np.sqrt(np.mean(residual**2))),
        count=int(known.sum()),
    )


def _require_enough(days: np.ndarray, unknowns: int, model: str) -> None:
    if len(np.unique(days)) < unknowns:
        what = "line" if model == "linear" else "line with a yearly wave"
        raise InputError(
            f"Only {len(np.unique(days))} date{'s are' if len(np.unique(days)) != 1 else ' is'} known here; a {what} "
            f"needs at least {unknowns}."
        )
    if model == "annual":
        require_a_year(days)


def require_a_year(days: np.ndarray) -> None:
    """Refuse a yearly wave where less than three quarters of a year were seen."""
    span = float(np.ptp(days))
    if span < SHORTEST_ANNUAL_DAYS:
        raise InputError(
            f"The dates span {span:.0f} days; a yearly wave needs at least {SHORTEST_ANNUAL_DAYS:.0f}: fit a line."
        )


def _weights(sigma: np.ndarray | None, known: np.ndarray) -> np.ndarray:
    if sigma is None:
        return np.ones(int(known.sum()))
    given = np.asarray(sigma, float)[known]
    usable = np.isfinite(given) & (given > 0)
    if not usable.any():
        return np.ones(len(given))
    return 1 / np.where(usable, given, np.median(given[usable])) ** 2


def _enlarged(residual: np.ndarray, weight: np.ndarray, unknowns: int, formal: bool) -> float:
    """Factor from formal errors to what the scatter allows."""
    freedom = len(residual) - unknowns
    if freedom <= 0:
        return 1.0 if formal else float("nan")
    factor = float(np.sqrt(np.sum(weight * residual**2) / freedom))
    return max(1.0, factor) if formal else factor
