"""What the columns of a table seem to hold, by their names and by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import moments
from .csv_options import MISSING
from .csv_table import Layout, number
from .station import unit_in

_TIME = r"time|date|date ?time|time ?stamp|epoch|day|utc|datum|zeit(stempel|punkt)?|decimal ?year|year|yyyy.*|mjd|doy|t"
_STATION = (
    r"station( ?(name|id))?|site( ?(name|id))?|name|id|sensor( ?(name|id))?|point( ?id)?|instrument|extensometer|"
    r"marker|code"
)
_DISPLACEMENT = (
    r"disp|displ(acement)?|d|extension|elongation|extensometer|cum(ulative)?|movement|motion|deformation|reading|opening|"
    r"slip|creep|verschiebung|weg|total|value"
)
_SIGMA = r"std|stdev|sd|sigma|sig|error|err|uncertainty|unc|rms|standard|s"
_COMPONENTS = {
    "east": r"e|east|easting|de|dx|dlon|ost|ew",
    "north": r"n|north|northing|dn|dy|dlat|nord|ns",
    "up": r"u|up|v|vertical|height|h|du|dz|dh|dv|hoch|z",
}
_POSITIONS = {
    "x": r"x|lon|long|longitude|east|easting|e|rechtswert|utm ?e|coord ?x|laenge|länge",
    "y": r"y|lat|latitude|north|northing|n|hochwert|utm ?n|coord ?y|breite",
}
_ANGLES = {
    "bearing": r"bearing|azimuth|az|direction|trend|azimut|richtung",
    "plunge": r"plunge|dip|inclination|neigung",
}


@dataclass(frozen=True)
class ColumnGuess:
    """What a column seems to be.

    Attributes
    ----------
    name : str
        In the header, or its number.
    role : str
        One of `csv_options.ROLES`, or empty for a column that is not used.
    unit : str or None
        Unit of length that the header names.
    time_format : str or None
        For a column of times.
    why : str
        Half a sentence that says what speaks for it.
    """

    name: str
    role: str
    unit: str | None
    time_format: str | None
    why: str


class Columns:
    """Goes through the columns of a table and gives each role to the first that fits it."""

    def __init__(self, found: Layout, cells: Sequence[Sequence[str]]):
        self._layout, self._cells = found, cells
        self._words = [_words(name) for name in found.names]
        self._numbers = [floats(column, found.decimal) for column in cells]
        self._filled = [[cell for cell in column if cell.lower() not in MISSING] for column in cells]
        self._role: dict[int, tuple[str, str]] = {}
        self._format: dict[int, str] = {}

    def guess(self) -> tuple[ColumnGuess, ...]:
        """All columns, in their order."""
        self._find_time()
        self._find_station()
        self._find_angles()
        self._find_sigmas()
        self._find_positions()
        self._find_components()
        self._find_displacement()
        return tuple(self._column(k) for k in range(len(self._cells)))

    def _column(self, k: int) -> ColumnGuess:
        role, why = self._role.get(k, ("", "numbers that nothing names" if self._is_numeric(k) else "text"))
        unit = unit_in(self._layout.names[k]) or unit_in(self._layout.units[k])
        return ColumnGuess(self._layout.names[k], role, unit, self._format.get(k), why)

    def _free(self) -> list[int]:
        return [k for k in range(len(self._cells)) if k not in self._role and self._filled[k]]

    def _is_numeric(self, k: int) -> bool:
        return len(self._numbers[k]) > 0.5 * len(self._filled[k])

    def _named(self, k: int, pattern: str) -> bool:
        return bool(re.fullmatch(pattern, self._words[k]))

    def _find_time(self) -> None:
        candidates = []
        for k in self._free():
            named = self._named(k, _TIME) or bool(re.match(rf"({_TIME})\b", self._words[k]))
            sample = self._filled[k][:: max(1, len(self._filled[k]) // 500)]
            formats = moments.recognise(sample)
            texts = not self._is_numeric(k)
            if formats and (named or texts or k == 0):
                candidates.append((not named, not texts, k, formats))
            elif named and texts and not moments.only_clock(sample):
                candidates.append((True, True, k, moments.recognise(moments.usual(sample))))
        if not candidates:
            return
        *_, k, formats = min(candidates)
        if len(formats) == 1:
            self._role[k], self._format[k] = ("time", formats[0].why), formats[0].format
        elif formats:
            either = " or ".join(one.format for one in formats)
            self._role[k] = ("time", f"'{self._filled[k][0]}' may be {either}")
        else:
            self._role[k] = ("time", f"'{self._filled[k][0]}' is not a time in a known format")
        self._find_clock()

    def _find_clock(self) -> None:
        for k in self._free():
            if moments.only_clock(self._filled[k]):
                self._role[k] = ("clock", "times of day")
                return

    def _find_station(self) -> None:
        for k in self._free():
            several = len(set(self._filled[k])) < max(2, len(self._filled[k]))
            if self._named(k, _STATION) and several:
                self._role[k] = ("station", f"{len(set(self._filled[k]))} different in a column of this name")
                return
        for k in self._free():
            different = len(set(self._filled[k]))
            if not self._is_numeric(k) and 2 <= different <= len(self._filled[k]) / 5 and self._layout.header == 0:
                self._role[k] = ("station", f"{different} different texts")
                return

    def _find_angles(self) -> None:
        for role, pattern in _ANGLES.items():
            self._give(role, [k for k in self._free() if self._is_numeric(k) and self._named(k, pattern)], "its name")

    def _find_sigmas(self) -> None:
        """Errors first: ``North Std. Deviation`` begins as ``North`` does."""
        for k in self._free():
            words = self._words[k].split()
            if not self._is_numeric(k) or not any(re.fullmatch(_SIGMA, word) for word in words) or len(words) > 5:
                continue
            if min(self._numbers[k], default=0) < 0:
                continue
            of = [name for name, pattern in _COMPONENTS.items() if any(re.fullmatch(pattern, word) for word in words)]
            joined = re.fullmatch(r"(?:std|sd|sig|sigma|s|err)([enuv])", words[0]) if len(words) == 1 else None
            if joined:
                of = [{"e": "east", "n": "north"}.get(joined.group(1), "up")]
            self._give(f"sigma_{of[0]}" if of else "sigma", [k], "its name, and no value below 0")
        for k in self._free():
            joined = re.fullmatch(r"(?:std|sd|sig|sigma|s|err)([enuv])", self._words[k])
            if joined and self._is_numeric(k) and min(self._numbers[k], default=0) >= 0:
                role = {"e": "sigma_east", "n": "sigma_north"}.get(joined.group(1), "sigma_up")
                self._give(role, [k], "its name, and no value below 0")

    def _find_positions(self) -> None:
        """A position does not change, or has numbers as large as map coordinates have."""
        pairs = []
        for role, pattern in _POSITIONS.items():
            fits = [k for k in self._free() if self._is_numeric(k) and self._named(k, pattern) and self._is_place(k)]
            pairs.append((role, fits))
        if all(fits for _, fits in pairs):
            for role, fits in pairs:
                self._give(role, fits, "its name, and numbers as a position has them")

    def _is_place(self, k: int) -> bool:
        values = self._numbers[k]
        geographic = re.match(r"lon|lat|länge|laenge|breite", self._words[k])
        spread = values.max() - values.min()
        large = bool(np.abs(values).min() > 1000 and spread < 1e6)
        still = len(values) > 4 and spread == 0 and unit_in(self._layout.names[k]) in (None, "m", "ft")
        return bool(geographic) or large or still

    def _find_components(self) -> None:
        found = {}
        for role, pattern in _COMPONENTS.items():
            fits = [k for k in self._free() if self._is_numeric(k) and self._named(k, pattern)]
            if fits:
                found[role] = fits
        if {"east", "north"} <= set(found):
            for role, fits in found.items():
                self._give(role, fits, "its name")

    def _find_displacement(self) -> None:
        if any(role == "east" for role, _ in self._role.values()):
            return
        numeric = [k for k in self._free() if self._is_numeric(k)]
        named = [k for k in numeric if any(re.fullmatch(_DISPLACEMENT, word) for word in self._words[k].split())]
        with_unit = [k for k in numeric if unit_in(self._layout.names[k]) or unit_in(self._layout.units[k])]
        if named:
            self._give("displacement", named, "its name")
        elif len(with_unit) == 1:
            self._give("displacement", with_unit, "its header names a unit of length")
        elif len(numeric) == 1:
            self._give("displacement", numeric, "the only column of numbers that is left")

    def _give(self, role: str, candidates: Sequence[int], why: str) -> None:
        if candidates and role not in {given for given, _ in self._role.values()}:
            self._role[candidates[0]] = (role, why)


def _words(name: str) -> str:
    """The name of a column in small words, without its unit."""
    text = re.sub(r"[\(\[].*?[\)\]]", " ", name)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    text = re.sub(r"[^a-zäöü0-9]+", " ", text.lower()).strip()
    words = [word for word in text.split() if word not in ("um", "mm", "cm", "dm", "m", "deg", "degree", "degrees")]
    return " ".join(words) or text


def floats(column: Sequence[str], decimal: str) -> np.ndarray:
    """The numbers of a column; cells that are none are left out."""
    values = []
    for cell in column:
        if cell.lower() in MISSING:
            continue
        try:
            values.append(number(cell, decimal))
        except ValueError:
            continue
    return np.array(values)
