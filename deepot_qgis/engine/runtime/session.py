"""A network opened on a device: the one that was asked for, or a sentence that says why not."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from dataclasses import dataclass, replace
from typing import Any

from ..errors import DeviceError, ModelError, OptionsError
from . import failures, hardware, library, nvidia, providers
from .failures import brief
from .hardware import cores

#: Only what ends the process is printed; other errors come as exceptions.
_FATAL = 4


@dataclass(frozen=True)
class Session:
    """A loaded network and the device that it was given to.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
    device : str
        A key of `providers.PROVIDERS`, as the session itself says.
    asked : str
        What the user asked for.
    note : str
        Why it is not the device that one would expect, as a sentence; empty when it is.
    profiled : bool
        Whether ONNX Runtime keeps a profile for `warmup`.
    """

    session: Any
    device: str
    asked: str = "cpu"
    note: str = ""
    profiled: bool = False

    @property
    def provider(self) -> str:
        """Name of the execution provider that the session put first."""
        return self.session.get_providers()[0]


def open_session(
    source: str | bytes, device: str, calls: int = 1, options: dict[str, str] | None = None, profiled: bool = False
) -> Session:
    """Load a network.

    That a session has a GPU's provider says that the GPU answered; that the network's work is done there is for
    `warmup.warm_up` to find out.

    Parameters
    ----------
    source : str or bytes
        ONNX file, or its content.
    device : str
        One of `providers.DEVICES`; ``auto`` is CUDA where it works, else the CPU.
    calls : int
        Runs at once that the session must stand; they share the cores.
    options : dict, optional
        Of the device's execution provider, over the ones in `providers`.
    profiled : bool
        Let ONNX Runtime keep a profile, on devices other than the CPU.

    Raises
    ------
    DeviceError
        A device was asked for by name and is not to be had; the sentence says why, and the way out.
    ModelError
        The file is not an ONNX network that ONNX Runtime can load.
    """
    if device not in providers.DEVICES:
        raise OptionsError(f"Device '{device}' is not known; choose one of {', '.join(providers.DEVICES)}.")
    ort = library.onnxruntime()
    reason = ""
    if device != "cpu":
        wanted = "cuda" if device == "auto" else device
        opened, reason = try_device(source, wanted, options, profiled)
        if opened is not None:
            return replace(opened, asked=device)
    # A file that is no network is said to be none, whatever else is missing.
    session = _on_cpu(ort, source, calls)
    if device not in ("cpu", "auto"):
        title = providers.PROVIDERS[device].title
        raise DeviceError(f"{title} was asked for and is not to be had: {reason}; or choose CPU or auto.")
    return Session(session, "cpu", device, _unused_gpu(ort, reason) if device == "auto" else "")


def try_device(
    source: str | bytes, device: str, options: dict[str, str] | None = None, profiled: bool = False
) -> tuple[Session | None, str]:
    """Load a network on a device other than the CPU: the session, or why there is none and the way out.

    The arguments are those of `open_session`; `device` is one by name.
    """
    ort = library.onnxruntime()
    opened, error = _on_gpu(ort, source, device, options, profiled)
    if opened is not None:
        return Session(opened, device, device, profiled=profiled), ""
    return None, failures.why_not(device, ort, error)


def _on_gpu(
    ort: Any, source: str | bytes, device: str, options: dict[str, str] | None, profiled: bool
) -> tuple[Any, Exception | None]:
    """A session whose first provider is the device's; else None and what was raised, if anything was."""
    provider = providers.PROVIDERS[device]
    if not provider.possible or provider.name not in ort.get_available_providers():
        return None, None
    library.prepare_for_gpu(ort)
    settings = _settings(ort, 0)
    # While the card works the cores are for those who read, judge and write, not for waiting in circles.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if profiled:
        settings.enable_profiling = True
        settings.profile_file_prefix = os.path.join(tempfile.mkdtemp(prefix="deepot_"), "profile")
    raised: Exception | None = None
    try:
        # Without its fallback: that prints, and hides what went wrong.
        session = ort.InferenceSession(
            source, sess_options=settings, providers=providers.chain(device, options), enable_fallback=0
        )
    except Exception as error:  # onnxruntime's exceptions share no base but this
        session, raised = None, error
    if profiled:
        folder = os.path.dirname(settings.profile_file_prefix)
        if session is None:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            weakref.finalize(session, shutil.rmtree, folder, True)
    return (session, None) if session is not None and session.get_providers()[0] == provider.name else (None, raised)


def _on_cpu(ort: Any, source: str | bytes, calls: int) -> Any:
    # Two runs of one thread each do more than one run of two threads: much of a network is spread over one core only.
    settings = _settings(ort, max(1, cores() // calls))
    # Planning which answers may share memory takes seconds for a network of thousands of nodes, at every start, and
    # saves a tenth of the memory of a tile; the answers are the same.
    settings.enable_mem_reuse = False
    try:
        return ort.InferenceSession(source, sess_options=settings, providers=[providers.CPU])
    except Exception as error:  # onnxruntime's exceptions share no base but this
        name = os.path.basename(source) if isinstance(source, str) else "the network"
        raise ModelError(
            f"{name} is not a network that ONNX Runtime can load ({brief(error)}); the file may be "
            "damaged: copy it again, or choose another model."
        ) from error


def _settings(ort: Any, threads: int) -> Any:
    settings = ort.SessionOptions()
    settings.log_severity_level = _FATAL
    settings.intra_op_num_threads = threads
    # A memory plan made for the first tile's size doubles the memory of all, and saves no time; DirectML bears none.
    settings.enable_mem_pattern = False
    return settings


def _unused_gpu(ort: Any, reason: str) -> str:
    """What ``auto`` says when it takes the CPU: nothing on a computer that neither has a card nor is set up for one."""
    cards = nvidia.gpus()
    if cards:
        return f"The network runs on the CPU although there is a {cards[0].name}: {reason}."
    if providers.CUDA in ort.get_available_providers():
        return f"The network runs on the CPU: {reason}."
    return ""


def card_text(card: nvidia.Gpu) -> str:
    """A card for people: its name and its memory."""
    return f"{card.name}, {hardware.gigabytes(card.free, card.total)}"
