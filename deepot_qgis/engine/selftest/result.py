"""What a self-test found, and its amounts in the words of people: pixels, metres, metres a day."""

from __future__ import annotations

from dataclasses import dataclass

from ..displacement import VELOCITY_UNITS
from .score import Score


@dataclass(frozen=True)
class SelfTestResult:
    """What the self-test found.

    Attributes
    ----------
    reference, secondary : str
        Names of the images; the second is empty when it was simulated.
    messages : tuple of str
        What was recognised, and what to know about the numbers, as sentences.
    coherence : float or None
        Measured between the two images (`speckle.coherence`), or of the simulation.
    looks : int
        Estimated in the reference, or given.
    windows : tuple of tuple of int
        x0, y0, width, height of the windows that were looked at.
    pairs : int
        Pairs that each method measured.
    metres : float or None
        Metres on the ground for a pixel (root mean square of its two sides); None without georeference.
    days : float or None
        Between the dates; None when they are unknown, 0 or simulated.
    scores : tuple of Score
        The network first, conventional tracking last.
    device : str
        Device of the network.
    seconds : float
    report, data : str or None
        Paths of the HTML and JSON files.
    """

    reference: str
    secondary: str
    messages: tuple[str, ...]
    coherence: float | None
    looks: int
    windows: tuple[tuple[int, int, int, int], ...]
    pairs: int
    metres: float | None
    days: float | None
    scores: tuple[Score, ...]
    device: str
    seconds: float
    report: str | None = None
    data: str | None = None

    @property
    def best(self) -> Score:
        """The method the user asked for: the network, or conventional tracking where it was tested alone."""
        return self.scores[0]

    @property
    def simulated(self) -> bool:
        """Whether the second date was simulated."""
        return not self.secondary

    @property
    def effort(self) -> str:
        """How much was measured: ``28 pairs from 4 windows``."""
        count = len(self.windows)
        return f"{self.pairs} pairs from {count} window{'s' if count > 1 else ''}"

    def amount(self, pixels: float) -> str:
        """A displacement: ``0.12 px = 1.2 m (10 cm/day)``, as far as pixel size and dates are known."""
        return amount_text(pixels, self.metres, self.days)

    def width(self, pixels: float) -> str:
        """The width of a body: ``60 px (600 m)``."""
        return width_text(pixels, self.metres)


def amount_text(pixels: float, metres: float | None, days: float | None) -> str:
    """A displacement in pixels, in metres (given those of a pixel), and a day (given the days it took)."""
    text = f"{_digits(pixels)} px"
    if metres is None:
        return text
    text += f" = {length_text(pixels * metres)}"
    if days:
        text += f" ({velocity_text(pixels * metres, days)})"
    return text


def width_text(pixels: float, metres: float | None) -> str:
    """Width of a body in pixels and, given those of a pixel, metres."""
    return f"{pixels:g} px" + ("" if metres is None else f" ({length_text(pixels * metres)})")


def length_text(metres: float) -> str:
    """A length with two digits and a unit that suits it."""
    units = ((1e-3, "km"), (1.0, "m"), (100.0, "cm"), (1000.0, "mm"))
    factor, unit = next((pair for pair in units if metres * pair[0] >= 1), units[-1])
    return f"{_digits(metres * factor)} {unit}"


def velocity_text(metres: float, days: float) -> str:
    """Metres in some days as a velocity in the unit that reads best."""
    units = ("m/day", "cm/day", "mm/day")
    unit = next((unit for unit in units if metres / days * VELOCITY_UNITS[unit] >= 1), units[-1])
    return f"{_digits(metres / days * VELOCITY_UNITS[unit])} {unit}"


def _digits(value: float) -> str:
    """Two digits that count."""
    return f"{float(f'{value:.2g}'):.10g}"
