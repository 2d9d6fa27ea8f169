"""Breaks in a record: those the user names, and steps that look like one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from .. import dates
from ..errors import OptionsError
from .station import Station

#: Name that stands for every station.
EVERY = "*"
#: Values on each side of a step.
_SIDE = 8
#: A step is told from noise when it is as many times its own error,
_ERRORS = 8.0
#: and as many times the scatter of single values.
_SCATTERS = 4.0
#: Motion that bends leaves about this share of it beside a straight line: a surge is no sequence of steps.
_BENT = 0.02
#: Windows at once: a logger's record has millions of values.
_CHUNK = 50_000


@dataclass(frozen=True)
class Step:
    """A jump that may be the instrument's (re-set, moved, another antenna) or the ground's.

    Attributes
    ----------
    station, component : str
    before, time : datetime
        Last value before and first value after it.
    size : float
        Metres, after the motion to both sides is taken out.
    sigma : float
        1-sigma error of the size.
    """

    station: str
    component: str
    before: datetime
    time: datetime
    size: float
    sigma: float

    def sentence(self) -> str:
        """What was seen, and what may be done."""
        what = "" if self.component == "displacement" else f" ({self.component})"
        return (
            f"{self.station} jumps by {1000 * self.size:+.1f} ± {1000 * self.sigma:.1f} mm{what} between "
            f"{_moment(self.before)} and {_moment(self.time)}. It is kept; if the instrument moved and not the "
            f"ground, name {_moment(self.time)} as a break."
        )


def _moment(moment: datetime) -> str:
    """A time as a user writes it; noon stands for a day whose clock is not known."""
    return f"{moment:%Y-%m-%d}" if moment == moment.replace(hour=12, minute=0, second=0) else dates.text(moment)


def breaks_of(name: str, given: Iterable[tuple[str, str]]) -> tuple[datetime, ...]:
    """The breaks that the user named for a station, or for every one (``*``), in order.

    A day without a clock breaks at its beginning: what was recorded on it counts as after.

    Raises
    ------
    OptionsError
        A text is no date.
    """
    key = name.strip().lower()
    found = {dates.parse(date) for of, date in given if of.strip() == EVERY or of.strip().lower() == key}
    return tuple(sorted(found))


def require_known(given: Iterable[tuple[str, str]], names: Iterable[str]) -> None:
    """Refuse breaks of stations that are not there.

    Raises
    ------
    OptionsError
        It names the station.
    """
    known = {name.strip().lower() for name in names}
    for of, _ in given:
        if of.strip() != EVERY and of.strip().lower() not in known:
            raise OptionsError(f"A break is given for station '{of}', which is not among those that were read.")


def steps(station: Station) -> tuple[Step, ...]:
    """Jumps in a record that are too sudden for its noise and its motion; nothing is removed.

    Notes
    -----
    For every gap between two values a line with one slope and two levels is fitted to eight values on each side; the
    difference of the levels is the step. It is reported where it is more than eight times its own error and four times
    the scatter of single values, and the largest within eight values.
    """
    components = ("displacement",) if station.kind == "extensometer" else ("east", "north")
    found: dict[int, Step] = {}
    for component in components:
        values, _ = station.values(component)
        for index, size, sigma in _jumps(station.seconds, values):
            step = Step(station.name, component, station.times[index - 1], station.times[index], size, sigma)
            near = next((other for other in found if abs(other - index) < _SIDE), None)
            if near is None:
                found[index] = step
            elif abs(found[near].size) < abs(size):
                del found[near]
                found[index] = step
    return tuple(found[index] for index in sorted(found))


def _jumps(seconds: np.ndarray, values: np.ndarray) -> list[tuple[int, float, float]]:
    """Index of the first value after each jump, its size and its error."""
    if len(values) < 2 * _SIDE + 1:
        return []
    days = (seconds - seconds[0]) / 86_400.0
    parts = []
    for first in range(0, len(values) - 2 * _SIDE + 1, _CHUNK):
        here = slice(first, first + _CHUNK + 2 * _SIDE - 1)
        parts.append(_levels(days[here], values[here]))
    size, scatter, spread, motion, near = (np.concatenate(part) for part in zip(*parts))
    usual = max(float(np.median(scatter)), _usual_change(values))
    error = np.maximum(np.maximum(scatter, usual), _BENT * motion) * spread
    strong = np.zeros(len(size))
    sure = near & (np.abs(size) > _ERRORS * error) & (np.abs(size) > _SCATTERS * usual)
    strong[sure] = np.abs(size[sure]) / error[sure]
    found = []
    while strong.max(initial=0) > 0:
        best = int(strong.argmax())
        found.append((best + _SIDE, float(size[best]), float(error[best])))
        strong[max(0, best - _SIDE) : best + _SIDE + 1] = 0
    return found


def _usual_change(values: np.ndarray) -> float:
    """Median change between neighbours beside the usual one: the resolution of a record that moves slowly."""
    changes = np.diff(values)
    changes = np.abs(changes - np.median(changes))
    changes = changes[changes > 0]
    return float(np.median(changes)) if len(changes) else 0.0


def _levels(days: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, ...]:
    """At every gap that has enough values to both sides, five numbers.

    The size of the step, the scatter about the fit, the error of the size for a scatter of 1, how far the line moves in
    the window, and whether the gap is short enough beside it: what happened in a long one nobody knows.
    """
    windows = np.lib.stride_tricks.sliding_window_view
    t, v = windows(days, 2 * _SIDE), windows(values, 2 * _SIDE)
    halves = (slice(0, _SIDE), slice(_SIDE, 2 * _SIDE))
    means = [(t[:, half].mean(axis=1), v[:, half].mean(axis=1)) for half in halves]
    dt = np.concatenate([t[:, half] - mean[0][:, None] for half, mean in zip(halves, means)], axis=1)
    dv = np.concatenate([v[:, half] - mean[1][:, None] for half, mean in zip(halves, means)], axis=1)
    sxx = np.sum(dt**2, axis=1)
    slope = np.sum(dt * dv, axis=1) / sxx
    apart = means[1][0] - means[0][0]
    scatter = np.sqrt(np.sum((dv - slope[:, None] * dt) ** 2, axis=1) / (2 * _SIDE - 3))
    size = means[1][1] - means[0][1] - slope * apart
    length, gap = t[:, -1] - t[:, 0], t[:, _SIDE] - t[:, _SIDE - 1]
    near = 3 * gap <= length
    return size, scatter, np.sqrt(2 / _SIDE + apart**2 / sxx), np.abs(slope) * length, near
