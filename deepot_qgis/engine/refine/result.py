"""What refining did, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..quality import Reason
from ..reference import nmad


@dataclass(frozen=True)
class Spread:
    """How the displacement of stable ground lies around zero.

    Attributes
    ----------
    median_east, nmad_east, median_north, nmad_north : float
        Unit of the displacement; NMAD is 1.4826 times the median absolute deviation (Hoehle and Hoehle 2009).
    """

    median_east: float
    nmad_east: float
    median_north: float
    nmad_north: float

    @classmethod
    def of(cls, east: np.ndarray, north: np.ndarray) -> Spread:
        """Of finite values."""
        return cls(float(np.median(east)), nmad(east), float(np.median(north)), nmad(north))


@dataclass(frozen=True)
class StableGround:
    """Stable ground before and after the correction.

    Attributes
    ----------
    pixels : int
        Good pixels of stable ground that were looked at.
    step : int
        Every so many pixels of the product in each direction; 1 is all.
    before, after : Spread
    unit : str
        ``m`` or ``px``.
    """

    pixels: int
    step: int
    before: Spread
    after: Spread
    unit: str

    def sentences(self) -> list[str]:
        """The numbers for people."""
        which = f"{self.pixels} pixels" + (f" (every {self.step} px)" if self.step > 1 else "")
        return [f"Stable ground: {which}."] + [
            f"{way}: median {_signed(before[0])} {self.unit} before, {_signed(after[0])} {self.unit} after; NMAD "
            f"{before[1]:.4g} {self.unit} before, {after[1]:.4g} {self.unit} after."
            for way, before, after in (
                ("East", (self.before.median_east, self.before.nmad_east),
                 (self.after.median_east, self.after.nmad_east)),
                ("North", (self.before.median_north, self.before.nmad_north),
                 (self.after.median_north, self.after.nmad_north)),
            )
        ]  # fmt: skip


def _signed(value: float) -> str:
    return f"{value + 0.0:.4g}"


@dataclass(frozen=True)
class Survivors:
    """How many pixels are good before and after, and why the others are masked.

    Attributes
    ----------
    before, after : mapping
        Number of pixels by reason. Of a preview: of the pixels that were looked at.
    step : int
        Every so many pixels of the product in each direction were looked at; 1 is all.
    stable : StableGround or None
    messages : tuple of str
        What to know, as sentences.
    """

    before: Mapping[Reason, int]
    after: Mapping[Reason, int]
    step: int
    stable: StableGround | None = None
    messages: tuple[str, ...] = ()

    @property
    def covered(self) -> int:
        """Pixels looked at that hold data, inside the area of the measurement."""
        return covered(self.after)

    @property
    def good_before(self) -> float:
        """Share of the covered pixels that was good, 0..1."""
        return self.before.get(Reason.GOOD, 0) / self.covered if self.covered else 0.0

    @property
    def good(self) -> float:
        """Share of the covered pixels that is good now, 0..1."""
        return self.after.get(Reason.GOOD, 0) / self.covered if self.covered else 0.0

    def share(self, reason: Reason) -> float:
        """Share of the covered pixels with this code now, 0..1."""
        return self.after.get(reason, 0) / self.covered if self.covered else 0.0


def covered(counts: Mapping[Reason, int]) -> int:
    """Pixels with data inside the area of the measurement."""
    return sum(counts.values()) - counts.get(Reason.NODATA, 0) - counts.get(Reason.USER_MASK, 0)


@dataclass(frozen=True)
class RefineResult:
    """What a run made, and its numbers.

    Attributes
    ----------
    product, provenance : str
        Paths.
    velocity : str or None
    offsets : str or None
        Path of the unfiltered offsets, which the run leaves as they are.
    survivors : Survivors
        Of all pixels.
    statistics : mapping
        See `product.Statistics.summary`.
    messages : tuple of str
    reference_date, secondary_date : str or None
        ISO text.
    days : float or None
    unit : str
        ``m`` or ``px``.
    velocity_unit : str
    seconds : float
    """

    product: str
    provenance: str
    velocity: str | None
    offsets: str | None
    survivors: Survivors
    statistics: Mapping[str, Any]
    messages: tuple[str, ...]
    reference_date: str | None
    secondary_date: str | None
    days: float | None
    unit: str
    velocity_unit: str
    seconds: float
