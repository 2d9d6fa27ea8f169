"""What the Salmon Falls case shows: its tables, its pictures, its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
from matplotlib.colors import Normalize
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from cases import command, measuring, page, plots, scores
from cases import files as images_of
from cases import salmon_falls_scene as setting
from cases.salmon_falls_scene import Scene
from deepot_qgis.engine.stations import Metrics, Station, StationsResult
from deepot_qgis.engine.stations import plots as station_plots
from deepot_qgis.engine.stations.matching import at_noon
from deepot_qgis.engine.timeseries.fit import fit
from deepot_qgis.engine.timeseries.product import open_series

STATION_HEADER = ("station", "days", "gap", "sigma", "east", "north", "moved", "towards", "speed")
FIELD_HEADER = ("ground and method", "RMSE of a component", "embedded", "median read")
HEADER = ("station and method", "n", "bias", "MAE", "RMSE", "R² (1:1)", "slope", "corr.", "within 1σ", "within 2σ")
_CENTIMETRE = 100.0
SOURCE = "GNSS of the Salmon Falls landslide, Idaho, in the PBO format of UNAVCO (now EarthScope), frame NAM08"


def station_rows(made: Scene) -> list[tuple[str, ...]]:
    """What each station recorded, relative to the base."""
    return [_station_row(station, made.moved[k]) for k, station in enumerate(made.stations)]


def _station_row(station: Station, moved: np.ndarray) -> tuple[str, ...]:
    east, north = 1000 * moved[-1]
    days = (station.seconds - station.seconds[0]) / 86_400
    rate = [fit(days, values).rate for values in (station.east, station.north)]
    return (
        station.name,
        str(len(days)),
        f"{np.diff(days).max():.0f} d",
        f"{1000 * np.median(station.sigma_east):.1f} mm",
        f"{east:+.0f} mm",
        f"{north:+.0f} mm",
        f"{np.hypot(east, north):.0f} mm",
        f"{np.degrees(np.arctan2(east, north)) % 360:.0f}°",
        f"{1000 * np.hypot(*rate):.0f} mm/yr",
    )


def rows(found: Mapping[str, StationsResult]) -> list[tuple[str, ...]]:
    """A row for each station and method, along the station's own motion, and one for all."""
    names = [one.name for one in next(iter(found.values())).comparisons]
    made = []
    for name in names:
        for method, result in found.items():
            one = next((one for one in result.comparisons if one.name == name), None)
            if one is not None:
                made.append((f"{name}, {plots.NAMES[method]}", *_cells(one.along.metrics)))
    return [*made, *((f"all, {plots.NAMES[method]}", *_cells(result.overall)) for method, result in found.items())]


def _cells(metrics: Metrics) -> tuple[str, ...]:
    def number(value: float | None, form: str, unit: str = "") -> str:
        return "–" if value is None else format(value, form) + unit

    lengths = (number(None if v is None else _CENTIMETRE * v, form, " cm") for v, form in
               ((metrics.bias, "+.1f"), (metrics.mae, ".1f"), (metrics.rmse, ".1f")))  # fmt: skip
    shares = (number(None if v is None else 100 * v, ".0f", " %") for v in
              (metrics.within_1_sigma, metrics.within_2_sigma))  # fmt: skip
    return (
        str(metrics.n), *lengths, number(metrics.r2, ".2f"), number(metrics.slope, ".2f"),
        number(metrics.correlation, ".2f"), *shares,
    )  # fmt: skip


def fields(made: Scene, found: Mapping[str, StationsResult]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """East and north at the last date, m: embedded (``truth``), and by each method."""
    maps = {"truth": tuple(made.truth(len(made.dates) - 1))}
    for method, result in found.items():
        series = open_series(str(Path(result.folder).parent / "series"))
        maps[method] = tuple(series.read(0, 0, made.grid.width, made.grid.height)[:2, -1])
    return maps


def field_rows(made: Scene, maps: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> list[tuple[str, ...]]:
    """How far the whole map is off at the last date, and what it says of the blocks."""
    truth = maps["truth"]
    moving = np.hypot(*truth)
    grounds = [("still ground", moving < 0.001), ("the body", made.blocks > 0)]
    grounds += [(f"block of {station.name}", made.blocks == k + 1) for k, station in enumerate(made.stations)]
    made_ = []
    for method in (name for name in maps if name != "truth"):
        for name, where in grounds:
            found = scores.vectors(maps[method], truth, where)
            mean = np.hypot(*(np.nanmedian(part[where]) for part in maps[method]))
            embedded = np.hypot(*(np.median(part[where]) for part in truth))
            made_.append((f"{name}, {plots.NAMES[method]}", f"{_CENTIMETRE * found.rmse:.1f} cm",
                          f"{_CENTIMETRE * embedded:.1f} cm", f"{_CENTIMETRE * mean:.1f} cm"))  # fmt: skip
    return made_


def numbers(made: Scene, found: Mapping[str, StationsResult]) -> dict:
    """All of it for the record."""
    return {
        method: {
            "overall": asdict(result.overall),
            **{one.name: {part.name: asdict(part.metrics) for part in one.components} for one in result.comparisons},
            "problems": [problem.why for problem in result.problems],
        }
        for method, result in found.items()
    }


def draw(
    made: Scene, paths: tuple[Path, ...], found: Mapping[str, StationsResult], folder: Path
) -> tuple[Path, Path, Path]:
    """Maps, all stations against time, and the plot that the tool itself makes of one station."""
    folder.mkdir(parents=True, exist_ok=True)
    method, result = next(iter(found.items()))
    one = next((one for one in result.comparisons if one.name == "MIDB"), result.comparisons[0])
    own = folder / "case_salmon_falls_middle.png"
    figure = station_plots.time_series_figure(one, f"{plots.NAMES[method]} (simulated images)")
    station_plots.save(figure, str(own), "png")
    return _maps(made, paths, found, folder), _curves(made, found, folder), own


def _maps(made: Scene, paths: tuple[Path, ...], found: Mapping[str, StationsResult], folder: Path) -> Path:
    shown = fields(made, found)
    figure = plots.figure(9.4, 7.6)
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    plots.amplitude(axes[0, 0], images_of.bands(paths[0])[""], made.grid, "First image (simulated): amplitude (dB)")
    top = np.ceil(10 * np.hypot(*made.moved[:, -1].T).max() * 1.15) / 10
    drawn = None
    for axis, (name, (east, north)) in zip(axes.flat[1:], shown.items()):
        whose = plots.NAMES[name][0].upper() + plots.NAMES[name][1:]
        title = f"{whose}, {_span(made)}"
        drawn = plots.field(axis, np.hypot(east, north), made.grid, title, Normalize(0, top), plots.SEQUENTIAL)
    for axis in axes.flat:
        _stations(axis, made, arrows=axis is axes[0, 1])
        plots.outline(axis, made.blocks > 0, made.grid, plots.ACCENT if axis is axes[0, 0] else "white", 0.6)
    for axis in axes.flat[len(shown) + 1 :]:
        axis.set_visible(False)
    for axis in axes[1]:
        axis.set_xlabel("km", fontsize=8)
    for axis in axes[:, 0]:
        axis.set_ylabel("km", fontsize=8)
    plots.bar(figure, drawn, axes, "horizontal displacement (m)")
    return plots.save(figure, folder / "case_salmon_falls_map.png", plots.SEQUENTIAL)


def _stations(axis, made: Scene, arrows: bool) -> None:
    for k, station in enumerate(made.stations):
        x, y = plots.kilometres(made.grid, *made.position(station))
        axis.plot(x, y, "^", color="white", markeredgecolor="black", markersize=6)
        axis.annotate(station.name, (x, y), xytext=(5, 5), textcoords="offset points", fontsize=7, color="white",
                      fontweight="bold")  # fmt: skip
        if arrows:  # a tenth of a metre is drawn as 70 m of map
            east, north = made.moved[k, -1] * 0.7
            axis.annotate("", (x + east, y + north), (x, y), arrowprops={"arrowstyle": "->", "color": "white"})


def _span(made: Scene) -> str:
    return f"{made.dates[0]:%Y-%m-%d} to {made.dates[-1]:%Y-%m-%d}"


def _curves(made: Scene, found: Mapping[str, StationsResult], folder: Path) -> Path:
    figure = plots.figure(9.4, 2.2 * -(-len(made.stations) // 2) + 0.4)
    axes = figure.subplots(-(-len(made.stations) // 2), 2, sharex=True, sharey=True, squeeze=False).ravel()
    room = (made.dates[-1] - made.dates[0]) * 0.05
    first, last = made.dates[0] - room, made.dates[-1] + room
    for axis, station in zip(axes, made.stations):
        shown = False
        for method, result in found.items():
            one = next((one for one in result.comparisons if one.name == station.name), None)
            if one is None:
                continue
            part = one.along
            if not shown:
                inside = [first <= moment <= last for moment in part.record_times]
                times = [moment for moment, keep in zip(part.record_times, inside) if keep]
                axis.plot(times, _CENTIMETRE * part.record[inside], ".", color="#777777", markersize=2,
                          label="GNSS (measured)", zorder=1)  # fmt: skip
                shown = True
            style = dict(plots.points(method))
            axis.errorbar(at_noon(part.dates), _CENTIMETRE * part.mapped, _CENTIMETRE * part.mapped_sigma,
                          elinewidth=0.7, capsize=1.5, zorder=2, **style)  # fmt: skip
            axis.set_title(f"{station.name}, along {one.bearing:.0f}°", fontsize=9, loc="left")
        plots.curves(axis, axis.get_title(loc="left"), "", "moved (cm)")
        locator = AutoDateLocator(minticks=4, maxticks=7)
        axis.xaxis.set_major_locator(locator)
        axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    for axis in axes[len(made.stations) :]:
        axis.set_visible(False)
    axes[0].legend(fontsize=7, loc="upper left")
    return plots.save(figure, folder / "case_salmon_falls_stations.png")


def document(made: Scene, found: Mapping[str, StationsResult], pictures: tuple[Path, Path, Path]) -> list[str]:
    """The page."""
    return [
        "# Case study: the GNSS stations of Salmon Falls",
        page.written_by("make case-salmon-falls", "salmon_falls"),
        page.prose(_question(made)),
        page.picture(
            pictures[0], "Simulated amplitude, embedded displacement with the GNSS vectors, and both measured"
        ),
        "## What is measured and what is simulated",
        page.bullets(_provenance(made)),
        "## The stations",
        page.table(STATION_HEADER, station_rows(made)),
        page.prose(
            f"""Displacement from {made.dates[0]:%Y-%m-%d} to {made.dates[-1]:%Y-%m-%d} on the grid of the map (UTM zone
            11; true north is {_convergence(made):.1f}° from its north here), the longest gap of the record, the median
            error of a day, and the speed of a straight line through the whole record. {_notes(found)}"""
        ),
        "## Map against stations",
        page.table(HEADER, rows(found)),
        page.prose(
            """Along each station's own motion, both from zero on the first image, which is not counted. R² is about the
            1:1 line, the slope that of the map on the station; [stations.md](stations.md) defines each number. Where a
            station has no value within seven days of an image, that date is missing."""
        ),
        page.prose(_verdict(found)),
        "## The whole map",
        page.table(FIELD_HEADER, field_rows(made, fields(made, found))),
        page.prose(
            f"""At the last date, {made.dates[-1]:%Y-%m-%d}: the error of a component at a pixel, the length of the
            embedded displacement, and that of the median of the ground. Beside six single places, this says whether the
            landslide shows at all."""
        ),
        page.picture(pictures[1], "GNSS and both series against time at each station"),
        page.picture(pictures[2], "The tool's own plot of one station"),
        "## Make it again",
        "    make case-salmon-falls",
        page.prose(
            """The GNSS files are not part of the repository: the command says where it looks for them, and without them
            the same runs with made-up stations in the same format. Images, series, tables and plots stay in
            `build/cases/`. The comparison alone, with any series of the place:"""
        ),
        "    python -m deepot_qgis.engine stations series.json salmon_falls_gnss/ --base BASE --out compared",
        "## Sources",
        page.bullets([SOURCE + ".", *command.DECORRELATION_SOURCES]),
    ]


def _question(made: Scene) -> str:
    most = float(np.hypot(*made.moved[:, -1].T).max())
    return (
        "Six GNSS stations moved with the blocks of the Salmon Falls landslide in Idaho, a seventh stood beside it. "
        "Their files go into the stations tool as they are, in the PBO format. No radar images of the place are at "
        f"hand, so the images are simulated: {len(made.dates)} dates of a spotlight mode whose ground moves as the "
        "stations did. The question is a real one: what would a satellite have seen of a landslide that moves at most "
        f"{_CENTIMETRE * most:.0f} cm in {_months(made)} months, {most / setting.PIXEL_M:.2f} of a pixel?"
    )


def _provenance(made: Scene) -> list[str]:
    law = setting.LAW
    return [
        f"Measured: the motion of the stations ({SOURCE}), relative to the station {setting.BASE}. Positions, errors, "
        "gaps and poor days are as they stand in the files.",
        "Assumed: the motion between the stations. Each pixel moves with the nearest station, as blocks do, with "
        f"margins {setting.MARGIN_M:.0f} m wide; beyond the outer stations the body ends. Only at the "
        "stations is this known.",
        f"Simulated: the images. {len(made.dates)} dates every {setting.EVERY_DAYS} days, {made.grid.width} x "
        f"{made.grid.height} px of {setting.PIXEL_M:g} m, single look, with coherence falling from {law.initial:g} to "
        f"{law.final:g} in {law.days:g} days, on the reflectivity of {made.ground.source} (another place), its own "
        f"speckle removed. {made.ground.seen} Vertical motion, slopes and layover are left out. The ground follows the "
        "mean of a fortnight of GNSS; the stations are compared with their single days.",
        f"Measured in them: the displacement, by {measuring.described()}, in every pair of at least "
        f"{setting.SHORTEST_DAYS:.0f} days, inverted to a series and referenced to the slowest quarter of the pixels. "
        "The stations were not used in it.",
    ]


def _months(made: Scene) -> int:
    return round((made.dates[-1] - made.dates[0]).days / 30.44)


def _convergence(made: Scene) -> float:
    return abs(setting.placing.locate_station(made.stations[0], made.grid, "scene").north)


def _notes(found: Mapping[str, StationsResult]) -> str:
    """What the tool said of the records: poor days and steps."""
    messages = next(iter(found.values())).messages
    poor = [text for text in messages if "left out" in text]
    jumps = [text for text in messages if " jumps by " in text]
    said = (
        [f"at {len(poor)} stations single days with more than ten times the usual error were left out"] if poor else []
    )
    said.append(f"{len(jumps) or 'no'} sudden step{' was' if len(jumps) == 1 else 's were'} seen")
    text = "; ".join(said)
    return text[0].upper() + text[1:] + "."


def _verdict(found: Mapping[str, StationsResult]) -> str:
    """What the table says, in words."""
    parts = []
    for method, result in found.items():
        numbers = result.overall
        parts.append(
            f"{plots.NAMES[method]} is {_CENTIMETRE * numbers.rmse:.1f} cm off (RMSE, "
            f"{numbers.rmse / setting.PIXEL_M:.3f} px) over {numbers.n} values, with a slope of {numbers.slope:.2f} ± "
            f"{numbers.slope_sigma:.2f}, and {100 * numbers.within_2_sigma:.0f} % of its differences are within 2 sigma"
        )
    text = "; ".join(parts) + "."
    short = [plots.NAMES[method] for method, result in found.items() if result.overall.slope < 0.85]
    if short:
        text += (
            f" A slope below 1 is motion read too short: {' and '.join(short)} pull{'s' if len(short) == 1 else ''} a "
            "motion of some hundredths of a pixel towards none. At so slow a landslide, pairs of long intervals are "
            "worth more than many."
        )
    proud = [plots.NAMES[method] for method, result in found.items() if result.overall.within_2_sigma < 0.85]
    if proud:
        text += f" The sigma of {' and '.join(proud)} knows nothing of that and is too small here."
    return text + (
        " Values at neighbouring dates share pairs and the noise of the first date, so they are fewer than they count."
    )
