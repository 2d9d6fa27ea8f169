"""``deepot:correlation``: displacement by conventional offset tracking."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterNumber, QgsProcessingParameterString

from deepot_qgis.engine.correlation import CorrelationOptions
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.pair_algorithm import PairAlgorithm
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.windows import parse_windows, windows_text

WINDOWS, SEARCH, POSTING = "WINDOWS", "SEARCH", "POSTING"


class CorrelationAlgorithm(PairAlgorithm):
    """Normalised cross-correlation of windows."""

    def name(self) -> str:
        return "correlation"

    def displayName(self) -> str:
        return tr("Displacement (conventional)")

    def shortDescription(self) -> str:
        return tr("Ground displacement from two SAR amplitude images by normalised cross-correlation.")

    def shortHelpString(self) -> str:
        return tr(
            "Measures how far and which way the ground moved between two co-registered SAR amplitude images, by "
            "normalised cross-correlation of windows of several sizes.\n\n"
            "It needs no extra package, and it is the method that every network is compared with: where the two agree "
            "the motion can be trusted.\n\n"
            "Both images must lie on one grid. The result is a GeoTIFF with east and north displacement in metres, "
            "magnitude, direction, uncertainty, correlation and a mask that says why a pixel has no answer; a JSON "
            "beside it says how it was made."
        )

    def add_method(self) -> None:
        defaults = CorrelationOptions()
        whole = QgsProcessingParameterNumber.Type.Integer
        windows = QgsProcessingParameterString(WINDOWS, tr("Window sizes (pixels)"), windows_text(defaults.windows_px))
        search = QgsProcessingParameterNumber(
            SEARCH, tr("Search range (pixels)"), whole, defaults.search_px, minValue=2, maxValue=64
        )
        posting = QgsProcessingParameterNumber(
            POSTING, tr("Posting (pixels)"), whole, defaults.posting_px, minValue=2, maxValue=128
        )
        self.addParameter(
            p.explained(
                windows,
                tr(
                    "Small windows keep the margins of a landslide sharp, large ones lower the noise; each a multiple "
                    "of the one before."
                ),
            )
        )
        self.addParameter(p.explained(search, tr("The largest motion that is looked for, along each axis.")))
        self.addParameter(p.advanced(posting, tr("Distance between measured points; in between is interpolated.")))

    def method_options(self, parameters: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        options = CorrelationOptions(
            posting_px=self.parameterAsInt(parameters, POSTING, context),
            windows_px=parse_windows(self.parameterAsString(parameters, WINDOWS, context)),
            search_px=self.parameterAsInt(parameters, SEARCH, context),
        )
        return {"method": "correlation", "correlation": options}
