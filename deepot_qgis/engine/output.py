"""Rasters out: GeoTIFFs that are whole as soon as they have their final name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable

import numpy as np
from osgeo import gdal

from .errors import CancelledError, OutputError
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


def refuse_inputs(path: str, inputs: Sequence[str]) -> None:
    """Refuse to write over what is being read."""
    for source in inputs:
        if os.path.abspath(path) == os.path.abspath(source) or (
            os.path.exists(path) and os.path.exists(source) and os.path.samefile(path, source)
        ):
            raise OutputError(f"The output {os.path.basename(path)} is one of the inputs; choose another name.")


def require_room(path: str, size: int) -> None:
    """Refuse to begin what the disk cannot hold.

    Parameters
    ----------
    path : str
        Of a file that will be written.
    size : int
        Bytes that all outputs in this folder may need.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise OutputError(f"The output folder {folder} does not exist; create it, or choose another.")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"The output folder {folder} cannot be written; choose another.")
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OutputError(
            f"The disk of {folder} has {free / 1e9:.1f} GB free and the result may need {size / 1e9:.1f} GB; make "
            "room, choose another folder, or a smaller area."
        )


@contextmanager
def whole_file(path: str) -> Iterator[str]:
    """Give a temporary name in the same folder; rename to `path` at the end, remove when anything fails.

    Raises
    ------
    OutputError
        The folder is not there or cannot be written, or `path` is a folder.
    """
    folder, name = os.path.split(os.path.abspath(path))
    if os.path.isdir(path):
        raise OutputError(f"The output {path} is a folder; give a file name.")
    require_room(path, 0)
    temporary = os.path.join(folder, f".{os.path.splitext(name)[0]}.{os.getpid()}.partial{os.path.splitext(name)[1]}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"{name} cannot be written ({error.strerror}); choose another folder.") from error
    finally:
        for leftover in (temporary, temporary + ".aux.xml"):
            if os.path.exists(leftover):
                os.remove(leftover)


def _small_blocks(grid: Grid) -> list[str]:
    """Blocks no larger than a small raster: what fills them up is compressed as well, for each of hundreds of bands."""
    sides = (min(BLOCK, -(-side // 16) * 16) for side in (grid.width, grid.height))
    return [f"BLOCK{axis}SIZE={side}" for axis, side in zip("XY", sides)]


class GeoTiffWriter:
    """Writes float32 bands from the top down; rows are kept until they fill a row of blocks.

    Parameters
    ----------
    path : str
        The temporary name that `whole_file` gives.
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
            raise OutputError(f"The output folder cannot be written ({words.strip()}); choose another.")
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
        self._dataset = None

    def _flush(self) -> None:
        _, words = quietly(self._dataset.FlushCache)
        self._refuse(words)

    def _refuse(self, words: str) -> None:
        if words.strip():
            raise OutputError(
                f"Writing stopped ({words.strip().splitlines()[-1]}); the disk may be full: make room or choose "
                "another folder."
            )
