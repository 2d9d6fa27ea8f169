"""``deepot:layovershadow``: where a radar does not see the ground, from a DEM."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.terrain import LayoverOptions, LayoverResult, map_layover
from deepot_qgis.processing import terrain_parameters as t
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.classes import ClassStyler, save_class_style
from deepot_qgis.processing.parameters import OUTPUT, explained, tr
from deepot_qgis.processing.spoken import spoken

GRID, LAYOVER_SHARE, SHADOW_SHARE = "GRID", "LAYOVER_SHARE", "SHADOW_SHARE"


class LayoverShadowAlgorithm(EngineAlgorithm):
    """Map layover and shadow."""

    HELP_PAGE = "terrain"
    GROUP = "terrain"

    def name(self) -> str:
        return "layovershadow"

    def displayName(self) -> str:
        return tr("Layover and shadow from a DEM")

    def tags(self) -> list[str]:
        return tr("sar,layover,shadow,foreshortening,dem,incidence,heading,mask,visibility").split(",")

    def shortDescription(self) -> str:
        return tr("Where the radar cannot see the ground, or sees two places as one.")

    def shortHelpString(self) -> str:
        return tr(
            "Follows the rays of a radar over a DEM. A slope that rises towards the far side by more than the "
            "incidence angle leans over the ground before and behind it: all of these share their range (layover), "
            "and what is measured there is a mixture. A slope that falls by more than 90 degrees less the incidence "
            "angle lies in shadow together with the ground on which it casts it: nothing is measured there but "
            "noise.\n\n"
            "The raster holds 0 where the ground is seen well, 1 in layover, 2 in shadow, 3 where both are true, and "
            "255 where heights are missing. Use it as a mask when you refine a displacement product.\n\n"
            "The DEM may be in any CRS. It should be about as fine as the images: a coarse DEM has gentle slopes only, "
            "and finds too little."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        t.add_dem(self)
        t.add_heading(self)
        t.add_incidence(
            self, tr("Angles from the vertical in degrees or radians, on the map. Not the local angle on slopes.")
        )
        t.add_side(self)
        grid = QgsProcessingParameterRasterLayer(GRID, tr("Grid of the result"), optional=True)
        self.addParameter(
            explained(grid, tr("A raster, such as a displacement product, whose pixels are taken. Empty: the DEM's."))
        )
        output = QgsProcessingParameterRasterDestination(OUTPUT, tr("Layover and shadow"))
        self.addParameter(explained(output, tr("0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.")))
        self.addOutput(QgsProcessingOutputNumber(LAYOVER_SHARE, tr("Share of the ground in layover (0..1)")))
        self.addOutput(QgsProcessingOutputNumber(SHADOW_SHARE, tr("Share of the ground in shadow (0..1)")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        radar = t.read_radar(self, parameters, context)
        if radar["heading"] is None:
            raise OptionsError(
                tr(
                    "Give the heading of the radar: the bearing of its flight, clockwise from north; about -12 on "
                    "ascending, -168 on descending passes."
                )
            )
        self._options = LayoverOptions(
            output=self.parameterAsOutputLayer(parameters, OUTPUT, context),
            grid=t.read_optional_raster(self, parameters, GRID, context),
            **t.read_dem(self, parameters, context),
            **radar,
        )

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        self._result: LayoverResult = map_layover(self._options, progress_to(feedback), feedback.isCanceled)
        for message in self._result.messages:
            feedback.pushInfo(spoken(message))
        ClassStyler.on_loading(context, self._result.path, tr("Layover and shadow"))
        both = self._result.shares["layover and shadow"]
        return {
            OUTPUT: self._result.path,
            LAYOVER_SHARE: self._result.shares["layover"] + both,
            SHADOW_SHARE: self._result.shares["shadow"] + both,
        }

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> dict[str, Any]:
        """Save the style beside the raster, in the main thread."""
        result = getattr(self, "_result", None)
        if result is not None:
            save_class_style(result.path)
        return {}
