"""What the earthquake's case shows: its tables, its pictures, its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.colors import Normalize

from cases import command, files, measuring, page, plots, rupture, scores
from cases import earthquake_scene as setting
from cases.earthquake_scene import Scene, Slips

HEADER = (
    "method",
    "RMSE > 250 m away",
    "RMSE < 100 m",
    "answered",
    "answered < 100 m",
    "slip: n",
    "bias",
    "RMSE",
    "R²",
    "peak",
)


def rows(numbers: dict) -> list[tuple[str, ...]]:
    """The table, a row a method."""
    return [
        (
            plots.NAMES[name],
            f"{row['away']['rmse']:.2f} m",
            f"{row['beside']['rmse']:.2f} m",
            f"{row['answered']:.1%}",
            f"{row['answered_beside']:.1%}",
            f"{row['slip']['count']}",
            f"{row['slip']['bias']:+.2f} m",
            f"{row['slip']['rmse']:.2f} m",
            f"{row['slip']['r2']:.3f}",
            f"{row['peak']:.2f} m",
        )
        for name, row in numbers.items()
    ]


def draw(
    made: Scene, paths: tuple[Path, ...], measured: list[measuring.Measured], along: Slips, folder: Path
) -> tuple[Path, Path]:
    """The maps, and the profile with the slip along the trace."""
    return _maps(made, paths, measured, folder), _curves(made, measured, along, folder)


def _maps(made: Scene, paths: tuple[Path, ...], measured: list[measuring.Measured], folder: Path) -> Path:
    grid = made.grid
    figure = plots.figure(9.4, 6.2)
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    plots.amplitude(axes[0, 0], files.bands(paths[1])[""], grid, "Second date: amplitude (dB) and rupture")
    top = np.ceil(np.abs(made.truth[:2]).max() * 2) / 2
    scale = Normalize(-top, top)
    run = made.rupture.trace[-1] - made.rupture.trace[0]
    unit = run / np.hypot(*run)
    parts = [(made.truth[0], made.truth[1], "Embedded")]
    parts += [(each.east, each.north, f"Measured: {plots.NAMES[each.method]}") for each in measured]
    for panel, (east, north, title) in zip((axes[0, 1], axes[1, 0], axes[1, 1]), parts):
        drawn = plots.field(panel, unit[0] * east + unit[1] * north, grid, title, scale, plots.DIVERGING)
    x, y = plots.kilometres(grid, *made.rupture.trace.T)
    left, right, bottom, upper = plots.extent(grid)
    for panel in axes.flat:
        on_image = panel is axes[0, 0]
        panel.plot(x, y, color=plots.ACCENT if on_image else "black", lw=1.3 if on_image else 0.6)
        panel.set(xlim=(left, right), ylim=(bottom, upper))
    for panel in axes[1]:
        panel.set_xlabel("km", fontsize=8)
    for panel in axes[:, 0]:
        panel.set_ylabel("km", fontsize=8)
    bearing = np.degrees(np.arctan2(*unit)) % 360
    words = f"displacement towards N{bearing:.0f}°E, along the rupture (m); grey: masked"
    plots.bar(figure, drawn, axes, words, shrink=0.7)
    return plots.save(figure, folder / "case_earthquake.png", plots.DIVERGING)


def _curves(made: Scene, measured: list[measuring.Measured], along: Slips, folder: Path) -> Path:
    figure = plots.figure(9.4, 3.4)
    left, right = figure.subplots(1, 2)
    best = int(np.argmax(along.embedded))
    every = rupture.stations(made.rupture, setting.SPACING_M)
    number = int(np.argmin(np.abs(every.along / 1000 - along.along_km[best])))
    fields = [("truth", *made.truth[:2]), *((each.method, each.east, each.north) for each in measured)]
    for name, east, north in fields:
        cut = rupture.crossing(
            east, north, made.grid, every.place[number], every.direction[number], setting.REACH_M, setting.STRIP_M
        )  # fmt: skip
        style = {"color": plots.COLOURS[name], "label": plots.NAMES[name], "lw": 1.6 if name == "truth" else 1.1}
        left.plot(cut.distance / 1000, cut.parallel, **style, zorder=1 if name == "truth" else 2)
    plots.curves(
        left,
        f"Across the rupture, {along.along_km[best]:.1f} km along it",
        "distance from the trace, km (right side positive)",
        "displacement along the trace, m",
    )
    left.legend(fontsize=8, frameon=False)
    right.step(along.along_km, along.embedded, where="mid", color="black", lw=1.4, label="embedded slip")
    right.plot(along.along_km, along.read["truth"], color="black", lw=0.9, ls=":", label="read from the embedded field")
    for each in measured:
        right.plot(along.along_km, along.read[each.method], **plots.points(each.method, markersize=3.5, linewidth=0.6))
    plots.curves(right, "Slip along the rupture", "distance along the trace, km", "right-lateral slip, m")
    right.set_ylim(bottom=min(0, right.get_ylim()[0]))
    right.legend(fontsize=8, frameon=False)
    return plots.save(figure, folder / "case_earthquake_slip.png")


def document(made: Scene, numbers: dict, along: Slips, pictures: tuple[Path, Path]) -> list[str]:
    """The page."""
    grid, length = made.grid, float(np.hypot(*np.diff(made.rupture.trace, axis=0).T).sum()) / 1000
    days = (setting.DATES[1] - setting.DATES[0]).days
    return [
        "# Case study: slip of an earthquake from one pair",
        page.written_by("make case-earthquake", "earthquake"),
        page.prose(
            f"""A rupture of {length:.0f} km with up to {along.embedded.max():.1f} m of slip runs through a whole scene
            ({grid.width} x {grid.height} px of {setting.PIXEL_M:.0f} m). Both methods measure the pair as a user
            would, and the slip along the rupture is read from profiles across it."""
        ),
        page.picture(pictures[0], "Amplitude, embedded displacement along the rupture, and both measured ones"),
        page.picture(pictures[1], "Profile across the rupture, and slip along it"),
        "## What is real and what is simulated",
        page.bullets(
            [
                f"Real: the reflectivity of the ground, from {made.ground.source}, with its speckle removed. "
                f"{made.ground.seen} Place, pixel size and dates are nominal.",
                f"Simulated: the motion. Vertical right-lateral strike-slip segments from the surface to "
                f"{made.rupture.depth / 1000:.0f} km in an elastic half-space (Okada 1985; `cases/okada.py`, tested "
                f"against the paper's own check values), moment magnitude {made.rupture.moment_magnitude():.1f}. Its "
                "horizontal part is embedded. A real geocoded image would show vertical motion too, as motion towards "
                "the sensor; here it stays below "
                f"{np.abs(made.truth[2]).max():.1f} m and is left out.",
                _speckle(days),
                f"Measured: the displacement, by {measuring.described()}; nothing was tuned for this case.",
            ]
        ),
        "## Result",
        page.table(HEADER, rows(numbers)),
        page.prose(_explanation(made, numbers, along)),
        "## Make it again",
        "    make case-earthquake",
        page.prose(
            """The large scene is not part of the repository; without it the same runs at a quarter of the size on the
            sample that ships with the plugin, and says so. Images, products and numbers stay in `build/cases/`."""
        ),
        "## Sources",
        page.bullets(
            [
                "Okada, Y. (1985): Surface deformation due to shear and tensile faults in a half-space. Bulletin of "
                "the Seismological Society of America 75(4), 1135-1154.",
                "Hanks, T. C. and Kanamori, H. (1979): A moment magnitude scale. Journal of Geophysical Research 84, "
                "2348-2350.",
                *command.DECORRELATION_SOURCES,
            ]
        ),
    ]


def _explanation(made: Scene, numbers: dict, along: Slips) -> str:
    """What the table's numbers are."""
    dark = " and ".join(
        f"{row['answered_dark']:.0%} ({plots.NAMES[name]}, RMSE {row['dark']['rmse']:.2f} m)"
        for name, row in numbers.items()
        if row["dark"]["count"]
    )
    itself = scores.score(along.read["truth"], along.embedded).rmse
    against = " and ".join(f"{row['slip_as_read']['rmse']:.2f} m ({plots.NAMES[n]})" for n, row in numbers.items())
    return f"""RMSE of a component against the embedded field where the product gives an answer, on ground that is
        not dark. Slip: {along.embedded.size} profiles every {setting.SPACING_M:.0f} m, strips {setting.STRIP_M:.0f} m
        wide; on each side a robust line through the displacement between {setting.NEAR_M:.0f} and
        {setting.FAR_M:.0f} m from the trace is carried on to it, and the slip is the difference of the two ends. Bias,
        RMSE and R² are against the slip on the fault. The procedure itself, applied to the embedded field, errs by
        {itself:.2f} m (RMSE): the elastic field bends beside the trace and the segments step. Against that, the methods
        err by {against}. On the {made.ground.water.mean():.0%} of the scene that is dark and smooth the masks leave
        {dark}: the patches are hardly wider than the windows, which see coherent ground beside them."""


def _speckle(days: int) -> str:
    """What is simulated of the sensor."""
    law = setting.LAW
    return f"""Simulated: both dates' speckle, {days} days apart, {setting.LOOKS} looks, a resolution of
        {setting.PIXEL_M / setting.BANDWIDTH:.0f} m. Coherence {law.coherence(days):.2f} (exponential decay to a
        long-term value, Parizzi et al. 2009, Morishita and Hanssen 2015: {law.initial:g} to {law.final:g} with a time
        constant of {law.days:.0f} days), half of it within {setting.DAMAGED_M:.0f} m of the rupture, none on dark,
        smooth surfaces (water, wet fields). Scatterers are moved, not pictures: no image is resampled."""
