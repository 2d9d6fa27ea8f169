"""Devices and sessions of ONNX Runtime, which is imported only when a network is to run."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from typing import Any

from .errors import DeviceError, ModelError, OptionsError, RuntimeMissingError

DEVICES = ("auto", "cpu", "cuda")
#: Variable of the environment by which processes side by side divide the cores among themselves.
CORES = "DEEPOT_CORES"
_CUDA = "CUDAExecutionProvider"
_CPU = "CPUExecutionProvider"


@dataclass(frozen=True)
class Device:
    """A device that a network may run on: its name in options, and its description for people."""

    name: str
    description: str


@dataclass(frozen=True)
class Session:
    """A loaded network and the device that really runs it."""

    session: Any
    device: str


def onnxruntime() -> Any:
    """Import ONNX Runtime.

    Raises
    ------
    RuntimeMissingError
        It is not installed, or its library does not load.
    """
    try:
        import onnxruntime as ort
    except ImportError as error:
        raise RuntimeMissingError(
            "The package onnxruntime is not installed in this Python, and networks need it: install it "
            "(python3 -m pip install onnxruntime 'numpy<2'), or choose conventional offset tracking, which "
            "needs no package."
        ) from error
    return ort


def devices() -> tuple[Device, ...]:
    """Devices that this installation offers.

    That CUDA is listed says only that the GPU build is installed; what a session uses is known once it is open
    (`Session.device`).
    """
    found = [Device("cpu", f"CPU, {os.cpu_count()} threads")]
    try:
        providers = onnxruntime().get_available_providers()
    except RuntimeMissingError:
        return tuple(found)
    if _CUDA in providers:
        found.insert(0, Device("cuda", "NVIDIA GPU (CUDA)"))
    return tuple(found)


def cores() -> int:
    """Cores that this process may use: those that the system gives it, of them as many as `CORES` says."""
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get(CORES, "")
    return min(given, max(1, int(wanted))) if wanted.isdecimal() else given


def open_session(path: str, device: str, calls: int = 1) -> Session:
    """Load a network.

    Parameters
    ----------
    path : str
        ONNX file.
    device : str
        ``cpu``, ``cuda``, or ``auto``: CUDA where it works, else the CPU.
    calls : int
        Runs at once that the session must stand; they share the cores.

    Raises
    ------
    DeviceError
        CUDA was asked for and is not to be had.
    ModelError
        The file is not an ONNX network that ONNX Runtime can load.
    """
    if device not in DEVICES:
        raise OptionsError(f"Device '{device}' is not known; choose one of {', '.join(DEVICES)}.")
    ort = onnxruntime()
    wanted = [_CPU]
    if device != "cpu" and _CUDA in ort.get_available_providers():
        wanted.insert(0, _CUDA)
        # Finds the CUDA libraries of NVIDIA's wheels. It prints, and what a plugin prints spoils qgis_process's JSON.
        with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
            ort.preload_dlls()
    options = ort.SessionOptions()
    options.log_severity_level = 4  # errors come as exceptions; nothing is printed
    # Two runs of one thread each do more than one run of two threads: much of a network is spread over one core only.
    options.intra_op_num_threads = max(1, cores() // calls)
    # A memory plan made for the first tile's size doubles the memory of all, and saves no time.
    options.enable_mem_pattern = False
    try:
        session = ort.InferenceSession(path, sess_options=options, providers=wanted)
    except Exception as error:  # onnxruntime's exceptions share no base but this
        raise ModelError(
            f"{os.path.basename(path)} is not a network that ONNX Runtime can load ({brief(error)}); the file may be "
            "damaged: copy it again, or choose another model."
        ) from error
    used = "cuda" if _CUDA in session.get_providers() else "cpu"
    if device == "cuda" and used != "cuda":
        raise DeviceError(
            "The GPU was asked for, but ONNX Runtime cannot use one here (it needs onnxruntime-gpu, CUDA 12 or 13 and "
            "cuDNN 9); choose CPU or auto."
        )
    return Session(session, used)


def brief(error: Exception) -> str:
    """First line of what ONNX Runtime says, short enough for a message bar."""
    words = str(error).strip().splitlines()
    text = words[0] if words else type(error).__name__
    return text if len(text) <= 140 else text[:137] + "..."
