"""Text files as tables: encoding, delimiter, header, rows."""

from __future__ import annotations

import codecs
import csv
import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..errors import InputError
from ..local import require_plain
from .csv_options import DELIMITERS, MISSING

_SAMPLE_LINES = 400
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_COMMENT = "#"
#: A little less than the longest cell that the csv module takes.
_LONGEST_LINE = 100_000


@dataclass(frozen=True)
class Row:
    """Cells of a line, and its number in the file from 1."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out.

    Attributes
    ----------
    encoding, delimiter, decimal : str
    header : int
        Line of the names from 1, 0 for none.
    first : int
        Line of the first row of data.
    names : tuple of str
        Of the columns; their numbers where there is no header.
    units : tuple of str
        What a second line of the header says of each column, such as its unit; empty texts without one.
    """

    encoding: str
    delimiter: str
    decimal: str
    header: int
    first: int
    names: tuple[str, ...]
    units: tuple[str, ...]


def encoding_of(path: str) -> str:
    """Encoding of a text file.

    Raises
    ------
    InputError
        The file cannot be read, is empty, or is no text.
    """
    name = os.path.basename(path)
    require_plain(path)
    try:
        with open(path, "rb") as file:
            head = file.read(1 << 16)
    except IsADirectoryError as error:
        raise InputError(f"{name} is a folder; choose the files inside it.") from error
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror}); choose the file again.") from error
    if not head.strip():
        raise InputError(f"{name} is empty; choose a table with times and displacements.")
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        raise InputError(f"{name} is a workbook, not a text table; save its sheet as CSV and choose that.")
    if b"\0" in head:
        raise InputError(f"{name} is not a text file; choose a table saved as CSV.")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
        return "utf-8"
    except UnicodeDecodeError:
        return "cp1252"


def lines(path: str, encoding: str) -> Iterator[str]:
    """Lines of a text file, without their ends.

    Raises
    ------
    InputError
        It cannot be read.
    """
    name = os.path.basename(path)
    try:
        with open(path, encoding=encoding, errors="replace", newline=None) as file:
            while line := file.readline(_LONGEST_LINE + 1):
                if len(line) > _LONGEST_LINE:
                    raise InputError(
                        f"{name} has a line of more than {_LONGEST_LINE} characters, so it is no table that can be "
                        "read; save it with a line for each row and only the columns that are needed."
                    )
                yield line.rstrip("\r\n")
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror}); choose the file again.") from error
    except LookupError as error:
        raise InputError(f"The encoding '{encoding}' of {name} is not known; write utf-8 or cp1252.") from error
    except ValueError as error:  # of codecs that are not for text, too
        raise InputError(f"{name} cannot be read as {encoding!r} ({error}); write utf-8 or cp1252.") from error


def split(line: str, delimiter: str) -> tuple[str, ...]:
    """Cells of a line; quotes hold a delimiter that belongs to a cell."""
    if delimiter == " ":
        return tuple(line.split())
    cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    return tuple(cell.strip() for cell in cells)


def rows(path: str, encoding: str, delimiter: str, first: int) -> Iterator[Row]:
    """Rows of data from a line on; empty lines and comments are left out."""
    for number, line in enumerate(lines(path, encoding), start=1):
        if number >= first and line.strip() and not line.lstrip().startswith(_COMMENT):
            yield Row(number, split(line, delimiter))


def number(cell: str, decimal: str) -> float:
    """A cell as a number; ValueError for what is none."""
    if "_" in cell:  # Python's own way to group digits
        raise ValueError(cell)
    value = float(cell.replace(",", ".") if decimal == "," else cell)
    if math.isinf(value):
        raise ValueError(cell)
    return value


def layout(path: str) -> Layout:
    """Find out how a text file is laid out.

    Raises
    ------
    InputError
        It cannot be read, or no table is recognised in it.
    """
    encoding = encoding_of(path)
    sample: list[str] = []
    for line in lines(path, encoding):
        sample.append(line)
        if len(sample) == _SAMPLE_LINES:
            break
    found = _delimiter(sample)
    if found is None:
        raise InputError(
            f"No table is recognised in {os.path.basename(path)}; it needs lines of the same number of columns with "
            "a time and a number in each."
        )
    delimiter, decimal, columns, first = found
    header, names, units = _header(sample, delimiter, decimal, columns, first)
    return Layout(encoding, delimiter, decimal, header, first + 1, names, units)


def _delimiter(sample: Sequence[str]) -> tuple[str, str, int, int] | None:
    """Delimiter, decimal sign, columns and index of the first row of data: what makes most lines rows of numbers."""
    best: tuple[float, tuple[str, str, int, int]] | None = None
    for rank, delimiter in enumerate(DELIMITERS):
        for decimal in (".", ",") if delimiter != "," else (".",):
            cells = [() if _comment(line) else split(line, delimiter) for line in sample]
            data = [row if _is_data(row, decimal) else () for row in cells]
            counts = Counter(len(_trimmed(row)) for row in data if row)
            if not counts:
                continue
            columns = max(counts, key=lambda count: (counts[count], count))
            good = [index for index, row in enumerate(data) if row and len(_trimmed(row)) >= columns]
            numeric = sum(_is_number(cell, decimal) for index in good for cell in data[index]) / len(good)
            text = sum(bool(cell) and not _is_number(cell, decimal) for index in good for cell in data[index])
            torn = sum(bool(set(cell) & set(";\t|")) for index in good for cell in data[index])
            # Most rows first, then those with most cells that are numbers and fewest that are none. A cell with
            # another delimiter in it was torn out of its row.
            score = len(good) - torn / 2 + numeric / 100 - text / len(good) / 1000 - rank * 1e-6
            if best is None or score > best[0]:
                best = score, (delimiter, decimal, columns, _begin(good, cells))
    return None if best is None else best[1]


def _begin(good: Sequence[int], cells: Sequence[Sequence[str]]) -> int:
    """The first row that another follows: a line of the preamble may look like a row, but stands alone."""
    filled = [index for index, row in enumerate(cells) if row]
    after = dict(zip(filled, filled[1:]))
    known = set(good)
    return next((index for index in good if after.get(index) in known), good[0])


def _is_data(row: Sequence[str], decimal: str) -> bool:
    """Whether a line may be a row: at least two cells, one of them a number."""
    return len(row) >= 2 and any(_is_number(cell, decimal) for cell in row)


def _header(
    sample: Sequence[str], delimiter: str, decimal: str, columns: int, first: int
) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Line of the names (from 1, 0 for none), the names, and what further lines of the header say of the columns."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for index in range(first - 1, max(-1, first - 5), -1):
        line = sample[index].lstrip(_COMMENT + " ")
        row = split(line, delimiter)
        if len(row) < columns or any(_is_number(cell, decimal) for cell in row):
            break
        found.append((index, row))
    if not found:
        return 0, tuple(str(number) for number in range(1, columns + 1)), ("",) * columns
    top, row = found[-1]
    names = _unique(_trimmed(row) if len(_trimmed(row)) >= columns else row[:columns])
    columns = len(names)
    below = [line for _, line in found[:-1]]
    units = tuple(" ".join(line[k] for line in below if k < len(line)).strip() for k in range(columns))
    return top + 1, names, units


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    """Names by which every column can be told; a column without one is its number."""
    seen: Counter[str] = Counter()
    found = []
    for place, name in enumerate(names, start=1):
        name = name or str(place)
        seen[name.lower()] += 1
        found.append(name if seen[name.lower()] == 1 else f"{name} ({place})")
    return tuple(found)


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """The row without empty cells at its end, which a delimiter at the end of the line leaves."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _comment(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(_COMMENT)


def _is_number(cell: str, decimal: str) -> bool:
    try:
        number(cell, decimal)
    except ValueError:
        return False
    return cell.strip().lower() not in MISSING
