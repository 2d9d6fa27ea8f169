"""Folders of results."""

from __future__ import annotations

import os

from ..errors import OutputError


def make_folder(path: str) -> str:
    """Make a folder that is not there yet; returns its path.

    Raises
    ------
    OutputError
        It cannot be made, or a file lies there.
    """
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {path} cannot be made ({error.strerror}); choose another.") from error
    return path
