"""A pair of any size, made on the fly: the sample scene tiled, its ground moved by (2, -1) pixels at the second date.

    python -m benchmarks.large_pair 20000 FOLDER                 # two float32 GeoTIFFs, strip by strip
    python -m benchmarks.large_pair 20000 FOLDER --height 4000   # as wide, and not as high

The tiles are mirrored at their edges, so that there are no seams that would correlate by themselves; every pixel of
both dates has its own noise, so that nothing compresses better than a real image does.
"""

from __future__ import annotations

import argparse
import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

REPOSITORY = Path(__file__).resolve().parents[1]
MOVED = (2, -1)
NAMES = ("large_20240101.tif", "large_20240113.tif")
SAMPLE_DATES = ("20240101", "20240113")
_SHIFTS = ((0, 0), MOVED)
_STRIP = 512
_NOISE = 0.1


def arrays(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Reference and secondary, float32 ``(side, side)`` linear amplitude."""
    return tuple(np.concatenate([strip for _, strip in _strips(side, side, date)]) for date in (0, 1))


def sample_pair(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Reference and secondary of the sample, a landslide, in mirrored tiles (its motion too) to ``(side, side)``."""
    places = np.arange(side)
    tiles = [_tile(date) for date in SAMPLE_DATES]
    return tuple(tile[np.ix_(places % tile.shape[0], places % tile.shape[1])] for tile in tiles)


def write(folder: Path, width: int, height: int | None = None) -> tuple[Path, Path]:
    """Two float32 GeoTIFFs, squares where no height is given; returns their paths."""
    height = height or width
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32633)
    for date, name in enumerate(NAMES):
        options = ["TILED=YES", "BIGTIFF=IF_SAFER"]
        dataset = gdal.GetDriverByName("GTiff").Create(str(folder / name), width, height, 1, gdal.GDT_Float32, options)
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
        dataset.SetProjection(crs.ExportToWkt())
        for y, strip in _strips(width, height, date):
            dataset.GetRasterBand(1).WriteArray(strip, 0, y)
        dataset.FlushCache()
    return tuple(folder / name for name in NAMES)


def write_elsewhere(folder: Path, width: int, height: int | None = None) -> tuple[Path, Path]:
    """As `write`, in a process of its own: a child inherits the peak memory of the process that starts it."""
    command = [sys.executable, "-m", "benchmarks.large_pair", str(width), str(folder), "--height", str(height or width)]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return tuple(folder / name for name in NAMES)


@functools.lru_cache(maxsize=2)
def _tile(date: str) -> np.ndarray:
    sample = gdal.Open(str(REPOSITORY / "resources" / "sample" / f"sample_{date}.tif")).ReadAsArray()
    return np.block([[sample, sample[:, ::-1]], [sample[::-1], sample[::-1, ::-1]]]).astype(np.float32)


def _strips(width: int, height: int, date: int):
    """Rows from the top down: (first row, float32 ``(rows, width)``)."""
    tile, (dx, dy) = _tile(SAMPLE_DATES[0]), _SHIFTS[date]
    columns = (np.arange(width) - dx) % tile.shape[1]
    for y in range(0, height, _STRIP):
        rows = (np.arange(y, min(height, y + _STRIP)) - dy) % tile.shape[0]
        noise = np.random.default_rng((date, y)).random((rows.size, width), np.float32)
        yield y, tile[np.ix_(rows, columns)] * (1 - _NOISE + 2 * _NOISE * noise)


def main() -> None:
    """Write a pair."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("side", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--height", type=int)
    parsed = parser.parse_args()
    for path in write(parsed.folder, parsed.side, parsed.height):
        print(path)


if __name__ == "__main__":
    main()
