"""The record of a refinement: that of the measurement, and what was made of it since."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from .. import provenance
from ..callbacks import Cancelled
from ..errors import InputError
from ..reference import Correction, ReferenceOptions
from .options import Mask, RefineOptions
from .result import StableGround
from .source import Measured

#: Of the measurement's record; its numbers are those of another file.
_NOT_KEPT = ("statistics", "messages", "seconds", "memory", "refinement")


def record(
    product: Measured,
    options: RefineOptions,
    taken: Correction,
    stable: StableGround | None,
    cancelled: Cancelled,
) -> dict[str, Any]:
    """What goes beside the product; statistics and messages are added when they are known."""
    kept = {key: value for key, value in product.record.items() if key not in _NOT_KEPT}
    files = [options.product, product.offsets, options.backward, *(mask.path for mask in options.masks)]
    return {
        **kept,
        "refinement": {
            "options": asdict(options),
            "inputs": [{"path": path, "sha256": provenance.sha256(path, cancelled)} for path in files if path],
            "offsets": product.offsets,
            "limits": _finite(asdict(options.limits(product.limits))),
            "correction": _together(product.correction, taken),
            "stable_ground": asdict(stable) if stable else None,
            "versions": provenance.versions(None),
        },
    }


def _together(before: Correction, taken: Correction) -> dict[str, list[float]]:
    """Two corrections, one after the other."""
    return {
        key: [a + b for a, b in zip(getattr(before, key), getattr(taken, key))] for key in ("east", "north")
    }  # fmt: skip


def _finite(numbers: Mapping[str, Any]) -> dict[str, Any]:
    return {key: None if value == float("inf") else value for key, value in numbers.items()}


def tags(product: Measured, made: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a GeoTIFF: those of the measured product, with the new record."""
    return {
        **{key: value for key, value in product.tags.items() if key != "AREA_OR_POINT"},
        provenance.TAG: provenance.text(made),
        "DEEPOT_VERSION": made["refinement"]["versions"]["deepot"],
    }


def is_refinement(path: str) -> bool:
    """Whether the JSON beside a product tells of a refinement."""
    return "refinement" in provenance.read(path)


def options_of(path: str, output: str) -> RefineOptions:
    """Options of an earlier refinement by the JSON beside its product, with another output.

    Raises
    ------
    InputError
        The file is no such record, is of another version, or was edited.
    """
    try:
        given = dict(provenance.read(path)["refinement"]["options"])
        for kind, part in ((RefineOptions, given), (ReferenceOptions, given["reference"])):
            provenance.require_kinds(kind, part)
        given["reference"] = ReferenceOptions(**given["reference"])
        given["masks"] = tuple(Mask(**mask) for mask in given["masks"])
        return again(RefineOptions(**given), output)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{os.path.basename(path)} does not say how a product was refined, or is of another version ({error}); "
            "refine the product anew."
        ) from error


def again(options: RefineOptions, output: str) -> RefineOptions:
    """The same with the result under another name."""
    velocity = os.path.splitext(output)[0] + "_velocity.tif" if options.velocity else options.velocity
    return replace(options, output=output, velocity=velocity)
