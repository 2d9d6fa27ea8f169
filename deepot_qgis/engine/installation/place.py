"""Where ONNX Runtime of our own lies: a private folder of the user's, one for each Python and kind of machine.

    ~/.local/share/deepot/runtime/cpython-311-linux-x86_64/0001/onnxruntime/...

Every installation gets a folder with a number of its own and is used from there, for Windows does not let a folder
change whose libraries are loaded. What has such a name is whole: it was tried before it was renamed.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import processes

#: Variable of the environment that names another folder, where the home is read-only or has a small quota.
VARIABLE = "DEEPOT_RUNTIME"
#: Where the command that a user copies installs to; taken when nothing that was installed by us is there.
BY_HAND = "by-hand"
_RECORD, _REMOVED = "deepot.json", "deepot.removed"
_NUMBER = re.compile(r"\d{4}")
_PART = re.compile(r"part-(?P<host>\w+)-(?P<pid>\d+)")


@dataclass(frozen=True)
class Installed:
    """ONNX Runtime in a private folder.

    Attributes
    ----------
    folder : str
        What goes onto Python's path.
    package : str
        Its name on the package registry; empty where it was installed by hand.
    version : str
        Empty where it was installed by hand.
    """

    folder: str
    package: str = ""
    version: str = ""


def root(system: str = sys.platform, environment: Mapping[str, str] = os.environ, home: str | None = None) -> Path:
    """Folder of all private installations of this user."""
    if environment.get(VARIABLE):
        return Path(environment[VARIABLE])
    own = Path(home or os.path.expanduser("~"))
    if system == "win32":  # not the roaming folder, which travels from computer to computer
        base = Path(environment.get("LOCALAPPDATA") or own / "AppData" / "Local")
    elif system == "darwin":
        base = own / "Library" / "Application Support"
    else:
        base = Path(environment.get("XDG_DATA_HOME") or own / ".local" / "share")
    return base / "deepot" / "runtime"


def key() -> str:
    """Name of what must be the same for an installation to load: Python, its version, system and processor."""
    abi = sys.implementation.cache_tag + getattr(sys, "abiflags", "")
    machine = re.sub(r"\W+", "_", platform.machine().lower()) or "unknown"
    return f"{abi}-{sys.platform}-{machine}"


def home() -> Path:
    """Folder of the installations for this Python."""
    return root() / key()


def by_hand() -> Path:
    """Where a user may install by hand."""
    return home() / BY_HAND


def current() -> Installed | None:
    """The installation that this Python is to use; None where there is none."""
    for folder in reversed(_numbered()):
        if not (folder / _REMOVED).exists():
            return Installed(str(folder), *_record(folder))
    if (by_hand() / "onnxruntime" / "__init__.py").is_file():
        return Installed(str(by_hand()))
    return None


def begin() -> Path:
    """Make the folder in which an installation grows, under a name that says whose it is.

    Raises
    ------
    OSError
        It cannot be made.
    """
    part = home() / f"part-{processes.host()}-{os.getpid()}"
    _delete(part)
    part.mkdir(parents=True)
    return part


def complete(part: Path, package: str, version: str) -> Installed:
    """Give an installation that was tried its name; the ones before it are used no more.

    Raises
    ------
    OSError
        It cannot be renamed.
    """
    before = _numbered()
    number = int(before[-1].name) + 1 if before else 1
    folder = home() / f"{number:04d}"
    found = Installed(str(folder), package, version)
    (part / _RECORD).write_text(json.dumps({**asdict(found), "folder": ""}) + "\n", encoding="utf-8")
    os.replace(part, folder)
    for old in before:
        _forget(old)
    return found


def remove() -> bool:
    """Remove every installation for this Python; what a running program still holds goes the next time.

    Returns
    -------
    bool
        Whether there was one.

    Raises
    ------
    OSError
        One can neither be deleted nor marked.
    """
    there = [*_numbered(), *([by_hand()] if by_hand().is_dir() else [])]
    for folder in there:
        _forget(folder)
    sweep()
    for empty in (home(), root()):
        with contextlib.suppress(OSError):
            empty.rmdir()
    return bool(there)


def sweep() -> None:
    """Delete what was begun by a process that is gone, and what could not be deleted before."""
    for folder in _folders():
        growing = _PART.fullmatch(folder.name)
        if growing:
            here = growing["host"] == processes.host()
            lives = not here or processes.alive(int(growing["pid"]))
            if not lives:
                _delete(folder)
        elif (folder / _REMOVED).exists():
            _delete(folder)


def discard(part: Path) -> None:
    """Delete a folder in which nothing whole has grown."""
    _delete(part)
    for empty in (part.parent, part.parent.parent):
        with contextlib.suppress(OSError):
            empty.rmdir()


def _forget(folder: Path) -> None:
    (folder / _REMOVED).write_bytes(b"")
    _delete(folder)


def _delete(folder: Path) -> None:
    """Delete a folder, the mark that it is removed last: a library that is in use stops the deletion half-way."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.name == _REMOVED:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                entry.unlink()
    if folder.is_dir() and all(entry.name == _REMOVED for entry in folder.iterdir()):
        shutil.rmtree(folder, ignore_errors=True)


def _folders() -> list[Path]:
    try:
        return sorted(entry for entry in home().iterdir() if entry.is_dir())
    except OSError:
        return []


def _numbered() -> list[Path]:
    return [folder for folder in _folders() if _NUMBER.fullmatch(folder.name)]


def _record(folder: Path) -> tuple[str, str]:
    """Package and version as they were installed; empty where the record does not say."""
    try:
        facts = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        return str(facts["package"]), str(facts["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""
