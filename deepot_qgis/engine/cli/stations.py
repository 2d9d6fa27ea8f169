"""``stations``: a map beside extensometers and GNSS; ``columns``: what a table of a station seems to hold."""

from __future__ import annotations

import argparse
from typing import Any

from .. import provenance
from ..errors import OptionsError
from ..stations import CsvOptions, Placement, StationsOptions, compare, guess
from ..stations.csv_options import ROLES
from ..stations.options import NORTHS, SIZES
from ..stations.reading import described
from ..stations.station import LENGTHS
from ..stations.summary import guess_text, text
from .bar import Bar

#: Arguments that describe a table, by the field of `CsvOptions` that they set.
_FIELDS = ("unit", "time_format", "time_zone", "delimiter", "decimal", "crs")
_COLUMN = "column_"


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both commands."""
    command = commands.add_parser("stations", help="compare a series or a product with extensometers and GNSS")
    command.add_argument("map", metavar="MAP", help="series.json, its folder, or a displacement product of two dates")
    command.add_argument("files", metavar="STATIONS", nargs="+", help="tables, PBO files, folders of them")
    command.add_argument("--out", dest="output", metavar="FOLDER", required=True)
    _add_places(command)
    _add_comparing(command)
    _add_table(command)
    command.set_defaults(run=_run)
    columns = commands.add_parser("columns", help="say what a table of a station seems to hold")
    columns.add_argument("file", metavar="TABLE")
    columns.set_defaults(run=lambda parsed: print(guess_text(guess(parsed.file))))
    again = commands.add_parser("stations-rerun", help="compare stations again from the stations.json of a comparison")
    again.add_argument("record", metavar="stations.json")
    again.add_argument("output", metavar="FOLDER")
    again.set_defaults(run=_run_again)


def _add_places(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("where the stations are, and along which line they measure")
    group.add_argument("--positions", metavar="FILE", help="table (station, x, y, bearing, plunge) or layer of points")
    group.add_argument("--positions-crs", metavar="CRS", default="", help="of a table that does not state it")
    group.add_argument("--at", nargs=2, type=float, metavar=("X", "Y"), help="position of a single station")
    group.add_argument("--at-crs", metavar="CRS", default="EPSG:4326", help="of --at (default EPSG:4326)")
    group.add_argument("--bearing", action="append", default=[], metavar="[NAME=]DEG", help="clockwise from north")
    group.add_argument("--plunge", action="append", default=[], metavar="[NAME=]DEG", help="below the horizontal")
    group.add_argument("--norths", choices=NORTHS, default=StationsOptions.norths, help="north of the bearings")


def _add_comparing(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("how they are compared")
    group.add_argument("--size", type=int, choices=SIZES, default=StationsOptions.size, help="pixels across")
    group.add_argument("--max-gap", type=float, default=StationsOptions.max_gap_days, metavar="DAYS")
    group.add_argument("--break", dest="breaks", action="append", default=[], metavar="[NAME=]DATE",
                       help="a record starts anew here; may be given often")  # fmt: skip
    group.add_argument("--base", metavar="NAME", help="GNSS on stable ground, taken from the others")
    group.add_argument("--only", nargs="+", default=(), metavar="NAME", help="compare these stations alone")
    group.add_argument("--max-sigma-factor", type=float, default=StationsOptions.max_sigma_factor, metavar="K",
                       help="leave out values whose sigma is K times the usual")  # fmt: skip
    group.add_argument("--no-pictures", action="store_true", help="write no plots")


def _add_table(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group(
        "how tables are read (what is not given is recognised by itself, see the command 'columns')"
    )
    group.add_argument("--unit", choices=tuple(LENGTHS), help="of displacement and sigma")
    group.add_argument("--reverse", action="store_true", help="the file counts the opposite direction as positive")
    group.add_argument("--time-format", metavar="F", help="such as %%d.%%m.%%Y %%H:%%M, iso, decimal_year, mjd, excel")
    group.add_argument("--time-zone", metavar="Z", help="such as -07:00 or America/Denver (default UTC)")
    group.add_argument("--delimiter", metavar="C", help="one character, or 'tab'")
    group.add_argument("--decimal", metavar="C", help="point or comma")
    group.add_argument("--crs", metavar="CRS", help="of the columns x and y")
    for role in ROLES:
        group.add_argument(f"--{role.replace('_', '-')}-column", dest=_COLUMN + role, help=argparse.SUPPRESS)
    group.add_argument("--<role>-column", dest="_any", metavar="COLUMN",
                       help=f"name or number of the column; <role> is one of {', '.join(ROLES)}")  # fmt: skip


def _run(parsed: argparse.Namespace) -> None:
    options = StationsOptions(
        product=parsed.map,
        stations=tuple(parsed.files),
        output=parsed.output,
        csv=_csv(parsed),
        positions=parsed.positions,
        positions_crs=parsed.positions_crs,
        placements=_placements(parsed),
        size=parsed.size,
        max_gap_days=parsed.max_gap,
        breaks=tuple(_named(text_) for text_ in parsed.breaks),
        norths=parsed.norths,
        max_sigma_factor=parsed.max_sigma_factor,
        base=parsed.base,
        names=tuple(parsed.only),
        pictures=() if parsed.no_pictures else StationsOptions.pictures,
    )
    _compare(options)


def _run_again(parsed: argparse.Namespace) -> None:
    record = {**provenance.read_options(parsed.record), "output": parsed.output}
    _compare(StationsOptions.from_record(record))


def _compare(options: StationsOptions) -> None:
    result = compare(options, Bar())
    print(text(result))
    print(f"\nPoints: {result.points}\nTable: {result.table}\nSamples: {result.samples}\nRecord: {result.record}")


def _csv(parsed: argparse.Namespace) -> CsvOptions | None:
    """What is said of the tables; None leaves all of it to be recognised."""
    given: dict[str, Any] = {name: getattr(parsed, name) for name in _FIELDS if getattr(parsed, name)}
    given |= {role: getattr(parsed, _COLUMN + role) for role in ROLES if getattr(parsed, _COLUMN + role)}
    if parsed.reverse:
        given["sign"] = -1
    if given.get("delimiter", "").lower() == "tab":
        given["delimiter"] = "\t"
    return described(parsed.files, given, [parsed.positions] if parsed.positions else [])


def _placements(parsed: argparse.Namespace) -> tuple[Placement, ...]:
    """Positions and lines given on the command line, by station; ``*`` for all."""
    lines: dict[str, dict[str, Any]] = {}
    for what in ("bearing", "plunge"):
        for given in getattr(parsed, what):
            name, value = _named(given)
            try:
                lines.setdefault(name, {})[what] = float(value)
            except ValueError as error:
                raise OptionsError(f"The {what} '{value}' is no number of degrees; write {what} NAME=120.") from error
    if parsed.at:
        lines.setdefault("*", {}).update(x=parsed.at[0], y=parsed.at[1], crs=parsed.at_crs)
    return tuple(Placement(name, **known) for name, known in lines.items())


def _named(given: str) -> tuple[str, str]:
    """``NAME=VALUE`` as name and value; a value alone is for all stations."""
    name, equal, value = given.rpartition("=")
    return (name, value) if equal else ("*", value)
