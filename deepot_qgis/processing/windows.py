"""Window sizes as a person types them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deepot_qgis.engine.errors import OptionsError


def windows_text(windows: Sequence[float]) -> str:
    """Return window sizes as text: ``16, 32, 64``."""
    return ", ".join(str(window) for window in windows)


def parse_windows(text: str) -> tuple[int, ...]:
    """Return window sizes from text; commas, semicolons and spaces all part them.

    Raises
    ------
    OptionsError
        Something in it is not a whole number.
    """
    parts = [part for part in re.split(r"[,;\s]+", text.strip()) if part]
    if not parts or not all(part.isdigit() for part in parts):
        raise OptionsError(f"'{text}' is no list of sizes; write whole numbers of pixels such as 16, 32, 64.")
    return tuple(int(part) for part in parts)
