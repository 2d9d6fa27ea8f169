"""A rockslide above a fjord that creeps and then accelerates, seen by a side-looking radar.

make case-fjord
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cases import command, creep, files, fjord_report, history, measuring, page, plots, scores, stack
from cases import fjord_scene as setting
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.quality import Reason

NAME = "fjord"
#: Pairs two and three dates apart: enough motion while the slab creeps, enough coherence.
INTERVAL_DAYS = 1.5 * setting.EVERY_DAYS, 3.5 * setting.EVERY_DAYS
#: Side of the blocks of still rock whose medians say how steady a median is, px.
BLOCK_PX = 96
#: Ground that reads as moving along the slab's direction by more than this at the last date looks like a slide.
ALARMING_M = 1.0


@dataclass(frozen=True)
class Judged:
    """A method's series and what it is worth.

    Attributes
    ----------
    made : History
    motion : Motion
        Of the median of the slab.
    last : (H, W) float32
        Motion along the slab's direction at the last date, m, NaN where there is no value.
    slab : Score
        Of the medians against what is embedded.
    pixels : Score
        Of the slab's pixels at the last date.
    rock_m : float
        RMS of still rock's pixels at the last date.
    masked : dict
        Share of each kind that the pairs' products mask, mean over pairs.
    alarming : dict
        Share of each kind that reads more than `ALARMING_M` at the last date.
    ice : float
        Median speed that is read on the ice along the fjord, m/day; NaN where hardly any of it has a value.
    """

    made: history.History
    motion: creep.Motion
    last: np.ndarray
    slab: scores.Score
    pixels: scores.Score
    rock_m: float
    masked: dict[str, float]
    alarming: dict[str, float]
    ice: float


def run(quick: bool, folder: Path, docs: Path | None) -> dict:
    """Simulate, measure, invert, compare, draw; returns the numbers."""
    made, real = setting.scene(quick)
    height, width = made.shape
    dates = setting.dates()
    print(f"Simulating {len(dates)} dates of {width} x {height} px ...")
    paths = simulate(made, folder)
    judged = []
    for method in measuring.methods():
        judged.append(judge(made, folder, method))
        print(f"  {plots.NAMES[method]}: {judged[-1].made.pairs} pairs, {judged[-1].made.seconds:.0f} s")
    for header, rows in fjord_report.tables(made, judged):
        print(page.plain(header, rows))
    docs = command.target(docs, folder, real and not quick)
    pictures = fjord_report.draw(made, paths, judged, docs / "images")
    print(f"Page: {page.write(docs / 'case-fjord.md', fjord_report.document(made, judged, pictures))}")
    return {each.made.method: _numbers(each) for each in judged}


def simulate(made: setting.Scene, folder: Path) -> tuple[Path, ...]:
    """Write the stack."""
    days = setting.days()
    options = stack.StackOptions(made.shape, days, made.law(), looks=setting.LOOKS, seed=20210521)
    images = stack.images(made.ground, made.motion, options, made.power)
    note = "Simulated: a rockslide above a fjord in radar geometry (columns ground range, rows azimuth)."
    return files.write_stack(folder / "images", images, setting.grid(made.shape), setting.dates(), note)


def judge(made: setting.Scene, folder: Path, method: str) -> Judged:
    """Make the series of a method and compare it with what is embedded."""
    network = NetworkOptions(kind="interval", min_days=INTERVAL_DAYS[0], max_days=INTERVAL_DAYS[1])
    series = history.make(folder / "images", folder / method, method, network)
    values = series.series.read(0, 0, made.shape[1], made.shape[0])
    # without georeference the product's north is up the image
    moved = creep.along(values[0], -values[1], setting.sensitivity(), setting.PIXEL_M)
    days = np.array(setting.days())
    slab, rock = made.is_kind("slab"), made.is_kind("rock")
    medians = np.nanmedian(moved[:, slab], axis=1)
    motion = creep.Motion(days, medians, _velocity_error(moved, rock, days))
    true = setting.travelled(days)
    return Judged(
        series,
        motion,
        moved[-1],
        scores.score(medians, true),
        scores.score(moved[-1][slab], np.full(int(slab.sum()), true[-1])),
        float(np.sqrt(np.nanmean(moved[-1][rock] ** 2))),
        _masked(made, series.products),
        {
            name: float((moved[-1][where] > ALARMING_M).mean())  # where nothing is known nothing alarms
            for name, where in places(made).items()
        },
        _ice_speed(made, -values[1][-1]),
    )


def _ice_speed(made: setting.Scene, down: np.ndarray) -> float:
    """Median speed of the ice against the flight, m/day."""
    read = down[made.is_kind("ice")]
    if np.isfinite(read).mean() < 0.2:
        return float("nan")
    return float(np.nanmedian(read)) * setting.PIXEL_M / setting.days()[-1]


def places(made: setting.Scene) -> dict[str, np.ndarray]:
    """What the page distinguishes, by name: masks (H, W)."""
    kinds = {name: made.is_kind(name) for name in setting.KINDS}
    return {**kinds, "layover": made.layover, "shadow": made.shadow}


def _velocity_error(moved: np.ndarray, rock: np.ndarray, days: np.ndarray) -> float:
    """Standard deviation of the velocity of medians over blocks of still rock, m/day.

    The slab is larger than a block, so this is rather too much.
    """
    velocities = []
    for top in range(0, rock.shape[0] - BLOCK_PX + 1, BLOCK_PX):
        for left in range(0, rock.shape[1] - BLOCK_PX + 1, BLOCK_PX):
            block = np.s_[top : top + BLOCK_PX, left : left + BLOCK_PX]
            if rock[block].mean() > 0.7:
                velocities.append(
                    np.diff(np.nanmedian(moved[(slice(None), *block)][:, rock[block]], axis=1)) / np.diff(days)
                )
    return float(np.std(velocities))


def _masked(made: setting.Scene, products: tuple[Path, ...]) -> dict[str, float]:
    """Share of each place that the pairs mask, mean over pairs."""
    found: dict[str, list[float]] = {}
    for path in products:
        masked = files.bands(path)["mask"] != Reason.GOOD
        for name, where in places(made).items():
            found.setdefault(name, []).append(float(masked[where].mean()) if where.any() else float("nan"))
    return {name: float(np.mean(shares)) for name, shares in found.items()}


def _numbers(each: Judged) -> dict:
    return {
        "pairs": each.made.pairs,
        "slab": vars(each.slab),
        "pixels": vars(each.pixels),
        "rock_m": each.rock_m,
        "velocity": each.motion.velocity.tolist(),
        "sigma": each.motion.sigma,
        "alarm": each.motion.alarm(),
        "failure_day": each.motion.failure_day(),
        "masked": each.masked,
        "alarming": each.alarming,
        "ice_m_a_day": each.ice,
        "messages": each.made.messages,
    }


if __name__ == "__main__":
    sys.exit(command.main(NAME, run, __doc__))
