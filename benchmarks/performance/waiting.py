"""How long somebody waits: what was measured, carried over to landslides, scenes and archives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """Something that somebody wants measured: its size in megapixels a pair, and how many pairs."""

    words: str
    megapixels: float
    pairs: int = 1


JOBS = (
    Job("a landslide: 5 x 5 km at 10 m", 0.25),
    Job("a village and its slopes: 3 x 3 km at 1 m (spotlight)", 9),
    Job("a valley: 40 x 40 km at 10 m", 16),
    Job("a strip-map scene: 30 x 50 km at 3 m", 167),
    Job("a whole Sentinel-1 scene: 250 x 170 km at 10 m", 425),
    Job("three years over the valley: 90 dates, 267 pairs", 16, 267),
    Job("the same over the landslide", 0.25, 267),
)


def seconds(job: Job, start: dict, points: Sequence[dict]) -> float:
    """Wall seconds: the start of the program, once for all pairs, and the cost a megapixel of the nearest size."""
    return start["wall_s"] + job.pairs * job.megapixels * _cost(job.megapixels, start, points)


def _cost(megapixels: float, start: dict, points: Sequence[dict]) -> float:
    """Seconds a megapixel of the measured size nearest to this one, without the start."""
    costs = [
        (abs(point["side"] ** 2 / 1e6 - megapixels), (point["wall_s"] - start["wall_s"]) / (point["side"] ** 2 / 1e6))
        for point in points
    ]
    return max(min(costs)[1], 0.0)


def memory(job: Job, points: Sequence[dict]) -> str:
    """Peak memory: of the smallest measured size that is as large, else the limit that the product keeps."""
    fits = [point for point in points if point["side"] ** 2 / 1e6 >= 0.95 * job.megapixels]
    return f"{fits[0]['peak_mb']:.0f} MB" if fits else "up to 2 GB"


def words(value: float) -> str:
    """A waiting time as people say it."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 100:
        return f"{value:.0f} s"
    if value < 100 * 60:
        return f"{value / 60:.0f} min"
    return f"{value / 3600:.1f} h"
