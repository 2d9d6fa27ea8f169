"""NVIDIA cards and their driver, asked through the driver's own libraries: no further package is needed.

NVML (https://docs.nvidia.com/deploy/nvml-api) lists cards without touching them; the CUDA driver says which of them
CUDA counts first, which the environment may change.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_TEXT_BYTES = 96


@dataclass(frozen=True)
class Gpu:
    """A card: its name, its bytes of memory, and the identity that NVML and CUDA share."""

    name: str
    free: int
    total: int
    uuid: str = ""


@dataclass(frozen=True)
class Driver:
    """A driver: its version, and the newest CUDA that it supports such as (12, 8); empty where it does not say."""

    version: str
    cuda: tuple[int, ...]


def load(name: str) -> Any:
    """A library of the system by name.

    Raises
    ------
    OSError
        It is missing, or something that it needs.
    """
    return ctypes.CDLL(name)


def cuda_library() -> str:
    """Name of the library that every NVIDIA driver brings."""
    return "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


def has_driver() -> bool:
    """Whether a driver for CUDA can be seen from this process."""
    try:
        load(cuda_library())
    except OSError:
        return False
    return True


def driver() -> Driver | None:
    """The driver; None where NVML does not answer."""
    with _nvml() as nvml:
        if nvml is None:
            return None
        version = _text(nvml.nvmlSystemGetDriverVersion)
        number = ctypes.c_int(0)
        failed = nvml.nvmlSystemGetCudaDriverVersion(ctypes.byref(number))
        return Driver(version, () if failed else (number.value // 1000, number.value % 1000 // 10))


def gpus() -> tuple[Gpu, ...]:
    """All cards that NVML knows, in its order; none where it does not answer."""
    with _nvml() as nvml:
        count = ctypes.c_uint(0)
        if nvml is None or nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)):
            return ()
        return tuple(card for index in range(count.value) for card in _card(nvml, index))


def hidden() -> bool:
    """Whether the environment hides every card from CUDA."""
    return os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1", "NoDevFiles")


def first() -> Gpu | None:
    """The card that CUDA calls number 0, with its memory as it is now; None where that is not known.

    Starts CUDA in this process; ask when a network runs on it already.
    """
    known = gpus()
    if len(known) <= 1:
        return known[0] if known else None
    uuid = _first_uuid()
    return next((card for card in known if uuid and card.uuid.replace("-", "").endswith(uuid)), known[0])


def _first_uuid() -> str:
    """Identity of CUDA's card number 0, hexadecimal digits only; empty where CUDA does not say."""
    try:
        cuda = load(cuda_library())
        device, uuid = ctypes.c_int(0), (ctypes.c_ubyte * 16)()
        if cuda.cuInit(0) or cuda.cuDeviceGet(ctypes.byref(device), 0):
            return ""
        return "" if cuda.cuDeviceGetUuid(ctypes.byref(uuid), device) else bytes(uuid).hex()
    except (OSError, AttributeError):
        return ""


class _Memory(ctypes.Structure):
    """nvmlMemory_t."""

    _fields_ = [("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong)]


@contextmanager
def _nvml() -> Iterator[Any]:
    """NVML while it is needed; None where it is missing or does not start (a driver half updated, say)."""
    try:
        nvml = load("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1")
        started = not nvml.nvmlInit_v2()
    except (OSError, AttributeError):
        nvml, started = None, False
    try:
        yield nvml if started else None
    finally:
        if started:
            nvml.nvmlShutdown()


def _card(nvml: Any, index: int) -> Iterator[Gpu]:
    """A card, or nothing where it does not answer (it is lost, or another user's)."""
    handle, memory = ctypes.c_void_p(), _Memory()
    if nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle)):
        return
    if nvml.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)):
        return
    name, uuid = (_text(ask, handle) for ask in (nvml.nvmlDeviceGetName, nvml.nvmlDeviceGetUUID))
    yield Gpu(name or "NVIDIA GPU", int(memory.free), int(memory.total), uuid)


def _text(ask: Any, *arguments: Any) -> str:
    """What NVML answers in text; empty where it does not."""
    answer = ctypes.create_string_buffer(_TEXT_BYTES)
    failed = ask(*arguments, answer, ctypes.c_uint(_TEXT_BYTES))
    return "" if failed else answer.value.decode("utf-8", "replace")
