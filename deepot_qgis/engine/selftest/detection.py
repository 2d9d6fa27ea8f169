"""The smallest displacement that shows: decision level, probability of detection, detection limit.

What is looked at is the *reading* of a body: the length of the median offset answered over the body, less the median
answered on the stable ground around it (what a correction by a stable area does). From readings follow

- the **decision level**: the 95 % quantile of readings over still ground. Who calls a reading above it motion is wrong
  about still ground once in twenty times;
- the **detection limit**: the motion from which 95 % of the moving bodies read above the decision level.

These are L_C and L_D of Currie (Limits for qualitative detection and quantitative determination, Analytical Chemistry
40(3), 1968) with a false alarm and a miss of 5 % each, measured instead of derived: noise, bias, smoothing of small
bodies into their surroundings, outliers and masks are all in it. The probability of detection between the tested
motions is a cumulative normal of the logarithm of the motion, fitted to hits and misses as in the reliability of
non-destructive testing (Berens, NDE Reliability Data Analysis, ASM Handbook 17, 1989; MIL-HDBK-1823A, 2009). Trackers
also lose small bodies that move far, so the probability may fall again: where it does is the **loss**.

Detected is not measured: a small body may be read at half of its motion and still stand out. The *gain* says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

#: Chance that still ground reads above the decision level, and that a body at the detection limit reads above it.
FALSE_ALARM = 0.05
DETECTED = 0.95
#: A body of which less than this share is answered is not seen.
MIN_ANSWERED = 0.25
#: A limit is given when it is this likely that it lies among the tested motions.
_SURE = 0.8
#: Fewer bodies, or fewer readings of still ground, say nothing of 5 %.
MIN_BODIES = 5
MIN_STILL = 8

#: Widths of the transition from misses to hits, in natural logarithms of the motion, and what is expected of it before
#: anything is seen: about a factor of 1.3, rarely below 1.1 or above 2. The loss, if there is one, is sharp.
_WIDTHS = np.geomspace(0.05, 2.0, 14)
_LIKELY_WIDTH, _WIDTH_SPREAD = 0.25, 0.7
_LOSS_WIDTH = 0.15
_CENTRES, _LOSSES = 100, 36
#: Widths above the centre at which a body is seen often enough.
_NEEDED = float(special.ndtri((DETECTED - FALSE_ALARM) / (1 - FALSE_ALARM)))


@dataclass(frozen=True)
class Detection:
    """What bodies of one size must move to be seen.

    Attributes
    ----------
    size_px : float
        Diameter of the bodies.
    level_px : float or None
        Decision level; None where still ground was answered too rarely.
    limit_px : float or None
        Detection limit; None when it does not lie among the tested motions, or is too uncertain to be given.
    low_px, high_px : float or None
        90 % interval of `limit_px` (few bodies leave it wide).
    loss_px : float or None
        Motion beyond which bodies are lost again; None when the largest tested are still seen.
    gain : float or None
        Median of reading over motion of the bodies between detection limit and loss.
    largest_px : float
        Largest motion tested.
    bodies, hits : int
        Bodies tested, and how many of them read above the level.
    readings : tuple of (float, float)
        Motion and reading of each body, px; a body that is not answered reads 0.
    """

    size_px: float
    level_px: float | None
    limit_px: float | None
    low_px: float | None
    high_px: float | None
    loss_px: float | None
    gain: float | None
    largest_px: float
    bodies: int
    hits: int
    readings: tuple[tuple[float, float], ...]


def reading(offset: np.ndarray, answered: np.ndarray, stable: np.ndarray) -> np.ndarray | None:
    """What a body is read to have moved, as a vector; its length is the reading.

    Parameters
    ----------
    offset : numpy.ndarray
        ``(2, n)``: dx, dy of the body's pixels, px.
    answered : numpy.ndarray
        bool ``(n,)``.
    stable : numpy.ndarray
        ``(2,)``: median offset of the stable ground around.

    Returns
    -------
    numpy.ndarray or None
        ``(2,)`` px; None where too little of the body is answered.
    """
    if answered.size == 0 or answered.mean() < MIN_ANSWERED:
        return None
    return np.median(offset[:, answered], axis=1) - stable


def decision_level(still: Sequence[float]) -> float | None:
    """Reading that still ground exceeds with a chance of `FALSE_ALARM`; None when there are too few readings."""
    return float(np.quantile(still, 1 - FALSE_ALARM)) if len(still) >= MIN_STILL else None


def detect(size_px: float, level_px: float | None, readings: Sequence[tuple[float, float]]) -> Detection:
    """Detection limit from the readings of moving bodies.

    Parameters
    ----------
    size_px : float
    level_px : float or None
        As `decision_level` gives it.
    readings : sequence of (float, float)
        Motion and reading of each body, px.
    """
    readings = tuple(sorted((float(motion), float(value)) for motion, value in readings))
    largest = readings[-1][0] if readings else 0.0
    if level_px is None or len(readings) < MIN_BODIES:
        return Detection(size_px, level_px, None, None, None, None, None, largest, len(readings), 0, readings)
    motions, values = np.array(readings).T
    hit = values > level_px
    curves = _Curves(motions, hit)
    low: float | None
    limit: float | None
    high: float | None
    loss: float | None
    low, limit, sure, high = (max(bound, level_px) for bound in curves.limits((0.05, 0.5, _SURE, 0.95)))
    loss, gain = curves.loss(), None
    if sure > largest:
        limit = low = high = loss = None
    else:
        high = high if np.isfinite(high) else None
        between = (motions >= limit) & (motions <= (loss or np.inf))
        gain = float(np.median(values[between] / motions[between])) if between.any() else None
    return Detection(size_px, level_px, limit, low, high, loss, gain, largest, len(readings), int(hit.sum()), readings)


class _Curves:
    """Probabilities of detection that fit hits and misses, each with its weight (Bayes on a grid).

    ``P(m) = f + (1 - f) rise(m) fall(m)`` with false alarm f; centre and loss log-uniform over the tested motions, no
    loss at all as likely as one.
    """

    def __init__(self, motions: np.ndarray, hit: np.ndarray) -> None:
        self._centres = np.geomspace(motions[0] / 2, motions[-1] * 2, _CENTRES)[:, None, None]
        self._widths = _WIDTHS[None, :, None]
        self._losses = np.append(np.geomspace(motions[0], motions[-1], _LOSSES), np.inf)[None, None, :]
        log = np.log(motions)
        rise = special.ndtr((log - np.log(self._centres)[..., None]) / self._widths[..., None])
        fall = special.ndtr((np.log(self._losses)[..., None] - log) / _LOSS_WIDTH)
        weight = -0.5 * (np.log(self._widths / _LIKELY_WIDTH) / _WIDTH_SPREAD) ** 2
        weight = weight + np.where(np.isinf(self._losses), 0.0, -np.log(_LOSSES))
        for number, seen in enumerate(hit):
            chance = FALSE_ALARM + (1 - FALSE_ALARM) * rise[..., number] * fall[..., number]
            weight = weight + np.log((chance if seen else 1 - chance) + 1e-12)
        self._weight = np.exp(weight - weight.max())

    def limits(self, shares: Sequence[float]) -> list[float]:
        """Quantiles of the detection limit; infinite where bodies are lost before enough of them are seen."""
        limits = self._centres * np.exp(_NEEDED * self._widths)
        limits = np.where(self._losses > limits * np.exp(_NEEDED * _LOSS_WIDTH), limits, np.inf)
        order = np.argsort(limits, axis=None)
        cumulated = np.cumsum(self._weight.ravel()[order])
        return [float(limits.ravel()[order][np.searchsorted(cumulated, share * cumulated[-1])]) for share in shares]

    def loss(self) -> float | None:
        """Motion at which half of the bodies are lost again; None when that is less likely than not."""
        chance = self._weight.sum(axis=(0, 1))
        if chance[-1] >= 0.5 * chance.sum():
            return None
        cumulated = np.cumsum(chance[:-1])
        return float(self._losses[0, 0, np.searchsorted(cumulated, 0.5 * cumulated[-1])])


def limit_of_noise(sigma_px: float) -> float:
    """Detection limit where a reading has nothing but Gaussian noise, without bias or smoothing.

    The squared length of an offset over `sigma_px` is chi-squared with two degrees of freedom on still ground, and
    noncentral chi-squared where it moves; 3.93 sigma for 5 % and 95 %.

    Parameters
    ----------
    sigma_px : float
        Standard deviation of a component of a body's offset.
    """
    level = special.chdtri(2, FALSE_ALARM)
    return float(sigma_px * np.sqrt(special.chndtrinc(level, 2, 1 - DETECTED)))
