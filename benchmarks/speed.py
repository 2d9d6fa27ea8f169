"""Speed and memory of the models, of the plugin's correlation and of peers, in one run, as ratios.

    python -m benchmarks.speed [--size 2048] [--cores 2] [--rounds 5] [--only NAME ...]

Every method has a process of its own and the same cores. Images lie in memory and answers stay there: reading, quality
and writing are not in it (for these see `benchmarks.memory`). The methods take turns, so that whatever else the machine
does meets all of them; ratios are made within a round, and their median is given with the smallest and the largest. A
method slower than `--slow` seconds takes part in the first two rounds only. Run it in .venv-peers (make peers-setup);
peers that are not installed are named and left out.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import contenders, results
from benchmarks.children import REPOSITORY, Worker, run
from benchmarks.contenders import Contender

FLAGSHIP = "deepot"
MOVED_PX = (2.0, -1.0)
SLOW_ROUNDS = 2
#: Answering no motion is 2 px off. The small networks, which see little, are not thrown out for it.
_WRONG_PX = 1.0
MAKE = """
import sys
import numpy as np
from benchmarks import large_pair
for name, image in zip(("reference", "secondary"), large_pair.arrays(int(sys.argv[1]))):
    np.save(f"{sys.argv[2]}/{name}.npy", image)
"""


class Running:
    """A method in its process, or in one process for each core where it has no threads."""

    def __init__(self, contender: Contender, folder: Path, size: int, cores: int):
        self.contender = contender
        self.rounds: list[dict] = []
        self.failed = ""
        count = cores if contender.parallel == contenders.PROCESSES else 1
        edges = [size * part // count for part in range(count + 1)]
        each = cores // count
        self._workers = [
            Worker(
                ["-m", "benchmarks.contenders", contender.name, str(folder), str(top), str(bottom)], each, part * each
            )
            for part, (top, bottom) in enumerate(zip(edges, edges[1:]))
        ]
        self._ask("")

    def measure(self) -> None:
        """One round."""
        started = time.perf_counter()
        answers = self._ask("go")
        wall = time.perf_counter() - started
        if self.failed:
            return
        off = max(abs(found - true) for answer in answers for found, true in zip(answer["median_px"], MOVED_PX))
        if not off < _WRONG_PX:
            self.failed = f"its median is {off:.1f} px from the truth"
        self.rounds.append({"wall_s": wall, "cpu_s": sum(answer["cpu_s"] for answer in answers)})

    def close(self) -> float:
        """End it; its peak memory in MB, added up over its processes."""
        return sum(worker.close().peak_mb for worker in self._workers)

    def _ask(self, work: str) -> list[dict]:
        try:
            if work:
                for worker in self._workers:
                    worker.tell(work)
            return [worker.answer() for worker in self._workers]
        except RuntimeError as error:
            self.failed = str(error)[:200]
            return []


def measure(methods: Sequence[Contender], size: int, cores: int, rounds: int, slow_s: float, say=print) -> dict:
    """Time all methods in turns; what `results.store` keeps."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(["-c", MAKE, str(size), name])
        running = []
        for contender in methods:
            say(f"starting {contender.name}")
            running.append(Running(contender, folder, size, cores))
        for number in range(rounds):
            turn = number % len(running)
            for one in running[turn:] + running[:turn]:
                slow = number >= SLOW_ROUNDS and one.rounds and one.rounds[0]["wall_s"] > slow_s
                if not (slow or one.failed):
                    one.measure()
            say(f"round {number + 1} of {rounds}: " + ", ".join(_last(one) for one in running))
        rows = {one.contender.name: _row(one, size) for one in running}
    return {"size": size, "cores": cores, "methods": rows, "ratios": ratios(rows)}


def _last(one: Running) -> str:
    return f"{one.contender.name} {one.failed or format(one.rounds[-1]['wall_s'], '.2f') + ' s'}"


def _row(one: Running, size: int) -> dict:
    contender, peak = one.contender, one.close()
    row = {
        "kind": contender.kind,
        "version": version(contender),
        "parallel": contender.parallel,
        "posting_px": contender.posting_px,
        "settings": contender.settings,
        "peak_mb": round(peak, 1),
    }
    if one.failed or not one.rounds:
        return {**row, "failed": one.failed or "not measured"}
    walls, cpus = ([spent[key] for spent in one.rounds] for key in ("wall_s", "cpu_s"))
    wall = statistics.median(walls)
    return {
        **row,
        "walls_s": [round(value, 4) for value in walls],
        "cpus_s": [round(value, 4) for value in cpus],
        "wall_s": wall,
        "cpu_s": statistics.median(cpus),
        "spread": (max(walls) - min(walls)) / wall,
        "mpx_per_s": size**2 / 1e6 / wall,
        "cores_used": statistics.median(cpu / wall for cpu, wall in zip(cpus, walls)),
    }


def ratios(rows: dict[str, dict], flagship: str = FLAGSHIP) -> dict[str, dict[str, float]]:
    """How many times as fast the flagship is as each other method: median, least and most over the common rounds.

    ``cpu`` is the median ratio of processor time, which other work on the machine disturbs less.
    """
    mine = rows.get(flagship, {})
    if "walls_s" not in mine:
        return {}
    found = {}
    for name, row in rows.items():
        if name != flagship and "walls_s" in row:
            times, spent = (
                [theirs / ours for theirs, ours in zip(row[key], mine[key])] for key in ("walls_s", "cpus_s")
            )
            found[name] = {
                "median": statistics.median(times),
                "least": min(times),
                "most": max(times),
                "cpu": statistics.median(spent),
            }
    return found


def version(contender: Contender) -> str | None:
    """Version of a peer's package; empty where a method needs none, None where its package is not installed."""
    if not contender.packages:
        return ""
    for package in contender.packages:
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def show(found: dict) -> None:
    """Print the table."""
    print(f"\n{found['size']} x {found['size']} px, {found['cores']} cores, arrays in memory")
    print(f"{'':22}{'Mpx/s':>8}{'wall s':>9}{'spread':>8}{'CPU s':>8}{'cores':>7}{'peak MB':>9}  flagship is")
    for name, row in found["methods"].items():
        label = f"{name} {row['version'] or ''}"
        if "failed" in row:
            print(f"{label:22}failed: {row['failed']}")
            continue
        ratio = found["ratios"].get(name)
        beside = (
            f"{ratio['median']:.2f} x ({ratio['least']:.2f} to {ratio['most']:.2f}), by CPU {ratio['cpu']:.2f} x"
            if ratio
            else ""
        )
        print(
            f"{label:22}{row['mpx_per_s']:8.3f}{row['wall_s']:9.2f}{100 * row['spread']:7.0f}%{row['cpu_s']:8.2f}"
            f"{row['cores_used']:7.2f}{row['peak_mb']:9.0f}  {beside}"
        )


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2048, help="side of the square images, px")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow", type=float, default=6.0, metavar="S", help="slower ones take part in two rounds only")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="methods, and paths of models")
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    known = {contender.name: contender for contender in (*contenders.networks(), *contenders.ALL)}
    usual = [*contenders.networks(), *contenders.USUAL]
    methods = [known.get(name) or contenders.network(name) for name in parsed.only] if parsed.only else usual
    absent = [contender for contender in methods if version(contender) is None]
    notes = [f"{one.name} is left out: {one.packages[0]} is not installed (make peers-setup)." for one in absent]
    print("\n".join(notes))
    cores = min(parsed.cores, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else parsed.cores)
    found = measure(
        [one for one in methods if one not in absent], parsed.size, cores, parsed.rounds, parsed.slow,
        lambda text: print(text, flush=True),
    )  # fmt: skip
    show(found)
    if not parsed.no_store:
        print(f"kept in {results.store('speed', {**found, 'absent': notes}).relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main()
