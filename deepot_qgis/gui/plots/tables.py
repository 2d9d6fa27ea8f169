"""The plotted numbers as CSV: dates as ISO text, one row a value, units in the header."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from deepot_qgis.engine import dates
from deepot_qgis.engine.timeseries.product import Profile
from deepot_qgis.gui.plots.picks import Picks, Quantity


def time_csv(picks: Picks, quantity: Quantity) -> str:
    """Return all histories as they are plotted, relative to the reference where there is one."""
    unit = next((pick.series.unit for pick in picks), "m")
    extra = [name for name in quantity.names() if name not in ("east", "north", "magnitude")]
    head = ["place", "x", "y", "pixels", "date", "days"]
    head += [f"{name}_{unit}" for name in ("east", "north", "sigma", "magnitude", *extra)]
    if extra:
        head += ["bearing_deg"]
    rows = []
    for pick in picks:
        series = picks.relative(pick)
        columns = [series.east, series.north, series.sigma, series.magnitude()]
        columns += [quantity.values(series, name) for name in extra]
        for i, moment in enumerate(series.dates):
            row = [pick.number, repr(float(series.x)), repr(float(series.y)), series.pixels, dates.text(moment)]
            row += [f"{series.days[i]:g}", *(_number(column[i]) for column in columns)]
            rows.append(row + ([f"{quantity.bearing:g}"] if extra else []))
    return _text(head, rows)


def profile_csv(profile: Profile, distance: np.ndarray, values: np.ndarray, sigma: np.ndarray, title: str) -> str:
    """Return a profile as it is plotted: ``title`` names the values and their unit."""
    head = ["distance_m" if profile.unit == "m" else "distance", "x", "y", title, f"sigma_of_{title}"]
    rows = [
        [f"{d:.6g}", repr(float(x)), repr(float(y)), _number(v), _number(s)]
        for d, x, y, v, s in zip(distance, profile.x, profile.y, values, sigma)
    ]
    return _text(head, rows)


def _number(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else ""


def _text(head: list[str], rows: list[list[Any]]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return target.getvalue()
