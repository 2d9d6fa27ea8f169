"""Values that come from outside: are they what they should be, and how to show what they are."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .errors import OptionsError

_LONGEST = 60


def is_number(value: Any) -> bool:
    """Whether a value is a finite number (true and false are none)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and bool(abs(value) < 1e300)


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number between two limits.

    Raises
    ------
    OptionsError
        It is none, or lies outside.
    """
    if not is_number(value) or value != int(value) or not low <= value <= high:
        raise OptionsError(f"'{name}' is {shown(value)}; it must be a whole number between {low} and {high}.")
    return int(value)


def number(name: str, value: Any, low: float, high: float) -> float:
    """A number between two limits.

    Raises
    ------
    OptionsError
        It is none, or lies outside.
    """
    if not is_number(value) or not low <= value <= high:
        raise OptionsError(f"'{name}' is {shown(value)}; it must be a number between {low:g} and {high:g}.")
    return float(value)


def one_of(name: str, value: str, known: Collection[str]) -> str:
    """A word out of a few.

    Raises
    ------
    OptionsError
        It is another one.
    """
    if value not in known:
        raise OptionsError(f"{name} is '{value}'; choose one of {', '.join(known)}.")
    return value


def shown(value: Any) -> str:
    """A value as it may stand in a sentence, however long it is."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
