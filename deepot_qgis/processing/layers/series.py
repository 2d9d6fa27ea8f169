"""A series as one styled group in the layer tree. Main thread only: it makes layers."""

from __future__ import annotations

import os
from dataclasses import replace

from qgis.core import QgsLayerTreeGroup, QgsMapLayer, QgsProject, QgsProviderRegistry, QgsRasterLayer

from deepot_qgis.engine import dates as dating
from deepot_qgis.engine.rasters import quietly
from deepot_qgis.engine.styles.ranges import BandRange
from deepot_qgis.engine.styles.views import SEQUENTIAL, SERIES_QUALITY_VIEWS, SERIES_VELOCITY_VIEWS, View
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.series_files import MAGNITUDE_VIEW, SeriesFiles
from deepot_qgis.processing.layers.styles import raster_layer, save_style, style_band
from deepot_qgis.processing.layers.temporal import bands_have_time, date_ranges, show_band_by_band, show_in_range
from deepot_qgis.processing.present import present

#: Layers of a series carry this; the folder of their file holds the series' record.
PROPERTY = "deepot/series"
#: The group of the dates, told from others by this.
DATES_PROPERTY = "deepot/series_dates"
_SHOWN = "velocity_magnitude"


def add_series_group(project: QgsProject, files: SeriesFiles) -> QgsLayerTreeGroup:
    """Add velocity, uncertainty, quality and the displacement at each date to the top of the layer tree."""
    group = present(present(project.layerTreeRoot()).insertGroup(0, files.title))
    group.setCustomProperty(PROPERTY, os.path.normpath(files.record))
    for path, views in ((files.velocity, SERIES_VELOCITY_VIEWS), (files.quality, SERIES_QUALITY_VIEWS)):
        for view in views:
            if path and view.key in files.ranges:
                layer = raster_layer(path, layer_title(view.key, files.unit))
                style_band(layer, view, files.ranges[view.key])
                save_style(layer, view.key, default=view is views[0])
                _add(project, group, layer, shown=view.key == _SHOWN)
    _add_dates(project, group, files)
    group.setExpanded(False)
    group.setExpanded(True)
    return group


def series_group(project: QgsProject, record: str) -> QgsLayerTreeGroup | None:
    """Return the group of a series, by the path of its record."""
    groups = present(project.layerTreeRoot()).findGroups(True)
    return next((group for group in groups if group.customProperty(PROPERTY) == os.path.normpath(record)), None)


def dates_group(group: QgsLayerTreeGroup) -> QgsLayerTreeGroup | None:
    """Return the group of the displacement at each date."""
    return next((part for part in group.findGroups() if part.customProperty(DATES_PROPERTY)), None)


def series_in_project(project: QgsProject) -> dict[str, str]:
    """Return the series whose layers are in the project: title by path of the record."""
    found = {}
    for layer in project.mapLayers().values():
        record = _record_of(layer)
        if record is not None:
            found[record] = layer.customProperty(PROPERTY)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def remove_series(project: QgsProject, folder: str) -> None:
    """Take the layers of a series off the map, and the groups they leave empty."""
    record = os.path.normpath(os.path.join(folder, "series.json"))
    ours = [layer.id() for layer in project.mapLayers().values() if _record_of(layer) == record]
    project.removeMapLayers(ours)
    group = series_group(project, record)
    if group is not None and not group.findLayers():  # else the user keeps other layers in it
        parent = group.parent()
        assert isinstance(parent, QgsLayerTreeGroup)
        parent.removeChildNode(group)


def _record_of(layer: QgsMapLayer) -> str | None:
    """Return the path of the record of a series' layer, None for any other."""
    if not isinstance(layer, QgsRasterLayer) or not layer.customProperty(PROPERTY):
        return None
    registry = present(QgsProviderRegistry.instance())
    source = registry.decodeUri("gdal", layer.source()).get("path") or layer.source()
    return os.path.normpath(os.path.join(os.path.dirname(source), "series.json"))


def _add_dates(project: QgsProject, group: QgsLayerTreeGroup, files: SeriesFiles) -> None:
    """One layer whose bands have their own time; before QGIS 3.38 one layer a date."""
    part = present(group.addGroup(layer_title("series_dates", files.unit)))
    part.setCustomProperty(DATES_PROPERTY, files.record)
    span = files.ranges.get(MAGNITUDE_VIEW)
    if span is None:
        return
    ranges = date_ranges(files.dates)
    names = [dating.text(moment) for moment in files.dates]
    if bands_have_time():
        layer = _magnitude_layer(files, layer_title("series_magnitude", files.unit), len(names), span)
        show_band_by_band(layer, ranges)
        _add(project, part, layer, shown=True)
    else:
        # the last on top: without the temporal controller the whole motion is seen
        for number in range(len(names), 0, -1):
            layer = _magnitude_layer(files, names[number - 1], number, span)
            show_in_range(layer, ranges[number - 1])
            _add(project, part, layer, shown=True, expanded=number == len(names))
    part.setExpanded(False)
    part.setItemVisibilityChecked(False)


def _magnitude_layer(files: SeriesFiles, name: str, band: int, span: BandRange) -> QgsRasterLayer:
    # QGIS looks at the first band, which has no spread to be looked at: GDAL would complain on the terminal
    layer, _ = quietly(raster_layer, files.magnitude, name)
    view = View(MAGNITUDE_VIEW, name, SEQUENTIAL, MAGNITUDE_VIEW)
    style_band(layer, view, replace(span, band=band))
    return layer


def _add(
    project: QgsProject, group: QgsLayerTreeGroup, layer: QgsRasterLayer, shown: bool, expanded: bool | None = None
) -> None:
    parent = present(group.parent())
    title = group.name() if parent is project.layerTreeRoot() else parent.name()
    layer.setCustomProperty(PROPERTY, title)
    project.addMapLayer(layer, False)
    node = present(group.addLayer(layer))
    node.setItemVisibilityChecked(shown)
    node.setExpanded(shown if expanded is None else expanded)
