"""The table of ``make test-matrix``: which QGIS, with what, passed how much.

``python -m scripts.matrix_table versions`` prints what the interpreter that runs it has, as JSON; ``... print FOLDER``
reads those files and the results of pytest beside them, prints the table and ends with 1 when a test failed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from xml.etree import ElementTree  # what pytest wrote a moment ago

ROWS = ("system", "beside", "trixie", "newest")
COLUMNS = ("row", "QGIS", "Python", "numpy", "Qt", "GDAL", "passed", "failed", "skipped", "seconds")


def versions() -> dict[str, str]:
    """Return the versions this interpreter works with."""
    import platform

    import numpy
    from osgeo import gdal
    from qgis.core import Qgis
    from qgis.PyQt.QtCore import QT_VERSION_STR

    return {
        "QGIS": Qgis.version().split("-")[0],
        "Python": platform.python_version(),
        "numpy": numpy.__version__,
        "Qt": QT_VERSION_STR,
        "GDAL": gdal.__version__,
    }


def results(path: Path) -> dict[str, str]:
    """Return what the results file of pytest counted; an error counts as a failure."""
    suites = ElementTree.parse(path).getroot().iter("testsuite")  # noqa: S314  our own file
    total = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
    seconds = 0.0
    for suite in suites:
        for name in total:
            total[name] += int(suite.get(name, 0))
        seconds += float(suite.get("time", 0))
    failed = total["failures"] + total["errors"]
    return {
        "passed": str(total["tests"] - failed - total["skipped"]),
        "failed": str(failed),
        "skipped": str(total["skipped"]),
        "seconds": f"{seconds:.0f}",
    }


def table(folder: Path) -> tuple[str, bool]:
    """Return the table of a folder of results with the sentences about what was left out, and whether all is well."""
    lines = [COLUMNS]
    reasons, well = [], True
    for row in ROWS:
        counted, known, reason = (folder / f"{row}.{kind}" for kind in ("xml", "versions", "left-out"))
        if counted.exists() and known.exists():
            facts = {"row": row, **json.loads(known.read_text(encoding="utf-8")), **results(counted)}
            well = well and facts["failed"] == "0" and facts["passed"] != "0"
            lines.append(tuple(facts[name] for name in COLUMNS))
        elif reason.exists():
            reasons.append(f"{row} left out: {reason.read_text(encoding='utf-8').strip()}")
            # A QGIS that cannot be had here is no failure; one that broke before its first result is.
            well = well and not known.exists()
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join([*text, *reasons]), well and len(lines) > 1


def main(arguments: list[str]) -> int:
    """Do what the module's text says."""
    if arguments == ["versions"]:
        print(json.dumps(versions()))
        return 0
    if len(arguments) == 2 and arguments[0] == "print":
        text, well = table(Path(arguments[1]))
        print(text)
        return 0 if well else 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
