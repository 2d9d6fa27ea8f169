"""A record at the times of the images: interpolation that stops at gaps and breaks, and re-zeroing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from ..errors import InputError
from .moments import NOON
from .station import Station

_DAY = 86_400.0


def seconds_of(moments: Sequence[datetime]) -> np.ndarray:
    """Seconds since 1970 UTC, float64 ``(n,)``."""
    return np.array([moment.timestamp() for moment in moments])


def at_noon(moments: Sequence[datetime]) -> tuple[datetime, ...]:
    """Times of images; a day whose clock is not known stands for its noon, as it does for stations."""
    return tuple(moment + (NOON if _is_day(moment) else timedelta(0)) for moment in moments)


def _is_day(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0)


@dataclass(frozen=True)
class Interpolated:
    """A record at other times.

    Attributes
    ----------
    values : numpy.ndarray
        float64 ``(k,)``, NaN where the record has no value near enough.
    sigma : numpy.ndarray
        float64 ``(k,)``, 1-sigma error; 0 where the record gives none, NaN where `values` is.
    """

    values: np.ndarray
    sigma: np.ndarray


def interpolate(
    seconds: np.ndarray,
    values: np.ndarray,
    sigma: np.ndarray | None,
    at: np.ndarray,
    max_gap_days: float,
    breaks: np.ndarray | None = None,
) -> Interpolated:
    """Interpolate a record linearly to other times.

    Parameters
    ----------
    seconds, values : numpy.ndarray
        ``(n,)``, times strictly increasing.
    sigma : numpy.ndarray or None
        ``(n,)``, errors that are independent of each other.
    at : numpy.ndarray
        ``(k,)``, seconds.
    max_gap_days : float
        Between two values further apart than this nothing is interpolated. A value at the very time always counts.
    breaks : numpy.ndarray, optional
        Seconds; nothing is interpolated between a value before a break and one at or after it.

    Returns
    -------
    Interpolated
        NaN before the first and after the last value: nothing is extrapolated.
    """
    after = np.searchsorted(seconds, at, side="left")
    inside = after < len(seconds)
    after = np.minimum(after, len(seconds) - 1)
    exact = inside & (seconds[after] == at)
    before = np.maximum(np.where(exact, after, after - 1), 0)
    gap = seconds[after] - seconds[before]
    good = exact | (inside & (at > seconds[0]) & (gap <= max_gap_days * _DAY))
    if breaks is not None and len(breaks):
        good &= exact | (segments(seconds, breaks)[before] == segments(seconds, breaks)[after])
    share = np.where(gap > 0, (at - seconds[before]) / np.where(gap > 0, gap, 1), 0.0)
    mixed = values[before] * (1 - share) + values[after] * share
    error = np.zeros(len(at)) if sigma is None else np.hypot(sigma[before] * (1 - share), sigma[after] * share)
    return Interpolated(np.where(good, mixed, np.nan), np.where(good, error, np.nan))


def segments(seconds: np.ndarray, breaks: np.ndarray) -> np.ndarray:
    """Number of the segment, from 0, in which each time lies; a time at a break is after it."""
    return np.searchsorted(np.sort(np.asarray(breaks, float)), seconds, side="right")


@dataclass(frozen=True)
class Zeroed:
    """Displacement since the first common date of each segment.

    Attributes
    ----------
    values, sigma : numpy.ndarray
        ``(k,)``.
    zero : numpy.ndarray
        bool ``(k,)``: the dates that were set to zero. They are 0 by construction and must not count as agreement.
    """

    values: np.ndarray
    sigma: np.ndarray
    zero: np.ndarray


def first_common(known: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """Whether each date is the first known one of its segment, ``(k,)``."""
    zero = np.zeros(len(known), bool)
    for number in np.unique(segment):
        here = np.flatnonzero(known & (segment == number))
        if len(here):
            zero[here[0]] = True
    return zero


def rezero(values: np.ndarray, sigma: np.ndarray, zero: np.ndarray, segment: np.ndarray) -> Zeroed:
    """Displacement relative to the zero date of its segment.

    Parameters
    ----------
    values, sigma : numpy.ndarray
        ``(k,)``.
    zero : numpy.ndarray
        bool ``(k,)``, see `first_common`.
    segment : numpy.ndarray
        int ``(k,)``.

    Returns
    -------
    Zeroed
        NaN where the segment has no zero. The error of a difference is that of both values, taken as independent.
    """
    out, error = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for index in np.flatnonzero(zero):
        here = segment == segment[index]
        out[here] = values[here] - values[index]
        error[here] = np.hypot(sigma[here], sigma[index])
        error[index] = 0.0
    return Zeroed(out, error, zero)


def without_poor(station: Station, factor: float) -> Station:
    """The station without values whose sigma is more than `factor` times the usual; a note says how many.

    GNSS days with a few minutes of data come with errors a hundred times those of others.
    """
    sigmas = [s for s in (station.sigma, station.sigma_east, station.sigma_north) if s is not None]
    if not sigmas:
        return station
    good = np.ones(len(station.times), bool)
    for sigma in sigmas:
        good &= ~(sigma > factor * np.nanmedian(sigma))
    poor = int((~good).sum())
    if not poor or good.sum() < 2:
        return station
    many = f"{poor} value{'s' if poor > 1 else ''}"
    note = f"{station.name}: {many} with a sigma of more than {factor:g} times the median left out."
    return replace(kept(station, good), notes=(*station.notes, note))


def kept(station: Station, good: np.ndarray) -> Station:
    """The station with only some of its values."""
    arrays = ("displacement", "east", "north", "up", "sigma", "sigma_east", "sigma_north", "sigma_up")
    chosen = {name: getattr(station, name)[good] for name in arrays if getattr(station, name) is not None}
    return replace(station, times=tuple(t for t, g in zip(station.times, good) if g), **chosen)


def minus_base(station: Station, base: Station, max_gap_days: float) -> Station:
    """A GNSS relative to a base station; values without one of the base near enough are left out.

    Raises
    ------
    InputError
        The two have no time in common.
    """
    if station.kind != "gnss":
        return station
    found = {}
    known = np.ones(len(station.times), bool)
    for component in ("east", "north", "up"):
        values, sigma = station.values(component)
        of_base, sigma_of_base = base.values(component)
        if values is None or of_base is None:
            found.update({component: None, f"sigma_{component}": None})
            continue
        there = interpolate(base.seconds, of_base, sigma_of_base, station.seconds, max_gap_days)
        known &= np.isfinite(there.values)
        found[component] = values - there.values
        found[f"sigma_{component}"] = None if sigma is None else np.hypot(sigma, there.sigma)
    if known.sum() < 2:
        raise InputError(
            f"Station {station.name} and the base {base.name} have no time in common; choose another base, or none."
        )
    note = f"{station.name}: relative to the base {base.name}."
    return kept(replace(station, **found, notes=(*station.notes, note)), known)
