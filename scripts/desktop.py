"""Open QGIS with the plugin enabled and the sample pair loaded (``make qgis``), in a profile of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts.qgis_profile import environment, make_profile
from scripts.staging import REPOSITORY, stage


def main() -> int:
    """Stage, write the profile, start QGIS and wait for it."""
    program = shutil.which("qgis")
    if program is None:
        print("QGIS is not installed; make setup installs it on Debian and Ubuntu", file=sys.stderr)
        return 1
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        print("There is no display to open QGIS on; without one: xvfb-run -a make qgis", file=sys.stderr)
        return 1
    profiles = make_profile(stage())
    startup = REPOSITORY / "scripts" / "desktop_startup.py"
    command = [program, "--nologo", "--noversioncheck", "--profiles-path", str(profiles), "--code", str(startup)]
    return subprocess.run([*command, *sys.argv[1:]], env=environment(profiles)).returncode


if __name__ == "__main__":
    sys.exit(main())
