"""What the case of the Slumgullion landslide shows: its tables, its pictures, its page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import dates as date_axis
from matplotlib.colors import Normalize
from scipy import ndimage

from cases import command, files, measuring, page, plots, scores
from cases import slumgullion_scene as setting
from cases.history import Instrument
from cases.slumgullion_field import CITATION
from cases.slumgullion_scene import Scene

if TYPE_CHECKING:
    from cases.slumgullion import Judged

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def tables(judged: list[Judged], truth: np.ndarray, tools: tuple[Instrument, ...]) -> list[Table]:
    """At the extensometers, in the elements, over all pixels."""
    return [_stations(judged, tools), _elements(judged, truth), _pixels(judged, truth)]


def _stations(judged: list[Judged], tools: tuple[Instrument, ...]) -> Table:
    header = ("place, method", "embedded mean", "n", "bias", "RMSE", "R²", "slope", "within 1 / 2 sigma")
    rows = []
    for tool in (*tools, None):
        for each in judged:
            metrics = each.stations[tool.name].metrics if tool else each.stations["all"]
            rows.append(
                (
                    f"{tool.name if tool else 'all three'}, {plots.NAMES[each.made.method]}",
                    f"{1000 * tool.rate:.2f} mm/day" if tool else "",
                    f"{metrics.n}",
                    f"{metrics.bias:+.3f} m",
                    f"{metrics.rmse:.3f} m",
                    f"{metrics.r2:.3f}",
                    f"{metrics.slope:.2f}",
                    f"{metrics.within_1_sigma:.0%} / {metrics.within_2_sigma:.0%}",
                )
            )
    return header, rows


def _elements(judged: list[Judged], truth: np.ndarray) -> Table:
    header = ("element", "embedded", *(plots.NAMES[each.made.method] for each in judged))
    rows = [
        (f"{number + 1}", f"{1000 * true:.2f}", *(f"{1000 * each.speeds[number]:.2f}" for each in judged))
        for number, true in enumerate(truth)
    ]
    found = [scores.score(1000 * each.speeds, 1000 * truth) for each in judged]
    rows.append(("bias", "", *(f"{one.bias:+.2f}" for one in found)))
    rows.append(("RMSE", "", *(f"{one.rmse:.2f}" for one in found)))
    rows.append(("R²", "", *(f"{one.r2:.3f}" for one in found)))
    return header, rows


def _pixels(judged: list[Judged], truth: np.ndarray) -> Table:
    header = ("method", "landslide RMSE", "R²", "slope", "has a value", "stable ground RMSE")
    rows = [
        (
            plots.NAMES[each.made.method],
            f"{each.body.rmse:.3f} m",
            f"{each.body.r2:.3f}",
            f"{each.body.slope:.2f}",
            f"{each.answered:.1%}",
            f"{each.stable.rmse:.3f} m",
        )
        for each in judged
    ]
    return header, rows


def draw(
    made: Scene,
    paths: tuple[Path, ...],
    judged: list[Judged],
    truth: np.ndarray,
    tools: tuple[Instrument, ...],
    folder: Path,
) -> tuple[Path, Path]:
    """The maps, and the curves at the extensometers with the elements."""
    return _maps(made, paths, judged, tools, folder), _curves(made, judged, truth, tools, folder)


def _maps(made: Scene, paths: tuple[Path, ...], judged: list[Judged], tools, folder: Path) -> Path:
    grid = made.field.grid
    figure = plots.figure(9.4, 5.7)
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    plots.amplitude(axes[0, 0], files.bands(paths[0])[""], grid, "First date: amplitude (dB), elements, extensometers")
    true = 1000 * np.hypot(*made.field.velocity) * made.mean_days()
    scale = Normalize(0, float(np.ceil(np.quantile(true[made.field.elements > 0], 0.995))))
    drawn = plots.field(axes[0, 1], true, grid, "Embedded", scale, plots.SEQUENTIAL)
    for panel, each in zip(axes[1], judged):
        speed = 1000 * np.hypot(*each.velocity)
        plots.field(panel, speed, grid, f"Measured: {plots.NAMES[each.made.method]}", scale, plots.SEQUENTIAL)
    for number in range(1, int(made.field.elements.max()) + 1):
        plots.outline(axes[0, 0], made.field.elements == number, grid, plots.ACCENT, 0.6)
    for panel in axes.flat[1:]:
        plots.outline(panel, made.field.elements > 0, grid, "white", 0.6)
    for tool in tools:
        x, y = plots.kilometres(grid, tool.x, tool.y)
        axes[0, 0].plot(x, y, "^", color=plots.ACCENT, markeredgecolor="black", markersize=7)
        plots.name(axes[0, 0], tool.name, x, y)
    for panel in axes[1]:
        panel.set_xlabel("km", fontsize=8)
    for panel in axes[:, 0]:
        panel.set_ylabel("km", fontsize=8)
    plots.bar(figure, drawn, axes, "horizontal speed, linear fit of the series (mm/day); grey: no value", shrink=0.7)
    return plots.save(figure, folder / "case_slumgullion.png", plots.SEQUENTIAL)


def _curves(made: Scene, judged: list[Judged], truth: np.ndarray, tools, folder: Path) -> Path:
    figure = plots.figure(9.4, 6.4)
    axes = figure.subplots(2, 2)
    days = np.arange(0, made.days[-1] + 1)
    moments = [made.dates[0] + (made.dates[-1] - made.dates[0]) * (day / days[-1]) for day in days]
    for panel, tool in zip(axes.flat, tools):
        panel.plot(moments, tool.rate * setting.travelled(days), color="black", lw=1.3, label="embedded truth")
        for each in judged:
            along = each.stations[tool.name]
            style = plots.points(each.made.method, linewidth=0, label=plots.NAMES[each.made.method])
            panel.errorbar(along.dates, along.mapped + along.start, along.mapped_sigma, elinewidth=0.8, **style)
        plots.curves(panel, f"{tool.name} extensometer, along {tool.bearing:.0f}°", "", "displacement, m")
        panel.xaxis.set_major_locator(date_axis.MonthLocator((1, 7)))
        panel.xaxis.set_major_formatter(date_axis.DateFormatter("%Y-%m"))
    axes[0, 0].legend(fontsize=8, frameon=False)
    _scatter(axes[1, 1], judged, truth)
    return plots.save(figure, folder / "case_slumgullion_series.png")


def _scatter(panel, judged: list[Judged], truth: np.ndarray) -> None:
    top = 1100 * max(float(truth.max()), *(float(np.nanmax(each.speeds)) for each in judged))
    panel.plot((0, top), (0, top), color="black", lw=0.8, ls=":")
    for each in judged:
        panel.plot(1000 * truth, 1000 * each.speeds, **plots.points(each.made.method, linewidth=0, markersize=5))
    for rank, number in enumerate(np.argsort(truth)):  # neighbours' numbers at two heights
        place, above = (1000 * truth[number], 0), (0, 2 + 8 * (rank % 2))
        panel.annotate(f"{number + 1}", place, above, textcoords="offset points", fontsize=6, ha="center")
    plots.curves(panel, "Mean speed of the kinematic elements", "embedded, mm/day", "measured, mm/day")
    panel.set(xlim=(0, top), ylim=(0, top))
    panel.legend(fontsize=8, frameon=False)


def document(
    made: Scene, judged: list[Judged], truth: np.ndarray, tools: tuple[Instrument, ...], pictures: tuple[Path, Path]
) -> list[str]:
    """The page."""
    stations, elements, pixels = tables(judged, truth, tools)
    height, width = made.field.elements.shape
    return [
        "# Case study: the Slumgullion landslide",
        page.written_by("make case-slumgullion", "slumgullion*"),
        page.prose(
            f"""The published motion of the Slumgullion landslide, Colorado, through {made.days[-1]:.0f} days and
            {len(made.dates)} dates: embedded in real imagery, measured by both methods, inverted to a time series, and
            compared with what is embedded: at the places of its three extensometers, in its twelve kinematic elements
            and at every pixel."""
        ),
        page.picture(pictures[0], "Amplitude, embedded speed, and both measured speeds"),
        page.picture(pictures[1], "Displacement at the three extensometers, and speed of the twelve elements"),
        "## What is real and what is simulated",
        page.bullets(_facts(made, judged, width, height)),
        "## At the extensometers",
        page.prose(
            """The instruments' own records are not used: the curve is the embedded truth, constant mean rate from Hu et
            al. 2020 with the seasons put on it as said above. The comparison is that of the plugin's stations tool
            (3 x 3 pixels weighted by sigma, along the embedded direction, zero at the first date)."""
        ),
        page.table(*stations),
        page.prose(_beside_the_margin(made, tools)),
        "## In the kinematic elements",
        page.prose("Mean speed along the embedded direction, mm/day, from the linear fit of the series."),
        page.table(*elements),
        "## At every pixel",
        page.prose(
            """East and north together, displacement of the last date since the first against what is embedded. Stable
            ground: at least 100 m from the landslide. A slope below 1 is motion that is read too short."""
        ),
        page.table(*pixels),
        "## Make it again",
        "    make case-slumgullion",
        page.prose(
            """Needs the published field and the scene from the shared data, which are not part of the repository;
            without them the command says so and runs three analytic bodies on the sample that ships with the plugin.
            Images, pairs, series, comparison and numbers stay in `build/cases/slumgullion/`; open `model/series.json`
            there in the panel's series tab."""
        ),
        "## Sources",
        page.bullets(
            [
                CITATION + " Field, outlines of the elements and places of the extensometers.",
                "Coe, J. A. and others (2003): Seasonal movement of the Slumgullion landslide determined from Global "
                "Positioning System surveys and field instrumentation, July 1998-March 2002. Engineering Geology "
                "68(1), 67-101.",
                *command.DECORRELATION_SOURCES,
            ]
        ),
    ]


def _beside_the_margin(made: Scene, tools: tuple[Instrument, ...]) -> str:
    """Why the places of the extensometers are the hardest ones."""
    inside = ndimage.distance_transform_edt(made.field.elements > 0)
    pixels = []
    for tool in tools:
        column, row = (int(value) for value in made.field.grid.to_pixel(tool.x, tool.y))
        pixels.append(f"{inside[row, column]:.0f}")
    return f"""The instruments stand where the landslide shears past still ground: {", ".join(pixels[:-1])} and
        {pixels[-1]} pixels of {made.field.pixel_m:g} m inside the margin. A window of any tracker sees both sides
        there and reads too little; further inside the body the same series is better, as the elements show. R² is
        about the 1:1 line."""


def _facts(made: Scene, judged: list[Judged], width: int, height: int) -> list[str]:
    law, kept = setting.LAW, made.kept()
    snow = sum(share < 1 for share in kept)
    low, high = setting.LEAST_DAYS, float(made.days[-1])
    return [
        f"Real: the motion. Horizontal part of {made.field.source}; a point stands for its cell of 50 m, so the moving "
        "body reaches 25 m beyond the outlines of the elements, and stands still outside.",
        f"Real: the reflectivity of the ground, from {made.ground.source}, with its speckle removed. It is "
        "not "
        f"of Colorado. {made.ground.seen}",
        f"Simulated: the seasons. The velocity swings by {setting.SWING:.0%} of its mean through the year, fastest in "
        "late May, because the landslide is fastest at snow melt and slowest in mid-winter (Coe et al. 2003); the "
        "size of the swing is our choice.",
        f"Simulated: a sensor like UAVSAR, in map geometry: {width} x {height} px of {made.field.pixel_m:g} m, a "
        f"resolution of {made.field.pixel_m / setting.BANDWIDTH:.0f} m, {setting.LOOKS} looks, a flight every "
        f"{setting.EVERY_DAYS} days. Only horizontal motion is embedded.",
        f"Simulated: speckle. Coherence falls from {law.initial:g} to {law.final:g} with a time constant of "
        f"{law.days:.0f} days (Parizzi et al. 2009, Morishita and Hanssen 2015); each of the {snow} dates with snow "
        f"(December to April) keeps {setting.SNOW_KEPT:.0%} of the coherence of every pair it is in; lakes keep "
        "none. So "
        f"the pairs here have coherences of {law.coherence(high) * min(kept) ** 2:.2f} to {law.coherence(low):.2f}. "
        "Each scatterer is moved from where it was at the first date, so no image is resampled.",
        f"Measured: displacement by {measuring.described()}, in all {judged[0].made.pairs} pairs of {low:.0f} days and "
        "more. Shorter pairs move a tenth or two of a pixel here; trackers read that too short, and a series adds the "
        "shortfall up. Inverted with the plugin's default settings.",
    ]
