"""What a table of a station seems to hold: the first page of a wizard."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from ..errors import InputError
from . import pbo
from .csv_columns import ColumnGuess, Columns, floats
from .csv_options import ROLES, CsvOptions
from .csv_table import layout, rows
from .station import COMPONENTS as _COMPONENTS
from .station import unit_in

_PREVIEW = 20
#: Rows that are looked at.
_SAMPLE = 2000


@dataclass(frozen=True)
class CsvGuess:
    """What a file of a station seems to hold.

    Attributes
    ----------
    path : str
    kind : str
        ``pbo`` for the GNSS format, whose columns are fixed, else ``csv``.
    encoding, delimiter, decimal : str
    header, first : int
        Line of the names (0 for none) and of the first row of data, from 1.
    columns : tuple of ColumnGuess
    rows : tuple of tuple of str
        The first rows, a cell for each column.
    unit : str
        Of the displacement; metres when nothing says another.
    crs : str
        Of the position; empty when nothing says it.
    missing : tuple of str
        Sentences that say what has still to be chosen; empty when the file can be read as guessed.
    notes : tuple of str
        What to look at before believing the guess.
    """

    path: str
    kind: str
    encoding: str
    delimiter: str
    decimal: str
    header: int
    first: int
    columns: tuple[ColumnGuess, ...]
    rows: tuple[tuple[str, ...], ...]
    unit: str = "m"
    crs: str = ""
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def roles(self) -> dict[str, str]:
        """Names of the columns by their role."""
        return {column.role: column.name for column in self.columns if column.role}

    def options(self, roles: Mapping[str, str] | None = None, **given: object) -> CsvOptions:
        """Options that read the file.

        Parameters
        ----------
        roles : mapping, optional
            Columns by role, where the user chose others than guessed.
        **given
            Fields of `CsvOptions` that the user chose.

        Raises
        ------
        OptionsError
            Something is missing, or was chosen as it cannot be.
        """
        chosen = dict(self.roles if roles is None else roles)
        times = {column.name: column.time_format for column in self.columns}
        known: dict[str, object] = {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "decimal": self.decimal,
            "header": self.header,
            "first": self.first,
            "unit": self.unit,
            "crs": self.crs if "x" in chosen else "",
            "time_format": times.get(chosen.get("time", "")) or "auto",
            "time": "",
        }
        return CsvOptions(**{**known, **chosen, **given})  # type: ignore[arg-type]

    def chosen(self, given: Mapping[str, object]) -> CsvOptions:
        """Options as guessed but for what the user chose.

        Parameters
        ----------
        given : mapping
            Fields of `CsvOptions`. A column that is chosen for something else loses the role that was guessed, and a
            displacement takes the place of components (and the other way round).

        Raises
        ------
        OptionsError
            Something is missing, or was chosen as it cannot be.
        """
        columns = {role: str(given[role]) for role in ROLES if given.get(role)}
        taken = {name.strip().lower() for name in columns.values()}
        kept = {role: name for role, name in self.roles.items() if name.strip().lower() not in taken}
        if "displacement" in columns:
            kept = {role: name for role, name in kept.items() if role.replace("sigma_", "") not in _COMPONENTS}
        elif {"east", "north"} <= set(columns):
            kept = {role: name for role, name in kept.items() if role not in ("displacement", "sigma")}
        fields = {name: value for name, value in given.items() if name not in ROLES}
        if columns.get("time", self.roles.get("time")) != self.roles.get("time"):
            fields.setdefault("time_format", "auto")
        return self.options({**kept, **columns}, **fields)


def guess(path: str) -> CsvGuess:
    """Look at a file and say what it seems to hold.

    Parameters
    ----------
    path : str
        A text table, or a file of the PBO format.

    Returns
    -------
    CsvGuess
        `CsvGuess.options` of it reads the file, unless `CsvGuess.missing` says what has to be chosen first.

    Raises
    ------
    InputError
        The file cannot be read, or is no table.
    """
    path = str(path)
    if pbo.is_pbo(path):
        return _of_pbo(path)
    found = layout(path)
    sample = list(islice(rows(path, found.encoding, found.delimiter, found.first), _SAMPLE))
    cells = [[row.cells[k] if k < len(row.cells) else "" for row in sample] for k in range(len(found.names))]
    columns = Columns(found, cells).guess()
    units = {column.unit for column in columns if column.unit and column.role.split("_")[0] in _MEASURED}
    roles = {column.role: column for column in columns if column.role}
    notes = _notes(units, roles)
    return CsvGuess(
        path=path,
        kind="csv",
        encoding=found.encoding,
        delimiter=found.delimiter,
        decimal=found.decimal,
        header=found.header,
        first=found.first,
        columns=columns,
        rows=tuple(tuple(column[k] for column in cells) for k in range(min(_PREVIEW, len(sample)))),
        unit=units.pop() if len(units) == 1 else "m",
        crs=_crs(roles, dict(zip(found.names, cells)), found.decimal),
        missing=_missing(roles, columns),
        notes=notes,
    )


_MEASURED = ("displacement", "sigma", "east", "north", "up")


def _of_pbo(path: str) -> CsvGuess:
    head = pbo.header(path)
    first = [row.cells for row in islice(rows(path, "utf-8", ",", head.first), _PREVIEW)]
    width = len(head.names)
    why = "the PBO format fixes its columns"
    formats = {"time": "iso"}
    columns = tuple(
        ColumnGuess(name, role, unit_in(name), formats.get(role), why if role else "not used")
        for name, role in zip(head.names, head.roles)
    )
    cells = tuple(tuple((*row, *[""] * width)[:width]) for row in first)
    return CsvGuess(
        path, "pbo", "utf-8", ",", ".", head.first - 1, head.first, columns, cells, head.unit, pbo.CRS,
        notes=(f"GNSS station {head.name} in the PBO format, reference frame {head.frame}.",),
    )  # fmt: skip


def _notes(units: set[str], roles: Mapping[str, ColumnGuess]) -> tuple[str, ...]:
    notes = []
    if not units and {"displacement", "east"} & set(roles):
        notes.append("No column names its unit: metres are assumed; choose another unit if that is wrong.")
    if len(units) > 1:
        notes.append(f"The columns name different units ({', '.join(sorted(units))}): metres are assumed; choose one.")
    if "time" in roles and (roles["time"].time_format or "") not in ("unix", "unix_ms"):
        notes.append("Times that state no zone are taken as UTC; choose the zone of the logger if it is another.")
    return tuple(notes)


def _missing(roles: Mapping[str, ColumnGuess], columns: Sequence[ColumnGuess]) -> tuple[str, ...]:
    missing = []
    if "time" not in roles:
        missing.append("No column is recognised as time; choose one and its format.")
    elif not roles["time"].time_format:
        missing.append(f"Column '{roles['time'].name}': {roles['time'].why}; say which format it is.")
    if "displacement" not in roles and not {"east", "north"} <= set(roles):
        numbers = [column.name for column in columns if not column.role and column.why != "text"]
        of = f" (one of {', '.join(numbers)})" if numbers else ""
        missing.append(f"No column is recognised as displacement; choose one{of}, or those for north and east.")
    return tuple(missing)


def _crs(roles: Mapping[str, ColumnGuess], cells: Mapping[str, Sequence[str]], decimal: str) -> str:
    """WGS84 where the position can only be longitude and latitude; else it has to be said."""
    if "x" not in roles or "y" not in roles:
        return ""
    named = re.search(r"lon", roles["x"].name.lower()) and re.search(r"lat", roles["y"].name.lower())
    x, y = (floats(cells[roles[axis].name], decimal) for axis in ("x", "y"))
    small = len(x) and len(y) and np.abs(x).max() <= 360 and np.abs(y).max() <= 90
    return "EPSG:4326" if named and small else ""


def guessed_options(path: str) -> tuple[CsvOptions, str]:
    """Options for a file nobody described, and a sentence that says what was taken.

    Raises
    ------
    InputError
        Something has to be chosen by the user.
    """
    found = guess(path)
    if found.missing:
        raise InputError(f"{os.path.basename(path)}: {' '.join(found.missing)}")
    roles = ", ".join(f"{role} from '{name}'" for role, name in found.roles.items())
    name = os.path.basename(path)
    return found.options(), f"{name}: columns were recognised by themselves ({roles}; unit {found.unit}; times UTC)."
