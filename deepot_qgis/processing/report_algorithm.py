"""``deepot:report``: a displacement product as a page that opens anywhere."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterLayer,
)

from deepot_qgis.engine.report import ReportOptions, write_report
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.sources import raster_path
from deepot_qgis.processing.spoken import words_of_user

PRODUCT, REPORT = "PRODUCT", "REPORT"


class ReportAlgorithm(EngineAlgorithm):
    """Write the report of a displacement product."""

    HELP_PAGE = "export"
    GROUP = "quality"

    def name(self) -> str:
        return "report"

    def displayName(self) -> str:
        return tr("Report of a displacement product")

    def tags(self) -> list[str]:
        return tr("sar,report,html,statistics,histogram,map,provenance,offset tracking").split(",")

    def shortDescription(self) -> str:
        return tr("Inputs, settings, maps, statistics, plots and reasons of masking as one HTML page.")

    def shortHelpString(self) -> str:
        return tr(
            "Writes one HTML page about a displacement product: maps of every band with scale and north arrow, "
            "statistics of the good pixels, histograms, the share of pixels masked for each reason, the images with "
            "dates and SHA-256, every setting of the run, its messages and the versions of the software.\n\n"
            "The page is one file that opens without network and without scripts, and prints well. Names of folders "
            "are left out, so that it may be handed on."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        product = QgsProcessingParameterRasterLayer(PRODUCT, tr("Displacement product"))
        self.addParameter(p.explained(product, tr("The GeoTIFF that a measurement of a pair wrote.")))
        self.addParameter(QgsProcessingParameterFileDestination(REPORT, tr("Report"), tr("HTML pages (*.html)")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        product = raster_path(p.read_raster(self, parameters, PRODUCT, context))
        self._options = ReportOptions(product, self.parameterAsFileOutput(parameters, REPORT, context))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        return {REPORT: write_report(self._options, progress_to(feedback), feedback.isCanceled, words_of_user())}
