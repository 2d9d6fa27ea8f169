"""Ground that is left out: polygons in files or drawn, and rasters."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from osgeo import gdal, ogr, osr

from ..errors import InputError
from ..local import require_local
from ..pair import Located, inside, polygon
from ..quality import Reason
from ..rasters import Grid, Raster, open_dataset, quietly
from .options import Mask

#: Drivers of polygons that read nothing but the file.
_DRIVERS = ("GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf", "KML", "LIBKML", "GML", "MapInfo File", "SQLite", "DXF")


class Exclusion(Protocol):
    """Where a mask lies."""

    def covers(self, grid: Grid) -> np.ndarray:
        """Whether each pixel's centre is in it, bool ``(height, width)``."""
        ...


class Polygons:
    """Polygons in the CRS of a product."""

    def __init__(self, shapes: Sequence[ogr.Geometry]):
        self.shapes = list(shapes)
        self._boxes = np.array([shape.GetEnvelope() for shape in self.shapes])  # left, right, bottom, top

    def covers(self, grid: Grid) -> np.ndarray:
        """Whether each pixel's centre is inside one of them."""
        corners = [grid.to_map(column, row) for column in (0, grid.width) for row in (0, grid.height)]
        (left, bottom), (right, top) = np.min(corners, axis=0), np.max(corners, axis=0)
        boxes = self._boxes
        near = (boxes[:, 0] <= right) & (boxes[:, 1] >= left) & (boxes[:, 2] <= top) & (boxes[:, 3] >= bottom)
        if not near.any():
            return np.zeros((grid.height, grid.width), bool)
        together = ogr.Geometry(ogr.wkbGeometryCollection)
        for number in np.flatnonzero(near):
            together.AddGeometry(self.shapes[number])
        return inside(together, grid)

    def wkt(self) -> str:
        """All as one WKT text."""
        together = ogr.Geometry(ogr.wkbMultiPolygon)
        for shape in self.shapes:
            whole = ogr.ForceToMultiPolygon(shape.Clone())
            for number in range(whole.GetGeometryCount()):
                together.AddGeometry(whole.GetGeometryRef(number))
        text: str = together.ExportToWkt()
        return text


class MaskRaster:
    """A raster of any grid and CRS; what is neither 0 nor nodata is masked, what lies outside it is not."""

    def __init__(self, path: str, grid: Grid):
        raster = Raster(path)
        self._name, self._grid = raster.name, raster.grid
        placed = self._grid.georeferenced
        same_size = (self._grid.width, self._grid.height) == (grid.width, grid.height)
        if placed != grid.georeferenced or not (placed or same_size):
            raise InputError(
                f"{self._name} cannot be laid on the product, because one of them has no georeference or another size; "
                "georeference it, or make it as large as the product."
            )
        dataset, _ = open_dataset(path)
        self._band, _ = quietly(gdal.Translate, "", dataset, format="VRT", bandList=[1])

    def covers(self, grid: Grid) -> np.ndarray:
        """Whether the pixel of the raster under each pixel's centre is masked."""
        target = gdal.GetDriverByName("MEM").Create("", grid.width, grid.height, 1, gdal.GDT_Float32)
        if self._grid.georeferenced:
            target.SetGeoTransform(grid.geotransform)
            target.SetProjection(grid.crs_wkt)
            done, words = quietly(gdal.Warp, target, self._band, resampleAlg="near", errorThreshold=0)
            if done is None:
                raise self._unread(words)
            values = target.ReadAsArray()
        else:
            (left, right), (top, bottom) = self._grid.to_pixel(
                *grid.to_map(*np.array([[0, grid.width], [0, grid.height]]))
            )
            window = (round(left), round(top), max(1, round(right - left)), max(1, round(bottom - top)))
            values, words = quietly(self._band.ReadAsArray, *window, buf_xsize=grid.width, buf_ysize=grid.height)
            if values is None:
                raise self._unread(words)
            nodata = self._band.GetRasterBand(1).GetNoDataValue()
            values = np.where(values == nodata, 0, values) if nodata is not None else values
        masked: np.ndarray = np.isfinite(values) & (values != 0)
        return masked

    def _unread(self, words: str) -> InputError:
        said = words.strip().splitlines()[-1] if words.strip() else "no reason given"
        return InputError(f"{self._name} cannot be read as a mask ({said}); choose another file.")


def open_mask(mask: Mask, product: Located) -> Exclusion:
    """Open a mask for products on a grid.

    Raises
    ------
    InputError
        The file is neither a layer of polygons nor a raster, or cannot be placed on the product.
    """
    if mask.area:
        return Polygons([polygon(mask.area)])
    if not os.path.exists(mask.path) and not mask.path.startswith("/vsi"):
        raise InputError(f"{mask.name} does not exist ({mask.path}); choose the mask again.")
    polygons = read_polygons(mask.path, product.grid, mask.layer)
    if polygons is not None:
        return polygons
    return MaskRaster(mask.path, product.grid)


def read_polygons(path: str, grid: Grid, layer: str | None = None) -> Polygons | None:
    """Polygons of a file in the CRS of a grid; None where the file holds no vector layer.

    Raises
    ------
    InputError
        It holds layers but no polygons, or none can be placed on the grid.
    """
    require_local(path)
    name = os.path.basename(path)
    dataset, _ = quietly(gdal.OpenEx, path, gdal.OF_VECTOR, allowed_drivers=list(_DRIVERS))
    count = dataset.GetLayerCount() if dataset is not None else 0
    layers = [dataset.GetLayer(number) for number in range(count)]
    if layer is not None:
        layers = [one for one in layers if one.GetName() == layer]
        if not layers:
            raise InputError(f"{name} has no layer {layer}; choose one of its layers.")
    if not layers:
        return None
    shapes = [shape for one in layers for shape in _polygons(one, grid, name)]
    if not shapes:
        raise InputError(f"{name} holds no polygon; choose a layer of polygons, or a raster.")
    return Polygons(shapes)


def _polygons(layer: ogr.Layer, grid: Grid, name: str) -> list[ogr.Geometry]:
    """The polygons of a layer, in the CRS of the grid."""
    own, target = layer.GetSpatialRef(), grid.crs()
    transform = None
    if target is not None:
        if own is None:
            raise InputError(f"{name} has no coordinate reference system; assign one.")
        own = own.Clone()
        own.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        transform = None if own.IsSame(target) else osr.CoordinateTransformation(own, target)
    found = []
    for feature in layer:
        geometry = feature.GetGeometryRef()
        if geometry is None or geometry.GetDimension() != 2:
            continue
        shape = geometry.GetLinearGeometry()
        shape.FlattenTo2D()
        if transform is not None:
            code, words = quietly(shape.Transform, transform)
            if code != 0:
                raise InputError(
                    f"A polygon of {name} cannot be brought to {grid.crs_name()} ({words.strip() or 'no reason given'})"
                    "; cut it to the area of the product."
                )
        found.append(shape)
    return found


class Exclusions:
    """All masks of a refinement, which remember whether they met a pixel.

    Raises
    ------
    InputError
        As of `open_mask`.
    """

    def __init__(self, masks: Sequence[Mask], product: Located):
        self._opened = [(mask, open_mask(mask, product)) for mask in masks]
        self._met = [False] * len(masks)

    def on(self, grid: Grid) -> dict[Reason, np.ndarray]:
        """What the masks leave out of a grid, by reason: bool ``(height, width)``."""
        found: dict[Reason, np.ndarray] = {}
        for number, (mask, exclusion) in enumerate(self._opened):
            here = exclusion.covers(grid)
            self._met[number] |= bool(here.any())
            reason = Reason(mask.reason)
            masked = ~here if mask.outside else here
            found[reason] = found[reason] | masked if reason in found else masked
        return found

    def missed(self) -> tuple[str, ...]:
        """Names of the masks that met no pixel so far."""
        return tuple(mask.name for (mask, _), met in zip(self._opened, self._met) if not met)
