"""What QGIS always has, though the declarations of its methods say of every object that it may be missing."""

from __future__ import annotations

from typing import TypeVar

from qgis.core import QgsProject

_T = TypeVar("_T")


def present(value: _T | None) -> _T:
    """Return a value that cannot be missing where it is asked for."""
    assert value is not None
    return value


def current_project() -> QgsProject:
    """Return the project that is open; there always is one."""
    return present(QgsProject.instance())
