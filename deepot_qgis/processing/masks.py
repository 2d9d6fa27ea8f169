"""From layers of a project to the masks of a refinement. Main thread only: layers are read here."""

from __future__ import annotations

import os

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsMapLayer,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.refine import Mask
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.present import present
from deepot_qgis.processing.sources import polygon_area, raster_path


def mask_of(
    layer: QgsMapLayer,
    product_crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
    outside: bool = False,
    reason: int = Reason.EXCLUDED,
) -> Mask:
    """Return a raster or polygon layer as a mask.

    Layers that are whole files are masks by their path; others (in memory, filtered, edited, on a server) by their
    polygons as text.

    Raises
    ------
    InputError
        The layer has no polygons, or is neither raster nor vector.
    """
    if isinstance(layer, QgsRasterLayer):
        return Mask(raster_path(layer), outside=outside, reason=reason)
    if not isinstance(layer, QgsVectorLayer):
        raise InputError(
            tr("{name} cannot be a mask: choose a layer of polygons or a raster.").format(name=layer.name())
        )
    file = _file(layer)
    if file is not None:
        return Mask(file[0], outside=outside, reason=reason, layer=file[1])
    return Mask(area=polygon_area(layer, product_crs, transforms), outside=outside, reason=reason)


def _file(layer: QgsVectorLayer) -> tuple[str, str | None] | None:
    """Path and layer name of what a layer shows, where that is all polygons of a file as they stand there."""
    whole = not layer.subsetString() and not layer.isEditable() and layer.crs() == present(layer.dataProvider()).crs()
    if layer.providerType() != "ogr" or not whole:
        return None
    parts = present(QgsProviderRegistry.instance()).decodeUri("ogr", layer.source())
    path = parts.get("path") or ""
    return (path, parts.get("layerName") or None) if os.path.isfile(path) else None
