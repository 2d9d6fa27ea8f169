"""``deepot:layout``: a displacement product on a page to print."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    Qgis,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingUtils,
)

from deepot_qgis.engine.errors import CancelledError
from deepot_qgis.engine.files import refuse_inputs
from deepot_qgis.engine.product import BANDS
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.layers.arrows import write_arrows
from deepot_qgis.processing.layout.compose import WITH_ARROWS, write_page
from deepot_qgis.processing.layout.page import read_page
from deepot_qgis.processing.layout.template import DPI, TEMPLATE, require_ending
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.sources import raster_path

PRODUCT, BAND, TITLE, TEMPLATE_FILE, RESOLUTION, OUTPUT = "PRODUCT", "BAND", "TITLE", "TEMPLATE", "DPI", "OUTPUT"
_LEAST_DPI, _MOST_DPI = 50, 1200


class LayoutAlgorithm(EngineAlgorithm):
    """Write the page of a displacement product."""

    HELP_PAGE = "export"
    GROUP = "exchange"

    def name(self) -> str:
        return "layout"

    def displayName(self) -> str:
        return tr("Print a displacement product (PDF, PNG)")

    def flags(self) -> Qgis.ProcessingAlgorithmFlags:
        """Layouts and layers live in the main thread."""
        kinds = QgsProcessingAlgorithm.Flag
        alone = getattr(kinds, "FlagNoThreading", None) or kinds.NoThreading  # renamed in QGIS 3.36
        return super().flags() | alone

    def tags(self) -> list[str]:
        return tr("sar,print,layout,pdf,png,map,legend,scale bar,north arrow,figure,publication").split(",")

    def shortDescription(self) -> str:
        return tr("A map of displacement on a page, with legend, scale bar, dates, numbers and credits.")

    def shortHelpString(self) -> str:
        return tr(
            "Writes a page (A4, landscape) about a displacement product: the map over the radar image, where that is "
            "still in its place, with coordinates, scale bar and north arrow; the legend with units and an arrow of "
            "known length; the two dates; numbers of the good pixels and the shares of what is masked; the images, the "
            "method and how to cite it.\n\n"
            "To arrange it in another way: open Export, Print layout in the panel, change it, save it as a template "
            "and give that here. Texts and items are found by their names."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        product = QgsProcessingParameterRasterLayer(PRODUCT, tr("Displacement product"))
        self.addParameter(p.explained(product, tr("The GeoTIFF that a measurement of a pair wrote.")))
        band = QgsProcessingParameterEnum(
            BAND, tr("Band of the map"), list(BANDS), defaultValue="magnitude", usesStaticStrings=True
        )
        self.addParameter(p.explained(band, tr("What the map shows.")))
        title = QgsProcessingParameterString(TITLE, tr("Title"), optional=True)
        self.addParameter(p.explained(title, tr("Empty: the two dates.")))
        template = QgsProcessingParameterFile(TEMPLATE_FILE, tr("Template"), extension="qpt", optional=True)
        self.addParameter(p.advanced(template, tr("Empty: the one that comes with the plugin.")))
        resolution = QgsProcessingParameterNumber(
            RESOLUTION,
            tr("Resolution (dots per inch)"),
            QgsProcessingParameterNumber.Type.Integer,
            DPI,
            minValue=_LEAST_DPI,
            maxValue=_MOST_DPI,
        )
        self.addParameter(p.advanced(resolution, tr("Of the picture, and of the map within a PDF.")))
        file = QgsProcessingParameterFileDestination(OUTPUT, tr("Page"), tr("Pages (*.pdf *.png *.svg)"))
        self.addParameter(file)

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._product = raster_path(p.read_raster(self, parameters, PRODUCT, context))
        self._band = self.parameterAsEnumString(parameters, BAND, context)
        self._title = self.parameterAsString(parameters, TITLE, context).strip()
        self._template = self.parameterAsFile(parameters, TEMPLATE_FILE, context) or str(TEMPLATE)
        self._dpi = self.parameterAsInt(parameters, RESOLUTION, context)
        self._path = self.parameterAsFileOutput(parameters, OUTPUT, context)
        require_ending(self._path)
        refuse_inputs(self._path, (self._product,))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        page = read_page(self._product, self._band, self._title, feedback.isCanceled)
        feedback.setProgress(30)
        arrows = None
        if self._band in WITH_ARROWS:
            arrows = write_arrows(self._product, QgsProcessingUtils.generateTempFilename("arrows.gpkg"))
        feedback.setProgress(50)
        if feedback.isCanceled():
            raise CancelledError("Cancelled; nothing was written.")
        write_page(page, self._band, arrows, self._path, self._template, self._dpi)
        feedback.setProgress(100)
        feedback.pushInfo(self._path)
        return {OUTPUT: self._path}
