"""How pip is called: as a module, or from the wheel that Python or Debian keep for new environments."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from .interpreter import NO_WINDOW

_ANSWERS_WITHIN_S = 60
#: What is found is run as ``python pip-23.0.whl/pip``: nothing is written into the user's Python.
_FIND = """
import glob, importlib.util, os, sysconfig
folders = [sysconfig.get_config_var("WHEEL_PKG_DIR") or "", "/usr/share/python-wheels"]
try:
    import ensurepip
    folders.insert(0, os.path.join(os.path.dirname(ensurepip.__file__), "_bundled"))
except ImportError:
    pass
wheels = sorted(sum((glob.glob(os.path.join(folder, "pip-*.whl")) for folder in folders if folder), []))
print("pip" if importlib.util.find_spec("pip") else wheels[0] if wheels else "")
"""
#: Settings that would send packages elsewhere, or stop pip; the user's index, proxy and certificates stay.
_NOT_FOR_US = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_NO_BINARY", "PIP_ONLY_BINARY", "PIP_CONSTRAINT", "PIP_LOG",
               "PIP_REQUIREMENT", "PIP_QUIET", "PIP_DRY_RUN")  # fmt: skip


def start_of(python: str) -> tuple[str, ...] | None:
    """The beginning of a command that runs pip in a Python; None where it has none."""
    found = _said(python, "-c", _FIND).strip()
    if found == "pip":
        return python, "-m", "pip"
    return (python, f"{found}/pip") if found else None


def install_command(start: Sequence[str], target: Path, requirements: Sequence[str]) -> list[str]:
    """The command that installs wheels and nothing that they ask for into a folder."""
    return [
        *start, "install", "--no-deps", "--only-binary", ":all:", "--no-input", "--disable-pip-version-check",
 "--progress-bar", "off", "--no-warn-script-location", "--no-compile", "--target", str(target),
        *requirements,
    ]  # fmt: skip


def manual_command(python: str, target: Path, requirements: Sequence[str], system: str = os.name) -> str:
    """The same for a person: what a terminal of this system takes."""
    if system == "nt":
        quoted = " ".join(f'"{one}"' for one in requirements)
        return f'"{python}" -m pip install --no-deps --target "{target}" {quoted}'
    import shlex

    return shlex.join([python, "-m", "pip", "install", "--no-deps", "--target", str(target), *requirements])


def environment(temporary: Path, proxy: str = "", given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Environment for pip.

    Parameters
    ----------
    temporary : Path
        Where pip unpacks; on the disk of the target, and deleted with it.
    proxy : str
        ``http://host:port``, perhaps with name and password, where the user's own environment names none. In the
        environment, for a command line can be read by everybody.
    """
    own = {name: value for name, value in given.items() if name.upper() not in _NOT_FOR_US}
    own.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)))
    own.update(PYTHONIOENCODING="utf-8", PYTHONUTF8="1", PYTHONUNBUFFERED="1", PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0")
    # Of 5 the user would wait for minutes to hear that there is no network; of 0 pip does not say why it failed.
    own["PIP_RETRIES"] = "2"
    named = any(own.get(name) for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "PIP_PROXY"))
    if proxy and not named:
        own.update(HTTPS_PROXY=proxy, HTTP_PROXY=proxy)
    return own


def _said(*command: str) -> str:
    """What a command prints; empty where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - the Python that we run in
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=_ANSWERS_WITHIN_S,
            creationflags=NO_WINDOW, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""
