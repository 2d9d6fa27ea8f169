"""Rasters in: one band of a GDAL raster, its grid and its valid pixels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
from osgeo import gdal, osr

from . import headers, local
from .errors import InputError

#: Sides of a pixel, map units, between which places can be computed.
_SMALLEST_PIXEL, _LARGEST_PIXEL = 1e-9, 1e9
_FARTHEST = 1e12
#: QGIS shows a raster without georeference with its top left corner at (0, 0) and rows running down to -height.
UNREFERENCED = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def quietly(call: Callable[..., Any], *arguments: Any, **keywords: Any) -> tuple[Any, str]:
    """Call GDAL without its own printing and without the network; give the result (None when it failed) and its words.

    Whether GDAL raises or returns None depends on a process-wide switch that belongs to the host (QGIS or another
    plugin), so both ways are taken here.
    """
    with local.offline():
        return _heard(call, *arguments, **keywords)


def caller(path: str) -> Callable[..., tuple[Any, str]]:
    """`quietly` for what is done with this file; with the network where the path itself leads there."""
    return _heard if local.is_remote(path) else quietly


def open_dataset(path: str) -> tuple[gdal.Dataset | None, str]:
    """Open a raster to read it; None when that fails, and GDAL's words.

    Raises
    ------
    InputError
        The file leads elsewhere; see `local.require_local`.
    """
    if local.is_remote(path):
        return _heard(gdal.OpenEx, path, gdal.OF_RASTER)
    local.require_local(path)
    return quietly(gdal.OpenEx, path, gdal.OF_RASTER, allowed_drivers=local.drivers())


def _heard(call: Callable[..., Any], *arguments: Any, **keywords: Any) -> tuple[Any, str]:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        result = call(*arguments, **keywords)
        return result, gdal.GetLastErrorMsg()
    except RuntimeError as error:
        return None, str(error)
    finally:
        gdal.PopErrorHandler()


@dataclass(frozen=True)
class Grid:
    """Size, place and coordinate reference system of a raster.

    Attributes
    ----------
    width, height : int
        Pixels.
    geotransform : tuple of float
        GDAL's six numbers: map x = g0 + g1*column + g2*row, map y = g3 + g4*column + g5*row.
    crs_wkt : str
        Coordinate reference system, empty when unknown.
    georeferenced : bool
        False when the raster states neither place nor pixel size; then everything is measured in pixels.
    """

    width: int
    height: int
    geotransform: tuple[float, ...]
    crs_wkt: str
    georeferenced: bool

    def crs(self) -> osr.SpatialReference | None:
        """Coordinate reference system with x, y axis order; None when unknown."""
        if not self.crs_wkt:
            return None
        crs = osr.SpatialReference()
        crs.ImportFromWkt(self.crs_wkt)
        crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        return crs

    def require_crs(self) -> osr.SpatialReference:
        """The same where there must be one.

        Raises
        ------
        InputError
            The grid has none.
        """
        crs = self.crs()
        if crs is None:
            raise InputError("The raster has no coordinate reference system; georeference it first.")
        return crs

    def crs_name(self) -> str:
        """Short name for sentences, such as ``EPSG:32613``."""
        crs = self.crs()
        if crs is None:
            return "no coordinate reference system"
        authority, code = crs.GetAuthorityName(None), crs.GetAuthorityCode(None)
        return f"{authority}:{code}" if authority and code else (crs.GetName() or "an unnamed CRS")

    def to_map(self, column: Any, row: Any) -> tuple[Any, Any]:
        """Map coordinates of a pixel position; (0, 0) is the top left corner of the top left pixel."""
        g = self.geotransform
        return g[0] + g[1] * column + g[2] * row, g[3] + g[4] * column + g[5] * row

    def to_pixel(self, x: Any, y: Any) -> tuple[Any, Any]:
        """Pixel position of map coordinates; the inverse of `to_map`."""
        g = self.geotransform
        determinant = g[1] * g[5] - g[2] * g[4]
        u, v = x - g[0], y - g[3]
        return (g[5] * u - g[2] * v) / determinant, (g[1] * v - g[4] * u) / determinant

    def window(self, x0: int, y0: int, width: int, height: int) -> Grid:
        """Grid of a part that begins at column `x0`, row `y0`."""
        left, top = self.to_map(x0, y0)
        g = self.geotransform
        return Grid(width, height, (left, g[1], g[2], top, g[4], g[5]), self.crs_wkt, self.georeferenced)

    def resized(self, width: int, height: int) -> Grid:
        """The same place in another number of pixels."""
        across, down = self.width / width, self.height / height
        g = self.geotransform
        scaled = (g[0], g[1] * across, g[2] * down, g[3], g[4] * across, g[5] * down)
        return Grid(width, height, scaled, self.crs_wkt, self.georeferenced)


class Raster:
    """One band of a raster file, opened by path so that any thread may own it.

    Attributes
    ----------
    path : str
    band_number : int
        From 1.
    grid : Grid
    dtype : str
        GDAL's name of the data type, such as ``Float32`` or ``CFloat32``.
    nodata : float or None
        The nodata value the file declares.
    """

    def __init__(self, path: str, band_number: int = 1):
        self.path = str(path)
        self.name = os.path.basename(self.path)
        self.band_number = band_number
        self._call = caller(self.path)
        self._dataset = require_dataset(self.path)
        headers.require_sense(self._dataset, self.path)
        self._band = self._take_band()
        self.grid = _grid(self._dataset, self.name)
        self.dtype = gdal.GetDataTypeName(self._band.DataType)
        self.nodata = self._band.GetNoDataValue()
        self.description = self._band.GetDescription() or ""
        self.unit = self._band.GetUnitType() or ""
        self.read(0, self.grid.height - 1, self.grid.width, 1)  # a truncated file is found now, not half-way through

    def _take_band(self) -> gdal.Band:
        count = self._dataset.RasterCount
        if count == 0:
            raise InputError(
                f"{self.name} holds no raster band of its own; open one of its subdatasets (amplitude) instead."
            )
        if not 1 <= self.band_number <= count:
            raise InputError(
                f"{self.name} has {count} band{'s' if count > 1 else ''}, there is no band {self.band_number}; "
                f"choose a band from 1 to {count}."
            )
        return self._dataset.GetRasterBand(self.band_number)

    def metadata(self) -> Mapping[str, str]:
        """Metadata items of the file and of the band, the band's last."""
        items: dict[str, str] = {}
        for source in (self._dataset, self._band):
            for domain in ("", "IMAGERY"):
                items.update(source.GetMetadata(domain) or {})
        return items

    def read(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """Values and valid pixels of a window; what lies outside the raster is invalid.

        Returns
        -------
        values : numpy.ndarray
            ``(height, width)`` in the type of the file. Arbitrary where invalid.
        valid : numpy.ndarray
            bool ``(height, width)``: inside, neither nodata nor masked, finite.

        Raises
        ------
        InputError
            The file cannot be read there (truncated, damaged, connection lost).
        """
        left, top = max(x0, 0), max(y0, 0)
        right, bottom = min(x0 + width, self.grid.width), min(y0 + height, self.grid.height)
        if right <= left or bottom <= top:
            return np.zeros((height, width), np.float32), np.zeros((height, width), bool)
        size = (right - left, bottom - top)
        part, valid_part = self._read_inside(left, top, *size, *size)
        if part.shape == (height, width):
            return part, valid_part
        values = np.zeros((height, width), part.dtype)
        valid = np.zeros((height, width), bool)
        place = np.s_[top - y0 : bottom - y0, left - x0 : right - x0]
        values[place], valid[place] = part, valid_part
        return values, valid

    def overview(self, longest: int) -> tuple[np.ndarray, np.ndarray]:
        """Values and valid pixels of the whole raster, every n-th pixel, the longer side at most `longest`."""
        scale = max(1.0, max(self.grid.width, self.grid.height) / longest)
        small = max(1, round(self.grid.width / scale)), max(1, round(self.grid.height / scale))
        return self._read_inside(0, 0, self.grid.width, self.grid.height, *small)

    def _read_inside(
        self, x0: int, y0: int, width: int, height: int, columns: int, rows: int
    ) -> tuple[np.ndarray, np.ndarray]:
        window = (x0, y0, width, height, columns, rows)
        values, words = self._call(self._band.ReadAsArray, *window)
        if values is None:
            raise InputError(
                f"{self.name} cannot be read around row {y0} ({_brief(words)}); the file is damaged or incomplete: "
                "copy or download it again."
            )
        valid = np.isfinite(values)
        flags = self._band.GetMaskFlags()
        if flags & gdal.GMF_NODATA:
            # Compared here: GDAL's own mask loses NaN and rounds large values of some types.
            if self.nodata is not None and np.isfinite(self.nodata):
                valid &= values != np.asarray(self.nodata).astype(values.real.dtype)
        elif not flags & gdal.GMF_ALL_VALID:
            mask, _ = self._call(self._band.GetMaskBand().ReadAsArray, *window)
            if mask is not None:
                valid &= mask > 0
        return values, valid


def require_dataset(path: str) -> gdal.Dataset:
    """Open a raster to read it.

    Raises
    ------
    InputError
        It is missing, a folder, no raster, or leads elsewhere.
    """
    if not path:
        raise InputError("No raster is chosen; choose one.")
    name = os.path.basename(path) or path
    # GDAL opens more than files ("NETCDF:...", "/vsizip/..."); only a plain path can be missing or a folder.
    plain = ":" not in os.path.splitdrive(path)[1] and not path.startswith("/vsi")
    if plain and not os.path.exists(path):
        raise InputError(f"{name} does not exist ({path}); choose the raster again, it may have been moved or renamed.")
    dataset, words = open_dataset(path)
    if dataset is None and os.path.isdir(path):
        raise InputError(f"{name} is a folder ({path}); choose a raster file inside it.")
    if dataset is None:
        raise InputError(
            f"{name} is not a raster that can be read ({_brief(words)}); choose a GeoTIFF or another raster that QGIS "
            "opens."
        )
    return dataset


def _brief(words: str) -> str:
    """First sentence of GDAL's words without the path, short enough for a message bar."""
    text = words.strip().splitlines()[-1] if words.strip() else "GDAL gives no reason"
    return text if len(text) <= 160 else text[:157] + "..."


def _grid(dataset: gdal.Dataset, name: str) -> Grid:
    geotransform = dataset.GetGeoTransform(can_return_null=True)
    georeferenced = geotransform is not None and tuple(geotransform) != (0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    if not georeferenced:
        return Grid(dataset.RasterXSize, dataset.RasterYSize, UNREFERENCED, "", False)
    g = tuple(float(value) for value in geotransform)
    require_place(g, name)
    crs = dataset.GetProjection() or ""
    return Grid(dataset.RasterXSize, dataset.RasterYSize, g, crs, bool(crs))


def require_place(g: tuple[float, ...], name: str) -> None:
    """Refuse a geotransform by which no place can be computed.

    Raises
    ------
    InputError
        Its numbers are not finite or absurd, or give pixels no area.
    """
    farthest, largest = max(abs(g[0]), abs(g[3])), max(map(abs, g[1:3] + g[4:]))
    if not np.isfinite(g).all() or farthest > _FARTHEST or largest > _LARGEST_PIXEL:
        raise InputError(f"The geotransform of {name} has numbers that cannot be; georeference the raster again.")
    if abs(g[1] * g[5] - g[2] * g[4]) < _SMALLEST_PIXEL**2:
        raise InputError(f"The geotransform of {name} gives its pixels no area; georeference the raster again.")
