"""What a device is called in ONNX Runtime, and the options that a network runs best with there."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Any

#: Devices by the names that options use. ``auto`` is CUDA where it really works, else the CPU.
DEVICES = ("auto", "cpu", "cuda", "tensorrt", "directml", "coreml")
CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"


@dataclass(frozen=True)
class Provider:
    """A device as ONNX Runtime knows it.

    Attributes
    ----------
    name : str
        Of the execution provider.
    title : str
        For people.
    systems : tuple of str
        Values of `sys.platform` where it can exist.
    build : str
        Package that has it.
    """

    name: str
    title: str
    systems: tuple[str, ...]
    build: str

    @property
    def possible(self) -> bool:
        """Whether this operating system can have it."""
        return sys.platform in self.systems


PROVIDERS = {
    "cpu": Provider(CPU, "CPU", (sys.platform,), "onnxruntime"),
    "cuda": Provider(CUDA, "CUDA", ("linux", "win32"), "onnxruntime-gpu"),
    "tensorrt": Provider("TensorrtExecutionProvider", "TensorRT", ("linux", "win32"), "onnxruntime-gpu"),
    "directml": Provider("DmlExecutionProvider", "DirectML", ("win32",), "onnxruntime-directml"),
    "coreml": Provider("CoreMLExecutionProvider", "CoreML", ("darwin",), "onnxruntime"),
}
#: Devices by name that this operating system can have, the choice between them first.
POSSIBLE = ("auto", *(name for name, provider in PROVIDERS.items() if provider.possible))
#: Devices whose memory is the card's: buffers can be kept there from one tile to the next.
NVIDIA = ("cuda", "tensorrt")

# The memory that ONNX Runtime takes never shrinks: it asks for what it needs and not for the next power of two. Trying
# every way to convolve costs seconds for each size of tile. 10 bits of a number's 24 (TF32) are for those who ask.
_CUDA_OPTIONS = {
    "device_id": "0",
    "arena_extend_strategy": "kSameAsRequested",
    "cudnn_conv_algo_search": "HEURISTIC",
    "use_tf32": "0",
}


def chain(device: str, options: dict[str, str] | None = None) -> list[Any]:
    """Providers of a device in order of preference, as `InferenceSession` takes them.

    Parameters
    ----------
    device : str
        A key of `PROVIDERS`.
    options : dict, optional
        Of the device's own provider; they go over the ones here.
    """
    own = {
        "cuda": _CUDA_OPTIONS,
        "tensorrt": {"device_id": "0", "trt_engine_cache_enable": "True", "trt_engine_cache_path": _engines()},
        "directml": {"device_id": "0"},
    }.get(device, {})
    first = (PROVIDERS[device].name, {**own, **(options or {})})
    if device == "cpu":
        return [CPU]
    return [first, *([(CUDA, dict(_CUDA_OPTIONS))] if device == "tensorrt" else []), CPU]


def _engines() -> str:
    """Folder where TensorRT keeps what takes minutes to build. It is code that will run: the user's own folder."""
    home = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else os.environ.get("XDG_CACHE_HOME")
    return os.path.join(home or os.path.join(os.path.expanduser("~"), ".cache"), "deepot", "tensorrt")
