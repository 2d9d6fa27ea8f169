"""How far measured values are from embedded ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Score:
    """Agreement of two sets of numbers.

    Attributes
    ----------
    count : int
        Pairs of finite values.
    bias : float
        Mean of measured minus true.
    rmse : float
    r2 : float
        Coefficient of determination about the 1:1 line: 1 less the sum of squared errors over that of the true
        values about their mean; below 0 where the mean would do better.
    slope : float
        Of measured against true through the origin: 1 is right, below 1 too short.
    """

    count: int
    bias: float
    rmse: float
    r2: float
    slope: float


def score(measured: np.ndarray, true: np.ndarray) -> Score:
    """Compare two arrays; pairs with a value that is not finite are left out."""
    measured, true = np.ravel(measured).astype(float), np.ravel(true).astype(float)
    known = np.isfinite(measured) & np.isfinite(true)
    measured, true = measured[known], true[known]
    if not measured.size:
        return Score(0, *[float("nan")] * 4)
    error = measured - true
    scatter = float(np.sum((true - true.mean()) ** 2))
    square = float(np.sum(true**2))
    return Score(
        measured.size,
        float(error.mean()),
        float(np.sqrt(np.mean(error**2))),
        1 - float(np.sum(error**2)) / scatter if scatter > 0 else float("nan"),
        float(np.sum(measured * true)) / square if square > 0 else float("nan"),
    )


def vectors(measured: tuple[np.ndarray, np.ndarray], true: tuple[np.ndarray, np.ndarray], where: np.ndarray) -> Score:
    """Score of east and north together where both are known."""
    known = where & np.isfinite(measured[0]) & np.isfinite(measured[1])
    return score(
        np.concatenate([part[known] for part in measured]), np.concatenate([np.asarray(part)[known] for part in true])
    )
