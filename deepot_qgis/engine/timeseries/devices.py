"""Which devices measured the pairs of a series, from their records."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any


def about_devices(products: Iterable[str]) -> list[str]:
    """What to know of the devices, as sentences; nothing where the CPU did everything and nobody wanted it otherwise.

    Parameters
    ----------
    products : iterable of str
        Paths of displacement products; those without a record are left out.
    """
    names: Counter[str] = Counter()
    notes: dict[str, None] = {}
    cards = False
    for product in products:
        facts = _estimator(product)
        if "device_name" in facts:
            names[str(facts["device_name"])] += 1
            cards = cards or facts.get("device") != "cpu" or "began_on" in facts
        notes.update(dict.fromkeys(map(str, facts.get("device_notes", ()))))
    if not cards and not notes:
        return []
    measured = ", ".join(f"{name} ({count} pairs)" for name, count in names.most_common())
    return [*([f"Measured on {measured}."] if measured else []), *notes]


def _estimator(product: str) -> dict[str, Any]:
    """What measured a pair, from the record beside its product; empty where there is none."""
    try:
        with open(os.path.splitext(product)[0] + ".json", encoding="utf-8") as file:
            return dict(json.load(file)["estimator"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
