"""Where the files that travel with the plugin are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def folder(name: str) -> Path:
    """Folder `name` (``models``, ``resources``, ``i18n``).

    In the installed plugin it is inside the package, in a checkout of the repository beside it.
    """
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
