"""The Slumgullion landslide through nearly two years: both methods, a series each, judged as at extensometers.

make case-slumgullion
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from cases import command, files, history, measuring, page, plots, scores, slumgullion_report
from cases.history import Instrument
from cases.slumgullion_scene import LEAST_DAYS, Scene, instruments, scene, simulate
from deepot_qgis.engine.network import NetworkOptions

NAME = "slumgullion"
#: Ground this far from the elements counts as stable.
STABLE_M = 100.0


@dataclass(frozen=True)
class Judged:
    """A method's series and what it is worth.

    Attributes
    ----------
    made : History
    stations : dict
        `StationComparison.along` by instrument, and the metrics of all as ``all``.
    velocity : (2, H, W) float32
        East and north of the linear fit, m/day.
    last : (2, H, W) float32
        Displacement at the last date, m.
    speeds : (n,) array
        Mean speed of each element along its embedded direction, m/day.
    body, stable : Score
        Displacement at the last date, components together, m.
    answered : float
        Share of the body that has a value at the last date.
    """

    made: history.History
    stations: dict
    velocity: np.ndarray
    last: np.ndarray
    speeds: np.ndarray
    body: scores.Score
    stable: scores.Score
    answered: float


def run(quick: bool, folder: Path, docs: Path | None) -> dict:
    """Simulate, measure, invert, compare, draw; returns the numbers."""
    made, real = scene(quick)
    height, width = made.field.elements.shape
    print(f"Simulating {len(made.dates)} dates of {width} x {height} px ...")
    paths = simulate(made, folder)
    tools = instruments(made, folder / "extensometers")
    judged = []
    for method in measuring.methods():
        judged.append(judge(made, tools, folder, method))
        print(f"  {plots.NAMES[method]}: {judged[-1].made.pairs} pairs, {judged[-1].made.seconds:.0f} s")
    truth = element_speeds(made, made.field.velocity * made.mean_days())
    numbers = {each.made.method: _numbers(each, truth) for each in judged}
    for header, rows in slumgullion_report.tables(judged, truth, tools):
        print(page.plain(header, rows))
    docs = command.target(docs, folder, real and not quick)
    pictures = slumgullion_report.draw(made, paths, judged, truth, tools, docs / "images")
    parts = slumgullion_report.document(made, judged, truth, tools, pictures)
    print(f"Page: {page.write(docs / 'case-slumgullion.md', parts)}")
    return numbers


def judge(made: Scene, tools: tuple[Instrument, ...], folder: Path, method: str) -> Judged:
    """Make the series of a method and compare it with what is embedded."""
    network = NetworkOptions(kind="interval", min_days=LEAST_DAYS)
    if len(made.dates) < 8:
        network = NetworkOptions(kind="sequential", neighbours=2)
    series = history.make(folder / "images", folder / method, method, network)
    crs = made.field.grid.crs_name()
    stations = history.compare(series, tools, crs, folder / f"{method}_stations")
    bands = files.bands(Path(series.series.paths["velocity"]))
    velocity = np.stack([bands["east"], bands["north"]]) / 365.25
    last = np.stack([files.last_band(Path(series.series.paths[name])) for name in ("east", "north")])
    body = made.field.elements > 0
    away = ndimage.distance_transform_edt(~body) * made.field.pixel_m
    true = made.displacement(len(made.dates) - 1)
    return Judged(
        series,
        stations,
        velocity,
        last,
        element_speeds(made, velocity),
        scores.vectors(tuple(last), tuple(true), body),
        scores.vectors(tuple(last), tuple(true), (away > STABLE_M) & ~made.ground.water),
        float(np.isfinite(last[0])[body].mean()),
    )


def element_speeds(made: Scene, velocity: np.ndarray) -> np.ndarray:
    """Mean of each element's velocity along the direction that is embedded in it, m/day."""
    elements, true = made.field.elements, made.field.velocity
    found = []
    for number in range(1, int(elements.max()) + 1):
        inside = elements == number
        mean = true[:, inside].mean(1)
        direction = mean / np.hypot(*mean)
        known = inside & np.isfinite(velocity[0])
        found.append(float(direction @ velocity[:, known].mean(1)) if known.any() else float("nan"))
    return np.array(found)


def _numbers(each: Judged, truth: np.ndarray) -> dict:
    return {
        "pairs": each.made.pairs,
        "body": vars(each.body),
        "stable": vars(each.stable),
        "answered": each.answered,
        "elements": vars(scores.score(each.speeds, truth)),
        "stations": {
            name: vars(one if name == "all" else one.metrics) for name, one in each.stations.items()
        },
        "messages": each.made.messages,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(command.main(NAME, run, __doc__))
