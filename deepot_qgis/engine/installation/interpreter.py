"""The Python program that pip is run with: `sys.executable` is QGIS itself on Windows and macOS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import InstallationError

#: Windows: no window of a console flashes up.
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
_ANSWERS_WITHIN_S = 60
_ASK = "import sys; print(*sys.version_info[:2], sys.maxsize > 2**32)"


@dataclass(frozen=True)
class Running:
    """What a process knows of its own Python.

    Attributes
    ----------
    system : str
        As `sys.platform` says.
    executable, prefix, base_prefix : str
        As in `sys`.
    version : tuple of int
        Such as (3, 11).
    """

    system: str
    executable: str
    prefix: str
    base_prefix: str
    version: tuple[int, int]


def this_process() -> Running:
    """The Python that this runs in."""
    executable = getattr(sys, "_base_executable", None) if os.name == "nt" else sys.executable
    return Running(sys.platform, executable or sys.executable or "", sys.prefix, sys.base_prefix, sys.version_info[:2])


def candidates(running: Running) -> Iterator[Path]:
    """Files that may be the Python program, the likeliest first; they need not exist.

    QGIS for Windows lies in ``bin/qgis-bin.exe`` with its Python in ``apps/Python312``; QGIS.app has ``MacOS/QGIS``
    beside ``MacOS/bin/python3``, or a framework of Python. On Linux a program that carries Python takes for its
    executable the first ``python3`` of the path, which may be another one: what lies in its own prefix goes before.
    """
    major, minor = running.version
    executable = Path(running.executable) if running.executable else None
    prefixes = list(dict.fromkeys(Path(prefix) for prefix in (running.prefix, running.base_prefix) if prefix))
    if running.system == "win32":
        for prefix in prefixes:
            yield from (prefix / "python.exe", prefix / "python3.exe", prefix / "Scripts" / "python.exe")
        if executable is not None:
            root = executable.parent.parent
            yield root / "apps" / f"Python{major}{minor}" / "python.exe"
            yield from _named_python(executable)
            yield from (executable.parent / "python3.exe", executable.parent / "python.exe", root / "python.exe")
        return
    names = (f"python{major}.{minor}", f"python{major}", "python")
    for prefix in prefixes:
        yield from (prefix / "bin" / name for name in names)
    if executable is not None:
        yield from _named_python(executable)
        contents = executable.parent.parent
        framework = contents / "Frameworks" / "Python.framework" / "Versions" / f"{major}.{minor}" / "bin"
        for folder in (executable.parent / "bin", executable.parent, framework, contents / "Frameworks" / "bin"):
            yield from (folder / name for name in names)


def _named_python(executable: Path) -> Iterator[Path]:
    if executable.name.lower().startswith(("python", "pypy")):
        yield executable


def find(running: Running | None = None) -> str:
    """The Python program of this process: the first candidate that is there and answers as the same Python.

    Raises
    ------
    InstallationError
        None does.
    """
    running = running or this_process()
    for path in dict.fromkeys(candidates(running)):
        if path.is_file() and _is_same(path, running.version):
            return str(path)
    raise InstallationError(
        f"No Python program was found that belongs to this QGIS (looked in {running.prefix} and beside "
        f"{running.executable or 'the program'}): install ONNX Runtime from the command line of the Python that QGIS "
        "uses, or measure with the conventional method.",
    )


def _is_same(path: Path, version: tuple[int, int]) -> bool:
    """Whether a program is a Python of this version; QGIS itself, started by mistake, would open a window."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program below our own prefix
            [str(path), "-c", _ASK], capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S, creationflags=NO_WINDOW,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.stdout.split() == [*map(str, version), str(sys.maxsize > 2**32)]
