"""The Processing provider ``deepot``."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from deepot_qgis.__about__ import NAME, VERSION
from deepot_qgis.engine.resources import folder
from deepot_qgis.processing.align import AlignAlgorithm
from deepot_qgis.processing.correlation import CorrelationAlgorithm
from deepot_qgis.processing.displacement import DisplacementAlgorithm
from deepot_qgis.processing.downslope_algorithm import DownslopeAlgorithm
from deepot_qgis.processing.export_pair import ExportPairAlgorithm
from deepot_qgis.processing.geocode_algorithm import GeocodeAlgorithm
from deepot_qgis.processing.interchange_export import ExportSeriesAlgorithm
from deepot_qgis.processing.interchange_import import ImportOffsetsAlgorithm
from deepot_qgis.processing.interchange_invert import InvertPairsAlgorithm
from deepot_qgis.processing.layout_algorithm import LayoutAlgorithm
from deepot_qgis.processing.layover_algorithm import LayoverShadowAlgorithm
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.refine_algorithm import RefineAlgorithm
from deepot_qgis.processing.report_algorithm import ReportAlgorithm
from deepot_qgis.processing.selftest_algorithm import SelfTestAlgorithm
from deepot_qgis.processing.stations_algorithm import StationsAlgorithm
from deepot_qgis.processing.timeseries_algorithm import TimeSeriesAlgorithm


class DeepotProvider(QgsProcessingProvider):
    """Displacement algorithms for the toolbox, the model builder, batch and ``qgis_process``."""

    def id(self) -> str:
        return "deepot"

    def name(self) -> str:
        return NAME

    def longName(self) -> str:
        return tr("{name}: displacement from SAR amplitude").format(name=NAME)

    def versionInfo(self) -> str:
        return VERSION

    def icon(self) -> QIcon:
        return QIcon(str(folder("resources") / "icon.svg"))

    def loadAlgorithms(self) -> None:
        for algorithm in (
            DisplacementAlgorithm(),
            CorrelationAlgorithm(),
            TimeSeriesAlgorithm(),
            StationsAlgorithm(),
            SelfTestAlgorithm(),
            RefineAlgorithm(),
            ReportAlgorithm(),
            ExportPairAlgorithm(),
            LayoutAlgorithm(),
            ExportSeriesAlgorithm(),
            ImportOffsetsAlgorithm(),
            InvertPairsAlgorithm(),
            AlignAlgorithm(),
            LayoverShadowAlgorithm(),
            DownslopeAlgorithm(),
            GeocodeAlgorithm(),
        ):
            self.addAlgorithm(algorithm)

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return ["tif"]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        return ["gpkg"]
