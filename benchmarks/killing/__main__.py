"""``python -m benchmarks.killing``: kill pairs and series at seeded moments and at every rename, print the counts."""

from __future__ import annotations

import argparse
import os
import tempfile

from .. import results
from . import scene
from .run import Counts, Midwife, Scenario, kill, moments

#: Calls of a pair with three strips of rows: four renames of what is kept and three of what is finished, each with its
#: file brought to the disk before and its folder after.
CALLS = (*(("replace", number) for number in range(7)), *(("fsync", number) for number in range(7, 14)))


def pair_of(first: str, second: str) -> Scenario:
    """A pair by conventional tracking, of images so high that there are strips of rows to be kept."""
    options = ("--method", "correlation", "--tile", "256", "--resume")
    return Scenario(("pair", first, second, os.path.join("{out}", "d.tif"), *options), "had been measured before")


def series_of(folder: str) -> Scenario:
    """All pairs of a few images, and their time series."""
    options = ("--method", "correlation", "--neighbours", "2")
    return Scenario(("series", folder, "{out}", *options), "were taken from")


def main() -> None:
    """Kill, count, print and keep what was counted."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.killing", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="of pairs, at seeded moments")
    parser.add_argument("--series-kills", type=int, default=12)
    parser.add_argument("--height", type=int, default=3000, metavar="PX", help="of the images of pairs, 64 px wide")
    parser.add_argument("--seed", type=int, default=20)
    parsed = parser.parse_args()
    rows, wrong = [], []
    with tempfile.TemporaryDirectory() as folder, Midwife() as midwife:
        pair = pair_of(*scene.write(_made(folder, "images"), parsed.height, 64)[:2])
        short = pair_of(*scene.write(_made(folder, "short"), 1100, 64)[:2])
        small = _made(folder, "small")
        scene.write(small, 64, 64)
        for name, scenario, when, calls in (
            ("pair, at seeded moments", pair, moments(parsed.seed, parsed.kills), ()),
            ("pair, at each step of finishing", short, (), CALLS),
            ("series, at seeded moments", series_of(small), moments(parsed.seed + 1, parsed.series_kills), ()),
        ):
            counts = kill(midwife, scenario, _made(folder, name.replace(" ", "_")), when, calls)
            rows.append([name, *_numbers(counts)])
            wrong += counts.wrong
    header = [
        "what was killed",
        "kills",
        "before",
        "during",
        "after",
        "whole files",
        "temporary",
        "identical",
        "went on",
    ]
    print(" | ".join(header))
    for row in rows:
        print(" | ".join(map(str, row)))
    print("\n".join(wrong) or "No file under a final name was ever incomplete.")
    if not wrong:
        results.store("killing", {"tables": [results.table("Killed processes", header, rows)]})
    raise SystemExit(1 if wrong else 0)


def _made(folder: str, name: str) -> str:
    path = os.path.join(folder, name)
    os.makedirs(path, exist_ok=True)
    return path


def _numbers(counts: Counts) -> list[int]:
    return [
        counts.kills, counts.before, counts.during, counts.after, counts.whole, counts.temporary, counts.resumed,
        counts.went_on,
    ]  # fmt: skip


if __name__ == "__main__":
    main()
