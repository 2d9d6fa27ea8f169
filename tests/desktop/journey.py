"""A new user's way, timed: QGIS opens, the zip is installed, the sample loaded, Run clicked, layers are on the map.

    make package && .venv/bin/python -m tests.desktop.journey [dist/deepot_qgis-VERSION.zip]

QGIS runs under Xvfb with a clean profile; clicks are counted as a person makes them. ONNX Runtime is that of the
environment this runs in; without one the panel would offer to install it, which takes one click more.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from scripts.qgis_profile import clean_profile
from tests.desktop import picture

DRIVER = Path(__file__).with_name("drive_journey.py")
TIMEOUT_S = 300


def newest_zip() -> Path:
    """The zip that ``make package`` made last.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    found = sorted((picture.REPOSITORY / "dist").glob("deepot_qgis-*.zip"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise FileNotFoundError("There is no zip in dist/: run make package first.")
    return found[-1]


def travel(archive: Path, workspace: Path) -> list[dict]:
    """Go the way once.

    Returns
    -------
    list of dict
        ``what`` was reached, after how many ``clicks`` and ``seconds`` since QGIS was started.

    Raises
    ------
    RuntimeError
        It was not gone to its end; what QGIS said.
    """
    times = workspace / "journey.json"
    variables = {
        "DEEPOT_ZIP": str(archive.resolve()),
        "DEEPOT_TIMES": str(times.resolve()),
        "DEEPOT_STARTED": repr(time.time()),
    }
    done = picture.drive(DRIVER, clean_profile(workspace / "qgis"), TIMEOUT_S, variables)
    if done.returncode or not times.exists():
        raise RuntimeError(f"QGIS left with {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(times.read_text(encoding="utf-8"))


def main() -> int:
    """Print the way as a table."""
    archive = Path(sys.argv[1]) if len(sys.argv) > 1 else newest_zip()
    with tempfile.TemporaryDirectory() as folder:
        steps = travel(archive, Path(folder))
    print(f"{'reached':<52}{'clicks':>7}{'seconds':>9}")
    for step in steps:
        print(f"{step['what']:<52}{step['clicks']:>7}{step['seconds']:>9.1f}")
    return 0


if __name__ == "__main__":
    os.chdir(picture.REPOSITORY)
    sys.exit(main())
