"""A QGIS profile of our own under ``build/``, with the staged plugin enabled; the user's profile is never touched."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

from scripts.staging import BUILD, PLUGIN

PROFILES = BUILD / "qgis"

_ENABLED = f"""\
[PythonPlugins]
{PLUGIN}=true

"""
_SETTINGS = """\
[qgis]
checkVersion=false

[app]
askToSaveMemoryLayers=false

[core]
NewsFeed\\httpsfeedqgisorg\\disabled=true
"""


def make_profile(plugin: Path, folder: Path = PROFILES) -> Path:
    """Write the profile and return what ``--profiles-path`` and ``QGIS_CUSTOM_CONFIG_PATH`` want."""
    plugins = _make(folder, _ENABLED + _SETTINGS) / "profiles" / "default" / "python" / "plugins"
    link = plugins / PLUGIN
    if link.is_symlink() or link.exists():
        link.unlink()
    link.symlink_to(plugin.resolve(), target_is_directory=True)
    return folder


def clean_profile(folder: Path) -> Path:
    """Write a profile without plugins, unless there is one, and return what ``--profiles-path`` wants."""
    return _make(folder, _SETTINGS)


def _make(folder: Path, text: str) -> Path:
    home = folder / "profiles" / "default"
    settings = home / "QGIS" / "QGIS3.ini"
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(text, encoding="utf-8")
    (home / "python" / "plugins").mkdir(parents=True, exist_ok=True)
    return folder


def environment(profiles: Path) -> dict[str, str]:
    """Environment for QGIS programs: our profile, and ONNX Runtime from the virtual environment this runs in."""
    return {
        **os.environ,
        "QGIS_CUSTOM_CONFIG_PATH": str(profiles),
        "PYTHONPATH": os.pathsep.join(filter(None, [sysconfig.get_path("purelib"), os.environ.get("PYTHONPATH")])),
    }


def qgis_process() -> str:
    """Name of the program; Debian's 3.22 ships a wrapper that does not start, beside the program itself.

    Raises
    ------
    FileNotFoundError
        When QGIS's command line is not installed.
    """
    for name in ("qgis_process.bin", "qgis_process"):
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("qgis_process is not installed; it comes with the package qgis")
