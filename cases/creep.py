"""From offsets of a slab to its velocity, the date on which its acceleration shows, and where it leads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepot_qgis.engine.errors import OptionsError

#: An interval shows acceleration when its velocity exceeds those before it by this many standard errors.
SIGMAS = 3.0
#: Intervals that must have passed before one can be told from them.
BEFORE = 2


@dataclass(frozen=True)
class Motion:
    """How a slab moved.

    Attributes
    ----------
    days : (n,) array
    travelled : (n,) array
        Along its direction of motion, m.
    sigma : float
        Standard deviation of a velocity between two dates on still ground, m/day.
    """

    days: np.ndarray
    travelled: np.ndarray
    sigma: float

    @property
    def velocity(self) -> np.ndarray:
        """Between consecutive dates, (n - 1,), m/day."""
        return np.diff(self.travelled) / np.diff(self.days)

    @property
    def middles(self) -> np.ndarray:
        """Middle of each interval, (n - 1,), days."""
        return (self.days[1:] + self.days[:-1]) / 2

    def alarm(self) -> int | None:
        """Number of the first date at which the slab is seen to be faster than before; None when it never is.

        The velocity of the interval that ends there exceeds the mean of all earlier ones by `SIGMAS` standard errors of
        that difference, `sigma` being the error of each.
        """
        speed = self.velocity
        for number in range(BEFORE, speed.size):
            error = self.sigma * np.sqrt(1 + 1 / number)
            if speed[number] - speed[:number].mean() > SIGMAS * error:
                return number + 1
        return None

    def failure_day(self, intervals: int = 4) -> float | None:
        """Day at which a straight line through the last inverse velocities reaches zero; None when they do not fall.

        The method of Fukuzono (1985). Inverse velocities are weighted by their errors, ``sigma / v^2`` each.
        """
        speed, middle = self.velocity[-intervals:], self.middles[-intervals:]
        if (speed <= 0).any():
            return None
        slope, offset = np.polyfit(middle, 1 / speed, 1, w=speed**2)
        return float(-offset / slope) if slope < 0 else None


def along(right: np.ndarray, down: np.ndarray, sensitivity: np.ndarray, pixel_m: float) -> np.ndarray:
    """Motion along a known direction from offsets in pixels: least squares of both components.

    Parameters
    ----------
    right, down : arrays
        Offsets, px.
    sensitivity : (2,) array
        Offsets to the right and down, m, of a metre of motion.
    pixel_m : float
    """
    square = float(sensitivity @ sensitivity)
    if not square > 0:
        raise OptionsError("Motion along this direction cannot be seen in the image.")
    return pixel_m * (sensitivity[0] * right + sensitivity[1] * down) / square
