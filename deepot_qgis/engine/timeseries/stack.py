"""Measured pairs as the inversion reads them, wherever they come from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import numpy as np

from .. import dates
from ..errors import GridMismatchError, InputError
from ..grids import grid_differences
from ..rasters import Grid, Raster, open_dataset, quietly, require_dataset

_BANDS = ("east", "north", "sigma")
#: Side of what is read at once when a source cannot thin out by itself.
_BLOCK = 512


@runtime_checkable
class PairSource(Protocol):
    """Displacement between two dates on a grid.

    Attributes
    ----------
    name : str
        For sentences, usually the file's name.
    first, second : datetime.datetime
        Acquisition times, UTC, `first` earlier.
    grid : rasters.Grid
    unit : str
        ``m`` or ``px``.
    """

    name: str
    first: datetime
    second: datetime
    grid: Grid
    unit: str

    def read(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """East, north and the 1-sigma error of a component, float32 ``(height, width)``, NaN where unknown.

        The window lies inside the grid. Raises `errors.InputError` where the file is damaged.
        """
        ...


class ProductPair:
    """A displacement product of this plugin as a `PairSource`; the file is opened anew for each window.

    Hundreds of pairs would otherwise hold hundreds of files open, and any thread may read.

    Parameters
    ----------
    path : str
        GeoTIFF with bands named east, north and sigma.

    Raises
    ------
    InputError
        The file cannot be read, has no such bands, or does not say when its images were taken.
    """

    def __init__(self, path: str):
        self.path = str(path)
        raster = Raster(self.path)
        self.name, self.grid = raster.name, raster.grid
        self._numbers = _band_numbers(self.path, self.name)
        tags = raster.metadata()
        self.first = self._date(tags, "REFERENCE_DATE")
        self.second = self._date(tags, "SECONDARY_DATE")
        if self.second <= self.first:
            raise InputError(
                f"{self.name} leads from {dates.text(self.first)} to {dates.text(self.second)}; a time series needs "
                "pairs whose second image is later: measure the pair again with the images swapped."
            )
        self.unit = tags.get("UNIT") or raster.unit or ("m" if self.grid.georeferenced else "px")

    def _date(self, tags: Mapping[str, str], key: str) -> datetime:
        found = dates.find(tags.get(key, ""))
        if found is None:
            raise InputError(
                f"{self.name} does not say when its images were taken (tag {key}); measure the pair again with both "
                "dates given."
            )
        return found

    def read(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """East, north, sigma of a window; see `PairSource.read`."""
        return self._planes((x0, y0, width, height), (height, width))

    def thinned(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """East, north, sigma of about every `step`-th pixel of the whole raster, from its overviews."""
        whole = (0, 0, self.grid.width, self.grid.height)
        return self._planes(whole, thinned_shape(self.grid, step))

    def _planes(
        self, window: tuple[int, int, int, int], shape: tuple[int, int]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        dataset, words = open_dataset(self.path)
        values = None
        if dataset is not None:
            values, words = quietly(
                dataset.ReadAsArray, *window, buf_xsize=shape[1], buf_ysize=shape[0], band_list=list(self._numbers)
            )
        if values is None:
            raise InputError(
                f"{self.name} cannot be read around row {window[1]} ({words.strip() or 'no reason given'}); the file "
                "is damaged: delete it, and the next run measures the pair again."
            )
        return values[0], values[1], values[2]


def open_products(given: Sequence[str]) -> tuple[list[ProductPair], list[str]]:
    """Displacement products as pairs; one that cannot be used is left out.

    Parameters
    ----------
    given : sequence of str
        Files, and folders of which every GeoTIFF is taken but the unfiltered offsets.

    Returns
    -------
    pairs : list of ProductPair
    left_out : list of str
        A sentence for each file that was left out.

    Raises
    ------
    InputError
        Nothing is left.
    """
    pairs, left_out = [], []
    for path in _products(given):
        try:
            pairs.append(ProductPair(path))
        except InputError as error:
            left_out.append(f"Left out: {error}")
    if not pairs:
        raise InputError(left_out[0] if left_out else "There is no displacement product; choose some, or their folder.")
    return pairs, left_out


def _products(given: Sequence[str]) -> list[str]:
    found = []
    for path in given:
        if os.path.isdir(path):
            names = sorted(name for name in os.listdir(path) if name.endswith(".tif") and not name.startswith("."))
            found += [os.path.join(path, name) for name in names if not name.endswith("_offsets.tif")]
        else:
            found.append(path)
    if not found:
        raise InputError(f"{given[0]} holds no displacement product (GeoTIFF); choose another folder.")
    return found


def _band_numbers(path: str, name: str) -> tuple[int, ...]:
    dataset = require_dataset(path)
    names = [dataset.GetRasterBand(number + 1).GetDescription() for number in range(dataset.RasterCount)]
    missing = [band for band in _BANDS if band not in names]
    if missing:
        raise InputError(
            f"{name} is no displacement product: it has no band {' or '.join(missing)}; choose products of this "
            "plugin, or import offsets of another program first."
        )
    return tuple(names.index(band) + 1 for band in _BANDS)


def thinned_shape(grid: Grid, step: int) -> tuple[int, int]:
    """Height and width of a raster of which every `step`-th pixel is kept."""
    return max(1, round(grid.height / step)), max(1, round(grid.width / step))


def thinned(source: PairSource, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """East, north, sigma of about every `step`-th pixel, float32 of `thinned_shape`.

    Sources that know a quick way (overviews) offer it as a method ``thinned``; the others are read block by block.
    """
    if hasattr(source, "thinned"):
        return source.thinned(step)
    height, width = thinned_shape(source.grid, step)
    rows = ((np.arange(height) + 0.5) * source.grid.height / height).astype(int)
    columns = ((np.arange(width) + 0.5) * source.grid.width / width).astype(int)
    planes = np.full((3, height, width), np.nan, np.float32)
    for top in range(0, source.grid.height, _BLOCK):
        inside = (rows >= top) & (rows < top + _BLOCK)
        if inside.any():
            strip = source.read(0, top, source.grid.width, min(_BLOCK, source.grid.height - top))
            planes[:, inside] = [plane[rows[inside] - top][:, columns] for plane in strip]
    return planes[0], planes[1], planes[2]


def require_one_grid(sources: Sequence[PairSource]) -> None:
    """Refuse a stack whose pairs cannot be put on each other.

    Raises
    ------
    InputError
        There is no pair, or units differ.
    GridMismatchError
        Size, CRS or place differ; nothing is ever resampled silently.
    """
    if not sources:
        raise InputError("There is no measured pair to make a time series of; measure or choose pairs first.")
    first = sources[0]
    for other in sources[1:]:
        differences = grid_differences(first.grid, other.grid)
        if differences:
            raise GridMismatchError(
                f"{other.name} is not on the grid of {first.name}: {'; '.join(differences)}. All pairs of a time "
                "series need one grid; leave it out, or measure it on that grid."
            )
        if other.unit != first.unit:
            raise InputError(
                f"{other.name} is in {other.unit} and {first.name} in {first.unit}; all pairs of a time series need "
                "one unit."
            )
