"""Maps and curves of the cases: axes in kilometres, one colour scale for truth and methods, masked ground grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps, patheffects
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from deepot_qgis.engine.rasters import Grid

MASKED = "#c4c4c4"
ACCENT = "#ffcc33"  # lines on a grey image
#: Okabe and Ito: told apart with any colour vision. The truth is black, as are the marks of what is embedded.
COLOURS = {"truth": "#000000", "model": "#0072b2", "correlation": "#d55e00"}
MARKERS = {"truth": "s", "model": "o", "correlation": "^"}
#: What the methods are called in pictures and tables.
NAMES = {"truth": "embedded", "model": "DeepOT", "correlation": "conventional"}
SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"
_DPI = 120
_STYLE = {"labelsize": 8}


def figure(width: float, height: float) -> Figure:
    """An empty figure, inches."""
    made = Figure(figsize=(width, height), dpi=_DPI, facecolor="white", layout="constrained")
    FigureCanvasAgg(made)
    return made


def save(made: Figure, path: Path, ramp: str | None = None, tints: Sequence[str] = ()) -> Path:
    """Write a PNG of few bytes: 256 colours are enough for one ramp, grey and text.

    Parameters
    ----------
    ramp : str, optional
        Of the maps in it. Its colours are then kept as they are; colours found by a quantiser would leave steps in it.
    tints : sequence of str
        Other colours to keep.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    made.canvas.draw()
    image = Image.fromarray(np.asarray(made.canvas.buffer_rgba())).convert("RGB")
    if ramp is None:
        image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
        return path
    greys = np.repeat(np.linspace(0, 255, 96).round().astype(np.uint8)[:, None], 3, axis=1)
    accents = np.array(
        [[round(255 * part) for part in to_rgb(name)] for name in (*COLOURS.values(), ACCENT, MASKED, *tints)]
    )
    ramped = (colormaps[ramp](np.linspace(0, 1, 256 - len(greys) - len(accents)))[:, :3] * 255).round()
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.concatenate([greys, accents, ramped]).astype(np.uint8).ravel().tolist())
    indexed = image.quantize(palette=palette, dither=Image.Dither.NONE)
    # the quantiser is a little off even where the palette has the very colour
    white = Image.fromarray((np.asarray(image).min(axis=2) == 255).astype(np.uint8) * 255)
    indexed.paste(len(greys) - 1, mask=white)
    indexed.save(path, optimize=True)
    return path


def extent(grid: Grid) -> tuple[float, float, float, float]:
    """Left, right, bottom, top in km from the lower left corner."""
    g = grid.geotransform
    return 0, grid.width * abs(g[1]) / 1000, 0, grid.height * abs(g[5]) / 1000


def kilometres(grid: Grid, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Map coordinates as km from the lower left corner."""
    g = grid.geotransform
    return (np.asarray(x) - g[0]) / 1000, (np.asarray(y) - (g[3] + grid.height * g[5])) / 1000


def amplitude(axes: Axes, image: np.ndarray, grid: Grid, title: str) -> None:
    """A SAR image, grey in decibels."""
    decibel = 20 * np.log10(np.maximum(image, 1e-9))
    low, high = np.percentile(decibel, [3, 99.5])
    axes.imshow(decibel, cmap="gray", vmin=low, vmax=high, extent=extent(grid), interpolation="antialiased")
    _finish(axes, title)


def field(axes: Axes, values: np.ndarray, grid: Grid, title: str, scale: Normalize, ramp: str) -> Any:
    """A map of values; what is not finite is grey. Returns what a colour bar needs."""
    colours = colormaps[ramp].copy()
    colours.set_bad(MASKED)
    shown = np.ma.masked_invalid(values)
    drawn = axes.imshow(
        shown, cmap=colours, norm=scale, extent=extent(grid), interpolation="antialiased", interpolation_stage="rgba"
    )
    _finish(axes, title)
    return drawn


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=9, loc="left")
    axes.tick_params(**_STYLE)
    axes.set_aspect("equal")


def bar(made: Figure, drawn: Any, axes: Any, label: str, **keywords: Any) -> None:
    """Colour bar beside some axes."""
    colour_bar = made.colorbar(drawn, ax=axes, **{"shrink": 0.85, "pad": 0.02, "aspect": 28, **keywords})
    colour_bar.set_label(label, fontsize=8)
    colour_bar.ax.tick_params(**_STYLE)
    colour_bar.outline.set_linewidth(0.4)


def outline(axes: Axes, mask: np.ndarray, grid: Grid, colour: str = "black", width: float = 0.9) -> None:
    """The border of a body."""
    left, right, bottom, top = extent(grid)
    height, columns = mask.shape
    x = left + (np.arange(columns) + 0.5) * (right - left) / columns
    y = top - (np.arange(height) + 0.5) * (top - bottom) / height
    axes.contour(x, y, mask.astype(float), [0.5], colors=colour, linewidths=width)


def name(axes: Axes, text: str, x: float, y: float) -> None:
    """A name beside a place on a grey image."""
    halo = [patheffects.withStroke(linewidth=2, foreground="black")]
    axes.annotate(
        text, (x, y), (7, -11), textcoords="offset points", color=ACCENT, fontsize=8, path_effects=halo
    )  # fmt: skip


def curves(axes: Axes, title: str, x: str, y: str) -> None:
    """Labels and a faint grid of a plot of curves."""
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xlabel(x, fontsize=8)
    axes.set_ylabel(y, fontsize=8)
    axes.tick_params(**_STYLE)
    axes.grid(color="#e3e3e3", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def points(method: str, **keywords: Any) -> Mapping[str, Any]:
    """How a method is drawn as points: its colour, mark and name."""
    filled = {"markerfacecolor": COLOURS[method]} if method != "correlation" else {"markerfacecolor": "white"}
    return {
        "color": COLOURS[method],
        "marker": MARKERS[method],
        "label": NAMES[method],
        "markersize": 4.5,
        "linewidth": 1.1,
        **filled,
        **keywords,
    }
