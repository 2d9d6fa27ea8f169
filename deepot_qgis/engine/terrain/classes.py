"""A raster of a few classes, with colours and names that any GIS shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Callable

import numpy as np
from osgeo import gdal

from ..errors import CancelledError
from ..files import stopped
from ..output import BLOCK, GTIFF_OPTIONS
from ..rasters import Grid, quietly


@dataclass(frozen=True)
class Class:
    """A value of a raster, what it is called, and its colour (red, green, blue, opacity; 0..255)."""

    value: int
    name: str
    color: tuple[int, int, int, int]


def beside(path: str) -> str:
    """Where GDAL looks for the names of the classes of a raster."""
    return path + ".aux.xml"


def write_names(path: str, classes: Sequence[Class]) -> None:
    """Write the names of classes for GDAL to find beside a raster."""
    names = {one.value: one.name for one in classes}
    lines = "".join(f"<Category>{escape(names.get(n, ''))}</Category>" for n in range(max(names) + 1))
    text = f'<PAMDataset><PAMRasterBand band="1"><CategoryNames>{lines}</CategoryNames></PAMRasterBand></PAMDataset>\n'
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class ClassWriter:
    """Writes a GeoTIFF of one band of classes, part by part.

    Parameters
    ----------
    path : str
        The temporary name that `files.whole_files` gives.
    grid : Grid
    name : str
        Of the band.
    classes : sequence of Class
    nodata : int
    """

    def __init__(self, path: str, grid: Grid, name: str, classes: Sequence[Class], nodata: int):
        self._path, self._size = path, max(grid.width, grid.height)
        driver = gdal.GetDriverByName("GTiff")
        self._dataset, words = quietly(
            driver.Create, path, grid.width, grid.height, 1, gdal.GDT_Byte, options=GTIFF_OPTIONS
        )
        if self._dataset is None:
            raise stopped(words, path)
        self._dataset.SetGeoTransform(grid.geotransform)
        self._dataset.SetProjection(grid.crs_wkt)
        band = self._dataset.GetRasterBand(1)
        table = gdal.ColorTable()
        for one in classes:
            table.SetColorEntry(one.value, one.color)
        band.SetColorTable(table)
        band.SetDescription(name)
        band.SetNoDataValue(nodata)

    def __enter__(self) -> ClassWriter:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file, finished or not."""
        quietly(self._close)

    def place(self, codes: np.ndarray, x0: int, y0: int) -> None:
        """Write uint8 ``(height, width)`` at a column and row.

        Raises
        ------
        OutputError
            The disk is full or was removed.
        """
        for call, arguments in ((self._dataset.GetRasterBand(1).WriteArray, (codes, x0, y0)), (self._flush, ())):
            _, words = quietly(call, *arguments)
            self._refuse(words)

    def finish(self, tags: Mapping[str, str], cancelled: Callable[[], bool]) -> None:
        """Add overviews and tags, and close the file.

        Raises
        ------
        CancelledError
            `cancelled` said so.
        OutputError
            The disk is full or was removed.
        """
        self._dataset.SetMetadata(dict(tags))
        levels = [2**k for k in range(1, 12) if self._size / 2**k >= BLOCK / 2]
        if levels:
            _, words = quietly(
                self._dataset.BuildOverviews, "NEAREST", levels, callback=lambda *_: 0 if cancelled() else 1
            )
            if cancelled():
                raise CancelledError("Cancelled; nothing was written.")
            self._refuse(words)
        _, words = quietly(self._close)
        self._refuse(words)

    def _flush(self) -> None:
        self._dataset.FlushCache()

    def _close(self) -> None:
        self._dataset = None

    def _refuse(self, words: str) -> None:
        if words.strip():
            raise stopped(words, self._path)
