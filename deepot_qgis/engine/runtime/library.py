"""The package onnxruntime: imported late, and which of its builds is installed."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import io
import os
import sys
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from ..errors import RuntimeMissingError

#: Builds on the package registry. All of them unpack into one folder, so the last one installed overwrites the others.
BUILDS = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "onnxruntime-openvino",
    "onnxruntime-rocm",
    "onnxruntime-migraphx",
    "onnxruntime-qnn",
)
#: The last build for CUDA 12; later ones need CUDA 13.
LAST_FOR_CUDA_12 = "1.26.0"
#: Only what ends the process is logged: whatever else goes wrong comes as an exception, or is found out by `failures`.
_FATAL = 4


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


def builds(ort: Any) -> tuple[str, ...]:
    """Names of the packages that are installed where `ort` was imported from; more than one overwrite each other."""
    home = os.path.dirname(os.path.abspath(getattr(ort, "__file__", None) or ""))
    found = []
    for name in BUILDS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            if os.path.abspath(str(metadata.distribution(name).locate_file("onnxruntime"))) == home:
                found.append(name)
    return tuple(found)


def cuda_version(ort: Any) -> tuple[int, ...]:
    """CUDA that the build needs, such as (13, 0); empty where it needs none."""
    try:
        return tuple(int(part) for part in str(getattr(ort, "cuda_version", "") or "").split(".") if part)
    except ValueError:
        return ()


def prepare_for_gpu(ort: Any) -> None:
    """Find the CUDA libraries of NVIDIA's packages, and keep ONNX Runtime from writing to the terminal.

    `preload_dlls` prints to standard output, and what a plugin prints there spoils the JSON of qgis_process. It looks
    beside onnxruntime only; a package that was installed into a folder of its own finds NVIDIA's elsewhere.
    """
    with contextlib.suppress(Exception):
        ort.set_default_logger_severity(_FATAL)
    with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
        ort.preload_dlls()
    for path in nvidia_libraries(sys.path, cuda_version(ort)):
        with contextlib.suppress(OSError):
            ctypes.CDLL(path)  # from now on it is found by its name


def nvidia_libraries(folders: Iterable[str], cuda: tuple[int, ...]) -> list[str]:
    """Libraries of NVIDIA's packages below some folders, those that others need first; Linux only.

    They lie in ``nvidia/cu13/lib`` or, up to CUDA 12, in a folder for each part such as ``nvidia/cublas/lib``.
    """
    found = []
    for name in needed_libraries(cuda) if sys.platform == "linux" and cuda else ():
        for folder in folders:
            found += sorted(glob.glob(os.path.join(glob.escape(folder or "."), "nvidia", "*", "lib", name)))
    return found


def needed_libraries(cuda: tuple[int, ...]) -> tuple[str, ...]:
    """Names of the libraries of CUDA and cuDNN that a build for this CUDA needs, in the order in which they load."""
    major = cuda[0] if cuda else 12
    fft = 11 if major < 13 else 12
    if sys.platform == "win32":
        parts = (f"cudart64_{major}", f"cublasLt64_{major}", f"cublas64_{major}", f"cufft64_{fft}", "cudnn64_9")
        return tuple(f"{part}.dll" for part in parts)
    parts = (f"cudart.so.{major}", f"cublasLt.so.{major}", f"cublas.so.{major}", f"nvrtc.so.{major}", "curand.so.10")
    return tuple(f"lib{part}" for part in (*parts, f"cufft.so.{fft}", "cudnn.so.9"))


def provider_library(ort: Any, stem: str) -> str | None:
    """Path of a library in the folder of `ort` such as ``onnxruntime_providers_cuda``; None where it is not there."""
    name = {"win32": f"{stem}.dll", "darwin": f"lib{stem}.dylib"}.get(sys.platform, f"lib{stem}.so")
    path = os.path.join(os.path.dirname(getattr(ort, "__file__", None) or ""), "capi", name)
    return path if os.path.isfile(path) else None
