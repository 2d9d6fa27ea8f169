"""The parameters of ``deepot:timeseries``, and how they become the engine's options."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsRasterLayer,
)

from deepot_qgis.engine import network, reference
from deepot_qgis.engine.amplitude import RADIOMETRIES
from deepot_qgis.engine.correlation import CorrelationOptions
from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.measure import METHODS
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.quality import QualityOptions
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.timeseries import robust
from deepot_qgis.engine.timeseries.acquisitions import Acquisition, find_acquisitions, read_dates
from deepot_qgis.engine.timeseries.history import SPLITS, InversionOptions
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.correlation import SEARCH, WINDOWS
from deepot_qgis.processing.numbers import read_number
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.sources import polygon_area, raster_path
from deepot_qgis.processing.windows import parse_windows, windows_text

LAYERS, FOLDER, DATES, BAND = "LAYERS", "FOLDER", "DATES", "BAND"
NETWORK, NEIGHBOURS, MIN_DAYS, MAX_DAYS = "NETWORK", "NEIGHBOURS", "MIN_DAYS", "MAX_DAYS"
DECORRELATION, MIN_COHERENCE, METHOD = "DECORRELATION", "MIN_COHERENCE", "METHOD"
STABLE, STABLE_AREA, STABLE_SHARE, RAMP = "STABLE", "STABLE_AREA", "STABLE_SHARE", "RAMP"
ROBUST, SPLIT, SMOOTHNESS, ANNUAL, MIN_PAIRS = "ROBUST", "SPLIT", "SMOOTHNESS", "ANNUAL", "MIN_PAIRS"
NETCDF = "NETCDF"

_REAL, _WHOLE = QgsProcessingParameterNumber.Type.Double, QgsProcessingParameterNumber.Type.Integer


def _choice(name: str, title: str, known: tuple[str, ...], default: str) -> QgsProcessingParameterEnum:
    return QgsProcessingParameterEnum(name, title, list(known), defaultValue=default, usesStaticStrings=True)


def add_images(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the images, as layers or a folder, and their dates."""
    add = algorithm.addParameter
    layers = QgsProcessingParameterMultipleLayers(
        LAYERS, tr("Images"), QgsProcessing.SourceType.TypeRaster, optional=True
    )
    add(p.explained(layers, tr("SAR amplitude rasters of many dates on one grid, in any order.")))
    folder = QgsProcessingParameterFile(
        FOLDER, tr("Folder of images"), QgsProcessingParameterFile.Behavior.Folder, optional=True
    )
    add(p.explained(folder, tr("Every raster in it is an image; instead of single images.")))
    dates = QgsProcessingParameterFile(DATES, tr("Table of dates"), optional=True)
    text = tr("File name and date, one image a line, for images whose metadata and name do not say their date.")
    add(p.explained(dates, text))
    band = QgsProcessingParameterNumber(BAND, tr("Band of the images"), _WHOLE, 1, minValue=1)
    add(p.advanced(band))


def add_pairs(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the network of pairs."""
    add, default = algorithm.addParameter, NetworkOptions()
    text = tr(
        "sequential: each date with the next ones. all: every pair. interval: every pair between the shortest and the "
        "longest interval. coherence: every pair whose expected coherence is high enough, and those that connect the "
        "rest."
    )
    add(p.explained(_choice(NETWORK, tr("Network of pairs"), network.KINDS, default.kind), text))
    neighbours = QgsProcessingParameterNumber(
        NEIGHBOURS, tr("Next dates that a date is paired with"), _WHOLE, default.neighbours, minValue=1
    )
    add(p.explained(neighbours, tr("For 'sequential'. Three and more let the pairs check each other.")))
    for name, title in ((MIN_DAYS, tr("Shortest interval (days)")), (MAX_DAYS, tr("Longest interval (days)"))):
        limit = QgsProcessingParameterNumber(name, title, _REAL, None, optional=True, minValue=0)
        add(p.explained(limit, tr("Empty: no limit.")))
    fall = QgsProcessingParameterNumber(
        DECORRELATION, tr("Days until the coherence falls to 1/e"), _REAL, default.decorrelation_days, minValue=0.01
    )
    add(p.advanced(fall, tr("For 'coherence': weeks over vegetation, months over rock or in L-band.")))
    least = QgsProcessingParameterNumber(
        MIN_COHERENCE, tr("Least expected coherence"), _REAL, default.min_coherence, minValue=0, maxValue=1
    )
    add(p.advanced(least, tr("For 'coherence'.")))


def add_measuring(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the method, its settings and the quality limits."""
    add = algorithm.addParameter
    method = _choice(METHOD, tr("Method"), METHODS, METHODS[0])
    add(p.explained(method, tr("model: a network; correlation: conventional offset tracking.")))
    p.add_network(algorithm)
    p.add_area(algorithm)
    correlation, quality = CorrelationOptions(), QualityOptions()
    windows = QgsProcessingParameterString(WINDOWS, tr("Window sizes (pixels)"), windows_text(correlation.windows_px))
    add(p.advanced(windows, tr("Of conventional offset tracking.")))
    search = QgsProcessingParameterNumber(
        SEARCH, tr("Search range (pixels)"), _WHOLE, correlation.search_px, minValue=2, maxValue=64
    )
    add(p.advanced(search, tr("Of conventional offset tracking.")))
    radiometry = _choice(p.RADIOMETRY, tr("Radiometry"), RADIOMETRIES, "auto")
    add(p.advanced(radiometry, tr("Which numbers the rasters hold. 'auto' recognises them.")))
    for name, title, value, most in (
        (p.MIN_CORRELATION, tr("Smallest correlation"), quality.min_correlation, 1.0),
        (p.MAX_SIGMA, tr("Largest uncertainty (pixels, 1 sigma)"), quality.max_sigma_px, 1e6),
    ):
        limit = QgsProcessingParameterNumber(name, title, _REAL, value, minValue=0, maxValue=most)
        add(p.advanced(limit, tr("Other pixels of a pair are masked.")))
    p.add_tiles(algorithm)


def add_inversion(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the stable ground and the inversion."""
    add, default = algorithm.addParameter, InversionOptions()
    stable = _choice(STABLE, tr("Stable ground"), reference.KINDS, ReferenceOptions.kind)
    text = tr(
        "What stands still; its displacement is taken from every pair. slowest: the part of the image that moves least "
        "in all pairs together. area: the polygons below. none: nothing is taken."
    )
    add(p.explained(stable, text))
    area = QgsProcessingParameterFeatureSource(
        STABLE_AREA, tr("Stable ground: polygons"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
    )
    add(p.explained(area, tr("For 'area'.")))
    share = QgsProcessingParameterNumber(
        STABLE_SHARE, tr("Share of slowest pixels"), _REAL, ReferenceOptions.share, minValue=0.01, maxValue=1
    )
    add(p.advanced(share, tr("For 'slowest'.")))
    ramp = QgsProcessingParameterBoolean(RAMP, tr("Take a ramp out of every pair"), False)
    add(p.explained(ramp, tr("A plane through stable ground instead of its median.")))
    annual = QgsProcessingParameterBoolean(ANNUAL, tr("Velocity beside a yearly wave"), False)
    add(p.explained(annual, tr("Fits trend and seasonal motion together; needs most of a year.")))
    text = tr("How pairs that contradict the others lose their say.")
    add(p.advanced(_choice(ROBUST, tr("Outliers"), robust.KINDS, default.robust), text))
    text = tr(
        "Where pairs are missing, dates may fall into parts that no pair links; the motion between the parts is "
        "unknown. rate: it is filled by the pixel's own mean velocity, and sigma grows. nan: those dates stay empty."
    )
    add(p.explained(_choice(SPLIT, tr("Unlinked dates"), SPLITS, default.split), text))
    smooth = QgsProcessingParameterNumber(
        SMOOTHNESS, tr("Expected change of velocity within a year"), _REAL, None, optional=True, minValue=0
    )
    add(p.advanced(smooth, tr("In m/yr; smooths the history. Empty: no smoothing.")))
    least = QgsProcessingParameterNumber(MIN_PAIRS, tr("Least pairs of a pixel"), _WHOLE, default.min_pairs, minValue=1)
    add(p.advanced(least, tr("Pixels with fewer measured pairs are left out.")))
    netcdf = QgsProcessingParameterBoolean(NETCDF, tr("Write a NetCDF file as well"), True)
    add(p.advanced(netcdf, tr("series.nc, for xarray, Panoply and others (CF-1.8).")))


def read_images(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> tuple[Acquisition, ...]:
    """Return the dated images."""
    layers = algorithm.parameterAsLayerList(parameters, LAYERS, context) if parameters.get(LAYERS) else []
    paths: list[str] = [raster_path(layer) for layer in layers if isinstance(layer, QgsRasterLayer)]
    folder = algorithm.parameterAsFile(parameters, FOLDER, context)
    table = algorithm.parameterAsFile(parameters, DATES, context)
    if not paths and not folder:
        raise InputError(tr("No image is chosen: choose rasters of many dates, or the folder that holds them."))
    dates = read_dates(table) if table else None
    return find_acquisitions(paths or folder, algorithm.parameterAsInt(parameters, BAND, context), dates)


def read_options(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    images: tuple[Acquisition, ...],
) -> dict[str, Any]:
    """Return everything but images and output as keywords of `SeriesOptions`."""
    crs = QgsRasterLayer(images[0].path, "image", "gdal").crs()
    return {
        "network": _network(algorithm, parameters, context),
        "method": algorithm.parameterAsEnumString(parameters, METHOD, context),
        "correlation": CorrelationOptions(
            windows_px=parse_windows(algorithm.parameterAsString(parameters, WINDOWS, context)),
            search_px=algorithm.parameterAsInt(parameters, SEARCH, context),
        ),
        "quality": p.read_quality(algorithm, parameters, context),
        **p.read_tiles(algorithm, parameters, context),
        "radiometry": algorithm.parameterAsEnumString(parameters, p.RADIOMETRY, context),
        "area": p.read_area(algorithm, parameters, context, crs),
        **read_inversion(algorithm, parameters, context, crs),
        **p.read_network(algorithm, parameters, context),
    }


def read_inversion(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    crs: QgsCoordinateReferenceSystem,
) -> dict[str, Any]:
    """Return stable ground and inversion as keywords of `assemble.StackOptions`; `crs` is that of the pairs."""
    return {
        "reference": _reference(algorithm, parameters, context, crs),
        "inversion": InversionOptions(
            robust=algorithm.parameterAsEnumString(parameters, ROBUST, context),
            split=algorithm.parameterAsEnumString(parameters, SPLIT, context),
            smoothness=read_number(parameters, SMOOTHNESS),
            model="annual" if algorithm.parameterAsBool(parameters, ANNUAL, context) else "linear",
            min_pairs=algorithm.parameterAsInt(parameters, MIN_PAIRS, context),
        ),
        "netcdf": algorithm.parameterAsBool(parameters, NETCDF, context),
    }


def _network(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> NetworkOptions:
    return NetworkOptions(
        kind=algorithm.parameterAsEnumString(parameters, NETWORK, context),
        neighbours=algorithm.parameterAsInt(parameters, NEIGHBOURS, context),
        min_days=read_number(parameters, MIN_DAYS),
        max_days=read_number(parameters, MAX_DAYS),
        decorrelation_days=algorithm.parameterAsDouble(parameters, DECORRELATION, context),
        min_coherence=algorithm.parameterAsDouble(parameters, MIN_COHERENCE, context),
    )


def _reference(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    crs: QgsCoordinateReferenceSystem,
) -> ReferenceOptions:
    source = algorithm.parameterAsSource(parameters, STABLE_AREA, context)
    area = polygon_area(source, crs, context.transformContext()) if source is not None else None
    kind = algorithm.parameterAsEnumString(parameters, STABLE, context)
    return ReferenceOptions(
        kind="area" if area and kind == ReferenceOptions.kind else kind,
        area=area,
        ramp=algorithm.parameterAsBool(parameters, RAMP, context),
        share=algorithm.parameterAsDouble(parameters, STABLE_SHARE, context),
    )
