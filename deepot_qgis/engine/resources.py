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


def version() -> str:
    """Version of the plugin as `metadata.txt` states it."""
    for path in (_PACKAGE / "metadata.txt", _PACKAGE.parent / "metadata.txt"):
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "version":
                    return value.strip()
    return "unknown"
