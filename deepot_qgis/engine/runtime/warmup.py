"""Whether a network really runs on the device it was given to: where its operations ran, how fast, and how alike.

A session names the provider it prefers; every operation that the provider lacks runs on the CPU all the same, silently.
So the first run is profiled, and the operations are weighed by the numbers that they give out. Then both the device and
the CPU are timed, and their answers compared.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Callable

import numpy as np

from . import nvidia, providers
from .session import Session

#: Sides of the images that the device and the CPU are timed on. The device needs enough to do, and the CPU is slow.
_SIDE_PX, _CPU_SIDE_PX = 512, 256
_RUNS = 2
#: Operations that only move data between memories, or deal with shapes: the CPU does these best.
_IDLE = {"MemcpyToHost", "MemcpyFromHost", "Shape", "Constant", "Squeeze", "Unsqueeze"}
#: Share of the work that must be done on the device for it to count as used, and below which it is said.
_USED, _ALL = 0.5, 0.98
#: Answers of device and CPU that differ by less than this, px, are the same.
SAME_PX = 0.005
#: Share of the pixels that is compared: at the rim of what can be seen rounding may tip a choice.
_COMPARED = 95

Feed = Callable[[int], dict[str, np.ndarray]]
Read = Callable[[list[np.ndarray]], np.ndarray]


@dataclass(frozen=True)
class WarmUp:
    """What the warm-up found.

    Attributes
    ----------
    share : float or None
        Of the network's work that is done on the device, 0..1; None where ONNX Runtime kept no profile.
    left : tuple of str
        Operations that the CPU does, those that do most first.
    device_mpx_s, cpu_mpx_s : float
        Speed on each, megapixels a second.
    difference_px : float
        Between their answers: 95 % of the pixels differ by less.
    bytes_px : float
        Memory of the device that a pixel took; 0 where that is not known.
    """

    share: float | None
    left: tuple[str, ...]
    device_mpx_s: float
    cpu_mpx_s: float
    difference_px: float
    bytes_px: float = 0.0

    @property
    def used(self) -> bool:
        """Whether the network really runs on the device."""
        return self.share is None or self.share >= _USED

    @property
    def faster(self) -> bool:
        """Whether that pays."""
        return self.device_mpx_s > self.cpu_mpx_s

    def facts(self) -> dict[str, Any]:
        """Numbers for the record of a run."""
        numbers = {name: round(value, 5) for name, value in asdict(self).items() if isinstance(value, float)}
        return {**numbers, "left_to_cpu": list(self.left)}

    def remarks(self, title: str) -> tuple[str, ...]:
        """What the user should know, as sentences."""
        found = []
        if self.share is not None and self.share < _ALL:
            found.append(
                f"{title} does {100 * self.share:.0f} % of the network's work; the CPU does the rest "
                f"({', '.join(self.left[:4])})."
            )
        if not self.faster:
            found.append(
                f"{title} is slower here than the CPU ({self.device_mpx_s:.2g} against {self.cpu_mpx_s:.2g} Mpx/s in "
                "the warm-up); choose CPU."
            )
        return tuple(found)


def warm_up(opened: Session, cpu: Session, names: list[str], feed: Feed, read: Read) -> WarmUp:
    """Run a network on its device and on the CPU.

    Parameters
    ----------
    opened, cpu : Session
        The same network on both.
    names : list of str
        Outputs.
    feed : callable
        Gives the inputs for images of a side, always the same.
    read : callable
        Takes the offsets ``(2, H, W)`` out of an answer.

    Raises
    ------
    Exception
        What ONNX Runtime raises; nothing is caught here.
    """
    small, large = feed(_CPU_SIDE_PX), feed(_SIDE_PX)
    free = _free(opened)
    answer = read(opened.session.run(names, small))  # the first run compiles and takes memory
    share, left = _profile(opened)
    pixels = read(opened.session.run(names, large))[0].size
    device_s = _seconds(lambda: opened.session.run(names, large))
    taken = max(0, free - _free(opened))
    expected = read(cpu.session.run(names, small))
    cpu_s = _seconds(lambda: cpu.session.run(names, small))
    both = np.isfinite(answer) & np.isfinite(expected)
    apart = np.abs(answer - expected)[both]
    return WarmUp(
        share=share,
        left=left,
        device_mpx_s=pixels / 1e6 / device_s,
        cpu_mpx_s=expected[0].size / 1e6 / cpu_s,
        difference_px=float(np.percentile(apart, _COMPARED)) if apart.size else float("inf"),
        bytes_px=taken / pixels,
    )


def _seconds(run: Callable[[], Any]) -> float:
    """The shortest of some runs."""
    found = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return max(min(found), 1e-9)


def _free(opened: Session) -> int:
    """Free bytes of the card; 0 where that is not known."""
    card = nvidia.first() if opened.device in providers.NVIDIA else None
    return card.free if card else 0


def _profile(opened: Session) -> tuple[float | None, tuple[str, ...]]:
    """Share of the work that the device did, and the operations that the CPU did; ends the profile."""
    if not opened.profiled:
        return None, ()
    try:
        path = opened.session.end_profiling()
        with open(path, encoding="utf-8") as file:
            events = json.load(file)
        os.remove(path)
    except (OSError, ValueError, RuntimeError):
        return None, ()
    return share_of_work(events, opened.provider)


def share_of_work(events: list[dict[str, Any]], provider: str) -> tuple[float | None, tuple[str, ...]]:
    """Weigh the operations of a profile by the bytes that they give out.

    Parameters
    ----------
    events : list of dict
        A profile of ONNX Runtime, as JSON gives it.
    provider : str
        Name of the execution provider that was to do them.

    Returns
    -------
    share : float or None
        0..1; None when the profile names no operation.
    left : tuple of str
        Operations that others did, those that give out most first.
    """
    done, elsewhere = 0, Counter[str]()
    for event in events:
        facts = event.get("args", {})
        if event.get("cat") != "Node" or not facts.get("provider") or facts.get("op_name") in _IDLE:
            continue
        size = max(1, int(facts.get("output_size") or 0))
        if facts["provider"] == provider:
            done += size
        else:
            elsewhere[facts.get("op_name", "?")] += size
    total = done + sum(elsewhere.values())
    if not total:
        return None, ()
    return done / total, tuple(name for name, _ in elsewhere.most_common())
