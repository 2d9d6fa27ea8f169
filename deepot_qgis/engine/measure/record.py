"""What a product says of itself: who measured, from which images, and what its numbers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from .. import credit, dates, displacement, provenance, runtime
from ..callbacks import Cancelled
from ..estimate import Estimator
from ..model import NetworkEstimator
from ..pair import Pair
from .options import MeasureOptions


def begin(options: MeasureOptions, pair: Pair, estimator: Mapping[str, Any], cancelled: Cancelled) -> dict[str, Any]:
    """The record of a run that begins: all that decides its numbers.

    Parameters
    ----------
    estimator : mapping
        `origin` and `facts` of what measures.

    Raises
    ------
    CancelledError
        `cancelled` said so while files were read for their SHA-256.
    """
    inputs = {}
    for role, source in (("reference", pair.reference), ("secondary", pair.secondary)):
        inputs[role] = {
            "path": source.raster.path,
            "sha256": provenance.sha256(source.raster.path, cancelled),
            "band": source.raster.band_number,
            "date": dates.text(source.date) if source.date else None,
            "radiometry": source.kind.kind,
            "radiometry_because": source.kind.why,
            "credit": credit.of_raster(source.raster),
        }
    library = runtime.onnxruntime().__version__ if options.method == "model" else None
    return {
        "inputs": inputs,
        "days": pair.days,
        "unit": displacement.unit(pair.grid),
        "crs": pair.grid.crs_name(),
        "geotransform": pair.grid.geotransform,
        "window_px": pair.window,
        "estimator": dict(estimator),
        "options": {key: value for key, value in asdict(options).items() if key != "resume"},
        "versions": provenance.versions(library),
    }


def origin(estimator: Estimator, cancelled: Cancelled) -> dict[str, Any]:
    """What measures; the same from the first to the last tile, so that a file is hashed once.

    Raises
    ------
    CancelledError
        `cancelled` said so.
    """
    if not isinstance(estimator, NetworkEstimator):
        return {"name": estimator.name, "device": "cpu"}
    metadata = estimator.card.metadata
    return {
        "name": estimator.name,
        "device": estimator.device,
        "sha256": provenance.sha256(estimator.card.path, cancelled),
        **{key: metadata[key] for key in ("version", "architecture", "licence", "citation")},
    }


def facts(estimator: Estimator) -> dict[str, Any]:
    """What a network says of its run so far; its device may change while it measures."""
    if not isinstance(estimator, NetworkEstimator):
        return {}
    return {"device": estimator.device, **estimator.facts()}


def notes(estimator: Estimator) -> tuple[str, ...]:
    """What to know of the answer and of the device, as sentences."""
    return estimator.notes() if isinstance(estimator, NetworkEstimator) else ()


def tags(record: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a GeoTIFF: the whole record, and the few items that people look for."""
    inputs = record["inputs"]
    return {
        provenance.TAG: provenance.text(record),
        "DEEPOT_VERSION": record["versions"]["deepot"],
        "REFERENCE_DATE": inputs["reference"]["date"] or "unknown",
        "SECONDARY_DATE": inputs["secondary"]["date"] or "unknown",
        "DAYS": "unknown" if record["days"] is None else f"{record['days']:g}",
        "UNIT": record["unit"],
        "ESTIMATOR": record["estimator"]["name"],
    }


def verdict(statistics: Mapping[str, Any]) -> list[str]:
    """What the numbers mean for the user, where they should give pause."""
    good = statistics["good"]
    if good == 0:
        return ["No pixel passed the quality checks: the two images do not match. Are they of one place and one track?"]
    if good < 0.5:
        worst = max(statistics["masked"], key=statistics["masked"].get)
        return [f"Only {100 * good:.0f} % of the pixels passed the quality checks (most often: {worst})."]
    return []
