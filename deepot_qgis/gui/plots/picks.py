"""Places that were picked on the map, and what is plotted of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from deepot_qgis.engine.timeseries.product import PointSeries
from deepot_qgis.gui.plots.markers import Marker

# Okabe and Ito's colours without their yellow, which is lost on white; grey and brown for more than seven
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c564b", "#7f7f7f")
REFERENCE_COLOR = "#000000"
COMPONENTS, MAGNITUDE, ALONG = "components", "magnitude", "along"
SYMBOLS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")  # with the colour, so that no curve is told by colour alone


@dataclass(frozen=True)
class Quantity:
    """What of a displacement is plotted.

    Attributes
    ----------
    kind
        `COMPONENTS`, `MAGNITUDE` or `ALONG`.
    bearing
        Degrees clockwise from north; for `ALONG`.
    """

    kind: str
    bearing: float = 0.0

    def names(self) -> tuple[str, ...]:
        """Return which plots there are: ``east`` and ``north``, or one."""
        return ("east", "north") if self.kind == COMPONENTS else (self.kind,)

    def values(self, series: PointSeries, name: str) -> np.ndarray:
        """Return the numbers of one plot, ``(n,)``."""
        if name == MAGNITUDE:
            return series.magnitude()
        if name == ALONG:
            return series.along(self.bearing)
        return getattr(series, name)


@dataclass(frozen=True)
class Pick:
    """A point or an area and its history.

    Attributes
    ----------
    number
        From 1; also says which colour and symbol it has.
    wkt
        Where, in the series' CRS.
    series
        As the engine reads it, before any reference is subtracted.
    marker
        The same on the map.
    """

    number: int
    wkt: str
    series: PointSeries
    marker: Marker

    @property
    def color(self) -> str:
        """Colour of the curve and the marker."""
        return color_of(self.number)

    @property
    def symbol(self) -> str:
        """Matplotlib's name of the curve's symbol."""
        return SYMBOLS[(self.number - 1) % len(SYMBOLS)]


def color_of(number: int) -> str:
    """Return the colour of a pick."""
    return COLORS[(number - 1) % len(COLORS)]


class Picks:
    """What was picked so far, and the reference that is subtracted from all of it."""

    def __init__(self) -> None:
        self._picks: dict[int, Pick] = {}
        self.reference: Pick | None = None

    def __iter__(self) -> Iterator[Pick]:
        return iter(self._picks.values())

    def __len__(self) -> int:
        return len(self._picks)

    def free_number(self) -> int:
        """Return the lowest number that no pick has."""
        return next(n for n in range(1, len(self._picks) + 2) if n not in self._picks)

    def put(self, pick: Pick) -> None:
        """Add a pick, or put it in the place of the one with its number."""
        self.remove(pick.number)
        self._picks[pick.number] = pick
        self._picks = dict(sorted(self._picks.items()))

    def set_reference(self, pick: Pick | None) -> None:
        """Choose what is subtracted from all, None for nothing."""
        if self.reference is not None:
            self.reference.marker.remove()
        self.reference = pick

    def remove(self, number: int) -> None:
        """Forget one pick."""
        pick = self._picks.pop(number, None)
        if pick is not None:
            pick.marker.remove()

    def clear(self) -> None:
        """Forget everything."""
        for number in list(self._picks):
            self.remove(number)
        self.set_reference(None)

    def relative(self, pick: Pick) -> PointSeries:
        """Return a pick's history, relative to the reference where there is one."""
        return pick.series if self.reference is None else pick.series.minus(self.reference.series)
