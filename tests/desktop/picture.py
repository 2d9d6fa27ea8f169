"""Take docs/images/panel.png: the real QGIS desktop under Xvfb, the sample measured by clicks.

    make setup && .venv/bin/python -m tests.desktop.picture docs/images/panel.png
    .venv/bin/python -m tests.desktop.picture docs/images/selftest.png selftest

Needs the packages qgis, xvfb and xauth (``make setup`` installs them).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.qgis_profile import environment, make_profile
from scripts.staging import stage

DRIVER = Path(__file__).with_name("drive_panel.py")
TIMEOUT_S = 180


def missing_programs() -> list[str]:
    """Return what has to be installed first."""
    return [name for name in ("qgis", "xvfb-run") if shutil.which(name) is None]


def take(
    picture: Path, workspace: Path, method: str = "model", subject: str = "DEEPOT_PICTURE"
) -> subprocess.CompletedProcess:
    """Drive the desktop with a profile of its own in ``workspace`` and write the picture.

    Parameters
    ----------
    subject : str
        ``DEEPOT_PICTURE``: the window after a run; ``DEEPOT_TEST_PICTURE``: the panel after a self-test.
    """
    profiles = make_profile(stage(workspace), workspace / "qgis")
    variables = {**environment(profiles), subject: str(picture.resolve()), "DEEPOT_METHOD": method}
    variables.pop("QT_QPA_PLATFORM", None)  # the offscreen platform does not carry the desktop
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1400x24", "qgis", "--nologo", "--noversioncheck"]
    command += ["--profiles-path", str(profiles), "--code", str(DRIVER)]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=TIMEOUT_S)


def main() -> int:
    """Take the picture named on the command line."""
    lacking = missing_programs()
    if lacking:
        sys.stderr.write(f"{' and '.join(lacking)} missing: run make setup first\n")
        return 2
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/panel.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    what = sys.argv[2] if len(sys.argv) > 2 else "model"
    if what == "selftest":
        done = take(picture, Path("build") / "picture", subject="DEEPOT_TEST_PICTURE")
    else:
        done = take(picture, Path("build") / "picture", what)
    if done.returncode:
        sys.stderr.write(done.stderr)
    print(f"{picture}: {picture.stat().st_size:,} bytes" if done.returncode == 0 else "no picture")
    return done.returncode


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    sys.exit(main())
