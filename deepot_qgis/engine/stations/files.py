"""What a comparison leaves behind: points, tables, plots and the record."""

from __future__ import annotations

import csv
import os
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from osgeo import ogr, osr

from .. import dates as dating
from .. import files, provenance
from ..callbacks import Cancelled, Progress
from ..errors import CancelledError
from ..files import whole_file
from ..rasters import quietly
from ..words import Words
from . import plots
from .comparison import Component, StationComparison
from .mapped import Mapped
from .metrics import Metrics
from .options import StationsOptions
from .reading import station_files
from .station import Problem, Station

RECORD, POINTS, TABLE, SAMPLES, SCATTER = (
    "stations.json",
    "stations.gpkg",
    "stations.csv",
    "comparison.csv",
    "scatter",
)
FORMAT = 1
_NUMBERS = tuple(item.name for item in fields(Metrics))


@dataclass(frozen=True)
class Report:
    """All that is to be written."""

    comparisons: tuple[StationComparison, ...]
    overall: Metrics
    problems: tuple[Problem, ...]
    messages: tuple[str, ...]
    mapped: Mapped
    options: StationsOptions
    stations: tuple[Station, ...]
    started: float
    words: Words


def write(report: Report, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Write all files into the folder; each has its final name when it is whole.

    Returns
    -------
    dict
        ``record``, ``points``, ``table``, ``samples`` (paths) and ``pictures`` (tuple of paths).

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    folder = report.options.output
    path = {name: os.path.join(folder, name) for name in (RECORD, POINTS, TABLE, SAMPLES)}
    progress(0.0, "Writing the tables")
    with whole_file(path[POINTS]) as temporary:
        _write_points(temporary, report)
    _write_table(path[TABLE], _table(report))
    _write_table(path[SAMPLES], _samples(report))
    pictures = _write_pictures(folder, report, progress, cancelled)
    with whole_file(path[RECORD]) as temporary:
        provenance.write(temporary, _record(report, pictures, cancelled))
    return {
        "record": path[RECORD],
        "points": path[POINTS],
        "table": path[TABLE],
        "samples": path[SAMPLES],
        "pictures": pictures,
    }


def earlier(folder: str) -> list[str]:
    """Tables that an earlier comparison left in a folder; they are no records of stations."""
    record = os.path.join(folder, RECORD)
    return [os.path.join(folder, name) for name in (TABLE, SAMPLES)] if os.path.exists(record) else []


def refuse_inputs(options: StationsOptions) -> None:
    """Refuse to write over what is being read.

    Raises
    ------
    OutputError
        A file of stations or positions has the name of a result in its folder.
    """
    inputs = station_files(options.stations, earlier(options.output))
    for name in (TABLE, SAMPLES, POINTS, RECORD):
        own = [path for path in (*inputs, options.positions) if path]
        files.refuse_inputs(os.path.join(options.output, name), own)


def file_name(name: str) -> str:
    """The name of a station as a file may have it."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "station"


def _write_pictures(folder: str, report: Report, progress: Progress, cancelled: Cancelled) -> tuple[str, ...]:
    if not report.options.pictures or not plots.available():
        return ()
    written: list[str] = []
    names: dict[str, int] = {}
    total = len(report.comparisons) + 1
    for index, one in enumerate(report.comparisons):
        if cancelled():
            raise CancelledError("Cancelled; the tables are written, the plots are not complete.")
        progress(0.2 + 0.8 * index / total, f"Drawing {one.name}")
        stem = file_name(one.name)
        names[stem.lower()] = names.get(stem.lower(), 0) + 1
        stem = f"{stem}_{names[stem.lower()]}" if names[stem.lower()] > 1 or stem.lower() == SCATTER else stem
        figure = plots.time_series_figure(one, report.mapped.name, report.options.max_gap_days)
        written += _save(report.words.figure(figure), os.path.join(folder, stem), report.options.pictures)
    figure = plots.scatter_figure(report.comparisons, report.overall, report.mapped.name)
    return (*written, *_save(report.words.figure(figure), os.path.join(folder, SCATTER), report.options.pictures))


def _save(figure: Any, stem: str, kinds: Iterable[str]) -> list[str]:
    written = []
    for kind in kinds:
        with whole_file(f"{stem}.{kind}") as temporary:
            plots.save(figure, temporary, kind)
        written.append(f"{stem}.{kind}")
    return written


def _write_table(path: str, rows: Iterable[Sequence[Any]]) -> None:
    with whole_file(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    """A value as a table shows it: nine digits, nothing for what is not known."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    return f"{value:.9g}" if isinstance(value, float) else value


def _table(report: Report) -> Iterable[Sequence[Any]]:
    """A row for each component of each station, lengths in metres, and one for each that could not be compared."""
    yield (
        "station", "kind", "component", "x", "y", "longitude", "latitude", "bearing", "bearing_from", "plunge",
        "first", "last", *_NUMBERS, "problem",
    )  # fmt: skip
    for one in report.comparisons:
        where = (one.place.x, one.place.y, one.place.longitude, one.place.latitude)
        line = (one.bearing, one.bearing_from, one.plunge)
        for part in one.components:
            numbers = asdict(part.metrics)
            times = _first_last(part)
            yield (one.name, one.kind, part.name, *where, *line, *times, *(numbers[key] for key in _NUMBERS), "")
    for problem in report.problems:
        yield (problem.name, *[""] * 11, 0, *[""] * (len(_NUMBERS) - 1), problem.why)


def _first_last(part: Component) -> tuple[str, str]:
    used = [moment for moment, keep in zip(part.dates, part.used) if keep]
    return dating.text(used[0]), dating.text(used[-1])


def _samples(report: Report) -> Iterable[Sequence[Any]]:
    """A row for each date of each component; metres since the zero of the segment."""
    yield (
        "station", "component", "date", "segment", "status", "map", "map_sigma", "station_value", "station_sigma",
        "difference", "difference_sigma",
    )  # fmt: skip
    for one in report.comparisons:
        for part in one.components:
            for k, moment in enumerate(part.dates):
                status = "zero" if part.zero[k] else "compared" if part.used[k] else "no value"
                yield (
                    one.name, part.name, dating.text(moment), int(part.segment[k]) + 1, status,
                    *(float(values[k]) for values in (part.mapped, part.mapped_sigma, part.station,
                                                      part.station_sigma, part.mapped - part.station, part.sigma)),
                )  # fmt: skip


def _write_points(path: str, report: Report) -> None:
    """A point for each station that was compared, in the map's system; metrics along the bearing."""
    source, words = quietly(ogr.GetDriverByName("GPKG").CreateDataSource, path)
    if source is None:
        raise files.stopped(words, path)
    crs = osr.SpatialReference()
    crs.ImportFromWkt(report.mapped.grid.crs_wkt)
    layer, words = quietly(source.CreateLayer, "stations", crs, ogr.wkbPoint)
    if layer is None:
        raise files.stopped(words, path)
    texts, reals = ("name", "kind", "bearing_from"), ("bearing", "plunge", *_NUMBERS[1:])
    both = tuple(f"{part}_{key}" for part in ("east", "north") for key in ("bias", "rmse", "r2", "slope"))
    for name in texts:
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    layer.CreateField(ogr.FieldDefn("n", ogr.OFTInteger))
    for name in (*reals, *both):
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTReal))
    for one in report.comparisons:
        feature = ogr.Feature(layer.GetLayerDefn())
        found = asdict(one.along.metrics) | {"name": one.name, "kind": one.kind, "bearing_from": one.bearing_from}
        found |= {"bearing": one.bearing, "plunge": one.plunge}
        for part in one.components[1:]:
            found |= {f"{part.name}_{key}": value for key, value in asdict(part.metrics).items()}
        for name in (*texts, "n", *reals, *both):
            if found.get(name) is not None:
                feature.SetField(name, found[name])
        point = ogr.Geometry(ogr.wkbPoint)
        point.AddPoint_2D(one.place.x, one.place.y)
        feature.SetGeometry(point)
        _, words = quietly(layer.CreateFeature, feature)
        if words.strip():
            raise files.stopped(words, path)
    layer = None
    _, words = quietly(source.FlushCache)
    if words.strip():
        raise files.stopped(words, path)


def _record(report: Report, pictures: Sequence[str], cancelled: Cancelled) -> dict[str, Any]:
    """Everything as JSON takes it: enough to judge the comparison and to run it again."""
    inputs = sorted({station.path for station in report.stations if station.path})
    return {
        "stations": FORMAT,
        "product": {"path": report.mapped.path, "name": report.mapped.name, "kind": report.mapped.kind},
        "dates": [dating.text(moment) for moment in report.mapped.dates],
        "crs": report.mapped.grid.crs_name(),
        "unit": "m",
        "definitions": {
            "difference": "map minus station, metres, both since the zero of their segment",
            "r2": "coefficient of determination about the 1:1 line",
            "r2_line": "square of the correlation (R2 of the regression)",
            "slope": "ordinary least squares of the map on the station, with intercept",
            "within_1_sigma": "share of differences within the root of the summed squares of both sigmas",
        },
        "overall": asdict(report.overall),
        "comparisons": [_of_station(one) for one in report.comparisons],
        "problems": [asdict(problem) for problem in report.problems],
        "messages": list(report.messages),
        "files": [POINTS, TABLE, SAMPLES, *(os.path.basename(path) for path in pictures)],
        "inputs": [{"path": path, "sha256": provenance.sha256(path, cancelled)} for path in inputs],
        "options": asdict(report.options),
        "versions": provenance.versions(None),
        "seconds": round(time.monotonic() - report.started, 3),
    }


def _of_station(one: StationComparison) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "place": asdict(one.place),
        "bearing": one.bearing,
        "bearing_from": one.bearing_from,
        "bearing_sigma": one.bearing_sigma,
        "plunge": one.plunge,
        "pixels": one.pixels,
        "breaks": [dating.text(moment) for moment in one.breaks],
        "steps": [
            {
                "component": step.component,
                "before": dating.text(step.before),
                "time": dating.text(step.time),
                "size": step.size,
                "sigma": step.sigma,
            }
            for step in one.steps
        ],
        "metrics": {part.name: asdict(part.metrics) for part in one.components},
        "notes": list(one.notes),
    }
