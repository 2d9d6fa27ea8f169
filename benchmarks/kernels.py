"""Processor time of every step around the network, in nanoseconds a pixel.

    python -m benchmarks.kernels [--side 2048] [--repeats 3] [--store]

The sample pair, mirrored at its edges, is tiled to the side asked for and measured along its true offsets with a little
noise; a block of the product at a time, as a run does. One thread. A microsecond a pixel is a second a megapixel.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# one thread, decided before numpy is imported
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
from osgeo import gdal, osr  # noqa: E402
from scipy import ndimage  # noqa: E402

from benchmarks import results  # noqa: E402
from deepot_qgis.engine import displacement, product, quality, splines  # noqa: E402
from deepot_qgis.engine.amplitude import to_amplitude  # noqa: E402
from deepot_qgis.engine.correlation import CorrelationEstimator  # noqa: E402
from deepot_qgis.engine.pair import Pair, PairOptions, open_pair  # noqa: E402
from deepot_qgis.engine.quality import QualityOptions, Reason  # noqa: E402

SAMPLE = Path(__file__).resolve().parents[1] / "resources" / "sample"
NAMES = ("sample_20240101.tif", "sample_20240113.tif")
BLOCK = product.Block(512, 512, 1024, 512)


def tiled(image: np.ndarray, side: int, signs: tuple[int, int] = (1, 1)) -> np.ndarray:
    """The image mirrored, again and again; a component along an axis changes its sign there."""
    across, down = signs
    tile = np.block([[image, across * image[:, ::-1]], [down * image[::-1], across * down * image[::-1, ::-1]]])
    count = -(-side // tile.shape[0])
    return np.tile(tile, (count, count))[:side, :side].astype(np.float32)


def scene(folder: Path, side: int) -> tuple[Pair, np.ndarray]:
    """The pair on disk, and its offsets with sigma."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32633)
    for name in NAMES:
        target = gdal.GetDriverByName("GTiff").Create(
            str(folder / name), side, side, 1, gdal.GDT_Float32, ["TILED=YES", "COMPRESS=DEFLATE", "PREDICTOR=3"]
        )
        target.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
        target.SetProjection(crs.ExportToWkt())
        target.GetRasterBand(1).WriteArray(tiled(gdal.Open(str(SAMPLE / name)).ReadAsArray(), side))
        target = None  # closed: the file is whole
    truth = gdal.Open(str(SAMPLE / "truth_offsets.tif")).ReadAsArray()
    rng = np.random.default_rng(0)
    noise = [ndimage.gaussian_filter(rng.standard_normal((side, side)), 4) for _ in range(2)]
    dx, dy = tiled(truth[0], side, (-1, 1)), tiled(truth[1], side, (1, -1))
    sigma = np.full((side, side), 0.1)
    offsets = np.stack([dx + noise[0], dy + noise[1], sigma]).astype(np.float32)
    return open_pair(PairOptions(*(str(folder / name) for name in NAMES))), offsets


def nanoseconds(work: Callable[[], object], pixels: int, repeats: int) -> float:
    """Shortest processor time of this thread for one pixel."""
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return 1e9 * min(times) / pixels


def whole(pair: Pair, offsets: np.ndarray) -> None:
    """Every block of the product, and the numbers of the run."""
    width, height = pair.window[2:]
    statistics = product.Statistics(width * height)
    for row in product.blocks(width, height):
        for block in row:
            around = product.halo(block, width, height, QualityOptions())
            place = np.s_[:, around.y0 : around.y0 + around.height, around.x0 : around.x0 + around.width]
            statistics.add(product.product_block(pair, offsets[place], block, around, QualityOptions()))
    statistics.summary()


def steps(pair: Pair, offsets: np.ndarray) -> dict[str, Callable[[], object]]:
    """What is done for one block, each step on its own."""
    options = QualityOptions()
    around = product.halo(BLOCK, *pair.window[2:], options)
    part = offsets[:, around.y0 : around.y0 + around.height, around.x0 : around.x0 + around.width]
    offset, sigma = np.ascontiguousarray(part[:2]), part[2]
    reach = int(np.ceil(np.abs(offset).max())) + 8
    beyond = around.x0 - reach, around.y0 - reach, around.width + 2 * reach, around.height + 2 * reach
    reference, secondary = pair.reference.read(*beyond), pair.secondary.read(*beyond)
    reference = reference[reach:-reach, reach:-reach]
    warped = quality.warp(secondary, offset, (reach, reach))
    valid = warped > 0
    similar = quality.correlation(reference, warped, valid, options.window_px)
    known, followed = np.isfinite(sigma), quality.well_followed(similar, options)
    masks = {reason: similar < 0.02 * reason for reason in Reason if reason != Reason.GOOD}
    values, seen = pair.secondary.raster.read(*beyond)
    planes = product.product_block(pair, part, BLOCK, around, options)
    grid = pair.grid.window(around.x0, around.y0, around.width, around.height)
    return {
        "read both images": lambda: (pair.reference.read(*beyond), pair.secondary.read(*beyond)),
        "  of which to amplitude": lambda: [to_amplitude(values, seen, pair.secondary.kind.kind) for _ in range(2)],
        "warp": lambda: quality.warp(secondary, offset, (reach, reach)),
        "  of which spline weights": lambda: splines._spline_weights(secondary),
        "correlation": lambda: quality.correlation(reference, warped, valid, options.window_px),
        "  of which levelling": lambda: quality._textures((reference, warped), valid, 0),
        "outliers": lambda: quality.outliers(offset, known, followed, options.outlier_factor),
        "reasons": lambda: quality.reasons(masks, known.shape),
        "displacement": lambda: displacement.displacement(offset, sigma, grid),
        "statistics": lambda: product.Statistics(1).add(planes),
        "whole block": lambda: product.product_block(pair, part, BLOCK, around, options),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=2048, help="of the pair, px; at least 2048")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--store", action="store_true", help="keep the figures in benchmarks/results/")
    arguments = parser.parse_args()
    rows = []

    def show(name: str, taken: float) -> None:
        print(f"{name:30s} {taken:10.1f}", flush=True)
        rows.append((name.strip(), f"{taken:.1f}"))

    with tempfile.TemporaryDirectory() as folder:
        pair, offsets = scene(Path(folder), max(arguments.side, 2048))
        print(f"{'step':30s} ns a pixel")
        for name, work in steps(pair, offsets).items():
            show(name, nanoseconds(work, BLOCK.width * BLOCK.height, arguments.repeats))
        show("quality of the whole pair", nanoseconds(lambda: whole(pair, offsets), pair.window[2] * pair.window[3], 1))
        square = pair.reference.read(0, 0, 1024, 1024), pair.secondary.read(0, 0, 1024, 1024)
        track = CorrelationEstimator().estimate
        show("conventional offset tracking", nanoseconds(lambda: track(*square), 1 << 20, 1))
    if arguments.store:
        caption = "Processor time of one thread; 1000 ns a pixel are a second a megapixel."
        results.store("kernels", {"tables": [results.table(caption, ("step", "ns a pixel"), rows)]})


if __name__ == "__main__":
    main()
