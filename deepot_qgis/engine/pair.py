"""Preflight: are these two images comparable, and on which pixels?"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from osgeo import gdal, ogr

from . import amplitude, dates, displacement
from .errors import InputError
from .grids import require_same_grid
from .rasters import Grid, Raster, quietly

#: Below this side there is nothing to correlate.
MIN_SIDE_PX = 32
_OVERVIEW_PX = 1024


class Located(Protocol):
    """What lies on a grid and has a name: a raster, a measured pair."""

    name: str
    grid: Grid


@dataclass(frozen=True)
class PairOptions:
    """Which two images, and how to read them.

    Attributes
    ----------
    reference, secondary : str
        Paths. The reference is the earlier image.
    reference_band, secondary_band : int
        From 1.
    reference_date, secondary_date : str or None
        ISO text; None reads them from metadata or file name.
    radiometry : str
        One of `amplitude.RADIOMETRIES`, for both.
    area : str or None
        WKT polygon in the reference's CRS (pixel frame, y = -row, without georeference); None is everything.
    """

    reference: str
    secondary: str
    reference_band: int = 1
    secondary_band: int = 1
    reference_date: str | None = None
    secondary_date: str | None = None
    radiometry: str = "auto"
    area: str | None = None


@dataclass(frozen=True)
class Source:
    """An image and the kind of its numbers."""

    raster: Raster
    kind: amplitude.Recognition
    date: datetime | None

    def read(self, x0: int, y0: int, width: int, height: int) -> np.ndarray:
        """Linear amplitude of a window, float32, 0 where there is no data or outside the raster."""
        return amplitude.to_amplitude(*self.raster.read(x0, y0, width, height), self.kind.kind)

    def overview(self, longest: int) -> np.ndarray:
        """Linear amplitude of every n-th pixel of the whole raster, the longer side at most `longest`."""
        return amplitude.to_amplitude(*self.raster.overview(longest), self.kind.kind)


@dataclass(frozen=True)
class Pair:
    """Two comparable images.

    Attributes
    ----------
    reference, secondary : Source
    grid : Grid
        Of the whole reference.
    window : tuple of int
        x0, y0, width, height of what is measured, pixels.
    area : ogr.Geometry or None
        Polygon inside which pixels are measured.
    days : float or None
        From reference to secondary.
    messages : tuple of str
        What was recognised, as sentences.
    """

    reference: Source
    secondary: Source
    grid: Grid
    window: tuple[int, int, int, int]
    area: ogr.Geometry | None
    days: float | None
    messages: tuple[str, ...]

    def outside_area(self, x0: int, y0: int, width: int, height: int) -> np.ndarray:
        """Pixels of a window whose centre is outside the area, bool ``(height, width)``."""
        if self.area is None:
            return np.zeros((height, width), bool)
        return ~inside(self.area, self.grid.window(x0, y0, width, height))


@dataclass(frozen=True)
class Coverage:
    """Shares of the grid that hold data, 0..1: in the reference, in the secondary, in both."""

    reference: float
    secondary: float
    common: float

    def sentences(self) -> list[str]:
        """What is worth saying of it; nothing where hardly anything is missing."""
        if min(self.reference, self.secondary) > 0.999:
            return []
        first, second = 100 - 100 * self.reference, 100 - 100 * self.secondary
        return [f"{first:.0f} % of the reference and {second:.0f} % of the secondary hold no data."]


@dataclass(frozen=True)
class PairReport:
    """What the preflight found, for people.

    Attributes
    ----------
    messages : tuple of str
    grid : Grid
    unit : str
        ``m`` or ``px``.
    reference_date, secondary_date : str or None
    days : float or None
    """

    messages: tuple[str, ...]
    grid: Grid
    unit: str
    reference_date: str | None
    secondary_date: str | None
    days: float | None


def check(options: PairOptions) -> PairReport:
    """Preflight without measuring; raises what `open_pair` raises."""
    pair = open_pair(options)
    first, second = pair.reference.date, pair.secondary.date
    return PairReport(
        pair.messages,
        pair.grid,
        displacement.unit(pair.grid),
        dates.text(first) if first else None,
        dates.text(second) if second else None,
        pair.days,
    )


def open_pair(options: PairOptions) -> Pair:
    """Open two images and make sure that they can be compared.

    Raises
    ------
    InputError
        A file cannot be read, the two are one file, the order of dates is wrong, there is no common data, the images
        are too small, or the area misses them.
    GridMismatchError
        Size, CRS, or place of pixels differ. Nothing is ever resampled silently.
    OptionsError
        A date or the radiometry cannot be understood.
    """
    reference = open_source(options.reference, options.reference_band, options.reference_date, options.radiometry)
    secondary = open_source(options.secondary, options.secondary_band, options.secondary_date, options.radiometry)
    refuse_same_file(reference.raster, secondary.raster)
    refuse_tiny(reference.raster)
    require_same_grid(reference.raster, secondary.raster)
    days = days_between(reference, secondary)
    grid = reference.raster.grid
    area, window = locate(options.area, reference.raster)
    messages = description(reference, secondary, coverage(reference, secondary), days)
    return Pair(reference, secondary, grid, window, area, days, messages)


def description(reference: Source, secondary: Source, covered: Coverage, days: float | None) -> tuple[str, ...]:
    """What was recognised in two comparable images, as sentences."""
    messages = [reference.kind.sentence(reference.raster.name), secondary.kind.sentence(secondary.raster.name)]
    messages += covered.sentences()
    messages += _time_and_place(reference, secondary, days, reference.raster.grid)
    if reference.kind.kind != secondary.kind.kind:
        messages.append("The two images hold different kinds of numbers; both are converted to linear amplitude.")
    return tuple(messages)


def open_source(path: str, band: int = 1, date: str | None = None, radiometry: str = "auto") -> Source:
    """Open one image; raises what `open_pair` raises for it."""
    raster = Raster(path, band)
    moment = dates.parse(date) if date else dates.of_raster(raster)
    return Source(raster, amplitude.recognise(raster, radiometry), moment)


def refuse_same_file(reference: Raster, secondary: Raster) -> None:
    """Refuse one image as both.

    Raises
    ------
    InputError
        They are the same band of the same file.
    """
    same = reference.path == secondary.path or (
        os.path.exists(reference.path)
        and os.path.exists(secondary.path)
        and os.path.samefile(reference.path, secondary.path)
    )
    if same and reference.band_number == secondary.band_number:
        raise InputError(
            f"Reference and secondary are the same image ({reference.name}), which did not move; choose the image of "
            "another date as secondary."
        )


def refuse_tiny(raster: Raster) -> None:
    """Refuse an image that is smaller than a neighbourhood.

    Raises
    ------
    InputError
        A side is shorter than `MIN_SIDE_PX`.
    """
    grid = raster.grid
    if min(grid.width, grid.height) < MIN_SIDE_PX:
        raise InputError(
            f"{raster.name} is {grid.width} x {grid.height} pixels; offset tracking compares neighbourhoods and needs "
            f"at least {MIN_SIDE_PX} x {MIN_SIDE_PX}: choose a larger image."
        )


def days_between(reference: Source, secondary: Source) -> float | None:
    """Days from the reference to the secondary, None when a date is unknown.

    Raises
    ------
    InputError
        The reference is the later one.
    """
    if reference.date is None or secondary.date is None:
        return None
    days = dates.days_between(reference.date, secondary.date)
    if days < 0:
        raise InputError(
            f"The reference {reference.raster.name} ({dates.text(reference.date)}) is later than the secondary "
            f"{secondary.raster.name} ({dates.text(secondary.date)}); swap the two rasters, or correct the dates."
        )
    return days


def coverage(reference: Source, secondary: Source) -> Coverage:
    """Look how much of two images holds data, on overviews.

    Raises
    ------
    InputError
        One is empty, or they have nothing in common.
    """
    seen = []
    for source in (reference, secondary):
        seen.append(source.overview(_OVERVIEW_PX) > 0)
        if not seen[-1].any():
            raise InputError(
                f"{source.raster.name} holds no data (all nodata, zero or NaN in band {source.raster.band_number}); "
                "choose another file or band."
            )
    both = seen[0] & seen[1]
    if not both.any():
        raise InputError(
            f"{reference.raster.name} and {secondary.raster.name} have no pixel with data in common; choose images "
            "that overlap."
        )
    return Coverage(float(seen[0].mean()), float(seen[1].mean()), float(both.mean()))


def _time_and_place(reference: Source, secondary: Source, days: float | None, grid: Grid) -> list[str]:
    messages = []
    if days is None or reference.date is None or secondary.date is None:
        missing = [s.raster.name for s in (reference, secondary) if s.date is None]
        messages.append(f"No acquisition date is known for {' and '.join(missing)}; without both there is no velocity.")
    else:
        messages.append(
            f"{days:g} days from {dates.text(reference.date)} to {dates.text(secondary.date)}."
            if days
            else "Both images have the same acquisition date, so there is no velocity."
        )
    if not grid.georeferenced:
        messages.append("The rasters are not georeferenced: everything is measured in pixels, north is up.")
    elif abs(displacement.stretch(grid) - 1) > 0.01:
        messages.append(
            f"{grid.crs_name()} does not keep lengths here (one map metre is {displacement.stretch(grid):.3f} m on the "
            "ground); displacement is given in metres on the ground."
        )
    return messages


def locate(area: str | None, raster: Located) -> tuple[ogr.Geometry | None, tuple[int, int, int, int]]:
    """The area as a polygon and the pixels that hold it (x0, y0, width, height); everything when it is None.

    Raises
    ------
    InputError
        The text is no polygon, or the polygon misses the raster.
    """
    shape = polygon(area) if area else None
    return shape, _window(raster.grid, shape, raster.name)


def polygon(wkt: str) -> ogr.Geometry:
    """A polygon, or several, from WKT.

    Raises
    ------
    InputError
        The text is none.
    """
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        geometry = ogr.CreateGeometryFromWkt(wkt)
    except RuntimeError:
        geometry = None
    finally:
        gdal.PopErrorHandler()
    if geometry is None or geometry.GetDimension() != 2 or geometry.IsEmpty():
        raise InputError("The area is not a polygon; draw a polygon, or choose the whole image.")
    return geometry


def _window(grid: Grid, area: ogr.Geometry | None, name: str) -> tuple[int, int, int, int]:
    """Pixels that hold the area, x0, y0, width, height."""
    if area is None:
        return 0, 0, grid.width, grid.height
    left, right, bottom, top = area.GetEnvelope()
    with np.errstate(all="ignore"):
        corners = np.array([grid.to_pixel(x, y) for x in (left, right) for y in (bottom, top)])
    if not np.isfinite(corners).all():
        raise InputError("The corners of the area are no places; draw a polygon, or choose the whole image.")
    columns, rows = corners.clip(-1, max(grid.width, grid.height) + 1).T
    x0, x1 = max(0, int(np.floor(min(columns)))), min(grid.width, int(np.ceil(max(columns))))
    y0, y1 = max(0, int(np.floor(min(rows)))), min(grid.height, int(np.ceil(max(rows))))
    if x1 <= x0 or y1 <= y0:
        raise InputError(f"The area does not touch {name}; draw it over the image, or choose the whole image.")
    return x0, y0, x1 - x0, y1 - y0


def inside(area: ogr.Geometry, grid: Grid) -> np.ndarray:
    """Pixels whose centre is inside a polygon, bool ``(height, width)``."""
    target = gdal.GetDriverByName("MEM").Create("", grid.width, grid.height, 1, gdal.GDT_Byte)
    target.SetGeoTransform(grid.geotransform)
    source = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = source.CreateLayer("area")
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(area)
    layer.CreateFeature(feature)
    quietly(gdal.RasterizeLayer, target, [1], layer, burn_values=[1])  # it warns of a CRS that is not there
    return target.ReadAsArray() > 0
