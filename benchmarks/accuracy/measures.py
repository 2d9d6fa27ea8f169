"""Measures of one answer."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from deepot_qgis.engine.estimate import Estimate

MARGIN_PX = 8  # "beside a margin" reaches this far
STABLE_PX = 40  # "stable ground" begins this far from anything that moves
SIGMA_EDGES = np.geomspace(0.01, 3.0, 15)  # bins of sigma, px; below and above are bins too
DEPTH_EDGES = np.array([-40, -30, -22, -16, -12, -8, -6, -4, -2, 0, 2, 4, 6, 8, 12, 16, 22, 30, 40])


class Places(Protocol):
    """Where a field is looked at: inside the body, and how far from its margin (inf where there is none)."""

    name: str
    offset: np.ndarray
    moving: np.ndarray
    depth: np.ndarray


def end_point(offset: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """End-point error, px."""
    return np.hypot(offset[0] - truth[0], offset[1] - truth[1])


def errors(estimate: Estimate, field: Places, covered: np.ndarray) -> dict:
    """Mean end-point errors over the pixels that have data, by place; the noise floor is the rms of a component."""
    difference = estimate.offset - field.offset
    distance = np.hypot(difference[0], difference[1])
    inside = np.abs(difference) < estimate.sigma
    row = {"all": float(distance[covered].mean()), "within_sigma": float(inside[:, covered].mean())}
    if field.moving.any():
        row["inside"] = float(distance[field.moving & covered].mean())
        stable = (field.depth < -STABLE_PX) & covered
        if "200" not in field.name and stable.any():
            row["floor"] = float(np.sqrt(np.mean(difference[:, stable] ** 2)))
    near = (np.abs(field.depth) <= MARGIN_PX) & covered
    if near.any():
        row["edge"] = float(distance[near].mean())
    return row


def by_depth(estimate: Estimate, field: Places) -> dict | None:
    """Sum of the end-point error and number of pixels in bins of the distance to the margin; None without one."""
    if not np.isfinite(field.depth).any():
        return None
    distance = end_point(estimate.offset, field.offset).ravel()
    number = np.digitize(field.depth.ravel(), DEPTH_EDGES)
    bins = len(DEPTH_EDGES) + 1
    return {
        "sum": np.bincount(number, distance, bins).round(4).tolist(),
        "count": np.bincount(number, minlength=bins).tolist(),
    }


def calibration(estimate: Estimate, truth: np.ndarray, covered: np.ndarray) -> dict:
    """In bins of sigma: number of components, and how many of them err less than sigma."""
    error = np.abs(estimate.offset - truth)[:, covered]
    sigma = estimate.sigma[covered]
    number = np.digitize(sigma, SIGMA_EDGES)
    bins = len(SIGMA_EDGES) + 1
    return {
        "count": (2 * np.bincount(number, minlength=bins)).tolist(),
        "inside": np.bincount(number, (error < sigma).sum(0), bins).astype(int).tolist(),
    }


SUMMARY = {
    "all fields": lambda rows: np.mean([row["all"] for row in rows.values()]),
    "smooth motion": lambda rows: np.mean([rows[name]["all"] for name in ("constant", "ramp", "undulation")]),
    "inside lobe 60 px, 2 px": lambda rows: rows["lobe 60 px, 2 px"]["inside"],
    "inside lobe 20 px, 2 px": lambda rows: rows["lobe 20 px, 2 px"]["inside"],
    "margin of lobe 60 px, 6 px": lambda rows: rows["lobe 60 px, 6 px"]["edge"],
    "beside fault 5 px": lambda rows: rows["fault 5 px"]["edge"],
    "noise floor": lambda rows: np.mean([row["floor"] for row in rows.values() if "floor" in row]),
    "within sigma": lambda rows: np.mean([row["within_sigma"] for row in rows.values()]),
}


def summary(rows: dict) -> dict:
    """The lines of the table from the measures of every field."""
    return {name: round(float(line(rows)), 4) for name, line in SUMMARY.items()}


def mean_rows(rows: list[dict]) -> dict:
    """Mean of the plain numbers of several measures of one field."""
    keys = [key for key, value in rows[0].items() if isinstance(value, (int, float))]
    return {key: float(np.mean([row[key] for row in rows])) for key in keys}
