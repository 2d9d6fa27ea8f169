"""``deepot:displacement``: displacement by a trained network."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from deepot_qgis.engine import model
from deepot_qgis.engine.resources import folder
from deepot_qgis.engine.runtime import DEVICES
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.pair_algorithm import PairAlgorithm
from deepot_qgis.processing.parameters import tr

MODEL, MODEL_FILE, DEVICE = "MODEL", "MODEL_FILE", "DEVICE"


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
        # names only: QGIS asks for the parameters when it starts, long before onnxruntime is needed
        names = [path.stem for path in sorted(folder("models").glob("*.onnx"))]
        string = QgsProcessingParameterString(MODEL, tr("Model"), model.DEFAULT_MODEL)
        string.setMetadata({"widget_wrapper": {"value_hints": names}})
        text = tr("Name of a model that comes with the plugin ({names}) or the path of an ONNX file.")
        self.addParameter(p.explained(string, text.format(names=", ".join(names) or "-")))
        file = QgsProcessingParameterFile(MODEL_FILE, tr("Model of your own"), extension="onnx", optional=True)
        self.addParameter(
            p.advanced(file, tr("An ONNX file that follows the DeepOT contract; used instead of the model above."))
        )
        device = QgsProcessingParameterEnum(
            DEVICE, tr("Device"), list(DEVICES), defaultValue="auto", usesStaticStrings=True
        )
        self.addParameter(p.explained(device, tr("'auto' takes the GPU when onnxruntime can really use it.")))

    def method_options(self, parameters: dict, context: QgsProcessingContext) -> dict:
        return {
            "method": "model",
            "model": self.parameterAsFile(parameters, MODEL_FILE, context)
            or self.parameterAsString(parameters, MODEL, context),
            "device": self.parameterAsEnumString(parameters, DEVICE, context),
        }
