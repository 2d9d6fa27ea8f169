"""How a table of a station is to be read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from osgeo import osr

from ..errors import OptionsError
from ..rasters import quietly
from ..values import one_of, shown, whole
from . import moments
from .station import LENGTHS

#: A blank stands for any run of blanks.
DELIMITERS = (",", ";", "\t", "|", " ")
DECIMALS = (".", ",")
#: What stands in a cell where nothing was recorded; letters' case does not count.
MISSING = ("", "nan", "na", "n/a", "null", "none", "-", "--", "#n/a", "-9999", "-9999.0", "-9999.00", "-99999")
#: Columns of a table, by what they hold.
ROLES = (
    "time", "clock", "station", "displacement", "sigma", "east", "north", "up", "sigma_east", "sigma_north", "sigma_up",
    "x", "y", "bearing", "plunge",
)  # fmt: skip


@dataclass(frozen=True)
class CsvOptions:
    """Which column of a table holds what, and how it is written.

    A column is its name in the header (letters' case and blanks around it do not count) or its number from 1.

    Attributes
    ----------
    time : str
        Column of the time.
    displacement : str or None
        Column of the displacement along the instrument's line; or else
    east, north, up : str or None
        columns of the components of a GNSS.
    clock : str or None
        Column of the time of day where it stands in a column of its own.
    sigma, sigma_east, sigma_north, sigma_up : str or None
        Columns of the 1-sigma errors, in the unit of the displacement.
    station : str or None
        Column that says which station a row belongs to; None when the file holds one station.
    x, y : str or None
        Columns of the position.
    bearing, plunge : str or None
        Columns of the instrument's line, in degrees.
    name : str or None
        Name of the one station; None takes the file's name.
    unit : str
        Unit of displacement and sigma: a key of `station.LENGTHS`.
    sign : int
        1, or -1 where the file counts the opposite direction as positive.
    time_format : str
        ``auto``, a key of `moments.NAMED`, or a format of ``datetime.strptime``.
    time_zone : str
        Zone of times that state none: ``UTC``, an offset such as ``-07:00``, or a name such as ``America/Denver``.
    crs : str
        Coordinate reference system of the position, such as ``EPSG:4326``; empty when the table has no position.
    delimiter : str
        One of `DELIMITERS`; a blank stands for any run of blanks.
    decimal : str
        Decimal point or comma.
    header : int
        Line of the file that holds the names of the columns, from 1; 0 when there is none.
    first : int
        Line of the first row of data, from 1.
    encoding : str
    missing : tuple of str
        What stands in a cell where nothing was recorded.
    """

    time: str
    displacement: str | None = None
    east: str | None = None
    north: str | None = None
    up: str | None = None
    clock: str | None = None
    sigma: str | None = None
    sigma_east: str | None = None
    sigma_north: str | None = None
    sigma_up: str | None = None
    station: str | None = None
    x: str | None = None
    y: str | None = None
    bearing: str | None = None
    plunge: str | None = None
    name: str | None = None
    unit: str = "m"
    sign: int = 1
    time_format: str = "auto"
    time_zone: str = "UTC"
    crs: str = ""
    delimiter: str = ","
    decimal: str = "."
    header: int = 1
    first: int = 2
    encoding: str = "utf-8"
    missing: tuple[str, ...] = MISSING

    def __post_init__(self) -> None:
        one_of("unit", self.unit, tuple(LENGTHS))
        one_of("delimiter", self.delimiter, DELIMITERS)
        one_of("decimal", self.decimal, DECIMALS)
        whole("header", self.header, 0, 10_000)
        whole("first", self.first, self.header + 1, 10_001)
        if self.sign not in (1, -1):
            raise OptionsError(f"'sign' is {shown(self.sign)}; it is 1, or -1 to turn the displacement round.")
        if self.decimal == self.delimiter:
            raise OptionsError("Decimal comma and delimiter are the same; choose another delimiter.")
        moments.check_format(self.time_format)
        moments.zone(self.time_zone)
        self._check_columns()
        if self.crs:
            crs_of(self.crs)

    def _check_columns(self) -> None:
        if not self.time:
            raise OptionsError("No column is chosen for the time; choose one.")
        if not self.displacement and not (self.east and self.north):
            raise OptionsError("No column is chosen for the displacement; choose one, or those for north and east.")
        if bool(self.x) != bool(self.y):
            raise OptionsError("A position needs a column for x and one for y; choose both or neither.")
        used: dict[str, str] = {}
        for role in ROLES:
            column = getattr(self, role)
            if not column:
                continue
            key = column.strip().lower()
            if key in used:
                raise OptionsError(f"Column '{column}' is chosen for {used[key]} and for {role}; choose another.")
            used[key] = role

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> CsvOptions:
        """Options as JSON keeps them.

        Raises
        ------
        OptionsError
            The record holds something else.
        """
        known = {item.name for item in fields(cls)}
        other = sorted(set(record) - known)
        if other or "time" not in record:
            what = f"'{other[0]}' is not known" if other else "'time' is missing"
            raise OptionsError(f"The description of the table cannot be used: {what}.")
        given = dict(record)
        if "missing" in given:
            given["missing"] = tuple(given["missing"])
        return cls(**given)


def crs_of(text: str) -> osr.SpatialReference:
    """A coordinate reference system with x, y axis order.

    Raises
    ------
    OptionsError
        GDAL does not understand the text.
    """
    crs = osr.SpatialReference()
    failed, _ = quietly(crs.SetFromUserInput, text)
    if failed is None or failed != 0:
        raise OptionsError(
            f"The coordinate reference system {shown(text)} is not known; write it as EPSG:4326 or EPSG:32612."
        )
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs
