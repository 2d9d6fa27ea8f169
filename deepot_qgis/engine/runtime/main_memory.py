"""Main memory of this computer: what programs may still take of it, and all of it."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from typing import Any, Callable


def free() -> int | None:
    """Bytes that programs may still take without anything being swapped out; None where it cannot be found out.

    Caches that are given up on demand count as free; inside a container, no more than it leaves.
    """
    return _ask({"linux": free_on_linux, "win32": lambda: int(_status().free), "darwin": _free_on_mac})


def total() -> int | None:
    """Bytes of all of it; None where it cannot be found out."""
    return _ask({"linux": _total_on_linux, "win32": lambda: int(_status().total), "darwin": _total_on_mac})


def _ask(systems: dict[str, Callable[[], int]]) -> int | None:
    found = systems.get(sys.platform)
    try:
        return found() if found else None
    except (OSError, ValueError, AttributeError, KeyError):
        return None


def free_on_linux(root: str = "/") -> int:
    """What the kernel counts as available, or what the container leaves where that is less."""
    with open(os.path.join(root, "proc/meminfo"), encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    free = int(lines["MemAvailable"].split()[0]) * 1024
    for limit, used, cached in (
        ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory.current", "sys/fs/cgroup/memory.stat"),
        (
            "sys/fs/cgroup/memory/memory.limit_in_bytes",
            "sys/fs/cgroup/memory/memory.usage_in_bytes",
            "sys/fs/cgroup/memory/memory.stat",
        ),
    ):
        try:
            most, taken = (_number(os.path.join(root, path)) for path in (limit, used))
            free = min(free, most - taken + _file_cache(os.path.join(root, cached)))
        except (OSError, ValueError):
            continue  # no container, or one without a limit ("max")
    return max(0, free)


def _number(path: str) -> int:
    with open(path, encoding="ascii") as file:
        return int(file.read())


def _file_cache(path: str) -> int:
    """Bytes of files that a container holds in memory and gives up when a program wants them."""
    try:
        with open(path, encoding="ascii") as file:
            found = dict(line.split() for line in file if len(line.split()) == 2)
        return int(found.get("inactive_file", 0))
    except (OSError, ValueError):
        return 0


def _total_on_linux() -> int:
    with open("/proc/meminfo", encoding="ascii") as file:
        lines = dict(line.split(":", 1) for line in file if ":" in line)
    return int(lines["MemTotal"].split()[0]) * 1024


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of Windows."""

    _fields_ = [
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("free", ctypes.c_uint64),
        *((name, ctypes.c_uint64) for name in ("page", "page_free", "virtual", "virtual_free", "extended")),
    ]


def _status() -> _MemoryStatus:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    library: Any = ctypes  # elsewhere it has no windll for a type checker
    if not library.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        raise OSError("GlobalMemoryStatusEx")
    return status


def _free_on_mac() -> int:
    """Free pages and those of files that are given up on demand; half of all memory where that is not told."""
    try:
        pages = _sysctl(b"vm.page_free_count") + _sysctl(b"vm.page_pageable_external_count")
        return pages * _sysctl(b"hw.pagesize")
    except OSError:
        return _total_on_mac() // 2


def _total_on_mac() -> int:
    return _sysctl(b"hw.memsize")


def _sysctl(name: bytes) -> int:
    """A number of the system; raises OSError where it is not told."""
    library = ctypes.CDLL(ctypes.util.find_library("c"))
    number, size = ctypes.c_uint64(0), ctypes.c_size_t(8)
    if library.sysctlbyname(name, ctypes.byref(number), ctypes.byref(size), None, ctypes.c_size_t(0)):
        raise OSError(name.decode())
    return int(number.value)
