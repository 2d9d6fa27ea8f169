"""Which algorithms there are, in the order of the work, and what of them is known already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qgis.core import QgsApplication, QgsProcessingAlgorithm

from deepot_qgis.processing.present import present

PROVIDER = "deepot"
#: Groups in the order of the work; one that is not named here comes after `_MIDDLE`.
_ORDER = ("preparation", "displacement", "terrain", "quality", "exchange")
_MIDDLE = "terrain"


@dataclass(frozen=True)
class Group:
    """Algorithms of one step of the work."""

    title: str
    algorithms: tuple[QgsProcessingAlgorithm, ...]


def groups() -> tuple[Group, ...]:
    """Return the algorithms of the plugin as the provider has them now; nothing where it is not registered."""
    provider = present(QgsApplication.processingRegistry()).providerById(PROVIDER)
    if provider is None:
        return ()
    found: dict[str, list[QgsProcessingAlgorithm]] = {}
    for algorithm in provider.algorithms():
        found.setdefault(algorithm.groupId(), []).append(algorithm)
    ids = sorted(found, key=lambda group: (_place(group), group))
    return tuple(
        Group(found[group][0].group(), tuple(sorted(found[group], key=lambda one: one.displayName()))) for group in ids
    )


def _place(group: str) -> float:
    return _ORDER.index(group) if group in _ORDER else _ORDER.index(_MIDDLE) + 0.5


def filled(algorithm: QgsProcessingAlgorithm, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of an algorithm that are known, by the name of the parameter."""
    inputs = (item.name() for item in algorithm.parameterDefinitions() if not item.isDestination())
    return {name: known[name] for name in inputs if known.get(name) not in (None, "", [])}
