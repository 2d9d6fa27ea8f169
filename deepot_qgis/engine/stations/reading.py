"""Files and folders of stations in, whatever their format."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..errors import DeepotError, InputError, OptionsError
from . import pbo
from .csv_guess import guess, guessed_options
from .csv_options import CsvOptions
from .csv_reader import read_csv
from .station import Problem, Reading, Station

#: What is read of a folder.
EXTENSIONS = (".csv", ".txt", ".tsv", ".dat")


def station_files(paths: Iterable[str], not_these: Iterable[str] = ()) -> tuple[str, ...]:
    """The files among paths, and those in the folders among them, sorted by name.

    Raises
    ------
    InputError
        A folder holds none, or a path does not exist.
    """
    skipped = {os.path.abspath(path) for path in not_these}
    found: list[str] = []
    for path in map(str, paths):
        if os.path.isdir(path):
            inside = sorted(
                os.path.join(path, name)
                for name in os.listdir(path)
                if os.path.splitext(name)[1].lower() in EXTENSIONS and not name.startswith(".")
            )
            inside = [file for file in inside if os.path.abspath(file) not in skipped]
            if not inside:
                raise InputError(f"The folder {path} holds no table ({', '.join(EXTENSIONS)}); choose another.")
            found += inside
        elif os.path.exists(path):
            found.append(path)
        else:
            raise InputError(f"{os.path.basename(path)} does not exist ({path}); choose the file again.")
    return tuple(dict.fromkeys(found))


def read(paths: Sequence[str], options: CsvOptions | None = None, not_these: Iterable[str] = ()) -> Reading:
    """Read stations from files and folders; one bad file does not cost the others.

    Parameters
    ----------
    paths : sequence of str
        Tables, files of the PBO format, and folders of them.
    options : CsvOptions or None
        How tables are to be read; None looks at each and says what it took. The PBO format needs none.
    not_these : iterable of str
        Files of a folder to leave out, such as that of the positions.

    Raises
    ------
    InputError, OptionsError
        There is nothing to read.
    """
    if not paths:
        raise OptionsError("No file of stations is chosen; choose one or a folder of them.")
    reading = Reading(())
    for path in station_files(paths, not_these):
        try:
            reading = reading.plus(_read_file(path, options))
        except DeepotError as error:
            reading = reading.plus(Reading((), (Problem(os.path.basename(path), str(error)),)))
    return replace(reading, stations=_named_apart(reading.stations))


def described(paths: Sequence[str], given: Mapping[str, Any], not_these: Iterable[str] = ()) -> CsvOptions | None:
    """Options for tables of which the user says only some things.

    Parameters
    ----------
    paths : sequence of str
        As of `read`.
    given : mapping
        Fields of `CsvOptions` that the user chose; the rest is what the first table seems to hold.
    not_these : iterable of str

    Returns
    -------
    CsvOptions or None
        None when nothing is said, or no file is a table: each is then recognised by itself.

    Raises
    ------
    InputError, OptionsError
        A file cannot be read, or what is chosen cannot be.
    """
    if not given:
        return None
    for path in station_files(paths, not_these):
        found = guess(path)
        if found.kind == "csv":
            return found.chosen(given)
    return None


def _read_file(path: str, options: CsvOptions | None) -> Reading:
    if pbo.is_pbo(path):
        return Reading((pbo.read_pbo(path),))
    if options is not None:
        return read_csv(path, options)
    guessed, sentence = guessed_options(path)
    found = read_csv(path, guessed)
    return replace(found, notes=(sentence, *found.notes))


def _named_apart(stations: Sequence[Station]) -> tuple[Station, ...]:
    """Stations of one name from different files get the name of the file as well."""
    counts = Counter(station.name for station in stations)
    return tuple(
        station
        if counts[station.name] == 1
        else replace(station, name=f"{station.name} ({os.path.splitext(os.path.basename(station.path))[0]})")
        for station in stations
    )
