"""Whose images these are: the line that their licence asks for on a map."""

from __future__ import annotations

import os
import re

from . import dates
from .rasters import Raster

#: Metadata items in which files say it, best first.
_ITEMS = ("CREDIT", "TIFFTAG_COPYRIGHT", "COPYRIGHT", "ATTRIBUTION")
#: Names of Sentinel-1 products begin with the mission (ESA, Sentinel-1 Product Definition, naming convention).
_SENTINEL_1 = re.compile(r"(?<![A-Za-z0-9])S1[A-D]_(?:IW|EW|S[1-6]|WV)", re.IGNORECASE)
_LONGEST = 300


def of_raster(raster: Raster) -> str:
    """The credit of an image: from what the file says, else from a name that is Sentinel-1's, else empty.

    The wording for Sentinel-1 is that of the Legal notice on the use of Copernicus Sentinel Data and Service
    Information (European Commission): the year is the one of the data.
    """
    items = {key.upper(): value for key, value in raster.metadata().items()}
    for key in _ITEMS:
        said = " ".join(items.get(key, "").split())
        if said:
            return said[:_LONGEST]
    if not _SENTINEL_1.search(os.path.basename(raster.path)):
        return ""
    date = dates.of_raster(raster)
    return f"Contains modified Copernicus Sentinel data{f' {date.year}' if date else ''}"
