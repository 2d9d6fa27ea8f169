"""The published motion of the Slumgullion landslide on a map grid, and what stands in for it.

Source: Hu, X., Burgmann, R., Schulz, W. H. and Fielding, E. J. (2020), Four-dimensional surface motions of the
Slumgullion landslide and quantification of hydrometeorological forcing, Nature Communications 11, 2792: the mean 3-D
velocity of 2011 to 2018, the outlines of the twelve kinematic elements and the places of the three extensometers.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal, ogr, osr
from scipy import interpolate, ndimage

from cases import imagery
from deepot_qgis.engine import fields
from deepot_qgis.engine.rasters import Grid

CITATION = (
    "Hu, X., Bürgmann, R., Schulz, W. H. and Fielding, E. J. (2020): Four-dimensional surface motions of the "
    "Slumgullion landslide and quantification of hydrometeorological forcing. Nature Communications 11, 2792."
)
EPSG = 32613  # UTM zone 13 north
_FINER = 4  # outlines are drawn on a grid this much finer, so that margins fall between pixels
_MARGIN_M = 150.0
#: The field is published on a grid of 50 m and a point stands for its cell, so the body reaches half a cell beyond its
#: outlines. The extensometers lie there, about 10 m outside.
_CELL_M = 50.0
_NAMES = ("upper", "middle", "lower")


@dataclass(frozen=True)
class Field:
    """Mean motion of the ground.

    Attributes
    ----------
    grid : Grid
    velocity : (2, H, W) float32
        East and north, m/day, 0 outside the elements.
    elements : (H, W) uint8
        Number of the kinematic element, 0 outside.
    stations : tuple of (name, x, y)
        Extensometers, map coordinates.
    source : str
        Where it comes from, for a sentence.
    """

    grid: Grid
    velocity: np.ndarray
    elements: np.ndarray
    stations: tuple[tuple[str, float, float], ...]
    source: str

    @property
    def pixel_m(self) -> float:
        """Side of a pixel, m."""
        return self.grid.geotransform[1]

    def at(self, x: float, y: float) -> np.ndarray:
        """East and north velocity at the pixel of a place, m/day."""
        column, row = (int(value) for value in self.grid.to_pixel(x, y))
        return self.velocity[:, row, column]


def published(pixel_m: float) -> Field | None:
    """The published field; None where its files are not there."""
    folder = imagery.shared("fields", "slumgullion")
    if folder is None:
        return None
    outlines = [_projected(np.loadtxt(path)[:, :2]) for path in _element_files(folder)]
    corners = np.concatenate([line[np.isfinite(line).all(1)] for line in outlines])
    grid = _grid(corners.min(0) - _MARGIN_M, corners.max(0) + _MARGIN_M, pixel_m)
    elements = _rasterised(outlines, grid)
    labels, inside = _body(elements, pixel_m)
    table = np.loadtxt(folder / "displacement_mm_day.txt", skiprows=1)
    velocity = _spread(_projected(table[:, :2]), table[:, 2:4] / 1000, labels > 0, grid) * inside
    stations = _projected(np.loadtxt(folder / "extensometers_position.txt"))
    return Field(
        grid,
        velocity.astype(np.float32),
        labels,
        tuple((name, float(x), float(y)) for name, (x, y) in zip(_NAMES, stations)),
        "the mean velocity of 2011 to 2018 published by Hu et al. (2020)",
    )


def analytic(pixel_m: float, shape: tuple[int, int]) -> Field:
    """Three bodies in a row that move as blocks; stands in where the published field is not there."""
    height, width = shape
    top = 4_206_000.0
    geotransform = (303_000.0, pixel_m, 0.0, top, 0.0, -pixel_m)
    grid = Grid(width, height, geotransform, _crs().ExportToWkt(), True)
    velocity, elements, stations = np.zeros((2, height, width), np.float32), np.zeros(shape, np.uint8), []
    for number, (name, share, speed) in enumerate(zip(_NAMES, (0.28, 0.5, 0.72), (0.0035, 0.010, 0.0045)), start=1):
        centre = (share * width, (1 - share) * height)
        step = fields.lobe(shape, -0.8 * speed, 0.6 * speed, 0.3 * width, 0.16 * width, 1.5, -30, centre)
        velocity += np.stack([step[0], -step[1]])
        elements[np.hypot(*step) > speed / 2] = number
        stations.append((name, *grid.to_map(*(value + 0.5 for value in map(int, centre)))))
    source = "three analytic bodies that move as blocks, in place of the published field"
    return Field(grid, velocity, elements, tuple(stations), source)


def _body(elements: np.ndarray, pixel_m: float) -> tuple[np.ndarray, np.ndarray]:
    """Elements grown by half a cell on the grid itself, and how much of each pixel they fill."""
    away, nearest = ndimage.distance_transform_edt(elements == 0, return_indices=True)
    body = away * (pixel_m / _FINER) <= _CELL_M / 2
    labels = np.where(body, elements[tuple(nearest)], 0).astype(np.uint8)
    coarse = np.s_[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER]
    return labels[coarse], ndimage.uniform_filter(body.astype(np.float32), _FINER)[coarse]


def _spread(places: np.ndarray, values: np.ndarray, body: np.ndarray, grid: Grid) -> np.ndarray:
    """Values of the points inside a body at every pixel, (2, H, W): linear between points, the nearest beyond them.

    Points outside would draw the motion down to theirs over a whole cell, where the body has a shear margin.
    """
    column, row = grid.to_pixel(places[:, 0], places[:, 1])
    known = (column >= 0) & (column < grid.width) & (row >= 0) & (row < grid.height)
    places, values, column, row = places[known], values[known], column[known].astype(int), row[known].astype(int)
    inside = body[row, column]
    columns, rows = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    pixels = grid.to_map(columns, rows)
    linear = interpolate.griddata(places[inside], values[inside], pixels, "linear")
    nearest = interpolate.griddata(places[inside], values[inside], pixels, "nearest")
    return np.moveaxis(np.where(np.isfinite(linear), linear, nearest), 2, 0)


def _element_files(folder: Path) -> list[Path]:
    return sorted((folder / "kinematic_elements").glob("KE*.txt"), key=lambda path: int(path.stem[2:]))


def _crs() -> osr.SpatialReference:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    return crs


def _projected(longitude_latitude: np.ndarray) -> np.ndarray:
    """Map coordinates (n, 2); rows that are not finite stay so."""
    geographic = osr.SpatialReference()
    geographic.ImportFromEPSG(4326)
    geographic.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transform = osr.CoordinateTransformation(geographic, _crs())
    result = np.full((len(longitude_latitude), 2), np.nan)
    known = np.isfinite(longitude_latitude).all(1)
    result[known] = np.array(transform.TransformPoints(longitude_latitude[known].tolist()))[:, :2]
    return result


def _grid(low: np.ndarray, high: np.ndarray, pixel_m: float) -> Grid:
    left, top = np.floor(low[0] / pixel_m) * pixel_m, np.ceil(high[1] / pixel_m) * pixel_m
    width, height = int(np.ceil((high[0] - left) / pixel_m)), int(np.ceil((top - low[1]) / pixel_m))
    return Grid(width, height, (left, pixel_m, 0.0, top, 0.0, -pixel_m), _crs().ExportToWkt(), True)


def _rasterised(outlines: list[np.ndarray], grid: Grid) -> np.ndarray:
    """Number of the polygon on a finer grid; parts are separated by rows that are not finite, slits are closed."""
    g = grid.geotransform
    raster = gdal.GetDriverByName("MEM").Create("", grid.width * _FINER, grid.height * _FINER, 1, gdal.GDT_Byte)
    raster.SetGeoTransform((g[0], g[1] / _FINER, 0, g[3], 0, g[5] / _FINER))
    raster.SetProjection(grid.crs_wkt)
    source = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = source.CreateLayer("elements", _crs(), ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("number", ogr.OFTInteger))
    for number, line in enumerate(outlines, start=1):
        for part in np.split(line, np.flatnonzero(~np.isfinite(line).all(1))):
            part = part[np.isfinite(part).all(1)]
            if len(part) < 3:
                continue
            ring = ogr.Geometry(ogr.wkbLinearRing)
            for x, y in (*part, part[0]):
                ring.AddPoint_2D(float(x), float(y))
            polygon = ogr.Geometry(ogr.wkbPolygon)
            polygon.AddGeometry(ring)
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetGeometry(polygon)
            feature.SetField("number", number)
            layer.CreateFeature(feature)
    gdal.RasterizeLayer(raster, [1], layer, options=["ATTRIBUTE=number"])
    labels = raster.ReadAsArray()
    # neighbours' outlines leave slits between them: there the nearest element goes on
    closed = ndimage.binary_closing(labels > 0, iterations=_FINER)
    nearest = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    return np.where(closed, labels[tuple(nearest)], 0).astype(np.uint8)
