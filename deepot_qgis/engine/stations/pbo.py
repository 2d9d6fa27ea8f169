"""The CSV format of GNSS positions of the Plate Boundary Observatory (UNAVCO, now EarthScope).

A header of about eleven lines (identity, reference frame, reference position), a line of column names, and a row for
each day: north, east and vertical displacement since the first day with their standard deviations, in millimetres.
A day's position is the mean of its 24 hours, so it stands for noon UTC.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np

from ..errors import InputError
from . import moments
from .csv_table import encoding_of, lines, number, rows, split
from .station import LENGTHS, Station, unit_in

#: The position in the header; the reference frame differs from WGS84 by far less than a pixel.
CRS = "EPSG:4326"
_TITLE = "PBO Station Position Time Series"
_HEADER_LINES = 60
_COLUMNS = (
    ("sigma_north", r"north.*(std|sigma|dev)"),
    ("sigma_east", r"east.*(std|sigma|dev)"),
    ("sigma_up", r"(vertical|up).*(std|sigma|dev)"),
    ("north", r"north"),
    ("east", r"east"),
    ("up", r"vertical|up"),
    ("time", r"date"),
)


@dataclass(frozen=True)
class PboHeader:
    """What the header of a file says.

    Attributes
    ----------
    name, title : str
        Four letters, and the name in full.
    frame : str
        Reference frame.
    x, y : float or None
        Longitude and latitude, degrees.
    names, roles : tuple of str
        Columns, and what each holds (empty when it is not used).
    unit : str
    first : int
        Line of the first row of data, from 1.
    """

    name: str
    title: str
    frame: str
    x: float | None
    y: float | None
    names: tuple[str, ...]
    roles: tuple[str, ...]
    unit: str
    first: int


def is_pbo(path: str) -> bool:
    """Whether a file begins as this format does.

    Raises
    ------
    InputError
        The file cannot be read or is no text.
    """
    first = next(islice(lines(path, encoding_of(path)), 1), "")
    return first.strip().startswith(_TITLE)


def header(path: str) -> PboHeader:
    """Read the header.

    Raises
    ------
    InputError
        A line that is needed is missing.
    """
    file = os.path.basename(path)
    items: dict[str, str] = {}
    names: tuple[str, ...] = ()
    first = 1
    for line in islice(lines(path, encoding_of(path)), _HEADER_LINES):
        first += 1
        key, _, value = line.partition(",")
        if key.strip().lower() == "date" and "north" in value.lower():
            names = tuple(name for name in split(line, ",") if name)
            break
        items[key.strip().lower()] = value.strip()
    if not names:
        raise InputError(
            f"{file} begins as a PBO file but has no line that names its columns (Date, North (mm), ...); download it "
            "again."
        )
    roles = _roles(names)
    lacking = [role for role in ("time", "north", "east") if role not in roles]
    if lacking:
        raise InputError(f"{file} has no column for {' and '.join(lacking)}; download it again.")
    found = (unit_in(name) for name, role in zip(names, roles) if role not in ("", "time"))
    units = {unit for unit in found if unit is not None}
    if len(units) != 1:
        raise InputError(f"The columns of {file} do not name one unit of length; download it again.")
    x, y = _position(items.get("reference position", ""))
    name = items.get("4-character id") or file.split(".")[0]
    return PboHeader(
        name,
        items.get("station name", ""),
        items.get("reference frame", "unknown"),
        x,
        y,
        names,
        roles,
        units.pop(),
        first,
    )


def _roles(names: Sequence[str]) -> tuple[str, ...]:
    roles: list[str] = []
    for name in names:
        fits = (role for role, pattern in _COLUMNS if re.search(pattern, name.lower()) and role not in roles)
        roles.append(next(fits, ""))
    return tuple(roles)


def _position(text: str) -> tuple[float | None, float | None]:
    latitude = re.search(r"([-+]?\d+(?:\.\d+)?)\s*(north|south) latitude", text, re.IGNORECASE)
    longitude = re.search(r"([-+]?\d+(?:\.\d+)?)\s*(east|west) longitude", text, re.IGNORECASE)
    if latitude is None or longitude is None:
        return None, None
    y = float(latitude.group(1)) * (-1 if latitude.group(2).lower() == "south" else 1)
    x = float(longitude.group(1)) * (-1 if longitude.group(2).lower() == "west" else 1)
    return (x + 180) % 360 - 180, y


def read_pbo(path: str) -> Station:
    """Read a file of the PBO format.

    Parameters
    ----------
    path : str

    Returns
    -------
    Station
        A GNSS; metres, times at noon UTC, position in longitude and latitude.

    Raises
    ------
    InputError
        The file cannot be read, or a row holds something else than numbers.
    """
    path = str(path)
    if not is_pbo(path):
        raise InputError(
            f"{os.path.basename(path)} does not begin with '{_TITLE}', so it is not a PBO file; read it as a table."
        )
    head = header(path)
    table = _Rows(path, head)
    scale = LENGTHS[head.unit]
    found: dict[str, Any] = {role: np.array(table.columns[role]) * scale for role in table.columns}
    notes = [f"{head.name}: GNSS in the PBO format, reference frame {head.frame}; each day stands for noon UTC."]
    if table.skipped:
        notes.append(f"{head.name}: {table.skipped} rows without values were left out.")
    return Station(
        name=head.name, kind="gnss", times=tuple(table.times), x=head.x, y=head.y,
        crs=CRS if head.x is not None else "", path=path, notes=tuple(notes), **found,
    )  # fmt: skip


class _Rows:
    """The rows of a file as columns."""

    def __init__(self, path: str, head: PboHeader):
        self.times: list[datetime] = []
        self.columns: dict[str, list[float]] = {role: [] for role in head.roles if role not in ("", "time")}
        self.skipped = 0
        file, day = os.path.basename(path), moments.reader("iso", "UTC")
        place = {role: k for k, role in enumerate(head.roles) if role}
        for row in rows(path, encoding_of(path), ",", head.first):
            if len(row.cells) <= max(place.values()):
                raise InputError(f"Line {row.line} of {file} ends early; download it again.")
            try:
                moment = day(row.cells[place["time"]])
            except ValueError as error:
                raise InputError(
                    f"Line {row.line} of {file} begins with '{row.cells[place['time']]}', which is no date; correct or "
                    "remove it."
                ) from error
            values = {role: self._value(row.cells[place[role]], row.line, file, head, role) for role in self.columns}
            if any(np.isnan(values[role]) for role in ("north", "east")):
                self.skipped += 1
                continue
            if self.times and moment <= self.times[-1]:
                raise InputError(
                    f"Line {row.line} of {file} is not later than the line before; sort the rows and remove duplicates."
                )
            self.times.append(moment)
            for role, value in values.items():
                self.columns[role].append(value)

    @staticmethod
    def _value(cell: str, line: int, file: str, head: PboHeader, role: str) -> float:
        try:
            return number(cell, ".") if cell else float("nan")
        except ValueError as error:
            column = head.names[head.roles.index(role)]
            raise InputError(
                f"Line {line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it or "
                "empty the cell."
            ) from error
