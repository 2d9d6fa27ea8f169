"""Which dates are paired with which, and what the pairs connect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from . import dates as dating
from . import values
from .errors import InputError, OptionsError

KINDS = ("sequential", "all", "interval", "coherence")


@dataclass(frozen=True)
class NetworkOptions:
    """Which pairs of dates are measured.

    Attributes
    ----------
    kind : str
        ``sequential``: each date with the `neighbours` next ones. ``all``: every pair. ``interval``: every pair
        between `min_days` and `max_days`. ``coherence``: every pair whose expected coherence
        ``exp(-days / decorrelation_days)`` reaches `min_coherence`, and those between neighbouring dates that it takes
        to connect all.
    neighbours : int
    min_days, max_days : float or None
        Shortest and longest interval of a pair of any kind; None sets no limit.
    decorrelation_days : float
        Interval after which the coherence has fallen to 1/e: weeks in X-band or over crops, half a year and more in
        L-band or over rock.
    min_coherence : float
        0..1.
    """

    kind: str = "sequential"
    neighbours: int = 3
    min_days: float | None = None
    max_days: float | None = None
    decorrelation_days: float = 60.0
    min_coherence: float = 0.3

    def __post_init__(self) -> None:
        values.one_of("kind", self.kind, KINDS)
        values.whole("neighbours", self.neighbours, 1, 1000)
        values.number("decorrelation_days", self.decorrelation_days, 0.01, 1e5)
        values.number("min_coherence", self.min_coherence, 0.0, 1.0)
        for name in ("min_days", "max_days"):
            if getattr(self, name) is not None:
                values.number(name, getattr(self, name), 0.0, 1e5)
        if self.min_days is not None and self.max_days is not None and self.min_days > self.max_days:
            raise OptionsError(
                f"The shortest interval ({self.min_days:g} days) is longer than the longest ({self.max_days:g} days)."
            )
        if self.kind == "interval" and self.min_days is None and self.max_days is None:
            raise OptionsError("A network by interval needs a shortest or a longest interval; give one, or take 'all'.")


def pairs(dates: Sequence[datetime], options: NetworkOptions) -> tuple[tuple[int, int], ...]:
    """Pairs of indices into `dates`, each (earlier, later), ordered.

    Raises
    ------
    InputError
        There are fewer than two dates, they are not in order, one is there twice, or no pair fits the options.
    """
    days = _days(dates)
    found = [pair for pair in _candidates(days, options) if _allowed(days[pair[1]] - days[pair[0]], options)]
    if options.kind == "coherence":
        found = sorted({*found, *_connecting(len(days), found)})
    if not found:
        raise InputError(
            f"No two of the {len(days)} dates make a pair of this network ({describe(options)}); allow longer or "
            "shorter intervals."
        )
    return tuple(found)


def _days(dates: Sequence[datetime]) -> np.ndarray:
    if len(dates) < 2:
        raise InputError(f"There {'is one date' if dates else 'are no dates'}; a network of pairs needs at least two.")
    days = np.array([dating.days_between(dates[0], moment) for moment in dates])
    for index in np.flatnonzero(np.diff(days) <= 0).tolist():
        first, second = dating.text(dates[index]), dating.text(dates[index + 1])
        if first == second:
            raise InputError(f"The date {first} is there twice; keep one image of it, or correct one of the dates.")
        raise InputError(f"The dates are not in order ({first} before {second}); sort the images by date.")
    return days


def _candidates(days: np.ndarray, options: NetworkOptions) -> Iterable[tuple[int, int]]:
    count = len(days)
    reach = options.neighbours if options.kind == "sequential" else count
    for first in range(count):
        for second in range(first + 1, min(first + reach, count - 1) + 1):
            if options.kind != "coherence" or expected(days[second] - days[first], options) >= options.min_coherence:
                yield first, second


def _allowed(interval: float, options: NetworkOptions) -> bool:
    shortest = options.min_days if options.min_days is not None else 0.0
    longest = options.max_days if options.max_days is not None else np.inf
    return bool(shortest <= interval <= longest)


def expected(interval: float, options: NetworkOptions) -> float:
    """Expected coherence of a pair this many days apart: exponential decay (Rocca, IEEE TGRS 45, 2007)."""
    return float(np.exp(-abs(interval) / options.decorrelation_days))


def _connecting(count: int, found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs of neighbouring dates that it takes to connect all: of all bridges the most coherent."""
    label = np.zeros(count, int)
    for number, group in enumerate(components(count, found)):
        label[list(group)] = number
    added = []
    for first in range(count - 1):
        if label[first] != label[first + 1]:
            added.append((first, first + 1))
            label[label == label[first + 1]] = label[first]
    return added


def components(count: int, found: Iterable[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Groups of dates that pairs connect, each in order, the one of the first date first; a lone date is a group."""
    parent = list(range(count))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for first, second in found:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    groups: dict[int, list[int]] = {}
    for node in range(count):
        groups.setdefault(root(node), []).append(node)
    return tuple(tuple(group) for group in groups.values())


def describe(options: NetworkOptions) -> str:
    """The options in words, for sentences."""
    words = {
        "sequential": f"each date with the next {options.neighbours}"
        if options.neighbours > 1
        else "neighbouring dates",
        "all": "all pairs",
        "interval": "all pairs",
        "coherence": f"expected coherence of at least {options.min_coherence:g}, falling to 1/e in "
        f"{options.decorrelation_days:g} days",
    }[options.kind]
    if options.min_days is not None:
        words += f", at least {options.min_days:g} days"
    if options.max_days is not None:
        words += f", at most {options.max_days:g} days"
    return words


def split_sentence(dates: Sequence[datetime], found: Sequence[tuple[int, int]]) -> str | None:
    """What a network that falls apart means, as a sentence; None when it is connected."""
    groups = components(len(dates), found)
    if len(groups) == 1:
        return None
    words = [
        dating.text(dates[group[0]])
        if len(group) == 1
        else f"{dating.text(dates[group[0]])} to {dating.text(dates[group[-1]])} ({len(group)} dates)"
        for group in groups
    ]
    return (
        f"The network falls into {len(groups)} parts that no pair connects: {'; '.join(words)}. Motion within a part "
        "is measured, the offset between parts is unknown; add pairs with longer intervals to measure it."
    )
