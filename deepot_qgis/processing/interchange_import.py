"""``deepot:importoffsets``: other people's offsets as displacement products."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingOutputNumber,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from deepot_qgis.engine.interchange.autorift import CONTENTS
from deepot_qgis.engine.interchange.importing import ImportOptions, import_offsets, summary
from deepot_qgis.engine.interchange.isce import ORDERS
from deepot_qgis.engine.interchange.opening import FORMATS, ReadingOptions
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.interchange_parameters import add_look, read_look
from deepot_qgis.processing.numbers import optional_number, read_number
from deepot_qgis.processing.parameters import advanced, explained, tr

FILES, FORMAT, GEOMETRY, X_SPACING, Y_SPACING = "FILES", "FORMAT", "GEOMETRY", "X_SPACING", "Y_SPACING"
ORDER, CONTENT, LAYER, POLARIZATION, HEIGHT = "ORDER", "CONTENT", "LAYER", "POLARIZATION", "HEIGHT"
FIRST, SECOND = "FIRST", "SECOND"
OUTPUT, PRODUCTS, COUNT = "OUTPUT", "PRODUCTS", "COUNT"


class ImportOffsetsAlgorithm(EngineAlgorithm):
    """Read offsets of other programs."""

    HELP_PAGE = "interchange"
    GROUP = "exchange"

    def name(self) -> str:
        return "importoffsets"

    def displayName(self) -> str:
        return tr("Import offsets (MintPy, autoRIFT, ITS_LIVE, ISCE, NISAR)")

    def tags(self) -> list[str]:
        return tr("sar,import,offsets,mintpy,autorift,its_live,isce,nisar,goff,pixel offset").split(",")

    def shortDescription(self) -> str:
        return tr("Offsets that other programs measured, as displacement products of this plugin.")

    def shortHelpString(self) -> str:
        return tr(
            "Turns offsets of other programs into displacement products, one for each pair of dates, named "
            "YYYYMMDD_YYYYMMDD.tif, so that time series and everything else can use them.\n\n"
            "MintPy: ifgramStack.h5 with range and azimuth offsets, geocoded. NISAR: GOFF, and the offsets in GUNW. "
            "ITS_LIVE and hyp3-autorift: NetCDF of one pair. autoRIFT: velocity.tif and offset.tif. ISCE: geocoded "
            "dense offsets (two bands, -10000 where there is none).\n\n"
            "Offsets along the radar's own directions become east and north with heading and incidence angle; all "
            "motion is taken as horizontal then, because range offsets cannot tell it from vertical motion. A file "
            "that cannot be read is told at the end and the others are kept."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        files = QgsProcessingParameterMultipleLayers(FILES, tr("Files of offsets"), QgsProcessing.SourceType.TypeFile)
        self.addParameter(files)
        kind = QgsProcessingParameterEnum(
            FORMAT, tr("Format"), list(FORMATS), defaultValue="auto", usesStaticStrings=True
        )
        self.addParameter(explained(kind, tr("'auto' goes by the ending of the name and by the contents.")))
        add_look(self, tr("Needed for ISCE and MintPy; NISAR says it itself."))
        self._add_rasters()
        self._add_products_of_agencies()
        folder = QgsProcessingParameterFolderDestination(OUTPUT, tr("Folder for the displacement products"))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputMultipleLayers(PRODUCTS, tr("Displacement products")))
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of products")))

    def _add_rasters(self) -> None:
        dates = tr("For one file whose name does not tell it. Empty: taken from the name, such as 20130510_20131025.")
        for name, title in ((FIRST, tr("First date")), (SECOND, tr("Second date"))):
            kind = QgsProcessingParameterDateTime.Type.DateTime
            self.addParameter(advanced(QgsProcessingParameterDateTime(name, title, type=kind, optional=True), dates))
        text = tr(
            "Of the images that were matched, metres. Needed for offsets in pixels (ISCE, autoRIFT's offset.tif)."
        )
        for name, title in (
            (X_SPACING, tr("Pixel spacing in x, or in slant range (m)")),
            (Y_SPACING, tr("Pixel spacing in y, or in azimuth (m)")),
        ):
            self.addParameter(advanced(optional_number(name, title, 0.0), text))
        for name, title, choices, text in (
            (ORDER, tr("Order of the bands (ISCE)"), ORDERS, tr("'auto' is azimuth first, as ISCE writes them.")),
            (CONTENT, tr("Content (autoRIFT GeoTIFF)"), CONTENTS, tr("'auto' goes by the number of bands.")),
        ):
            choice = QgsProcessingParameterEnum(
                name, title, list(choices), defaultValue=choices[0], usesStaticStrings=True
            )
            self.addParameter(advanced(choice, text))

    def _add_products_of_agencies(self) -> None:
        geometry = QgsProcessingParameterFile(GEOMETRY, tr("Geometry file (MintPy)"), extension="h5", optional=True)
        layer = QgsProcessingParameterNumber(
            LAYER, tr("Layer (NISAR)"), QgsProcessingParameterNumber.Type.Integer, 1, minValue=1, maxValue=3
        )
        polarization = QgsProcessingParameterString(POLARIZATION, tr("Polarisation (NISAR)"), optional=True)
        self.addParameter(advanced(geometry, tr("geometryGeo.h5, instead of heading and incidence angle.")))
        self.addParameter(advanced(layer, tr("Window size of the matching, from small (1) to large (3).")))
        self.addParameter(advanced(polarization, tr("Empty: the first there is.")))
        self.addParameter(advanced(optional_number(HEIGHT, tr("Height of the ground (NISAR, m)")), tr("Empty: 0.")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        look = read_look(self, parameters, context)
        seen: dict[str, Any] = {}
        if look is not None:
            seen = {"heading": look.heading, "incidence": look.incidence, "side": look.side}
        reading = ReadingOptions(
            format=self.parameterAsEnumString(parameters, FORMAT, context),
            first=p.read_date(self, parameters, FIRST, context),
            second=p.read_date(self, parameters, SECOND, context),
            **seen,
            geometry=self.parameterAsFile(parameters, GEOMETRY, context) or None,
            x_spacing=read_number(parameters, X_SPACING),
            y_spacing=read_number(parameters, Y_SPACING),
            order=self.parameterAsEnumString(parameters, ORDER, context),
            content=self.parameterAsEnumString(parameters, CONTENT, context),
            layer=self.parameterAsInt(parameters, LAYER, context),
            polarization=self.parameterAsString(parameters, POLARIZATION, context) or None,
            height=read_number(parameters, HEIGHT) or 0.0,
        )
        files = tuple(self.parameterAsFileList(parameters, FILES, context))
        self._options = ImportOptions(files, self.parameterAsString(parameters, OUTPUT, context), reading)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = import_offsets(self._options, progress_to(feedback), feedback.isCanceled)
        for failure in result.failures:
            feedback.reportError(failure)
        for line in summary(result):
            feedback.pushInfo(line)
        return {OUTPUT: self._options.folder, PRODUCTS: list(result.products), COUNT: len(result.products)}
