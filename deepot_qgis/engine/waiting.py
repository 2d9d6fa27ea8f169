"""Waiting for work in another thread, during which the user may cancel."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Callable, TypeVar

from .callbacks import Cancelled
from .errors import CancelledError

Value = TypeVar("Value")

#: A cancel is heard this fast, however long the work takes.
_POLL_S = 0.1


def result(future: Future[Value], cancelled: Cancelled) -> Value:
    """What the work gives.

    Raises
    ------
    CancelledError
        `cancelled` said so; the work ends by itself and is forgotten.
    """
    while True:
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        if wait((future,), timeout=_POLL_S).done:
            return future.result()


def call(work: Callable[[], Value], cancelled: Cancelled) -> Value:
    """Do in another thread what cannot be interrupted, and must touch no file; raises what `result` and it raise."""
    pool = ThreadPoolExecutor(1)
    try:
        return result(pool.submit(work), cancelled)
    finally:
        pool.shutdown(wait=False)
