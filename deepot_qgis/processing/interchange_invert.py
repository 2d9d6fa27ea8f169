"""``deepot:invertpairs``: pairs that were measured or imported before to one history of displacement a pixel."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsRasterLayer,
)

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.timeseries.assemble import SeriesResult, StackOptions, invert_pairs
from deepot_qgis.engine.timeseries.stack import open_products
from deepot_qgis.processing import timeseries_parameters as tp
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.parameters import explained, tr
from deepot_qgis.processing.sources import raster_path
from deepot_qgis.processing.timeseries_algorithm import LOAD, OUTPUT, TimeSeriesAlgorithm

PAIRS, FOLDER = "PAIRS", "FOLDER"


class InvertPairsAlgorithm(TimeSeriesAlgorithm):
    """Invert displacement products to one history a pixel."""

    HELP_PAGE = "interchange"

    def name(self) -> str:
        return "invertpairs"

    def displayName(self) -> str:
        return tr("Time series of measured pairs")

    def tags(self) -> list[str]:
        return tr("sar,time series,sbas,network,inversion,pairs,import,mintpy,nisar,autorift").split(",")

    def shortDescription(self) -> str:
        return tr("Ground displacement at every date from displacement products that were measured or imported before.")

    def shortHelpString(self) -> str:
        return tr(
            "Makes a time series of displacement products: those of this plugin, or offsets of other programs that "
            "'Import offsets' turned into such. All must lie on one grid and know their two dates; one that cannot be "
            "used is left out and named in the log.\n\n"
            "Every pair is set to zero on stable ground, and all are inverted to the displacement at every date, as in "
            "'Displacement time series', which measures the pairs itself."
        )

    def add_sources(self) -> None:
        """Add the products, as layers or a folder."""
        layers = QgsProcessingParameterMultipleLayers(
            PAIRS, tr("Displacement products"), QgsProcessing.SourceType.TypeRaster, optional=True
        )
        folder = QgsProcessingParameterFile(
            FOLDER, tr("Folder of displacement products"), QgsProcessingParameterFile.Behavior.Folder, optional=True
        )
        self.addParameter(explained(layers, tr("One for each pair of dates.")))
        self.addParameter(explained(folder, tr("Every GeoTIFF in it is a pair; instead of single products.")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        layers = self.parameterAsLayerList(parameters, PAIRS, context) if parameters.get(PAIRS) else []
        paths = [raster_path(layer) for layer in layers if isinstance(layer, QgsRasterLayer)]
        folder = self.parameterAsFile(parameters, FOLDER, context)
        if not paths and not folder:
            raise InputError(tr("No pair is chosen: choose displacement products, or the folder that holds them."))
        self._sources, self._left_out = open_products(paths or [folder])
        crs = QgsRasterLayer(self._sources[0].path, "pair", "gdal").crs()
        self._load = self.parameterAsBool(parameters, LOAD, context)
        self._stack = StackOptions(**tp.read_inversion(self, parameters, context, crs))
        self._folder = self.parameterAsFileOutput(parameters, OUTPUT, context)

    def make(self, feedback: QgsProcessingFeedback) -> SeriesResult:
        """Invert the pairs."""
        return invert_pairs(
            self._sources,
            self._stack,
            self._folder,
            progress_to(feedback),
            feedback.isCanceled,
            notes=self._left_out,
        )
