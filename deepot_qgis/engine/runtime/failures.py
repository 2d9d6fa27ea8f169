"""Why a device cannot be had, in one sentence with the way out, and what an error of ONNX Runtime means.

The texts looked for are those of ONNX Runtime 1.16 to 1.31, of CUDA (cudaGetErrorString), cuDNN and DirectML.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any

from . import library, nvidia
from .hardware import gigabytes
from .providers import NVIDIA, PROVIDERS, Provider

_LONGEST = 140
#: What says that memory ran out: the arena's two sentences, CUDA's, cuBLAS's and cuDNN's, Windows', C++'s.
_NO_MEMORY = re.compile(
    r"Failed to allocate memory for requested buffer|Available memory of \d+ is smaller than requested|"
    r"CUDA failure 2: |out of memory|OutOfMemory|ALLOC_FAILED|cudaErrorMemoryAllocation|8007000E|"
    r"Not enough memory resources|bad allocation|bad_alloc|insufficient memory",
    re.IGNORECASE,
)
#: What says that the device is gone for this process: errors that end CUDA's context, a display driver that restarted.
_LOST = re.compile(
    r"CUDA failure (?:46|214|700|702|707|710|716|717|718|719|720|721|999)\b|illegal memory access|"
    r"unspecified launch failure|887A000[567]|device (?:was )?(?:removed|hung|lost)|fallen off the bus",
    re.IGNORECASE,
)
_CUDA_CODE = re.compile(r"CUDA failure (\d+): ([^;]*)")
_MISSING = re.compile(
    r"([\w.+-]+\.so[\w.]*): cannot open shared object file|depends on \"([^\"]+)\" which is missing|"
    r"Could not (?:find|locate) (?:module|library:?) '?([\w.+-]+)'?|Library not loaded: (\S+)"
)
#: The way out for the plugin's own ONNX Runtime, which takes NVIDIA's build where a driver answers.
_AGAIN = (
    "install it again (panel: ⋮, ONNX Runtime, Reinstall; command line: python3 -m deepot_qgis.engine install-runtime)"
)
_GPU_PACKAGE = "python3 -m pip install 'onnxruntime-gpu[cuda,cudnn]'"


def brief(error: object) -> str:
    """First line of what ONNX Runtime says, short enough for a message bar, without the C++ in front of it."""
    text = str(error).strip()
    code = _CUDA_CODE.search(text)
    if code:
        text = f"CUDA failure {code[1]}: {code[2].strip()}"
    text = re.sub(r"^\S*/onnxruntime/\S+:\d+ ", "", text)
    words = text.splitlines()
    text = words[0] if words else type(error).__name__
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def out_of_memory(error: object) -> bool:
    """Whether an error says that the device's memory is too small."""
    return bool(_NO_MEMORY.search(str(error)))


def device_lost(error: object) -> bool:
    """Whether an error says that nothing more will run on the device in this process."""
    return bool(_LOST.search(str(error)))


def why_not(device: str, ort: Any, error: Exception | None = None) -> str:
    """Why a device is not to be had, and the way out: one sentence, its first letter small.

    Parameters
    ----------
    device : str
        A key of `providers.PROVIDERS`.
    ort : module
        ONNX Runtime.
    error : Exception, optional
        What opening the session raised; ONNX Runtime often raises nothing and takes the CPU.
    """
    provider = PROVIDERS[device]
    if not provider.possible:
        system = {"directml": "Windows", "coreml": "macOS"}.get(device, "Linux and Windows")
        return f"{provider.title} exists on {system} only"
    if provider.name not in ort.get_available_providers():
        return _wrong_build(provider, device, ort)
    if device in NVIDIA:
        return _nvidia(device, ort, str(error or ""))
    if out_of_memory(error):
        return f"the memory of the device is too small ({brief(error)}); close other programs that use it"
    said = f" ({brief(error)})" if error else ""
    return f"{provider.title} does not start{said}; update the driver of the graphics card"


def _wrong_build(provider: Provider, device: str, ort: Any) -> str:
    """The build has no such provider."""
    there = library.builds(ort)
    if len(there) > 1:
        return (
            f"{' and '.join(there)} are both installed and overwrite each other, and what is left has no "
            f"{provider.title}; uninstall both (python3 -m pip uninstall {' '.join(there)}), then install "
            f"{provider.build} alone"
        )
    build = there[0] if there else "onnxruntime"
    lacks = f"the installed package {build} {ort.__version__} is a build without {provider.title}"
    if device in NVIDIA:
        own = library.origin(ort) == "private"
        install = _AGAIN if own else f"uninstall it and install the one for NVIDIA cards ({_GPU_PACKAGE})"
        if not nvidia.has_driver():
            return (
                f"there is no NVIDIA driver on this computer, and {lacks}; where there is an NVIDIA card install its "
                f"driver, then {install}"
            )
        return f"{lacks}; {install}"
    return f"{lacks}; uninstall it and install {provider.build}"


def _nvidia(device: str, ort: Any, said: str) -> str:
    """The build is right: driver, card, libraries and memory, in the order in which they are needed."""
    needed = library.cuda_version(ort)
    driver = nvidia.driver()
    if not nvidia.has_driver():
        return (
            f"there is no NVIDIA driver on this computer ({nvidia.cuda_library()} is missing); install the driver of "
            "the card, or start the container with access to it"
        )
    if nvidia.hidden():
        return "the environment variable CUDA_VISIBLE_DEVICES hides every card; unset it, or name a card in it"
    code = _CUDA_CODE.search(said)
    number = int(code[1]) if code else 0
    if driver and driver.cuda and needed and driver.cuda[0] < needed[0]:
        number = 35
    explain = _BY_CODE.get(number)
    if explain:
        return explain(driver, needed)
    if out_of_memory(said):
        card = nvidia.first()
        free = f"{card.name}: {gigabytes(card.free, card.total)}" if card else brief(said)
        return f"the memory of the card is too small ({free}); close other programs that use it"
    missing = _missing_library(device, ort, said)
    if missing:
        return f"{_of_what(missing, needed)}; install it ({_how_to_get(missing)})"
    if re.search(r"no kernel image|ARCH_MISMATCH", said):
        return _too_old_card(driver, needed)
    if said:
        return f"it does not start ({brief(said)}); update the driver and {provider_libraries(device)}"
    return f"ONNX Runtime took the CPU and does not say why; update the driver and {provider_libraries(device)}"


def provider_libraries(device: str) -> str:
    """What besides the driver a device of NVIDIA needs."""
    return "TensorRT 10" if device == "tensorrt" else f"the CUDA libraries ({_GPU_PACKAGE})"


def _old_driver(driver: nvidia.Driver | None, needed: tuple[int, ...]) -> str:
    wants = f"CUDA {'.'.join(map(str, needed))}" if needed else "a newer CUDA"
    has = "the NVIDIA driver is too old"
    if driver and driver.cuda:
        has = f"the NVIDIA driver {driver.version} supports CUDA {'.'.join(map(str, driver.cuda))}"
    elif driver:
        has = f"the NVIDIA driver {driver.version} is too old"
    older = (
        ", or install the last build for CUDA 12 (python3 -m pip install "
        f"'onnxruntime-gpu=={library.LAST_FOR_CUDA_12}')"
        if needed[:1] == (13,) and driver and driver.cuda[:1] == (12,)
        else ""
    )
    return f"{has} and this onnxruntime needs {wants}; update the driver{older}"


def _no_card(driver: nvidia.Driver | None, needed: tuple[int, ...]) -> str:
    return "the NVIDIA driver sees no card; look at it with nvidia-smi"


def _too_old_card(driver: nvidia.Driver | None, needed: tuple[int, ...]) -> str:
    card = nvidia.first()
    name = card.name if card else "the card"
    return (
        f"this onnxruntime holds no code for {name}, which is too old or too new for it; install another version of "
        f"onnxruntime-gpu (cards of before 2018: {library.LAST_FOR_CUDA_12} or older)"
    )


def _busy(driver: nvidia.Driver | None, needed: tuple[int, ...]) -> str:
    return "every card is taken by another program that shares it with nobody; end it, or choose another card"


def _restart(driver: nvidia.Driver | None, needed: tuple[int, ...]) -> str:
    return "the NVIDIA driver was updated while it ran; restart the computer"


#: Error numbers of CUDA (https://docs.nvidia.com/cuda/cuda-runtime-api, cudaError_t).
_BY_CODE = {
    35: _old_driver,
    46: _busy,
    100: _no_card,
    101: _no_card,
    209: _too_old_card,
    803: _restart,
    804: _old_driver,
}


def _missing_library(device: str, ort: Any, said: str) -> str:
    """Name of the library that the provider needs and the system does not find; empty when all are there."""
    found = _named(said)
    if found:
        return found
    stems = ["onnxruntime_providers_shared", f"onnxruntime_providers_{device}"]
    for stem in stems:
        path = library.provider_library(ort, stem)
        if path is None:
            return f"{stem} (a file of onnxruntime-gpu)"
        try:
            # Loaded as ONNX Runtime does: the provider takes symbols from the shared part.
            ctypes.CDLL(path, mode=getattr(ctypes, "RTLD_GLOBAL", 0))
        except OSError as error:
            found = _named(error)
            if found and not found.startswith("onnxruntime_"):
                return found
            return _first_missing(library.cuda_version(ort))  # Windows says that something is missing, and not what
    return ""


def _named(said: object) -> str:
    """The library that a text says is missing."""
    match = _MISSING.search(str(said))
    return next((part for part in match.groups() if part), "") if match else ""


def _first_missing(needed: tuple[int, ...]) -> str:
    """The first of the libraries of CUDA and cuDNN that the system does not find; empty when it finds all."""
    for name in library.needed_libraries(needed):
        try:
            nvidia.load(name)
        except OSError:
            return name
    return ""


def _of_what(missing: str, needed: tuple[int, ...]) -> str:
    """The missing library with what it belongs to."""
    if "cudnn" in missing:
        owner = "cuDNN 9"
    elif "nvinfer" in missing or "nvonnxparser" in missing:
        owner = "TensorRT 10"
    elif re.search(r"cublas|cudart|cufft|curand|nvrtc|nvJitLink", missing):
        owner = f"CUDA {needed[0]}" if needed else "CUDA"
    else:
        return f"the library {missing} is missing"
    return f"the library {missing} of {owner} is missing"


def _how_to_get(missing: str) -> str:
    if "nvinfer" in missing or "nvonnxparser" in missing:
        return "python3 -m pip install 'tensorrt-cu13<11', and add its folder to LD_LIBRARY_PATH or PATH"
    return _GPU_PACKAGE
