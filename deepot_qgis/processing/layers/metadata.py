"""What a layer says of itself: abstract, unit, dates, licence and lineage as QGIS keeps them. Main thread only."""

from __future__ import annotations

import os

from qgis.core import QgsBox3d, QgsDateTimeRange, QgsLayerMetadata, QgsMapLayer
from qgis.PyQt.QtCore import QCoreApplication, QDateTime, Qt

from deepot_qgis.__about__ import CITATION, DOI, NAME
from deepot_qgis.engine import dates
from deepot_qgis.engine.report.lineage import Lineage
from deepot_qgis.processing.layers.styles import raster_layer
from deepot_qgis.processing.present import present


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


def describe(layer: QgsMapLayer, title: str, lineage: Lineage) -> None:
    """Give a layer its metadata.

    Parameters
    ----------
    layer
    title
        What the layer shows, with its unit.
    lineage
        Where the product comes from.
    """
    metadata = QgsLayerMetadata()
    metadata.setType("dataset")
    metadata.setIdentifier(os.path.basename(layer.source().split("|")[0]))
    metadata.setTitle(" – ".join(part for part in (title, period_text(lineage)) if part))
    metadata.setAbstract(abstract(title, lineage))
    metadata.setCrs(layer.crs())
    metadata.setExtent(_extent(layer, lineage))
    metadata.setKeywords(
        {
            "gmd:topicCategory": ["geoscientificInformation"],
            "keywords": ["ground displacement", "SAR amplitude", "offset tracking", "DeepOT"],
        }
    )
    metadata.setHistory(history(lineage))
    metadata.setLicenses([_tr("Network: {licence}").format(licence=lineage.licence)] if lineage.licence else [])
    metadata.setRights([_tr("The terms of the images that it was measured from hold for it as well.")])
    link = QgsLayerMetadata.Link()
    link.name, link.type, link.url, link.description = NAME, "WWW:LINK", f"https://doi.org/{DOI}", CITATION
    metadata.setLinks([link])
    layer.setMetadata(metadata)


def save_metadata(layer: QgsMapLayer) -> str:
    """Save the layer's metadata beside its file, where QGIS finds it in any project; return the path."""
    path = os.path.splitext(layer.source().split("|")[0])[0] + ".qmd"
    layer.saveNamedMetadata(path)
    return path


def save_lineage(path: str, title: str, lineage: Lineage) -> None:
    """Save the metadata of a raster beside it."""
    layer = raster_layer(path, title)
    describe(layer, title, lineage)
    save_metadata(layer)


def abstract(title: str, lineage: Lineage) -> str:
    """Return what a layer shows and how to read it, as a paragraph."""
    parts = [f"{title}."]
    if lineage.days is not None:
        parts.append(
            _tr("Ground displacement between {first} and {second} UTC ({days:g} days).").format(
                first=lineage.first, second=lineage.second, days=lineage.days
            )
        )
    parts.append(
        _tr(
            "East and north are components in the plane of the map, positive the way the ground went; direction is a "
            "compass bearing clockwise from grid north; sigma is one standard error of a component. Motion up or down "
            "is not measured. Masked pixels are empty, and the band 'mask' says why."
        )
    )
    return " ".join(parts)


def history(lineage: Lineage) -> list[str]:
    """Return how a product was made, step by step."""
    steps = []
    if lineage.images:
        steps.append(_tr("Measured from {images}.").format(images=", ".join(lineage.images)))
    if lineage.method:
        steps.append(_tr("Measured by {method}.").format(method=lineage.method))
    if lineage.refined:
        steps.append(refined_text())
    if lineage.version:
        steps.append(_tr("Written by {name} {version}.").format(name=NAME, version=lineage.version))
    return steps


def refined_text() -> str:
    """Return that a product is no longer as it was measured."""
    return _tr("Masked or referenced after it was measured; its record says how.")


def period_text(lineage: Lineage) -> str:
    """Return the two dates without their times; empty where one is unknown."""
    return f"{lineage.first[:10]} – {lineage.second[:10]}" if lineage.first and lineage.second else ""


def _extent(layer: QgsMapLayer, lineage: Lineage) -> QgsLayerMetadata.Extent:
    extent = QgsLayerMetadata.Extent()
    if layer.crs().isValid():
        place = QgsLayerMetadata.SpatialExtent()
        bounds = layer.extent()
        place.extentCrs = layer.crs()
        place.bounds = QgsBox3d(bounds.xMinimum(), bounds.yMinimum(), 0, bounds.xMaximum(), bounds.yMaximum(), 0)
        extent.setSpatialExtents([place])
    if lineage.first and lineage.second:
        extent.setTemporalExtents([QgsDateTimeRange(_moment(lineage.first), _moment(lineage.second))])
    return extent


def _moment(text: str) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(1000 * present(dates.find(text)).timestamp()), Qt.TimeSpec.UTC)
