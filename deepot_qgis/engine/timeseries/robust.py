"""Weights that take the say from pairs that contradict the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

import numpy as np

KINDS = ("tukey", "huber", "none")

Weighting = Callable[[np.ndarray], np.ndarray]
#: Residuals are lengths of two-component vectors in units of their sigma; of pure noise 13 % are longer than 2.
_HUBER = 2.0
_TUKEY = 6.0
#: The weight that even the worst outlier keeps, so that a date never falls out of the network by being contradicted.
LEAST_WEIGHT = 1e-4
#: Median length of a two-component standard normal vector.
_RAYLEIGH_MEDIAN = 1.1774


def huber(length: np.ndarray) -> np.ndarray:
    """Huber (Annals of Mathematical Statistics 35, 1964): long residuals pull with constant force."""
    weight = np.maximum(length, _HUBER)
    np.divide(_HUBER, weight, out=weight)
    return np.maximum(weight, LEAST_WEIGHT, out=weight)


def tukey(length: np.ndarray) -> np.ndarray:
    """Biweight (Beaton and Tukey, Technometrics 16, 1974): residuals beyond six sigma do not pull at all."""
    weight = np.square(length)
    weight *= -1 / _TUKEY**2
    weight += 1
    np.maximum(weight, 0, out=weight)
    np.square(weight, out=weight)
    return np.maximum(weight, LEAST_WEIGHT, out=weight)


def scale(length: np.ndarray, known: np.ndarray, redundancy: np.ndarray) -> np.ndarray:
    """Robust spread of the residuals of each pixel in units of sigma, at least 1.

    From the median, enlarged for the share of the noise that the solution absorbs. At least 1: where sigma is honest
    or too large, it already says what an outlier is.
    """
    count = known.sum(axis=0)
    free = np.sqrt(count / np.maximum(redundancy, 1))
    spread = median(length, known) * free / _RAYLEIGH_MEDIAN
    return np.where((count > 0) & (redundancy > 0), np.maximum(spread, 1.0), 1.0)


def median(numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Median of the known numbers of each column, infinite where there are none."""
    middle = np.minimum(known.sum(axis=0) // 2, len(numbers) - 1)
    ordered = np.partition(np.where(known, numbers, np.inf), np.unique(middle), axis=0)
    return np.take_along_axis(ordered, middle[None], axis=0)[0]


#: Weights by the name that options give them.
WEIGHTINGS: Mapping[str, Weighting] = {"tukey": tukey, "huber": huber}
