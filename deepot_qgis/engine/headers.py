"""Headers of rasters that promise what cannot be."""

from __future__ import annotations

import os

import numpy as np
from osgeo import gdal

from .errors import InputError

#: More pixels along a side than any image has; rows of these cannot be held.
_MOST_SIDE_PX = 1_000_000
#: Bytes that GDAL has to hold to read a single pixel: a block of the file, unpacked.
_MOST_BLOCK_BYTES = 1 << 29
#: No packing makes pixels with something in them this many times smaller.
_LARGEST_PACKING, _FEW_BYTES = 100_000, 100_000_000
#: Text rasters, whose end GDAL waits for for ever when it is missing.
_TEXT_DRIVERS = ("AAIGrid", "GRASSASCIIGrid", "ISG")


def require_sense(dataset: gdal.Dataset, path: str) -> None:
    """Refuse a header that promises what cannot be, before memory or hours are spent on it.

    Raises
    ------
    InputError
        Sizes that no image has, blocks that memory does not hold, or a file that is too small for its pixels.
    """
    name, width, height = os.path.basename(path), dataset.RasterXSize, dataset.RasterYSize
    if max(width, height) > _MOST_SIDE_PX:
        raise InputError(
            f"{name} says that it is {width} x {height} pixels, and no image has more than {_MOST_SIDE_PX} along a "
            "side; its header is damaged, or it is a mosaic of too much: cut out what is needed."
        )
    if dataset.RasterCount == 0:
        return
    band, driver = dataset.GetRasterBand(1), dataset.GetDriver().ShortName
    of_pixel = max(1, gdal.GetDataTypeSize(band.DataType) // 8)
    block = int(np.prod(band.GetBlockSize(), dtype=object)) * of_pixel
    if block > _MOST_BLOCK_BYTES:
        raise InputError(
            f"{name} is stored in blocks of {band.GetBlockSize()[0]} x {band.GetBlockSize()[1]} pixels, "
            f"{block / 1e9:.1f} GB each; store it in tiles: gdal_translate -co TILED=YES."
        )
    if not os.path.isfile(path):
        return
    size, promised = os.path.getsize(path), width * height * of_pixel
    if driver == "GTiff" and promised > max(_FEW_BYTES, size * _LARGEST_PACKING):
        raise InputError(
            f"{name} says that it is {width} x {height} pixels, but its {size} bytes can hold next to none of them; "
            "the file is damaged or empty: copy or download it again."
        )
    if driver in _TEXT_DRIVERS and not _has_numbers(path, width * height):
        raise InputError(
            f"{name} holds fewer than its {width} x {height} numbers; the file is incomplete: copy or download it "
            "again."
        )


def _has_numbers(path: str, count: int) -> bool:
    """Whether a text file holds this many words."""
    found, rest = 0, b""
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 22), b""):
            words = (rest + chunk).split()
            whole = chunk[-1:].isspace() or not words
            rest = b"" if whole else words[-1][-64:]
            found += len(words) - (not whole)
    return found + bool(rest) >= count
