"""The first run of somebody without ONNX Runtime, in the real desktop: pictures, and the diagnostics as a file.

    .venv/bin/python -m tests.desktop.picture_runtime FOLDER

The package comes from the registry that pip knows. FOLDER gets ``missing.png``, ``log.png``, ``run.png`` and
``diagnostics.md``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.qgis_profile import make_profile
from scripts.staging import stage
from tests.desktop.picture import REPOSITORY, drive, missing_programs

DRIVER = Path(__file__).with_name("drive_runtime.py")
TIMEOUT_S = 400


def take(folder: Path, workspace: Path, size: str = "1600x1400") -> subprocess.CompletedProcess:
    """Drive the desktop with a profile and a private folder of its own in ``workspace``."""
    shutil.rmtree(workspace, ignore_errors=True)  # the first run of all
    profiles = make_profile(stage(workspace), workspace / "qgis")
    variables = {
        "DEEPOT_RUNTIME": str((workspace / "runtime").resolve()),
        "DEEPOT_MISSING_PICTURE": str((folder / "missing.png").resolve()),
        "DEEPOT_LOG_PICTURE": str((folder / "log.png").resolve()),
        "DEEPOT_PICTURE": str((folder / "run.png").resolve()),
        "DEEPOT_DIAGNOSTICS": str((folder / "diagnostics.md").resolve()),
        "DEEPOT_SIZE": size,
    }
    # without: not the ONNX Runtime of the environment that this runs in
    return drive(DRIVER, profiles, TIMEOUT_S, variables, size, without=["PYTHONPATH"])


def main() -> int:
    """Write the pictures."""
    lacking = missing_programs()
    if lacking:
        sys.stderr.write(f"{' and '.join(lacking)} missing: run make setup first\n")
        return 2
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    done = take(folder, folder / "work")
    if done.returncode:
        sys.stderr.write(done.stderr)
    print(*sorted(path.name for path in folder.iterdir() if path.is_file()))
    return done.returncode


if __name__ == "__main__":
    os.chdir(REPOSITORY)
    sys.exit(main())
