"""A stand-in for NVIDIA's driver libraries: it answers through pointers, as they do."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any


@dataclass
class Card:
    name: str = "NVIDIA H200"
    free: int = 139_000_000_000
    total: int = 150_000_000_000
    uuid: str = "GPU-00112233-4455-6677-8899-aabbccddeeff"


class Driver:
    """Both libraries, NVML and the CUDA driver's.

    Parameters
    ----------
    cards : Card
    cuda : int
        Newest CUDA, such as 13000.
    first : int
        Which of the cards CUDA calls number 0.
    """

    def __init__(self, *cards: Card, cuda: int = 13000, version: str = "580.65.06", first: int = 0):
        self.cards, self.cuda, self.version, self.number, self.open = cards, cuda, version, first, 0

    def nvmlInit_v2(self) -> int:
        self.open += 1
        return 0

    def nvmlShutdown(self) -> int:
        self.open -= 1
        return 0

    def nvmlSystemGetDriverVersion(self, text: Any, size: Any) -> int:
        text.value = self.version.encode()
        return 0

    def nvmlSystemGetCudaDriverVersion(self, number: Any) -> int:
        number._obj.value = self.cuda
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = len(self.cards)
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, handle: Any) -> int:
        handle._obj.value = index.value + 1
        return 0

    def nvmlDeviceGetMemoryInfo(self, handle: Any, memory: Any) -> int:
        card = self.cards[handle.value - 1]
        memory._obj.total, memory._obj.free = card.total, card.free
        return 0

    def nvmlDeviceGetName(self, handle: Any, text: Any, size: Any) -> int:
        text.value = self.cards[handle.value - 1].name.encode()
        return 0

    def nvmlDeviceGetUUID(self, handle: Any, text: Any, size: Any) -> int:
        text.value = self.cards[handle.value - 1].uuid.encode()
        return 0

    def cuInit(self, flags: int) -> int:
        return 0

    def cuDeviceGet(self, device: Any, number: int) -> int:
        device._obj.value = self.number
        return 0

    def cuDeviceGetUuid(self, uuid: Any, device: Any) -> int:
        digits = self.cards[device.value].uuid.partition("-")[2].replace("-", "")
        ctypes.memmove(uuid._obj, bytes.fromhex(digits), 16)
        return 0


def install(monkeypatch: Any, driver: Driver | None) -> Driver | None:
    """Put a fake in the place of the driver; None is a computer without one."""
    from deepot_qgis.engine.runtime import nvidia

    def load(name: str) -> Any:
        if driver is None or not any(part in name for part in ("nvidia-ml", "nvml", "cuda.so", "nvcuda")):
            raise OSError(f"{name}: cannot open shared object file: No such file or directory")
        return driver

    monkeypatch.setattr(nvidia, "load", load)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return driver
