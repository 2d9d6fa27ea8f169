"""Symmetric systems of one sparsity, one a pixel, solved for many pixels at once.

The normal equations of a pair network are weighted Laplacians of its graph: the same few entries differ from zero at
every pixel, and only their values change. The order of elimination and the entries that fill in are therefore found
once (minimum degree; George and Liu, SIAM Review 31, 1989), and ``L D L^T`` runs over entries in Python and over pixels
in numpy. A network whose pairs span three dates costs some 300 multiplications a pixel, a dense 29 x 29 solver 8000.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Union

import numpy as np

_Index = Union[slice, np.ndarray]


@dataclass(frozen=True)
class _Column:
    """One pivot: where its column is stored, and what its elimination touches.

    Attributes
    ----------
    diagonal : int
        Place of the pivot in the storage.
    below : slice
        Places of the entries below it.
    rows : slice or numpy.ndarray
        Unknowns of these entries.
    updates : tuple
        For each entry below: the places that its column loses to, from its own pivot down.
    pairs : tuple of numpy.ndarray
        For each entry below: the places of its products with all entries below, by symmetry.
    """

    diagonal: int
    below: slice
    rows: _Index
    updates: tuple[_Index, ...]
    pairs: tuple[np.ndarray, ...]


class Schedule:
    """The order in which unknowns are eliminated, and where their entries are stored.

    Parameters
    ----------
    count : int
        Unknowns.
    edges : iterable of pairs of int
        Which two unknowns share an entry that may differ from zero.

    Attributes
    ----------
    size : int
        Entries in storage: pivots and what is below them, with fill.
    """

    def __init__(self, count: int, edges: Iterable[tuple[int, int]]):
        self.count = count
        order, below = _minimum_degree(count, edges)
        place: dict[tuple[int, int], int] = {}
        for node in order:
            place[node, node] = len(place)
            for row in below[node]:
                place[row, node] = len(place)
        self.size = len(place)
        self._place = place
        self._columns = [(node, self._column(node, below)) for node in order]

    def entry(self, row: int, column: int) -> int:
        """Place of an entry in storage; the matrix is symmetric."""
        found = self._place.get((row, column))
        return self._place[column, row] if found is None else found

    @property
    def diagonal(self) -> np.ndarray:
        """Places of the diagonal, unknown by unknown."""
        return np.array([self._place[node, node] for node in range(self.count)], int)

    def _column(self, node: int, below: dict[int, list[int]]) -> _Column:
        rows = below[node]
        start = self._place[node, node]
        return _Column(
            diagonal=start,
            below=slice(start + 1, start + 1 + len(rows)),
            rows=_compact(rows),
            updates=tuple(_compact([self.entry(row, column) for row in rows[k:]]) for k, column in enumerate(rows)),
            pairs=tuple(np.array([self.entry(row, column) for row in rows], int) for column in rows),
        )

    def factor(self, matrix: np.ndarray) -> None:
        """Replace matrices ``(size, pixels)`` by their factors: pivots, and L below them."""
        product = np.empty((self.count, matrix.shape[1]), matrix.dtype)
        for _, column in self._columns:
            entries = matrix[column.below]
            scaled = entries / matrix[column.diagonal]
            for k, target in enumerate(column.updates):
                part = np.multiply(entries[k:], scaled[k], out=product[: len(entries) - k])
                matrix[target] -= part
            entries[...] = scaled

    def solve(self, factors: np.ndarray, right: np.ndarray) -> None:
        """Replace right-hand sides ``(count, sides, pixels)`` by solutions."""
        for node, column in self._columns:
            if column.updates:
                right[column.rows] -= factors[column.below][:, None] * right[node]
        for node, column in reversed(self._columns):
            right[node] /= factors[column.diagonal]
            if column.updates:
                right[node] -= np.einsum("sp,scp->cp", factors[column.below], right[column.rows])

    def inverse(self, factors: np.ndarray) -> np.ndarray:
        """Entries of the inverse at the places of the storage, ``(size, pixels)``.

        Takahashi's recursion (Erisman and Tinney, Communications of the ACM 18, 1975): all that variances of unknowns
        and of measured differences need, for the price of a factorisation.
        """
        inverse = np.empty_like(factors)
        for _, column in reversed(self._columns):
            scaled = factors[column.below]
            found = inverse[column.below]
            found[...] = 0
            for k, places in enumerate(column.pairs):
                found -= inverse[places] * scaled[k]
            inverse[column.diagonal] = 1 / factors[column.diagonal] - np.einsum("sp,sp->p", scaled, found)
        return inverse


def _compact(index: list[int]) -> _Index:
    """A slice where the indices follow each other: views are faster than gathering."""
    if index and index == list(range(index[0], index[0] + len(index))):
        return slice(index[0], index[0] + len(index))
    return np.array(index, int)


def _minimum_degree(count: int, edges: Iterable[tuple[int, int]]) -> tuple[list[int], dict[int, list[int]]]:
    """Order of elimination, and for each node those after it that its elimination touches, in that order."""
    neighbours: list[set[int]] = [set() for _ in range(count)]
    for first, second in edges:
        if first != second:
            neighbours[first].add(second)
            neighbours[second].add(first)
    left, order, touched = set(range(count)), [], {}
    while left:
        node = min(left, key=lambda one: (len(neighbours[one]), one))
        left.remove(node)
        order.append(node)
        touched[node] = set(neighbours[node])
        for other in neighbours[node]:
            neighbours[other] |= neighbours[node]
            neighbours[other] -= {node, other}
    rank = {node: number for number, node in enumerate(order)}
    return order, {node: sorted(rows, key=rank.__getitem__) for node, rows in touched.items()}
