"""A list of pairs, a table of two columns or more, as jobs."""

from __future__ import annotations

import csv
import difflib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import Field, dataclass, fields, replace
from datetime import datetime
from typing import Any

from .. import dates as dating
from .. import values
from ..correlation import CorrelationOptions
from ..errors import DeepotError, InputError
from ..jobs.job import Job
from ..local import require_plain
from ..measure import MeasureOptions
from ..model.estimator import find
from ..quality import QualityOptions

#: Options that are options themselves: their items are columns such as ``quality.max_sigma_px``.
_NESTED = {"correlation": CorrelationOptions, "quality": QualityOptions}
_IMAGES = ("reference", "secondary")
#: Files that are written; a relative path lies in the output folder.
_WRITTEN = ("output", "offsets", "velocity")
_MOST_BYTES = 64 << 20
#: What GDAL opens and is no file: a subdataset, a file in an archive or on the network.
_NO_FILE = re.compile(r"/vsi|\w{2,}:")


@dataclass(frozen=True)
class _Row:
    """A row of the table: its line in the file, and the cells that are not empty, by column."""

    line: int
    cells: dict[str, str]


def read_list(path: str, output: str, template: MeasureOptions) -> tuple[Job, ...]:
    """Jobs of a list of pairs.

    The first line names the columns: ``reference`` and ``secondary`` (images, relative to the list), and any option of
    `MeasureOptions`, those of its parts as ``quality.max_sigma_px``. Lines that begin with # are skipped.

    Parameters
    ----------
    path : str
        Text in UTF-8, separated by commas, semicolons or tabs.
    output : str
        Folder of the products. One that is not named in the column ``output`` is called by its dates, or else by its
        images.
    template : MeasureOptions
        What holds where the list says nothing; its paths are not looked at.

    Raises
    ------
    InputError
        The list cannot be read or understood, an image or model is not there, or two lines write one file. The
        sentence names file and line.
    """
    name = os.path.basename(path)
    columns = _columns()
    rows = _rows(path, name, columns)
    jobs, writers = [], _Writers(name)
    for row in rows:
        try:
            options = _options(row, os.path.dirname(os.path.abspath(path)), output, template, columns)
        except DeepotError as error:
            raise InputError(f"{name}, line {row.line}: {error}") from error
        writers.add(row.line, options)
        jobs.append(Job(_name(options, output), options))
    writers.refuse_inputs(jobs)
    return tuple(jobs)


def _columns() -> dict[str, Field[Any]]:
    """What a column may be called, and the option that it is."""
    plain = {item.name: item for item in fields(MeasureOptions) if item.name not in _NESTED}
    parts = {f"{name}.{item.name}": item for name, kind in _NESTED.items() for item in fields(kind)}
    return {**plain, **parts}


def _rows(path: str, name: str, columns: dict[str, Field[Any]]) -> list[_Row]:
    """Rows of the file under the names of their columns."""
    lines = _text(path, name).splitlines()
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    delimiter = next((mark for mark in ";\t" if mark in first), ",")
    heading: list[str] = []
    rows = []
    try:
        for number, cells in _cells(lines, delimiter):
            if not heading:
                heading = _heading(cells, f"{name}, line {number}", columns)
                continue
            if len(cells) > len(heading) and any(cells[len(heading) :]):
                raise InputError(
                    f"{name}, line {number}: there are {len(cells)} cells under {len(heading)} columns; put a cell "
                    f"that holds '{delimiter}' in quotation marks."
                )
            rows.append(_Row(number, {column: cell for column, cell in zip(heading, cells) if cell}))
    except csv.Error as error:
        raise InputError(f"{name} cannot be read as a list of pairs ({error}).") from error
    if not rows:
        raise InputError(
            f"{name} lists no pair; its first line names the columns (reference{delimiter}secondary), and each line "
            "after it is a pair."
        )
    return rows


def _text(path: str, name: str) -> str:
    require_plain(path)
    try:
        if os.path.getsize(path) > _MOST_BYTES:
            raise InputError(f"{name} is larger than {_MOST_BYTES >> 20} MB and no list of pairs; choose another file.")
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read()
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror}); give a list of pairs, or a folder.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is no text in UTF-8 ({error.reason}); save the list as CSV in UTF-8.") from error
    if "\0" in text:
        raise InputError(f"{name} is no text; save the list as CSV in UTF-8.")
    return text


def _cells(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of the lines that hold something and are no remark."""
    reader = csv.reader((line if not line.startswith("#") else "" for line in lines), delimiter=delimiter)
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield reader.line_num, stripped


def _heading(cells: list[str], where: str, columns: dict[str, Field[Any]]) -> list[str]:
    heading = [cell.lower() for cell in cells]
    lacking = [column for column in _IMAGES if column not in heading]
    if lacking:
        raise InputError(
            f"{where}: the column {' and the column '.join(lacking)} is missing; the first line names the columns, "
            "at least reference and secondary."
        )
    for column in heading:
        if column not in columns:
            near = difflib.get_close_matches(column, columns, 1)
            hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(columns)}."
            raise InputError(f"{where}: the column {values.shown(column)} is not known; {hint}")
        if heading.count(column) > 1:
            raise InputError(f"{where}: the column '{column}' is there twice; keep one.")
    return heading


def _options(
    row: _Row, folder: str, output: str, template: MeasureOptions, columns: dict[str, Field[Any]]
) -> MeasureOptions:
    """Options of a pair; raises a `DeepotError` without the place."""
    given = {column: _value(column, columns[column], cell) for column, cell in row.cells.items()}
    for column in _IMAGES:
        if column not in given:
            raise InputError(f"there is no {column}; give the path of an image.")
        given[column] = _image(given[column], folder)
    for column in ("reference_date", "secondary_date"):
        if column in given:
            dating.parse(given[column])
    for name in _NESTED:
        parts = {column.partition(".")[2]: given.pop(column) for column in [*given] if column.startswith(name + ".")}
        given[name] = replace(getattr(template, name), **parts)
    given.setdefault("output", _default_name(given) + ".tif")
    for column in _WRITTEN:
        if column in given:
            given[column] = os.path.join(output, given[column])
    unset = dict.fromkeys(("offsets", "velocity", "reference_date", "secondary_date"))
    options = replace(template, **{**unset, **given})
    if options.method == "model":
        find(options.model)
    return options


def _value(column: str, option: Field[Any], cell: str) -> Any:
    """A cell as the kind of value that the option is."""
    kind = str(option.type).replace("| None", "").strip()
    try:
        if kind == "int":
            return int(cell)
        if kind == "float":
            return float(cell)
        if kind == "bool":
            return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}[cell.lower()]
        if kind.startswith("tuple[int"):
            return tuple(int(part) for part in cell.replace("/", " ").split())
    except (ValueError, KeyError):
        words = {"int": "a whole number", "float": "a number with a decimal point", "bool": "yes or no"}
        raise InputError(
            f"'{column}' is {values.shown(cell)}; it must be {words.get(kind, 'whole numbers, such as 16 32 64')}."
        ) from None
    return cell


def _image(path: str, folder: str) -> str:
    """Where an image is: in the folder of the list, or as it is written."""
    for candidate in (os.path.join(folder, path), path):
        if os.path.exists(candidate):
            return candidate
    if _NO_FILE.match(path):
        return path
    raise InputError(f"the image {values.shown(path)} does not exist; give its path, relative to the list or whole.")


def _default_name(given: dict[str, Any]) -> str:
    """Dates of the pair, YYYYMMDD_YYYYMMDD, or the names of its images."""
    moments = [_date(given.get(f"{image}_date"), given[image]) for image in _IMAGES]
    known = [moment.strftime("%Y%m%d") for moment in moments if moment]
    if len(known) == len(moments):
        return "_".join(known)
    stems = (os.path.splitext(os.path.basename(given[image]))[0] for image in _IMAGES)
    return "_".join(re.sub(r"[^\w.+-]", "_", stem) for stem in stems)


def _date(text: str | None, path: str) -> datetime | None:
    return dating.parse(text) if text else dating.find(os.path.basename(path))


def _name(options: MeasureOptions, output: str) -> str:
    """Name of a pair: its product's, within the output folder."""
    stem = os.path.splitext(options.output)[0]
    relative = os.path.relpath(stem, output) if not os.path.isabs(options.output) or _inside(stem, output) else stem
    return relative.replace(os.sep, "/")


def _inside(path: str, folder: str) -> bool:
    return os.path.abspath(path).startswith(os.path.join(os.path.abspath(folder), ""))


class _Writers:
    """Which line writes which file: no two the same, and none an image of another."""

    def __init__(self, name: str):
        self._name = name
        self._lines: dict[str, int] = {}

    def add(self, line: int, options: MeasureOptions) -> None:
        for path in (options.output, options.offsets_path, options.provenance_path, options.velocity):
            if path is None:
                continue
            other = self._lines.setdefault(os.path.abspath(path), line)
            if other != line:
                raise InputError(
                    f"{self._name}, lines {other} and {line}: both write {os.path.basename(path)}; give each a file "
                    "name of its own in the column output."
                )

    def refuse_inputs(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            for image in (job.options.reference, job.options.secondary):
                line = self._lines.get(os.path.abspath(image))
                if line is not None:
                    raise InputError(
                        f"{self._name}, line {line}: it writes over the image {os.path.basename(image)}; choose "
                        "another output."
                    )
