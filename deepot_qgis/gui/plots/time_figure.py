"""Displacement against time, drawn: error bars, fits, one colour and symbol a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.timeseries.fit import Fit, fit
from deepot_qgis.engine.timeseries.product import PointSeries
from deepot_qgis.gui.plots.fonts import make_legible
from deepot_qgis.gui.plots.picks import ALONG, MAGNITUDE, Pick, Picks, Quantity
from deepot_qgis.gui.plots.units import display_unit, plus_minus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NO_FIT, LINEAR, ANNUAL = "none", "linear", "annual"
NOTHING = "–"
_CURVE_POINTS = 200
_WIDE = 2.2  # width over height from which two plots stand side by side
_FONT = 8.5
_ROOMY = (4.2, 1.8)  # inches from which a legend may be long


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


@dataclass(frozen=True)
class FitRow:
    """What the fit of one curve says, in the unit that is shown.

    Attributes
    ----------
    pick, name
        Which place, and which of its plots.
    fitted
        None where there is no fit.
    problem
        Why there is none, empty when there is or none was asked for.
    factor, unit
        From the series' unit to the one shown.
    """

    pick: Pick
    name: str
    fitted: Fit | None
    problem: str
    factor: float
    unit: str

    def rate_text(self) -> str:
        """Return ``12.3 ± 0.4``; a dash where there is no fit."""
        if self.fitted is None:
            return NOTHING
        return plus_minus(self.factor * self.fitted.rate, self.factor * self.fitted.rate_sigma)

    def rmse_text(self) -> str:
        """Return the root mean square of the residuals; a dash where there is no fit."""
        return NOTHING if self.fitted is None else f"{self.factor * self.fitted.rmse:.2g}"

    def r2_text(self) -> str:
        """Return the share of the variance that the fit explains; a dash where there is none."""
        if self.fitted is None or not np.isfinite(self.fitted.r2):
            return NOTHING
        return f"{self.fitted.r2:.2f}"

    def legend(self, brief: bool) -> str:
        """Return the line of the legend; a brief one is the name alone."""
        label = place_label(self.pick)
        if self.fitted is None or brief:
            return label
        return f"{label}: {self.rate_text()} {self.unit}/yr, R² {self.r2_text()}, RMSE {self.rmse_text()} {self.unit}"


def is_small(figure: Figure) -> bool:
    """Say whether a legend with numbers would hide the curves; they stand in the table beside the plot as well."""
    width, height = figure.get_size_inches()
    return width < _ROOMY[0] or height < _ROOMY[1]


def place_label(pick: Pick) -> str:
    """Return what a place is called: its number, and how many pixels of an area it is."""
    if pick.wkt.upper().startswith("POINT"):
        return str(pick.number)
    return _tr("{number} (mean of {pixels} px)").format(number=pick.number, pixels=pick.series.pixels)


def axis_title(name: str, quantity: Quantity, unit: str) -> str:
    """Return what an axis shows, with its unit."""
    if name == ALONG:
        return _tr("Along {bearing:g}° ({unit})").format(bearing=quantity.bearing, unit=unit)
    titles = {MAGNITUDE: _tr("Displacement ({unit})"), "east": _tr("East ({unit})"), "north": _tr("North ({unit})")}
    if unit == "px":
        titles.update(east=_tr("Right ({unit})"), north=_tr("Up ({unit})"))
    return titles[name].format(unit=unit)


def draw_time(figure: Figure, picks: Picks, quantity: Quantity, model: str) -> list[FitRow]:
    """Draw all places anew and return what was fitted, in the order of the places."""
    figure.clear()
    series = {pick.number: picks.relative(pick) for pick in picks}
    names = quantity.names()
    factor, unit = display_unit(
        [quantity.values(part, name) for part in series.values() for name in names], _unit(picks)
    )
    rows = []
    for axes, name in zip(_axes(figure, len(names)), names):
        rows += [_draw_curve(axes, pick, name, quantity, series[pick.number], model, factor, unit) for pick in picks]
        _finish(axes, axis_title(name, quantity, unit), len(picks) > 0)
    make_legible(figure)
    return sorted(rows, key=lambda row: row.pick.number)


def _draw_curve(
    axes: Axes, pick: Pick, name: str, quantity: Quantity, series: PointSeries, model: str, factor: float, unit: str
) -> FitRow:
    values = quantity.values(series, name)
    row = _fit_row(pick, name, series, values, model, factor, unit)
    axes.errorbar(
        series.dates,
        factor * values,
        yerr=factor * np.nan_to_num(series.sigma),
        fmt=pick.symbol,
        color=pick.color,
        markersize=4,
        markeredgecolor="white",
        markeredgewidth=0.4,
        elinewidth=0.9,
        capsize=2,
        linestyle="none" if row.fitted else "-",
        linewidth=0.9,
        label=row.legend(is_small(axes.figure)),
    )
    if row.fitted is not None:
        days = np.linspace(series.days[0], series.days[-1], _CURVE_POINTS)
        moments = [series.dates[0] + timedelta(days=float(day)) for day in days]
        axes.plot(moments, factor * row.fitted.at(days), "--", color=pick.color, linewidth=1.2)
    return row


def _fit_row(
    pick: Pick, name: str, series: PointSeries, values: np.ndarray, model: str, factor: float, unit: str
) -> FitRow:
    if model == NO_FIT:
        return FitRow(pick, name, None, "", factor, unit)
    try:
        return FitRow(pick, name, fit(series.days, values, series.sigma, model), "", factor, unit)
    except DeepotError as error:
        return FitRow(pick, name, None, str(error), factor, unit)


def _unit(picks: Picks) -> str:
    return next((pick.series.unit for pick in picks), "m")


def _axes(figure: Figure, count: int) -> list[Axes]:
    if count == 1:
        return [figure.add_subplot(1, 1, 1)]
    width, height = figure.get_size_inches()
    side_by_side = width / height > _WIDE
    shape = (1, 2) if side_by_side else (2, 1)
    first = figure.add_subplot(*shape, 1)
    return [first, figure.add_subplot(*shape, 2, sharex=first)]


def _finish(axes: Axes, title: str, filled: bool) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.set_ylabel(title, fontsize=_FONT)
    axes.tick_params(labelsize=_FONT)
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axhline(0, color="#888888", linewidth=0.8, zorder=1)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if filled:
        locator = AutoDateLocator(minticks=3, maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.xaxis.get_offset_text().set_fontsize(_FONT)
        axes.legend(fontsize=_FONT - 1, frameon=True, framealpha=0.8, edgecolor="none", loc="best")
    else:
        axes.set_xticks([])
        axes.set_yticks([])
