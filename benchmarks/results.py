"""What the benchmarks found, as small JSON files in the repository, from which docs/performance.md is written.

    from benchmarks import results
    results.store("batch", {"words": [...], "tables": [results.table("Two workers", header, rows)], "ratio": 1.82})

A file holds what was found (``result``), by which command, when, on which machine, and with which versions; a later run
under the same name takes its place. What is in ``result`` is the benchmark's own affair, but for two keys that any
benchmark may give and the document prints as they are:

- ``words``: sentences, a list of str;
- ``tables``: a list of tables as `table` makes them.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path, PurePath
from typing import Any

from deepot_qgis.__about__ import VERSION

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = Path(__file__).resolve().parent / "results"
LARGEST_BYTES = 200_000
_PACKAGES = ("numpy", "scipy", "onnxruntime", "onnxruntime-gpu")


def store(name: str, result: Mapping[str, Any], command: str | None = None, folder: Path = FOLDER) -> Path:
    """Keep what a benchmark found; returns the path, ``NAME.json``.

    Parameters
    ----------
    name : str
        Letters, digits and underscores.
    result : mapping
        Plain values, lists and mappings of these; NumPy's numbers and arrays become plain ones. No NaN: None says
        that something was not measured.
    command : str, optional
        What to type to repeat it; made of the running command when not given.

    Raises
    ------
    ValueError
        The name has other letters, a number is not finite, or the file would be larger than `LARGEST_BYTES`.
    """
    if not re.fullmatch(r"\w+", name):
        raise ValueError(f"{name!r} is no name of a result; take letters, digits and underscores")
    record = {
        "command": command or running_command(),
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": machine(),
        "versions": versions(),
        "result": result,
    }
    text = json.dumps(record, indent=1, allow_nan=False, default=_plain) + "\n"
    if len(text) > LARGEST_BYTES:
        raise ValueError(f"{name} has {len(text)} bytes and may have {LARGEST_BYTES}; keep figures, not samples")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(text, encoding="utf-8")
    return path


def load(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """A kept record (``command``, ``date``, ``machine``, ``versions``, ``result``); None where there is none."""
    path = folder / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> dict[str, Any]:
    """A table for the document: cells are written as they are, numbers with the digits they have.

    Raises
    ------
    ValueError
        A row has more or fewer cells than the header.
    """
    wrong = [row for row in rows if len(row) != len(header)]
    if wrong:
        raise ValueError(f"{caption}: the header has {len(header)} cells, this row has not: {wrong[0]}")
    return {"caption": caption, "header": list(header), "rows": [[str(cell) for cell in row] for row in rows]}


def machine() -> dict[str, Any]:
    """What a reader must know of this machine to compare: processor, cores, memory, system, and what else it does."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": _memory_gb(),
        "system": _system(),
        "load": None if load is None else round(load, 2),
    }


def versions() -> dict[str, str]:
    """Versions of this repository and of what it computes with; what is not installed is left out."""
    found = {"deepot": VERSION, "commit": _commit(), "python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    with contextlib.suppress(ImportError):
        from osgeo import gdal

        found["GDAL"] = gdal.__version__
    return found


def running_command() -> str:
    """The command that runs, without the places of this machine."""
    main = getattr(sys.modules.get("__main__"), "__spec__", None)
    name = main.name.removesuffix(".__main__") if main is not None else None
    words = ["-m", name] if name else [_placeless(sys.argv[0])]
    return shlex.join(["python", *words, *(_placeless(word) for word in sys.argv[1:])])


def _placeless(word: str) -> str:
    path = PurePath(word)
    if not path.is_absolute():
        return word
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else path.name


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays, and tuples' relatives, as JSON has them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be kept as JSON")


def _processor() -> str:
    with contextlib.suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found.group(1).strip()
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    return None


def _system() -> str:
    if hasattr(platform, "freedesktop_os_release"):
        with contextlib.suppress(OSError):
            return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"{platform.system()} {platform.release()}"


def _commit() -> str:
    """Short hash of the checkout, with a plus sign when tracked files differ from it; empty where git cannot say."""
    asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    with contextlib.suppress(OSError):
        done = subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""
    return ""
