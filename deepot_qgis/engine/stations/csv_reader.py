"""Tables of stations in: rows to stations, with a sentence for each that cannot be used."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np

from ..errors import DeepotError, InputError, OptionsError
from . import moments
from .csv_options import CsvOptions
from .csv_table import Row, encoding_of, lines, number, rows, split
from .station import LENGTHS, Problem, Reading, Station

_MEASURED = ("displacement", "east", "north", "up", "sigma", "sigma_east", "sigma_north", "sigma_up")
_CONSTANT = ("x", "y", "bearing", "plunge")
#: Texts, about, of which the format of a column is found out.
_SAMPLE = 1000


def read_csv(path: str, options: CsvOptions) -> Reading:
    """Read a table of one or several stations.

    Parameters
    ----------
    path : str
    options : CsvOptions

    Returns
    -------
    Reading
        The stations in the order in which they appear, in metres and UTC, sorted by time; a problem for each that
        holds text in a column of numbers, an unreadable time, or too few values. Rows without a value are left out,
        and values at one time are replaced by their mean; notes say so.

    Raises
    ------
    InputError
        The file cannot be read, or has no such column.
    """
    path = str(path)
    encoding_of(path)  # refuses what is no text
    columns = _places(path, options)
    of_station = _split_stations(path, options, columns)
    if not of_station:
        raise InputError(f"{os.path.basename(path)} has no rows from line {options.first} on; correct the first line.")
    stations, problems = [], []
    for name, its_rows in of_station.items():
        try:
            stations.append(_station(name, path, its_rows, options, columns))
        except DeepotError as error:
            problems.append(Problem(name, str(error)))
    return Reading(tuple(stations), tuple(problems))


def _places(path: str, options: CsvOptions) -> dict[str, int]:
    """Place of each column that is used, from 0, by role."""
    wanted = {role: getattr(options, role) for role in ("time", "clock", "station", *_MEASURED, *_CONSTANT)}
    names = _names(path, options)
    known = {name.strip().lower(): place for place, name in reversed(list(enumerate(names)))}
    found = {}
    for role, column in wanted.items():
        if not column:
            continue
        place = known.get(column.strip().lower())
        if place is None and column.strip().isdigit() and 1 <= int(column) <= max(len(names), 1):
            place = int(column) - 1
        if place is None:
            raise InputError(
                f"{os.path.basename(path)} has no column '{column}' for {role}; it has {', '.join(names) or 'none'}."
            )
        found[role] = place
    return found


def _names(path: str, options: CsvOptions) -> tuple[str, ...]:
    line_number = options.header or options.first
    line = next(islice(lines(path, options.encoding), line_number - 1, line_number), "")
    cells = split(line.lstrip("# ") if options.header else line, options.delimiter)
    if options.header:
        return tuple(cell or str(place) for place, cell in enumerate(cells, start=1))
    return tuple(str(place) for place in range(1, len(cells) + 1))


def _split_stations(path: str, options: CsvOptions, columns: dict[str, int]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    only = options.name or os.path.splitext(os.path.basename(path))[0]
    place = columns.get("station")
    for row in rows(path, options.encoding, options.delimiter, options.first):
        name = only if place is None else (row.cells[place].strip() if place < len(row.cells) else "")
        if name:  # a row of no station is no row of one
            found[name].append(row)
    return found


@dataclass
class _Record:
    """A station's rows while they are being read."""

    times: list[datetime] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    empty: int = 0


def _station(name: str, path: str, its_rows: Sequence[Row], options: CsvOptions, columns: dict[str, int]) -> Station:
    record = _parse(name, path, its_rows, options, columns)
    measured = [role for role in _MEASURED if role in columns]
    constants = {role: _constant(name, role, record.values[role]) for role in _CONSTANT if role in columns}
    notes = []
    if record.empty:
        notes.append(f"{name}: {record.empty} of {len(its_rows)} rows hold no value and were left out.")
    if not record.times:
        raise InputError(f"Station {name} holds no value in {os.path.basename(path)}; choose another column.")
    seconds = np.array([moment.timestamp() for moment in record.times])
    order = np.argsort(seconds, kind="stable")
    if np.any(np.diff(seconds) < 0):
        notes.append(f"{name}: the rows were not in the order of time and have been sorted.")
    scale = LENGTHS[options.unit]
    arrays = {role: np.array(record.values[role])[order] * scale for role in measured}
    times, arrays, doubled = _without_doubles([record.times[k] for k in order], seconds[order], arrays)
    if doubled:
        notes.append(f"{name}: {doubled} times occur more than once (first {_first_double(record, order)}); the mean "
                     "of their values is used.")  # fmt: skip
    for role in ("displacement", "east", "north", "up"):
        if role in arrays and options.sign < 0:
            arrays[role] = -arrays[role]
    kind = "extensometer" if "displacement" in arrays else "gnss"
    plunge = constants.pop("plunge", None)
    known: dict[str, Any] = {**constants, **arrays}
    return Station(
        name=name, kind=kind, times=tuple(times), path=path, notes=tuple(notes), plunge=plunge or 0.0,
        crs=options.crs if constants.get("x") is not None else "", **known,
    )  # fmt: skip


def _parse(name: str, path: str, its_rows: Sequence[Row], options: CsvOptions, columns: dict[str, int]) -> _Record:
    file = os.path.basename(path)
    missing = {text.strip().lower() for text in options.missing}
    read = moments.reader(_time_format(name, its_rows, options, columns), options.time_zone)
    needed = ("displacement",) if "displacement" in columns else ("east", "north")
    record = _Record()
    for row in its_rows:
        values = {
            role: _number(row, columns[role], getattr(options, role), file, options.decimal, missing)
            for role in (*_MEASURED, *_CONSTANT)
            if role in columns
        }
        for role in _CONSTANT:
            if role in values:
                record.values[role].append(values[role])
        if any(np.isnan(values[role]) for role in needed):
            record.empty += 1
            continue
        text = _time_text(row, columns)
        try:
            moment = read(text)
        except ValueError as error:
            raise InputError(
                f"Line {row.line} of {file}, column '{options.time}', holds '{text}', which is not a time in the "
                f"format of the others; correct or remove it."
            ) from error
        record.times.append(moment)
        record.lines.append(row.line)
        for role in _MEASURED:
            if role in values:
                record.values[role].append(values[role])
    return record


def _time_text(row: Row, columns: dict[str, int]) -> str:
    parts = [columns["time"], *([columns["clock"]] if "clock" in columns else [])]
    return " ".join(row.cells[place] if place < len(row.cells) else "" for place in parts).strip()


def _time_format(name: str, its_rows: Sequence[Row], options: CsvOptions, columns: dict[str, int]) -> str:
    """The format given; with a clock in a column of its own, and for ``auto``, the one that fits the texts."""
    if options.time_format != "auto" and "clock" not in columns:
        return options.time_format
    step = max(1, len(its_rows) // _SAMPLE)
    sample = [_time_text(row, columns) for row in its_rows[::step]]
    sample = [text for text in sample if text]
    if options.time_format != "auto":
        both = [options.time_format + clock for clock in (" %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p")]
        both = ["iso"] if options.time_format == "iso" else both
        return next((one for one in both if moments.fits(one, sample)), options.time_format)
    return moments.format_of(moments.usual(sample), options.time, name)


def _number(row: Row, place: int, column: str, file: str, decimal: str, missing: Iterable[str]) -> float:
    cell = row.cells[place].strip() if place < len(row.cells) else ""
    if cell.lower() in missing:
        return float("nan")
    try:
        return number(cell, decimal)
    except ValueError as error:
        raise InputError(
            f"Line {row.line} of {file}, column '{column}', holds '{cell}', which is not a number; correct it, empty "
            "the cell, or name it as a missing value."
        ) from error


def _constant(name: str, role: str, values: Sequence[float]) -> float | None:
    """The one value that all rows of a station share."""
    known = [value for value in values if not np.isnan(value)]
    if not known:
        return None
    middle = float(np.median(known))
    if max(abs(value - middle) for value in known) > 1e-6 * max(1.0, abs(middle)):
        raise OptionsError(
            f"The column for {role} of station {name} changes from row to row ({min(known):g} to {max(known):g}), so "
            "it is no position or line; choose another column."
        )
    return middle


def _first_double(record: _Record, order: np.ndarray) -> str:
    """The first time that occurs twice, for a sentence."""
    times = [record.times[k] for k in order]
    return next(a.strftime("%Y-%m-%d %H:%M") for a, b in zip(times, times[1:]) if a == b)


def _without_doubles(
    times: Sequence[datetime], seconds: np.ndarray, arrays: dict[str, np.ndarray]
) -> tuple[Sequence[datetime], dict[str, np.ndarray], int]:
    """One value a time: the mean of those that share it."""
    unique, first, counts = np.unique(seconds, return_index=True, return_counts=True)
    if len(unique) == len(seconds):
        return times, arrays, 0
    means = {role: np.add.reduceat(values, first) / counts for role, values in arrays.items()}
    return [times[k] for k in first], means, int((counts > 1).sum())
