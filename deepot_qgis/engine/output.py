"""Rasters out: GeoTIFFs, written from the top down or block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from osgeo import gdal

from .callbacks import Cancelled
from .errors import CancelledError
from .files import stopped
from .rasters import Grid, quietly

BLOCK = 512
GTIFF_OPTIONS = [
    "TILED=YES",
    f"BLOCKXSIZE={BLOCK}",
    f"BLOCKYSIZE={BLOCK}",
    "COMPRESS=DEFLATE",
    "ZLEVEL=1",  # of rounded numbers, higher levels take a third longer and save 2 %
    "BIGTIFF=IF_SAFER",
]
#: Side of the blocks of overviews, so small that a block of the data fills some; the second where these are low.
_OVERVIEW_BLOCKS = 128, 64
#: Side of what is read at once to make a smaller overview of a larger.
_OVERVIEW_PART = 2048
#: Pixels of a strip: it is as high as a block of the file as long as it is no wider than this.
_STRIP_PX = 8192 * BLOCK


@dataclass(frozen=True)
class Band:
    """A band of an output: its name, and the unit of its values."""

    name: str
    unit: str = ""


def _block_sides(grid: Grid) -> tuple[int, int]:
    """Width and height of blocks.

    No larger than a small raster: what fills them up is compressed as well, for each of hundreds of bands. As low as
    the strips that come, where these are lower.
    """
    across, down = (min(BLOCK, -(-side // 16) * 16) for side in (grid.width, grid.height))
    return across, min(down, strip_rows(grid.width))


def strip_rows(width: int) -> int:
    """Rows of a raster of this width that are worked on at once: `BLOCK`, fewer where it is very wide."""
    rows = BLOCK
    while rows > 16 and rows * width > _STRIP_PX:
        rows //= 2
    return rows


@contextmanager
def _overview_blocks(side: int) -> Iterator[None]:
    """Let GDAL give overviews blocks of this side, in this thread."""
    if not hasattr(gdal, "SetThreadLocalConfigOption"):  # older than GDAL 3.5
        yield
        return
    key = "GDAL_TIFF_OVR_BLOCKSIZE"
    before = gdal.GetThreadLocalConfigOption(key)
    gdal.SetThreadLocalConfigOption(key, str(side))
    try:
        yield
    finally:
        gdal.SetThreadLocalConfigOption(key, before)


class GeoTiffWriter:
    """Writes float32 bands; rows from the top down are kept until they fill a row of blocks.

    The larger overviews are written beside the data: to read all that was written once more takes longer than to
    compress it.

    Parameters
    ----------
    path : str
        The temporary name that `files.whole_file` gives.
    grid : Grid
    bands : sequence of Band
    threads : int or None
        Threads that compress; None takes all cores.
    """

    def __init__(self, path: str, grid: Grid, bands: Sequence[Band], threads: int | None = None):
        self._path = path
        self._size, self._row = (grid.width, grid.height), 0
        self._waiting: list[np.ndarray] = []
        self._block = _block_sides(grid)
        driver = gdal.GetDriverByName("GTiff")
        options = [
            *(f"BLOCK{axis}SIZE={side}" for axis, side in zip("XY", self._block)),  # the first of a name counts
            *GTIFF_OPTIONS,
            f"NUM_THREADS={threads or 'ALL_CPUS'}",
            "PREDICTOR=3",
            "INTERLEAVE=BAND",
        ]
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
        self._levels = [2**k for k in range(1, 12) if max(self._size) / 2**k >= BLOCK / 2]
        self._beside = self._begin_overviews()

    def _begin_overviews(self) -> list[int]:
        """Make empty overviews; gives the factors of those that can be filled beside the data.

        That is where each block of the data fills whole blocks: one that is written twice stays in the file twice.
        """
        if not self._levels:
            return []
        with _overview_blocks(_OVERVIEW_BLOCKS[self._block[1] < BLOCK]):
            _, words = quietly(self._dataset.BuildOverviews, "NONE", self._levels)
        self._refuse(words)
        sides = self._dataset.GetRasterBand(1).GetOverview(0).GetBlockSize()
        fitting = (n for n in self._levels if not any(block % (n * side) for block, side in zip(self._block, sides)))
        return list(fitting)

    def write(self, rows: np.ndarray) -> None:
        """Append rows, float32 ``(bands, rows, width)``.

        Raises
        ------
        OutputError
            The disk is full or was removed.
        """
        self._waiting.append(rows)
        count = sum(part.shape[1] for part in self._waiting)
        last = self._row + count == self._size[1]
        whole = count if last else count - count % self._block[1]
        if whole == 0:
            return
        together = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting, axis=1)
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
        if not self._fills_blocks(x0, y0, *planes.shape[:0:-1]):
            self._beside = []
        for number, plane in enumerate(planes, start=1):
            band = self._dataset.GetRasterBand(number)
            _, words = quietly(band.WriteArray, plane, x0, y0)
            self._refuse(words)
            for level, factor in enumerate(self._beside):
                # Nearest neighbour: a mean of directions or of reason codes has no meaning.
                thin = np.ascontiguousarray(plane[::factor, ::factor])
                smaller = band.GetOverview(level)
                for of, arguments in (
                    (smaller.WriteArray, (thin, x0 // factor, y0 // factor)),
                    (smaller.FlushCache, ()),
                ):
                    _, words = quietly(of, *arguments)
                    self._refuse(words)
        self._flush()

    def _fills_blocks(self, x0: int, y0: int, width: int, height: int) -> bool:
        """Whether a part of the raster begins and ends with blocks of the file, or with the raster."""
        return all(
            start % block == 0 and ((start + side) % block == 0 or start + side == whole)
            for start, side, whole, block in zip((x0, y0), (width, height), self._size, self._block)
        )

    def finish(self, tags: Mapping[str, str], cancelled: Cancelled) -> None:
        """Add what overviews are missing, and tags, and close the file.

        Raises
        ------
        CancelledError
            `cancelled` said so.
        OutputError
            The disk is full or was removed.
        """
        # Opened again for this: while it still compresses in threads, GDAL 3.6 prints errors that are none when it
        # reads back what it wrote.
        self._end()
        self._dataset, words = quietly(gdal.OpenEx, self._path, gdal.OF_RASTER | gdal.OF_UPDATE)
        if self._dataset is None:
            self._refuse(words or "the file cannot be opened again")
        for number in range(1, self._dataset.RasterCount + 1):
            band = self._dataset.GetRasterBand(number)
            for level in range(len(self._beside), len(self._levels)):
                self._thin(band.GetOverview(level - 1) if level else band, band.GetOverview(level), cancelled)
        self._dataset.SetMetadata(dict(tags))
        self._flush()
        self._end()

    def close(self) -> None:
        """Close the file as it is; what GDAL says of it counts no more."""
        quietly(self._close)

    def _end(self) -> None:
        """Close the file, and hear what GDAL says of it."""
        _, words = quietly(self._close)
        self._refuse(words)

    def _thin(self, larger: gdal.Band, smaller: gdal.Band, cancelled: Cancelled) -> None:
        """Make an overview of the next larger one."""
        for y0 in range(0, larger.YSize, _OVERVIEW_PART):
            for x0 in range(0, larger.XSize, _OVERVIEW_PART):
                if cancelled():
                    raise CancelledError("Cancelled; nothing was written.")
                size = min(_OVERVIEW_PART, larger.XSize - x0), min(_OVERVIEW_PART, larger.YSize - y0)
                values, words = quietly(larger.ReadAsArray, x0, y0, *size)
                if values is None:
                    self._refuse(words or "the file cannot be read again")
                thin = np.ascontiguousarray(values[::2, ::2])
                _, words = quietly(smaller.WriteArray, thin, x0 // 2, y0 // 2)
                self._refuse(words)

    def _close(self) -> None:
        self._dataset = None

    def _flush(self) -> None:
        _, words = quietly(self._dataset.FlushCache)
        self._refuse(words)

    def _refuse(self, words: str) -> None:
        if words.strip():
            raise stopped(words, self._path)
