"""Rasters out: GeoTIFFs, written from the top down or block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

import numpy as np
from osgeo import gdal

from .errors import CancelledError
from .files import stopped
from .rasters import Grid, quietly

BLOCK = 512
GTIFF_OPTIONS = [
    "TILED=YES",
    f"BLOCKXSIZE={BLOCK}",
    f"BLOCKYSIZE={BLOCK}",
    "COMPRESS=DEFLATE",
    "ZLEVEL=4",
    "BIGTIFF=IF_SAFER",
    "NUM_THREADS=ALL_CPUS",
]


@dataclass(frozen=True)
class Band:
    """A band of an output: its name, and the unit of its values."""

    name: str
    unit: str = ""


def _small_blocks(grid: Grid) -> list[str]:
    """Blocks no larger than a small raster: what fills them up is compressed as well, for each of hundreds of bands."""
    sides = (min(BLOCK, -(-side // 16) * 16) for side in (grid.width, grid.height))
    return [f"BLOCK{axis}SIZE={side}" for axis, side in zip("XY", sides)]


class GeoTiffWriter:
    """Writes float32 bands from the top down; rows are kept until they fill a row of blocks.

    Parameters
    ----------
    path : str
        The temporary name that `files.whole_file` gives.
    grid : Grid
    bands : sequence of Band
    """

    def __init__(self, path: str, grid: Grid, bands: Sequence[Band]):
        self._path = path
        self._height, self._row = grid.height, 0
        self._waiting: list[np.ndarray] = []
        driver = gdal.GetDriverByName("GTiff")
        options = [*_small_blocks(grid), *GTIFF_OPTIONS, "PREDICTOR=3", "INTERLEAVE=BAND"]  # the first of a name counts
        self._dataset, words = quietly(
            driver.Create, path, grid.width, grid.height, len(bands), gdal.GDT_Float32, options=options
        )
        if self._dataset is None:
            raise stopped(words, path)
        if grid.georeferenced or grid.geotransform[:1] + grid.geotransform[3:4] != (0.0, 0.0):
            self._dataset.SetGeoTransform(grid.geotransform)
        if grid.crs_wkt:
            self._dataset.SetProjection(grid.crs_wkt)
        for number, band in enumerate(bands, start=1):
            target = self._dataset.GetRasterBand(number)
            target.SetDescription(band.name)
            target.SetUnitType(band.unit)
            target.SetNoDataValue(float("nan"))

    def write(self, rows: np.ndarray) -> None:
        """Append rows, float32 ``(bands, rows, width)``.

        Raises
        ------
        OutputError
            The disk is full or was removed.
        """
        self._waiting.append(rows)
        count = sum(part.shape[1] for part in self._waiting)
        last = self._row + count == self._height
        whole = count if last else count - count % BLOCK
        if whole == 0:
            return
        together = np.concatenate(self._waiting, axis=1)
        self._waiting = [together[:, whole:]] if whole < count else []
        self.place(together[:, :whole], 0, self._row)
        self._row += whole

    def place(self, planes: np.ndarray, x0: int, y0: int) -> None:
        """Write float32 ``(bands, height, width)`` at a column and row, in any order; blocks of the file at a time.

        Raises
        ------
        OutputError
            The disk is full or was removed.
        """
        for number, plane in enumerate(planes, start=1):
            _, words = quietly(self._dataset.GetRasterBand(number).WriteArray, plane, x0, y0)
            self._refuse(words)
        self._flush()

    def finish(self, tags: Mapping[str, str], cancelled: Callable[[], bool]) -> None:
        """Add overviews and tags, and close the file."""
        # Opened again for this: while it still compresses in threads, GDAL 3.6 prints errors that are none when it
        # reads back what it wrote.
        self._dataset = None
        self._dataset, words = quietly(gdal.OpenEx, self._path, gdal.OF_RASTER | gdal.OF_UPDATE)
        if self._dataset is None:
            self._refuse(words or "the file cannot be opened again")
        size = max(self._dataset.RasterXSize, self._dataset.RasterYSize)
        levels = [2**k for k in range(1, 12) if size / 2**k >= BLOCK / 2]
        if levels:
            # Nearest neighbour: a mean of directions or of reason codes has no meaning.
            _, words = quietly(
                self._dataset.BuildOverviews, "NEAREST", levels, callback=lambda *_: 0 if cancelled() else 1
            )
            if cancelled():
                raise CancelledError("Cancelled; nothing was written.")
            self._refuse(words)
        self._dataset.SetMetadata(dict(tags))
        self._flush()
        _, words = quietly(self._close)
        self._refuse(words)

    def _close(self) -> None:
        self._dataset = None

    def _flush(self) -> None:
        _, words = quietly(self._dataset.FlushCache)
        self._refuse(words)

    def _refuse(self, words: str) -> None:
        if words.strip():
            raise stopped(words, self._path)
