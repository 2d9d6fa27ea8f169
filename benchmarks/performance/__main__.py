"""Measure everything and write docs/performance.md (``make performance``).

    python -m benchmarks.performance [--largest 4096] [--rounds 5] [--only NAME ...] [--only-document]

Runs `benchmarks.speed`, `memory`, `operators`, `kernels` and `batch` one after the other, each in a process of its own,
and writes the page from all results that are stored, those of other benchmarks too.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.performance import document
from benchmarks.results import REPOSITORY

#: The product that these measurements are held against: its network and its loop over tiles.
BEFORE = "d5b2640"
STEPS = ("speed", "memory", "operators", "kernels", "batch")


def steps(rounds: int, size: int, largest: int, folder: str | None) -> dict[str, list[str]]:
    """The commands by name, with their arguments."""
    before = ["--before", BEFORE] if _known(BEFORE) else []
    place = ["--folder", folder] if folder else []
    return {
        "speed": ["--rounds", str(rounds), "--size", str(size)],
        "memory": ["--largest", str(largest), *before, *place],
        "operators": before,
        "kernels": ["--store"],
        "batch": ["--store", "--pairs", "12", *place],
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=4096, help="side of the largest pair from file to file, px")
    parser.add_argument("--size", type=int, default=2048, help="side of the pairs beside the peers, px")
    parser.add_argument("--rounds", type=int, default=5, help="rounds beside the peers")
    parser.add_argument("--folder", help="where large rasters go while they are measured")
    parser.add_argument("--documents", type=Path, default=REPOSITORY / "docs")
    parser.add_argument("--only", nargs="+", choices=STEPS, default=STEPS, help="measure these alone")
    parser.add_argument("--only-document", action="store_true", help="measure nothing, write the page anew")
    parsed = parser.parse_args()
    commands = steps(parsed.rounds, parsed.size, parsed.largest, parsed.folder)
    failed = []
    for name in () if parsed.only_document else parsed.only:
        started = time.monotonic()
        command = [sys.executable, "-m", f"benchmarks.{name}", *commands[name]]
        # one that fails keeps its former result and does not take the others with it
        if subprocess.run(command, cwd=REPOSITORY).returncode:
            failed.append(name)
        print(f"--- {name}: {time.monotonic() - started:.0f} s\n", flush=True)
    for path in document.write(document.load(), parsed.documents):
        print(path.name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _known(revision: str) -> bool:
    """Whether this checkout has a revision: a download without history has none, and a shallow one may lack it."""
    asked = ["git", "cat-file", "-e", revision]
    try:
        return subprocess.run(asked, cwd=REPOSITORY, capture_output=True).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    main()
