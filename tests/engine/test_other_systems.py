"""What only Windows and macOS run, with stand-ins for their libraries: locks, living processes, processor, memory."""

from __future__ import annotations

import ctypes
import errno
import sys
import types

import pytest

from deepot_qgis.engine import processes
from deepot_qgis.engine.runtime import hardware


class Kernel:
    """Of Windows, as far as it tells of processes; remembers which handles it gave and took back."""

    def __init__(self, handle=7, state=0, known=True):
        self.handle, self.state, self.known, self.closed = handle, state, known, []

    def OpenProcess(self, rights, inherit, pid):
        assert rights == 0x1000, "no more than the right to ask"
        return self.handle

    def GetExitCodeProcess(self, handle, code):
        code._obj.value = self.state
        return self.known

    def CloseHandle(self, handle):
        self.closed.append(handle)


@pytest.fixture
def windows(monkeypatch):
    """Takes a kernel; there nobody may call ``os.kill``, which would end the process that is asked for."""
    monkeypatch.setattr(processes, "os", types.SimpleNamespace(name="nt"))

    def with_kernel(kernel, error=0):
        monkeypatch.setattr(ctypes, "WinDLL", lambda *_, **__: kernel, raising=False)
        monkeypatch.setattr(ctypes, "get_last_error", lambda: error, raising=False)
        return kernel

    return with_kernel


@pytest.mark.parametrize(
    ("kernel", "error", "lives"),
    [
        (Kernel(state=259), 0, True),
        (Kernel(state=0), 0, False),
        (Kernel(state=1), 0, False),
        (Kernel(known=False), 0, True),  # it cannot be told
        (Kernel(handle=0), 5, True),  # somebody else's
        (Kernel(handle=0), 87, False),  # there is none
    ],
)
def test_windows_tells_the_living_from_the_dead(windows, kernel, error, lives):
    windows(kernel, error)
    assert processes.alive(1234) is lives
    assert kernel.closed == ([kernel.handle] if kernel.handle else [])


@pytest.mark.parametrize("held", [False, True])
def test_windows_locks(windows, monkeypatch, tmp_path, held):
    calls = []

    def locking(handle, mode, count):
        calls.append((mode, count))
        if held:
            raise PermissionError(errno.EACCES, "held")

    monkeypatch.setitem(sys.modules, "msvcrt", types.SimpleNamespace(locking=locking, LK_NBLCK=2))
    with processes.exclusive(str(tmp_path / "lock")) as ours:
        assert ours is not held
    assert calls == [(2, 1)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows locks in its own way")
def test_a_file_system_without_locks_lets_everybody_in(monkeypatch, tmp_path):
    import fcntl

    def flock(*_):
        raise OSError(errno.ENOLCK, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    with processes.exclusive(str(tmp_path / "lock")) as ours:
        assert ours


@pytest.mark.parametrize("error", [PermissionError, OverflowError])
def test_whose_process_cannot_be_asked_counts_as_alive(monkeypatch, error):
    def kill(pid, signal):
        assert signal == 0
        raise error

    monkeypatch.setattr(processes.os, "kill", kill)
    assert processes.alive(1)


@pytest.mark.parametrize(
    ("node", "name"),
    [("lab-3.example.org", "lab_3_example_org"), ("Zoës PC", "Zo_s_PC"), ("", "here"), ("x" * 99, "x" * 32)],
)
def test_the_name_of_a_machine_fits_into_a_file_name(monkeypatch, node, name):
    monkeypatch.setattr(processes.platform, "node", lambda: node)
    assert processes.host() == name


# ---- processor and memory


class Key:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_windows_names_its_processor(monkeypatch):
    asked = []

    def open_key(root, path):
        asked.append((root, path))
        return Key()

    registry = types.SimpleNamespace(
        OpenKey=open_key, HKEY_LOCAL_MACHINE="HKLM", QueryValueEx=lambda key, name: (f"  Intel  {name} ", 1)
    )
    monkeypatch.setitem(sys.modules, "winreg", registry)
    monkeypatch.setattr(hardware.sys, "platform", "win32")
    assert hardware.processor() == "Intel ProcessorNameString"
    assert asked == [("HKLM", r"HARDWARE\DESCRIPTION\System\CentralProcessor\0")]


def test_a_registry_that_does_not_answer_leaves_the_architecture(monkeypatch):
    def open_key(*_):
        raise OSError

    monkeypatch.setitem(sys.modules, "winreg", types.SimpleNamespace(OpenKey=open_key, HKEY_LOCAL_MACHINE=1))
    monkeypatch.setattr(hardware.sys, "platform", "win32")
    monkeypatch.setattr(hardware.platform, "processor", lambda: "")
    monkeypatch.setattr(hardware.platform, "machine", lambda: "AMD64")
    assert hardware.processor() == "AMD64"


@pytest.mark.parametrize("answers", [True, False])
def test_windows_tells_its_memory(monkeypatch, answers):
    def status(reference):
        assert reference._obj.length == ctypes.sizeof(reference._obj)
        reference._obj.free, reference._obj.total = 3_000_000_000, 8_000_000_000
        return answers

    kernel = types.SimpleNamespace(GlobalMemoryStatusEx=status)
    monkeypatch.setattr(ctypes, "windll", types.SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(hardware.sys, "platform", "win32")
    assert hardware.memory() == ((3_000_000_000, 8_000_000_000) if answers else None)


class System:
    """sysctl of macOS."""

    VALUES = {
        b"hw.memsize": (16 << 30).to_bytes(8, sys.byteorder),
        b"vm.page_free_count": (1000).to_bytes(8, sys.byteorder),
        b"vm.page_pageable_external_count": (500).to_bytes(8, sys.byteorder),
        b"hw.pagesize": (16384).to_bytes(8, sys.byteorder),
        b"machdep.cpu.brand_string": b"Apple M3\0",
    }

    def __init__(self, refuses=()):
        self.refuses = refuses

    def sysctlbyname(self, name, target, size, *_):
        if name in self.refuses:
            return -1
        size._obj.value = len(self.VALUES[name])
        if target is not None:
            ctypes.memmove(target, self.VALUES[name], len(self.VALUES[name]))
        return 0


def test_macos_tells_processor_and_memory(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: System())
    monkeypatch.setattr(hardware.sys, "platform", "darwin")
    assert hardware.processor() == "Apple M3"
    assert hardware.memory() == (1500 * 16384, 16 << 30)


def test_a_macos_that_does_not_say_is_none(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: System(refuses=[b"hw.memsize"]))
    monkeypatch.setattr(hardware.sys, "platform", "darwin")
    assert hardware.memory() is None
