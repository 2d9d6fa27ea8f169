"""Times as loggers write them: how a column of texts is recognised and read."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Callable

from ..errors import InputError, OptionsError

UTC = timezone.utc
#: Formats with a name of their own; every other is one of ``datetime.strptime``.
NAMED = {
    "iso": "ISO 8601, such as 2017-02-18 or 2017-02-18T06:30:00Z",
    "decimal_year": "decimal year, such as 2017.1329",
    "unix": "seconds since 1970-01-01 UTC",
    "unix_ms": "milliseconds since 1970-01-01 UTC",
    "mjd": "modified Julian date, such as 57802.5",
    "excel": "Excel's serial number of days, such as 42784.5",
    "matlab": "MATLAB's datenum, such as 736744.5",
}
_DAYS = (
    "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y",
    "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%y", "%y%b%d",
    "%Y-%j", "%Y %j", "%Y/%j", "%Y %m %d",
)  # fmt: skip
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%S", "-%H:%M:%S")
_DIGITS = {8: "%Y%m%d", 7: "%Y%j", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
#: Ranges of the numbers that stand for the years 1970 to 2100, by format.
_RANGES = {
    "decimal_year": (1970.0, 2100.0),
    "unix": (1.0e8, 4.2e9),
    "unix_ms": (1.0e11, 4.2e12),
    "mjd": (51_500.0, 88_100.0),
    "excel": (25_500.0, 51_500.0),
    "matlab": (719_500.0, 767_000.0),
}
_EPOCHS = {
    "mjd": datetime(1858, 11, 17),
    "excel": datetime(1899, 12, 30),
    "matlab": datetime(1, 1, 1),
}
#: Day number of 0001-01-01 in MATLAB's count.
_MATLAB_FIRST = 367.0
_YEARS = (1900, 2100)
NOON = timedelta(hours=12)


@dataclass(frozen=True)
class TimeFormat:
    """A way to read times, and why it is thought to be the right one."""

    format: str
    why: str


def zone(name: str) -> tzinfo:
    """A time zone: ``UTC``, an offset such as ``-07:00``, or a name such as ``America/Denver``.

    Raises
    ------
    OptionsError
        It is none of these, or this computer does not know it.
    """
    text = name.strip()
    if text.upper() in ("UTC", "GMT", "Z", ""):
        return UTC
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", text, re.IGNORECASE)
    if offset:
        minutes = 60 * int(offset.group(2)) + int(offset.group(3) or 0)
        if minutes <= 14 * 60:
            return timezone(timedelta(minutes=minutes if offset.group(1) == "+" else -minutes))
    else:
        from zoneinfo import ZoneInfo  # a system without a time zone database only lacks the names

        try:
            return ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            pass
    raise OptionsError(
        f"The time zone '{name}' is not known here; write UTC, an offset such as -07:00, or a name such as "
        "America/Denver."
    )


def check_format(name: str) -> None:
    """Refuse a format of time that cannot be.

    Raises
    ------
    OptionsError
        It is neither ``auto``, nor a named one, nor one of ``strptime``.
    """
    if name == "auto" or name in NAMED:
        return
    try:
        datetime.strptime(datetime(2017, 2, 18).strftime(name), name)
        good = "%" in name
    except (ValueError, re.error):  # the second where a part stands twice
        good = False
    if not good:
        raise OptionsError(
            f"The time format '{name}' cannot be read; write it as %d.%m.%Y %H:%M, or choose auto or one of "
            f"{', '.join(NAMED)}."
        )


def reader(name: str, zone_name: str) -> Callable[[str], datetime]:
    """A call that reads one text as a time in UTC; it raises ValueError for what is none.

    A day without a clock stands for noon of that day in its time zone, the middle of what happened on it.
    """
    here = zone(zone_name)

    def local(moment: datetime, day_only: bool) -> datetime:
        if day_only:
            moment += NOON
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=here)
        if not _YEARS[0] <= moment.year <= _YEARS[1]:
            raise ValueError("year")
        return moment.astimezone(UTC)

    if name == "iso":
        return lambda text: local(*_iso(text))
    if name in NAMED:
        return lambda text: local(_of_number(name, float(text)), False)
    day_only = not re.search(r"%[HIMSfcXTs]", name)
    return lambda text: local(datetime.strptime(" ".join(text.split()), name), day_only)


def recognise(texts: Sequence[str]) -> tuple[TimeFormat, ...]:
    """Formats by which every one of the texts is a time, the likeliest first; empty when there is none.

    Day and month that could stand either way round give two formats, the one with the day first before the other; or
    one, where the times are in order, oldest or newest first, only when they are read by it.
    """
    sample = [" ".join(text.split()) for text in texts if text.strip()]
    if not sample:
        return ()
    found = _numbers(sample) if all(_is_number(text) for text in sample) else _texts(sample)
    if len(found) < 2:
        return tuple(found)
    orderly = [one for one in found if _in_order(sample, one.format)]
    if len(orderly) == 1:
        why = f"{orderly[0].why}; read the other way the times would be out of order"
        return (TimeFormat(orderly[0].format, why),)
    return tuple(found)


def usual(texts: Sequence[str]) -> Sequence[str]:
    """The texts that are times of one format, where most are; else all of them.

    So one odd text does not hide the format of the others, and can be named with its line when they are read.
    """
    if recognise(texts):
        return texts
    examples = texts[:: max(1, len(texts) // 3)]
    formats = {one.format for text in examples for one in recognise([text])}
    alike = max(([text for text in texts if fits(one, [text])] for one in sorted(formats)), key=len, default=[])
    return alike if len(alike) > len(texts) / 2 else texts


def fits(name: str, texts: Sequence[str]) -> bool:
    """Whether every one of the texts is a time of a format."""
    read = reader(name, "UTC")
    try:
        for text in texts:
            read(text)
    except ValueError:
        return False
    return True


def only_clock(texts: Sequence[str]) -> bool:
    """Whether every text is a time of day without a date."""
    clock = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp]\.?[Mm]\.?)?")
    return bool(texts) and all(clock.fullmatch(text.strip()) for text in texts)


def format_of(texts: Sequence[str], column: str, name: str) -> str:
    """The format of a column whose format is to be found out.

    Raises
    ------
    InputError
        No format fits, or day and month could stand either way round.
    """
    found = recognise(texts)
    if len(found) == 1:
        return found[0].format
    example = next((text.strip() for text in texts if text.strip()), "")
    if not found:
        raise InputError(
            f"The times of {name} are not recognised (column '{column}' begins with '{example}'); choose another "
            "column, or say their format, such as %d.%m.%Y %H:%M."
        )
    formats = " or ".join(one.format for one in found)
    raise InputError(
        f"The times of {name} can be read in more than one way (column '{column}': '{example}' as {formats}); say "
        "which format it is."
    )


def _texts(sample: Sequence[str]) -> list[TimeFormat]:
    if fits("iso", sample):
        return [TimeFormat("iso", f"'{sample[0]}' is a date as ISO 8601 writes it")]
    by_meaning: dict[tuple[datetime, ...], str] = {}  # May is May, written short or in full: one format a meaning
    for name in (day + clock for day in _DAYS for clock in _CLOCKS):
        if fits(name, sample):
            read = reader(name, "UTC")
            by_meaning.setdefault(tuple(read(text) for text in sample), name)
    return [TimeFormat(fit, f"'{sample[0]}' is read as {fit}") for fit in by_meaning.values()]


def _numbers(sample: Sequence[str]) -> list[TimeFormat]:
    lengths = {len(text) for text in sample}
    if len(lengths) == 1 and all(text.isdigit() for text in sample):
        written = _DIGITS.get(lengths.pop())
        if written and fits(written, sample):
            return [TimeFormat(written, f"'{sample[0]}' is read as {written}")]
    values = [float(text) for text in sample]
    for name, (low, high) in _RANGES.items():
        if all(low <= value < high for value in values):
            if name == "decimal_year" and all(value == int(value) for value in values):
                continue  # whole numbers such as 2017 are years of something, not times of a record
            return [TimeFormat(name, f"{sample[0]} is in the range of {NAMED[name]}")]
    return []


def _in_order(sample: Sequence[str], name: str) -> bool:
    """Whether the times never go back, or never on: loggers and web pages list the newest first, too."""
    read = reader(name, "UTC")
    moments = [read(text) for text in sample]
    return moments in (sorted(moments), sorted(moments, reverse=True))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?")


def _iso(text: str) -> tuple[datetime, bool]:
    """A moment of ISO 8601, and whether it is a day alone; Python 3.9 reads less than there is by itself."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    day, clock, fraction, offset = match.groups()
    moment = datetime.fromisoformat(f"{day}T{clock}" if clock else day)
    if fraction:
        moment += timedelta(seconds=float(f"0.{fraction}"))
    if offset in ("Z", "UTC"):
        moment = moment.replace(tzinfo=UTC)
    elif offset:
        minutes = 60 * int(offset[1:3]) + int(offset[-2:])
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes)))
    return moment, clock is None


def _of_number(name: str, value: float) -> datetime:
    try:
        if name in ("unix", "unix_ms"):
            return datetime.fromtimestamp(value / (1000.0 if name == "unix_ms" else 1.0), UTC)
        if name == "decimal_year":
            year = int(value)
            begin, end = datetime(year, 1, 1), datetime(year + 1, 1, 1)
            return begin + timedelta(milliseconds=round((value - year) * ((end - begin) / timedelta(milliseconds=1))))
        first = _MATLAB_FIRST if name == "matlab" else 0.0
        # To the millisecond: a day as a double is no finer than some microseconds.
        return _EPOCHS[name] + timedelta(milliseconds=round((value - first) * 86_400_000))
    except (OverflowError, OSError) as error:
        raise ValueError(value) from error
