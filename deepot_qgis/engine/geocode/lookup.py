"""Where the pixels of radar images lie: by rasters of longitude and latitude, or by ground control points."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from osgeo import gdal, osr
from scipy import ndimage

from ..errors import InputError
from ..rasters import Raster, caller, quietly, require_dataset

#: Pixels between places that are computed from ground control points; between these the place is interpolated.
_GCP_STEP = 16
_FEWEST_GCPS = 4
#: From so many points on a surface passes through all of them; through fewer, a plane.
_SPLINE_GCPS = 7


class Lookup(Protocol):
    """Longitude and latitude of pixels.

    Attributes
    ----------
    name : str
        For sentences.
    knows_relief : bool
        Whether mountains are where they are, rather than where they would be at sea level.
    """

    name: str
    knows_relief: bool

    def lonlat(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """Degrees at the centres of the pixels of a window, float64 ``(height, width)``, NaN where unknown."""
        ...


class MappedLookup:
    """Rasters of longitude and latitude, of the size of the images or of the product.

    Parameters
    ----------
    longitude, latitude : str
    size : tuple of int
        Width and height of the product.
    origin : tuple of int
        Column and row of the product's first pixel in the images.

    Raises
    ------
    InputError
        One cannot be read, is of another size, or holds no degrees.
    """

    knows_relief = True

    def __init__(self, longitude: str, latitude: str, size: tuple[int, int], origin: tuple[int, int]):
        self._rasters = Raster(longitude), Raster(latitude)
        self.name = " and ".join(raster.name for raster in self._rasters)
        self._origin = origin
        for raster in self._rasters:
            self._origin = _origin(raster, size, origin)
        for raster, most in zip(self._rasters, (360.0, 90.0)):
            found, valid = raster.overview(512)
            farthest = float(np.abs(found[valid]).max()) if valid.any() else 0.0
            if farthest == 0 or farthest > most:
                what = "longitudes" if most > 90 else "latitudes"
                raise InputError(
                    f"{raster.name} holds no {what} in degrees (the largest number is {farthest:g}); choose the right "
                    "raster. Are longitude and latitude exchanged?"
                )

    def lonlat(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """See `Lookup`."""
        found = []
        for raster in self._rasters:
            values, valid = raster.read(x0 + self._origin[0], y0 + self._origin[1], width, height)
            found.append(np.where(valid, values, np.nan).astype(float))
        nowhere = (found[0] == 0) & (found[1] == 0)  # what many programs write where there is nothing
        nowhere |= np.abs(found[1]) > 90
        for degrees in found:
            degrees[nowhere] = np.nan
        return found[0], found[1]


class GcpLookup:
    """Ground control points of a raster; a smooth surface through them, or a plane where they are few.

    Raises
    ------
    InputError
        The raster has too few, or is smaller than the product.
    """

    knows_relief = False

    def __init__(self, path: str, size: tuple[int, int], origin: tuple[int, int]):
        raster = Raster(path)
        self.name, self._origin = raster.name, _origin(raster, size, origin)
        dataset = require_dataset(path)
        points = dataset.GetGCPs() or ()
        if len(points) < _FEWEST_GCPS:
            raise InputError(
                f"{self.name} has {len(points) or 'no'} ground control points, and at least {_FEWEST_GCPS} are needed; "
                "give rasters of longitude and latitude, or another raster with such points."
            )
        method = "GCP_TPS" if len(points) >= _SPLINE_GCPS else "GCP_POLYNOMIAL"
        more = [] if method == "GCP_TPS" else ["MAX_GCP_ORDER=1"]
        self._transformer, words = caller(path)(gdal.Transformer, dataset, None, [f"METHOD={method}", *more])
        if self._transformer is None:
            raise InputError(
                f"The ground control points of {self.name} give no place ({words.strip()}); use another raster."
            )
        self._dataset = dataset  # the transformer holds no reference
        self._to_degrees = _to_degrees(dataset.GetGCPProjection(), self.name)

    def lonlat(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """See `Lookup`."""
        columns = np.arange(x0, x0 + width + _GCP_STEP, _GCP_STEP, dtype=float)
        rows = np.arange(y0, y0 + height + _GCP_STEP, _GCP_STEP, dtype=float)
        across, down = np.meshgrid(columns + self._origin[0] + 0.5, rows + self._origin[1] + 0.5)
        places = np.stack([across.ravel(), down.ravel()], axis=1).tolist()
        moved, _ = quietly(self._transformer.TransformPoints, 0, places)
        if moved is None:
            raise InputError(f"The ground control points of {self.name} give no place; use another raster.")
        points = np.array(moved[0], float)[:, :2]
        points[~np.array(moved[1], bool)] = np.nan
        if self._to_degrees is not None:
            points = np.array(self._to_degrees.TransformPoints(points.tolist()))[:, :2]
        at = np.meshgrid(np.arange(height) / _GCP_STEP, np.arange(width) / _GCP_STEP, indexing="ij")
        longitude, latitude = points.T.reshape(2, *across.shape)
        return tuple(  # type: ignore[return-value]
            ndimage.map_coordinates(degrees, at, order=1, mode="nearest") for degrees in (longitude, latitude)
        )


def _origin(raster: Raster, size: tuple[int, int], origin: tuple[int, int]) -> tuple[int, int]:
    """Column and row of the product's first pixel in a raster that belongs to it."""
    own = raster.grid.width, raster.grid.height
    if own == size:
        return 0, 0
    if all(whole >= start + part for whole, start, part in zip(own, origin, size)):
        return origin
    raise InputError(
        f"{raster.name} is {own[0]} x {own[1]} pixels, and the product needs {origin[0] + size[0]} x "
        f"{origin[1] + size[1]}; give a lookup of the size of the images."
    )


def _to_degrees(wkt: str, name: str) -> osr.CoordinateTransformation | None:
    """From the CRS of ground control points to longitude and latitude; None where they are that."""
    if not wkt:
        raise InputError(f"The ground control points of {name} have no coordinate reference system; assign one.")
    own, degrees = osr.SpatialReference(wkt), geographic()
    own.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return None if own.IsSame(degrees) else osr.CoordinateTransformation(own, degrees)


def geographic() -> osr.SpatialReference:
    """WGS 84, longitude before latitude."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(4326)
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs
