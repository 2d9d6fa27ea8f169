"""A time series as NetCDF-4 after the CF conventions 1.8, written through GDAL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import numpy as np
from osgeo import gdal

from deepot_qgis.__about__ import VERSION

from ..files import stopped
from ..rasters import Grid, quietly
from .points import days_since_first

CONVENTIONS = "CF-1.8"
#: Side of a chunk: small enough to read one pixel's history quickly, large enough to read a map.
_CHUNK = 64
_DATES_A_CHUNK = 64
_COMPRESSION = ("COMPRESS=DEFLATE", "ZLEVEL=1")
_VARIABLES = {
    "east": "displacement towards east (grid x) since the first date",
    "north": "displacement towards north (grid y) since the first date",
    "sigma": "1-sigma error of a component of the displacement",
}
_VELOCITIES = {
    "velocity_east": (0, "mean velocity towards east (grid x)"),
    "velocity_north": (1, "mean velocity towards north (grid y)"),
    "velocity_sigma": (4, "1-sigma error of a component of the velocity"),
}


class NetCdfWriter:
    """Writes ``east``, ``north``, ``sigma`` (time, y, x) and the mean velocity (y, x).

    Parameters
    ----------
    path : str
    dates : sequence of datetime.datetime
    grid : Grid
    unit : str
        ``m`` or ``px``.

    Raises
    ------
    OutputError
        GDAL cannot make the file.
    """

    def __init__(self, path: str, dates: Sequence[datetime], grid: Grid, unit: str):
        self._path = path
        driver = gdal.GetDriverByName("netCDF")
        self._dataset, words = quietly(
            driver.CreateMultiDimensional, path, ["FORMAT=NC4"], [f"CONVENTIONS={CONVENTIONS}"]
        )
        if self._dataset is None:
            raise stopped(words, path)
        self._root = self._dataset.GetRootGroup()
        self._grid = grid
        time, y, x = self._axes(dates)
        chunk = [min(len(dates), _DATES_A_CHUNK), min(grid.height, _CHUNK), min(grid.width, _CHUNK)]
        self._arrays = {
            name: self._variable(name, [time, y, x], chunk, text, _udunit(unit)) for name, text in _VARIABLES.items()
        }
        for name, (_, text) in _VELOCITIES.items():
            self._arrays[name] = self._variable(name, [y, x], chunk[1:], text, f"{_udunit(unit)} year-1")
        for name in ("east", "north"):
            _attribute(self._arrays[name], "ancillary_variables", "sigma")
            _attribute(self._arrays[f"velocity_{name}"], "ancillary_variables", "velocity_sigma")

    @staticmethod
    def possible(grid: Grid) -> bool:
        """Whether this GDAL writes NetCDF and the grid's columns and rows run along its axes, as CF wants them."""
        return gdal.GetDriverByName("netCDF") is not None and not (grid.geotransform[2] or grid.geotransform[4])

    def write(self, block: Any, velocity: np.ndarray) -> None:
        """Write a `files.SeriesBlock` and the velocity bands of the same pixels."""
        for name in _VARIABLES:
            self._put(name, getattr(block, name), [0, block.y0, block.x0])
        for name, (band, _) in _VELOCITIES.items():
            self._put(name, velocity[band], [block.y0, block.x0])

    def finish(self, record: str) -> None:
        """Add the record of the run and close the file.

        Raises
        ------
        OutputError
            The disk is full or was removed.
        """
        for key, value in {
            "title": "Ground displacement since the first date",
            "source": f"SAR amplitude offset tracking, DeepOT {VERSION}",
            "history": f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ} written by DeepOT {VERSION}",
            "comment": "Positive east and north is ground that moved towards east and north of the grid. "
            "Velocities are per year of 365.25 days.",
            "deepot_provenance": record,
        }.items():
            _attribute(self._root, key, value)
        self._arrays.clear()
        self._root = None
        _, words = quietly(self._close)
        if words.strip():
            raise stopped(words, self._path)

    def _close(self) -> None:
        self._dataset = None

    def _axes(self, dates: Sequence[datetime]) -> tuple[Any, Any, Any]:
        grid, g = self._grid, self._grid.geotransform
        crs = grid.crs()
        time = self._root.CreateDimension("time", "TEMPORAL", "", len(dates))
        y = self._root.CreateDimension("y", "HORIZONTAL_Y", "NORTH", grid.height)
        x = self._root.CreateDimension("x", "HORIZONTAL_X", "EAST", grid.width)
        self._coordinate(
            time,
            days_since_first(tuple(dates)),
            {
                "standard_name": "time",
                "long_name": "acquisition time (UTC)",
                "units": f"days since {dates[0]:%Y-%m-%d %H:%M:%S}",
                "calendar": "standard",
                "axis": "T",
            },
        )
        columns = g[0] + g[1] * (np.arange(grid.width) + 0.5)
        rows = g[3] + g[5] * (np.arange(grid.height) + 0.5)
        for dimension, values, axis, geographic, projected in (
            (y, rows, "Y", ("latitude", "degrees_north"), "projection_y_coordinate"),
            (x, columns, "X", ("longitude", "degrees_east"), "projection_x_coordinate"),
        ):
            if crs is None:
                names = {"long_name": f"pixel position along {axis.lower()}, up and right", "units": "1"}
            elif crs.IsGeographic():
                names = {"standard_name": geographic[0], "units": geographic[1]}
            else:
                names = {"standard_name": projected, "units": "m" if crs.GetLinearUnits() == 1 else _length(crs)}
            self._coordinate(dimension, values, {**names, "axis": axis})
        return time, y, x

    def _coordinate(self, dimension: Any, values: np.ndarray, attributes: dict[str, str]) -> None:
        double = gdal.ExtendedDataType.Create(gdal.GDT_Float64)
        array = self._root.CreateMDArray(dimension.GetName(), [dimension], double)
        unit = attributes.pop("units")
        array.SetUnit(unit)
        for key, value in attributes.items():
            _attribute(array, key, value)
        array.WriteArray(np.asarray(values, np.float64))

    def _variable(self, name: str, dimensions: list[Any], chunk: list[int], text: str, unit: str) -> Any:
        options = [*_COMPRESSION, "BLOCKSIZE=" + ",".join(map(str, chunk))]
        single = gdal.ExtendedDataType.Create(gdal.GDT_Float32)
        array = self._root.CreateMDArray(name, dimensions, single, options)
        crs = self._grid.crs()
        if crs is not None:
            array.SetSpatialRef(crs)
        array.SetNoDataValueDouble(float("nan"))
        array.SetUnit(unit)
        _attribute(array, "long_name", text)
        return array

    def _put(self, name: str, values: np.ndarray, start: list[int]) -> None:
        _, words = quietly(
            self._arrays[name].WriteArray, np.ascontiguousarray(values, np.float32), array_start_idx=start
        )
        if words.strip():
            raise stopped(words, self._path)


def _udunit(unit: str) -> str:
    return "m" if unit == "m" else "1"  # pixels have no unit in CF


def _length(crs: Any) -> str:
    return crs.GetLinearUnitsName().replace(" ", "_")


def _attribute(owner: Any, name: str, value: str) -> None:
    quietly(owner.CreateAttribute, name, [], gdal.ExtendedDataType.CreateString())[0].Write(value)
