"""Ctrl+C, and the end that a queue of a cluster sets, as a cancel: what is finished is kept and told."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..callbacks import Cancelled


@contextmanager
def stoppable() -> Iterator[Cancelled]:
    """Give what says whether SIGINT or SIGTERM came; a second one interrupts at once."""
    asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
