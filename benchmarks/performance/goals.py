"""What was asked for, beside what was measured: each goal finds its number in the stored results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Optional

from benchmarks import memory
from benchmarks.seams import ASKED_PX

Records = dict[str, Optional[dict[str, Any]]]

FASTER_THAN_DIS, FASTER_THAN_NCC, FASTER_THAN_PANDORA = 1.0, 1.5, 10.0
IN_NETWORK, PEAK_MB, LINEAR, TWO_WORKERS = 0.85, 2000.0, (0.9, 1.1), 1.7
WIDE_CONTEXT_PX = 256
GPU_IN_NETWORK, GPU_NETWORK_MPX, GPU_FILES_MPX = 0.70, 150.0, 60.0


@dataclass(frozen=True)
class Goal:
    """A goal.

    Attributes
    ----------
    words : str
        What is asked for.
    goal : str
        The number that is asked for, as text.
    find : callable
        The number from the records, None where it was not measured.
    met : callable
        Whether a number is good enough.
    shown : callable
        A number as text.
    """

    words: str
    goal: str
    find: Callable[[Records], float | None]
    met: Callable[[float], bool]
    shown: Callable[[float], str]

    def row(self, records: Records) -> list[str]:
        """Cells of the table: words, goal, measured, judgement."""
        value = self.find(records)
        if value is None:
            return [self.words, self.goal, "-", "not measured"]
        return [self.words, self.goal, f"**{self.shown(value)}**", "met" if self.met(value) else "missed"]


def found(records: Records, name: str) -> dict[str, Any]:
    """The result of a record; empty where there is none."""
    record = records.get(name)
    return record["result"] if record else {}


def points(records: Records) -> list[dict]:
    """Measured sizes from file to file, ascending: those of the usual run, and larger ones of a run of their own."""
    usual = found(records, "memory").get("points", [])
    beyond = max((row["side"] for row in usual), default=0)
    large = [row for row in found(records, "memory_large").get("points", []) if row["side"] > beyond]
    if usual and large and _machine(records["memory"]) != _machine(records["memory_large"]):
        large = []  # a curve is of one machine
    square = [row for row in _square(records) if row["side"] > max((row["side"] for row in large), default=beyond)]
    return sorted([*usual, *large, *square], key=lambda row: row["side"])


def _square(records: Records) -> list[dict]:
    """The wide pair of a run of its own as a size among the others, where it is a square and of the same machine."""
    wide, usual = found(records, "memory_wide"), records.get("memory")
    if not wide or not usual or wide["width"] != wide["height"]:
        return []
    if _machine(usual) != _machine(records["memory_wide"]):
        return []
    megapixels = wide["width"] ** 2 / 1e6
    speed = {"mpx_per_s": megapixels / wide["wall_s"], "estimated_mb": 1000 * wide["estimated_gb"]}
    return [{**wide, "side": wide["width"], "rounds": 1, "spread": 0.0, **speed}]


def _machine(record: dict[str, Any]) -> tuple[Any, ...]:
    return record["machine"]["processor"], record["machine"]["cores"]


def start(records: Records) -> dict:
    """What a run takes before its first pixel."""
    return (found(records, "memory") or found(records, "memory_large")).get("start", {})


def exponent(records: Records, key: str) -> float | None:
    """How time grows with the number of pixels, over all sizes; None from fewer than two."""
    return memory.exponent(points(records), key, start(records)[key]) if points(records) else None


def ratio(records: Records, method: str) -> float | None:
    """How many times as fast as a method the flagship is."""
    row = found(records, "speed").get("ratios", {}).get(method)
    return row["median"] if row else None


def network_row(records: Records) -> dict:
    """The stage "network" of the largest profiled size, the pair of a run of its own among them."""
    return next(filter(None, map(_network, reversed(measured(records)))), {})


def measured(records: Records) -> list[dict]:
    """All pairs from file to file, ascending: those of `points`, and the wide one that is not among them."""
    wide, sizes = found(records, "memory_wide"), points(records)
    among = any(_pixels(row) == _pixels(wide) for row in sizes) if wide else True
    return sorted([*sizes, *([] if among else [wide])], key=_pixels)


def seams(records: Records) -> float | None:
    """Share of the pixels at which two tilings with a wide context agree, on the worst pair."""
    rows = [row for row in found(records, "seams").get("apart", []) if row["context"] == WIDE_CONTEXT_PX]
    return min((1 - row["beyond"] for row in rows), default=None)


def in_network(wide: dict) -> str:
    """How much of a run the network was at work, as a sentence; empty where nobody looked."""
    stage = _network(wide)
    if not stage:
        return ""
    return (
        f" The network was at work during {100 * stage['running']:.0f} % of the {wide['wall_s']:.0f} s, and "
        f"took {100 * stage['of_cpu']:.0f} % of the processor time."
    )


def _network(row: dict) -> dict:
    """The stage "network" of a pair; empty where it was not profiled."""
    stages = row.get("stages", {}).get("rows", ())
    return next((stage for stage in stages if stage["stage"] == "network"), {})


def _pixels(row: dict) -> int:
    return int(row["side"] ** 2 if "side" in row else row["width"] * row["height"])


def _peak(records: Records) -> float | None:
    return max((row["peak_mb"] for row in measured(records)), default=None)


def times(value: float) -> str:
    """Rounded down: 0.997 is not yet 1."""
    digits = 100 if value < 10 else 10
    return f"{math.floor(digits * value + 1e-9) / digits:.{2 if value < 10 else 1}f} x"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _rounded_down(value: float) -> str:
    """A share close to all: 99.96 % is not yet 100."""
    return f"{math.floor(1000 * value + 1e-9) / 10:g} %"


GOALS = (
    Goal(
        "as fast as OpenCV's optical flow tuned for speckle, an answer for every pixel, 2 cores",
        "1 x", lambda r: ratio(r, "OpenCV DIS"), lambda v: v >= FASTER_THAN_DIS, times,
    ),
    Goal(
        "faster than correlation of 32-px windows every 8 px",
        "1.5 x", lambda r: ratio(r, "NCC 32 px"), lambda v: v >= FASTER_THAN_NCC, times,
    ),
    Goal(
        "faster than pandora2d",
        "10 x", lambda r: ratio(r, "pandora2d"), lambda v: v >= FASTER_THAN_PANDORA, times,
    ),
    Goal(
        "the network runs, share of the time of a run from file to file",
        "85 %", lambda r: network_row(r).get("running"), lambda v: v >= IN_NETWORK, _percent,
    ),
    Goal(
        "spent in the network, share of the processor time of such a run",
        "85 %", lambda r: network_row(r).get("of_cpu"), lambda v: v >= IN_NETWORK, _percent,
    ),
    Goal(
        "largest memory of any size that was measured",
        "2000 MB", _peak, lambda v: v < PEAK_MB, lambda v: f"{v:.0f} MB",
    ),
    Goal(
        "time grows like the number of pixels: exponent",
        "0.9 to 1.1", lambda r: exponent(r, "cpu_s"),
        lambda v: LINEAR[0] <= v <= LINEAR[1], lambda v: f"{v:.2f}",
    ),
    Goal(
        "two workers against one, many pairs",
        "1.7 x", lambda r: found(r, "batch").get("ratio"), lambda v: v >= TWO_WORKERS, times,
    ),
    Goal(
        f"two ways to cut tiles agree within {ASKED_PX:g} px, share of the pixels ({WIDE_CONTEXT_PX} px of context)",
        "100 %", seams, lambda v: v >= 1, _rounded_down,
    ),
    Goal(
        "GPU: megapixels a second in the network",
        "150", lambda r: found(r, "gpu").get("network_mpx_per_s"), lambda v: v >= GPU_NETWORK_MPX, lambda v: f"{v:.0f}",
    ),
    Goal(
        "GPU: megapixels a second from file to file",
        "60", lambda r: found(r, "gpu").get("files_mpx_per_s"), lambda v: v >= GPU_FILES_MPX, lambda v: f"{v:.0f}",
    ),
    Goal(
        "GPU: the network runs, share of the time of a run from file to file",
        "70 %", lambda r: found(r, "gpu").get("in_network"), lambda v: v >= GPU_IN_NETWORK, _percent,
    ),
)  # fmt: skip
