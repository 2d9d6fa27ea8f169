"""A comparison for reading: a table for a terminal or a log, and what a guess says of a file."""

from __future__ import annotations

from collections.abc import Sequence

from .compare import StationsResult
from .csv_guess import CsvGuess
from .metrics import Metrics, in_words

_HEAD = (
    "station",
    "component",
    "n",
    "bias",
    "MAE",
    "RMSE",
    "R2 1:1",
    "R2 line",
    "slope",
    "corr.",
    "1 sigma",
    "2 sigma",
)


def text(result: StationsResult) -> str:
    """The whole comparison."""
    rows: list[tuple[str, ...]] = [_HEAD]
    for one in result.comparisons:
        for part in one.components:
            rows.append((one.name, one.direction() if part.name == "along" else part.name, *_cells(part.metrics)))
    if len(result.comparisons) > 1:
        rows.append(("all", "along", *_cells(result.overall)))
    lines = [*result.messages, "", f"{result.product} against the stations (map minus station, metres):", ""]
    lines += table(rows)
    lines += ["", "R2 1:1: about the 1:1 line; R2 line: of the regression; slope: least squares of map on station;"]
    lines += ["1 and 2 sigma: share of differences within them (honest: 68 and 95 %)."]
    if result.problems:
        lines += ["", "Could not be compared:"]
        lines += [f"  {problem.why}" for problem in result.problems]
    return "\n".join(lines).lstrip("\n")


def sentence(name: str, found: Metrics) -> str:
    """What the metrics say, in one line."""
    return f"{name}: {in_words(found, lambda value, sign='': f'{value:{sign}.4f} m')}."


def guess_text(found: CsvGuess) -> str:
    """What a file seems to hold."""
    rows = [("column", "holds", "unit", "format", "because")]
    for column in found.columns:
        rows.append((column.name, column.role or "-", column.unit or "-", column.time_format or "-", column.why))
    delimiter = {"\t": "tab", " ": "blanks"}.get(found.delimiter, found.delimiter)
    head = f"header in line {found.header}" if found.header else "no header"
    lines = [
        f"{found.path}: {found.kind}, delimiter {delimiter}, decimal {found.decimal}, {head}, data from line "
        f"{found.first}, unit {found.unit}{f', position in {found.crs}' if found.crs else ''}.",
        "",
        *table(rows),
    ]
    lines += ["", *found.notes] if found.notes else []
    lines += ["", "Still to be chosen:", *(f"  {one}" for one in found.missing)] if found.missing else []
    return "\n".join(lines)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as text in columns."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def _cells(found: Metrics) -> tuple[str, ...]:
    def number(value: float | None, form: str) -> str:
        return "-" if value is None else format(value, form)

    def share(value: float | None) -> str:
        return "-" if value is None else f"{100 * value:.0f} %"

    return (
        str(found.n), number(found.bias, "+.4f"), number(found.mae, ".4f"), number(found.rmse, ".4f"),
        number(found.r2, ".3f"), number(found.r2_line, ".3f"), number(found.slope, ".3f"),
        number(found.correlation, ".3f"), share(found.within_1_sigma), share(found.within_2_sigma),
    )  # fmt: skip
