"""What an inversion is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import values
from ..errors import OptionsError
from . import robust
from .fit import MODELS

UNCERTAINTIES = ("scaled", "formal")
SPLITS = ("rate", "nan")


@dataclass(frozen=True)
class InversionOptions:
    """How pairs become a history.

    Attributes
    ----------
    robust : str
        ``tukey`` (outliers lose their say), ``huber`` (their pull is limited) or ``none``.
    split : str
        Where the pairs of a pixel fall into groups of dates that no pair links, the motion between the groups was not
        measured. ``rate`` bridges it by the pixel's own mean velocity, with an error as large as the bridged motion;
        ``nan`` leaves out all dates that are not linked to the first.
    smoothness : float or None
        1-sigma change of the velocity within a year, in unit a year, of a random walk; None smooths nothing. Smoothing
        bridges splits as well.
    model : str
        ``linear``, or ``annual`` for a velocity beside a yearly wave.
    uncertainty : str
        ``formal`` follows from the sigma of the pairs alone; ``scaled`` enlarges it where the pairs contradict each
        other more than their sigma says.
    min_pairs : int
        Pixels with fewer pairs are left out.
    """

    robust: str = "tukey"
    split: str = "rate"
    smoothness: float | None = None
    model: str = "linear"
    uncertainty: str = "scaled"
    min_pairs: int = 1

    def __post_init__(self) -> None:
        for name, known in (
            ("robust", robust.KINDS), ("split", SPLITS), ("model", MODELS), ("uncertainty", UNCERTAINTIES),
        ):  # fmt: skip
            values.one_of(name, getattr(self, name), known)
        values.whole("min_pairs", self.min_pairs, 1, 100_000)
        if self.smoothness is not None and not (values.is_number(self.smoothness) and self.smoothness > 0):
            raise OptionsError(
                f"The smoothness is {values.shown(self.smoothness)}; it is a change of velocity within a year and must "
                "be positive, or be left out."
            )


@dataclass(frozen=True)
class Inverted:
    """Histories of pixels, float32, NaN where unknown.

    Attributes
    ----------
    east, north, sigma : numpy.ndarray
        ``(dates, pixels)``: displacement since the first date, and the 1-sigma error of a component.
    velocity_east, velocity_north, velocity_sigma : numpy.ndarray
        ``(pixels,)``, unit a year.
    annual : numpy.ndarray
        ``(5, pixels)``: amplitude east and north, days from the first date to the largest value, error of an
        amplitude; all NaN without a yearly wave.
    closure : numpy.ndarray
        ``(pixels,)``: root mean square of what the pairs contradict the history by, in a component; NaN without
        redundancy.
    pairs, redundancy, rejected, components, dates : numpy.ndarray
        ``(pixels,)``: measured pairs; how many of them more than needed; how many the robust weights took out; groups
        of linked dates; dates with at least one pair.
    """

    east: np.ndarray
    north: np.ndarray
    sigma: np.ndarray
    velocity_east: np.ndarray
    velocity_north: np.ndarray
    velocity_sigma: np.ndarray
    annual: np.ndarray
    closure: np.ndarray
    pairs: np.ndarray
    redundancy: np.ndarray
    rejected: np.ndarray
    components: np.ndarray
    dates: np.ndarray
