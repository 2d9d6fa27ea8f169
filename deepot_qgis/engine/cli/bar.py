"""Progress of a command."""

from __future__ import annotations

import sys


class Bar:
    """Progress on stderr, only when a person watches; a sentence is printed for everybody, once."""

    def __init__(self) -> None:
        self._last, self._length = -1, 24

    def __call__(self, share: float, what: str) -> None:
        """Show the share that is done, 0..1, and what is being done."""
        if what.endswith("."):
            start = "\r" if sys.stderr.isatty() else ""
            print(f"{start}{what:<24}", file=sys.stderr, flush=True)
            return
        percent = int(100 * share)
        if sys.stderr.isatty() and percent != self._last:
            end = "\n" if percent == 100 else ""
            print(f"\r{percent:3d} % {what:<{self._length}}", end=end, file=sys.stderr, flush=True)
            self._last, self._length = percent, len(what)
