"""What all pixels of a network share: days, pairs, and the sparse matrices between dates and pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from ..displacement import DAYS_A_YEAR
from ..errors import InputError
from .elimination import Schedule
from .fit import columns


class Design:
    """The equations of a pair network.

    The unknowns are the displacements at all dates but the first, which is 0.

    Parameters
    ----------
    days : sequence of float
        Days of the dates, increasing, ``(n,)``.
    pairs : sequence of pairs of int
        Indices of first and second date, first < second, ``(m, 2)``.
    smooth : bool
        Whether entries for temporal smoothness are needed.

    Attributes
    ----------
    days : numpy.ndarray
    pairs : numpy.ndarray
    smooth : bool
    years : numpy.ndarray
        Between the dates of each pair, ``(m,)``.
    schedule : elimination.Schedule
    difference : scipy.sparse.csr_matrix
        Displacement at the unknown dates to displacement of the pairs, ``(m, n - 1)``.
    sum : scipy.sparse.csr_matrix
        Its transpose.
    normal : scipy.sparse.csr_matrix
        Weights of the pairs to the entries of the normal matrix, ``(schedule.size, m)``.
    bridge_difference, bridge_sum, bridge_normal : scipy.sparse.csr_matrix
        The same three for differences between each date and the next.

    Raises
    ------
    InputError
        There are fewer than two dates or no pair, the dates are not increasing, or a pair names no two of them.
    """

    def __init__(self, days: Sequence[float] | np.ndarray, pairs: Sequence[tuple[int, int]], smooth: bool = False):
        self.days = np.asarray(days, float)
        self.pairs = np.asarray(pairs, int).reshape(-1, 2)
        self._require()
        self.smooth, count = smooth, len(self.days)
        self.years = (self.days[self.pairs[:, 1]] - self.days[self.pairs[:, 0]]) / DAYS_A_YEAR
        steps = np.stack([np.arange(count - 1), np.arange(1, count)], axis=1)
        edges = [tuple(edge - 1) for edge in np.concatenate([self.pairs, steps]) if edge.min() > 0]
        if smooth:
            edges += [(j - 1, j + 1) for j in range(1, count - 2)]
        self.schedule = Schedule(count - 1, edges)
        self.difference, self.normal = self._matrices(self.pairs)
        self.bridge_difference, self.bridge_normal = self._matrices(steps)
        self.sum, self.bridge_sum = self.difference.T.tocsr(), self.bridge_difference.T.tocsr()

    def _require(self) -> None:
        if len(self.days) < 2:
            raise InputError("A time series needs at least two dates.")
        if not len(self.pairs):
            raise InputError("A time series needs at least one pair.")
        if (np.diff(self.days) <= 0).any():
            raise InputError("The dates of a time series must increase; sort them, and keep one image a date.")
        first, second = self.pairs.T
        if (first < 0).any() or (second >= len(self.days)).any() or (first >= second).any():
            raise InputError("A pair must lead from an earlier to a later date of the series.")

    def _matrices(self, pairs: np.ndarray) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
        """Matrices of differences, and of the sums of weights that make the normal matrix."""
        unknowns, entry = len(self.days) - 1, self.schedule.entry
        difference, normal = [], []
        for k, (first, second) in enumerate(pairs):
            ends = [(date - 1, sign) for date, sign in ((first, -1.0), (second, 1.0)) if date > 0]
            difference += [(k, unknown, sign) for unknown, sign in ends]
            normal += [(entry(unknown, unknown), k, 1.0) for unknown, _ in ends]
            if len(ends) == 2:
                normal.append((entry(ends[0][0], ends[1][0]), k, -1.0))
        return (
            _matrix(difference, (len(pairs), unknowns)),
            _matrix(normal, (self.schedule.size, len(pairs))),
        )

    def roughness(self, change: float) -> np.ndarray:
        """Entries ``(schedule.size,)`` by which changes of velocity cost.

        Parameters
        ----------
        change : float
            1-sigma change of the velocity within a year, unit a year. The velocity is taken as a random walk: within
            a time t it changes by ``change * sqrt(t)``.
        """
        years = np.diff(self.days) / DAYS_A_YEAR
        entries = np.zeros(self.schedule.size)
        for j in range(1, len(self.days) - 1):
            before, after = years[j - 1], years[j]
            row = {j - 1: 1 / before, j: -1 / before - 1 / after, j + 1: 1 / after}
            weight = 1 / (change**2 * (before + after) / 2)
            unknowns = [(date - 1, value) for date, value in row.items() if date > 0]
            for a, (first, left) in enumerate(unknowns):
                for second, right in unknowns[a:]:
                    entries[self.schedule.entry(first, second)] += weight * left * right
        return entries

    def trend(self, model: str) -> np.ndarray:
        """What a rate of 1 a year (and the two halves of a yearly wave) moves within each pair, ``(m, 1 or 3)``."""
        by_date = columns(self.days, model)
        return by_date[self.pairs[:, 1]] - by_date[self.pairs[:, 0]]


def _matrix(entries: list[tuple[int, int, float]], shape: tuple[int, int]) -> sparse.csr_matrix:
    rows, cols, values = zip(*entries) if entries else ((), (), ())
    return sparse.csr_matrix((np.array(values, float), (rows, cols)), shape=shape)
