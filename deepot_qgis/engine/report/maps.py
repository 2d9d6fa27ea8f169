"""Maps of a pair product, drawn by matplotlib: colours with units, scale bar, north arrow, coordinates, arrows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import displacement
from ..errors import InputError
from ..quality import REASON_NAMES, Reason
from . import colors, scales
from .content import PairContent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_INK = "#222222"
_ARROWS_ACROSS = 30
#: Of the typical length: a shorter arrow is a speck that points nowhere.
_SHORTEST = 0.05
#: Length of an arrow of the 95th percentile, in cells.
_LENGTH_IN_CELLS = 1.5
_ALMOST_AXIS = 1e-9


@dataclass(frozen=True)
class MapView:
    """How one band is shown: its title, the stops of its ramp, and whether its values have a sign or turn round."""

    band: str
    title: str
    stops: tuple[str, ...]
    kind: str


VIEWS = {
    view.band: view
    for view in (
        MapView("magnitude", "Displacement", colors.SEQUENTIAL, "amount"),
        MapView("direction", "Direction, clockwise from grid north, above 3 sigma", colors.CYCLIC, "angle"),
        MapView("east", "East component", colors.DIVERGING, "signed"),
        MapView("north", "North component", colors.DIVERGING, "signed"),
        MapView("sigma", "Uncertainty, 1 sigma of a component", colors.ERROR, "error"),
        MapView("correlation", "Correlation after the motion was taken out", colors.SEQUENTIAL, "share"),
        MapView("mask", "Why pixels are masked", (), "classes"),
    )
}


@dataclass(frozen=True)
class Frame:
    """How pixels lie on paper: their sides in metres (pixels without georeference), and where north is.

    `north` is a unit vector (right, up), None where nothing is known of it.
    """

    width: float
    height: float
    north: tuple[float, float] | None

    @classmethod
    def of(cls, content: PairContent) -> Frame:
        """The frame at the centre of a product."""
        grid = content.grid
        g = grid.geotransform
        if not grid.georeferenced:
            return cls(1.0, 1.0, None)
        try:
            centre = grid.window(grid.width // 2, grid.height // 2, 1, 1)
            across, along = (float(scale.ravel()[0]) for scale in displacement.metres_per_unit(centre))
        except InputError:  # a CRS of another kind: map units are all there is
            across = along = 1.0
        width, height = math.hypot(g[1] * across, g[4] * along), math.hypot(g[2] * across, g[5] * along)
        determinant = g[1] * g[5] - g[2] * g[4]
        right, up = -g[2] / determinant * width, -g[1] / determinant * height
        length = math.hypot(right, up)
        return cls(width, height, (right / length, up / length))


def map_figure(
    content: PairContent, band: str, backdrop: np.ndarray | None = None, width: float = 7.0, heading: str = ""
) -> Figure:
    """A map of one band.

    Parameters
    ----------
    content : PairContent
    band : str
        One of `VIEWS`.
    backdrop : numpy.ndarray, optional
        Grey values 0..1 of the same ground, shown where the map is see-through.
    width : float
        Of the figure, inches.
    heading : str
        Stands above the title of the band.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    frame, view = Frame.of(content), VIEWS[band]
    shape = (content.grid.height * frame.height) / (content.grid.width * frame.width)
    figure = Figure(
        figsize=(width, min(max(0.8 * width * shape, 0.3 * width), 1.6 * width) + 0.9), constrained_layout=True
    )
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor("#ffffff")
    if backdrop is not None:
        _show(axes, content, backdrop, cmap="gray", vmin=0.0, vmax=1.0)
    if view.kind == "classes":
        _classes(axes, content)
    else:
        _ramp(figure, axes, content, view, backdrop is not None)
    if band == "magnitude":
        _veil(axes, content)
        _arrows(axes, content, frame)
    _coordinates(axes, content)
    axes.set_aspect(frame.height / frame.width)
    title = f"{view.title}{_unit(content, view)}"
    axes.set_title(f"{heading}\n{title}" if heading else title, fontsize=11, color=_INK, loc="left")
    _scale_bar(axes, content, frame)
    _north_arrow(axes, frame)
    return figure


def span(content: PairContent, view: MapView) -> tuple[float, float]:
    """Lowest and highest value of a view's ramp."""
    if view.kind == "angle":
        return 0.0, 360.0
    if view.kind == "share":
        return 0.0, 1.0
    together = ("east", "north") if view.kind == "signed" else (view.band,)
    of = content.good if view.kind == "error" else content.bands.__getitem__  # where masked, sigma may be anything
    peak = max(scales.percentile(of(name), scales.PERCENTILE) for name in together)
    if view.kind != "error":
        peak = max(peak, scales.NOISE_SIGMAS * scales.percentile(content.bands["sigma"], 50.0))
    high = scales.tidy_ceiling(peak)
    return (-high if view.kind == "signed" else 0.0), high


def significant(content: PairContent) -> np.ndarray:
    """Where the motion is above three sigma of a component."""
    with np.errstate(invalid="ignore"):
        return content.bands["magnitude"] >= scales.CLEAR_SIGMAS * content.bands["sigma"]


def _unit(content: PairContent, view: MapView) -> str:
    unit = {"angle": "°", "share": "", "classes": ""}.get(view.kind, content.unit)
    return f" ({unit})" if unit else ""


def _show(axes: Axes, content: PairContent, values: np.ndarray, **how: Any) -> AxesImage:
    extent = (0, content.grid.width, content.grid.height, 0)
    return axes.imshow(values, extent=extent, interpolation="nearest", **how)


def _ramp(figure: Figure, axes: Axes, content: PairContent, view: MapView, over: bool) -> None:
    from matplotlib.colors import LinearSegmentedColormap, to_rgba

    stops = [to_rgba(stop) for stop in view.stops]
    if over and view.kind == "amount":
        stops = [(*stop[:3], alpha) for stop, alpha in zip(stops, colors.FADE_IN)] + stops[len(colors.FADE_IN) :]
    ramp = LinearSegmentedColormap.from_list(view.band, stops)
    low, high = span(content, view)
    values = np.ma.masked_invalid(content.bands[view.band])
    if view.kind == "angle":  # noise has no direction
        values = np.ma.masked_where(~significant(content), values)
    image = _show(axes, content, values, cmap=ramp, vmin=low, vmax=high)
    shown = np.abs(values.compressed())
    extend = "neither" if view.kind in ("angle", "share") or not shown.size or shown.max() <= high else "max"
    bar = figure.colorbar(
        image, ax=axes, fraction=0.046, pad=0.03, extend="both" if low < 0 < high and extend == "max" else extend
    )
    bar.ax.tick_params(labelsize=8)
    if view.kind == "angle":
        bar.set_ticks([0, 90, 180, 270, 360])
        bar.set_ticklabels(["N 0", "E 90", "S 180", "W 270", "N 360"])


def _classes(axes: Axes, content: PairContent) -> None:
    from matplotlib.colors import BoundaryNorm, ListedColormap
    from matplotlib.patches import Patch

    names = [(0, 0, 0, 0), *(colors.REASONS[reason] for reason in Reason if reason != Reason.GOOD)]
    norm = BoundaryNorm(np.arange(len(Reason) + 1) - 0.5, len(Reason))
    _show(axes, content, np.ma.masked_invalid(content.bands["mask"]), cmap=ListedColormap(names), norm=norm)
    whole = sum(content.counts.values()) or 1
    patches = [
        Patch(facecolor=names[reason], edgecolor="#888888", label=f"{REASON_NAMES[reason]} {100 * count / whole:.1f} %")
        for reason, count in content.counts.items()
        if count
    ]
    legend = axes.legend(handles=patches, loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=8, borderaxespad=0)
    legend.get_frame().set_edgecolor("#bbbbbb")


def _veil(axes: Axes, content: PairContent) -> None:
    """A grey veil over what is masked, so that it is not taken for still ground."""
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    masked = np.ma.masked_equal((content.bands["mask"] != Reason.GOOD).astype(np.uint8), 0)
    if not masked.count():
        return
    _show(axes, content, masked, cmap=ListedColormap([colors.MASKED]), alpha=0.6)
    axes.legend(
        handles=[Patch(facecolor=colors.MASKED, alpha=0.6, edgecolor="#777777", label="masked pixels")],
        loc="lower right", fontsize=8, framealpha=0.85, edgecolor="none",
    )  # fmt: skip


def _arrows(axes: Axes, content: PairContent, frame: Frame) -> None:
    """Median motion of cells where it is significant, with a legend arrow below the map."""
    cells = _cells(content)
    if not len(cells):
        return
    typical = float(np.percentile(np.hypot(cells[:, 2], cells[:, 3]), 95))
    cells = cells[np.hypot(cells[:, 2], cells[:, 3]) >= _SHORTEST * typical]
    right, up = _on_paper(content, frame, cells[:, 2], cells[:, 3])
    quiver = axes.quiver(
        cells[:, 0], cells[:, 1], right, up, angles="uv", units="width", scale_units="width", pivot="tail",
        scale=typical * _ARROWS_ACROSS / _LENGTH_IN_CELLS, width=0.0032, color="#111111", edgecolor="white",
        linewidth=0.35, headwidth=4, headlength=5, headaxislength=4.5,
    )  # fmt: skip
    length = scales.tidy_floor(typical)
    axes.quiverkey(quiver, 0.93, 1.025, length, f"{length:g} {content.unit}", labelpos="W", fontproperties={"size": 8})


def _cells(content: PairContent) -> np.ndarray:
    """Column and row (pixels of the product), median east, north of each cell that moved significantly."""
    good = (content.bands["mask"] == Reason.GOOD) & np.isfinite(content.bands["east"])
    height, width = good.shape
    side = max(1, -(-max(height, width) // _ARROWS_ACROSS))
    scale = content.grid.width / width, content.grid.height / height
    found = []
    for top in range(0, height, side):
        for left in range(0, width, side):
            part = np.s_[top : top + side, left : left + side]
            chosen = good[part]
            if chosen.mean() < 0.5:
                continue
            east, north, sigma = (
                float(np.median(content.bands[name][part][chosen])) for name in ("east", "north", "sigma")
            )
            if math.hypot(east, north) >= scales.CLEAR_SIGMAS * sigma:
                across, down = chosen.shape[1], chosen.shape[0]
                found.append(((left + across / 2) * scale[0], (top + down / 2) * scale[1], east, north))
    return np.array(found, float).reshape(-1, 4)


def _on_paper(content: PairContent, frame: Frame, east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn east and north into right and up on paper, of the same length."""
    if frame.north is None:
        return east, north
    right, up = frame.north
    g = content.grid.geotransform
    hand = -1.0 if g[1] * g[5] - g[2] * g[4] > 0 else 1.0  # rows that run north make a mirrored picture
    return east * up * hand + north * right, -east * right * hand + north * up


def _coordinates(axes: Axes, content: PairContent) -> None:
    """Map coordinates along the frame where rows and columns follow the axes of the map, else none."""
    grid = content.grid
    g = grid.geotransform
    axes.set_xlim(0, grid.width)
    axes.set_ylim(grid.height, 0)
    crooked = abs(g[2]) > _ALMOST_AXIS * abs(g[1]) or abs(g[4]) > _ALMOST_AXIS * abs(g[5])
    if not grid.georeferenced:
        axes.tick_params(labelsize=7, colors="#555555")
        return
    if crooked:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    for axis, origin, step, count in ((axes.xaxis, g[0], g[1], grid.width), (axes.yaxis, g[3], g[5], grid.height)):
        values = _ticks(*sorted((origin, origin + step * count)))
        axis.set_ticks([(value - origin) / step for value in values])
        axis.set_ticklabels([f"{value:.10g}" for value in values])
    axes.tick_params(labelsize=7, colors="#555555", length=3)
    for label in axes.get_yticklabels():
        label.set_rotation(90)
        label.set_verticalalignment("center")
    axes.set_xlabel(grid.crs_name(), fontsize=7, color="#555555", loc="left")


def _ticks(low: float, high: float) -> list[float]:
    """Round values between two others, none in the corners, where the labels of two axes would meet."""
    step, edge = scales.tidy_floor((high - low) / 3), 0.04 * (high - low)
    found = (round(n * step, 10) for n in range(math.ceil(low / step), math.floor(high / step) + 1))
    return [value for value in found if low + edge <= value <= high - edge]


def _scale_bar(axes: Axes, content: PairContent, frame: Frame) -> None:
    whole = content.grid.width * frame.width
    length = scales.tidy_floor(whole / 4)
    share = length / whole
    text = f"{length:g} px"
    if content.grid.georeferenced:
        text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    where = {"transform": axes.transAxes, "clip_on": False, "zorder": 6}
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((0.025, 0.02), share + 0.03, 0.075, facecolor="white", alpha=0.8, edgecolor="none", **where)
    )
    for part, face in ((0, _INK), (1, "white")):
        corner = (0.04 + part * share / 2, 0.032)
        axes.add_patch(Rectangle(corner, share / 2, 0.014, facecolor=face, edgecolor=_INK, linewidth=0.7, **where))
    axes.text(0.04 + share / 2, 0.054, text, ha="center", va="bottom", fontsize=8, color=_INK, **where)


def _north_arrow(axes: Axes, frame: Frame) -> None:
    """An N with an arrow that points to grid north, in the upper right corner."""
    if frame.north is None:
        return
    from matplotlib.transforms import Affine2D, ScaledTranslation

    corner = ScaledTranslation(1.0, 1.0, axes.transAxes)
    points = Affine2D().translate(-20, -34).scale(axes.figure.dpi / 72) + corner
    right, up = frame.north
    how = {"xycoords": points, "textcoords": points, "annotation_clip": False, "zorder": 7}
    axes.annotate(
        "N", (0, 0), (0, 0), fontsize=8, weight="bold", ha="center", va="center", color=_INK, **how,
        bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "alpha": 0.9, "edgecolor": _INK, "linewidth": 0.7},
    )  # fmt: skip
    for color, wide in (("white", 3.5), (_INK, 1.3)):  # readable on dark ground too
        arrow = {"arrowstyle": "-|>", "color": color, "linewidth": wide, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", (26 * right, 26 * up), (9 * right, 9 * up), arrowprops=arrow, **how)
