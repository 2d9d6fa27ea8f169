"""``deepot:align``: an image resampled to the grid of another."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from deepot_qgis.engine.align import align
from deepot_qgis.engine.errors import InputError
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.parameters import OUTPUT, REFERENCE, SECONDARY, explained, tr
from deepot_qgis.processing.sources import raster_path


class AlignAlgorithm(EngineAlgorithm):
    """Make an aligned copy of the secondary image."""

    HELP_PAGE = "data"
    GROUP = "preparation"

    def name(self) -> str:
        return "align"

    def displayName(self) -> str:
        return tr("Align an image to another's grid")

    def tags(self) -> list[str]:
        return tr("sar,align,resample,grid,warp,reproject,coregister").split(",")

    def shortDescription(self) -> str:
        return tr("A copy of an image on exactly the grid of another.")

    def shortHelpString(self) -> str:
        return tr(
            "Displacement is measured between images on one grid: same size, same CRS, same pixel places. This "
            "makes a copy of the secondary image on the reference's grid.\n\n"
            "It uses the georeference only. It does not co-register: a wrong georeference stays wrong and is then "
            "measured as displacement."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        reference = QgsProcessingParameterRasterLayer(REFERENCE, tr("Reference image (the grid to follow)"))
        secondary = QgsProcessingParameterRasterLayer(SECONDARY, tr("Secondary image (to be copied)"))
        output = QgsProcessingParameterRasterDestination(OUTPUT, tr("Aligned image"))
        self.addParameter(explained(reference, tr("Its size, CRS and pixels are taken over.")))
        self.addParameter(explained(secondary, tr("It stays as it is; only the copy is resampled.")))
        self.addParameter(output)

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._secondary = self._path(parameters, SECONDARY, context)
        self._reference = self._path(parameters, REFERENCE, context)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        output = self.parameterAsOutputLayer(parameters, OUTPUT, context)
        progress, cancelled = progress_to(feedback), feedback.isCanceled
        aligned = align(self._secondary, self._reference, output, progress=progress, cancelled=cancelled)
        return {OUTPUT: aligned}

    def _path(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> str:
        layer = self.parameterAsRasterLayer(parameters, name, context)
        if layer is None:
            raise InputError(
                tr("'{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.").format(
                    value=parameters.get(name, "")
                )
            )
        return raster_path(layer)
