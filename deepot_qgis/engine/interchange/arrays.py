"""HDF5 and NetCDF in: arrays and attributes by name, through GDAL's multidimensional model."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Callable

import numpy as np
from osgeo import gdal

from ..errors import InputError
from ..rasters import quietly
from .hdf5_check import attributes_are_whole

_DRIVERS = ("HDF5", "netCDF")


class ArrayFile:
    """An HDF5 or NetCDF-4 file, opened by path.

    Parameters
    ----------
    path : str
    driver : str
        ``HDF5`` or ``netCDF``: which of GDAL's drivers reads it.

    Raises
    ------
    InputError
        There is no such file, it is none of the kind, or this GDAL was built without the driver.
    """

    def __init__(self, path: str, driver: str = "HDF5"):
        self.path = str(path)
        self.name = os.path.basename(self.path)
        if not os.path.isfile(self.path):
            raise InputError(f"{self.name} does not exist ({self.path}); choose the file again.")
        if gdal.GetDriverByName(driver) is None:
            raise InputError(
                f"{self.name} cannot be read: this GDAL was built without its {driver} driver; install a QGIS that has "
                "it (OSGeo4W and the Linux distributions do; with conda add libgdal-hdf5 and libgdal-netcdf)."
            )
        dataset = None
        if attributes_are_whole(self.path):
            dataset, _ = quietly(gdal.OpenEx, self.path, gdal.OF_MULTIDIM_RASTER, allowed_drivers=[driver])
        if dataset is None:
            kind = "an HDF5" if driver == "HDF5" else "a NetCDF-4"
            raise InputError(f"{self.name} is not {kind} file that can be read; it may be damaged: copy it again.")
        self._root = dataset.GetRootGroup()
        self.attributes = _attributes(self._root)

    def __contains__(self, name: str) -> bool:
        return self._find(name) is not None

    def groups(self, group: str = "") -> list[str]:
        """Names of the groups inside a group; empty when there is none."""
        found = self._group(group)
        return [] if found is None else _texts_of(found.GetGroupNames)

    def names(self, group: str = "") -> list[str]:
        """Names of the arrays in a group."""
        found = self._group(group)
        return [] if found is None else _texts_of(found.GetMDArrayNames)

    def shape(self, name: str) -> tuple[int, ...]:
        """Size of an array."""
        return tuple(dimension.GetSize() for dimension in self._array(name).GetDimensions())

    def array_attributes(self, name: str) -> dict[str, Any]:
        """Attributes of an array."""
        return _attributes(self._array(name))

    def unit(self, name: str) -> str:
        """Unit of an array, empty when the file says none; GDAL keeps it apart from the attributes."""
        return self._array(name).GetUnit() or ""

    def nodata(self, name: str) -> float | None:
        """Value that stands for no data in an array, when the file says one."""
        return self._array(name).GetNoDataValueAsDouble()

    def read(self, name: str, start: Sequence[int] | None = None, count: Sequence[int] | None = None) -> np.ndarray:
        """Numbers of an array or of a part of it.

        Raises
        ------
        InputError
            The file has no such array, or it cannot be read.
        """
        where = {} if start is None or count is None else {"array_start_idx": list(start), "count": list(count)}
        values, words = quietly(self._array(name).ReadAsArray, **where)
        if values is None:
            raise InputError(
                f"'{name}' of {self.name} cannot be read ({words.strip() or 'GDAL gives no reason'}); the file may be "
                "damaged: copy it again."
            )
        if values.dtype.kind not in "biufc":
            raise InputError(f"'{name}' of {self.name} holds no numbers; the file is not what it should be.")
        return values

    def texts(self, name: str) -> np.ndarray:
        """Texts of an array, in its shape."""
        values, _ = quietly(self._array(name).Read)
        if values is None or (not isinstance(values, str) and any(not isinstance(item, str) for item in values)):
            raise InputError(f"'{name}' of {self.name} holds no text; the file is not what it should be.")
        return np.array(values, dtype=object).reshape(self.shape(name))

    def _array(self, name: str) -> gdal.MDArray:
        found = self._find(name)
        if found is None:
            there = ", ".join(sorted(self._all())[:8]) or "no array at all"
            raise InputError(f"{self.name} has no '{name}' (it has {there}); choose another file or format.")
        return found

    def _find(self, name: str) -> gdal.MDArray | None:
        return quietly(self._root.OpenMDArrayFromFullname, "/" + name)[0]

    def _group(self, name: str) -> gdal.Group | None:
        return self._root if not name else quietly(self._root.OpenGroupFromFullname, "/" + name)[0]

    def _all(self, group: str = "", depth: int = 0) -> Iterator[str]:
        prefix = f"{group}/" if group else ""
        yield from (prefix + name for name in self.names(group))
        if depth < 2:
            for inner in self.groups(group):
                yield from self._all(prefix + inner, depth + 1)


def _texts_of(call: Callable[[], Sequence[str] | None]) -> list[str]:
    """Names in a file; GDAL gives bytes for those that are damaged."""
    found, _ = quietly(call)
    return [name for name in found or () if isinstance(name, str)]


def _attributes(of: gdal.Group | gdal.MDArray) -> dict[str, Any]:
    """Attributes by name; those that cannot be read are left out."""
    items, _ = quietly(of.GetAttributes)
    return {item.GetName(): _value(item) for item in items or ()}


def _value(item: gdal.Attribute) -> Any:
    value, _ = quietly(item.Read)
    if isinstance(value, (list, tuple)) and len(value) == 1:
        return value[0]
    return value
