"""Speckle of many dates: how much of it two of them share, and random numbers that share just that much.

The coherence of two dates falls exponentially with the time between them towards what never changes,

    coherence(t) = (initial - final) exp(-t / days) + final,

the model of Parizzi, Cong and Eineder (First results from multifrequency interferometry: a comparison of different
decorrelation time constants at L, C and X band, ESA Fringe workshop, 2009) and of Morishita and Hanssen (Temporal
decorrelation in L-, C- and X-band satellite radar interferometry for pasture on drained peat soils, IEEE TGRS 53(2),
2015). A date with snow or wet ground shares less with every other: its *kept* share multiplies each coherence it takes
part in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepot_qgis.engine.errors import OptionsError


@dataclass(frozen=True)
class Decorrelation:
    """How the coherence of some ground falls with time.

    Attributes
    ----------
    initial : float or array
        Coherence of two dates with no time between them, 0 to 1.
    final : float or array
        Coherence after any time, 0 to `initial`.
    days : float or array
        Time in which what is lost in the end falls to 1/e, days.
    """

    initial: float | np.ndarray
    final: float | np.ndarray
    days: float | np.ndarray

    def __post_init__(self) -> None:
        ordered = (np.asarray(self.final) >= 0) & (self.final <= np.asarray(self.initial))
        if not (np.all(ordered) and np.all(np.asarray(self.initial) <= 1)):
            raise OptionsError("Coherences must lie between 0 and 1, the final one not above the initial one.")
        if np.any(np.asarray(self.days) <= 0):
            raise OptionsError("The time constant of a decorrelation must be positive.")

    def coherence(self, days: float) -> float | np.ndarray:
        """Coherence of two dates so many days apart (0 is the limit, not a date with itself)."""
        return (self.initial - self.final) * np.exp(-abs(days) / self.days) + self.final


def gaussian(rng: np.random.Generator, count: int) -> np.ndarray:
    """Circular complex Gaussian numbers of unit power, complex64 (count,)."""
    return rng.standard_normal((count, 2), np.float32).view(np.complex64)[:, 0] * np.float32(np.sqrt(0.5))


class Chain:
    """Speckle of a set of scatterers from date to date, of unit power at each.

    A sum of three independent parts: one that lasts, one that fades as a first-order autoregression
    ``m(t + dt) = r m(t) + sqrt(1 - r^2) n`` with ``r = exp(-dt / days)``, and one that is new at each date. Their
    powers are `final`, `initial - final` and the rest, so that any two dates, not only neighbours, share what the model
    says.

    Parameters
    ----------
    law : Decorrelation
        Its items are numbers or arrays (count,).
    count : int
        Scatterers.
    rng : numpy.random.Generator
    """

    def __init__(self, law: Decorrelation, count: int, rng: np.random.Generator) -> None:
        self._law, self._count, self._rng = law, count, rng
        self._lasting = gaussian(rng, count)
        self._fading = gaussian(rng, count)
        self._day: float | None = None

    def at(self, day: float, kept: float | np.ndarray = 1.0) -> np.ndarray:
        """Speckle on a day that is not before the last one asked for.

        Parameters
        ----------
        day : float
        kept : float or (count,) array
            The date's share of every coherence, 0 to 1.

        Returns
        -------
        (count,) complex64
        """
        if self._day is not None:
            if day < self._day:
                raise OptionsError("Speckle is made from the first date to the last; sort the dates.")
            share = np.exp(-(day - self._day) / np.asarray(self._law.days)).astype(np.float32)
            self._fading *= share
            self._fading += np.sqrt(1 - share**2) * gaussian(self._rng, self._count)
        self._day = day
        final = np.asarray(self._law.final, np.float32)
        fading = np.asarray(self._law.initial, np.float32) - final
        kept = np.asarray(kept, np.float32)
        new = np.sqrt(np.maximum(1 - kept**2 * (final + fading), 0))
        return kept * (np.sqrt(final) * self._lasting + np.sqrt(fading) * self._fading) + new * gaussian(
            self._rng, self._count
        )
