"""Velocity of many pixels at once, from histories."""

from __future__ import annotations

import numpy as np

from ..displacement import DAYS_A_YEAR

VELOCITY_BANDS = ("east", "north", "magnitude", "direction", "sigma")


def line_planes(days: np.ndarray, east: np.ndarray, north: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Straight line through each pixel's history by weighted least squares.

    Parameters
    ----------
    days : numpy.ndarray
        ``(n,)``.
    east, north, sigma : numpy.ndarray
        ``(n, height, width)``; where sigma is 0 or unknown the median of the pixel's others counts.

    Returns
    -------
    numpy.ndarray
        float32 ``(5, height, width)``: `VELOCITY_BANDS`, unit a year and degrees; NaN where fewer than two dates are
        known.
    """
    years = np.asarray(days, float)[:, None, None] / DAYS_A_YEAR
    known = np.isfinite(east) & np.isfinite(north)
    usable = known & np.isfinite(sigma) & (sigma > 0)
    count = usable.sum(axis=0)
    typical = np.sqrt(np.where(usable, np.asarray(sigma, float) ** 2, 0).sum(axis=0) / np.maximum(count, 1))
    typical = np.where(count > 0, typical, 1.0)
    weight = np.where(known, 1 / np.where(usable, sigma, typical) ** 2.0, 0.0)
    total = weight.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = years - (weight * years).sum(axis=0) / total
        moment = (weight * centred**2).sum(axis=0)
        rate = [(weight * centred * np.where(known, plane, 0)).sum(axis=0) / moment for plane in (east, north)]
        error = np.where(count > 0, 1 / np.sqrt(moment), np.nan)
    enough = (known.sum(axis=0) >= 2) & (moment > 0)
    return velocity_planes(*(np.where(enough, plane, np.nan) for plane in (*rate, error)))


def velocity_planes(east: np.ndarray, north: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Stack `VELOCITY_BANDS` from velocities east and north and their error, float32."""
    direction = np.degrees(np.arctan2(east, north)) % 360
    planes = np.stack([east, north, np.hypot(east, north), direction, sigma]).astype(np.float32)
    planes[3][planes[3] >= 360] = 0  # a hair west of north rounds up
    return planes
