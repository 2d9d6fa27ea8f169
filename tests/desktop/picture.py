"""Take docs/images/panel.png: the real QGIS desktop under Xvfb, the sample measured by clicks.

    make setup && .venv/bin/python -m tests.desktop.picture docs/images/panel.png
    .venv/bin/python -m tests.desktop.picture docs/images/start_loaded.png start
    .venv/bin/python -m tests.desktop.picture docs/images/selftest.png selftest
    .venv/bin/python -m tests.desktop.picture docs/images/refine_panel.png refine
    .venv/bin/python -m tests.desktop.picture docs/images/series_desktop.png series
    .venv/bin/python -m tests.desktop.picture docs/images/panel_dark.png model --theme "Night Mapping"
    .venv/bin/python -m tests.desktop.picture docs/images/panel_small.png model 1280x720

Needs the packages qgis, xvfb and xauth (``make setup`` installs them).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
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


#: What is shown, by the variable that names the picture.
SUBJECTS = {
    "start": "DEEPOT_START_PICTURE",
    "selftest": "DEEPOT_TEST_PICTURE",
    "tools": "DEEPOT_TOOLS_PICTURE",
}
SIZES = {"start": "1280x960"}


@dataclass(frozen=True)
class Look:
    """Size of the window in pixels, theme of QGIS, language, pixels of the screen for one of Qt; empty as usual."""

    size: str = "1600x1400"
    theme: str = ""
    language: str = ""
    scale: str = ""


def take(
    picture: Path, workspace: Path, method: str = "model", subject: str = "DEEPOT_PICTURE", look: Look = Look()
) -> subprocess.CompletedProcess:
    """Drive the desktop with a profile of its own in ``workspace`` and write the picture.

    Parameters
    ----------
    subject : str
        ``DEEPOT_PICTURE``: the window after a run; ``DEEPOT_TEST_PICTURE``: the panel after a self-test;
        ``DEEPOT_START_PICTURE``: the window with the sample loaded, before a run; ``DEEPOT_TOOLS_PICTURE``: the
        window with the tab Tools.
    look : Look
    """
    profiles = make_profile(stage(workspace), workspace / f"qgis_{look.theme.replace(' ', '')}{look.language}")
    _dress(profiles, look)
    variables = {subject: str(picture.resolve()), "DEEPOT_METHOD": method, "DEEPOT_SIZE": look.size}
    size = look.size
    if look.scale:
        variables["QT_SCALE_FACTOR"] = look.scale
        size = "x".join(str(round(float(side) * float(look.scale))) for side in look.size.split("x"))
    return drive(DRIVER, profiles, TIMEOUT_S, variables, size)


def take_refined(picture: Path, workspace: Path, method: str = "model") -> subprocess.CompletedProcess:
    """Measure the sample in the desktop, draw stable ground with the mouse, write the picture of the preview."""
    profiles = make_profile(stage(workspace), workspace / "qgis")
    variables = {"DEEPOT_PICTURE": str(picture.resolve()), "DEEPOT_METHOD": method}
    return drive(REFINE_DRIVER, profiles, TIMEOUT_S, variables)


def _dress(profiles: Path, look: Look) -> None:
    """Write theme and language into a profile that has neither yet."""
    settings = profiles / "profiles" / "default" / "QGIS" / "QGIS3.ini"
    text = settings.read_text(encoding="utf-8")
    if look.theme and "UITheme" not in text:
        text += f"\n[UI]\nUITheme={look.theme}\n"
    if look.language and "userLocale" not in text:
        text += f"\n[locale]\noverrideFlag=true\nuserLocale={look.language}\n"
    settings.write_text(text, encoding="utf-8")


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
    asked = _arguments()
    picture = Path(asked.picture)
    picture.parent.mkdir(parents=True, exist_ok=True)
    look = Look(asked.size or SIZES.get(asked.what, "1600x1400"), asked.theme, asked.language, asked.scale)
    workspace = Path("build") / "picture"
    if asked.what == "series":
        done = take_series(picture, picture.with_name("stations_desktop.png"), workspace, look.size, method="model")
    elif asked.what == "refine":
        done = take_refined(picture, workspace)
    else:
        method = asked.what if asked.what in ("model", "correlation") else "model"
        done = take(picture, workspace, method, SUBJECTS.get(asked.what, "DEEPOT_PICTURE"), look)
    if done.returncode:
        sys.stderr.write(done.stderr)
    print(f"{picture}: {picture.stat().st_size:,} bytes" if done.returncode == 0 else "no picture")
    return done.returncode


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("picture", nargs="?", default="docs/images/panel.png")
    parser.add_argument(
        "what", nargs="?", default="model", choices=["model", "correlation", "series", "refine", *SUBJECTS]
    )
    parser.add_argument("size", nargs="?", help="of the window, such as 1280x720")
    parser.add_argument("--theme", default="", help="of QGIS, such as 'Night Mapping'")
    parser.add_argument("--language", default="", help="such as de")
    parser.add_argument("--scale", default="", help="of a screen with many pixels, such as 2")
    return parser.parse_args()


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[2])
    sys.exit(main())
