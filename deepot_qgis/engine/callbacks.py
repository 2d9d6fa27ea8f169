"""What long work says while it goes on, and what it asks."""

from __future__ import annotations

from typing import Callable

#: Told the share that is done, 0..1, and what is being done.
Progress = Callable[[float, str], None]
#: Told the share that is done, 0..1.
Share = Callable[[float], None]
#: Asked often; True ends the work.
Cancelled = Callable[[], bool]
