"""Draw the demo's map picture: amplitude, measured displacement with arrows, and the embedded truth."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patheffects
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrow, Patch, Rectangle

from deepot_qgis.engine import dates
from deepot_qgis.engine.quality import Reason
from scripts import sample

COLOURS = matplotlib.colormaps["YlGnBu"]  # pale to dark, readable with any colour vision
OUTLINE = "#d55e00"
ARROW_STEP_PX = 12
ARROW_MIN_M = 5.0
ARROW_STRETCH = 5  # arrows are this many times as long as the motion on the map
_HALO = [patheffects.withStroke(linewidth=2.2, foreground="black")]


def draw(
    scene: sample.Scene,
    displacement: dict[str, np.ndarray],
    method: str,
    error: dict[str, float],
    path: Path,
    pixel_m: float,
) -> Path:
    """Draw the three maps side by side and write a PNG.

    Parameters
    ----------
    scene : Scene
        The pair and the embedded truth.
    displacement : dict
        Bands of the product by name, metres.
    method : str
        What measured it, for the title.
    error : dict
        Mean end-point errors in pixels, for the caption.
    path : Path
        PNG to write.
    pixel_m : float
        Side of a pixel in metres.
    """
    true_east, true_north = scene.offset[0] * pixel_m, -scene.offset[1] * pixel_m
    true_magnitude = np.hypot(true_east, true_north)
    colour = Normalize(0, 5 * np.ceil(true_magnitude.max() / 5))
    shade = _shade(scene.reference)
    good = displacement["mask"] == Reason.GOOD

    figure, axes = plt.subplots(1, 3, figsize=(13.2, 5.4), facecolor="white")
    figure.subplots_adjust(left=0.012, right=0.93, top=0.865, bottom=0.1, wspace=0.03)
    titles = ("Reference amplitude (dB, grey)", f"Measured: {method}", "Embedded truth (water keeps no coherence)")
    first, second = (
        date.fromisoformat(dates.acquisition_date(str(sample.FOLDER / name))[:10])
        for name in (sample.REFERENCE, sample.SECONDARY)
    )
    for axis, title in zip(axes, titles):
        axis.set_title(title, fontsize=11, loc="left", pad=5)
        axis.set_xticks([])
        axis.set_yticks([])
        axis.imshow(shade, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.contour(true_magnitude, [0.5 * pixel_m], colors=OUTLINE, linewidths=1.4, linestyles="--")
    _overlay(axes[1], displacement["magnitude"], good, shade, colour)
    _arrows(axes[1], displacement["east"], displacement["north"], good, pixel_m)
    _overlay(axes[2], true_magnitude, ~scene.water, shade, colour)
    key = _arrows(axes[2], true_east, true_north, ~scene.water, pixel_m)
    axes[2].quiverkey(
        key,
        0.80,
        0.06,
        30,
        "30 m",
        labelpos="E",
        coordinates="axes",
        color="white",
        labelcolor="white",
        fontproperties={"size": 10},
    )
    _north_arrow(axes[0])
    for axis in axes:
        _scale_bar(axis, 500, pixel_m)
    figure.canvas.draw()  # the aspect of the maps settles their height
    frame = axes[2].get_position()
    bar = figure.colorbar(
        plt.cm.ScalarMappable(colour, COLOURS), cax=figure.add_axes([0.942, frame.y0, 0.013, frame.height])
    )
    bar.set_label("Horizontal displacement (m)", fontsize=10)
    figure.suptitle(
        f"Ground displacement {first} to {second} ({(second - first).days} days)",
        x=0.012,
        y=0.975,
        ha="left",
        fontsize=13,
        fontweight="bold",
    )
    figure.legend(
        handles=[
            Line2D([], [], color=OUTLINE, linestyle="--", linewidth=1.4, label="margin of the embedded landslide"),
            Patch(facecolor="0.45", edgecolor="0.2", label="no answer: masked, bare amplitude"),
        ],
        loc="upper right",
        bbox_to_anchor=(0.935, 0.99),
        ncol=2,
        frameon=False,
        fontsize=9.5,
    )
    figure.text(
        0.012,
        0.015,
        f"Mean end-point error on land {error['all']:.3f} px = {error['all'] * pixel_m:.2f} m; in the landslide "
        f"{error['landslide']:.3f} px = {error['landslide'] * pixel_m:.2f} m; on stable ground {error['stable']:.3f} px"
        f" = {error['stable'] * pixel_m:.2f} m. Arrows are {ARROW_STRETCH} times as long as the motion on the map.\n"
        f"Synthetic motion embedded in a real Sentinel-1 image; position, pixel size and dates are nominal. "
        f"{sample.CREDIT}",
        fontsize=8.4,
        color="0.25",
        va="bottom",
        linespacing=1.5,
    )
    figure.savefig(path, dpi=160)
    plt.close(figure)
    return path


def _shade(amplitude: np.ndarray) -> np.ndarray:
    """Amplitude in dB between robust percentiles, 0..1."""
    level = 20 * np.log10(np.maximum(amplitude, np.finfo(np.float32).tiny))
    low, high = np.percentile(level, (1, 99.5))
    return np.clip((level - low) / (high - low), 0, 1)


def _overlay(axis: plt.Axes, magnitude: np.ndarray, where: np.ndarray, shade: np.ndarray, colour: Normalize) -> None:
    """Colour by magnitude, darkened by the amplitude so that the ground shows through."""
    rgba = COLOURS(colour(np.nan_to_num(magnitude)))
    rgba[..., :3] *= (0.5 + 0.5 * shade)[..., None]
    rgba[..., 3] = where
    axis.imshow(rgba, interpolation="nearest")


def _arrows(axis: plt.Axes, east: np.ndarray, north: np.ndarray, where: np.ndarray, pixel_m: float) -> object:
    """Arrows of the displacement where it is worth one."""
    step = slice(ARROW_STEP_PX // 2, None, ARROW_STEP_PX)
    y, x = np.mgrid[0 : east.shape[0], 0 : east.shape[1]][:, step, step]
    e, n, keep = east[step, step], north[step, step], where[step, step]
    keep = keep & (np.hypot(np.nan_to_num(e), np.nan_to_num(n)) > ARROW_MIN_M)
    return axis.quiver(
        x[keep],
        y[keep],
        e[keep],
        n[keep],
        angles="uv",
        scale_units="x",
        scale=pixel_m / ARROW_STRETCH,
        width=0.008,
        headwidth=3.4,
        headlength=3.6,
        headaxislength=3.2,
        color="white",
        edgecolor="black",
        linewidth=0.7,
        pivot="mid",
    )


def _scale_bar(axis: plt.Axes, metres: int, pixel_m: float) -> None:
    """Bar of a round length in the lower left corner."""
    length, x, y = metres / pixel_m, 12, 240
    axis.add_patch(Rectangle((x, y), length, 4, facecolor="white", edgecolor="black", linewidth=0.8))
    axis.add_patch(Rectangle((x, y), length / 2, 4, facecolor="black", edgecolor="black", linewidth=0.8))
    axis.text(x + length / 2, y - 4, f"{metres} m", color="white", ha="center", fontsize=10, path_effects=_HALO)


def _north_arrow(axis: plt.Axes) -> None:
    """Arrow to grid north in the upper right corner."""
    arrow = FancyArrow(236, 42, 0, -22, width=3.2, head_width=10, head_length=9, length_includes_head=True)
    arrow.set(facecolor="white", edgecolor="black", linewidth=0.8)
    axis.add_patch(arrow)
    axis.text(236, 17, "N", color="white", ha="center", fontsize=12, fontweight="bold", path_effects=_HALO)
