"""A network on its device: chosen, confirmed by a warm-up, fed in batches, and left when it does not hold out."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Callable

import numpy as np

from .. import runtime
from ..errors import DeviceError
from ..runtime import failures, hardware, nvidia, providers
from ..runtime.batching import MOST_TILES
from ..runtime.warmup import SAME_PX
from . import graph
from .adapter import Adapter

#: Tiles in memory at once on the CPU, over half a gigabyte each.
_MOST_WORKERS = 2
#: Share of the free memory of a card that one call may take: two are under way at once, and others use the card too.
_SHARE_OF_MEMORY = 0.35
#: Bytes of a card that a pixel takes at least, whatever the warm-up saw.
_LEAST_BYTES_PX = 200
#: Answers in half precision that differ from the CPU's by more than this are said to.
_HALF_SAME_PX = 0.02


def half_of(path: str) -> Path | None:
    """The same network in half precision, ``NAME.fp16.onnx`` beside ``NAME.onnx``; None where there is none."""
    beside = Path(path).with_suffix(".fp16.onnx")
    return beside if beside.is_file() and not is_half(Path(path)) else None


def is_half(path: Path) -> bool:
    """Whether a file is the half-precision companion of another, and no model of its own."""
    return path.name.endswith(".fp16.onnx")


class OnDevice:
    """A network as it runs.

    Parameters
    ----------
    path : str
        ONNX file.
    device : str
        One of `runtime.DEVICES`.
    precision : str
        ``auto`` and ``half`` take the companion in half precision on a card where there is one, ``full`` never does.
    options : dict, optional
        Of the execution provider; see `runtime.open_session`.

    Attributes
    ----------
    device : str
        Where the network runs now; another than at first when the memory of the card was too small.
    session : onnxruntime.InferenceSession
        For what a file says of itself.
    workers : int
        Threads that should call `run` at once.
    """

    def __init__(self, path: str, device: str, precision: str = "auto", options: dict[str, str] | None = None):
        self._path, self._options = path, options
        self._calls = min(runtime.cores(), _MOST_WORKERS)
        self._lock = threading.Lock()
        self._on_cpu = threading.BoundedSemaphore(self._calls)
        self._half = half_of(path) if precision != "full" and device != "cpu" else None
        if self._half:
            graph.require_data(str(self._half))  # as trusted as the file beside it, which is not at all
        opened = runtime.open_session(str(self._half or path), device, self._calls, options, profiled=True)
        if self._half and opened.device == "cpu":  # half precision is for cards only
            opened = runtime.open_session(path, device, self._calls)
            self._half = None
        self._asked, self._began = opened.asked, opened.device
        self._notes = [opened.note] if opened.note else []
        self._gave_way: list[str] = []
        self._warm_up: runtime.WarmUp | None = None
        self._batches: runtime.Batches | None = None
        self._crowded = False
        self._shrunk: tuple[str, ...] = ()
        self.session = opened.session
        # Kept only until `confirm`: a session that is held on to holds on to the memory of the card.
        self._opened: runtime.Session | None = opened
        self._settle(opened.device)

    def _settle(self, device: str) -> None:
        self.device = device
        card = nvidia.first() if device in providers.NVIDIA else None
        self._name = hardware.processor() if device == "cpu" else card.name if card else ""
        self.workers = self._calls if device == "cpu" else 2 * MOST_TILES if device in providers.NVIDIA else 2

    def confirm(self, adapter: Adapter, multiple: int) -> None:
        """Find out whether the network really runs where it was put, and how much goes into one call.

        Parameters
        ----------
        adapter : Adapter
        multiple : int
            Sides of tiles are multiples of this.

        Raises
        ------
        DeviceError
            The device was asked for by name and does not do the work.
        """
        opened, self._opened = self._opened, None
        if opened is None or self.device == "cpu":
            return
        # Kept: the run goes on with it when the card cannot.
        self.session = (cpu := runtime.open_session(self._path, "cpu", self._calls)).session
        reason = self._warm(opened, cpu, adapter, multiple)
        if reason and self._asked != "auto":
            raise DeviceError(f"{self._title} was asked for and is not to be had: {reason}; or choose CPU or auto.")
        if reason:
            self._notes.append(f"The network runs on the CPU: {reason}.")
            self._warm_up = self._half = None
            self._began = "cpu"
            self._settle("cpu")
            return
        if self._warm_up:
            self._notes.extend(self._remarks(self._warm_up))
        self._batches = self._make_batches(opened, list(adapter.outputs.names))

    def _remarks(self, found: runtime.WarmUp) -> tuple[str, ...]:
        """What the user should know of the warm-up, as sentences."""
        same = _HALF_SAME_PX if self._half else SAME_PX
        if found.difference_px <= same:
            return found.remarks(self._title)
        return (
            *found.remarks(self._title),
            f"{self._title} and the CPU differ by {found.difference_px:.3f} px in the warm-up, more than {same:g} px; "
            "update driver and onnxruntime, or choose CPU.",
        )

    def _warm(self, opened: runtime.Session, cpu: runtime.Session, adapter: Adapter, multiple: int) -> str:
        """Warm up; returns why the device is not to be used, empty when it is."""
        names, feed = list(adapter.outputs.names), _feed(adapter, multiple)
        try:
            found = runtime.warm_up(opened, cpu, names, feed, lambda parts: adapter.read(parts)[0])
        except Exception as error:  # onnxruntime's exceptions share no base but this
            if _answers(cpu, names, feed, adapter):
                return failures.why_not(self.device, runtime.onnxruntime(), error)
            return ""  # it is the network that fails, and its first tile will say how
        self._warm_up = found
        if not found.used:
            left = ", ".join(found.left[:4])
            return f"ONNX Runtime leaves most of this network to the CPU ({left}); use another model"
        if self._asked == "auto" and not found.faster:
            return found.remarks(self._title)[-1].partition(";")[0]
        return ""

    def _make_batches(self, opened: runtime.Session, names: list[str]) -> runtime.Batches:
        card = nvidia.first() if self.device in providers.NVIDIA else None
        bytes_px = max(self._warm_up.bytes_px if self._warm_up else 0, _LEAST_BYTES_PX)
        largest = _SHARE_OF_MEMORY * card.free / bytes_px if card and self._takes_batches() else None
        source, device = str(self._half or self._path), opened.device
        return runtime.Batches(
            opened, names, largest, lambda: runtime.open_session(source, device, options=self._options)
        )

    def _takes_batches(self) -> bool:
        """Whether the network takes more than one tile at once, as the contract wants it."""
        return all(not isinstance(part.shape[0], int) for part in self.session.get_inputs())

    def run(self, names: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Answer of the network to one tile; may be called from many threads.

        Raises
        ------
        TileTooLargeError
            The tile does not fit into the memory of the device; a smaller one may.
        Exception
            What ONNX Runtime raises otherwise.
        """
        batches = self._batches
        if batches is not None:
            try:
                return batches.run(feed)
            except runtime.TileTooLargeError:
                raise
            except Exception as error:  # onnxruntime's exceptions share no base but this
                if not (isinstance(error, DeviceError) or failures.device_lost(error)):
                    raise
                self.leave(f"it stopped answering ({failures.brief(error)})", batches)
        if not self._crowded:
            return self.session.run(names, feed)
        with self._on_cpu:  # as many tiles wait here as the card was to take
            return self.session.run(names, feed)

    def leave(self, reason: str, batches: runtime.Batches | None = None) -> None:
        """Go on on the CPU, once, for a reason that is said."""
        with self._lock:
            if self._batches is None or (batches is not None and batches is not self._batches):
                return
            self._gave_way.append(f"{self._title} was left and the network went on on the CPU: {reason}.")
            workers, self._shrunk = self.workers, self._shrinking()
            self._crowded, self._batches = True, None
            self._settle("cpu")
            self.workers = workers  # whoever began with so many threads has them now

    def smaller_tiles(self, side: int, smaller: int) -> None:
        """Say that tiles are cut from now on."""
        self._gave_way.append(
            f"The memory of {self._title} was too small for a tile of {side} px; tiles of {smaller} px were measured."
        )

    @property
    def _title(self) -> str:
        title = providers.PROVIDERS[self.device].title
        return f"{title} ({self._name})" if self._name and self.device != "cpu" else title

    def _shrinking(self) -> tuple[str, ...]:
        """What became of the batches, as sentences."""
        batches = self._batches
        if batches is None or batches.failed_tiles < 2:
            return ()
        return (
            f"The memory of {self._title} was too small for {batches.failed_tiles} tiles at once; "
            f"{batches.most_tiles} at once were measured.",
        )

    def notes(self) -> tuple[str, ...]:
        """What a user should know of the device, as sentences; ask when the run is over, for it may have changed."""
        return (*self._notes, *(self._shrunk or self._shrinking()), *dict.fromkeys(self._gave_way))

    def facts(self) -> dict[str, Any]:
        """What belongs in the record of a run; ask when it is over."""
        return {
            "device": self.device,
            "device_name": self._name or self._title,
            "device_asked": self._asked,
            "provider": providers.PROVIDERS[self.device].name,
            "precision": "float16" if self._half and self.device != "cpu" else "float32",
            **({"device_notes": list(self.notes())} if self.notes() else {}),
            **({"began_on": self._began} if self._began != self.device else {}),
            **({"warm_up": self._warm_up.facts()} if self._warm_up else {}),
        }


def _answers(
    cpu: runtime.Session, names: list[str], feed: Callable[[int], dict[str, np.ndarray]], adapter: Adapter
) -> bool:
    """Whether the network runs on the CPU, on a small image."""
    try:
        adapter.read(cpu.session.run(names, feed(64)))
    except Exception:  # onnxruntime's exceptions share no base but this
        return False
    return True


def _feed(adapter: Adapter, multiple: int) -> Callable[[int], dict[str, np.ndarray]]:
    """Inputs for a warm-up: speckle that moved by one pixel, the same every time."""

    def feed(side: int) -> dict[str, np.ndarray]:
        side = adapter.tile_px or -(-side // multiple) * multiple
        noise = np.random.default_rng(1).standard_normal((2, side, side + 1))
        speckle = np.hypot(*noise).astype(np.float32)
        images = speckle[:, :-1], speckle[:, 1:]
        limits = adapter.input_scaling.limits(*images)
        return adapter.feed(*(adapter.input_scaling.apply(image, part) for image, part in zip(images, limits)))

    return feed
