"""A series as points: ``velocity`` in mm/yr and a field ``DYYYYMMDD`` in mm for each date.

The form that InSAR Explorer and other viewers of persistent scatterers recognise.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from osgeo import gdal, ogr

from .. import values
from ..callbacks import Cancelled, Progress
from ..errors import OptionsError, OutputError
from ..files import stopped, whole_parts
from ..rasters import quietly
from ..timeseries.product import SeriesProduct, open_series
from .projection import Projection, Projector
from .radar import Look
from .rows import Rows, require_metres, series_rows

#: By the ending of the file; every name of a field has at most ten characters, which is what a shapefile keeps.
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".csv": "CSV"}
_MILLIMETRES = 1000.0
_MOST_FIELDS = {"ESRI Shapefile": 255, "GPKG": 1900, "CSV": 10000}
#: Points whose table people can still open; more and the export asks to thin out.
_MOST_POINTS = 2_000_000
_OF_VELOCITY = ("velocity", "vel_sigma", "vel_east", "vel_north", "direction")
_BATCH = 20_000


@dataclass(frozen=True)
class PointsOptions:
    """What of a series becomes points.

    Attributes
    ----------
    series : str
        ``series.json`` or its folder.
    path : str
        ``.gpkg``, ``.shp`` or ``.csv``.
    component : str
        One of `projection.COMPONENTS`; ``motion``, along each pixel's own mean direction, shows a landslide of many
        directions in one field.
    look : Look or None
    bearing : float or None
    every : int
        Take every n-th pixel in both directions.
    max_sigma : float or None
        Leave out pixels whose velocity has a larger 1-sigma error, mm/yr.
    min_speed : float or None
        Leave out pixels that move more slowly, mm/yr.
    """

    series: str
    path: str
    component: str = "motion"
    look: Look | None = None
    bearing: float | None = None
    every: int = 1
    max_sigma: float | None = None
    min_speed: float | None = None

    def __post_init__(self) -> None:
        Projection(self.component, self.look, self.bearing)
        values.whole("every", self.every, 1, 10_000)
        for name, limit in (("largest sigma", self.max_sigma), ("least speed", self.min_speed)):
            if limit is not None:
                values.number(name, limit, 0, 1e9)
        if os.path.splitext(self.path)[1].lower() not in DRIVERS:
            raise OptionsError(
                f"{os.path.basename(self.path)} has no ending that says its format; choose one of {', '.join(DRIVERS)}."
            )


@dataclass(frozen=True)
class PointsResult:
    """What was written."""

    path: str
    points: int


def export_points(
    options: PointsOptions, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> PointsResult:
    """Write the points of a series.

    Raises
    ------
    DeepotError
        No such series, no georeference, no point left, too many points or dates for the format; nothing is left under
        a final name.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    series = open_series(options.series)
    require_metres(series)
    driver = DRIVERS[os.path.splitext(options.path)[1].lower()]
    names = _date_fields(series.dates, driver)
    projector = Projection(options.component, options.look, options.bearing).projector(series.grid)
    with whole_parts(options.path) as temporary, _Layer(temporary, driver, series, names) as layer:
        for rows in series_rows(series, cancelled):
            progress(rows.share, "Writing points")
            layer.add(*_points(rows, series, projector, options))
        if layer.count == 0:
            raise OutputError("No point passed the limits of speed and sigma; choose wider ones.")
    progress(1.0, "Done")
    return PointsResult(options.path, layer.count)


def _date_fields(moments: Sequence[datetime], driver: str) -> list[str]:
    names = [moment.strftime("D%Y%m%d") for moment in moments]
    if len(set(names)) < len(names):
        raise OutputError(
            "Two dates of the series fall on one day; fields of the form DYYYYMMDD cannot tell them apart: leave one "
            "out of the series."
        )
    if len(names) + len(_OF_VELOCITY) > _MOST_FIELDS[driver]:
        raise OutputError(
            f"{len(names)} dates are more fields than {driver} holds ({_MOST_FIELDS[driver]}); choose a "
            "GeoPackage (.gpkg)."
        )
    return names


def _points(rows: Rows, series: SeriesProduct, projector: Projector, options: PointsOptions) -> tuple[np.ndarray, ...]:
    """Map coordinates and fields of the pixels that are taken."""
    taken = np.zeros(rows.velocity_sigma.shape, bool)
    first = -rows.y0 % options.every
    taken[first :: options.every, :: options.every] = True
    speed = np.hypot(*rows.velocity) * _MILLIMETRES
    taken &= np.isfinite(speed)
    if options.max_sigma is not None:
        taken &= rows.velocity_sigma * _MILLIMETRES <= options.max_sigma
    if options.min_speed is not None:
        taken &= speed >= options.min_speed
    row, column = np.nonzero(taken)
    east, north = rows.east[:, taken], rows.north[:, taken]
    mean = rows.velocity[:, taken]
    fields = np.stack(
        [
            projector.velocity(mean) * _MILLIMETRES,
            projector.sigma(rows.velocity_sigma[taken]) * _MILLIMETRES,
            *(mean * _MILLIMETRES),
            np.degrees(np.arctan2(*mean)) % 360,
            *(projector.displacement(east, north, mean) * _MILLIMETRES),
        ],
        axis=1,
    )
    return (*series.grid.to_map(column + 0.5, row + rows.y0 + 0.5), fields)


class _Layer:
    """The layer; `path` is the temporary name that `files.whole_parts` gives."""

    def __init__(self, path: str, driver: str, series: SeriesProduct, dates: Sequence[str]):
        self._path, self._driver, self._series, self._dates = path, driver, series, dates
        self.count = 0

    def __enter__(self) -> _Layer:
        name = os.path.basename(self._path)
        options = ["GEOMETRY=AS_XY", "CREATE_CSVT=NO"] if self._driver == "CSV" else []
        made = gdal.GetDriverByName(self._driver)
        self._dataset, words = quietly(made.Create, self._path, 0, 0, 0, gdal.GDT_Unknown)
        if self._dataset is None:
            raise stopped(words, self._path)
        self._layer, words = quietly(
            self._dataset.CreateLayer, os.path.splitext(name)[0], self._series.grid.crs(), ogr.wkbPoint, options=options
        )
        if self._layer is None:
            self._dataset = None
            raise stopped(words, self._path)
        for field in (*_OF_VELOCITY, *self._dates):
            definition = ogr.FieldDefn(field, ogr.OFTReal)
            definition.SetWidth(13)
            definition.SetPrecision(3)
            self._layer.CreateField(definition)
        return self

    def add(self, x: np.ndarray, y: np.ndarray, fields: np.ndarray) -> None:
        """Add points with their fields ``(points, fields)``; NaN is left empty."""
        self.count += len(fields)
        if self.count > _MOST_POINTS:
            raise OutputError(
                f"More than {_MOST_POINTS} points are too many for a table; take every 2nd pixel, or a higher "
                "least speed."
            )
        definition = self._layer.GetLayerDefn()
        for begin in range(0, len(fields), _BATCH):
            self._layer.StartTransaction()
            part = slice(begin, begin + _BATCH)
            for east, north, row in zip(x[part], y[part], np.round(fields[part].astype(float), 3)):
                feature = ogr.Feature(definition)
                point = ogr.Geometry(ogr.wkbPoint)
                point.SetPoint_2D(0, float(east), float(north))
                feature.SetGeometryDirectly(point)
                for number, value in enumerate(row.tolist()):
                    if value == value:
                        feature.SetField(number, value)
                _, words = quietly(self._layer.CreateFeature, feature)
                if words.strip():
                    raise stopped(words, self._path)
            _, words = quietly(self._layer.CommitTransaction)
            if words.strip():
                raise stopped(words, self._path)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._layer = None
        _, words = quietly(self._close)
        if kind is None and (words.strip() or not self._whole()):
            raise stopped(words, self._path)

    def _whole(self) -> bool:
        """Whether the file holds every point to its last byte; GDAL's CSV is silent about a full disk."""
        if self._driver == "CSV":
            with open(self._path, "rb") as file:
                return sum(1 for line in file if line.endswith(b"\n")) == self.count + 1
        dataset, _ = quietly(gdal.OpenEx, self._path, gdal.OF_VECTOR)
        return dataset is not None and dataset.GetLayer(0).GetFeatureCount() == self.count

    def _close(self) -> None:
        self._dataset = None
