"""What the case of the rockslide above a fjord shows: its tables, its pictures, its page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import dates as date_axis
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.patches import Patch

from cases import command, creep, files, measuring, page, plots
from cases import fjord_scene as setting
from deepot_qgis.engine.correlation import CorrelationOptions

if TYPE_CHECKING:
    from cases.fjord import Judged

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
#: Colours of what the image shows (Okabe and Ito, lightened), in the order of `_PLACES`.
_PLACES = ("slab", "rock", "brush", "ice", "water", "layover", "shadow")
_TINTS = ("#e69f00", "#d9d4c7", "#8fc9a9", "#bfe3f5", "#2f6db3", "#cc79a7", "#333333")


def truth() -> creep.Motion:
    """The embedded motion at the dates, without error."""
    days = np.array(setting.days())
    return creep.Motion(days, setting.travelled(days), 0.0)


def tables(made: setting.Scene, judged: list[Judged]) -> list[Table]:
    """Slab, acceleration, surroundings."""
    return [_slab(judged), _acceleration(judged), _surroundings(judged)]


def _slab(judged: list[Judged]) -> Table:
    header = ("method", "slab median: bias", "RMSE", "R²", "slope", "slab pixels: RMSE", "still rock: RMS")
    return header, [
        (
            plots.NAMES[each.made.method],
            f"{each.slab.bias:+.3f} m",
            f"{each.slab.rmse:.3f} m",
            f"{each.slab.r2:.3f}",
            f"{each.slab.slope:.2f}",
            f"{each.pixels.rmse:.3f} m",
            f"{each.rock_m:.3f} m",
        )
        for each in judged
    ]


def _acceleration(judged: list[Judged]) -> Table:
    header = (
        "", "creep, mm/day", "last interval, mm/day", "1 sigma, mm/day", "acceleration shows on", "days after "
        "onset", "failure",
    )  # fmt: skip
    rows = [_motion_row("embedded", truth(), exact=True)]
    rows += [_motion_row(plots.NAMES[each.made.method], each.motion) for each in judged]
    return header, rows


def _motion_row(name: str, motion: creep.Motion, exact: bool = False) -> tuple[str, ...]:
    speed = 1000 * motion.velocity
    creeping = motion.days[1:] <= setting.ONSET_DAY
    number = motion.alarm()
    failure = setting.FAILURE_DAY if exact else motion.failure_day()
    onset = setting.FIRST + timedelta(setting.ONSET_DAY)
    shows = "-" if number is None else f"{setting.dates()[number]:%Y-%m-%d}"
    days = None if number is None else motion.days[number] - setting.ONSET_DAY
    later = "-" if days is None else f"{days:.0f}" if days > 0 else "false alarm"
    return (
        name,
        f"{speed[creeping].mean():.1f}",
        f"{speed[-1]:.1f}",
        "" if exact else f"{1000 * motion.sigma:.1f}",
        f"begins {onset:%Y-%m-%d}" if exact else shows,
        "" if exact else later,
        "-" if failure is None else f"{setting.FIRST + timedelta(failure):%Y-%m-%d}",
    )


def _surroundings(judged: list[Judged]) -> Table:
    header = (
        "shows",
        *(f"{plots.NAMES[each.made.method]}: masked" for each in judged),
        *(f"{plots.NAMES[each.made.method]}: reads > 1 m" for each in judged),
    )
    rows = [
        (
            name,
            *(f"{each.masked[name]:.0%}" for each in judged),
            *(f"{each.alarming[name]:.1%}" for each in judged),
        )
        for name in _PLACES
    ]
    return header, rows


def draw(made: setting.Scene, paths: tuple[Path, ...], judged: list[Judged], folder: Path) -> tuple[Path, Path]:
    """The maps, and displacement and velocity through time."""
    return _maps(made, paths, judged, folder), _curves(judged, folder)


def _maps(made: setting.Scene, paths: tuple[Path, ...], judged: list[Judged], folder: Path) -> Path:
    grid = files.metres(setting.grid(made.shape), setting.PIXEL_M)
    figure = plots.figure(9.4, 6.9)
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    plots.amplitude(axes[0, 0], files.bands(paths[0])[""], grid, "First date: amplitude (dB) and slab")
    plots.outline(axes[0, 0], made.is_kind("slab"), grid, plots.ACCENT, 1.2)
    _places(axes[0, 1], made, grid)
    top = float(np.ceil(setting.travelled(setting.days()[-1])))
    for panel, each in zip(axes[1], judged):
        title = f"Measured: {plots.NAMES[each.made.method]}"
        drawn = plots.field(panel, each.last, grid, title, Normalize(-top, top), plots.DIVERGING)
        plots.outline(panel, made.is_kind("slab"), grid, "black", 0.8)
    for panel in axes[1]:
        panel.set_xlabel("ground range, km (away from the radar)", fontsize=8)
    for panel in axes[:, 0]:
        panel.set_ylabel("azimuth, km", fontsize=8)
    last = setting.travelled(setting.days()[-1])
    words = f"motion down the slab's direction at the last date (m)\nembedded: slab {last:.2f}, rock 0; grey: no value"
    plots.bar(figure, drawn, axes[1], words)
    return plots.save(figure, folder / "case_fjord.png", plots.DIVERGING, _TINTS)


def _places(axes, made: setting.Scene, grid) -> None:
    shown = np.full(made.shape, np.nan)
    for number, name in enumerate(_PLACES[:5]):
        shown[made.seen == setting.KINDS.index(name)] = number
    shown[made.layover], shown[made.shadow] = 5, 6
    axes.imshow(
        shown, cmap=ListedColormap(_TINTS), vmin=-0.5, vmax=6.5, extent=plots.extent(grid), interpolation="nearest"
    )
    axes.set_title("What the radar sees there", fontsize=9, loc="left")
    axes.tick_params(labelsize=8)
    handles = [
        Patch(facecolor=tint, edgecolor="#666666", linewidth=0.4, label=name) for name, tint in zip(_PLACES, _TINTS)
    ]
    axes.legend(handles=handles, fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


def _curves(judged: list[Judged], folder: Path) -> Path:
    figure = plots.figure(9.4, 3.4)
    left, right = figure.subplots(1, 2)
    days = np.linspace(0, setting.days()[-1], 400)
    left.plot(_moments(days), setting.travelled(days), color="black", lw=1.3, label="embedded")
    middles = (days[1:] + days[:-1]) / 2
    speed = 1000 * np.diff(setting.travelled(days)) / np.diff(days)
    right.plot(_moments(middles), speed, color="black", lw=1.3, label="embedded")
    for each in judged:
        method, motion = each.made.method, each.motion
        left.plot(_moments(motion.days), motion.travelled, **plots.points(method, linewidth=0))
        style = plots.points(method, linewidth=0.6)
        right.errorbar(
            _moments(motion.middles), 1000 * motion.velocity, 1000 * motion.sigma, elinewidth=0.8, capsize=2, **style
        )
        number = motion.alarm()
        if number is not None:
            right.axvline(_moments(motion.days[number : number + 1])[0], color=plots.COLOURS[method], lw=0.9, ls="--")
    onset = _moments(np.array([setting.ONSET_DAY]))[0]
    right.axvline(onset, color="black", lw=0.9, ls=":")
    right.annotate("onset", (onset, right.get_ylim()[1]), (3, -9), textcoords="offset points", fontsize=7)
    plots.curves(left, "Median of the slab", "", "motion down its direction, m")
    plots.curves(right, "Velocity between dates; dashed: acceleration shows", "", "mm/day")
    for panel in (left, right):
        panel.xaxis.set_major_locator(date_axis.MonthLocator())
        panel.xaxis.set_major_formatter(date_axis.DateFormatter("%b %Y"))
        panel.tick_params(axis="x", labelsize=7)
        panel.legend(fontsize=8, frameon=False, loc="upper left")
    return plots.save(figure, folder / "case_fjord_series.png")


def _moments(days: np.ndarray) -> list:
    return [setting.FIRST + timedelta(float(day)) for day in days]


def document(made: setting.Scene, judged: list[Judged], pictures: tuple[Path, Path]) -> list[str]:
    """The page."""
    slab, acceleration, surroundings = tables(made, judged)
    return [
        "# Case study: a rockslide above a fjord",
        page.written_by("make case-fjord", "fjord*"),
        page.prose(
            f"""The setting of Barry Arm, Alaska: a coherent slab on a steep slope between a calving glacier and water,
            seen by a side-looking radar with layover and shadow. It creeps at {1000 * setting.CREEP:.0f} mm/day and
            then accelerates. {setting.COUNT} dates, one every {setting.EVERY_DAYS} days; both methods, a series each.
            Is the slab measured, when does its acceleration show, and what is read where there is nothing to
        measure?"""
        ),
        page.picture(pictures[0], "Amplitude, kinds of ground, and the motion that both methods measure"),
        page.picture(pictures[1], "Displacement and velocity of the slab through time"),
        "## What is real and what is simulated",
        page.bullets(_facts(made, judged)),
        "## The slab",
        page.prose(
            """Offsets in range and azimuth are turned into motion along the slab's direction of motion, which is taken
            as known (down the slope). Medians over the slab at all dates, and its pixels at the last date, against what
            is embedded; root mean square of what is read on still rock. A slope below 1 is motion that is read too
            short."""
        ),
        page.table(*slab),
        "## The acceleration",
        page.prose(
            f"""Velocity of the slab's median between dates. Its error is the standard deviation of the same velocity
            over blocks of still rock. The acceleration shows on the first date by which the velocity exceeds the mean
            of all earlier intervals by {creep.SIGMAS:.0f} standard errors of that difference; one up to the
            onset is a false alarm: the first, small motion is read too short, so that even steady creep seems to gain
            speed, and the noise of still rock knows nothing of that. Failure is where a
            straight line through the last four inverse velocities reaches zero (Fukuzono 1985), an extrapolation whose
            law is the very one that is embedded: a real slope need not keep to it."""
        ),
        page.table(*acceleration),
        "## What is read where there is nothing to measure",
        page.prose(
            """Share of each kind of ground that the products of the pairs mask (mean over pairs), and share that reads
            more than 1 m down the slab's direction at the last date although it does not move that way. Only the slab
            and, along the fjord, the ice move here."""
        ),
        page.table(*surroundings),
        page.prose(_ice(judged)),
        "## Make it again",
        "    make case-fjord",
        page.prose(
            """Without the shared scene the texture of the ground comes from the sample that ships with the plugin;
            everything else is the same, and docs/ stays as it is. Images, pairs, series and numbers stay in
            `build/cases/fjord/`."""
        ),
        "## Sources",
        page.bullets(
            [
                "Dai, C. and others (2020): Detection and assessment of a large and potentially tsunamigenic "
                "periglacial "
                "landslide in Barry Arm, Alaska. Geophysical Research Letters 47(22), e2020GL089800 (the setting; "
                "120 m "
                "between 2010 and 2017).",
                "Schaefer, L. N. and others (2022): Interferometric synthetic aperture radar data from 2021 for "
                "landslides at Barry Arm Fjord, Alaska. U.S. Geological Survey data release (RADARSAT-2 ultrafine, "
                "every "
                "24 days from 21 May 2021).",
                "Alaska Division of Geological and Geophysical Surveys, 16 September 2022: 40 to 70 mm/day, as "
                "reported by "
                "D. Petley, AGU Landslide Blog, 24 October 2022.",
                "Fukuzono, T. (1985): A new method for predicting the failure time of a slope. 4th International "
                "Conference and Field Workshop on Landslides, Tokyo, 145-150.",
                "Voight, B. (1988): A method for prediction of volcanic eruptions. Nature 332, 125-130.",
                *command.DECORRELATION_SOURCES,
            ]
        ),
    ]


def _ice(judged: list[Judged]) -> str:
    """What is read on the ice, whose pattern does move."""
    read = " and ".join(
        f"{plots.NAMES[each.made.method]} {each.ice:.2f} m/day"
        if np.isfinite(each.ice)
        else f"{plots.NAMES[each.made.method]} nothing"
        for each in judged
    )
    least = 2 * setting.EVERY_DAYS * setting.ICE_M_A_DAY / setting.PIXEL_M
    return f"""The pattern of the ice moves along the fjord by {setting.ICE_M_A_DAY:g} m/day, {least:.1f} px and more in
        each pair, although its speckle keeps no coherence: the medians over the ice read {read}. Such motion is real,
        but it is not the slope's. Conventional tracking searches no further than {CorrelationOptions().search_px}
        px."""


def _facts(made: setting.Scene, judged: list[Judged]) -> list[str]:
    height, width = made.shape
    laws = "; ".join(
        f"{name} {initial:g} to {final:g} in {days:g} days" if initial else f"{name} none"
        for name, (initial, final, days) in setting.LAWS.items()
    )
    right, down = setting.sensitivity()
    return [
        f"Real: the texture of the ground, from {made.source.source}, with its speckle and its relief (everything "
        f"broader than 75 m) removed. {made.source.seen} Setting, revisit and velocities are those reported from Barry "
        "Arm (sources below); this is not a model of that slope.",
        f"Simulated: terrain, an analytic ridge and fjord, and the radar's view of it: parallel rays at "
        f"{setting.INCIDENCE:.0f} degrees of incidence, slopes folded over where they are steeper (layover), darkness "
        f"where no ray arrives (shadow), brightness by local incidence. {width} x {height} px of {setting.PIXEL_M:g} "
        "m in "
        f"ground range and azimuth, not geocoded; {setting.LOOKS} looks.",
        f"Simulated: the motion. The slab moves as a block, {right:.2f} m in ground range and {-down:.2f} m in "
        "azimuth for "
        "each metre (sinking ground moves away in range too). It creeps until day "
        f"{setting.ONSET_DAY:.0f}; then its inverse velocity falls in a straight line that would reach zero on day "
        f"{setting.FAILURE_DAY:.0f} (Fukuzono 1985, Voight 1988). The last date is day {setting.days()[-1]:.0f}, after "
        f"{setting.travelled(setting.days()[-1]):.2f} m. The pattern on the ice moves {setting.ICE_M_A_DAY:g} m/day "
        "along "
        "the fjord, its speckle is new at each date; so is that of the water.",
        f"Simulated: speckle. Coherence (exponential decay, Parizzi et al. 2009, Morishita and Hanssen 2015): {laws}. "
        "Each scatterer is put where it is at each date; no image is resampled.",
        f"Measured: offsets by {measuring.described()}, {judged[0].made.pairs} pairs two and three dates apart, "
        "inverted "
        "with the plugin's default settings. The rasters have no place on a map, so all is measured in pixels.",
    ]
