"""Names of files that are not there yet: a layer on the map must not change under the user."""

from __future__ import annotations

import os


def free_name(stem: str, extension: str = "") -> str:
    """Return ``stem.ext``, ``stem_2.ext``, ``stem_3.ext``...: the first that is not taken."""
    path, number = f"{stem}{extension}", 2
    while os.path.exists(path):
        path, number = f"{stem}_{number}{extension}", number + 1
    return path
