"""Take docs/images/panel.png: the real QGIS desktop under Xvfb, the sample measured by clicks.

    make setup && .venv/bin/python -m tests.desktop.picture docs/images/panel.png
    .venv/bin/python -m tests.desktop.picture docs/images/start_loaded.png start
    .venv/bin/python -m tests.desktop.picture docs/images/selftest.png selftest
    .venv/bin/python -m tests.desktop.picture docs/images/refine_panel.png refine
    .venv/bin/python -m tests.desktop.picture docs/images/series_desktop.png series

Needs the packages qgis, xvfb and xauth (``make setup`` installs them).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from scripts.qgis_profile import environment, make_profile
from scripts.staging import stage

DRIVER = Path(__file__).with_name("drive_panel.py")
REFINE_DRIVER = Path(__file__).with_name("drive_refine.py")
SERIES_DRIVER = Path(__file__).with_name("drive_series.py")
TIMEOUT_S, SERIES_TIMEOUT_S = 180, 600
REPOSITORY = Path(__file__).resolve().parents[2]


def missing_programs() -> list[str]:
    """Return what has to be installed first."""
    return [name for name in ("qgis", "xvfb-run") if shutil.which(name) is None]


def take(
    picture: Path, workspace: Path, method: str = "model", subject: str = "DEEPOT_PICTURE", size: str = "1600x1400"
) -> subprocess.CompletedProcess:
    """Drive the desktop with a profile of its own in ``workspace`` and write the picture.

    Parameters
    ----------
    subject : str
        ``DEEPOT_PICTURE``: the window after a run; ``DEEPOT_TEST_PICTURE``: the panel after a self-test;
        ``DEEPOT_START_PICTURE``: the window with the sample loaded, before a run.
    size : str
        Of the window, pixels.
    """
    profiles = make_profile(stage(workspace), workspace / "qgis")
    variables = {subject: str(picture.resolve()), "DEEPOT_METHOD": method, "DEEPOT_SIZE": size}
    return drive(DRIVER, profiles, TIMEOUT_S, variables, size)


def take_refined(picture: Path, workspace: Path, method: str = "model") -> subprocess.CompletedProcess:
    """Measure the sample in the desktop, draw stable ground with the mouse, write the picture of the preview."""
    profiles = make_profile(stage(workspace), workspace / "qgis")
    variables = {"DEEPOT_PICTURE": str(picture.resolve()), "DEEPOT_METHOD": method}
    return drive(REFINE_DRIVER, profiles, TIMEOUT_S, variables)


def take_series(
    picture: Path, stations_picture: Path, workspace: Path, size: str = "1600x1200", method: str = "correlation"
) -> subprocess.CompletedProcess:
    """Make a series in the desktop, plot it, compare it with a station; write one picture of each.

    Parameters
    ----------
    size : str
        Of the window, pixels.
    """
    from tests.desktop import stack

    profiles = make_profile(stage(workspace), workspace / "qgis")
    images = workspace / "stack"
    if not (images / "station.csv").exists():
        stack.write_images(images)
        stack.write_station(images / "station.csv")
    variables = {
        "DEEPOT_PICTURE": str(picture.resolve()),
        "DEEPOT_STATIONS_PICTURE": str(stations_picture.resolve()),
        "DEEPOT_STACK": str(images.resolve()),
        "DEEPOT_SIZE": size,
        "DEEPOT_METHOD": method,
    }
    return drive(SERIES_DRIVER, profiles, SERIES_TIMEOUT_S, variables, size)


def drive(
    driver: Path,
    profiles: Path,
    timeout: int,
    what: dict[str, str],
    size: str = "1600x1400",
    without: Collection[str] = (),
) -> subprocess.CompletedProcess:
    """Open the desktop under Xvfb and have a driver, with its variables, click in it.

    Parameters
    ----------
    without : collection of str
        Variables of this process that the desktop must not see.
    """
    variables = {**environment(profiles), "DEEPOT_REPOSITORY": str(REPOSITORY), **what}
    for name in ("QT_QPA_PLATFORM", *without):  # the offscreen platform does not carry the desktop
        variables.pop(name, None)
    command = ["xvfb-run", "-a", "-s", f"-screen 0 {size}x24", "qgis", "--nologo", "--noversioncheck"]
    command += ["--profiles-path", str(profiles), "--code", str(driver)]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=timeout)


def main() -> int:
    """Take the picture named on the command line."""
    lacking = missing_programs()
    if lacking:
        sys.stderr.write(f"{' and '.join(lacking)} missing: run make setup first\n")
        return 2
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/panel.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    what = sys.argv[2] if len(sys.argv) > 2 else "model"
    if what == "series":
        size = sys.argv[3] if len(sys.argv) > 3 else "1600x1200"
        done = take_series(picture, picture.with_name("stations_desktop.png"), Path("build") / "picture", size)
    elif what == "refine":
        done = take_refined(picture, Path("build") / "picture")
    elif what == "start":
        done = take(picture, Path("build") / "picture", subject="DEEPOT_START_PICTURE", size="1280x960")
    elif what == "selftest":
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
