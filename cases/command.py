"""What the commands of all cases share."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Callable

from cases import files, page
from deepot_qgis.engine.errors import DeepotError

DECORRELATION_SOURCES = (
    "Parizzi, A., Cong, X. and Eineder, M. (2009): First results from multifrequency interferometry: a comparison of "
    "different decorrelation time constants at L, C and X band. ESA Fringe workshop.",
    "Morishita, Y. and Hanssen, R. F. (2015): Temporal decorrelation in L-, C- and X-band satellite radar "
    "interferometry for pasture on drained peat soils. IEEE Transactions on Geoscience and Remote Sensing 53(2), "
    "1096-1104.",
)


def target(docs: Path | None, folder: Path, publish: bool) -> Path:
    """Where page and pictures go: the folder asked for, docs/ for the real thing, else beside the products."""
    return docs or (page.DOCS if publish else folder)


def main(name: str, run: Callable[[bool, Path, Path | None], dict], about: str) -> int:
    """Run a case from the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog=f"python -m cases.{name}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small analytic variant; leaves docs/ as it is")
    parser.add_argument("--docs", type=Path, help="folder for the page and images/ (default: docs/ of a full run)")
    arguments = parser.parse_args()
    started = time.monotonic()
    folder = files.folder(name, arguments.quick)
    try:
        numbers = run(arguments.quick, folder, arguments.docs)
    except DeepotError as error:
        print(f"{error}")
        return 1
    (folder / "numbers.json").write_text(json.dumps(numbers, indent=1, default=float), encoding="utf-8")
    print(f"Done in {time.monotonic() - started:.0f} s; everything is in {folder}.")
    return 0
