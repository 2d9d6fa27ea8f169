"""An earthquake's surface rupture across a whole scene, and the slip that is read from it.

make case-earthquake
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from cases import command, earthquake_report, measuring, page, plots, scores
from cases.earthquake_scene import Scene, Slips, scene, simulate, slips

NAME = "earthquake"


def run(quick: bool, folder: Path, docs: Path | None) -> dict:
    """Simulate, measure, compare, draw; returns the numbers."""
    made, real = scene(quick)
    print(f"Simulating a pair of {made.grid.width} x {made.grid.height} px ...")
    paths = simulate(made, folder)
    measured = []
    for method in measuring.methods():
        measured.append(measuring.pair(*paths, folder / f"{method}.tif", method))
        print(f"  {plots.NAMES[method]}: {measured[-1].seconds:.0f} s")
    along = slips(made, measured)
    numbers = {each.method: _numbers(made, each, along) for each in measured}
    print(page.plain(earthquake_report.HEADER, earthquake_report.rows(numbers)))
    docs = command.target(docs, folder, real and not quick)
    pictures = earthquake_report.draw(made, paths, measured, along, docs / "images")
    print(
        f"Page: {page.write(docs / 'case-earthquake.md', earthquake_report.document(made, numbers, along, pictures))}"
    )
    return numbers


def _numbers(made: Scene, each: measuring.Measured, along: Slips) -> dict:
    """What a method reached."""
    dry = ~made.ground.water
    away, beside = dry & (made.away_m > 250), dry & (made.away_m <= 100)
    truth = made.truth[:2]
    moved = each.east, each.north
    read = along.read[each.method]
    return {
        "away": vars(scores.vectors(moved, truth, away)),
        "beside": vars(scores.vectors(moved, truth, beside)),
        "answered": float(each.answered[dry].mean()),
        "answered_beside": float(each.answered[beside].mean()),
        "dark": vars(scores.vectors(moved, truth, ~dry)),
        "answered_dark": float(each.answered[~dry].mean()) if (~dry).any() else 0.0,
        "slip": vars(scores.score(read, along.embedded)),
        "slip_as_read": vars(scores.score(read, along.read["truth"])),
        "peak": float(np.nanmax(read)),
    }


if __name__ == "__main__":
    sys.exit(command.main(NAME, run, __doc__))
