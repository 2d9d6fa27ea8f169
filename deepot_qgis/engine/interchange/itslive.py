"""NetCDF files of velocity in the form of ITS_LIVE: vx, vy, v and v_error on a map, dates in img_pair_info.

Names and attributes after the ITS_LIVE product documentation and autoRIFT's netcdf_output.py. Two things differ on
purpose: velocities are float32, because whole metres a year are too coarse for landslides, and no standard_name is
given, because those of CF are for land ice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Callable

import numpy as np
from osgeo import gdal

from .. import dates, displacement
from ..errors import InputError, OutputError
from ..files import stopped
from ..rasters import Grid, Raster, quietly
from .arrays import ArrayFile
from .grid_mapping import mapping_attributes
from .sources import GroundPair, in_order, require_map

_FACTORS = {"meter/year": 1.0, "m/yr": 1.0, "m/y": 1.0, "m/a": 1.0, "meter/day": 365.25, "m/d": 365.25, "m/day": 365.25}
_FILL = float(np.float32(-32767))
#: Taken as error of a component where the file gives none, metres a year: what Sentinel-1 reaches (Lei et al. 2021).
_ASSUMED_ERROR = 12.0
_CREATION = ["COMPRESS=DEFLATE", "ZLEVEL=4"]
_CHUNK = 512
_LAYERS = (
    ("vx", "meter/year", "velocity component in x direction of the map (east)"),
    ("vy", "meter/year", "velocity component in y direction of the map (north)"),
    ("v", "meter/year", "speed"),
    ("v_error", "meter/year", "1-sigma error of a velocity component"),
)


def velocity_pair(path: str) -> GroundPair:
    """The pair of an ITS_LIVE or hyp3-autorift file, as displacement between its two dates.

    Raises
    ------
    InputError
        A variable, its unit or a date is missing, or the file is not on a map.
    """
    file = ArrayFile(path, "netCDF")
    missing = [name for name in ("vx", "vy") if name not in file]
    if missing:
        raise InputError(f"{file.name} has no {' and no '.join(missing)}; choose an ITS_LIVE file of one image pair.")
    bands = {name: Raster(f'NETCDF:"{path}":{name}') for name in ("vx", "vy")}
    grid = require_map(bands["vx"].grid, file.name)
    first, second = _dates(file)
    years = dates.days_between(first, second) / displacement.DAYS_A_YEAR
    factors = {name: _factor(file, name) * years for name in bands}
    error, assumed = _error(file, path)

    def planes(x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, ...]:
        window = (x0, y0, width, height)
        east, north = (_values(bands[name], window) * np.float32(factors[name]) for name in bands)
        if error is None:
            return east, north, np.full(east.shape, assumed * abs(years), np.float32)
        return east, north, _values(error, window) * np.float32(factors["vx"] if years > 0 else -factors["vx"])

    notes: tuple[str, ...] = ()
    if error is None:
        notes = (f"{file.name} has no v_error; {assumed:g} m/yr were taken as error of a component.",)
    return in_order(GroundPair(file.name, first, second, grid, planes, notes))


def _values(band: Raster, window: tuple[int, ...]) -> np.ndarray:
    found, valid = band.read(*window)
    items = band.metadata()
    scale, offset = (float(items.get(key, default)) for key, default in (("scale_factor", 1), ("add_offset", 0)))
    return np.where(valid, found * np.float32(scale) + np.float32(offset), np.float32(np.nan)).astype(np.float32)


def _dates(file: ArrayFile) -> tuple[datetime, datetime]:
    items = file.array_attributes("img_pair_info") if "img_pair_info" in file else {}

    def date(number: int) -> datetime:
        moment = dates.find(str(items.get(f"acquisition_date_img{number}", "")))
        if moment is None:
            raise InputError(
                f"{file.name} does not say when image {number} was taken (acquisition_date_img{number} of "
                "img_pair_info); choose an ITS_LIVE file of one image pair, not a mosaic."
            )
        return moment

    return date(1), date(2)


def _factor(file: ArrayFile, name: str) -> float:
    unit = file.unit(name) or "meter/year"
    if unit not in _FACTORS:
        raise InputError(f"'{name}' of {file.name} is in {unit}; it must be in meter/year.")
    return _FACTORS[unit]


def _error(file: ArrayFile, path: str) -> tuple[Raster | None, float]:
    """The layer of errors, or one number for all pixels."""
    if "v_error" in file:
        return Raster(f'NETCDF:"{path}":v_error'), 0.0
    given = [file.array_attributes(name).get(key) for name in ("vx", "vy") for key in ("error", f"{name}_error")]
    known = [float(value) for value in given if isinstance(value, (int, float)) and value > 0]
    return None, float(np.sqrt(np.mean(np.square(known)))) if known else _ASSUMED_ERROR


class VelocityWriter:
    """Writes such a file from the top down.

    Parameters
    ----------
    path : str
        The temporary name that `files.whole_file` gives.
    grid : Grid
        Georeferenced, not rotated.
    first, second : datetime
        Dates between which the velocity holds.
    method : str
        What measured it.
    facts : mapping
        Further attributes of the whole file.

    Raises
    ------
    OutputError
        The grid is rotated, or GDAL cannot write NetCDF.
    """

    def __init__(self, path: str, grid: Grid, first: datetime, second: datetime, method: str, facts: dict[str, str]):
        _require_straight(grid)
        driver = gdal.GetDriverByName("netCDF")
        if driver is None or driver.GetMetadataItem("DCAP_CREATE_MULTIDIMENSIONAL") != "YES":
            raise OutputError(
                "NetCDF cannot be written: this GDAL was built without its netCDF driver; install a QGIS that has it "
                "(with conda add libgdal-netcdf)."
            )
        self._dataset, words = quietly(driver.CreateMultiDimensional, path, [], ["FORMAT=NC4"])
        if self._dataset is None:
            raise stopped(words, path)
        root = self._dataset.GetRootGroup()
        _texts(
            root,
            {
                "Conventions": "CF-1.8",
                "title": "Ground velocity from SAR amplitude",
                "scene_pair_type": "radar",
                "motion_detection_method": method,
                "motion_coordinates": "map",
                **facts,
            },
        )
        axes = _axes(root, grid)
        _mapping(root, grid)
        _pair_info(root, first, second)
        self._arrays = {name: _layer(root, axes, name, unit, text) for name, unit, text in _LAYERS}
        self._row = 0

    def write(self, east: np.ndarray, north: np.ndarray, error: np.ndarray) -> None:
        """Append rows: velocity components and the error of one, float32 ``(rows, width)``, m/yr, NaN for no data."""
        for name, plane in (("vx", east), ("vy", north), ("v", np.hypot(east, north)), ("v_error", error)):
            filled = np.where(np.isfinite(plane), plane, np.float32(_FILL)).astype(np.float32)
            _put(self._arrays[name], np.ascontiguousarray(filled), [self._row, 0])
        self._row += east.shape[0]

    def finish(self) -> None:
        """Close the file.

        Raises
        ------
        OutputError
            The disk is full.
        """
        self._arrays.clear()
        _, words = quietly(self._close)
        if words.strip():
            raise _stopped(words)

    def _close(self) -> None:
        self._dataset = None


def _require_straight(grid: Grid) -> None:
    if not grid.georeferenced:
        raise OutputError("A NetCDF file of velocity needs a georeferenced product; georeference the images first.")
    if grid.geotransform[2] or grid.geotransform[4]:
        raise OutputError("The grid is rotated, which NetCDF axes cannot say; reproject it to a north-up grid.")


def _axes(root: gdal.Group, grid: Grid) -> list[gdal.Dimension]:
    """Dimensions y and x with the centres of the pixels."""
    geographic = grid.require_crs().IsGeographic()
    made = []
    for name, kind, size, first, step, standard in (
        ("y", "HORIZONTAL_Y", grid.height, grid.geotransform[3], grid.geotransform[5], "latitude"),
        ("x", "HORIZONTAL_X", grid.width, grid.geotransform[0], grid.geotransform[1], "longitude"),
    ):
        dimension = _made(root.CreateDimension, name, kind, None, size)
        axis = _made(root.CreateMDArray, name, [dimension], gdal.ExtendedDataType.Create(gdal.GDT_Float64))
        unit = f"degrees_{'north' if name == 'y' else 'east'}" if geographic else "m"
        _texts(axis, {"standard_name": standard if geographic else f"projection_{name}_coordinate", "units": unit})
        _put(axis, first + step * (np.arange(size) + 0.5), [0])
        made.append(dimension)
    return made


def _mapping(root: gdal.Group, grid: Grid) -> None:
    """The variable ``mapping``, which tells CF readers, ITS_LIVE's and GDAL's the coordinate reference system."""
    array = _made(root.CreateMDArray, "mapping", [], gdal.ExtendedDataType.Create(gdal.GDT_Byte))
    for name, value in mapping_attributes(grid).items():
        if isinstance(value, str):
            _texts(array, {name: value})
        else:
            attribute = array.CreateAttribute(name, [], gdal.ExtendedDataType.Create(gdal.GDT_Float64))
            attribute.WriteDouble(value)


def _pair_info(root: gdal.Group, first: datetime, second: datetime) -> None:
    days = dates.days_between(first, second)
    middle = first + timedelta(days=days / 2)
    array = _made(root.CreateMDArray, "img_pair_info", [], gdal.ExtendedDataType.Create(gdal.GDT_Byte))
    stamp = "%Y%m%dT%H:%M:%S"
    _texts(
        array,
        {
            "acquisition_date_img1": first.strftime(stamp),
            "acquisition_date_img2": second.strftime(stamp),
            "date_center": middle.strftime(stamp),
            "id_img1": first.strftime("%Y%m%d"),
            "id_img2": second.strftime("%Y%m%d"),
        },
    )
    number = array.CreateAttribute("date_dt", [], gdal.ExtendedDataType.Create(gdal.GDT_Float64))
    number.WriteDouble(days)


def _layer(root: gdal.Group, axes: list[gdal.Dimension], name: str, unit: str, text: str) -> gdal.MDArray:
    chunk = ",".join(str(min(_CHUNK, axis.GetSize())) for axis in axes)
    kind = gdal.ExtendedDataType.Create(gdal.GDT_Float32)
    array = _made(root.CreateMDArray, name, axes, kind, [*_CREATION, f"BLOCKSIZE={chunk}"])
    array.SetNoDataValueDouble(_FILL)
    _texts(array, {"units": unit, "long_name": text, "grid_mapping": "mapping"})
    return array


def _made(create: Callable[..., Any], *arguments: Any) -> Any:
    """A part of the file, or a sentence."""
    found, words = quietly(create, *arguments)
    if found is None:
        raise _stopped(words)
    return found


def _put(array: gdal.MDArray, values: np.ndarray, start: list[int]) -> None:
    _, words = quietly(array.WriteArray, values, start)
    if words.strip():
        raise _stopped(words)


def _stopped(words: str) -> OutputError:
    why = words.strip() or "GDAL gives no reason"
    return OutputError(f"Writing NetCDF stopped ({why}); the disk may be full: make room or choose another folder.")


def _texts(target: Any, items: dict[str, str]) -> None:
    for name, text in items.items():
        target.CreateAttribute(name, [], gdal.ExtendedDataType.CreateString()).WriteString(text)
