"""One file that says where stations stand: a table, or a layer of points (GeoPackage, shapefile, GeoJSON)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

import numpy as np
from osgeo import gdal, ogr

from ..errors import InputError, OptionsError
from ..local import require_local
from ..rasters import quietly
from .breaks import EVERY
from .csv_options import MISSING, crs_of
from .csv_table import Layout, Row, layout, number, rows
from .station import Placement, Station

_TABLES = (".csv", ".txt", ".tsv", ".dat", ".asc")
#: Formats of layers; of the others that GDAL reads, some lead to the network or write files of their own.
_LAYERS = ("GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf", "KML", "GPX", "MapInfo File", "SQLite")
_NAMES = {
    "name": r"station.*|site.*|name|id|sensor.*|marker|code|point.*|instrument|extensometer",
    "x": r"x|lon.*|east.*|e|rechtswert|utm.?e|länge|laenge",
    "y": r"y|lat.*|north.*|n|hochwert|utm.?n|breite",
    "bearing": r"bearing|azimuth?|az|direction|trend|richtung",
    "plunge": r"plunge|dip|inclination|neigung",
    "crs": r"crs|epsg|srs|srid",
}


def read_positions(path: str, crs: str = "") -> tuple[Placement, ...]:
    """Read the positions of stations, and the bearings and plunges where the file has them.

    Parameters
    ----------
    path : str
        A table with columns for name, x (longitude, easting), y (latitude, northing), and perhaps bearing, plunge
        and crs; or a layer of points with an attribute for the name, and perhaps bearing and plunge.
    crs : str
        Of a table that does not state it: ``EPSG:4326`` or alike. Longitude and latitude by name need none.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, holds text where a number belongs, or the CRS is not known.
    """
    path = str(path)
    if os.path.splitext(path)[1].lower() in _TABLES:
        return _of_table(path, crs)
    return _of_layer(path)


def place(stations: Iterable[Station], placements: Sequence[Placement]) -> tuple[Station, ...]:
    """Give stations what placements know of them.

    The name decides, whatever the case of its letters; one station and one placement belong together whatever their
    names are. A placement called ``*`` belongs to every station, its position only to a single one.

    Raises
    ------
    OptionsError
        A placement ``*`` has a position, but there are several stations.
    """
    stations = tuple(stations)
    general = [placement for placement in placements if placement.name.strip() == EVERY]
    named = [placement for placement in placements if placement.name.strip() != EVERY]
    if len(stations) > 1 and any(placement.x is not None for placement in general):
        raise OptionsError(
            f"One position is given, but {len(stations)} stations were read; give a file of positions with a line for "
            "each."
        )
    known = {placement.name.strip().lower(): placement for placement in named}
    if len(stations) == 1 and len(named) == 1:
        known = {stations[0].name.strip().lower(): named[0]}
    placed = []
    for station in stations:
        of_it = [*general, *filter(None, [known.get(station.name.strip().lower())])]
        for placement in of_it:  # what is given by name counts more
            station = station.placed(placement)
        placed.append(station)
    return tuple(placed)


def _of_table(path: str, crs: str) -> tuple[Placement, ...]:
    found = layout(path)
    columns = _columns(found.names)
    file = os.path.basename(path)
    lacking = [role for role in ("name", "x", "y") if role not in columns]
    if lacking:
        raise InputError(
            f"{file} has no column for {', '.join(lacking)} (it has {', '.join(found.names)}); a file of positions "
            "needs station, x and y, or station, longitude and latitude."
        )
    crs = crs or _named_crs(found, columns)
    if not crs and "crs" not in columns:
        raise InputError(
            f"{file} does not say in which coordinate reference system its positions are; give one such as EPSG:32612."
        )
    return tuple(_placement(row, columns, found, crs, file) for row in rows(path, found.encoding, found.delimiter,
                                                                           found.first))  # fmt: skip


def _columns(names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for role, pattern in _NAMES.items():
        for place_, name in enumerate(names):
            text = re.sub(r"\W+", " ", name.lower().replace("_", " ")).strip()
            if place_ not in found.values() and re.fullmatch(pattern, text):
                found[role] = place_
                break
    return found


def _named_crs(found: Layout, columns: dict[str, int]) -> str:
    """WGS84 where the columns are called longitude and latitude."""
    x, y = found.names[columns["x"]].lower(), found.names[columns["y"]].lower()
    return "EPSG:4326" if x.startswith("lon") and y.startswith("lat") else ""


def _placement(row: Row, columns: dict[str, int], found: Layout, crs: str, file: str) -> Placement:
    def cell(role: str) -> str:
        return row.cells[columns[role]].strip() if role in columns and columns[role] < len(row.cells) else ""

    def value(role: str) -> float | None:
        text = cell(role)
        if text.lower() in MISSING:
            return None
        try:
            return number(text, found.decimal)
        except ValueError as error:
            raise InputError(
                f"Line {row.line} of {file}, column '{found.names[columns[role]]}', holds '{text}', which is not a "
                "number; correct it."
            ) from error

    own = cell("crs")
    own = f"EPSG:{own}" if own.isdigit() else own
    try:
        if own or crs:
            crs_of(own or crs)
        return Placement(cell("name"), value("x"), value("y"), own or crs, value("bearing"), value("plunge") or 0.0)
    except OptionsError as error:
        raise InputError(f"Line {row.line} of {file}: {error}") from error


def _of_layer(path: str) -> tuple[Placement, ...]:
    file = os.path.basename(path)
    require_local(path)
    dataset, words = quietly(gdal.OpenEx, path, gdal.OF_VECTOR, allowed_drivers=list(_LAYERS))
    if dataset is None:
        raise InputError(f"{file} is neither a table nor a layer of points ({words.strip() or 'unknown format'}); "
                         "choose a CSV with station, x and y, or a GeoPackage of points.")  # fmt: skip
    layer = dataset.GetLayer(0)
    if layer is None:
        raise InputError(f"{file} holds no layer; choose a CSV with station, x and y, or a GeoPackage of points.")
    definition = layer.GetLayerDefn()
    columns = _columns([definition.GetFieldDefn(k).GetName() for k in range(definition.GetFieldCount())])
    if "name" not in columns:
        raise InputError(f"The points of {file} have no attribute for the name of the station; add one called name.")
    reference = layer.GetSpatialRef()
    if reference is None:
        raise InputError(f"The points of {file} have no coordinate reference system; assign one.")
    crs = reference.ExportToWkt()
    found = []
    for feature in layer:
        geometry = feature.GetGeometryRef()
        if geometry is None or ogr.GT_Flatten(geometry.GetGeometryType()) != ogr.wkbPoint:
            raise InputError(f"{file} holds something else than points; choose a layer of points.")
        angles = [_field(feature, columns, role) for role in ("bearing", "plunge")]
        x, y = geometry.GetX(), geometry.GetY()
        name = feature.GetFieldAsString(columns["name"])
        try:
            found.append(Placement(name, x, y, crs, angles[0], angles[1] or 0.0))
        except OptionsError as error:
            raise InputError(f"{file}: {error}") from error
    return tuple(found)


def _field(feature: ogr.Feature, columns: dict[str, int], role: str) -> float | None:
    if role not in columns or not feature.IsFieldSetAndNotNull(columns[role]):
        return None
    value = feature.GetFieldAsDouble(columns[role])
    return value if np.isfinite(value) else None
