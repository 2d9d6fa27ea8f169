"""Which package of ONNX Runtime a Python on a machine can have, and what else it needs there.

Importing onnxruntime and running a network needs none of the packages that its wheel asks for besides numpy (1.19.2,
1.23.2 and 1.31.1 were tried with all of them out of reach), so it is installed alone and numpy stays as it is.
"""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass

from ..errors import InstallationError
from ..runtime import nvidia

CPU, GPU = "onnxruntime", "onnxruntime-gpu"
_NEWEST = "1.31.1"
#: The last versions by Python; 3.11 and newer have `_NEWEST`.
_BY_PYTHON = {(3, 8): "1.19.2", (3, 9): "1.19.2", (3, 10): "1.23.2"}
_FIRST_PYTHON, _LAST_PYTHON = (3, 8), (3, 14)
#: The last version for macOS on Intel, and before macOS 14.
_LAST_FOR_OLD_MAC, _NEW_MAC = "1.23.2", (14,)
#: The last version for glibc 2.27; newer ones need 2.28.
_LAST_FOR_GLIBC_27 = "1.28.0"
#: The last version for CUDA 12.
_LAST_FOR_CUDA_12 = "1.26.0"
#: Bytes on the disk while installing: the download, what it unpacks to, and some air.
_ROOM_CPU, _ROOM_GPU = 200_000_000, 6_500_000_000
# What the extras [cuda,cudnn] of onnxruntime-gpu name, and what those packages need themselves.
_CUDA_12 = (
    "nvidia-cuda-nvrtc-cu12~=12.0",
    "nvidia-cuda-runtime-cu12~=12.0",
    "nvidia-cublas-cu12~=12.0",
    "nvidia-cufft-cu12~=11.0",
    "nvidia-curand-cu12~=10.0",
    "nvidia-nvjitlink-cu12~=12.0",
    "nvidia-cudnn-cu12~=9.0",
)
_CUDA_13 = (
    "nvidia-cuda-nvrtc~=13.0",
    "nvidia-cuda-runtime~=13.0",
    "nvidia-cublas~=13.0",
    "nvidia-cufft~=12.0",
    "nvidia-curand~=10.0",
    "nvidia-nvjitlink~=13.0",
    "nvidia-cudnn-cu13~=9.0",
)


@dataclass(frozen=True)
class Machine:
    """What decides which wheel fits.

    Attributes
    ----------
    python : tuple of int
        Such as (3, 11).
    system : str
        As `sys.platform` says.
    processor : str
        As `platform.machine` says, lower case.
    mac : tuple of int
        Version of macOS; empty elsewhere.
    glibc : tuple of int
        Such as (2, 36); empty where there is none (musl, or another system).
    cuda : tuple of int
        Newest CUDA that a driver which answers supports; empty where no driver answers.
    wide : bool
        Whether this is a Python of 64 bits.
    """

    python: tuple[int, ...]
    system: str
    processor: str
    mac: tuple[int, ...] = ()
    glibc: tuple[int, ...] = ()
    cuda: tuple[int, ...] = ()
    wide: bool = True


@dataclass(frozen=True)
class Wanted:
    """What is to be installed.

    Attributes
    ----------
    package, version : str
        Of ONNX Runtime.
    companions : tuple of str
        Requirements of NVIDIA's libraries; empty for the CPU.
    room : int
        Bytes that the disk must have.
    """

    package: str
    version: str
    companions: tuple[str, ...] = ()
    room: int = _ROOM_CPU

    @property
    def requirements(self) -> tuple[str, ...]:
        """As pip takes them."""
        return (f"{self.package}=={self.version}", *self.companions)


def this_machine(use_card: bool = True) -> Machine:
    """The machine and the Python that this runs in.

    Parameters
    ----------
    use_card : bool
        Ask for a driver of NVIDIA.
    """
    driver = nvidia.driver() if use_card and nvidia.has_driver() else None
    return Machine(
        python=sys.version_info[:2],
        system=sys.platform,
        processor=platform.machine().lower(),
        mac=_numbers(platform.mac_ver()[0]) if sys.platform == "darwin" else (),
        glibc=_glibc(),
        cuda=driver.cuda if driver is not None and nvidia.gpus() else (),
        wide=sys.maxsize > 2**32,
    )


def choose(machine: Machine) -> Wanted:
    """The package for a machine.

    Raises
    ------
    InstallationError
        No version of ONNX Runtime was ever built for it.
    """
    _require_wheels(machine)
    cuda = machine.cuda[0] if machine.cuda else 0
    with_card = cuda >= 12 and machine.system in ("linux", "win32") and machine.processor in ("x86_64", "amd64")
    version = _newest(machine)
    if not with_card:
        return Wanted(CPU, version)
    if cuda == 12:
        version = _older(version, _LAST_FOR_CUDA_12)
    libraries = _CUDA_13 if _numbers(version) > _numbers(_LAST_FOR_CUDA_12) else _CUDA_12
    return Wanted(GPU, version, libraries, _ROOM_GPU)


def _newest(machine: Machine) -> str:
    version = _BY_PYTHON.get((machine.python[0], machine.python[1]), _NEWEST)
    old_mac = machine.system == "darwin" and (machine.processor != "arm64" or machine.mac[:1] < _NEW_MAC)
    if old_mac:
        version = _older(version, _LAST_FOR_OLD_MAC)
    if machine.glibc and machine.glibc < (2, 28):
        version = _older(version, _LAST_FOR_GLIBC_27)
    return version


def _require_wheels(machine: Machine) -> None:
    """Refuse what no wheel was ever built for, before anything is downloaded."""
    python = ".".join(map(str, machine.python[:2]))
    way_out = "measure with the conventional method, which needs no package"
    if not machine.wide:
        raise InstallationError(f"ONNX Runtime exists for 64-bit Python only, and this QGIS runs a 32-bit one: install "
                                f"a 64-bit QGIS, or {way_out}.")  # fmt: skip
    if machine.python[:2] < _FIRST_PYTHON or machine.python[:2] > _LAST_PYTHON:
        raise InstallationError(
            f"ONNX Runtime was not built for Python {python} when this plugin was made: update the plugin, use a QGIS "
            f"with Python 3.9 to 3.14, or {way_out}."
        )
    if machine.system == "linux" and not machine.glibc:
        raise InstallationError(
            "ONNX Runtime is built for Linux with glibc, and this system has another C library (musl, as Alpine has): "
            f"use a QGIS of Debian, Ubuntu, Fedora or conda, or {way_out}."
        )
    if machine.glibc and machine.glibc < (2, 27):
        raise InstallationError(
            f"ONNX Runtime needs glibc 2.27, and this Linux has {'.'.join(map(str, machine.glibc))}: update it, "
            f"use QGIS from conda, or {way_out}."
        )
    old_mac = machine.system == "darwin" and (machine.processor != "arm64" or machine.mac[:1] < _NEW_MAC)
    if old_mac and machine.python[:2] > (3, 13):
        raise InstallationError(
            f"ONNX Runtime for Python {python} needs macOS 14 on an Apple chip: use a QGIS with Python 3.13 or older, "
            f"or {way_out}."
        )


def _older(one: str, other: str) -> str:
    return min(one, other, key=_numbers)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _glibc() -> tuple[int, ...]:
    """Version of glibc; empty where there is none."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (AttributeError, ValueError, OSError):
        return ()
    return _numbers(version) if name == "glibc" else ()
