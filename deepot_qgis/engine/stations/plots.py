"""A station and the map against time, and all stations against the map."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from .. import dates as dating
from .breaks import Step
from .comparison import Component, StationComparison
from .matching import at_noon
from .metrics import Metrics, in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Okabe and Ito's palette: told apart by colour-blind readers; the marks differ in shape as well.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "<", ">")
_INK, _RECORD, _FAINT = "#333333", "#555555", "#d0d0d0"
#: Up to this displacement figures are in millimetres.
_MILLIMETRES_BELOW = 0.5
#: Records with more values than this are drawn as a line, others as dots.
_DENSE = 1500
_SIZE, _PANEL = 8.0, 2.5
#: Time that is drawn before the first and after the last date of the map: a share of their span, and at least.
_ROOM, _LEAST_ROOM = 0.06, timedelta(days=2)
_KINDS = {"gnss": "GNSS", "extensometer": "Extensometer"}


def available() -> bool:
    """Whether matplotlib, which QGIS brings along, is installed."""
    from importlib.util import find_spec

    return find_spec("matplotlib") is not None


def time_series_figure(one: StationComparison, product: str = "map", max_gap_days: float = 7.0) -> Figure:
    """Displacement of a station and of the map there against time, a panel a component.

    Parameters
    ----------
    one : StationComparison
    product : str
        Name of the map, for the legend.
    max_gap_days : float
        The record is drawn as a line only between values that are not further apart.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_SIZE, 1.2 + _PANEL * len(one.components)), constrained_layout=True)
    axes = figure.subplots(len(one.components), 1, sharex=True, squeeze=False)[:, 0]
    factor, unit = _unit([part for c in one.components for part in (c.mapped + c.start, _shown(c)[1])])
    for number, (panel, component) in enumerate(zip(axes, one.components)):
        draw_component(panel, one, component, product, factor, max_gap_days)
        panel.set_ylabel(f"{_title(one, component)}\n({unit})")
        panel.set_title(in_words(component.metrics, _length), fontsize=9, loc="left", color=_INK)
        if number == 0:
            panel.legend(fontsize=8, loc="best", framealpha=0.9)
    _date_axis(axes[-1], _span_of_dates(one.along))
    zero = dating.text(one.along.dates[int(np.flatnonzero(one.along.zero)[0])])
    figure.suptitle(f"{_KINDS[one.kind]} {one.name}: displacement since {zero}, {one.direction()}", fontsize=11)
    return figure


def draw_component(
    panel: Axes, one: StationComparison, component: Component, product: str, factor: float, max_gap_days: float
) -> None:
    """Draw one component of a station and the map into axes; `factor` turns metres into the unit of the axis."""
    times, values = _with_gaps(*_shown(component), max_gap_days, one.breaks)
    style = {"linestyle": "-", "linewidth": 0.9} if len(times) > _DENSE else {"linestyle": "-", "linewidth": 0.6}
    marks = {} if len(times) > _DENSE else {"marker": ".", "markersize": 2.5}
    label = f"{_KINDS[one.kind]} {one.name}"
    panel.plot(times, factor * values, color=_RECORD, label=label, zorder=2, **style, **marks)
    history = component.mapped + component.start
    for shown, face, label in (
        (component.used, COLORS[0], f"{product}, error bars of 1 sigma"),
        (np.isfinite(history) & ~component.used, "white", "zero, or no value of the station"),
    ):
        if shown.any():
            panel.errorbar(
                [moment for moment, keep in zip(at_noon(component.dates), shown) if keep],
                factor * history[shown],
                factor * component.mapped_sigma[shown],
                fmt="o",
                markersize=5,
                markerfacecolor=face,
                color=COLORS[0],
                ecolor=COLORS[0],
                elinewidth=1,
                capsize=2,
                label=label,
                zorder=3,
            )
    first, last = _span_of_dates(component)
    signs = [(moment, "break", COLORS[1], ":") for moment in one.breaks]
    signs += [(step.time, "step?", "#8a6000", "--") for step in one.steps if not _at_break(step, one.breaks)]
    for moment, words, color, dashes in signs:
        if first < moment < last:
            panel.axvline(moment, color=color, linestyle=dashes, linewidth=1.1, zorder=1)
            panel.annotate(words, (moment, 0), xycoords=("data", "axes fraction"), xytext=(3, 4),
                           textcoords="offset points", fontsize=8, color=color)  # fmt: skip
    panel.axhline(0, color=_FAINT, linewidth=0.8, zorder=0)
    panel.grid(color=_FAINT, linewidth=0.4)


def _at_break(step: Step, breaks: Sequence[datetime]) -> bool:
    return any(step.before < moment <= step.time for moment in breaks)


def scatter_figure(comparisons: Sequence[StationComparison], overall: Metrics, product: str = "map") -> Figure:
    """The map against the stations along their bearings, with error bars and the 1:1 line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 7.0), constrained_layout=True)
    panel = figure.subplots()
    factor, unit = _unit([part[c.along.used] for c in comparisons for part in (c.along.mapped, c.along.station)])
    low, high = _span(comparisons, factor)
    panel.plot([low, high], [low, high], color=_INK, linestyle="--", linewidth=1, label="1:1", zorder=1)
    for number, one in enumerate(comparisons):
        along, used = one.along, one.along.used
        panel.errorbar(
            factor * along.station[used],
            factor * along.mapped[used],
            xerr=factor * along.station_sigma[used],
            yerr=factor * along.mapped_sigma[used],
            fmt=MARKS[number % len(MARKS)],
            color=COLORS[number % len(COLORS)],
            markersize=5,
            elinewidth=0.7,
            alpha=0.85,
            label=f"{one.name} ({one.bearing:.0f}°)",
            zorder=3,
        )
    if overall.slope is not None and overall.intercept is not None:
        ends = np.array([low, high])
        panel.plot(ends, factor * overall.intercept + overall.slope * ends, color="#888888", linewidth=1.2, zorder=2,
                   label=f"least squares, slope {overall.slope:.3f} ± {overall.slope_sigma:.3f}")  # fmt: skip
    panel.set_xlim(low, high)
    panel.set_ylim(low, high)
    panel.set_aspect("equal")
    panel.set_xlabel(f"Station: displacement along its bearing since zero ({unit})")
    panel.set_ylabel(f"Map: displacement along the same bearing ({unit})")
    panel.grid(color=_FAINT, linewidth=0.4)
    panel.set_title(_lines(overall), fontsize=9, loc="left", color=_INK)
    panel.legend(fontsize=8, loc="best", framealpha=0.9, ncol=1 + len(comparisons) // 14)
    figure.suptitle(f"{product} against {_count(len(comparisons), 'station')}", fontsize=11)
    return figure


def save(figure: Figure, path: str, kind: str) -> None:
    """Write a figure as ``png`` or ``svg`` under any name."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)  # a figure without a canvas of its own asks pyplot for one
    figure.savefig(path, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _title(one: StationComparison, component: Component) -> str:
    return f"Along {one.bearing:.0f}°" if component.name == "along" else component.name.capitalize()


def _lines(found: Metrics) -> str:
    """All metrics in two lines; the slope stands in the legend."""
    if found.bias is None or found.mae is None or found.rmse is None:
        return f"n {found.n}"
    first = [f"n {found.n}", f"bias {_length(found.bias, '+')}", f"MAE {_length(found.mae)}"]
    first.append(f"RMSE {_length(found.rmse)}")
    if found.within_1_sigma is not None and found.within_2_sigma is not None:
        first.append(f"within 1 (2) σ {100 * found.within_1_sigma:.0f} ({100 * found.within_2_sigma:.0f}) %")
    second = [] if found.r2 is None else [f"R² about 1:1 {found.r2:.3f}"]
    if found.r2_line is not None:
        second += [f"R² of the regression {found.r2_line:.3f}", f"correlation {found.correlation:.3f}"]
    return "\n".join(", ".join(line) for line in (first, second) if line)


def _length(metres: float, sign: str = "") -> str:
    """A length with its unit, to a tenth of a millimetre or to a millimetre."""
    if abs(metres) < _MILLIMETRES_BELOW:
        return f"{1000 * metres:{sign}.1f} mm"
    return f"{metres:{sign}.3f} m"


def _unit(arrays: Sequence[np.ndarray]) -> tuple[float, str]:
    largest = max((float(np.nanmax(np.abs(part))) for part in arrays if np.isfinite(part).any()), default=0.0)
    return (1000.0, "mm") if largest < _MILLIMETRES_BELOW else (1.0, "m")


def _span(comparisons: Sequence[StationComparison], factor: float) -> tuple[float, float]:
    """Limits that hold all points with their error bars, the same for both axes."""
    ends = [0.0]
    for one in comparisons:
        along, used = one.along, one.along.used
        for values, sigma in ((along.mapped, along.mapped_sigma), (along.station, along.station_sigma)):
            ends += [*(values - sigma)[used], *(values + sigma)[used]]
    low, high = factor * min(ends), factor * max(ends)
    room = 0.05 * max(high - low, 1e-9)
    return low - room, high + room


def _span_of_dates(component: Component) -> tuple[datetime, datetime]:
    """Time that is drawn: the dates of the map and a little around them; a record may be many years longer."""
    first, last = at_noon(component.dates)[0], at_noon(component.dates)[-1]
    room = max((last - first) * _ROOM, _LEAST_ROOM)
    return first - room, last + room


def _shown(component: Component) -> tuple[list[datetime], np.ndarray]:
    """The part of the record that is drawn, beside the history of the map."""
    first, last = _span_of_dates(component)
    inside = [first <= moment <= last for moment in component.record_times]
    values = component.record + component.record_start
    return [moment for moment, keep in zip(component.record_times, inside) if keep], values[inside]


def _with_gaps(
    times: list[datetime], values: np.ndarray, max_gap_days: float, breaks: Sequence[datetime] = ()
) -> tuple[list[datetime], np.ndarray]:
    """The record with an empty value in every long gap and at every break, so that no line is drawn across it."""
    seconds = np.array([moment.timestamp() for moment in times])
    cut = np.array([moment.timestamp() for moment in breaks])
    parts = np.diff(np.searchsorted(np.sort(cut), seconds, side="right")) > 0
    gaps = np.flatnonzero((np.diff(seconds) > max_gap_days * 86_400) | parts) + 1
    times = list(times)
    for index in reversed(gaps):
        times.insert(index, times[index])
    return times, np.insert(values, gaps, np.nan)


def _date_axis(panel: Axes, span: tuple[datetime, datetime]) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    panel.set_xlim(*span)
    locator = AutoDateLocator(minticks=4, maxticks=9)
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    panel.set_xlabel("Date (UTC)")
