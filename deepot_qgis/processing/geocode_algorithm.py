"""``deepot:geocode``: a product in the geometry of the radar, brought to the map."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from deepot_qgis.engine.geocode import RANGES, GeocodeOptions, geocode
from deepot_qgis.engine.report.lineage import lineage
from deepot_qgis.engine.styles.ranges import band_ranges
from deepot_qgis.engine.styles.views import PRODUCT_VIEWS
from deepot_qgis.processing import terrain_parameters as t
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.loading import ResultStyler, load_styled
from deepot_qgis.processing.layers.metadata import save_lineage
from deepot_qgis.processing.layers.styles import save_styles
from deepot_qgis.processing.numbers import optional_number, read_number
from deepot_qgis.processing.parameters import OUTPUT, advanced, explained, read_raster, tr
from deepot_qgis.processing.product_algorithm import STATISTICS, add_statistics
from deepot_qgis.processing.sources import raster_path
from deepot_qgis.processing.spoken import spoken

PRODUCT, RANGE, LONGITUDE, LATITUDE, GCPS = "PRODUCT", "RANGE", "LONGITUDE", "LATITUDE", "GCPS"
RANGE_SPACING, AZIMUTH_SPACING, CRS, PIXEL = "RANGE_SPACING", "AZIMUTH_SPACING", "CRS", "PIXEL"


class GeocodeAlgorithm(EngineAlgorithm):
    """Geocode a product."""

    HELP_PAGE = "radar"
    GROUP = "terrain"

    def name(self) -> str:
        return "geocode"

    def displayName(self) -> str:
        return tr("Bring a product in radar geometry to the map")

    def tags(self) -> list[str]:
        return tr(
            "sar,geocode,slant range,ground range,azimuth,slc,grd,lookup,gcp,latitude,longitude,heading,incidence"
        ).split(",")

    def shortDescription(self) -> str:
        return tr("Offsets in range and azimuth pixels as metres east and north on a map.")

    def shortHelpString(self) -> str:
        return tr(
            "For pairs of images that are not on a map yet: columns are range, rows are azimuth. Measure the pair as "
            "it is, then bring the product, which is in pixels, to the map with this.\n\n"
            "Where a pixel lies is said by rasters of longitude and latitude of the size of the images (lookup tables "
            "of ISCE, MintPy or SNAP), or by the ground control points of the reference image; the latter do "
            "not know the relief.\n\n"
            "Say whether columns are slant range (SLC) or ground range (GRD): with slant range the offsets become "
            "motion on the ground by the incidence angle. All motion is taken as horizontal. Spacings are read from "
            "the image, or taken from the lookup; heading and look side are compared with the lookup, and the log says "
            "what does not fit.\n\n"
            "The result is a displacement product like any other, with its masks."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        product = QgsProcessingParameterRasterLayer(PRODUCT, tr("Displacement product in pixels"))
        self.addParameter(explained(product, tr("What a measurement of two images without georeference wrote.")))
        kind = QgsProcessingParameterEnum(RANGE, tr("Columns of the images are"), list(RANGES), usesStaticStrings=True)
        self.addParameter(explained(kind, tr("slant: slant range, as in SLC. ground: ground range, as in GRD.")))
        lookup_help = tr("Degrees (WGS 84), of the size of the images. Empty: ground control points.")
        for name, title in ((LONGITUDE, tr("Raster of longitudes")), (LATITUDE, tr("Raster of latitudes"))):
            self.addParameter(explained(QgsProcessingParameterRasterLayer(name, title, optional=True), lookup_help))
        t.add_incidence(
            self,
            tr("Angles from the vertical, of the size of the images or on the map; for slant range. Not local angles."),
        )
        t.add_heading(self, more=tr("Empty: by the lookup."))
        t.add_side(self)
        for name, title, text in (
            (RANGE_SPACING, tr("Range spacing (metres)"), tr("From column to column, after multilooking.")),
            (AZIMUTH_SPACING, tr("Azimuth spacing (metres)"), tr("From row to row, after multilooking.")),
        ):
            read = tr("Empty: as the reference image says, else by the lookup.")
            self.addParameter(explained(optional_number(name, title, 0), f"{text} {read}"))
        gcps = QgsProcessingParameterRasterLayer(GCPS, tr("Raster with ground control points"), optional=True)
        self.addParameter(advanced(gcps, tr("Empty: the reference image of the product.")))
        crs = QgsProcessingParameterCrs(CRS, tr("CRS of the map"), optional=True)
        self.addParameter(advanced(crs, tr("Empty: the UTM zone.")))
        pixel = optional_number(PIXEL, tr("Pixel of the map (units of the CRS)"), 0)
        self.addParameter(advanced(pixel, tr("Empty: the larger spacing on the ground.")))
        output = QgsProcessingParameterRasterDestination(OUTPUT, tr("Displacement"))
        text = tr("Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.")
        self.addParameter(explained(output, text))
        add_statistics(self)

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        crs = self.parameterAsCrs(parameters, CRS, context)
        rasters: dict[str, Any] = {
            key: t.read_optional_raster(self, parameters, name, context)
            for key, name in (("longitude", LONGITUDE), ("latitude", LATITUDE), ("gcps", GCPS))
        }
        numbers: dict[str, Any] = {
            key: read_number(parameters, name) or None
            for key, name in (("range_spacing", RANGE_SPACING), ("azimuth_spacing", AZIMUTH_SPACING), ("pixel", PIXEL))
        }
        self._options = GeocodeOptions(
            product=raster_path(read_raster(self, parameters, PRODUCT, context)),
            output=self.parameterAsOutputLayer(parameters, OUTPUT, context),
            range_geometry=self.parameterAsEnumString(parameters, RANGE, context),
            crs=(crs.authid() or crs.toWkt()) if crs.isValid() else None,
            **rasters,
            **numbers,
            **t.read_radar(self, parameters, context),
        )

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = geocode(self._options, progress_to(feedback), feedback.isCanceled)
        for message in result.messages:
            feedback.pushInfo(spoken(message))
        self._ranges, self._lineage = band_ranges(result.product, PRODUCT_VIEWS), lineage(result.product)
        self._result = result  # from here on there is something to style
        styler = ResultStyler(PRODUCT_VIEWS, self._ranges, "m", lineage=self._lineage)
        load_styled(context, result.product, layer_title("magnitude", "m"), styler)
        return {OUTPUT: result.product, **{key: result.statistics[name] for key, name in STATISTICS.items()}}

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> dict[str, Any]:
        """Save the styles beside the raster, in the main thread."""
        result = getattr(self, "_result", None)
        if result is not None:
            save_styles(result.product, PRODUCT_VIEWS, self._ranges)
            save_lineage(result.product, layer_title("magnitude", "m"), self._lineage)
        return {}
