"""All devices of this computer: by name and memory, and each tried, for what ONNX Runtime lists may not work."""

from __future__ import annotations

import platform
from dataclasses import dataclass

from ..errors import RuntimeMissingError
from . import hardware, library, nvidia, providers
from .session import card_text, try_device

#: The smallest network (y = Relu(x), one number): a device that runs it has its driver and its libraries. ONNX, IR 8,
#: opset 17, written out so that nothing is needed to make it.
_SMALLEST = (
    b'\x08\x08:7\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x05trialZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x11"
)


@dataclass(frozen=True)
class Device:
    """A device that a network may run on.

    Attributes
    ----------
    name : str
        In options.
    description : str
        What it is, for people.
    problem : str
        Why nothing runs on it, and the way out; empty when it works.
    """

    name: str
    description: str
    problem: str = ""


def survey() -> tuple[Device, ...]:
    """Every device that this operating system can have, the CPU last, those that do not work with the reason.

    Each is tried by opening a network of one operation on it, which takes a second or two for a card.
    """
    possible = [name for name, provider in providers.PROVIDERS.items() if provider.possible and name != "cpu"]
    return (*(_tried(name) for name in possible), Device("cpu", _cpu()))


def devices() -> tuple[Device, ...]:
    """Devices that work here."""
    return tuple(device for device in survey() if not device.problem)


def _tried(name: str) -> Device:
    try:
        opened, problem = try_device(_SMALLEST, name)
    except RuntimeMissingError as error:
        opened, problem = None, str(error)
    if opened is None:
        return Device(name, providers.PROVIDERS[name].title, problem)
    return Device(name, _card(name))


def _card(name: str) -> str:
    """A device that works, by the name of the card where that can be known."""
    title = providers.PROVIDERS[name].title
    card = nvidia.first() if name in providers.NVIDIA else None
    if card is None:
        return f"{title} on {platform.machine()}" if name == "coreml" else f"{title}, the first graphics card"
    driver = nvidia.driver()
    version = ".".join(map(str, library.cuda_version(library.onnxruntime())))
    about = [f"driver {driver.version}"] if driver and driver.version else []
    about += [f"CUDA {version}"] if version else []
    return ", ".join([card_text(card), *about])


def _cpu() -> str:
    memory = hardware.memory()
    return ", ".join(
        [hardware.processor(), f"{hardware.cores()} cores", *([hardware.gigabytes(*memory)] if memory else [])]
    )
