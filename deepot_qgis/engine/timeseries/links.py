"""Which dates are linked by measured pairs, pixel by pixel, and how separate groups are bridged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Links:
    """What the pairs that a pixel has do with its dates.

    Attributes
    ----------
    labels : numpy.ndarray
        int16 ``(dates, pixels)``: the first date of the group of linked dates to which a date belongs.
    measured : numpy.ndarray
        bool ``(dates, pixels)``: at least one pair touches the date.
    groups : numpy.ndarray
        int16 ``(pixels,)``: groups of two and more dates.
    """

    labels: np.ndarray
    measured: np.ndarray
    groups: np.ndarray

    @property
    def rank(self) -> np.ndarray:
        """Differences between dates that the pairs determine, ``(pixels,)``."""
        return self.measured.sum(axis=0) - self.groups

    @property
    def split(self) -> np.ndarray:
        """Pixels where some date is not linked to the first, bool ``(pixels,)``."""
        return (self.labels != 0).any(axis=0)

    def at(self, pixels: np.ndarray) -> Links:
        """Links of some pixels."""
        return Links(np.take(self.labels, pixels, axis=1), np.take(self.measured, pixels, axis=1), self.groups[pixels])


def links(known: np.ndarray, pairs: np.ndarray, dates: int) -> Links:
    """Follow the links of each pixel.

    Parameters
    ----------
    known : numpy.ndarray
        bool ``(pairs, pixels)``: the pair was measured at the pixel.
    pairs : numpy.ndarray
        int ``(pairs, 2)``.
    dates : int
    """
    complete = known.all(axis=0)
    if complete.sum() < 2:
        return _follow(known, pairs, dates)
    # pixels that have every pair are all alike: follow one of them
    representative = np.append(np.flatnonzero(~complete), np.argmax(complete))
    found = _follow(np.take(known, representative, axis=1), pairs, dates)
    where = np.full(known.shape[1], len(representative) - 1)
    where[representative[:-1]] = np.arange(len(representative) - 1)
    return found.at(where)


def _follow(known: np.ndarray, pairs: np.ndarray, dates: int) -> Links:
    pixels = known.shape[1]
    measured = np.zeros((dates, pixels), bool)
    for (first, second), here in zip(pairs, known):
        measured[first] |= here
        measured[second] |= here
    labels = np.repeat(np.arange(dates, dtype=np.int16)[:, None], pixels, axis=1)
    changing = np.arange(pixels)
    while changing.size:
        part, here = np.take(labels, changing, axis=1), np.take(known, changing, axis=1)
        before = part.copy()
        for k in (*range(len(pairs)), *reversed(range(len(pairs)))):
            first, second = pairs[k]
            lower = np.minimum(part[first], part[second])
            np.copyto(part[first], lower, where=here[k])
            np.copyto(part[second], lower, where=here[k])
        labels[:, changing] = part
        changing = changing[(part != before).any(axis=0)]
    groups = (measured & (labels == np.arange(dates)[:, None])).sum(axis=0).astype(np.int16)
    return Links(labels, measured, groups)


def gaps(links_: Links, days: np.ndarray) -> np.ndarray:
    """Days that must be bridged between one date and the next to link all dates of a pixel.

    Returns
    -------
    numpy.ndarray
        float64 ``(dates - 1, pixels)``: 0 where the two are linked already; else the days since the last measured date.
        A date that no pair touches is tied to the one before (an infinitesimal number), and the next measured one
        bridges the whole time.
    """
    labels, measured = links_.labels.copy(), links_.measured.copy()
    measured[0] = True  # the reference, where the history begins
    found = np.zeros((len(days) - 1, labels.shape[1]))
    last = np.full(labels.shape[1], days[0], float)
    for j in range(len(days) - 1):
        here, after = labels[j].copy(), labels[j + 1].copy()
        apart = here != after
        bridged = np.where(measured[j + 1], days[j + 1] - last, TIED_DAYS)
        found[j] = np.where(apart, bridged, 0)
        labels[(labels == after) & apart] = np.broadcast_to(here, labels.shape)[(labels == after) & apart]
        last = np.where(measured[j + 1], days[j + 1], last)
    return found


#: "Days" of the bridge to a date that nothing measured: so little that it only carries the next bridge.
TIED_DAYS = 1e-3
