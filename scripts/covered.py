"""Run the suite with coverage of lines and branches, and say where the most is that no test reaches.

    .venv/bin/python -m scripts.covered [PYTEST'S ARGUMENTS]

`make coverage` calls it. Prints the whole of each storey and the files with the most lines and branches that nothing
ran; every line is in ``build/coverage/index.html``. ``--only-report`` prints again what was measured before.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "build" / "coverage"
SHOWN = 30


@dataclass(frozen=True)
class File:
    """What was run of a file: lines and ways out of branches, and how many of them never were."""

    path: str
    all: int
    missed: int

    @property
    def storey(self) -> str:
        """Folder below the package that it lies in."""
        parts = Path(self.path).parts
        return parts[1] if len(parts) > 2 else parts[0]


def share(files: list[File]) -> float:
    """Percentage that was run."""
    everything = sum(file.all for file in files)
    return 100 * (1 - sum(file.missed for file in files) / everything) if everything else 100.0


def read(report: Path) -> list[File]:
    """Files of a report of coverage as JSON."""
    found = json.loads(report.read_text(encoding="utf-8"))["files"]
    return [
        File(
            path,
            counted["summary"]["num_statements"] + counted["summary"]["num_branches"],
            counted["summary"]["missing_lines"] + counted["summary"]["missing_branches"],
        )
        for path, counted in found.items()
    ]


def lines(files: list[File]) -> list[str]:
    """The report."""
    storeys = sorted({file.storey for file in files})
    told = [f"{share([f for f in files if f.storey == storey]):6.1f} %  {storey}" for storey in storeys]
    worst = sorted((file for file in files if file.missed), key=lambda file: -file.missed)[:SHOWN]
    told += [f"{share(files):6.1f} %  everything", "", "Lines and branches that no test reaches:"]
    return told + [f"{file.missed:6d} of {file.all:<5d} {share([file]):5.1f} %  {file.path}" for file in worst]


def main(arguments: list[str]) -> int:
    """Run, combine, report; returns what pytest ended with."""
    coverage = [sys.executable, "-m", "coverage"]
    ended = 0
    if "--only-report" not in arguments:
        subprocess.run([*coverage, "erase"], cwd=REPOSITORY, check=True)
        ended = subprocess.run([*coverage, "run", "-m", "pytest", *arguments], cwd=REPOSITORY).returncode
        subprocess.run([*coverage, "combine", "--quiet"], cwd=REPOSITORY, check=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    report = FOLDER / "coverage.json"
    subprocess.run([*coverage, "json", "--quiet", "-o", str(report)], cwd=REPOSITORY, check=True)
    subprocess.run([*coverage, "html", "--quiet", "-d", str(FOLDER)], cwd=REPOSITORY, check=True)
    print(*lines(read(report)), sep="\n")
    return ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
