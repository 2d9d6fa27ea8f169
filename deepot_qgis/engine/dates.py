"""Acquisition dates: from what the file says, or from its name."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone

from .errors import OptionsError
from .rasters import Raster

#: Metadata items that hold the acquisition time, best first. TIFFTAG_DATETIME is not one: it is the time of writing.
_ITEMS = (
    "ACQUISITION_START_TIME",
    "ACQUISITION_DATE",
    "ACQUISITION_TIME",
    "ACQUISITIONDATETIME",
    "FIRST_LINE_TIME",
    "PRODUCT_START_TIME",
    "SENSING_TIME",
    "DATE",
)
_DAY = r"(?P<year>(?:19|20)\d\d)(?P<s>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=s)(?P<day>0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[T_ -]?(?P<hour>[01]\d|2[0-3]):?(?P<minute>[0-5]\d):?(?P<second>[0-5]\d)(?:\.\d+)?)?"
_STAMP = re.compile(rf"(?<!\d){_DAY}{_CLOCK}(?!\d)")


def parse(text: str) -> datetime:
    """Read a date or a date and time (UTC) as a user or a file writes it.

    Raises
    ------
    OptionsError
        The text is no date of the years 1900 to 2099.
    """
    found = find(text)
    if found is None:
        raise OptionsError(f"'{text}' is not a date; write it as 2023-09-04 or 2023-09-04T06:30:00.")
    return found


def find(text: str) -> datetime | None:
    """First date in a text such as a file name; None when there is none. Times are UTC."""
    for match in _STAMP.finditer(text):
        part = {key: int(value) for key, value in match.groupdict().items() if key != "s" and value}
        try:
            return datetime(tzinfo=timezone.utc, **part)
        except ValueError:  # 30 February
            continue
    return None


def text(moment: datetime) -> str:
    """ISO 8601, without a clock when only the day is known."""
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return moment.strftime("%Y-%m-%d")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def days_between(first: datetime, second: datetime) -> float:
    """Temporal baseline in days, positive when `second` is later."""
    return (second - first).total_seconds() / 86400.0


def days_between_texts(first: str | None, second: str | None) -> float | None:
    """The same between two dates as text; None where one is missing or no date."""
    begin, end = find(first or ""), find(second or "")
    return None if begin is None or end is None else days_between(begin, end)


def of_raster(raster: Raster) -> datetime | None:
    """Acquisition date of an open raster, from its metadata, else from its name, else None."""
    items = {key.upper(): value for key, value in raster.metadata().items()}
    for key in _ITEMS:
        found = find(items.get(key, ""))
        if found is not None:
            return found
    return find(os.path.basename(raster.path))


def acquisition_date(path: str) -> str | None:
    """Acquisition date of a raster file as ISO text, None when neither metadata nor name holds one.

    Raises
    ------
    InputError
        The file is not a raster that can be read.
    """
    found = of_raster(Raster(path))
    return None if found is None else text(found)
