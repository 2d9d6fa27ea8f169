"""The dated images of a time series: found in a folder, put in order, and checked for one grid."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Union

from .. import dates as dating
from ..errors import DeepotError, GridMismatchError, InputError
from ..grids import grid_differences
from ..local import require_plain
from ..rasters import Raster

#: Files of a folder that are taken for images; others can be named one by one.
SUFFIXES = (".tif", ".tiff", ".vrt", ".img", ".dat", ".jp2", ".nc", ".h5", ".mli", ".slc", ".bil", ".png")
_Path = Union[str, "os.PathLike[str]"]


@dataclass(frozen=True)
class Acquisition:
    """An image and when it was taken.

    Attributes
    ----------
    path : str
    date : datetime.datetime
        UTC.
    band : int
        From 1.
    """

    path: str
    date: datetime
    band: int = 1

    @property
    def name(self) -> str:
        """File name, for sentences."""
        return os.path.basename(self.path)

    @property
    def day(self) -> str:
        """The date as YYYYMMDD, for file names."""
        return self.date.strftime("%Y%m%d")


def find_acquisitions(
    source: _Path | Sequence[_Path], band: int = 1, dates: Mapping[str, str] | None = None
) -> tuple[Acquisition, ...]:
    """Images of a folder, or of a list of paths, sorted by date.

    A damaged file whose name holds its date is kept: the run leaves out its pairs and names it at the end.

    Parameters
    ----------
    source : path or sequence of paths
    band : int
        Of every image.
    dates : mapping, optional
        Date text by file name or path, for images that do not say theirs, or say it wrongly.

    Raises
    ------
    InputError
        There is no image, only one date, two images of one day, or an image whose date is not known.
    OptionsError
        A given date cannot be understood.
    """
    paths = _paths(source)
    given = {os.path.basename(path): text for path, text in (dates or {}).items()}
    found, undated = [], []
    for path in paths:
        date = _date(path, band, given.get(os.path.basename(path)))
        if date is None:
            undated.append(os.path.basename(path))
        else:
            found.append(Acquisition(path, date, band))
    if undated:
        raise InputError(
            f"No acquisition date is known for {_some(undated)}; put the date into the file name (20230904), or give "
            "it."
        )
    return in_order(found)


def in_order(images: Sequence[Acquisition]) -> tuple[Acquisition, ...]:
    """Images sorted by date.

    Raises
    ------
    InputError
        There are fewer than two dates, or two images of one day.
    """
    if not images:
        raise InputError("There is no image; choose the rasters of a time series, or the folder that holds them.")
    ordered = tuple(sorted(images, key=lambda image: image.date))
    for first, second in zip(ordered, ordered[1:]):
        if first.day == second.day:
            raise InputError(
                f"{first.name} and {second.name} are both of {first.date:%Y-%m-%d}; keep one image a day, or correct "
                "the date of one."
            )
    if len(ordered) < 2:
        raise InputError(
            f"There is only one date ({dating.text(ordered[0].date)}, {ordered[0].name}); a time series needs at least "
            "two."
        )
    return ordered


def _paths(source: _Path | Sequence[_Path]) -> list[str]:
    if not isinstance(source, (str, os.PathLike)):
        paths = [str(path) for path in source]
        if len(paths) == 1 and os.path.isdir(paths[0]):
            return _paths(paths[0])
        return paths
    folder = str(source)
    if not os.path.isdir(folder):
        if os.path.exists(folder):
            return [folder]
        raise InputError(f"The folder {folder} does not exist; choose the folder that holds the images.")
    names = sorted(name for name in os.listdir(folder) if name.lower().endswith(SUFFIXES) and not name.startswith("."))
    if not names:
        raise InputError(f"The folder {folder} holds no raster ({', '.join(SUFFIXES[:4])} ...); choose another folder.")
    return [os.path.join(folder, name) for name in names]


def _date(path: str, band: int, given: str | None) -> datetime | None:
    if given:
        return dating.parse(given)
    try:
        return dating.of_raster(Raster(path, band))
    except InputError:
        named = dating.find(os.path.basename(path))
        if named is None or not os.path.exists(path):
            raise
        return named


def read_dates(path: str) -> dict[str, str]:
    """Dates by file name from a text file of two columns (name, date), with or without a heading.

    Raises
    ------
    InputError
        The file cannot be read, or a row has no date.
    """
    require_plain(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{os.path.basename(path)} cannot be read as a table of dates ({error}).") from error
    delimiter = next((mark for mark in ";\t," if mark in text), ",")
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InputError(f"{os.path.basename(path)} cannot be read as a table of dates ({error}).") from error
    dates = {}
    for number, row in enumerate(rows, start=1):
        if len(row) < 2 or dating.find(row[1]) is None:
            if number == 1:
                continue  # a heading
            raise InputError(
                f"Row {number} of {os.path.basename(path)} has no date ({delimiter.join(row)}); write file name and "
                "date, such as scene.tif,2023-09-04."
            )
        dates[os.path.basename(row[0].strip())] = row[1].strip()
    return dates


def check_grids(images: Sequence[Acquisition]) -> tuple[tuple[Acquisition, ...], tuple[str, ...]]:
    """Open all images, and compare each with the first that can be read.

    Returns
    -------
    readable : tuple of Acquisition
    damaged : tuple of str
        A sentence for each image that cannot be read.

    Raises
    ------
    GridMismatchError
        An image lies on another grid, or in another CRS. Nothing is ever resampled silently.
    InputError
        Fewer than two images can be read.
    """
    readable, damaged, first = [], [], None
    others: list[tuple[str, str]] = []
    for image in images:
        try:
            raster = Raster(image.path, image.band)
        except DeepotError as error:
            damaged.append(str(error))
            continue
        readable.append(image)
        first = first or raster
        differences = grid_differences(first.grid, raster.grid)
        if differences:
            others.append((image.name, "; ".join(differences)))
    if others:
        assert first is not None
        more = f" (and {len(others) - 1} more images differ)" if len(others) > 1 else ""
        raise GridMismatchError(
            f"{others[0][0]} is not on the grid of {first.name}: {others[0][1]}{more}. All images of a time series "
            "need one grid: make aligned copies (Align, deepot:align), or leave them out."
        )
    if len(readable) < 2:
        raise InputError(f"Fewer than two images can be read. {' '.join(damaged)}")
    return tuple(readable), tuple(damaged)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
