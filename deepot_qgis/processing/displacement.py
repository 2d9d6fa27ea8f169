"""``deepot:displacement``: displacement by a trained network."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext

from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.pair_algorithm import PairAlgorithm
from deepot_qgis.processing.parameters import tr


class DisplacementAlgorithm(PairAlgorithm):
    """Deep-learning-based offset tracking."""

    def name(self) -> str:
        return "displacement"

    def displayName(self) -> str:
        return tr("Displacement (DeepOT)")

    def shortDescription(self) -> str:
        return tr("Ground displacement from two SAR amplitude images by a deep network.")

    def shortHelpString(self) -> str:
        return tr(
            "Measures how far and which way the ground moved between two co-registered SAR amplitude images, with a "
            "network that learned from known displacement embedded in real SAR imagery (DeepOT).\n\n"
            "Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, "
            "magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON "
            "beside it says how it was made.\n\n"
            "Needs the Python package onnxruntime. Without it use 'Displacement (conventional)'."
        )

    def add_method(self) -> None:
        p.add_network(self)

    def method_options(self, parameters: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        return {"method": "model", **p.read_network(self, parameters, context)}
