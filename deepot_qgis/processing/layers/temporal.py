"""Dates on the map: layers that QGIS's temporal controller shows one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from qgis.core import Qgis, QgsDateTimeRange, QgsRasterLayer, QgsRasterLayerTemporalProperties, QgsUnitTypes
from qgis.PyQt.QtCore import QDateTime, Qt


def bands_have_time() -> bool:
    """Say whether this QGIS can give each band of a layer its own time (3.38 and newer)."""
    return hasattr(QgsRasterLayerTemporalProperties, "setFixedRangePerBand")


def date_ranges(dates: Sequence[datetime]) -> list[QgsDateTimeRange]:
    """Return when each date is shown: until the next one; the last as long as the one before."""
    starts = list(dates)
    last = starts[-1] - starts[-2] if len(starts) > 1 else timedelta(days=1)
    ends = [*starts[1:], starts[-1] + last]
    return [QgsDateTimeRange(_moment(start), _moment(end), True, False) for start, end in zip(starts, ends)]


def whole_range(dates: Sequence[datetime]) -> QgsDateTimeRange:
    """Return the time from the first date to the end of the last."""
    ranges = date_ranges(dates)
    return QgsDateTimeRange(ranges[0].begin(), ranges[-1].end(), True, False)


def show_in_range(layer: QgsRasterLayer, shown: QgsDateTimeRange) -> None:
    """Show a whole raster during one range of time."""
    properties = _temporal(layer)
    properties.setMode(QgsRasterLayerTemporalProperties.TemporalMode.FixedTemporalRange)
    properties.setFixedTemporalRange(shown)
    properties.setIsActive(True)


def show_band_by_band(layer: QgsRasterLayer, ranges: Sequence[QgsDateTimeRange]) -> None:
    """Show each band of a raster during its range of time; only where `bands_have_time`."""
    properties = _temporal(layer)
    properties.setMode(Qgis.RasterTemporalMode.FixedRangePerBand)
    properties.setFixedRangePerBand(dict(enumerate(ranges, start=1)))
    properties.setIsActive(True)


def irregular_steps() -> Qgis.TemporalUnit:
    """Return the unit of frames that are as long as their ranges."""
    return QgsUnitTypes.TemporalUnit.TemporalIrregularStep


def _temporal(layer: QgsRasterLayer) -> QgsRasterLayerTemporalProperties:
    properties = layer.temporalProperties()
    assert isinstance(properties, QgsRasterLayerTemporalProperties)
    return properties


def _moment(moment: datetime) -> QDateTime:
    return QDateTime.fromMSecsSinceEpoch(round(1000 * moment.timestamp()), Qt.TimeSpec.UTC)
