"""The processor and the memory of this computer."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys
from typing import Any

from . import main_memory

#: Variable of the environment by which processes side by side divide the cores among themselves.
CORES = "DEEPOT_CORES"
_GIGABYTE = 1e9


def cores() -> int:
    """Cores that this process may use: those that the system gives it, of them as many as `CORES` says."""
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get(CORES, "")
    return min(given, max(1, int(wanted))) if wanted.isdecimal() else given


def processor() -> str:
    """Name of the processor, such as ``AMD EPYC 9554``; its architecture where the system does not say."""
    found = ""
    with contextlib.suppress(OSError, ValueError, ImportError, AttributeError):
        found = {"win32": _name_windows, "darwin": _name_mac}.get(sys.platform, _name_linux)()
    return " ".join((found or platform.processor() or platform.machine() or "processor").split())


def memory() -> tuple[int, int] | None:
    """Free and total bytes of main memory; None where the system does not say.

    Free is what a program can have without anything being swapped out, with caches counted as free.
    """
    free, total = main_memory.free(), main_memory.total()
    return None if free is None or total is None else (free, total)


def gigabytes(free: float, total: float) -> str:
    """Memory for people: ``12.3 of 24.0 GB free``."""
    return f"{free / _GIGABYTE:.1f} of {total / _GIGABYTE:.1f} GB free"


def _name_linux() -> str:
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        facts = dict(line.partition(":")[::2] for line in file if ":" in line)
    facts = {key.strip(): value for key, value in facts.items()}
    return facts.get("model name") or facts.get("Model") or facts.get("Hardware") or ""


#: Where the registry of Windows describes the first processor.
_PROCESSOR = ("HARDWARE", "DESCRIPTION", "System", "CentralProcessor", "0")


def _name_windows() -> str:
    import winreg

    registry: Any = winreg  # elsewhere it is empty for a type checker
    with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, "\\".join(_PROCESSOR)) as key:
        return str(registry.QueryValueEx(key, "ProcessorNameString")[0])


def _name_mac() -> str:
    return _sysctl_bytes("machdep.cpu.brand_string").rstrip(b"\0").decode()


def _sysctl_bytes(name: str) -> bytes:
    library = ctypes.CDLL(None)
    size = ctypes.c_size_t(0)
    if library.sysctlbyname(name.encode(), None, ctypes.byref(size), None, 0):
        raise OSError
    value = ctypes.create_string_buffer(size.value)
    if library.sysctlbyname(name.encode(), value, ctypes.byref(size), None, 0):
        raise OSError
    return value.raw[: size.value]
