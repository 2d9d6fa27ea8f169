"""Peak memory, time and cancel latency on a large pair.

    python -m benchmarks.memory [--side 10000] [--method correlation] [--model NAME|PATH] [--folder DIR]

The pair is made by tiling the sample scene; the ground of the secondary moved by (2, -1) pixels. Memory is what the
operating system says the measuring process held at most; the pair is made in another process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

REPOSITORY = Path(__file__).resolve().parents[1]
MOVED = (2, -1)
STRIP = 500


def make_pair(folder: Path, side: int) -> tuple[str, str]:
    """Two float32 GeoTIFFs of side x side pixels, strip by strip."""
    sample = gdal.Open(str(REPOSITORY / "resources" / "sample" / "sample_20240101.tif")).ReadAsArray()
    # Mirrored at its edges: the tiling has no seams that would correlate by themselves.
    tile = np.block([[sample, sample[:, ::-1]], [sample[::-1], sample[::-1, ::-1]]]).astype(np.float32)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32633)
    paths = []
    for name, (dx, dy) in (("large_20240101.tif", (0, 0)), ("large_20240113.tif", MOVED)):
        path = str(folder / name)
        dataset = gdal.GetDriverByName("GTiff").Create(path, side, side, 1, gdal.GDT_Float32, ["TILED=YES"])
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
        dataset.SetProjection(crs.ExportToWkt())
        columns = (np.arange(side) - dx) % tile.shape[1]
        for y in range(0, side, STRIP):
            rows = (np.arange(y, min(side, y + STRIP)) - dy) % tile.shape[0]
            noise = np.random.default_rng(y + dx).uniform(0.9, 1.1, (rows.size, side)).astype(np.float32)
            dataset.GetRasterBand(1).WriteArray(tile[np.ix_(rows, columns)] * noise, 0, y)
        dataset.FlushCache()
        paths.append(path)
    return tuple(paths)


def run(pair: tuple[str, str], folder: Path, arguments: list[str]) -> dict[str, float]:
    """Measure the pair on the command line; peak memory in MB and time in seconds."""
    command = [sys.executable, "-m", "deepot_qgis.engine", "pair", *pair, str(folder / "out.tif"), *arguments]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(printed)
    offsets = gdal.Open(str(folder / "out_offsets.tif"))
    middle = offsets.RasterXSize // 2
    seen = offsets.ReadAsArray(middle, middle, 400, 400)
    return {
        "seconds": time.monotonic() - started,
        "peak_mb": usage.ru_maxrss / 1024,
        "median_dx": float(np.nanmedian(seen[0])),
        "median_dy": float(np.nanmedian(seen[1])),
    }


CANCEL = """
import sys, threading, time
from osgeo import gdal
from deepot_qgis.engine.errors import CancelledError
from deepot_qgis.engine.measure import MeasureOptions, measure
gdal.SetCacheMax(128 << 20)
reference, secondary, output, method, model, phase = sys.argv[1:]
asked = []
def progress(share, what):
    if share >= float(phase) and not asked:
        threading.Timer(0.3, lambda: asked.append(time.monotonic())).start()
        asked.append(None)
try:
    measure(MeasureOptions(reference, secondary, output, method=method, model=model), progress,
            lambda: bool(asked) and asked[-1] is not None)
except CancelledError:
    print(time.monotonic() - asked[-1])
"""


def cancel(pair: tuple[str, str], folder: Path, method: str, model: str, phase: float) -> float:
    """Seconds from the user's cancel to the answer, asked after `phase` of the run."""
    output = folder / "cancelled.tif"
    command = [sys.executable, "-c", CANCEL, *pair, str(output), method, model, str(phase)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    left = [path.name for path in folder.iterdir() if "cancelled" in path.name]
    if left:
        raise SystemExit(f"cancel left {left}")
    return float(done.stdout)


def main() -> None:
    """Make the pair, measure it, cancel it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=10000)
    parser.add_argument("--method", default="correlation")
    parser.add_argument("--model", default="deepot")
    parser.add_argument("--folder", help="where the rasters go (about 4 GB); a temporary folder when not given")
    parsed = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=parsed.folder) as name:
        folder = Path(name)
        pair = make_pair(folder, parsed.side)
        latency = {phase: cancel(pair, folder, parsed.method, parsed.model, phase) for phase in (0.0, 0.02)}
        result = run(pair, folder, ["--method", parsed.method, "--model", parsed.model])
    result["mpx_per_s"] = parsed.side**2 / 1e6 / result["seconds"]
    result["cancel_seconds"] = latency
    print(json.dumps({"side": parsed.side, "method": parsed.method, **result}, indent=2))


if __name__ == "__main__":
    main()
