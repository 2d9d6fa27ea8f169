"""The parameters that the pair algorithms share, and how they become the engine's options.

One place, so that ``deepot:displacement`` and ``deepot:correlation`` name, explain and check them alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterBand,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine import model
from deepot_qgis.engine.amplitude import RADIOMETRIES
from deepot_qgis.engine.displacement import VELOCITY_UNITS
from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.memory import CONTEXTS_PX, SIDES_PX
from deepot_qgis.engine.quality import QualityOptions
from deepot_qgis.engine.runtime import DEVICES
from deepot_qgis.processing.present import present
from deepot_qgis.processing.sources import common_area, polygon_area, raster_path, rectangle_area

REFERENCE, SECONDARY = "REFERENCE", "SECONDARY"
REFERENCE_BAND, SECONDARY_BAND = "REFERENCE_BAND", "SECONDARY_BAND"
REFERENCE_DATE, SECONDARY_DATE = "REFERENCE_DATE", "SECONDARY_DATE"
EXTENT, AREA = "EXTENT", "AREA"
RADIOMETRY, MIN_CORRELATION, MAX_SIGMA, TILE = "RADIOMETRY", "MIN_CORRELATION", "MAX_SIGMA", "TILE"
CONTEXT = "CONTEXT"
VELOCITY_UNIT = "VELOCITY_UNIT"
MODEL, MODEL_FILE, DEVICE = "MODEL", "MODEL_FILE", "DEVICE"
OUTPUT, OFFSETS, VELOCITY, ARROWS = "OUTPUT", "OFFSETS", "VELOCITY", "ARROWS"

UNITS = tuple(VELOCITY_UNITS)
#: As large as the free memory allows.
DEFAULT_TILE_PX = DEFAULT_CONTEXT_PX = 0


def tr(text: str) -> str:
    """Translate a text of the plugin."""
    return QCoreApplication.translate("DeepOT", text)


@dataclass(frozen=True)
class PairInputs:
    """The inputs of a pair algorithm as paths and texts, safe in any thread."""

    reference: str
    secondary: str
    area: str | None


def advanced(parameter: QgsProcessingParameterDefinition, text: str = "") -> QgsProcessingParameterDefinition:
    """Return the parameter, explained and moved to the advanced ones."""
    kinds = QgsProcessingParameterDefinition.Flag
    parameter.setFlags(parameter.flags() | kinds.FlagAdvanced)  # type: ignore[attr-defined] # the stubs: Advanced, 3.36
    return explained(parameter, text) if text else parameter


def add_tiles(algorithm: QgsProcessingAlgorithm) -> None:
    """Add how images are cut into tiles."""
    whole = QgsProcessingParameterNumber.Type.Integer
    tile = QgsProcessingParameterNumber(
        TILE, tr("Tile size (pixels, 0 = automatic)"), whole, DEFAULT_TILE_PX, minValue=0, maxValue=SIDES_PX[1]
    )
    tile_words = tr(
        "Larger tiles are faster and need more memory; 0 takes what fits. It changes results by thousandths of a pixel."
    )
    context = QgsProcessingParameterNumber(
        CONTEXT,
        tr("Tile context (pixels, 0 = automatic)"),
        whole,
        DEFAULT_CONTEXT_PX,
        minValue=0,
        maxValue=CONTEXTS_PX[1],
    )
    context_words = tr(
        "How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are cut,"
        " and the longer it takes: with 256 pixels, ten-thousandths of a pixel remain. 0 takes what the network "
        "asks for."
    )
    algorithm.addParameter(advanced(tile, tile_words))
    algorithm.addParameter(advanced(context, context_words))


def read_tiles(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return how images are cut into tiles as keywords of the engine's options."""
    return {
        "tile_px": algorithm.parameterAsInt(parameters, TILE, context) or None,
        "context_px": algorithm.parameterAsInt(parameters, CONTEXT, context) or None,
    }


def explained(parameter: QgsProcessingParameterDefinition, text: str) -> QgsProcessingParameterDefinition:
    """Return the parameter with a help text."""
    parameter.setHelp(text)
    return parameter


def add_inputs(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the two rasters, their dates and the area."""
    add_reference(algorithm)
    algorithm.addParameter(
        explained(
            QgsProcessingParameterRasterLayer(SECONDARY, tr("Secondary image (later)")),
            tr("Raster of the later date on exactly the same grid; see 'Align an image' where it is not."),
        )
    )
    add_dates(algorithm)
    add_area(algorithm)


def add_reference(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the earlier raster."""
    algorithm.addParameter(
        explained(
            QgsProcessingParameterRasterLayer(REFERENCE, tr("Reference image (earlier)")),
            tr("SAR amplitude, intensity, dB or complex raster of the earlier date. Motion is given on its grid."),
        )
    )


def add_dates(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the dates of the two rasters."""
    dates_help = tr("Acquisition date and time, UTC. Empty: read from the metadata or the file name.")
    for name, title in (
        (REFERENCE_DATE, tr("Date of the reference image")),
        (SECONDARY_DATE, tr("Date of the secondary image")),
    ):
        kind = QgsProcessingParameterDateTime.Type.DateTime
        date = QgsProcessingParameterDateTime(name, title, type=kind, optional=True)
        algorithm.addParameter(explained(date, dates_help))


def add_area(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the area: an extent, polygons, or both."""
    add = algorithm.addParameter
    add(
        explained(
            QgsProcessingParameterExtent(EXTENT, tr("Area: extent"), optional=True),
            tr("Measure only here. Empty: the whole image."),
        )
    )
    add(
        explained(
            QgsProcessingParameterFeatureSource(
                AREA, tr("Area: polygons"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
            ),
            tr("Measure only inside these polygons, for example a landslide outline. Empty: no limit."),
        )
    )


def add_network(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the model and the device it runs on."""
    # names only: QGIS asks for the parameters when it starts, long before onnxruntime is needed
    names = [path.stem for path in model.bundled()]
    string = QgsProcessingParameterString(MODEL, tr("Model"), model.DEFAULT_MODEL)
    string.setMetadata({"widget_wrapper": {"value_hints": names}})
    text = tr("Name of a model that comes with the plugin ({names}) or the path of an ONNX file.")
    algorithm.addParameter(explained(string, text.format(names=", ".join(names) or "-")))
    file = QgsProcessingParameterFile(MODEL_FILE, tr("Model of your own"), extension="onnx", optional=True)
    algorithm.addParameter(
        advanced(file, tr("An ONNX file that follows the DeepOT contract; used instead of the model above."))
    )
    device = QgsProcessingParameterEnum(
        DEVICE, tr("Device"), list(DEVICES), defaultValue="auto", usesStaticStrings=True
    )
    text = tr(
        "'auto' takes the GPU (CUDA) when onnxruntime can really use it, and says why when not. The others are used "
        "when named: 'tensorrt' (NVIDIA), 'directml' (Windows), 'coreml' (macOS)."
    )
    algorithm.addParameter(explained(device, text))


def add_reading(algorithm: QgsProcessingAlgorithm) -> None:
    """Add bands and radiometry."""
    add = algorithm.addParameter
    # optional, because QGIS before 3.28 asks for a band even when there is a default
    for name, title, layer in (
        (REFERENCE_BAND, tr("Band of the reference image"), REFERENCE),
        (SECONDARY_BAND, tr("Band of the secondary image"), SECONDARY),
    ):
        add(advanced(QgsProcessingParameterBand(name, title, 1, layer, optional=True)))
    add(
        advanced(
            QgsProcessingParameterEnum(
                RADIOMETRY, tr("Radiometry"), list(RADIOMETRIES), defaultValue="auto", usesStaticStrings=True
            ),
            tr("Which numbers the rasters hold. 'auto' recognises them and says in the log what it found."),
        )
    )


def add_quality(algorithm: QgsProcessingAlgorithm) -> None:
    """Add bands, radiometry, quality limits and tile size: the rare knobs."""
    add_reading(algorithm)
    defaults, real = QualityOptions(), QgsProcessingParameterNumber.Type.Double
    add = algorithm.addParameter
    add(
        advanced(
            QgsProcessingParameterNumber(
                MIN_CORRELATION,
                tr("Smallest correlation"),
                real,
                defaults.min_correlation,
                minValue=0.0,
                maxValue=1.0,
            ),
            tr("Pixels whose images agree less than this after the motion is taken out are masked."),
        )
    )
    add(
        advanced(
            QgsProcessingParameterNumber(
                MAX_SIGMA, tr("Largest uncertainty (pixels, 1 sigma)"), real, defaults.max_sigma_px, minValue=0.01
            ),
            tr("Pixels that the method is less sure of are masked."),
        )
    )
    add_tiles(algorithm)


def add_outputs(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the product and the optional rasters and arrows beside it."""
    add = algorithm.addParameter
    add(
        QgsProcessingParameterEnum(
            VELOCITY_UNIT, tr("Velocity unit"), list(UNITS), defaultValue=UNITS[0], usesStaticStrings=True
        )
    )
    add(
        explained(
            QgsProcessingParameterRasterDestination(OUTPUT, tr("Displacement")),
            tr("Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked."),
        )
    )
    add(
        explained(
            QgsProcessingParameterRasterDestination(VELOCITY, tr("Velocity"), optional=True, createByDefault=False),
            tr("Bands: east, north, magnitude per time. Needs both dates."),
        )
    )
    add(
        explained(
            QgsProcessingParameterRasterDestination(
                OFFSETS, tr("Unfiltered offsets"), optional=True, createByDefault=False
            ),
            tr("Bands: dx, dy, sigma in pixels before any masking. Skipped: kept beside the displacement."),
        )
    )
    add(
        explained(
            QgsProcessingParameterVectorDestination(
                ARROWS,
                tr("Arrows"),
                QgsProcessing.SourceType.TypeVectorPoint,
                optional=True,
                createByDefault=False,
            ),
            tr("Points on a grid with the median motion around them, drawn as arrows."),
        )
    )


def read_inputs(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> PairInputs:
    """Read rasters and area; call it in ``prepareAlgorithm``, where layers may be touched.

    Raises
    ------
    InputError
        An input is missing, is no file, or the area cannot be used.
    """
    reference = read_raster(algorithm, parameters, REFERENCE, context)
    secondary = read_raster(algorithm, parameters, SECONDARY, context)
    area = read_area(algorithm, parameters, context, reference.crs())
    return PairInputs(raster_path(reference), raster_path(secondary), area)


def read_area(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    crs: QgsCoordinateReferenceSystem,
) -> str | None:
    """Return extent and polygons as one polygon text in a raster's CRS, None when both are empty."""
    transforms = context.transformContext()
    extent_area = polygons = None
    extent = algorithm.parameterAsExtent(parameters, EXTENT, context)
    if not extent.isNull():
        extent_crs = algorithm.parameterAsExtentCrs(parameters, EXTENT, context)
        extent_area = rectangle_area(extent, extent_crs if extent_crs.isValid() else crs, crs, transforms)
    source = algorithm.parameterAsSource(parameters, AREA, context)
    if source is not None:
        polygons = polygon_area(source, crs, transforms)
    return common_area(extent_area, polygons)


def read_network(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return model and device as keywords of the engine's options."""
    return {
        "model": algorithm.parameterAsFile(parameters, MODEL_FILE, context)
        or algorithm.parameterAsString(parameters, MODEL, context),
        "device": algorithm.parameterAsEnumString(parameters, DEVICE, context),
    }


def read_reading(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return dates, bands and radiometry as keywords of the engine's options."""
    return {
        "reference_band": algorithm.parameterAsInt(parameters, REFERENCE_BAND, context),
        "secondary_band": algorithm.parameterAsInt(parameters, SECONDARY_BAND, context),
        "reference_date": read_date(algorithm, parameters, REFERENCE_DATE, context),
        "secondary_date": read_date(algorithm, parameters, SECONDARY_DATE, context),
        "radiometry": algorithm.parameterAsEnumString(parameters, RADIOMETRY, context),
    }


def read_date(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> str | None:
    """Return a date parameter as ISO text, None when empty."""
    moment = algorithm.parameterAsDateTime(parameters, name, context)
    return moment.toString("yyyy-MM-ddTHH:mm:ss") + "Z" if moment.isValid() else None


def read_optional(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> str | None:
    """Return the path of an optional output, None when it is skipped."""
    return algorithm.parameterAsOutputLayer(parameters, name, context) or None


def read_quality(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> QualityOptions:
    """Return the quality limits."""
    return QualityOptions(
        min_correlation=algorithm.parameterAsDouble(parameters, MIN_CORRELATION, context),
        max_sigma_px=algorithm.parameterAsDouble(parameters, MAX_SIGMA, context),
    )


def read_raster(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> QgsRasterLayer:
    """Return a raster layer; call it in ``prepareAlgorithm``.

    Raises
    ------
    InputError
        It is missing or is no raster.
    """
    layer = algorithm.parameterAsRasterLayer(parameters, name, context)
    if layer is None:
        title = present(algorithm.parameterDefinition(name)).description()
        raise InputError(
            tr("{title}: '{value}' is missing or is not a raster; choose a GeoTIFF or another raster file.").format(
                title=title, value=parameters.get(name, "")
            )
        )
    return layer
