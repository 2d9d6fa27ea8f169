"""Pairs a minute with one worker process and with two, each on one core, of the same batch.

    python -m benchmarks.batch [--side 2048] [--pairs 6] [--jobs 1 2] [--method model] [--model NAME|PATH] [--store]

Needs as many idle cores as workers; every run is held to as many cores as it has workers, and the first one is made
once more without that: a single worker reads and writes on a second core while it measures on the first. The goal is
1.7 times with two workers; what keeps it from 2 is the start of the processes, the weights that each loads, the memory
that they share, the disk, and the last pair, during which the other worker waits. The products of all runs are compared
bit by bit.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal

from benchmarks import large_pair, results
from deepot_qgis.engine.batch.run import BatchOptions, batch
from deepot_qgis.engine.jobs.pool import LocalPool
from deepot_qgis.engine.measure import METHODS, MeasureOptions
from deepot_qgis.engine.model import DEFAULT_MODEL

GOAL = 1.7
#: The same for all, so that all make the same bits; by itself a run chooses by the memory that is free.
TILE_PX = 1040


@dataclass(frozen=True)
class Run:
    """What a run with so many workers took."""

    jobs: int
    seconds: float
    cpu_seconds: float
    pairs: int

    @property
    def a_minute(self) -> float:
        return 60 * self.pairs / self.seconds

    @property
    def busy(self) -> float:
        """Share of the workers' time that they computed."""
        return self.cpu_seconds / (self.seconds * self.jobs)


def write_list(folder: Path, images: tuple[Path, Path], pairs: int) -> Path:
    """A list of the same pair so many times, each with a product of its own."""
    rows = [f"{images[0]},{images[1]},pair_{number:02d}.tif" for number in range(pairs)]
    path = folder / "pairs.csv"
    path.write_text("\n".join(["reference,secondary,output", *rows]) + "\n", encoding="utf-8")
    return path


def measure(listed: Path, output: Path, template: MeasureOptions, jobs: int) -> Run:
    """Run the batch; every worker has one core."""
    before, started = _cpu_of_children(), time.monotonic()
    result = batch(BatchOptions(str(listed), str(output), template), runner=LocalPool(jobs, cores=1))
    seconds = time.monotonic() - started
    failed = [line.reason for line in result.lines if line.state != "done"]
    if failed:
        raise SystemExit(failed[0])
    return Run(jobs, seconds, _cpu_of_children() - before, len(result.lines))


@contextlib.contextmanager
def held_to(cores: int) -> Iterator[None]:
    """Give this process, and all that it starts, so many cores; systems that cannot do that leave it as it is."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_of_them)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def same(first: Path, second: Path) -> bool:
    """Whether two folders hold the same rasters, bit for bit."""
    names = sorted(path.name for path in first.glob("*.tif"))
    return names == sorted(path.name for path in second.glob("*.tif")) and all(
        np.array_equal(_bits(first / name), _bits(second / name)) for name in names
    )


def _bits(path: Path) -> np.ndarray:
    return gdal.Open(str(path)).ReadAsArray().view(np.uint32)


def words(runs: list[Run], free: Run) -> str:
    """What the runs come to, and the first of them that was not held to its cores."""
    one, most = runs[0], runs[-1]
    ratio = one.seconds / most.seconds
    told = f"the goal of {GOAL:g} is {'reached' if ratio >= GOAL else 'missed'}" if most.jobs == 2 else "no goal is set"
    return (
        f"{most.jobs} workers take {1 / ratio:.2f} of the time of {one.jobs}: {ratio:.2f} times as fast ({told}), each "
        f"with one core. Where {one.jobs} may use all cores for reading and writing it is "
        f"{free.seconds / most.seconds:.2f} times."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=2048, metavar="PX")
    parser.add_argument("--pairs", type=int, default=6, metavar="N")
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2], metavar="N")
    parser.add_argument("--method", choices=METHODS, default="model")
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME|PATH")
    parser.add_argument("--folder", metavar="DIR", help="for the rasters (default: the system's temporary folder)")
    parser.add_argument("--store", action="store_true", help="keep the figures in benchmarks/results/")
    parsed = parser.parse_args()
    template = MeasureOptions(
        "a", "b", "c.tif", method=parsed.method, model=parsed.model, device="cpu", tile_px=TILE_PX
    )
    with tempfile.TemporaryDirectory(dir=parsed.folder) as place:
        folder = Path(place)
        listed = write_list(folder, large_pair.write_elsewhere(folder, parsed.side), parsed.pairs)
        runs = []
        for jobs in parsed.jobs:
            with held_to(jobs):
                runs.append(measure(listed, folder / f"jobs{jobs}", template, jobs))
        free = measure(listed, folder / "free", template, parsed.jobs[0])
        for jobs in parsed.jobs[1:]:
            if not same(folder / f"jobs{parsed.jobs[0]}", folder / f"jobs{jobs}"):
                raise SystemExit(f"{jobs} workers made other products than {parsed.jobs[0]}")
    caption = f"{parsed.pairs} pairs of {parsed.side} x {parsed.side} px, {parsed.method}, one core a worker"
    header = ("workers", "wall s", "CPU s", "pairs a minute", "busy", "times")
    rows = [
        (name, f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}", f"{run.a_minute:.1f}", f"{100 * run.busy:.0f} %",
         f"{runs[0].seconds / run.seconds:.2f}")
        for name, run in [*((run.jobs, run) for run in runs), (f"{free.jobs}, all cores", free)]
    ]  # fmt: skip
    print(f"{caption} (load before: {os.getloadavg()[0]:.1f})")
    for row in (header, *rows):
        print("".join(f"{cell!s:>16}" for cell in row))
    print(words(runs, free), "All products are the same bit for bit.")
    if parsed.store:
        found = {"words": [words(runs, free)], "tables": [results.table(caption, header, rows)],
                 "ratio": runs[0].seconds / runs[-1].seconds}  # fmt: skip
        print(results.store("batch", found))


if __name__ == "__main__":
    main()
