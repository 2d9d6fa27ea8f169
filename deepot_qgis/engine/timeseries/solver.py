"""The inversion of a few thousand pixels: least squares, robust weights, bridges over splits, errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from ..displacement import DAYS_A_YEAR
from . import robust
from .design import Design
from .history import InversionOptions, Inverted
from .links import Links, gaps, links
from .rates import Rates, rates

#: Residuals longer than this many sigma, of a vector, call for robust weights; shorter ones they would hardly change.
_SUSPECT = 3.5
_MOST_STEPS = 10
#: Weights that change less are settled.
_SETTLED = 0.02
#: Copying what is left costs as much as a step of the settled pixels.
_WORTH_SHRINKING = 0.6
#: A pair whose weight was cut to this share was rejected.
_REJECTED = 0.1


class Chunk:
    """A few thousand pixels on their way from pairs to histories; empty pixels are set aside first."""

    def __init__(
        self, east: np.ndarray, north: np.ndarray, sigma: np.ndarray, design: Design, options: InversionOptions
    ):
        self._design, self._options = design, options
        known = np.isfinite(east) & np.isfinite(north) & np.isfinite(sigma) & (sigma > 0)
        self._pixels = east.shape[1]
        self._used = np.flatnonzero(known.sum(axis=0) >= options.min_pairs)
        self._known = known = _at(known, self._used)
        self._observed = np.stack(
            [np.where(known, _at(plane, self._used), 0).astype(float) for plane in (east, north)], axis=1
        )
        self._weight = np.where(known, 1 / np.where(known, _at(sigma, self._used), 1).astype(float) ** 2, 0)

    def inverted(self) -> Inverted:
        """Solve, judge and gather."""
        if not self._used.size:
            return self._spread(None)
        self._link()
        weight, history, residual = self._robust()
        share = np.divide(weight, self._weight, out=np.zeros_like(weight), where=self._known)
        rank = self._links.rank
        closure, factor = self._misfit(weight, share, residual, rank)
        trend = rates(self._design.trend(self._options.model), weight, self._observed, residual, rank)
        enlarged = self._enlarged(trend, factor)
        history, sigma = self._finish(weight, residual, history, factor)
        redundancy = self._known.sum(axis=0) - rank
        return self._spread(
            Inverted(
                east=history[:, 0],
                north=history[:, 1],
                sigma=sigma,
                velocity_east=trend.east,
                velocity_north=trend.north,
                velocity_sigma=trend.sigma * enlarged,
                annual=np.concatenate([trend.annual[:4], trend.annual[4:] * enlarged]),
                closure=np.where(redundancy > 0, closure, np.nan),
                pairs=self._known.sum(axis=0),
                redundancy=redundancy,
                rejected=(self._known & (share < _REJECTED)).sum(axis=0),
                components=self._links.groups,
                dates=self._links.measured.sum(axis=0),
            )
        )

    def _link(self) -> None:
        """Find the groups of linked dates, and weights that bridge them without touching what was measured.

        A bridge is the only connection between two groups, so whatever its weight is, it leaves no residual and moves
        none of the measured differences.
        """
        design = self._design
        self._links: Links = links(self._known, design.pairs, len(design.days))
        self._split = np.flatnonzero(self._links.split)
        self._gaps = gaps(self._links.at(self._split), design.days)
        typical = self._weight.sum(axis=0) / self._known.sum(axis=0)
        self._bridges = np.where(self._gaps > 0, typical[self._split], 0)

    def _factor(self, weight: np.ndarray, columns: np.ndarray | slice) -> np.ndarray:
        """Factors of the normal matrices of some pixels."""
        design, options = self._design, self._options
        matrix = design.normal @ weight
        if options.smoothness is not None:
            matrix += design.roughness(options.smoothness)[:, None]
        elif self._split.size:
            bridged = np.zeros((len(self._bridges), len(self._used)))
            bridged[:, self._split] = self._bridges
            matrix += design.bridge_normal @ (bridged if isinstance(columns, slice) else _at(bridged, columns))
        design.schedule.factor(matrix)
        return matrix

    def _solve(
        self, weight: np.ndarray, observed: np.ndarray, columns: np.ndarray | slice = slice(None)
    ) -> tuple[np.ndarray, np.ndarray]:
        """Histories without the first date ``(n - 1, 2, pixels)``, and what they leave of the pairs."""
        design = self._design
        right = _times(design.sum, observed * weight[:, None])
        design.schedule.solve(self._factor(weight, columns), right)
        left = _times(design.difference, right)
        np.subtract(observed, left, out=left)
        return right, left

    def _robust(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Iteratively reweighted least squares, only where a residual asks for it.

        First by majority: Huber's weights, which have one solution, on weights of which none is above the pixel's
        median, because the pair that is wrong may be the one that claims to be the most precise. From there the
        chosen weights find the solution next to it (Holland and Welsch, Communications in Statistics A6, 1977).
        """
        weight = self._weight.copy()
        history, residual = self._solve(weight, self._observed)
        if self._options.robust == "none":
            return weight, history, residual
        suspect = np.flatnonzero((_length(residual, weight) > _SUSPECT).any(axis=0))
        if suspect.size:
            known, limit = _at(self._known, suspect), _at(weight, suspect)
            capped = np.minimum(limit, robust.median(limit, known))
            redundancy = known.sum(axis=0) - self._links.rank[suspect]
            left = _at(residual, suspect)
            for steps in (1, _MOST_STEPS):  # one step, after which the spread of the residuals is better known
                spread = robust.scale(_length(left, capped), known, redundancy)
                for done, _, _, settled in self._reweigh(suspect, capped, capped, robust.huber, spread, left, steps):
                    left = _with(left, done, settled)
            spread = robust.scale(_length(left, capped), known, redundancy)
            weighting = robust.WEIGHTINGS[self._options.robust]
            for done, weighed, solved, remaining in self._reweigh(
                suspect, limit, capped, weighting, spread, left, _MOST_STEPS
            ):
                pixels = suspect[done]
                weight[:, pixels], history[:, :, pixels], residual[:, :, pixels] = weighed, solved, remaining
        return weight, history, residual

    def _reweigh(
        self,
        pixels: np.ndarray,
        weight: np.ndarray,
        judged: np.ndarray,
        weighting: robust.Weighting,
        spread: np.ndarray,
        residual: np.ndarray,
        steps: int,
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Reweigh some pixels until their weights settle.

        `weight` is what each pair counts at most, `judged` the weight in whose units, times `spread`, its residual is
        measured. Yields pixels that settled, as indices into `pixels`, as soon as they are many: their weights,
        histories and residuals.
        """
        active, share = np.arange(pixels.size), np.zeros_like(weight)
        limit, judged, observed = weight, judged / spread**2, _at(self._observed, pixels)
        for step in range(steps):
            changed = weighting(_length(residual, judged))
            unsettled = np.abs(changed - share).max(axis=0) > _SETTLED
            share = changed
            weighted = limit * share
            history, residual = self._solve(weighted, observed, pixels[active])
            if step + 1 == steps or not unsettled.any():
                yield active, weighted, history, residual
                return
            if unsettled.sum() < _WORTH_SHRINKING * active.size:
                done, left = np.flatnonzero(~unsettled), np.flatnonzero(unsettled)
                yield active[done], _at(weighted, done), _at(history, done), _at(residual, done)
                active = active[left]
                share, limit, judged = _at(share, left), _at(limit, left), _at(judged, left)
                residual, observed = _at(residual, left), _at(observed, left)

    def _misfit(
        self, weight: np.ndarray, share: np.ndarray, residual: np.ndarray, rank: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Closure residual in a component, and the factor by which it enlarges formal errors."""
        square = np.einsum("mcp,mcp->mp", residual, residual)
        kept = share.sum(axis=0)
        closure = np.sqrt(np.einsum("mp,mp->p", share, square) / (2 * kept))
        if self._options.uncertainty == "formal":
            return closure, np.ones(len(kept))
        freedom = 2 * (kept - rank)
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.sqrt(np.einsum("mp,mp->p", weight, square) / freedom)
        return closure, np.where(freedom >= 1, np.maximum(factor, 1), 1)

    def _enlarged(self, trend: Rates, factor: np.ndarray) -> np.ndarray:
        """Factor from the formal error of a rate to what contradicting pairs, or a bent history, allow."""
        return np.ones_like(factor) if self._options.uncertainty == "formal" else np.maximum(factor, trend.misfit)

    def _finish(
        self, weight: np.ndarray, residual: np.ndarray, history: np.ndarray, factor: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Histories with the first date, bridged by the pixel's rate, and their errors; NaN what nothing measured."""
        design, split = self._design, self._split
        if split.size and self._options.smoothness is None:
            history[:, :, split] = self._bridge(_at(weight, split), _at(residual, split), factor[split])
        factors = self._factor(weight, slice(None))
        variance = design.schedule.inverse(factors)[design.schedule.diagonal]
        first = np.zeros((1, history.shape[2]))
        sigma = np.concatenate([first, np.sqrt(np.maximum(variance, 0)) * factor])
        history = np.concatenate([np.stack([first, first], axis=1), history])
        missing = ~self._links.measured
        missing[0] = False
        if self._options.split == "nan":
            missing |= self._links.labels != 0
        sigma[missing] = np.nan
        history[np.repeat(missing[:, None], 2, axis=1)] = np.nan
        return history, sigma

    def _bridge(self, weight: np.ndarray, residual: np.ndarray, factor: np.ndarray) -> np.ndarray:
        """Solve split pixels with bridges of their own rate; its error is the bridged motion and that of the rate."""
        design, split = self._design, self._split
        observed = _at(self._observed, split)
        trend = rates(design.trend("linear"), weight, observed, residual, self._links.rank[split])
        rate = np.stack([trend.east, trend.north])
        years = self._gaps / DAYS_A_YEAR
        error = np.hypot(np.hypot(*rate) / factor, trend.sigma * self._enlarged(trend, factor) / factor)
        self._bridges = np.divide(1, (error * years) ** 2, out=np.zeros_like(years), where=years > 0)
        moved = rate[None] * (np.diff(design.days) / DAYS_A_YEAR)[:, None, None]
        right = _times(design.sum, observed * weight[:, None])
        right += _times(design.bridge_sum, moved * self._bridges[:, None])
        design.schedule.solve(self._factor(weight, split), right)
        return right

    def _spread(self, found: Inverted | None) -> Inverted:
        """Put the used pixels among the empty ones."""
        count = len(self._design.days)
        shapes = {"east": (count,), "north": (count,), "sigma": (count,), "annual": (5,)}
        counts = ("pairs", "redundancy", "rejected", "components", "dates")

        def plane(name: str) -> np.ndarray:
            empty = np.full((*shapes.get(name, ()), self._pixels), 0 if name in counts else np.nan, np.float32)
            if found is not None:
                empty[..., self._used] = getattr(found, name)
            return empty

        return Inverted(**{item.name: plane(item.name) for item in fields(Inverted)})


def _at(array: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Some pixels of an array, in C order: indexing would leave them in the order of the index, far apart."""
    return np.take(array, pixels, axis=-1)


def _with(array: np.ndarray, pixels: np.ndarray, values: np.ndarray) -> np.ndarray:
    """An array with new values at some pixels; the values themselves where they are all."""
    if pixels.size == array.shape[-1]:
        return values
    array[..., pixels] = values
    return array


def _length(residual: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Length of residual vectors in units of their sigma, 0 where there is no pair."""
    square = np.einsum("mcp,mcp->mp", residual, residual)
    square *= weight
    return np.sqrt(square, out=square)


def _times(matrix: Any, stacked: np.ndarray) -> np.ndarray:
    """A sparse matrix times ``(k, sides, pixels)``."""
    k, *rest = stacked.shape
    return (matrix @ stacked.reshape(k, -1)).reshape(-1, *rest)
