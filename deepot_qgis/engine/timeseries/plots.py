"""Pictures of a pair network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from .. import dates as dating
from .. import network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Okabe and Ito's palette, told apart by colour-blind readers.
_PAIR, _DROPPED = "#0072b2", "#d55e00"
_GROUPS = ("#000000", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_INK = "#333333"


def network_figure(
    dates: Sequence[datetime],
    pairs: Sequence[tuple[int, int]],
    dropped: Sequence[tuple[int, int]] = (),
    title: str = "",
    size: tuple[float, float] = (8.0, 4.0),
) -> Figure:
    """Draw the pairs of a network against time: an arc from date to date, as high as the pair is long.

    Parameters
    ----------
    dates : sequence of datetime.datetime
    pairs : sequence of pairs of int
        Indices into `dates`.
    dropped : sequence of pairs of int
        Pairs that were asked for and could not be used, dashed.
    title : str
        Empty: the counts.
    size : tuple of float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        With an Agg canvas; ``figure.savefig(path)`` writes PNG, SVG or PDF.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    days = np.array([date2num(moment) for moment in dates])
    lost = set(dropped)
    kept = [pair for pair in pairs if pair not in lost]
    many = max(0.35, min(1.0, 25 / max(len(kept), 1)))
    for first, second in kept:
        axes.plot(*_arc(days[first], days[second]), color=_PAIR, linewidth=1.1, alpha=many, zorder=2)
    for first, second in sorted(lost):
        axes.plot(*_arc(days[first], days[second]), color=_DROPPED, linewidth=1.3, linestyle=(0, (4, 2)), zorder=3)
    groups = network.components(len(dates), kept)
    for number, group in enumerate(groups):
        color = _GROUPS[number % len(_GROUPS)]
        axes.plot(days[list(group)], np.zeros(len(group)), "o", color=color, markersize=5, zorder=4, clip_on=False)
    longest = max((days[second] - days[first] for first, second in {*kept, *lost}), default=1.0)
    axes.set_ylim(0, 1.08 * longest)
    margin = 0.02 * max(np.ptp(days), 1.0)
    axes.set_xlim(days.min() - margin, days.max() + margin)
    axes.set_ylabel("Interval (days)")
    locator = AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.tick_params(colors=_INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_title(title or _counts(dates, kept, lost, groups), loc="left", fontsize="medium")
    handles = [Line2D([], [], color=_PAIR, label="pair used")]
    if lost:
        handles.append(Line2D([], [], color=_DROPPED, linestyle=(0, (4, 2)), label="pair left out"))
    handles.append(Line2D([], [], color=_GROUPS[0], marker="o", linestyle="", label="acquisition"))
    if len(groups) > 1:
        handles.append(
            Line2D([], [], color=_GROUPS[1], marker="o", linestyle="", label="acquisition of another, unlinked part")
        )
    # below the axes: whatever place is chosen inside, some network has an arc there
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=len(handles), frameon=False,
        fontsize="small",
    )  # fmt: skip
    return figure


def _arc(first: float, second: float) -> tuple[np.ndarray, np.ndarray]:
    """Half an ellipse over the two dates, as high as they are apart."""
    angle = np.linspace(np.pi, 0, 41)
    half = (second - first) / 2
    return first + half + half * np.cos(angle), 2 * half * np.sin(angle)


def _counts(
    dates: Sequence[datetime],
    kept: Sequence[tuple[int, int]],
    lost: set[tuple[int, int]],
    groups: Sequence[Sequence[int]],
) -> str:
    text = f"{len(dates)} dates from {dating.text(dates[0])[:10]} to {dating.text(dates[-1])[:10]}, {len(kept)} pairs"
    if lost:
        text += f", {len(lost)} left out"
    return text + (f", {len(groups)} unlinked parts" if len(groups) > 1 else "")
