"""How amplitudes become the numbers that a network expects.

DeepOT's own networks normalise inside the graph and take linear amplitude as it is. Others were trained on images
that somebody scaled beforehand; the metadata item ``input_scaling`` says how, and this module does it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..callbacks import Cancelled
from ..errors import CancelledError, OptionsError
from ..values import is_number, shown

KINDS = ("none", "fixed", "percentile", "standard")
QUANTITIES = ("amplitude", "intensity", "db")
SCOPES = ("image", "tile")
#: Pixels of an image that its percentiles are taken from; evenly spread over larger images.
_SAMPLE = 4_000_000
_STRIP_ROWS = 512

Limits = tuple[float, float]


class Readable(Protocol):
    """Whatever gives linear amplitude by window, 0 = no data; `pair.Source` does."""

    def read(self, x0: int, y0: int, width: int, height: int) -> np.ndarray:
        """Linear amplitude, float32 ``(height, width)``."""


@dataclass(frozen=True)
class Scaling:
    """What is done to linear amplitude before a network sees it.

    Attributes
    ----------
    kind : str
        ``none``; ``fixed``: `low` to `high` become `range`; ``percentile``: the same with percentiles of the image;
        ``standard``: mean 0 and standard deviation 1. The first two that stretch also clip.
    quantity : str
        What is scaled: ``amplitude``, ``intensity`` (its square) or ``db`` (20 log10 of it).
    low, high : float or None
        In units of the quantity (``fixed``) or per cent (``percentile``); None elsewhere.
    range : tuple of float
        What `low` and `high` become.
    scope : str
        Where percentiles, mean and deviation are taken: the whole ``image``, or each ``tile`` by itself. With ``tile``
        neighbouring tiles are scaled differently: only for networks that were trained so.
    together : bool
        True takes them from both images at once, False from each by itself.
    invalid : float
        What pixels without data become.

    Raises
    ------
    OptionsError
        A value that cannot be.
    """

    kind: str = "none"
    quantity: str = "amplitude"
    low: float | None = None
    high: float | None = None
    range: tuple[float, float] = (0.0, 1.0)
    scope: str = "image"
    together: bool = False
    invalid: float = 0.0

    def __post_init__(self) -> None:
        for name, known in (("kind", KINDS), ("quantity", QUANTITIES), ("scope", SCOPES)):
            value = getattr(self, name)
            if value not in known:
                raise OptionsError(
                    f"'input_scaling' has the {name} {shown(value)}; it must be one of {', '.join(known)}."
                )
        if not isinstance(self.together, bool):
            raise OptionsError(f"'input_scaling' has together = {shown(self.together)}; it must be true or false.")
        object.__setattr__(self, "range", tuple(self.range) if isinstance(self.range, (list, tuple)) else self.range)
        ends = self.range
        if not (isinstance(ends, tuple) and len(ends) == 2 and all(map(is_number, ends)) and ends[0] != ends[1]):
            raise OptionsError(f"'input_scaling' has the range {shown(ends)}; it must be two numbers, such as [0, 1].")
        if not is_number(self.invalid):
            raise OptionsError(f"'input_scaling' has invalid = {shown(self.invalid)}; it must be a number, such as 0.")
        self._require_limits()

    def _require_limits(self) -> None:
        given = low, high = (self.low, self.high)
        if self.kind in ("none", "standard"):
            if given != (None, None):
                raise OptionsError(
                    f"'input_scaling' of kind '{self.kind}' takes no low and high; leave them out, or choose the kind "
                    "'fixed' or 'percentile'."
                )
            return
        if low is None or high is None or not all(map(is_number, given)) or not low < high:
            raise OptionsError(
                f"'input_scaling' of kind '{self.kind}' has low = {shown(self.low)} and high = {shown(self.high)}; "
                "they must be two numbers, low below high."
            )
        if self.kind == "percentile" and not (low >= 0 and high <= 100):
            raise OptionsError(
                f"'input_scaling' has the percentiles {self.low:g} and {self.high:g}; they must lie between 0 and 100."
            )

    @property
    def looks_at_images(self) -> bool:
        """Whether the whole images have to be looked at before the first tile."""
        return self.kind in ("percentile", "standard") and self.scope == "image"

    def limits(self, *samples: np.ndarray) -> tuple[Limits, ...]:
        """Two numbers per image that scale it: low and high, or mean and deviation.

        Parameters
        ----------
        samples : numpy.ndarray
            Linear amplitude of each image, any shape; 0 = no data.
        """
        values = [self._quantity(sample[sample > 0]) for sample in samples]
        if self.together:
            values = [np.concatenate(values)] * len(values)
        return tuple(self._limits_of(part) for part in values)

    def apply(self, image: np.ndarray, limits: Limits) -> np.ndarray:
        """Scale an image.

        Parameters
        ----------
        image : numpy.ndarray
            Linear amplitude, 0 = no data.
        limits : tuple of float
            From `limits`.

        Returns
        -------
        numpy.ndarray
            float32, same shape.
        """
        if self.kind == "none" and self.quantity == "amplitude" and self.invalid == 0:
            return image.astype(np.float32, copy=False)
        valid = image > 0
        values = self._quantity(np.where(valid, image, np.float32(1)))
        low, high = limits
        if self.kind == "standard":
            values = (values - low) / (high or 1.0)
        elif self.kind != "none":
            bottom, top = self.range
            share = (np.clip(values, low, high) - low) / ((high - low) or 1.0)
            values = bottom + share * (top - bottom)
        return np.where(valid, values, self.invalid).astype(np.float32)

    def words(self) -> str:
        """What is done, for people."""
        if self.kind == "none":
            return f"linear {self.quantity} as it is" if self.quantity != "db" else "decibels as they are"
        whose = "both images together" if self.together else "each image"
        where = f"{whose}, tile by tile" if self.scope == "tile" else whose
        if self.kind == "standard":
            return f"{self.quantity} of {where} brought to mean 0 and standard deviation 1"
        stretched = f"stretched to {self.range[0]:g}..{self.range[1]:g}"
        if self.kind == "fixed":
            return f"{self.quantity} clipped to {self.low:g}..{self.high:g} and {stretched}"
        return f"{self.quantity} of {where} clipped at the percentiles {self.low:g} and {self.high:g} and {stretched}"

    def _quantity(self, amplitude: np.ndarray) -> np.ndarray:
        if self.quantity == "intensity":
            return np.square(amplitude, dtype=np.float64)
        if self.quantity == "db":
            return 20 * np.log10(amplitude, dtype=np.float64)
        return amplitude.astype(np.float64)

    def _limits_of(self, values: np.ndarray) -> Limits:
        first, last = self.low or 0.0, self.high or 0.0  # None only where they are not looked at
        if self.kind == "fixed":
            return float(first), float(last)
        if self.kind == "none" or not values.size:
            return 0.0, 1.0
        if self.kind == "standard":
            return float(values.mean()), float(values.std())
        low, high = np.percentile(values, (first, last))
        return float(low), float(high)


def sample(source: Readable, width: int, height: int, cancelled: Cancelled) -> np.ndarray:
    """Pixels of a whole image for its statistics: all of them, or about four million evenly spread ones.

    Parameters
    ----------
    source : Readable
    width, height : int
        Of the whole image.
    cancelled : callable
        Asked before every strip.

    Returns
    -------
    numpy.ndarray
        One-dimensional; pixels without data are left out.

    Raises
    ------
    CancelledError
        `cancelled` said so.
    """
    step = max(1, int(np.ceil(np.sqrt(width * height / _SAMPLE))))
    return np.concatenate([strip[strip > 0] for strip in _strips(source, width, height, step, cancelled)])


def _strips(source: Readable, width: int, height: int, step: int, cancelled: Cancelled) -> Iterator[np.ndarray]:
    rows = -(-_STRIP_ROWS // step) * step  # the lattice of the sample goes on from strip to strip
    for top in range(0, height, rows):
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        yield source.read(0, top, width, min(rows, height - top))[::step, ::step]
