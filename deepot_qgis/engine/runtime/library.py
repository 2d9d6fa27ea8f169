"""The package onnxruntime: imported late, and which of its builds is installed."""

from __future__ import annotations

import contextlib
import ctypes
import glob
import importlib.util
import io
import os
import re
import sys
import threading
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from ..errors import RuntimeMissingError
from ..installation import place

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
#: Older ones do not know the operators of our networks.
_OLDEST = (1, 16)
_LONGEST = 160
_IMPORTING = threading.RLock()


def onnxruntime() -> Any:
    """Import ONNX Runtime: the one of this Python where it is good, else the plugin's own in its private folder.

    Raises
    ------
    RuntimeMissingError
        Neither is there, or what is there does not load; a broken one is named.
    """
    import numpy  # noqa: F401 - first, or libraries of the folder could be loaded in the place of numpy's

    with _IMPORTING:
        private = place.current()
        if private is not None and private.folder not in sys.path:
            sys.path.append(private.folder)
        try:
            return _imported()
        except ImportError as error:
            problem = error
        ort = _from_private(private, problem)
    if ort is None:
        raise RuntimeMissingError(_why_missing(problem)) from problem
    return ort


def origin(ort: Any) -> str:
    """Where ONNX Runtime was imported from: ``private`` for the plugin's own folder, else ``system``."""
    home, here = (os.path.normcase(os.path.realpath(path)) for path in (place.home(), folder(ort)))
    return "private" if here.startswith(home + os.sep) else "system"


def folder(ort: Any) -> str:
    """Folder of Python's path that ONNX Runtime was imported from."""
    return os.path.dirname(os.path.dirname(os.path.abspath(getattr(ort, "__file__", None) or "")))


def _imported() -> Any:
    """Import the package as Python finds it.

    Raises
    ------
    ImportError
        It is missing, does not load, or is too old.
    """
    try:
        import onnxruntime as ort
    except ImportError:
        raise
    except Exception as error:  # a module that was written for another Python or another numpy raises anything
        raise ImportError(f"{type(error).__name__}: {error}") from error
    version = getattr(ort, "__version__", None)
    if not hasattr(ort, "InferenceSession") or version is None:
        raise ImportError(f"{_where(ort)} is an empty rest of it")
    if _numbers(version) < _OLDEST:
        raise ImportError(f"{_where(ort)} is version {version}, older than {'.'.join(map(str, _OLDEST))}")
    return ort


def _from_private(private: place.Installed | None, problem: ImportError) -> Any:
    """Import the plugin's own past a broken one that Python finds first; None where there is none that works."""
    if private is None or _is_absent(problem):
        return None
    _forget_modules()
    sys.path.insert(0, private.folder)
    try:
        return _imported()
    except ImportError:
        _forget_modules()
        return None
    finally:
        sys.path.remove(private.folder)


def _why_missing(problem: ImportError) -> str:
    way_out = (
        "click 'Install ONNX Runtime' in the panel or run 'python3 -m deepot_qgis.engine install-runtime', or choose "
        "conventional offset tracking, which needs no package."
    )
    if _is_absent(problem):
        return f"The package onnxruntime is not installed in this Python, and networks need it: {way_out}"
    found = importlib.util.find_spec("onnxruntime") if "onnxruntime" not in sys.modules else None
    file = (found.origin or next(iter(found.submodule_search_locations or ()), "")) if found is not None else ""
    where = f" in {os.path.dirname(file) if file.endswith('.py') else file}" if file else ""
    said = " ".join(str(problem).split())[:_LONGEST]
    return f"The package onnxruntime{where} is broken ({said}), and networks need it: {way_out}"


def _is_absent(problem: ImportError) -> bool:
    """Whether nothing of the name is there at all."""
    # QGIS's own way of importing may keep no more of the error than its text
    absent = isinstance(problem, ModuleNotFoundError) and problem.name == "onnxruntime"
    return absent or "No module named 'onnxruntime'" in str(problem)


def _forget_modules() -> None:
    """Let what was imported half be imported from elsewhere."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "onnxruntime"]:
        del sys.modules[name]


def _where(ort: Any) -> str:
    return str(getattr(ort, "__file__", None) or next(iter(getattr(ort, "__path__", ())), "it"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


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
