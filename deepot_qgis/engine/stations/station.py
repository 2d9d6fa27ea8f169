"""A station on the ground: what it recorded, where it stands and along which line it measures."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import InputError, OptionsError
from ..values import is_number, one_of, shown

KINDS = ("extensometer", "gnss")
#: Components a GNSS records.
COMPONENTS = ("east", "north", "up")

#: Metres for one of a unit of length.
LENGTHS = {"m": 1.0, "dm": 0.1, "cm": 0.01, "mm": 0.001, "um": 1e-6, "in": 0.0254, "ft": 0.3048}
_WORDS = {
    "um": r"um|µm|micron\w*|micromet\w+",
    "mm": r"mm|milli ?m\w*",
    "cm": r"cm|centi ?m\w*|zentimeter",
    "dm": r"dm|decimet\w+|dezimeter",
    "ft": r"ft|feet|foot",
    "in": r"inch(?:es)?",
    "m": r"m|met(?:er|re)s?",
}


def unit_in(text: str) -> str | None:
    """Unit of length that a text such as ``Extension [mm]`` or ``disp_cm`` names, None when it names none."""
    words = re.sub(r"[^a-zµ]+", " ", text.lower())
    for unit, pattern in _WORDS.items():
        if re.search(rf"(?<![a-zµ])(?:{pattern})(?![a-zµ])", words):
            return unit
    return "in" if re.search(r"[(\[]in[)\]]", text.lower()) else None


@dataclass(frozen=True)
class Placement:
    """Where a station stands, and the line along which it measures.

    Attributes
    ----------
    name : str
        Of the station it belongs to; letters' case does not count.
    x, y : float or None
        Position: longitude and latitude, or easting and northing. None when it is not known.
    crs : str
        Coordinate reference system of the position as GDAL understands it, such as ``EPSG:4326``.
    bearing : float or None
        Direction in which the displacement counts as positive: degrees clockwise from north. None when not known.
    plunge : float
        Degrees below the horizontal at which the instrument's line dips towards the bearing, -90..90.
    """

    name: str
    x: float | None = None
    y: float | None = None
    crs: str = ""
    bearing: float | None = None
    plunge: float = 0.0

    def __post_init__(self) -> None:
        check_line(self.name, self.bearing, self.plunge)
        for axis in ("x", "y"):
            value = getattr(self, axis)
            if value is not None and not is_number(value):
                raise OptionsError(f"The {axis} of station {self.name} is {shown(value)}; it must be a number.")


def check_line(name: str, bearing: float | None, plunge: float) -> None:
    """Refuse a bearing or plunge that cannot be.

    Raises
    ------
    OptionsError
        The bearing lies outside -360..360 degrees, the plunge outside -89..89.
    """
    if bearing is not None and not (is_number(bearing) and -360 <= bearing <= 360):
        raise OptionsError(
            f"The bearing of station {name} is {shown(bearing)}; give degrees clockwise from north, 0 to 360."
        )
    if not (is_number(plunge) and -89 <= plunge <= 89):
        raise OptionsError(
            f"The plunge of station {name} is {shown(plunge)}; give degrees below the horizontal, -89 to 89."
        )


@dataclass(frozen=True)
class Station:
    """What a station recorded, in metres and UTC, in the order of time.

    Attributes
    ----------
    name : str
    kind : str
        ``extensometer`` (displacement along one line) or ``gnss`` (east and north, perhaps up).
    times : tuple of datetime
        UTC, strictly increasing.
    displacement : numpy.ndarray or None
        float64 ``(n,)``, metres along the bearing; for an extensometer.
    east, north, up : numpy.ndarray or None
        float64 ``(n,)``, metres from true east and north; for a GNSS. Up may be missing.
    sigma, sigma_east, sigma_north, sigma_up : numpy.ndarray or None
        1-sigma errors of the same, metres; None when the file gives none.
    x, y, crs, bearing, plunge
        See `Placement`.
    path : str
        File it was read from.
    notes : tuple of str
        What was done in reading it, as sentences.
    """

    name: str
    kind: str
    times: tuple[datetime, ...]
    displacement: np.ndarray | None = None
    east: np.ndarray | None = None
    north: np.ndarray | None = None
    up: np.ndarray | None = None
    sigma: np.ndarray | None = None
    sigma_east: np.ndarray | None = None
    sigma_north: np.ndarray | None = None
    sigma_up: np.ndarray | None = None
    x: float | None = None
    y: float | None = None
    crs: str = ""
    bearing: float | None = None
    plunge: float = 0.0
    path: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        one_of("kind", self.kind, KINDS)
        check_line(self.name, self.bearing, self.plunge)
        needed = ("displacement",) if self.kind == "extensometer" else ("east", "north")
        for name in needed:
            if getattr(self, name) is None:
                raise InputError(f"Station {self.name} has no {name}; choose the column that holds it.")
        for name in (*needed, "up", "sigma", "sigma_east", "sigma_north", "sigma_up"):
            values = getattr(self, name)
            if values is not None and len(values) != len(self.times):
                raise InputError(f"Station {self.name} has {len(self.times)} times but {len(values)} of {name}.")
        if len(self.times) < 2:
            raise InputError(
                f"Station {self.name} has {len(self.times)} value{'' if len(self.times) == 1 else 's'}; "
                "a displacement needs at least two."
            )
        if np.any(np.diff(self.seconds) <= 0):
            raise InputError(f"The times of station {self.name} do not increase; sort them and remove duplicates.")

    @cached_property
    def seconds(self) -> np.ndarray:
        """Times as float64 ``(n,)``, seconds since 1970 UTC."""
        return np.array([moment.timestamp() for moment in self.times])

    def values(self, component: str) -> tuple[np.ndarray, np.ndarray | None]:
        """Values and sigma of ``displacement``, ``east``, ``north`` or ``up``."""
        sigma = self.sigma if component == "displacement" else getattr(self, f"sigma_{component}")
        return getattr(self, component), sigma

    def placed(self, placement: Placement) -> Station:
        """The same station with what a placement knows of its position and line."""
        known: dict[str, Any] = {"plunge": placement.plunge} if placement.plunge else {}
        if placement.bearing is not None:
            known["bearing"] = placement.bearing
        if placement.x is not None and placement.y is not None:
            known.update(x=placement.x, y=placement.y, crs=placement.crs or self.crs)
        return replace(self, **known)


@dataclass(frozen=True)
class Problem:
    """A station or file that could not be used, and why.

    Attributes
    ----------
    name : str
        Of the station, or of the file where no station was recognised.
    why : str
        One sentence that says what is wrong and the way out.
    """

    name: str
    why: str


@dataclass(frozen=True)
class Reading:
    """What was read: the stations that can be used, and what to know of the others.

    Attributes
    ----------
    stations : tuple of Station
    problems : tuple of Problem
    notes : tuple of str
    """

    stations: tuple[Station, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def plus(self, other: Reading) -> Reading:
        """Both together."""
        return Reading(self.stations + other.stations, self.problems + other.problems, self.notes + other.notes)
