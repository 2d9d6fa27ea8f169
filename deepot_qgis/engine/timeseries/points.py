"""Histories of displacement at a place, and along a line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from .. import dates as dating
from ..errors import InputError


@dataclass(frozen=True)
class PointSeries:
    """Displacement since the first date at a point, or the mean of an area.

    Attributes
    ----------
    dates : tuple of datetime.datetime
    east, north : numpy.ndarray
        float64 ``(n,)``, in the series' unit, NaN where unknown.
    sigma : numpy.ndarray
        float64 ``(n,)``, 1-sigma error of a component. A mean of pixels keeps the error of one pixel: neighbours share
        the window in which they were measured, so their errors do not average out.
    pixels : int
        Pixels that took part, 0 where nothing is known.
    x, y : float
        Map coordinates of the point, or of the middle of the area.
    unit : str
    """

    dates: tuple[datetime, ...]
    east: np.ndarray
    north: np.ndarray
    sigma: np.ndarray
    pixels: int
    x: float
    y: float
    unit: str = "m"

    @property
    def days(self) -> np.ndarray:
        """Days since the first date, ``(n,)``."""
        return days_since_first(self.dates)

    def magnitude(self) -> np.ndarray:
        """Length of the displacement, ``(n,)``."""
        return np.hypot(self.east, self.north)

    def along(self, bearing: float, plunge: float = 0.0) -> np.ndarray:
        """Displacement along a direction, ``(n,)``.

        Parameters
        ----------
        bearing : float
            Degrees clockwise from north.
        plunge : float
            Degrees below the horizontal; the horizontal motion is projected on the inclined line.
        """
        b = np.radians(bearing)
        return (self.east * np.sin(b) + self.north * np.cos(b)) * np.cos(np.radians(plunge))

    def minus(self, reference: PointSeries) -> PointSeries:
        """Displacement relative to another place of the same dates.

        Raises
        ------
        InputError
            The dates differ.
        """
        if reference.dates != self.dates:
            raise InputError("The two places have different dates; compare places of one series.")
        return replace(
            self,
            east=self.east - reference.east,
            north=self.north - reference.north,
            sigma=np.hypot(self.sigma, reference.sigma),
        )


@dataclass(frozen=True)
class Profile:
    """Displacement along a line.

    Attributes
    ----------
    dates : tuple of datetime.datetime
    distance : numpy.ndarray
        ``(k,)``, from the beginning of the line in map units.
    x, y : numpy.ndarray
        ``(k,)``, map coordinates.
    east, north, sigma : numpy.ndarray
        ``(n, k)``, NaN where unknown.
    bearing : numpy.ndarray
        ``(k,)``, direction of the line, degrees clockwise from north.
    unit : str
    """

    dates: tuple[datetime, ...]
    distance: np.ndarray
    x: np.ndarray
    y: np.ndarray
    east: np.ndarray
    north: np.ndarray
    sigma: np.ndarray
    bearing: np.ndarray
    unit: str = "m"

    def magnitude(self) -> np.ndarray:
        """Length of the displacement, ``(n, k)``."""
        return np.hypot(self.east, self.north)

    def along(self) -> np.ndarray:
        """Displacement in the direction of the line, ``(n, k)``."""
        b = np.radians(self.bearing)
        return self.east * np.sin(b) + self.north * np.cos(b)

    def across(self) -> np.ndarray:
        """Displacement to the right of the line, ``(n, k)``."""
        b = np.radians(self.bearing)
        return self.east * np.cos(b) - self.north * np.sin(b)


def days_since_first(moments: tuple[datetime, ...]) -> np.ndarray:
    """Days of each date since the first, float64 ``(n,)``."""
    return np.array([dating.days_between(moments[0], moment) for moment in moments])


def stations(points: tuple[tuple[float, float], ...], step: float) -> tuple[np.ndarray, ...]:
    """Places every `step` along a line of points: distance, x, y and bearing, each ``(k,)``.

    Raises
    ------
    InputError
        The line has no length, or the step is not positive.
    """
    line = np.asarray(points, float)
    legs = np.hypot(*np.diff(line, axis=0).T) if len(line) > 1 else np.zeros(0)
    if not legs.sum() > 0:
        raise InputError("A profile needs a line of at least two different points; draw it again.")
    if not step > 0:
        raise InputError("The step of a profile must be positive.")
    starts = np.concatenate([[0.0], np.cumsum(legs)])
    distance = np.arange(0.0, starts[-1] * (1 + 1e-9), step)
    x, y = (np.interp(distance, starts, line[:, axis]) for axis in (0, 1))
    leg = np.clip(np.searchsorted(starts, distance, side="right") - 1, 0, len(legs) - 1)
    while not legs[leg].all():  # a point drawn twice has no direction: take the next leg's
        leg = np.where(legs[leg] > 0, leg, (leg + 1) % len(legs))
    east, north = np.diff(line, axis=0)[leg].T
    return distance, x, y, np.degrees(np.arctan2(east, north)) % 360


def weighted_mean(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Mean over pixels of each date, weighted by 1 / sigma^2.

    Parameters
    ----------
    values : numpy.ndarray
        ``(3, n, pixels)``: east, north, sigma; NaN where unknown.

    Returns
    -------
    mean : numpy.ndarray
        ``(3, n)``; the third is the error of one pixel (root of the weighted mean of squares).
    pixels : int
        Those with the longest histories; pixels with fewer dates are left out, because a mean over other pixels at
        each date would jump.
    """
    known = np.isfinite(values[0])
    length = known.sum(axis=0)
    if length.max(initial=0) == 0:
        return np.full(values.shape[:2], np.nan), 0
    kept = length == length.max()
    values, known = values[..., kept], known[:, kept]
    sigma = values[2]
    usable = known & np.isfinite(sigma) & (sigma > 0)
    weight = np.where(usable, 1 / np.where(usable, sigma, 1) ** 2, 0.0)
    plain = ~usable.any(axis=1)  # the first date, whose sigma is 0
    weight[plain] = known[plain]
    total = weight.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = [np.sum(weight * np.where(known, plane, 0), axis=1) / total for plane in values[:2]]
        error = np.sqrt(np.sum(weight * np.where(known, sigma, 0) ** 2, axis=1) / total)
    return np.stack([*mean, error]), int(kept.sum())
