"""A lookup looked at from afar: places of every n-th pixel, and how rows and columns run over the ground."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..displacement import curvature
from ..errors import InputError
from .lookup import Lookup, geographic

#: Pixels from node to node, and nodes along a side at the least.
_STEP, _FEWEST = 16, 8


@dataclass(frozen=True)
class Nodes:
    """Every n-th pixel of a lookup, in metres east and north of the middle of the images.

    Attributes
    ----------
    columns, rows : numpy.ndarray
        Pixels, ``(W,)`` and ``(H,)``; the last ones are those of the product.
    longitude, latitude : numpy.ndarray
        Degrees ``(H, W)``, NaN where unknown; longitudes do not jump.
    middle : tuple of float
        Longitude and latitude that metres are counted from.
    scale : tuple of float
        Metres for a degree east and north, there.
    """

    columns: np.ndarray
    rows: np.ndarray
    longitude: np.ndarray
    latitude: np.ndarray
    middle: tuple[float, float]
    scale: tuple[float, float]

    def metres(self, longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Degrees as metres east and north of the middle (on a plane: for neighbours, not for distances)."""
        east = (longitude - self.middle[0] + 180) % 360 - 180
        return east * self.scale[0], (latitude - self.middle[1]) * self.scale[1]

    def axis(self, down: bool) -> tuple[float, float]:
        """Bearing (degrees from true north) in which rows or columns grow, and metres for one of them; medians."""
        axis, places = (0, self.rows) if down else (1, self.columns)
        _, parallel = curvature(geographic(), np.radians(self.latitude))
        meridian, _ = curvature(geographic(), np.radians(self.latitude))
        count = np.diff(places)[:, None] if down else np.diff(places)[None, :]
        lon, lat = np.diff(self.longitude, axis=axis), np.diff(self.latitude, axis=axis)
        first = np.s_[:-1] if down else np.s_[:, :-1]
        east = np.radians(lon) * (parallel * np.cos(np.radians(self.latitude)))[first] / count
        north = np.radians(lat) * meridian[first] / count
        one = np.nanmedian(east), np.nanmedian(north)
        return math.degrees(math.atan2(*one)), float(np.nanmedian(np.hypot(east, north)))


def look(lookup: Lookup, width: int, height: int) -> Nodes:
    """Read the nodes of a lookup.

    Raises
    ------
    InputError
        No place is known, or too few to tell directions.
    """
    step = max(1, min(_STEP, (min(width, height) - 1) // _FEWEST))
    columns, rows = (np.unique(np.append(np.arange(0, side, step), side - 1)) for side in (width, height))
    lon = np.empty((len(rows), len(columns)))
    lat = np.empty_like(lon)
    for number, row in enumerate(rows):
        found = lookup.lonlat(0, int(row), width, 1)
        lon[number], lat[number] = (degrees[0, columns] for degrees in found)
    known = np.isfinite(lon) & np.isfinite(lat)
    pairs = known[1:, :-1] & known[:-1, :-1] & known[:-1, 1:]
    if not pairs.any():
        raise InputError(f"{lookup.name} gives hardly a place for the pixels of the product; choose another lookup.")
    start = lon[known][0]
    lon = (lon - start + 180) % 360 - 180 + start  # no jump at 180 degrees
    middle = float(np.median(lon[known])), float(np.median(lat[known]))
    meridian, parallel = curvature(geographic(), np.asarray(math.radians(middle[1])))
    across = math.radians(1) * float(parallel) * math.cos(math.radians(middle[1]))
    return Nodes(columns, rows, lon, lat, middle, (across, math.radians(1) * float(meridian)))
