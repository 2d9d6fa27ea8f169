"""Attributes of MintPy's files: grid, dates, unit and where they come from, all as text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from deepot_qgis.__about__ import VERSION

from ..errors import OutputError
from ..rasters import Grid, quietly
from .radar import Look


def date_texts(moments: Sequence[datetime]) -> list[str]:
    """Dates as MintPy writes them: days, with the time only where two fall on one day.

    Raises
    ------
    OutputError
        Two acquisitions within a minute.
    """
    days = [moment.strftime("%Y%m%d") for moment in moments]
    if len(set(days)) == len(days):
        return days
    minutes = [moment.strftime("%Y%m%dT%H%M") for moment in moments]
    if len(set(minutes)) < len(minutes):
        raise OutputError("Two acquisitions lie within a minute of each other; MintPy cannot tell them apart.")
    return minutes


def map_attributes(grid: Grid) -> dict[str, str]:
    """Size and place of the grid.

    Raises
    ------
    OutputError
        Without georeference, rotated, or of a CRS that has no EPSG code.
    """
    if not grid.georeferenced:
        raise OutputError(
            "MintPy needs a georeferenced series; without georeference its files would be taken for radar coordinates. "
            "Georeference the images first."
        )
    g = grid.geotransform
    if g[2] or g[4]:
        raise OutputError("The grid is rotated, which MintPy's files cannot say; reproject to a north-up grid.")
    crs = grid.require_crs()
    quietly(crs.AutoIdentifyEPSG)
    code = crs.GetAuthorityCode(None)
    if not code or not code.isdigit():
        raise OutputError(
            f"The CRS of the series ({grid.crs_name()}) has no EPSG code, by which MintPy knows it; reproject the "
            "images to UTM or another CRS with a code."
        )
    unit = "degrees" if crs.IsGeographic() else "meters"
    found = {
        "LENGTH": str(grid.height),
        "WIDTH": str(grid.width),
        "X_FIRST": repr(g[0]),
        "Y_FIRST": repr(g[3]),
        "X_STEP": repr(g[1]),
        "Y_STEP": repr(g[5]),
        "X_UNIT": unit,
        "Y_UNIT": unit,
        "EPSG": code,
    }
    zone = crs.GetUTMZone()
    if zone:
        found["UTM_ZONE"] = f"{abs(zone)}{'N' if zone > 0 else 'S'}"
    return found


def file_attributes(kind: str, unit: str, moments: Sequence[datetime]) -> dict[str, str]:
    """Kind of the file, its unit and dates."""
    texts = date_texts(moments)
    found = {
        "FILE_TYPE": kind,
        "UNIT": unit,
        "PROCESSOR": "deepot",
        "START_DATE": texts[0],
        "END_DATE": texts[-1],
        "NO_DATA_VALUE": "nan",
        "DEEPOT_VERSION": VERSION,
    }
    first = moments[0]
    seconds = first.hour * 3600 + first.minute * 60 + first.second
    if seconds:
        found["CENTER_LINE_UTC"] = str(seconds)
    return found


def look_attributes(look: Look | None) -> dict[str, str]:
    """Where the radar looked from."""
    if look is None:
        return {}
    ascending = math.cos(math.radians(look.heading)) > 0
    return {
        "HEADING": repr(look.heading),
        "CENTER_INCIDENCE_ANGLE": repr(look.incidence),
        "ANTENNA_SIDE": "-1" if look.side == "right" else "1",
        "ORBIT_DIRECTION": "ASCENDING" if ascending else "DESCENDING",
    }
