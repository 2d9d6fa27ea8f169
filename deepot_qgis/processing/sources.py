"""From QGIS layers to what the engine takes: paths and well-known text.

Call these in the main thread (or in ``prepareAlgorithm``); what they return may go to any thread.
"""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsFeatureRequest,
    QgsFeatureSource,
    QgsGeometry,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine.errors import InputError
from deepot_qgis.processing.present import present

_SEGMENTS_PER_SIDE = 16  # a straight side in one CRS is a curve in another


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


def raster_path(layer: QgsRasterLayer) -> str:
    """Return what GDAL opens for a raster layer.

    Raises
    ------
    InputError
        The layer is not backed by a file (web services have no amplitude to measure).
    """
    if layer.providerType() != "gdal":
        raise InputError(
            _tr("{name} is not a raster file (it comes from '{provider}'): save it as GeoTIFF and choose that.").format(
                name=layer.name(), provider=layer.providerType()
            )
        )
    parts = present(QgsProviderRegistry.instance()).decodeUri("gdal", layer.source())
    if parts.get("layerName"):
        return layer.source()  # a subdataset: its whole name is what GDAL opens
    if parts.get("vsiPrefix"):
        return parts["vsiPrefix"] + parts.get("path", "") + parts.get("vsiSuffix", "")
    return parts.get("path") or layer.source()


def rectangle_area(
    rectangle: QgsRectangle,
    crs: QgsCoordinateReferenceSystem,
    raster_crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
) -> str:
    """Return a rectangle as polygon text in the raster's CRS."""
    if rectangle.isEmpty():
        raise InputError(_tr("The area is empty: choose a larger one or measure the whole image."))
    geometry = QgsGeometry.fromRect(rectangle)
    if crs != raster_crs:
        side = max(rectangle.width(), rectangle.height())
        geometry = geometry.densifyByDistance(side / _SEGMENTS_PER_SIDE)
    return _in_raster_crs(geometry, crs, raster_crs, transforms)


def polygon_area(
    source: QgsFeatureSource,
    raster_crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
) -> str:
    """Return the union of a polygon layer's features (a layer or a feature source) in the raster's CRS.

    A vector layer with a selection counts only its selected features when it is handed in as such a source.
    """
    request = QgsFeatureRequest().setNoAttributes()
    shapes = [f.geometry().makeValid() for f in source.getFeatures(request) if f.hasGeometry()]
    union = QgsGeometry.unaryUnion(shapes) if shapes else QgsGeometry()
    name = source.sourceName()
    if union.isEmpty() or union.area() == 0:
        raise InputError(
            _tr("The polygon layer {name} holds no polygon: draw one or choose another area.").format(name=name)
        )
    crs = source.sourceCrs()
    return _in_raster_crs(union, crs, raster_crs, transforms)


def drawn_area(
    geometry: QgsGeometry,
    crs: QgsCoordinateReferenceSystem,
    raster_crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
) -> str:
    """Return a polygon that was drawn on the map as polygon text in the raster's CRS."""
    return _in_raster_crs(QgsGeometry(geometry).makeValid(), crs, raster_crs, transforms)


def common_area(first: str | None, second: str | None) -> str | None:
    """Return where two areas (polygon text or None) overlap.

    Raises
    ------
    InputError
        They do not overlap.
    """
    if first is None or second is None:
        return first or second
    shared = QgsGeometry.fromWkt(first).intersection(QgsGeometry.fromWkt(second))
    if shared.isEmpty() or shared.area() == 0:
        raise InputError(_tr("The extent and the polygon layer do not overlap: leave one of them empty."))
    return shared.asWkt(12)


def _in_raster_crs(
    geometry: QgsGeometry,
    crs: QgsCoordinateReferenceSystem,
    raster_crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
) -> str:
    if crs.isValid() and raster_crs.isValid() and crs != raster_crs:
        try:
            geometry.transform(QgsCoordinateTransform(crs, raster_crs, transforms))
        except QgsCsException:
            raise InputError(
                _tr("The area cannot be transformed from {area} to the raster's {raster}: choose another area.").format(
                    area=crs.authid() or crs.description(), raster=raster_crs.authid() or raster_crs.description()
                )
            ) from None
    return geometry.asWkt(12)
