"""The tables of a report: what the images are, how it was measured, what came out, why pixels are masked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .. import displacement
from ..quality import REASON_NAMES, Reason
from ..values import is_number
from .content import PairContent

#: A row: a label and its cells.
Row = tuple[str, list[str]]
_MOST_ROWS = 200
_REFINED = "refinement."
#: Settings that are files.
_PATHS = ("reference", "secondary", "output", "offsets", "velocity", "product", "backward")


def amount(value: float | None, unit: str) -> str:
    """A length or a speed with three digits, in centimetres below a metre, and of these no digit beyond the second."""
    if value is None or not np.isfinite(value):
        return "–"
    if unit.split("/")[0] == "m" and abs(value) < 1:
        value, unit = 100 * value, f"c{unit}"
    text = f"{value:.2f} {unit}" if unit.startswith("cm") and abs(value) < 1 else f"{value:.3g} {unit}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def inputs(content: PairContent) -> list[Row]:
    """What is known of the two images, a column each."""
    sides = [content.said("inputs", side) or {} for side in ("reference", "secondary")]
    dates = (content.first, content.second)
    rows: list[Row] = [
        ("File", [_name(_of(side, "path")) for side in sides]),
        ("Acquired (UTC)", [date or "unknown" for date in dates]),
        ("Band", [_plain(_of(side, "band")) for side in sides]),
        ("Read as", [_plain(_of(side, "radiometry")) for side in sides]),
        ("because", [_plain(_of(side, "radiometry_because")) for side in sides]),
        ("Credit", [_plain(_of(side, "credit")) for side in sides]),
        ("SHA-256", [_plain(_of(side, "sha256")) for side in sides]),
    ]
    return [row for row in rows if any(cell != "–" for cell in row[1])]


def product(content: PairContent) -> list[Row]:
    """Place, size and time of the product."""
    grid = content.grid
    rows = [("File", [content.name]), ("Size", [f"{grid.width} × {grid.height} pixels"])]
    if grid.georeferenced:
        g = grid.geotransform
        sides = np.hypot(g[1], g[4]), np.hypot(g[2], g[5])
        rows += [
            ("Coordinate reference system", [grid.crs_name()]),
            ("Pixel", [f"{sides[0]:.6g} × {sides[1]:.6g} map units{_metres(content)}"]),
        ]
    days = content.days
    if days is not None:
        rows.append(("Time between the images", [f"{days:g} days"]))
    return rows


def _metres(content: PairContent) -> str:
    try:
        metres = displacement.pixel_metres(content.grid)
    except Exception:  # a CRS without lengths: the map units stand alone
        return ""
    return "" if metres is None else f", {metres:.4g} m on the ground"


def statistics(content: PairContent) -> list[Row]:
    """Median, mean, spread and extremes of the good pixels, a row a band."""
    titles = {
        "magnitude": "Displacement",
        "east": "right" if content.unit == "px" else "east",
        "north": "up" if content.unit == "px" else "north",
        "sigma": "Uncertainty, 1 sigma of a component",
    }
    rows = []
    for name, title in titles.items():
        values = content.good(name)
        if not values.size:
            rows.append((title, ["–"] * 6))
            continue
        low, median, high = np.percentile(values, [5, 50, 95])
        spread = 1.4826 * float(np.median(np.abs(values - median)))
        numbers = (median, float(values.mean()), spread, low, high, float(values[np.argmax(np.abs(values))]))
        rows.append((title, [amount(float(number), content.unit) for number in numbers]))
    return rows


STATISTICS_HEAD = ("Median", "Mean", "NMAD", "5 % below", "95 % below", "Largest")


def reasons(content: PairContent) -> list[tuple[Reason, str, int, float]]:
    """Reason, its words, pixels and share of all pixels; those that occur, most first after the good ones."""
    whole = sum(content.counts.values()) or 1
    found = [(reason, REASON_NAMES[reason], count, count / whole) for reason, count in content.counts.items() if count]
    return sorted(found, key=lambda row: (row[0] != Reason.GOOD, -row[2]))


def method(content: PairContent) -> list[Row]:
    """The estimator, the device and how long it took."""
    rows = [(_words(key), [_plain(value)]) for key, value in _flat(content.said("estimator"))]
    took = [(key, value) for key, value in _flat(content.said("seconds")) if is_number(value)]
    if took:
        parts = ", ".join(f"{key} {value:.2g}" for key, value in took if value >= 0.005)
        rows.append(("Time", [f"{sum(value for _, value in took):.3g} s ({parts})"]))
    return rows


def options(content: PairContent) -> list[Row]:
    """Every setting of the run, and of the refinement after it; paths as file names."""
    given = [*_flat(content.said("options")), *_flat({"refinement": _refinement(content)})]
    return [(key, [_name(value) if _is_path(key) and value else _plain(value)]) for key, value in given]


def _refinement(content: PairContent) -> dict[str, Any]:
    """Settings of a refinement, a mask as its file or polygon and the reason that it gives."""
    found = content.said("refinement", "options")
    given = dict(found) if isinstance(found, Mapping) else {}
    masks = given.get("masks")
    if isinstance(masks, list):
        given["masks"] = [_mask(mask) for mask in masks if isinstance(mask, Mapping)]
    return given


def _mask(mask: Mapping[str, Any]) -> str:
    what = _name(mask.get("path")) if mask.get("path") else _plain(mask.get("area"))
    reason = mask.get("reason")
    why = REASON_NAMES[Reason(reason)] if reason in list(Reason) else _plain(reason)
    return f"{'outside of ' if mask.get('outside') else ''}{what} ({why})"


def _is_path(key: str) -> bool:
    return (key.removeprefix(_REFINED)) in _PATHS


def versions(content: PairContent) -> list[Row]:
    """Software that took part."""
    return [(key, [_plain(value)]) for key, value in _flat(content.said("versions"))]


def messages(content: PairContent) -> list[str]:
    """What the run said."""
    said = content.said("messages")
    return [str(line) for line in said[:_MOST_ROWS]] if isinstance(said, list) else []


def limits(content: PairContent) -> dict[str, float]:
    """The limits beyond which the run masked, in the units of the bands."""
    found = {}
    correlation, sigma = (content.said("options", "quality", key) for key in ("min_correlation", "max_sigma_px"))
    in_metres = False
    if content.said("refinement", "limits"):
        correlation, sigma = (content.said("refinement", "limits", key) for key in ("min_correlation", "max_sigma"))
        in_metres = content.said("refinement", "limits", "sigma_unit") == "m"
    if is_number(correlation):
        found["correlation"] = float(correlation)
    try:
        metres = displacement.pixel_metres(content.grid)
    except Exception:  # a CRS without lengths
        return found
    if is_number(sigma):
        found["sigma"] = float(sigma) * (1.0 if in_metres or content.unit == "px" or metres is None else metres)
    return found


def _of(side: Any, key: str) -> Any:
    return side.get(key) if isinstance(side, Mapping) else None


def _name(value: Any) -> str:
    return os.path.basename(str(value).replace("\\", "/")) if isinstance(value, str) and value else "–"


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_plain, value[:_MOST_ROWS]))
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def _words(key: str) -> str:
    return key.replace("_", " ").replace(".", ": ")


def _flat(values: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Keys and values of a mapping of mappings, keys joined by dots."""
    if not isinstance(values, Mapping):
        return
    for key, value in list(values.items())[:_MOST_ROWS]:
        if isinstance(value, Mapping) and len(before) < 60:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
