"""Which process on which machine: the mark that temporary files carry, and whether its bearer still lives."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST = 32
#: Windows: the right to ask a process for its state, and the state of one that has not ended.
_QUERY, _STILL_ACTIVE, _ACCESS_DENIED = 0x1000, 259, 5


def host() -> str:
    """Name of this machine, as part of a file name."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", platform.node())[:_LONGEST] or "here"


def alive(pid: int) -> bool:
    """Whether a process of this machine runs; True where that cannot be told."""
    if os.name == "nt":
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # it is another user's
    return True


@contextmanager
def exclusive(path: str) -> Iterator[bool]:
    """Hold a lock file for as long as the context lasts; the system lets go of it when the process dies.

    Yields
    ------
    bool
        False when another process holds it. True also where the file system knows no locks.
    """
    with open(path, "ab") as file:
        yield _lock(file.fileno())


def _lock(handle: int) -> bool:
    if os.name == "nt":
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # this file system has no locks
    return True


def _alive_on_windows(pid: int) -> bool:
    """As `alive`; there ``os.kill`` would end the process."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    handle = kernel.OpenProcess(_QUERY, False, pid)
    if not handle:
        return bool(ctypes.get_last_error() == _ACCESS_DENIED)  # type: ignore[attr-defined,unused-ignore]
    code = ctypes.c_ulong()
    known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return not known or code.value == _STILL_ACTIVE
