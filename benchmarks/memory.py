"""Time and peak memory against size, from GeoTIFF to GeoTIFF, by the command line that users type.

    python -m benchmarks.memory [--largest 4096] [--method correlation] [--model NAME|PATH] [--folder DIR]
    python -m benchmarks.memory --sizes 20000 --folder DIR        # needs about 20 GB there
    python -m benchmarks.memory --wide 20000 4000 # as wide, and not as high: how memory grows while rows come and go
    python -m benchmarks.memory --before REVISION                 # the same by an earlier state of this repository too
    python -m benchmarks.memory --cancel 10000 --folder DIR       # how long a cancel takes

Every pair is made on the fly in another process (`benchmarks.large_pair`). Memory is what the operating system says the
measuring process held at most. Sizes take turns, smaller ones several times; the median counts. A pair so small that
nothing is measured tells what a start costs: Python, libraries, the model. Less that, time should grow like the number
of pixels: the exponent is fitted and printed.
"""

from __future__ import annotations

import argparse
import functools
import io
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import results
from benchmarks.children import REPOSITORY, run
from benchmarks.large_pair import MOVED, write_elsewhere

SMALLEST = 512
START = 64
#: From here on a pair takes longer than the start of the program: smaller ones say little about the exponent.
FIT_FROM = 1024
LINEAR = (0.9, 1.1)
_WRONG_PX = 0.5
#: Where an earlier state is measured beside this one.
BEFORE_SIDE, BEFORE_ROUNDS = 2048, 2
# how often a size is measured: the smaller, the more a moment's other work weighs
_OFTEN = ((2048, 3), (4096, 2))


def sizes(largest: int) -> list[int]:
    """Sides that are measured: doubling, and the largest itself in place of one that lies just below it."""
    found = []
    side = SMALLEST
    while side * math.sqrt(2) < largest:
        found.append(side)
        side *= 2
    return [*found, largest]


def rounds(side: int, most: int = 3) -> int:
    """How often a size is measured."""
    return min(most, next((count for limit, count in _OFTEN if side <= limit), 1))


def measure_one(
    pair: Sequence[Path], folder: Path, arguments: Sequence[str], cores: int | None, code: Path = REPOSITORY
) -> dict:
    """Measure a pair by the command line of the checkout `code`.

    Raises
    ------
    RuntimeError
        The command failed, or its answer is wrong.
    """
    out = folder / "out"
    out.mkdir()
    command = ["-m", "deepot_qgis.engine", "pair", *map(str, pair), str(out / "out.tif"), *arguments]
    spent, printed = run(command, cores, code)
    found = {"wall_s": spent.wall_s, "cpu_s": spent.cpu_s, "peak_mb": spent.peak_mb, "curve": spent.curve}
    found["files_mb"] = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    record = json.loads((out / "out.json").read_text(encoding="utf-8"))
    found["median_px"] = _median(out / "out_offsets.tif")
    found["good"] = record["statistics"]["good"]
    found["stages"] = stages(printed)
    found["estimated_gb"] = record.get("memory", {}).get("estimated_gb")  # an earlier product made no estimate
    shutil.rmtree(out)
    off = max(abs(seen - true) for seen, true in zip(found["median_px"], MOVED))
    if not off < _WRONG_PX:
        raise RuntimeError(f"the median offset is {found['median_px']} px and should be {MOVED}")
    return found


def stages(printed: str) -> dict:
    """What ``--profile`` printed: seconds of every stage, and the network's shares; empty without it.

    The table has a line for each stage: its name, seconds of its threads, CPU seconds, share of these, and share of the
    run during which it was working.
    """
    lines = printed.splitlines()
    head = next((number for number, line in enumerate(lines) if re.match(r"stage +wall s +CPU s", line)), None)
    if head is None:
        return {}
    rows = []
    for line in lines[head + 1 :]:
        cells = re.fullmatch(r"(\S.*?) +([\d.]+) +([\d.]+) +([\d.]+)% +([\d.]+)%", line)
        if not cells:
            break
        name, *numbers = cells.groups()
        busy, cpu, share, running = map(float, numbers)
        rows.append({"stage": name, "busy_s": busy, "cpu_s": cpu, "of_cpu": share / 100, "running": running / 100})
    return {"rows": rows}


def profiles() -> bool:
    """Whether ``pair`` has ``--profile``."""
    _, text = run(["-m", "deepot_qgis.engine", "pair", "--help"])
    return "--profile" in text


def checkout(revision: str, folder: Path) -> Path:
    """Files of the product at an earlier revision of this repository, put into a folder.

    Raises
    ------
    RuntimeError
        There is no such revision.
    """
    parts = ["deepot_qgis", "models", "resources", "metadata.txt"]
    done = subprocess.run(["git", "archive", "--format=zip", revision, *parts], cwd=REPOSITORY, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"git knows no {revision} here: {done.stderr.decode().strip()}")
    with zipfile.ZipFile(io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder)
    return folder


def measure_before(revision: str, side: int, folder: Path, cores: int | None, say=print) -> dict:
    """The same pair by an earlier state of the product and by this one, in turns."""
    arguments = ["--method", "model", "--model", "deepot", "--device", "cpu"]
    with tempfile.TemporaryDirectory(dir=folder) as name:
        codes = {"before": checkout(revision, Path(name) / "before"), "after": REPOSITORY}
        pair = write_elsewhere(Path(name), side)
        taken = {label: [] for label in codes}
        for _ in range(BEFORE_ROUNDS):
            for label, code in codes.items():
                taken[label].append(measure_one(pair, Path(name), arguments, cores, code))
                last = taken[label][-1]
                say(f"{label}, {side} px: {last['wall_s']:.1f} s, CPU {last['cpu_s']:.1f} s, {last['peak_mb']:.0f} MB")
    return {"revision": revision, **{label: _middle(side, rows) for label, rows in taken.items()}}


def measure_wide(width: int, height: int, arguments: Sequence[str], folder: Path, cores: int | None) -> dict:
    """One pair that is wider than high. What memory holds depends on the width of a raster, hardly on its height."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        found = measure_one(write_elsewhere(Path(name), width, height), Path(name), arguments, cores)
    return {"width": width, "height": height, "cores": cores, "arguments": list(arguments), **found}


def show_wide(found: dict) -> None:
    """Print what `measure_wide` found."""
    size, curve = f"{found['width']} x {found['height']} px", found["curve"]
    print(f"{size}: {found['wall_s']:.0f} s, CPU {found['cpu_s']:.0f} s, peak {found['peak_mb']:.0f} MB")
    for of in range(4):
        part = curve[of * len(curve) // 4 : (of + 1) * len(curve) // 4]
        if part:
            print(f"quarter {of + 1} of the run: at most {max(size for _, size in part):.0f} MB")


def _median(offsets: Path) -> list[float]:
    """Median of both components in the middle of a raster."""
    import numpy as np
    from osgeo import gdal

    raster = gdal.Open(str(offsets))
    side = min(400, raster.RasterXSize, raster.RasterYSize)
    x, y = (raster.RasterXSize - side) // 2, (raster.RasterYSize - side) // 2
    return [float(np.nanmedian(raster.GetRasterBand(band).ReadAsArray(x, y, side, side))) for band in (1, 2)]


def measure(
    sides: Sequence[int], arguments: Sequence[str], folder: Path, cores: int | None, most: int = 3, say=print
) -> dict:
    """All sizes in turns; what `results.store` keeps."""
    taken: dict[int, list[dict]] = {}
    for number in range(rounds(START, most)):
        for side in (START, *sides):
            if number < rounds(side, most):
                with tempfile.TemporaryDirectory(dir=folder) as name:
                    pair = write_elsewhere(Path(name), side)
                    taken.setdefault(side, []).append(measure_one(pair, Path(name), arguments, cores))
                last = taken[side][-1]
                say(f"{side} px: {last['wall_s']:.1f} s, CPU {last['cpu_s']:.1f} s, peak {last['peak_mb']:.0f} MB")
    rows = [_middle(side, taken[side]) for side in (START, *sides)]
    start, points = rows[0], rows[1:]
    fits = {key: exponent(points, key, start[key]) for key in ("wall_s", "cpu_s")}
    return {"start": start, "points": points, "exponent": fits, "arguments": list(arguments), "cores": cores}


def _middle(side: int, taken: Sequence[dict]) -> dict:
    walls = [one["wall_s"] for one in taken]
    row = {key: statistics.median(one[key] for one in taken) for key in ("wall_s", "cpu_s", "files_mb", "good")}
    return {
        "side": side,
        "rounds": len(taken),
        **row,
        "spread": (max(walls) - min(walls)) / row["wall_s"],
        # not the median: a bound is a bound
        "peak_mb": max(one["peak_mb"] for one in taken),
        "mpx_per_s": side**2 / 1e6 / row["wall_s"],
        "estimated_mb": 1000 * taken[0]["estimated_gb"] if taken[0]["estimated_gb"] is not None else None,
        "curve": max(taken, key=lambda one: one["peak_mb"])["curve"],
        "stages": min(taken, key=lambda one: one["wall_s"])["stages"],
    }


def exponent(points: Sequence[dict], key: str, start: float) -> float | None:
    """Exponent p of time - start ~ pixels^p, by least squares in logarithms; None from fewer than two sizes."""
    used = [point for point in points if point["side"] >= FIT_FROM and point[key] > start]
    if len(used) < 2:
        return None
    x = [math.log(point["side"] ** 2) for point in used]
    y = [math.log(point[key] - start) for point in used]
    mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y)) / sum((a - mean_x) ** 2 for a in x)


def show(found: dict) -> None:
    """Print the table and the judgement."""
    print(f"\n{'side px':>8}{'Mpx':>9}{'wall s':>9}{'spread':>8}{'CPU s':>9}{'Mpx/s':>8}{'peak MB':>9}{'files MB':>10}")
    for row in (found["start"], *found["points"]):
        print(
            f"{row['side']:8d}{row['side'] ** 2 / 1e6:9.2f}{row['wall_s']:9.2f}{100 * row['spread']:7.0f}%"
            f"{row['cpu_s']:9.2f}{row['mpx_per_s']:8.3f}{row['peak_mb']:9.0f}{row['files_mb']:10.1f}"
        )
    for key, words in (("wall_s", "wall time"), ("cpu_s", "processor time")):
        value = found["exponent"][key]
        if value is not None:
            verdict = "linear" if LINEAR[0] <= value <= LINEAR[1] else f"not within {LINEAR[0]} to {LINEAR[1]}"
            print(f"{words} less the start grows like pixels^{value:.3f}: {verdict}")
    for row in found["points"][-1]["stages"].get("rows", ()):
        share, running = 100 * row["of_cpu"], 100 * row["running"]
        print(f"{row['stage']:12} {row['cpu_s']:8.2f} CPU s {share:6.1f} %, running {running:.0f} % of the time")
    if "before" in found:
        for label in ("before", "after"):
            row = found["before"][label]
            print(
                f"{label:7}{row['side']:6} px: {row['wall_s']:.1f} s, CPU {row['cpu_s']:.1f} s, {row['peak_mb']:.0f} MB"
            )


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


def cancel(pair: Sequence[Path], folder: Path, method: str, model: str, phase: float) -> float:
    """Seconds from the user's cancel to the answer, asked after `phase` of the run."""
    output = folder / "cancelled.tif"
    command = [sys.executable, "-c", CANCEL, *map(str, pair), str(output), method, model, str(phase)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    left = [path.name for path in folder.iterdir() if "cancelled" in path.name]
    if left:
        raise SystemExit(f"cancel left {left}")
    return float(done.stdout)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=4096, help="side of the largest pair, px")
    parser.add_argument("--sizes", type=int, nargs="+", metavar="PX", help="these sides and no others")
    parser.add_argument("--wide", type=int, nargs=2, metavar=("WIDTH", "HEIGHT"), help="one pair of this size, px")
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--method", default="model")
    parser.add_argument("--model", default="deepot")
    parser.add_argument("--folder", help="where the rasters go; a temporary folder when not given")
    parser.add_argument("--rounds", type=int, default=3, help="no size more often than this")
    parser.add_argument("--before", metavar="REVISION", help="measure the product of this revision as well")
    parser.add_argument("--cancel", type=int, metavar="PX", help="time a cancel on a pair of this side, nothing else")
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    if parsed.cancel:
        with tempfile.TemporaryDirectory(dir=parsed.folder) as name:
            pair = write_elsewhere(Path(name), parsed.cancel)
            for phase in (0.0, 0.02):
                seconds = cancel(pair, Path(name), parsed.method, parsed.model, phase)
                print(f"cancelled after {100 * phase:.0f} % of the run: {seconds:.2f} s")
        return
    arguments = ["--method", parsed.method, "--model", parsed.model, "--device", "cpu"]
    sides = parsed.sizes or sizes(parsed.largest)
    folder = Path(parsed.folder or tempfile.gettempdir())
    say = functools.partial(print, flush=True)
    if profiles():
        arguments.append("--profile")
    if parsed.wide:
        found = measure_wide(*parsed.wide, arguments, folder, parsed.cores)
        show_wide(found)
        if not parsed.no_store:
            print(f"kept in {results.store('memory_wide', found).relative_to(REPOSITORY)}")
        return
    found = measure(sides, arguments, folder, parsed.cores, parsed.rounds, say)
    if parsed.before:
        found["before"] = measure_before(parsed.before, min(BEFORE_SIDE, max(sides)), folder, parsed.cores, say)
    show(found)
    if not parsed.no_store:
        # a curve, or one large pair that is added to it
        name = "memory" if min(sides) <= FIT_FROM else "memory_large"
        print(f"kept in {results.store(name, found).relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main()
