"""What a split network means, on one pixel: docs/images/timeseries_split.png, and the network beside it.

    python benchmarks/inversion_split.py [--out docs/images]

A slope creeps, stops in winter and speeds up; the pairs across one winter are masked (snow). The history is shown with
the gap bridged by the pixel's own rate, and left open.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from deepot_qgis.engine import network
from deepot_qgis.engine.timeseries.inversion import Design, InversionOptions, invert
from deepot_qgis.engine.timeseries.plots import network_figure

FIRST = datetime(2020, 4, 1, tzinfo=timezone.utc)
DAYS = np.concatenate([np.arange(0, 216, 24.0), 390 + np.arange(0, 216, 24.0)])
SIGMA_M = 0.03


def truth(days: np.ndarray) -> np.ndarray:
    """Metres: 1.5 m/yr in the first summer, a third of it in winter, 2.5 m/yr in the second."""
    return np.interp(days, [0, 200, 380, 700], [0, 0.82, 1.07, 3.26])


def histories() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """History and sigma, bridged and left open."""
    rng = np.random.default_rng(4)
    pairs = [(i, i + k) for i in range(len(DAYS)) for k in (1, 2, 3) if i + k < len(DAYS)]
    pairs = [(i, j) for i, j in pairs if DAYS[j] - DAYS[i] < 100]  # across the winter everything is masked
    design = Design(DAYS, pairs)
    seen = np.array([truth(DAYS[j]) - truth(DAYS[i]) for i, j in pairs]) + SIGMA_M * rng.standard_normal(len(pairs))
    seen[5] += 0.8  # a wrong pair, which the others outvote
    stack = seen[:, None], np.zeros((len(pairs), 1)), np.full((len(pairs), 1), SIGMA_M)
    found = {split: invert(*stack, design, InversionOptions(split=split)) for split in ("rate", "nan")}
    return {split: (one.east[:, 0], one.sigma[:, 0]) for split, one in found.items()}


def figure() -> Figure:
    dates = [FIRST + timedelta(days=float(day)) for day in DAYS]
    drawn = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(drawn)
    titles = {"rate": "split = rate: bridged by the pixel's mean velocity", "nan": "split = nan: left open"}
    fine = np.linspace(DAYS[0], DAYS[-1], 200)
    axes_pair = drawn.subplots(1, 2, sharey=True)
    for axes, (split, (history, sigma)) in zip(axes_pair, histories().items()):
        axes.plot([FIRST + timedelta(days=day) for day in fine], truth(fine), color="#999999", label="true motion")
        axes.errorbar(
            dates, history, sigma, fmt="o", color="#0072b2", markersize=4, capsize=2, label="inverted, 1 sigma"
        )
        axes.axvspan(dates[8], dates[9], color="#d55e00", alpha=0.12, linewidth=0, label="no pair across")
        axes.set_title(titles[split], loc="left", fontsize="medium")
        locator = AutoDateLocator()
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.spines[["top", "right"]].set_visible(False)
    axes_pair[0].set_ylabel("Displacement (m)")
    axes_pair[0].legend(frameon=False, fontsize="small", loc="upper left")
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "docs" / "images")
    folder = parser.parse_args().out
    figure().savefig(folder / "timeseries_split.png", dpi=110)
    dates = [FIRST + timedelta(days=float(day)) for day in DAYS]
    pairs = network.pairs(dates, network.NetworkOptions(neighbours=3))
    dropped = [pair for pair in pairs if 5 in pair]
    network_figure(dates, pairs, dropped).savefig(folder / "timeseries_network.png", dpi=110)
    for split, (history, sigma) in histories().items():
        print(f"{split:5s} last date {history[-1]:.3f} m, sigma {sigma[-1]:.3f} m, truth {truth(DAYS[-1]):.3f} m")


if __name__ == "__main__":
    main()
