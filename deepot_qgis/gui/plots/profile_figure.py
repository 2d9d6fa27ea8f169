"""Velocity or displacement along a drawn line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsDistanceArea, QgsPointXY, QgsUnitTypes
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine.timeseries.points import days_since_first
from deepot_qgis.engine.timeseries.product import Profile
from deepot_qgis.engine.timeseries.trend import line_planes
from deepot_qgis.gui.plots.fonts import make_legible
from deepot_qgis.gui.plots.units import display_unit
from deepot_qgis.processing.present import current_project

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAGNITUDE, ALONG, ACROSS, EAST, NORTH = "magnitude", "along", "across", "east", "north"
COLOR = "#0072b2"
_FONT = 8.5


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


@dataclass(frozen=True)
class Drawn:
    """What a profile shows.

    Attributes
    ----------
    distance
        ``(k,)``, metres from the beginning of the line; pixels without georeference.
    values, sigma
        ``(k,)``, in the series' unit (a year for velocities).
    title, unit
        What the values are.
    """

    distance: np.ndarray
    values: np.ndarray
    sigma: np.ndarray
    title: str
    unit: str


def velocity(profile: Profile) -> Profile:
    """Return the velocity along the line: one "date", unit a year, by the engine's line through each history."""
    planes = [plane[:, None, :] for plane in (profile.east, profile.north, profile.sigma)]
    east, north, _, _, sigma = line_planes(days_since_first(profile.dates), *planes)
    return replace(profile, east=east, north=north, sigma=sigma)


def between(profile: Profile, first: int, second: int) -> Profile:
    """Return the displacement from one date to another."""
    return replace(
        profile,
        east=(profile.east[second] - profile.east[first])[None],
        north=(profile.north[second] - profile.north[first])[None],
        sigma=np.hypot(profile.sigma[second], profile.sigma[first])[None],
    )


def component(profile: Profile, kind: str) -> np.ndarray:
    """Return what of a motion is shown, ``(k,)``."""
    values = {MAGNITUDE: profile.magnitude, ALONG: profile.along, ACROSS: profile.across}
    return (values[kind]() if kind in values else getattr(profile, kind))[0]


def component_title(kind: str) -> str:
    """Return what a component is called."""
    return {
        MAGNITUDE: _tr("Magnitude"),
        ALONG: _tr("Along the line"),
        ACROSS: _tr("Across the line (right)"),
        EAST: _tr("East"),
        NORTH: _tr("North"),
    }[kind]


def distance_on_ground(profile: Profile, crs: QgsCoordinateReferenceSystem) -> np.ndarray:
    """Return metres from the beginning of the line, also where the CRS is in degrees."""
    if not crs.isGeographic():
        return profile.distance
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, current_project().transformContext())
    measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
    places = [QgsPointXY(x, y) for x, y in zip(profile.x, profile.y)]
    legs = [
        measure.convertLengthMeasurement(measure.measureLine(a, b), QgsUnitTypes.DistanceUnit.DistanceMeters)
        for a, b in zip(places, places[1:])
    ]
    return np.concatenate([[0.0], np.cumsum(legs)])


def draw_profile(figure: Figure, drawn: Drawn | None) -> None:
    """Draw a profile anew; None draws empty axes."""
    figure.clear()
    axes = figure.add_subplot(1, 1, 1)
    axes.tick_params(labelsize=_FONT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if drawn is None:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    base = drawn.unit.partition("/")[0]
    factor, unit = display_unit([drawn.values], base)
    shown = unit + drawn.unit[len(base) :]
    far = drawn.distance[-1] > 5000 and base != "px"
    along = drawn.distance / 1000 if far else drawn.distance
    axes.fill_between(
        along,
        factor * (drawn.values - drawn.sigma),
        factor * (drawn.values + drawn.sigma),
        color=COLOR,
        alpha=0.2,
        linewidth=0,
        label=_tr("± 1 sigma"),
    )
    axes.plot(along, factor * drawn.values, "-", color=COLOR, linewidth=1.3, marker=".", markersize=3)
    axes.axhline(0, color="#888888", linewidth=0.8, zorder=1)
    axes.grid(True, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlim(along[0], along[-1])
    axes.set_ylabel(f"{drawn.title} ({shown})", fontsize=_FONT)
    axes.set_xlabel(_tr("Distance ({unit})").format(unit="km" if far else base), fontsize=_FONT)
    axes.legend(fontsize=_FONT - 1, frameon=True, framealpha=0.8, edgecolor="none", loc="best")
    make_legible(figure)
