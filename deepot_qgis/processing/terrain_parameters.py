"""What the algorithms about relief and radar geometry ask alike: the DEM, and where the radar looked from."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterBand,
    QgsProcessingParameterEnum,
    QgsProcessingParameterRasterLayer,
)

from deepot_qgis.engine.interchange.radar import SIDES
from deepot_qgis.processing.interchange_parameters import HEADING, INCIDENCE, SIDE
from deepot_qgis.processing.numbers import optional_number, read_number
from deepot_qgis.processing.parameters import advanced, explained, read_raster, tr
from deepot_qgis.processing.sources import raster_path

DEM, DEM_BAND, INCIDENCE_RASTER = "DEM", "DEM_BAND", "INCIDENCE_RASTER"


def add_dem(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the DEM."""
    dem = QgsProcessingParameterRasterLayer(DEM, tr("Elevation model (DEM)"))
    text = tr("Heights in metres (feet where the band says so), in any CRS and of any pixel size.")
    algorithm.addParameter(explained(dem, text))
    algorithm.addParameter(advanced(QgsProcessingParameterBand(DEM_BAND, tr("Band of the DEM"), 1, DEM, optional=True)))


def add_heading(algorithm: QgsProcessingAlgorithm, more: str = "") -> None:
    """Add the heading of the flight, empty: a field that must be filled would begin at 0, due north."""
    heading = optional_number(HEADING, tr("Heading of the radar (degrees)"), -360)
    heading.setMaximum(360)
    text = tr("Bearing of the flight, clockwise from north; about -12 on ascending, -168 on descending passes.")
    algorithm.addParameter(explained(heading, f"{text} {more}".strip()))


def add_side(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the side to which the radar looks."""
    side = QgsProcessingParameterEnum(
        SIDE, tr("Look side of the radar"), list(SIDES), defaultValue="right", usesStaticStrings=True
    )
    algorithm.addParameter(explained(side, tr("Nearly all satellites look to the right of their flight.")))


def add_incidence(algorithm: QgsProcessingAlgorithm, raster_text: str) -> None:
    """Add the incidence angle: a number, or a raster."""
    angle = optional_number(INCIDENCE, tr("Incidence angle (degrees)"), 0)
    text = tr("From the vertical, in the middle of the area; 30 to 45 for Sentinel-1. Empty: the raster below.")
    algorithm.addParameter(explained(angle, text))
    raster = QgsProcessingParameterRasterLayer(INCIDENCE_RASTER, tr("Raster of incidence angles"), optional=True)
    algorithm.addParameter(explained(raster, raster_text))


def read_dem(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return the DEM as keywords of the engine's options."""
    path = raster_path(read_raster(algorithm, parameters, DEM, context))
    return {"dem": path, "dem_band": algorithm.parameterAsInt(parameters, DEM_BAND, context) or 1}


def read_optional_raster(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> str | None:
    """Return the path of a raster that may be left out, None where it is."""
    if not parameters.get(name):
        return None
    return raster_path(read_raster(algorithm, parameters, name, context))


def read_radar(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return heading, incidence and look side as keywords of the engine's options."""
    return {
        "heading": read_number(parameters, HEADING),
        "incidence": read_number(parameters, INCIDENCE),
        "incidence_raster": read_optional_raster(algorithm, parameters, INCIDENCE_RASTER, context),
        "side": algorithm.parameterAsEnumString(parameters, SIDE, context),
    }
