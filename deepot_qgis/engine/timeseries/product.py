"""A finished time series: opened by its record, looked into at a point, in an area, along a line."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from .. import dates as dating
from ..errors import InputError, OptionsError
from ..local import require_plain
from ..pair import inside, locate
from ..rasters import Grid, Raster, open_dataset, quietly
from .files import COMPONENTS, RECORD, SeriesBlock, SeriesWriter, write_series
from .points import PointSeries, Profile, days_since_first, stations, weighted_mean

__all__ = ["PointSeries", "Profile", "SeriesBlock", "SeriesProduct", "SeriesWriter", "open_series", "write_series"]

#: Sides of the square of pixels that a point may be the mean of.
SIZES = (1, 3, 5)
#: A profile is read by squares of this side, so that a long line needs no more memory than a short one.
_TILE = 256


@dataclass(frozen=True)
class SeriesProduct:
    """A time series on disk.

    Attributes
    ----------
    name : str
        Of its folder.
    folder : str
    dates : tuple of datetime.datetime
    grid : Grid
    unit : str
        ``m`` or ``px``.
    paths : mapping
        Path by part: ``east``, ``north``, ``sigma``, ``velocity``, and where they were made ``quality``, ``netcdf``.
    record : mapping
        All that ``series.json`` holds.
    """

    name: str
    folder: str
    dates: tuple[datetime, ...]
    grid: Grid
    unit: str
    paths: Mapping[str, str]
    record: Mapping[str, Any]

    @property
    def days(self) -> np.ndarray:
        """Days since the first date, ``(n,)``."""
        return days_since_first(self.dates)

    def read(self, x0: int, y0: int, width: int, height: int) -> np.ndarray:
        """East, north and sigma of a window inside the grid, float32 ``(3, n, height, width)``.

        Raises
        ------
        InputError
            A file is damaged or was removed.
        """
        return np.stack([_read(self.paths[name], x0, y0, width, height) for name in COMPONENTS])

    def at(self, x: float, y: float, size: int = 3) -> PointSeries:
        """History at map coordinates, the mean of `size` x `size` pixels weighted by 1 / sigma^2.

        Returns
        -------
        PointSeries
            All NaN and `pixels` 0 where nothing is known.

        Raises
        ------
        InputError
            The place is outside.
        OptionsError
            The size is not 1, 3 or 5.
        """
        if size not in SIZES:
            raise OptionsError(f"The size is {size}; a point is the mean of 1, 3 or 5 pixels across.")
        column, row = (int(np.floor(value)) for value in self.grid.to_pixel(x, y))
        if not (0 <= column < self.grid.width and 0 <= row < self.grid.height):
            raise InputError(
                f"The place {x:.6g}, {y:.6g} is outside the time series {self.name}; choose one inside "
                f"({self.grid.crs_name()})."
            )
        x0, y0 = max(0, column - size // 2), max(0, row - size // 2)
        x1 = min(self.grid.width, column + size // 2 + 1)
        y1 = min(self.grid.height, row + size // 2 + 1)
        values = self.read(x0, y0, x1 - x0, y1 - y0)
        return self._mean(values.reshape(*values.shape[:2], -1), x, y)

    def within(self, wkt: str) -> PointSeries:
        """Mean history of the pixels inside a polygon (WKT in the series' CRS).

        Raises
        ------
        InputError
            The text is no polygon, or it holds no pixel.
        """
        polygon, window = locate(wkt, Raster(self.paths["east"]))
        assert polygon is not None  # of a text there is one, or an error
        here = inside(polygon, self.grid.window(*window))
        if not here.any():
            raise InputError("The polygon holds no pixel centre; draw a larger one.")
        middle = polygon.Centroid()
        return self._mean(self.read(*window)[:, :, here], middle.GetX(), middle.GetY())

    def _mean(self, values: np.ndarray, x: float, y: float) -> PointSeries:
        mean, pixels = weighted_mean(values.astype(float))
        return PointSeries(self.dates, mean[0], mean[1], mean[2], pixels, float(x), float(y), self.unit)

    def profile(self, points: tuple[tuple[float, float], ...], step: float | None = None, size: int = 1) -> Profile:
        """Displacement every `step` map units along a line of points; None steps by one pixel.

        Raises
        ------
        InputError
            The line has no length or lies wholly outside.
        OptionsError
            The size is not 1, 3 or 5.
        """
        if size not in SIZES:
            raise OptionsError(f"The size is {size}; a point is the mean of 1, 3 or 5 pixels across.")
        g = self.grid.geotransform
        distance, x, y, bearing = stations(tuple(points), step or float(np.sqrt(abs(g[1] * g[5] - g[2] * g[4]))))
        columns, rows = (np.floor(value).astype(int) for value in self.grid.to_pixel(x, y))
        within = (columns >= 0) & (columns < self.grid.width) & (rows >= 0) & (rows < self.grid.height)
        if not within.any():
            raise InputError(f"The line does not touch the time series {self.name}; draw it over the map.")
        values = np.full((3, len(self.dates), len(x)), np.nan)
        tiles = np.stack([columns // _TILE, rows // _TILE], axis=1)
        for tile in np.unique(tiles[within], axis=0):
            here = within & (tiles == tile).all(axis=1)
            values[:, :, here] = self._means(columns[here], rows[here], size // 2)
        return Profile(self.dates, distance, x, y, values[0], values[1], values[2], bearing, self.unit)

    def _means(self, columns: np.ndarray, rows: np.ndarray, half: int) -> np.ndarray:
        """Mean around each of some pixels that lie close together, ``(3, n, k)``."""
        x0, y0 = max(0, int(columns.min()) - half), max(0, int(rows.min()) - half)
        x1 = min(self.grid.width, int(columns.max()) + half + 1)
        y1 = min(self.grid.height, int(rows.max()) + half + 1)
        cells = self.read(x0, y0, x1 - x0, y1 - y0).astype(float)
        means = []
        for column, row in zip(columns - x0, rows - y0):
            part = cells[:, :, max(0, row - half) : row + half + 1, max(0, column - half) : column + half + 1]
            means.append(weighted_mean(part.reshape(*part.shape[:2], -1))[0])
        return np.stack(means, axis=-1)


def open_series(path: str) -> SeriesProduct:
    """Open a time series by its record or its folder.

    Raises
    ------
    InputError
        There is no record, it is damaged, or a file that it lists is missing.
    """
    path = str(path)
    record_path = os.path.join(path, RECORD) if os.path.isdir(path) else path
    folder = os.path.dirname(os.path.abspath(record_path))
    name = os.path.basename(folder)
    record = _record(record_path)
    try:
        files, dates = dict(record["files"]), tuple(dating.parse(text) for text in record["dates"])
        unit = str(record["unit"])
        paths = {part: os.path.join(folder, str(file)) for part, file in files.items()}
        missing = [part for part in COMPONENTS if part not in paths]
    except (KeyError, TypeError, ValueError, OptionsError) as error:
        raise InputError(f"{record_path} is no record of a time series; choose the {RECORD} of one.") from error
    if missing or not dates:
        raise InputError(f"{record_path} lists no {' and '.join(missing) or 'date'}; make the series again.")
    raster = Raster(paths["east"])
    _require_bands(paths, len(dates))
    return SeriesProduct(name, folder, dates, raster.grid, unit, paths, record)


def _record(path: str) -> Mapping[str, Any]:
    require_plain(path)
    try:
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); choose the {RECORD} of a time series, or its folder."
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is damaged ({error}); make the series again.") from error
    if not isinstance(record, dict):
        raise InputError(f"{path} is no record of a time series; choose the {RECORD} of one.")
    return record


def _require_bands(paths: Mapping[str, str], count: int) -> None:
    for part in COMPONENTS:
        dataset, _ = open_dataset(paths[part])
        if dataset is None:
            raise InputError(
                f"{os.path.basename(paths[part])} of the time series is missing or damaged ({paths[part]}); make the "
                "series again."
            )
        if dataset.RasterCount != count:
            raise InputError(
                f"{os.path.basename(paths[part])} has {dataset.RasterCount} bands and the series {count} dates; make "
                "the series again."
            )


def _read(path: str, x0: int, y0: int, width: int, height: int) -> np.ndarray:
    """All bands of a window, float32 ``(bands, height, width)``."""
    dataset, words = open_dataset(path)
    values = None
    if dataset is not None:
        values, words = quietly(dataset.ReadAsArray, x0, y0, width, height)
    if values is None:
        raise InputError(f"{os.path.basename(path)} cannot be read ({words.strip()}); make the series again.")
    return values.reshape(-1, height, width)
