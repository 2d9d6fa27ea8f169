"""Speed and memory of the inversion of a pair network, and its distance from a dense solver.

    python benchmarks/inversion.py [--size 2000] [--dates 30] [--pairs 87] [--files]

Pairs of a steady landslide with noise, outliers and masked patches, made block by block as a file would be read, are
inverted with the defaults (robust, errors, velocity). A sample of pixels is solved again by a loop over
``numpy.linalg.lstsq``, without robust weights on both sides, for speed and for the difference. With ``--files`` the
pairs are GeoTIFFs on disk (some GB at full size, in a temporary folder), and the whole way is measured: stable ground,
reading, inverting, writing GeoTIFFs and NetCDF. The memory is the peak of the process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from osgeo import gdal, osr

from deepot_qgis.engine import dates as dating
from deepot_qgis.engine import runtime
from deepot_qgis.engine.output import BLOCK, GeoTiffWriter
from deepot_qgis.engine.product import bands
from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.timeseries.assemble import StackOptions, invert_pairs
from deepot_qgis.engine.timeseries.inversion import Design, InversionOptions, invert
from deepot_qgis.engine.timeseries.stack import ProductPair

EVERY_DAYS = 12
SIGMA_M = (0.05, 0.2)
OUTLIERS, OUTLIER_M, MASKED = 0.01, 5.0, 0.1
DENSE_PIXELS = 400


def network(dates: int, count: int) -> list[tuple[int, int]]:
    """The shortest pairs, nearest first, until there are as many as asked for."""
    found = [(i, i + k) for k in range(1, dates) for i in range(dates - k)]
    return sorted(found[:count])


def speed(size: int) -> np.ndarray:
    """Velocity (2, size, size) in metres a year: a lobe that moves, still ground around."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    lobe = np.exp(-((x / 0.12) ** 2) - ((y / 0.2) ** 2))
    return np.stack([3 * lobe, -2 * lobe]).astype(np.float32)


def pair_block(motion: np.ndarray, years: float, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """East, north and sigma of one pair: noise of its own sigma, 1 % outliers, a tenth masked in patches."""
    shape = motion.shape[1:]
    sigma = rng.uniform(*SIGMA_M, shape).astype(np.float32)
    east, north = motion * np.float32(years) + sigma * rng.standard_normal((2, *shape), np.float32)
    wild = rng.random(shape, np.float32) < OUTLIERS
    east = np.where(wild, east + np.float32(OUTLIER_M) * rng.standard_normal(shape, np.float32), east)
    patches = rng.random((shape[0] // 16 + 1, shape[1] // 16 + 1)) < MASKED
    masked = np.kron(patches, np.ones((16, 16), bool))[: shape[0], : shape[1]]
    east[masked], north[masked] = np.nan, np.nan
    return east, north, sigma


def blocks(size: int) -> list[tuple[int, int, int, int]]:
    """Windows of the file's blocks."""
    steps = range(0, size, BLOCK)
    return [(x, y, min(BLOCK, size - x), min(BLOCK, size - y)) for y in steps for x in steps]


def peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def arrays(size: int, days: np.ndarray, pairs: list[tuple[int, int]]) -> None:
    """Arrays in, arrays out, block by block."""
    design, motion, rng = Design(days, pairs), speed(size), np.random.default_rng(1)
    seconds = used = 0.0
    sample = None
    with ThreadPoolExecutor(runtime.cores()) as executor:
        for x, y, width, height in blocks(size):
            part = motion[:, y : y + height, x : x + width]
            stack = np.stack([pair_block(part, years, rng) for years in design.years], axis=1)
            stack = stack.reshape(3, len(pairs), -1)
            started, cpu = time.perf_counter(), time.process_time()
            found = invert(*stack, design, InversionOptions(), executor)
            seconds += time.perf_counter() - started
            used += time.process_time() - cpu
            if sample is None:
                sample = stack[:, :, :: max(1, stack.shape[2] // DENSE_PIXELS)][:, :, :DENSE_PIXELS].copy()
                error = np.abs(found.east[-1] - (part[0] * np.float32(days[-1] / 365.25)).ravel())
                within = np.mean(error[np.isfinite(error)] < found.sigma[-1][np.isfinite(error)])
                sigma = np.nanmedian(found.sigma[-1])
                started = time.perf_counter()
                invert(*stack, design, InversionOptions(robust="none"), executor)
                plain = width * height / 1e6 / (time.perf_counter() - started)
    rate = size * size / 1e6 / seconds
    print(f"inversion      {seconds:8.1f} s  {used:8.1f} s of CPU  {rate:7.3f} Mpx/s  peak {peak_gb():.2f} GB")
    print(
        f"               at the last date error {1.4826 * np.nanmedian(error):.3f} m, sigma {sigma:.3f} m (medians), "
        f"{100 * within:.0f} % within sigma"
    )
    print(f"not robust     {plain:44.3f} Mpx/s, with errors and velocity")
    compare_dense(sample, design, plain)


def compare_dense(sample: np.ndarray, design: Design, rate: float) -> None:
    """The same pixels one by one, by numpy."""
    count = len(design.days)
    incidence = np.zeros((len(design.pairs), count))
    for k, (first, second) in enumerate(design.pairs):
        incidence[k, first], incidence[k, second] = -1, 1
    started, solutions = time.perf_counter(), []
    for east, north, sigma in np.moveaxis(sample.astype(float), 2, 0):
        known = np.isfinite(east)
        weight = 1 / sigma[known, None]
        values = np.stack([east, north], axis=1)[known]
        solutions.append(np.linalg.lstsq(incidence[known, 1:] * weight, values * weight, rcond=None)[0])
    dense = sample.shape[2] / 1e6 / (time.perf_counter() - started)
    plain = invert(*sample, design, InversionOptions(robust="none"))
    ours = np.stack([plain.east[1:], plain.north[1:]], axis=1)
    linked = (plain.components == 1) & (plain.dates == count)
    apart = np.abs(ours - np.stack(solutions, axis=2))[:, :, linked].max()
    print(f"numpy lstsq    {dense:44.4f} Mpx/s, histories only: {rate / dense:.0f} times slower than not robust")
    print(f"               largest difference {apart:.1e} m over {int(linked.sum())} pixels")


def files(size: int, moments: list[datetime], pairs: list[tuple[int, int]]) -> None:
    """GeoTIFFs in, GeoTIFFs and NetCDF out."""
    gdal.SetCacheMax(128 << 20)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32613)
    grid = Grid(size, size, (500000.0, 10.0, 0.0, 4200000.0, 0.0, -10.0), crs.ExportToWkt(), True)
    motion, rng = speed(size), np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        sources = []
        for first, second in pairs:
            path = f"{folder}/{moments[first]:%Y%m%d}_{moments[second]:%Y%m%d}.tif"
            writer = GeoTiffWriter(path, grid, bands("m"))
            years = dating.days_between(moments[first], moments[second]) / 365.25
            for row in range(0, size, BLOCK):
                part = motion[:, row : row + BLOCK]
                east, north, sigma = pair_block(part, years, rng)
                empty = np.zeros_like(east)
                writer.write(np.stack([east, north, empty, empty, sigma, empty, empty]))
            tags = {"REFERENCE_DATE": dating.text(moments[first]), "SECONDARY_DATE": dating.text(moments[second])}
            writer.finish({**tags, "UNIT": "m"}, lambda: False)
            sources.append(ProductPair(path))
        before = peak_gb()
        started, cpu = time.perf_counter(), time.process_time()
        result = invert_pairs(sources, StackOptions(), f"{folder}/series")
        seconds = time.perf_counter() - started
        written = sum(path.stat().st_size for path in Path(result.folder).iterdir()) / 1e9
    print(
        f"files to files {seconds:8.1f} s  {time.process_time() - cpu:8.1f} s of CPU  "
        f"{size * size / 1e6 / seconds:7.3f} Mpx/s  peak {peak_gb():.2f} GB (before {before:.2f}), "
        f"{written:.2f} GB written"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2000, metavar="PX")
    parser.add_argument("--dates", type=int, default=30, metavar="N")
    parser.add_argument("--pairs", type=int, default=87, metavar="N")
    parser.add_argument("--files", action="store_true", help="from GeoTIFFs to GeoTIFFs and NetCDF instead")
    parsed = parser.parse_args()
    moments = [datetime(2020, 1, 1, tzinfo=timezone.utc) + timedelta(days=EVERY_DAYS * k) for k in range(parsed.dates)]
    pairs = network(parsed.dates, parsed.pairs)
    print(f"{parsed.dates} dates, {len(pairs)} pairs, {parsed.size} x {parsed.size} px, {runtime.cores()} cores")
    if parsed.files:
        files(parsed.size, moments, pairs)
    else:
        arrays(parsed.size, np.arange(parsed.dates) * float(EVERY_DAYS), pairs)


if __name__ == "__main__":
    main()
