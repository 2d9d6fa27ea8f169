"""Histograms and plots of a pair product, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import scales
from .content import PairContent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe and Ito's palette: told apart by colour-blind readers.
_BLUE, _ORANGE, _GREY, _INK = "#0072b2", "#d55e00", "#bbbbbb", "#222222"
_BINS = 60
_SIGNIFICANT_SIGMAS = 3.0


def plots_figure(content: PairContent, limits: dict[str, float]) -> Figure:
    """Six panels: how far, components, which way, sigma, correlation, and motion against noise.

    Parameters
    ----------
    content : PairContent
    limits : dict
        ``sigma`` and ``correlation`` beyond which the run masked; missing where it is not known.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 6.6), constrained_layout=True)
    FigureCanvasAgg(figure)
    _magnitude(figure.add_subplot(2, 3, 1), content)
    _components(figure.add_subplot(2, 3, 2), content)
    _rose(figure.add_subplot(2, 3, 3, projection="polar"), content)
    _sigma(figure.add_subplot(2, 3, 4), content, limits.get("sigma"))
    _correlation(figure.add_subplot(2, 3, 5), content, limits.get("correlation"))
    _against_noise(figure.add_subplot(2, 3, 6), content)
    return figure


def _finish(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, fontsize=10, loc="left", color=_INK)
    axes.set_xlabel(x, fontsize=8)
    axes.set_ylabel(y, fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(True, color="#e5e5e5", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _nothing(axes: Axes) -> None:
    axes.text(0.5, 0.5, "no good pixel", ha="center", va="center", transform=axes.transAxes, color="#777777")


def _share(values: np.ndarray) -> np.ndarray:
    return np.full(values.size, 100.0 / max(1, values.size))


def _magnitude(axes: Axes, content: PairContent) -> None:
    values = content.good("magnitude")
    _finish(axes, "How far", f"displacement ({content.unit})", "good pixels (%)")
    if not values.size:
        _nothing(axes)
        return
    high = scales.tidy_ceiling(scales.percentile(values, 99.9))
    axes.hist(values, _BINS, range=(0, high), weights=_share(values), color=_BLUE)
    axes.set_yscale("log")
    for percent, dashes in ((50, "-"), (95, "--")):
        value = float(np.percentile(values, percent))
        axes.axvline(value, color=_ORANGE, linestyle=dashes, linewidth=1.2, label=f"{percent} % below {value:.3g}")
    axes.legend(fontsize=7, frameon=False)


def _components(axes: Axes, content: PairContent) -> None:
    ways = ("right", "up") if content.unit == "px" else ("east", "north")
    _finish(axes, "Components", f"displacement ({content.unit})", "good pixels (%)")
    parts = [content.good(name) for name in ("east", "north")]
    if not parts[0].size:
        _nothing(axes)
        return
    high = scales.tidy_ceiling(max(scales.percentile(part, 99.5) for part in parts))
    for part, color, way in zip(parts, (_BLUE, _ORANGE), ways):
        label = f"{way}: median {np.median(part):.3g}"
        axes.hist(part, _BINS, range=(-high, high), weights=_share(part), histtype="step", color=color, label=label)
    axes.axvline(0, color=_INK, linewidth=0.6)
    axes.set_yscale("log")
    axes.legend(fontsize=7, framealpha=0.9, edgecolor="none", loc="upper left")


def _rose(axes: Axes, content: PairContent) -> None:
    """Directions of significant motion; petals' areas, not lengths, show the share."""
    magnitude, direction, sigma = (content.good(name) for name in ("magnitude", "direction", "sigma"))
    axes.set_theta_zero_location("N")
    axes.set_theta_direction(-1)
    axes.set_title("Which way (motion above 3 sigma)", fontsize=10, loc="left", color=_INK, pad=14)
    axes.set_yticklabels([])
    axes.set_thetagrids(range(0, 360, 45), ["up" if content.unit == "px" else "N", "", "E", "", "S", "", "W", ""])
    axes.tick_params(labelsize=8)
    if content.unit == "px":
        axes.set_xticklabels(["up", "", "right", "", "down", "", "left", ""])
    chosen = np.radians(direction[magnitude >= _SIGNIFICANT_SIGMAS * sigma])
    if not chosen.size:
        axes.text(0.5, 0.5, "none", ha="center", va="center", transform=axes.transAxes, color="#777777")
        return
    counts, edges = np.histogram(chosen, 36, (0, 2 * np.pi))
    axes.bar(edges[:-1], np.sqrt(counts), np.diff(edges), align="edge", color=_BLUE, edgecolor="white", linewidth=0.4)
    axes.grid(color="#e5e5e5", linewidth=0.6)
    axes.set_axisbelow(True)


def _sigma(axes: Axes, content: PairContent, limit: float | None) -> None:
    known = content.bands["sigma"][np.isfinite(content.bands["sigma"])]
    good = content.good("sigma")
    _finish(axes, "Uncertainty", f"1 sigma of a component ({content.unit})", "pixels (%)")
    if not known.size:
        _nothing(axes)
        return
    high = scales.tidy_ceiling(max(1.5 * (limit or 0), scales.percentile(good, 99.9), scales.percentile(known, 50)))
    _both(axes, known, good, (0, high))
    _limit(axes, limit, f"limit {limit:.3g}" if limit else "")


def _correlation(axes: Axes, content: PairContent, limit: float | None) -> None:
    known = content.bands["correlation"][np.isfinite(content.bands["correlation"])]
    _finish(axes, "Correlation after the motion was taken out", "correlation (0 to 1)", "pixels (%)")
    if not known.size:
        _nothing(axes)
        return
    _both(axes, known, content.good("correlation"), (min(0.0, float(known.min())), 1.0))
    _limit(axes, limit, f"limit {limit:.3g}" if limit else "")


def _both(axes: Axes, known: np.ndarray, good: np.ndarray, span: tuple[float, float]) -> None:
    """All pixels in grey and the good ones before them, in shares of all."""
    weight = 100.0 / known.size
    axes.hist(known, _BINS, range=span, weights=np.full(known.size, weight), color=_GREY, label="masked pixels")
    axes.hist(good, _BINS, range=span, weights=np.full(good.size, weight), color=_BLUE, label="good")


def _limit(axes: Axes, limit: float | None, label: str) -> None:
    if limit:
        axes.axvline(limit, color=_ORANGE, linestyle="--", linewidth=1.2, label=label)
    axes.legend(fontsize=7, frameon=False)


def _against_noise(axes: Axes, content: PairContent) -> None:
    """Share of good pixels that moved more than k sigma, and what noise alone would give (Rayleigh)."""
    magnitude, sigma = content.good("magnitude"), content.good("sigma")
    _finish(axes, "Motion against noise", "displacement / sigma of a component", "pixels above (%)")
    if not magnitude.size:
        _nothing(axes)
        return
    ratio = np.sort(magnitude / np.maximum(sigma, 1e-12))
    levels = np.linspace(0, max(6.0, min(40.0, 1.1 * float(np.percentile(ratio, 99.5)))), 200)
    above = 100.0 * (1 - np.searchsorted(ratio, levels) / ratio.size)
    axes.plot(levels, above, color=_BLUE, label="measured motion")
    noise = 100 * np.exp(-(levels**2) / 2)
    axes.plot(levels, noise, color=_ORANGE, linestyle="--", label="noise alone")
    axes.set_yscale("log")
    axes.set_ylim(max(1e-2, 50.0 / ratio.size), 120)
    axes.legend(fontsize=7, frameon=False)
