"""The plots of docs/accuracy.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks import pages
from benchmarks.accuracy import landslide
from benchmarks.accuracy.fixed_set import REGIMES
from benchmarks.accuracy.goals import WITHIN_SIGMA
from benchmarks.accuracy.measures import DEPTH_EDGES, SIGMA_EDGES
from benchmarks.accuracy.sweeps import WIDTH

# Okabe and Ito's colours, told apart with any colour vision; the marker says the same once more
STYLES = {
    "deepot": ("#D55E00", "o", "-"),
    "unetpp": ("#CC79A7", "s", "-"),
    "unet": ("#E69F00", "D", "-"),
    "correlation": ("#0072B2", "^", "-"),
    "pandora2d": ("#009E73", "v", "--"),
    "OpenPIV": ("#56B4E9", "<", "--"),
    "OpenCV DIS": ("#000000", ">", "--"),
    "scikit-image iLK": ("#7F7F7F", "P", "--"),
    "zero": ("#B0B0B0", "", ":"),
}
_OTHERS = ("#D55E00", "X", "-")
CALIBRATION_PARTS = {
    "simulated": "simulated pairs",
    "real, moved": "real pair, moved",
    "real, still": "real pairs, still",
}
SMALLEST_BIN = 2000  # components; bins that hold fewer say nothing


def draw(result: dict, folder: Path) -> list[Path]:
    """All plots into a folder; returns their paths."""
    drawings = {
        "coherence_motion": sweeps,
        "margin": margins,
        "calibration": calibration,
        "landslide": landslides,
        "landslide_map": landslide_maps,
    }
    return pages.draw(drawings, result, folder, "accuracy", marker=4)


def _line(axes, name: str, x, y) -> None:
    colour, marker, dashes = STYLES.get(name, _OTHERS)
    strong = dashes == "-"
    axes.plot(x, y, dashes, color=colour, marker=marker or None, lw=1.8 if strong else 1.1, label=name,
              zorder=3 if strong else 2)  # fmt: skip


def _legend(figure, axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    order = [*STYLES, *(label for label in labels if label not in STYLES)]
    labels, handles = zip(*sorted(zip(labels, handles), key=lambda entry: order.index(entry[0])))
    figure.legend(handles, labels, loc="center left", bbox_to_anchor=(0.835, 0.5))
    figure.subplots_adjust(left=0.07, right=0.825, bottom=0.17, top=0.88, wspace=0.24)


def _plain_ticks(axis, values) -> None:
    axis.set_ticks(values)
    axis.set_ticklabels([f"{value:g}" for value in values])
    axis.set_minor_locator(axis.get_major_locator().__class__([]))


_ERROR_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


def _log_error(axes) -> None:
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    _plain_ticks(axes.yaxis, [tick for tick in _ERROR_TICKS if low <= tick <= high])


def sweeps(plt, result: dict):
    """Error inside the body against coherence and against its motion."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
    by_coherence, by_motion = result["sweeps"]["coherence"], result["sweeps"]["motion"]
    for name in result["fields"]:
        _line(left, name, [float(x) for x in by_coherence], [row[name]["inside"] for row in by_coherence.values()])
        _line(right, name, [float(x) for x in by_motion], [row[name]["inside"] for row in by_motion.values()])
    left.set(xlabel="coherence (1 look)", ylabel="mean error inside the lobe, px")
    left.set_title(f"lobe {WIDTH} px wide moving 2 px", fontsize=9)
    right.set(xlabel="motion of the lobe, px", xscale="log")
    right.set_title("the same lobe, coherence 0.7, 4 looks", fontsize=9)
    _log_error(left)
    _log_error(right)
    _plain_ticks(right.xaxis, (0.05, 0.1, 0.2, 0.5, 1, 2, 4, 7, 12))
    _legend(figure, left)
    return figure


MARGIN_FIELD = "lobe 60 px, 6 px"


def margins(plt, result: dict):
    """Error against the distance to the margin of a body."""
    figure, panels = plt.subplots(1, 3, figsize=(9, 3.4), sharey=True)
    middle = (DEPTH_EDGES[1:] + DEPTH_EDGES[:-1]) / 2
    for axes, regime in zip(panels, REGIMES):
        for name in result["by_depth"]:
            # the first and the last bin are open
            values = result["by_depth"][name][regime][MARGIN_FIELD][1:-1]
            known = [value is not None for value in values]
            _line(axes, name, middle[known], [value for value in values if value is not None])
        axes.axvline(0, color="#B0B0B0", lw=0.8)
        axes.set_title(f"coherence {regime}", fontsize=9)
        axes.set(xlim=(-40, 30), ylim=(0.009, 9), yscale="log")
        _plain_ticks(axes.yaxis, _ERROR_TICKS)
    panels[1].set_xlabel("distance to the margin, px (inside the body: positive)")
    panels[0].set_ylabel("mean error, px")
    _legend(figure, panels[0])
    figure.subplots_adjust(wspace=0.1)
    return figure


def bins(counts: dict) -> tuple[np.ndarray, np.ndarray]:
    """Middle of the bins of sigma that hold enough, and the share that errs less than sigma."""
    count, inside = np.array(counts["count"]), np.array(counts["inside"])
    ratio = SIGMA_EDGES[1] / SIGMA_EDGES[0]
    middle = np.concatenate([[SIGMA_EDGES[0] / np.sqrt(ratio)], SIGMA_EDGES * np.sqrt(ratio)])
    full = count >= SMALLEST_BIN
    return middle[full], inside[full] / count[full]


def calibration(plt, result: dict):
    """Share of components that err less than sigma, in bins of sigma."""
    figure, panels = plt.subplots(1, len(CALIBRATION_PARTS), figsize=(9, 3.4), sharey=True)
    for axes, (part, words) in zip(panels, CALIBRATION_PARTS.items()):
        axes.axhspan(*(100 * share for share in WITHIN_SIGMA), color="#DDEBDD", lw=0, zorder=1)
        for name, counts in result["calibration"][part].items():
            middle, share = bins(counts)
            _line(axes, name, middle, 100 * share)
        axes.set_title(words, fontsize=9)
        axes.set(xscale="log", ylim=(0, 100), xlim=(0.007, 5))
        _plain_ticks(axes.xaxis, (0.01, 0.03, 0.1, 0.3, 1, 3))
    panels[1].set_xlabel("sigma that the method gives, px")
    panels[0].set_ylabel("components that err less than sigma, %")
    _legend(figure, panels[0])
    figure.subplots_adjust(wspace=0.1)
    return figure


def landslide_maps(plt, result: dict):
    """The landslide's field as it is and as the methods see it."""
    pictures = {name: landslide.unpacked(picture) for name, picture in result["pictures"].items() if name != "zero"}
    columns = 3
    rows = -(-len(pictures) // columns)
    figure, panels = plt.subplots(rows, columns, figsize=(9, 0.45 + 1.55 * rows), squeeze=False)
    top = landslide.SHOWN_PEAK
    for axes, (name, picture) in zip(panels.flat, pictures.items()):
        image = axes.imshow(picture, cmap="cividis", vmin=0, vmax=top, interpolation="nearest")
        axes.set_title(name, fontsize=9)
    for axes in panels.flat:
        axes.set_axis_off()
    figure.subplots_adjust(left=0.01, right=0.89, bottom=0.02, top=1 - 0.25 / (0.45 + 1.55 * rows), wspace=0.03)
    bar = figure.colorbar(image, cax=figure.add_axes((0.91, 0.15, 0.014, 0.7)))
    bar.set_label("length of the offset, px")
    bar.outline.set_visible(False)
    return figure


def landslides(plt, result: dict):
    """Error inside the real landslide's field and on the stable ground around it, against its peak."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4))
    rows = result["landslide"]
    peaks = [float(peak) for peak in rows]
    for name in result["fields"]:
        _line(left, name, peaks, [row[name]["inside"] for row in rows.values()])
        if name != "zero":
            _line(right, name, peaks, [row[name]["floor"] for row in rows.values()])
    left.set_title("inside the landslide", fontsize=9)
    right.set_title("stable ground, 40 px away or more", fontsize=9)
    left.set(ylabel="mean error, px", xscale="log", xlabel="motion of the fastest pixel, px")
    right.set(ylabel="rms error of a component, px", xscale="log", xlabel="motion of the fastest pixel, px")
    for axes in (left, right):
        _log_error(axes)
        _plain_ticks(axes.xaxis, peaks)
    _legend(figure, left)
    return figure
