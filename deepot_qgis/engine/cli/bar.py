"""Progress of a command."""

from __future__ import annotations

import sys
import time

#: Before so much is done, and so long has passed, the time that is left cannot be told.
_LEAST_SHARE, _LEAST_S = 0.02, 10.0


class Bar:
    """Progress on stderr, only when a person watches; a sentence is printed for everybody, once."""

    def __init__(self) -> None:
        self._last, self._length, self._begun = -1, 24, time.monotonic()

    def __call__(self, share: float, what: str) -> None:
        """Show the share that is done, 0..1, and what is being done."""
        if what.endswith("."):
            start = "\r" if sys.stderr.isatty() else ""
            print(f"{start}{what:<24}", file=sys.stderr, flush=True)
            return
        percent = int(100 * share)
        if sys.stderr.isatty() and percent != self._last:
            end = "\n" if percent == 100 else ""
            what += left(share, time.monotonic() - self._begun)
            print(f"\r{percent:3d} % {what:<{self._length}}", end=end, file=sys.stderr, flush=True)
            self._last, self._length = percent, len(what)


def left(share: float, passed_s: float) -> str:
    """About how long the rest takes, to follow what is being done; empty when it cannot be told or is over."""
    if not _LEAST_SHARE <= share < 1 or passed_s < _LEAST_S:
        return ""
    seconds = passed_s * (1 - share) / share
    if seconds < 90:
        return f", about {max(1, round(seconds))} s left"
    minutes = round(seconds / 60)
    return f", about {minutes} min left" if minutes < 90 else f", about {seconds / 3600:.1f} h left"
