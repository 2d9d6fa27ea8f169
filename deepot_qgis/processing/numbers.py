"""Numbers that may be left empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from qgis.core import QgsProcessingParameterNumber

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.processing.parameters import tr

_Number = TypeVar("_Number", int, float)


def optional_number(name: str, title: str, low: float | None = None) -> QgsProcessingParameterNumber:
    """A number that may be left empty."""
    real = QgsProcessingParameterNumber.Type.Double
    number = QgsProcessingParameterNumber(name, title, real, None, True)
    if low is not None:
        number.setMinimum(low)
    return number


def read_number(parameters: dict[str, Any], name: str) -> float | None:
    """Return a number, None when it was left empty.

    Raises
    ------
    OptionsError
        It is no number.
    """
    return _read_as(float, parameters, name)


def read_whole_number(parameters: dict[str, Any], name: str) -> int | None:
    """Return a whole number, None when it was left empty.

    Raises
    ------
    OptionsError
        It is no whole number.
    """
    return _read_as(int, parameters, name)


def _read_as(kind: Callable[[Any], _Number], parameters: dict[str, Any], name: str) -> _Number | None:
    """Texts come from ``qgis_process``."""
    value = parameters.get(name)
    if value is None or value == "":
        return None
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise OptionsError(tr("{name} is '{value}'; give a number.").format(name=name, value=value)) from error
