"""What is known of a product without reading its pixels: dates, unit, images, and how it was measured."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import dates, provenance
from ..rasters import Raster
from .content import date_of

_SIDES = ("reference", "secondary")


@dataclass(frozen=True)
class Lineage:
    """Where a product comes from; what is unknown is empty or None.

    Attributes
    ----------
    unit : str
        ``m`` or ``px``.
    first, second : str or None
        Dates of the images, ISO text.
    images : tuple of str
        Names of reference and secondary, without their folders.
    method : str
        The network with its version, or ``conventional offset tracking``.
    licence, citation : str
        Of the network.
    version : str
        Of this plugin.
    refined : bool
        Whether it was masked or referenced after it was measured.
    credits : tuple of str
        Whose images these are, as their licences ask for it; each once.
    """

    unit: str
    first: str | None
    second: str | None
    images: tuple[str, ...]
    method: str
    licence: str
    citation: str
    version: str
    refined: bool = False
    credits: tuple[str, ...] = ()

    @property
    def days(self) -> float | None:
        """Days between the images."""
        return dates.days_between_texts(self.first, self.second)


def lineage(path: str) -> Lineage:
    """Read where a product comes from.

    Raises
    ------
    InputError
        It cannot be read.
    """
    raster = Raster(path)
    tags = raster.metadata()
    record = provenance.of_product(path, tags)
    estimator = _mapping(record, "estimator")
    return Lineage(
        unit=tags.get("UNIT") or raster.unit or ("m" if raster.grid.georeferenced else "px"),
        first=date_of(tags, "REFERENCE_DATE"),
        second=date_of(tags, "SECONDARY_DATE"),
        images=tuple(name for name in (_image(record, side) for side in _SIDES) if name),
        method=method_of(estimator),
        licence=_words(estimator, "licence"),
        citation=_words(estimator, "citation"),
        version=_words(_mapping(record, "versions"), "deepot"),
        refined=bool(_mapping(record, "refinement")),
        credits=tuple(dict.fromkeys(said for said in (_credit(record, side) for side in _SIDES) if said)),
    )


def method_of(estimator: Mapping[str, Any]) -> str:
    """The name and version of what measured, in words; empty where nothing is known."""
    name = _words(estimator, "name")
    if name == "correlation":
        return "conventional offset tracking"
    version = _words(estimator, "version")
    return f"{name} {version}".strip()


def _image(record: Mapping[str, Any], side: str) -> str:
    path = _words(_mapping(_mapping(record, "inputs"), side), "path")
    return os.path.basename(path.replace("\\", "/"))


def _credit(record: Mapping[str, Any], side: str) -> str:
    return _words(_mapping(_mapping(record, "inputs"), side), "credit")


def _mapping(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = record.get(key)
    return found if isinstance(found, Mapping) else {}


def _words(record: Mapping[str, Any], key: str) -> str:
    found = record.get(key)
    return found if isinstance(found, str) else ""
