"""What a run made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MeasureResult:
    """What a run made, and its numbers.

    Attributes
    ----------
    product, offsets, provenance : str
        Paths.
    velocity : str or None
    messages : tuple of str
        What was recognised and what to know, as sentences.
    reference_date, secondary_date : str or None
        ISO text.
    days : float or None
    unit : str
        ``m`` or ``px``.
    method, model, device : str
        What measured, and on which device; `model` is empty for conventional tracking.
    seconds : float
    statistics : mapping
        See `product.Statistics.summary`.
    device_name : str
        Of the processor or the card; empty for conventional tracking.
    """

    product: str
    offsets: str
    provenance: str
    velocity: str | None
    messages: tuple[str, ...]
    reference_date: str | None
    secondary_date: str | None
    days: float | None
    unit: str
    method: str
    model: str
    device: str
    seconds: float
    statistics: Mapping[str, Any]
    device_name: str = ""
