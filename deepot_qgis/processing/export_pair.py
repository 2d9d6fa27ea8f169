"""``deepot:exportpair``: a displacement product as COG, picture, arrows and NetCDF."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
)

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.interchange.cog_export import CogOptions, export_cog
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf
from deepot_qgis.engine.product import BANDS
from deepot_qgis.engine.report import MapOptions, read_pair, write_map
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.arrows import write_arrows
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.loading import ResultStyler, load_styled
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.sources import raster_path
from deepot_qgis.processing.spoken import words_of_user

PRODUCT, COG, MAP, BAND, ARROWS, NETCDF = "PRODUCT", "COG", "MAP", "BAND", "ARROWS", "NETCDF"


class ExportPairAlgorithm(EngineAlgorithm):
    """Write a displacement product in other forms."""

    HELP_PAGE = "export"
    GROUP = "exchange"

    def name(self) -> str:
        return "exportpair"

    def displayName(self) -> str:
        return tr("Export a displacement product (COG, picture, arrows, NetCDF)")

    def tags(self) -> list[str]:
        return tr("sar,export,cog,cloud optimized geotiff,png,map,arrows,vectors,netcdf,its_live").split(",")

    def shortDescription(self) -> str:
        return tr("A displacement product as Cloud Optimized GeoTIFF, map picture, arrows or NetCDF of velocity.")

    def shortHelpString(self) -> str:
        return tr(
            "Writes a displacement product in the forms that others ask for. Choose one or more:\n\n"
            "Cloud Optimized GeoTIFF: all bands with overviews and statistics inside, to be put on a web server.\n\n"
            "Map: one band as a picture with legend, coordinates, scale bar and north arrow (PNG, SVG or PDF).\n\n"
            "Arrows: points on a regular grid with the median motion there, where it is above three sigma.\n\n"
            "NetCDF: velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        product = QgsProcessingParameterRasterLayer(PRODUCT, tr("Displacement product"))
        self.addParameter(p.explained(product, tr("The GeoTIFF that a measurement of a pair wrote.")))
        self._add_file(COG, tr("Cloud Optimized GeoTIFF"), tr("GeoTIFF (*.tif)"))
        self._add_file(MAP, tr("Map"), tr("Pictures (*.png *.svg *.pdf)"))
        band = QgsProcessingParameterEnum(
            BAND, tr("Band of the map"), list(BANDS), defaultValue="magnitude", usesStaticStrings=True
        )
        self.addParameter(p.explained(band, tr("What the picture shows.")))
        arrows = QgsProcessingParameterVectorDestination(
            ARROWS, tr("Arrows"), QgsProcessing.SourceType.TypeVectorPoint, optional=True, createByDefault=False
        )
        self.addParameter(p.explained(arrows, tr("Empty: no arrows.")))
        self._add_file(NETCDF, tr("Velocity as NetCDF"), tr("NetCDF (*.nc)"))

    def _add_file(self, name: str, title: str, kinds: str) -> None:
        file = QgsProcessingParameterFileDestination(name, title, kinds, optional=True, createByDefault=False)
        self.addParameter(p.explained(file, tr("Empty: not written.")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._product = raster_path(p.read_raster(self, parameters, PRODUCT, context))
        paths = {name: self.parameterAsFileOutput(parameters, name, context) for name in (COG, MAP, NETCDF)}
        self._cog = CogOptions(self._product, paths[COG]) if parameters.get(COG) else None
        band = self.parameterAsEnumString(parameters, BAND, context)
        self._map = MapOptions(self._product, paths[MAP], band) if parameters.get(MAP) else None
        self._netcdf = NetcdfOptions(self._product, paths[NETCDF]) if parameters.get(NETCDF) else None
        self._arrows = self.parameterAsOutputLayer(parameters, ARROWS, context) if parameters.get(ARROWS) else None
        if not (self._cog or self._map or self._netcdf or self._arrows):
            raise OptionsError(tr("Nothing to write was chosen; give a file for the GeoTIFF, map, arrows or NetCDF."))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        progress, cancelled = progress_to(feedback), feedback.isCanceled
        outputs: dict[str, Any] = {}
        if self._cog is not None:
            outputs[COG] = export_cog(self._cog, progress, cancelled)
        if self._map is not None:
            outputs[MAP] = write_map(self._map, progress, cancelled, words_of_user())
        if self._netcdf is not None:
            outputs[NETCDF] = export_netcdf(self._netcdf, progress, cancelled)
        for path in outputs.values():
            feedback.pushInfo(path)
        if self._arrows:
            read_pair(self._product, cancelled)  # says in a sentence what is no displacement product
            arrows = write_arrows(self._product, self._arrows)
            load_styled(context, arrows.path, layer_title("arrows", ""), ResultStyler((), {}, "", arrows))
            outputs[ARROWS] = arrows.path
        return outputs
