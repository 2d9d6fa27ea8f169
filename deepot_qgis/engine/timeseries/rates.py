"""Mean velocity of pixels, straight from their pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..displacement import DAYS_A_YEAR


@dataclass(frozen=True)
class Rates:
    """Velocity of pixels, ``(pixels,)``, unit a year, NaN where it cannot be told.

    Attributes
    ----------
    east, north, sigma : numpy.ndarray
        `sigma` is the formal error of a component.
    annual : numpy.ndarray
        ``(5, pixels)``: amplitude east and north, days from the first date to the largest value east and north, error
        of an amplitude.
    misfit : numpy.ndarray
        Root of the reduced chi-square of the histories against the model, 0 where nothing is left to judge by.
    """

    east: np.ndarray
    north: np.ndarray
    sigma: np.ndarray
    annual: np.ndarray
    misfit: np.ndarray


def rates(
    trend: np.ndarray,
    weight: np.ndarray,
    observed: np.ndarray,
    residual: np.ndarray,
    rank: np.ndarray,
) -> Rates:
    """Weighted least squares of a rate (and a yearly wave) on the pairs.

    A line through a history needs the full covariance of its dates, which share the errors of their pairs. The same
    line fitted to the pairs themselves is that very estimate, and needs no covariance: with histories ``d`` of normal
    matrix ``N = A' W A`` and a model ``d = G v``, ``(G' N G) v = G' N d`` is ``((AG)' W (AG)) v = (AG)' W y``. It holds
    across a split network too.

    Parameters
    ----------
    trend : numpy.ndarray
        ``(pairs, 1 or 3)``, see `design.Design.trend`.
    weight : numpy.ndarray
        ``(pairs, pixels)``, final weights.
    observed, residual : numpy.ndarray
        ``(pairs, 2, pixels)``: the pairs, and what the history leaves of them.
    rank : numpy.ndarray
        ``(pixels,)``, differences between dates that the pairs determine.
    """
    terms = trend.shape[1]
    products = np.stack([trend[:, a] * trend[:, b] for a in range(terms) for b in range(terms)])
    normal = (products @ weight).T.reshape(-1, terms, terms)
    weighted = observed * weight[:, None]
    pixels = weight.shape[1]
    right = (trend.T @ weighted.reshape(len(trend), -1)).reshape(terms, 2, pixels)
    inverse, solvable = _inverse(normal, rank >= terms)
    solution = np.einsum("pab,bcp->acp", inverse, right)
    total = np.einsum("mcp,mcp->p", weighted, observed)
    closure = np.einsum("mp,mcp,mcp->p", weight, residual, residual)
    misfit = total - np.einsum("acp,acp->p", solution, right) - closure
    freedom = 2 * (rank - terms)
    misfit = np.where(freedom > 0, np.sqrt(np.maximum(misfit, 0) / np.maximum(freedom, 1)), 0)
    error = np.sqrt(np.einsum("paa->ap", inverse))
    unknown = np.where(solvable, 0.0, np.nan)
    annual = _waves(solution, error) if terms == 3 else np.full((5, pixels), np.nan)
    return Rates(solution[0, 0] + unknown, solution[0, 1] + unknown, error[0] + unknown, annual + unknown, misfit)


def _inverse(normal: np.ndarray, enough: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverses of small matrices, 0 where there is none, and where there is one."""
    if normal.shape[1] == 1:
        solvable = enough & (normal[:, 0, 0] > 0)
        return np.where(solvable[:, None, None], 1 / np.where(normal > 0, normal, 1), 0), solvable
    size = np.sqrt(np.einsum("paa->pa", normal))
    scaled = normal / np.maximum(size[:, :, None] * size[:, None, :], 1e-300)
    # a yearly wave that a pixel's dates hardly tell from its trend would be blown up by their noise
    solvable = enough & (np.linalg.det(scaled) > _LEAST_DETERMINANT)
    scaled[~solvable] = np.eye(normal.shape[1])
    inverse = np.linalg.inv(scaled) / np.maximum(size[:, :, None] * size[:, None, :], 1e-300)
    inverse[~solvable] = 0
    return inverse, solvable


#: Of the correlations between trend, sine and cosine.
_LEAST_DETERMINANT = 1e-3


def _waves(solution: np.ndarray, error: np.ndarray) -> np.ndarray:
    sine, cosine = solution[1], solution[2]
    peak = np.arctan2(sine, cosine) / (2 * np.pi) * DAYS_A_YEAR % DAYS_A_YEAR
    return np.stack([*np.hypot(sine, cosine), *peak, np.sqrt((error[1] ** 2 + error[2] ** 2) / 2)])
