"""One station beside the map: both at the same times, along the same direction, from the same zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from .. import dates as dating
from ..errors import InputError
from ..timeseries.points import PointSeries
from . import matching, suspicion
from .breaks import Step, breaks_of, steps
from .mapped import Mapped
from .metrics import Metrics, metrics
from .options import StationsOptions
from .placing import Place, locate_station
from .station import Station

#: Where a direction comes from.
GIVEN, OF_MAP, OF_STATION = "given", "map", "station"


@dataclass(frozen=True)
class Component:
    """One component of a station beside the map, metres; arrays are ``(n,)`` over the dates of the map.

    Attributes
    ----------
    name : str
        ``along``, ``east`` or ``north``.
    dates : tuple of datetime
        Of the map.
    mapped, mapped_sigma, station, station_sigma : numpy.ndarray
        Displacement since the zero of the segment with its 1-sigma error; NaN where there is none.
    zero : numpy.ndarray
        bool: dates that were set to zero; they do not count.
    segment : numpy.ndarray
        int, from 0; a break begins a new one.
    used : numpy.ndarray
        bool: dates that the metrics are of.
    start : numpy.ndarray
        The map's displacement at the zero of each date's segment; added to `mapped` it gives the history of the map.
    metrics : Metrics
    record_times : tuple of datetime
        Of the whole record of the station,
    record : numpy.ndarray
        its values from the zero of their segment, and
    record_start : numpy.ndarray
        what is to be added to draw them beside the history of the map.
    """

    name: str
    dates: tuple[datetime, ...]
    mapped: np.ndarray
    mapped_sigma: np.ndarray
    station: np.ndarray
    station_sigma: np.ndarray
    zero: np.ndarray
    segment: np.ndarray
    used: np.ndarray
    start: np.ndarray
    metrics: Metrics
    record_times: tuple[datetime, ...]
    record: np.ndarray
    record_start: np.ndarray

    @property
    def sigma(self) -> np.ndarray:
        """1-sigma error of the difference."""
        return np.hypot(self.mapped_sigma, self.station_sigma)


@dataclass(frozen=True)
class StationComparison:
    """A station beside the map.

    Attributes
    ----------
    name, kind : str
    place : Place
    bearing : float
        Direction of the component ``along``, degrees clockwise from grid north.
    bearing_from : str
        ``given``, ``map`` (mean direction of the map's motion there) or ``station`` (that of the GNSS's own motion).
    bearing_sigma : float or None
        1-sigma error of a bearing from the map, degrees.
    plunge : float
    pixels : int
        Pixels of the map that took part.
    components : tuple of Component
        ``along`` first; ``east`` and ``north`` for a GNSS.
    breaks : tuple of datetime
        Those that were used.
    steps : tuple of Step
        Jumps that were seen and kept.
    notes : tuple of str
    """

    name: str
    kind: str
    place: Place
    bearing: float
    bearing_from: str
    bearing_sigma: float | None
    plunge: float
    pixels: int
    components: tuple[Component, ...]
    breaks: tuple[datetime, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    @property
    def along(self) -> Component:
        """The component along the bearing."""
        return self.components[0]

    def direction(self) -> str:
        """The direction of ``along`` in words, with where it comes from."""
        of = {
            GIVEN: "",
            OF_MAP: ", the map's own mean direction",
            OF_STATION: ", the station's own mean direction",
        }[self.bearing_from]
        down = f", plunge {self.plunge:g}°" if self.plunge else ""
        return f"along {self.bearing:.0f}°{down}{of}"


@dataclass(frozen=True)
class _Common:
    """What all components of a station share: dates, their segments and zeros."""

    dates: tuple[datetime, ...]
    at: np.ndarray
    breaks: np.ndarray
    segment: np.ndarray
    zero: np.ndarray


def compare_station(station: Station, mapped: Mapped, options: StationsOptions) -> StationComparison:
    """Compare one station with the map.

    Raises
    ------
    InputError
        The station is outside the map or has no position, there is no data, or no time in common.
    """
    place = locate_station(station, mapped.grid, mapped.name)
    point = mapped.at(place, options.size)
    if not point.pixels:
        raise InputError(
            f"The map has no data at station {station.name} ({mapped.why_empty(place)}); try a larger square of "
            "pixels, or look at the map there."
        )
    station = matching.without_poor(station, options.max_sigma_factor)
    breaks = breaks_of(station.name, options.breaks)
    common = _common(station, point, breaks, options)
    notes = [*station.notes, *_coverage(station, common, mapped)]
    signals = {name: _station_signal(station, name, place, common, options) for name in _names(station)}
    bearing, source, sigma = _bearing(station, point, place, common, signals, options)
    components = [_along(station, point, bearing, common, signals)]
    if station.kind == "gnss":
        components += [
            _component(name, getattr(point, name), point.sigma, signals[name], common, station)
            for name in ("east", "north")
        ]
    found = StationComparison(
        name=station.name,
        kind=station.kind,
        place=place,
        bearing=bearing,
        bearing_from=source,
        bearing_sigma=sigma,
        plunge=station.plunge if station.kind == "extensometer" else 0.0,
        pixels=point.pixels,
        components=tuple(components),
        breaks=breaks,
        steps=steps(station),
        notes=tuple(notes),
    )
    more = [*_of_bearing(found), *(step.sentence() for step in found.steps if not _broken(step, breaks))]
    return replace(found, notes=(*notes, *more, *suspicion.doubts(found.name, found.along)))


def _names(station: Station) -> tuple[str, ...]:
    return ("displacement",) if station.kind == "extensometer" else ("east", "north")


def _broken(step: Step, breaks: Sequence[datetime]) -> bool:
    """Whether the user named a break where a step was seen."""
    return any(step.before < moment <= step.time for moment in breaks)


@dataclass(frozen=True)
class _Signal:
    """A component of a station: its whole record, and at the dates of the map."""

    record: np.ndarray
    values: np.ndarray
    sigma: np.ndarray


def _common(station: Station, point: PointSeries, breaks: Sequence[datetime], options: StationsOptions) -> _Common:
    moments = matching.at_noon(point.dates)
    at, cut = matching.seconds_of(moments), matching.seconds_of(breaks)
    known = np.isfinite(point.east) & np.isfinite(point.north)
    for name in _names(station):
        values, _ = station.values(name)
        there = matching.interpolate(station.seconds, values, None, at, options.max_gap_days, cut)
        known &= np.isfinite(there.values)
    segment = matching.segments(at, cut)
    zero = matching.first_common(known, segment)
    if (known & ~zero).sum() == 0:
        raise InputError(_nothing_in_common(station, point, moments, known, options))
    return _Common(point.dates, at, cut, segment, zero)


def _nothing_in_common(
    station: Station, point: PointSeries, moments: Sequence[datetime], known: np.ndarray, options: StationsOptions
) -> str:
    recorded = f"{station.times[0]:%Y-%m-%d} to {station.times[-1]:%Y-%m-%d}"
    dated = f"{point.dates[0]:%Y-%m-%d} to {point.dates[-1]:%Y-%m-%d}"
    if moments[-1] < station.times[0] or moments[0] > station.times[-1]:
        return (
            f"Station {station.name} recorded {recorded} and the map is of {dated}: no time in common; choose another "
            "map or record."
        )
    count = int(known.sum())
    return (
        f"Station {station.name} ({recorded}) has a value within {options.max_gap_days:g} days of "
        f"{'only one' if count == 1 else 'none'} of the {len(moments)} dates of the map ({dated}) between its breaks; "
        "two are needed: allow longer gaps, or choose another record."
    )


def _coverage(station: Station, common: _Common, mapped: Mapped) -> list[str]:
    """A note where the first date of the map is not the zero."""
    first = int(np.flatnonzero(common.zero)[0])
    if first == 0:
        return []
    return [
        f"{station.name}: map and station have no common value on {dating.text(common.dates[0])}, the first date of "
        f"{mapped.name}; both start at zero on {dating.text(common.dates[first])}."
    ]


def _station_signal(station: Station, name: str, place: Place, common: _Common, options: StationsOptions) -> _Signal:
    values, sigma = station.values(name)
    if station.east is not None and station.north is not None:  # from true north; the map counts from grid north
        east, north = place.to_grid(station.east, station.north)
        values = east if name == "east" else north
    there = matching.interpolate(station.seconds, values, sigma, common.at, options.max_gap_days, common.breaks)
    # A value without an error does not cost the others theirs.
    zeroed = matching.rezero(there.values, np.nan_to_num(there.sigma), common.zero, common.segment)
    record = np.full(len(values), np.nan)
    of_record = matching.segments(station.seconds, common.breaks)
    for index in np.flatnonzero(common.zero):
        here = of_record == common.segment[index]
        record[here] = values[here] - there.values[index]
    return _Signal(record, zeroed.values, zeroed.sigma)


def _bearing(
    station: Station,
    point: PointSeries,
    place: Place,
    common: _Common,
    signals: dict[str, _Signal],
    options: StationsOptions,
) -> tuple[float, str, float | None]:
    """Direction of the component along, where it comes from, and its error."""
    if station.bearing is not None:
        turn = place.north if options.norths == "true" else 0.0
        return (station.bearing + turn) % 360, GIVEN, None
    if station.kind == "gnss":
        east, north = (np.nansum(signals[name].values) for name in ("east", "north"))
        return float(np.degrees(np.arctan2(east, north)) % 360), OF_STATION, None
    east, north, sigma = _mean_motion(point, common)
    error = np.degrees(np.arctan2(sigma, np.hypot(east, north)))
    return float(np.degrees(np.arctan2(east, north)) % 360), OF_MAP, float(error)


def _mean_motion(point: PointSeries, common: _Common) -> tuple[float, float, float]:
    """Mean of the map's displacement over its dates, weighted by 1 / sigma^2, and the error of one component.

    Errors at different dates share the error of the first, so the error of the mean is taken as that of one date.
    """
    known = np.isfinite(point.east) & np.isfinite(point.north) & ~common.zero
    sigma = point.sigma[known]
    usable = np.isfinite(sigma) & (sigma > 0)
    weight = np.where(usable, 1 / np.where(usable, sigma, 1) ** 2, 0.0) if usable.any() else np.ones(len(sigma))
    east, north = (float(np.average(component[known], weights=weight)) for component in (point.east, point.north))
    error = float(np.sqrt(np.average(np.nan_to_num(sigma) ** 2, weights=weight)))
    return east, north, error


def _of_bearing(found: StationComparison) -> list[str]:
    if found.bearing_from != OF_MAP:
        return []
    said = (
        f"{found.name}: no bearing is given, so the map's own mean direction there is used, {found.bearing:.0f}° ± "
        f"{found.bearing_sigma:.0f}°. Map and station are then compared in speed, not in direction."
    )
    if found.bearing_sigma is not None and found.bearing_sigma > 30:
        said += " The map hardly moves there, so this direction is little more than noise: give the bearing."
    return [said]


def _along(
    station: Station, point: PointSeries, bearing: float, common: _Common, signals: dict[str, _Signal]
) -> Component:
    plunge = station.plunge if station.kind == "extensometer" else 0.0
    mapped = point.along(bearing, plunge)
    # The error of a component is the same whatever its direction; the projection on an inclined line shortens it.
    sigma = point.sigma * np.cos(np.radians(plunge))
    if station.kind == "extensometer":
        return _component("along", mapped, sigma, signals["displacement"], common, station)
    b = np.radians(bearing)
    east, north = signals["east"], signals["north"]
    own = _Signal(
        east.record * np.sin(b) + north.record * np.cos(b),
        east.values * np.sin(b) + north.values * np.cos(b),
        np.hypot(east.sigma * np.sin(b), north.sigma * np.cos(b)),
    )
    return _component("along", mapped, sigma, own, common, station)


def _component(
    name: str,
    mapped: np.ndarray,
    sigma: np.ndarray,
    signal: _Signal,
    common: _Common,
    station: Station,
) -> Component:
    zeroed = matching.rezero(mapped, np.nan_to_num(sigma), common.zero, common.segment)
    start = np.full(len(mapped), np.nan)
    for index in np.flatnonzero(common.zero):
        start[common.segment == common.segment[index]] = mapped[index]
    of_record = matching.segments(station.seconds, common.breaks)
    starts = {int(common.segment[index]): mapped[index] for index in np.flatnonzero(common.zero)}
    used = np.isfinite(zeroed.values) & np.isfinite(signal.values) & ~common.zero
    error = np.hypot(zeroed.sigma, signal.sigma)
    return Component(
        name=name,
        dates=common.dates,
        mapped=zeroed.values,
        mapped_sigma=zeroed.sigma,
        station=signal.values,
        station_sigma=signal.sigma,
        zero=common.zero,
        segment=common.segment,
        used=used,
        start=start,
        metrics=metrics(zeroed.values[used], signal.values[used], error[used]),
        record_times=station.times,
        record=signal.record,
        record_start=np.array([starts.get(int(number), np.nan) for number in of_record]),
    )
