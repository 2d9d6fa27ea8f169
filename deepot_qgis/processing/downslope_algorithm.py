"""``deepot:downslope``: displacement along the fall of the ground."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from deepot_qgis.engine.report.lineage import lineage
from deepot_qgis.engine.styles.ranges import band_ranges
from deepot_qgis.engine.styles.views import DOWNSLOPE_VIEWS
from deepot_qgis.engine.terrain import DownslopeOptions, project_downslope
from deepot_qgis.processing import terrain_parameters as t
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.loading import ResultStyler, load_styled
from deepot_qgis.processing.layers.metadata import save_lineage
from deepot_qgis.processing.layers.styles import save_styles
from deepot_qgis.processing.parameters import OUTPUT, advanced, explained, read_raster, tr
from deepot_qgis.processing.sources import raster_path
from deepot_qgis.processing.spoken import spoken

PRODUCT, MIN_SLOPE, SMOOTHING = "PRODUCT", "MIN_SLOPE", "SMOOTHING"
_NUMBERS = {"MEDIAN_DOWNSLOPE": "median_downslope", "DOWNHILL_SHARE": "downhill", "UPHILL_SHARE": "uphill"}


class DownslopeAlgorithm(EngineAlgorithm):
    """Project displacement on the slope."""

    HELP_PAGE = "terrain"
    GROUP = "terrain"

    def name(self) -> str:
        return "downslope"

    def displayName(self) -> str:
        return tr("Displacement along the slope")

    def tags(self) -> list[str]:
        return tr("sar,landslide,downslope,slope,aspect,dem,displacement,projection,surface parallel").split(",")

    def shortDescription(self) -> str:
        return tr("How far the ground went downhill, and how far aside.")

    def shortHelpString(self) -> str:
        return tr(
            "Projects a displacement product on the direction in which a DEM falls most steeply.\n\n"
            "Bands: downslope (horizontal metres, positive downhill, negative uphill), along_surface (the same for "
            "ground that moves parallel to its surface), across (what goes aside, positive to the right of who looks "
            "downhill), deviation (degrees between the motion and straight downhill, 0 to 180), slope and aspect "
            "(degrees), sigma, and mask: the codes of the product, 20 where the ground is flatter than the limit, 21 "
            "where heights are missing.\n\n"
            "The log says which share of the moving ground goes downhill. A landslide or glacier should; motion that "
            "goes up a steep slope is more likely an error than motion."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        product = QgsProcessingParameterRasterLayer(PRODUCT, tr("Displacement product"))
        self.addParameter(explained(product, tr("The GeoTIFF that a measurement of a pair wrote, in metres.")))
        t.add_dem(self)
        defaults, real = DownslopeOptions("product", "dem"), QgsProcessingParameterNumber.Type.Double
        flat = QgsProcessingParameterNumber(
            MIN_SLOPE, tr("Smallest slope (degrees)"), real, defaults.min_slope, minValue=0, maxValue=80
        )
        self.addParameter(explained(flat, tr("Flatter ground has no fall to speak of and is masked.")))
        smooth = QgsProcessingParameterNumber(
            SMOOTHING, tr("Smoothing of the heights (metres)"), real, defaults.smoothing, minValue=0, maxValue=5000
        )
        text = tr(
            "Standard deviation of the Gaussian that averages the heights first, so that the slope is that of the "
            "hillside and not of every hump. 0: none."
        )
        self.addParameter(advanced(smooth, text))
        output = QgsProcessingParameterRasterDestination(OUTPUT, tr("Displacement along the slope"))
        self.addParameter(explained(output, tr("Metres; NaN where masked.")))
        self.addOutput(QgsProcessingOutputNumber("MEDIAN_DOWNSLOPE", tr("Median downslope of the moving ground (m)")))
        self.addOutput(QgsProcessingOutputNumber("DOWNHILL_SHARE", tr("Share of it that goes downhill (0..1)")))
        self.addOutput(QgsProcessingOutputNumber("UPHILL_SHARE", tr("Share of it that goes uphill (0..1)")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._options = DownslopeOptions(
            product=raster_path(read_raster(self, parameters, PRODUCT, context)),
            output=self.parameterAsOutputLayer(parameters, OUTPUT, context),
            min_slope=self.parameterAsDouble(parameters, MIN_SLOPE, context),
            smoothing=self.parameterAsDouble(parameters, SMOOTHING, context),
            **t.read_dem(self, parameters, context),
        )

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = project_downslope(self._options, progress_to(feedback), feedback.isCanceled)
        for message in result.messages:
            feedback.pushInfo(spoken(message))
        self._ranges, self._lineage = band_ranges(result.path, DOWNSLOPE_VIEWS), lineage(result.path)
        self._result = result  # from here on there is something to style
        styler = ResultStyler(DOWNSLOPE_VIEWS, self._ranges, "m", lineage=self._lineage)
        load_styled(context, result.path, layer_title("downslope", "m"), styler)
        return {OUTPUT: result.path, **{key: result.statistics[name] for key, name in _NUMBERS.items()}}

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> dict[str, Any]:
        """Save the styles beside the raster, in the main thread."""
        result = getattr(self, "_result", None)
        if result is not None:
            save_styles(result.path, DOWNSLOPE_VIEWS, self._ranges)
            save_lineage(result.path, layer_title("downslope", "m"), self._lineage)
        return {}
