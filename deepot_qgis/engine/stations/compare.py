"""Stations beside a map: the one call that panel, Processing and command line make."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, DeepotError, InputError, OptionsError, OutputError
from ..words import ENGLISH, Words
from . import breaks, files, matching, plots, positions, reading
from .comparison import StationComparison, compare_station
from .mapped import Mapped, open_map
from .metrics import Metrics, metrics
from .options import StationsOptions
from .station import Problem, Reading

#: Share of the work that the comparing takes; the plots have the rest.
_COMPARED = 0.4


@dataclass(frozen=True)
class StationsResult:
    """What a comparison found.

    Attributes
    ----------
    product : str
        Name of the map.
    comparisons : tuple of StationComparison
    overall : Metrics
        Of all stations together, along their bearings.
    problems : tuple of Problem
        Stations and files that could not be compared.
    messages : tuple of str
        What was recognised and what to know, as sentences.
    folder, record, points, table, samples : str
        Folder of the results; in it ``stations.json``, ``stations.gpkg``, ``stations.csv`` and ``comparison.csv``.
    pictures : tuple of str
        Paths of the plots, a time series for each station and one scatter.
    """

    product: str
    comparisons: tuple[StationComparison, ...]
    overall: Metrics
    problems: tuple[Problem, ...]
    messages: tuple[str, ...]
    folder: str
    record: str
    points: str
    table: str
    samples: str
    pictures: tuple[str, ...]


def compare(
    options: StationsOptions,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    words: Words = ENGLISH,
) -> StationsResult:
    """Compare stations with a map and write the result.

    Parameters
    ----------
    options : StationsOptions
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked often; when it returns True the run ends.
    words : Words, optional
        The language of the plots; default: English.

    Returns
    -------
    StationsResult
        A station that cannot be compared is one of its problems and does not cost the others.

    Raises
    ------
    DeepotError
        The map cannot be opened, no station at all can be compared, or the folder cannot be written;
        `CancelledError` when the user cancelled.
    """
    progress = progress or (lambda share, what: None)
    cancelled = cancelled or (lambda: False)
    started = time.monotonic()
    progress(0.0, "Reading the stations")
    mapped = open_map(options.product)
    found = read_stations(options)
    _make_folder(options.output)
    files.refuse_inputs(options)
    comparisons, problems = _all(found, mapped, options, progress, cancelled)
    if not comparisons:
        raise InputError(_none(problems))
    overall = overall_metrics(comparisons)
    messages = (*found.notes, *(note for one in comparisons for note in one.notes), *_without_plots(options))
    report = files.Report(comparisons, overall, problems, messages, mapped, options, found.stations, started, words)
    written = files.write(report, lambda share, what: progress(_COMPARED + (1 - _COMPARED) * share, what), cancelled)
    progress(1.0, "Done")
    return StationsResult(
        product=mapped.name,
        comparisons=comparisons,
        overall=overall,
        problems=problems,
        messages=messages,
        folder=options.output,
        **written,
    )


def read_stations(options: StationsOptions) -> Reading:
    """The stations that options name, with their positions.

    Raises
    ------
    DeepotError
        The files cannot be read, or a name is not among them.
    """
    beside = [options.positions] if options.positions else []
    beside += files.earlier(options.output)
    found = reading.read(options.stations, options.csv, beside)
    placements = positions.read_positions(options.positions, options.positions_crs) if options.positions else ()
    placed = positions.place(positions.place(found.stations, placements), options.placements)
    known = [station.name for station in placed] + [problem.name for problem in found.problems]
    breaks.require_known(options.breaks, known)
    found = Reading(placed, found.problems, found.notes)
    if options.base:
        found = _relative(found, options)
    return _chosen(found, known, options.names)


def _chosen(found: Reading, known: Sequence[str], names: Sequence[str]) -> Reading:
    """Only the stations that were asked for, and what is wrong with them."""
    if not names:
        return found
    wanted = {name.strip().lower() for name in names}
    unknown = [name for name in names if name.strip().lower() not in {one.strip().lower() for one in known}]
    if unknown:
        raise OptionsError(f"There is no station {', '.join(unknown)}; there are {', '.join(known)}.")
    return replace(
        found,
        stations=tuple(one for one in found.stations if one.name.strip().lower() in wanted),
        problems=tuple(one for one in found.problems if one.name.strip().lower() in wanted),
    )


def _relative(found: Reading, options: StationsOptions) -> Reading:
    """GNSS relative to the base, which is not compared itself."""
    key = (options.base or "").strip().lower()
    base = next((station for station in found.stations if station.name.strip().lower() == key), None)
    if base is None or base.kind != "gnss":
        names = ", ".join(station.name for station in found.stations if station.kind == "gnss") or "none"
        raise OptionsError(f"The base '{options.base}' is not among the GNSS stations; choose one of {names}.")
    steady = matching.without_poor(base, options.max_sigma_factor)
    stations, problems = [], list(found.problems)
    for station in found.stations:
        if station is base:
            continue
        try:
            good = matching.without_poor(station, options.max_sigma_factor)
            stations.append(matching.minus_base(good, steady, options.max_gap_days))
        except DeepotError as error:
            problems.append(Problem(station.name, str(error)))
    return Reading(tuple(stations), tuple(problems), found.notes)


def _all(
    found: Reading, mapped: Mapped, options: StationsOptions, progress: Progress, cancelled: Cancelled
) -> tuple[tuple[StationComparison, ...], tuple[Problem, ...]]:
    comparisons, problems = [], list(found.problems)
    for index, station in enumerate(found.stations):
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        progress(_COMPARED * index / len(found.stations), f"Comparing {station.name}")
        try:
            comparisons.append(compare_station(station, mapped, options))
        except DeepotError as error:
            problems.append(Problem(station.name, str(error)))
    return tuple(comparisons), tuple(problems)


def _none(problems: Sequence[Problem]) -> str:
    first = problems[0].why if problems else "No station was read."
    more = f" ({len(problems) - 1} more could not be used either.)" if len(problems) > 1 else ""
    return f"No station can be compared. {first}{more}"


def overall_metrics(comparisons: Sequence[StationComparison]) -> Metrics:
    """Metrics of all stations together, along their bearings; every pair of values counts alike."""
    along = [one.along for one in comparisons]
    join = np.concatenate
    return metrics(
        join([one.mapped[one.used] for one in along]),
        join([one.station[one.used] for one in along]),
        join([one.sigma[one.used] for one in along]),
    )


def _without_plots(options: StationsOptions) -> tuple[str, ...]:
    if not options.pictures or plots.available():
        return ()
    return ("The plots were left out, because matplotlib is not installed; the tables are complete.",)


def _make_folder(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path} cannot be made ({error.strerror}); choose another.") from error
