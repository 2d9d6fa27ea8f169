"""Renderers for the views of a result, built in code and saved as QML beside the raster."""

from __future__ import annotations

from qgis.core import (
    QgsColorRampLegendNodeSettings,
    QgsColorRampShader,
    QgsPalettedRasterRenderer,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.report.colors import MASKED, REASONS
from deepot_qgis.engine.styles.beside import path_beside
from deepot_qgis.engine.styles.ranges import BandRange
from deepot_qgis.engine.styles.views import CLASSES, COUNT, CYCLIC, DIVERGING, ERROR, SEQUENTIAL, SHARE, VEIL, View
from deepot_qgis.processing.layers import ramps
from deepot_qgis.processing.layers.labels import masked_title, reason_title

_RAMPS = {
    SEQUENTIAL: ramps.SEQUENTIAL,
    DIVERGING: ramps.DIVERGING,
    CYCLIC: ramps.CYCLIC,
    ERROR: ramps.ERROR,
    SHARE: ramps.SEQUENTIAL,
    COUNT: ramps.SEQUENTIAL,
    VEIL: ramps.VEIL,
}
_OPACITIES = {SEQUENTIAL: ramps.FADE_IN, VEIL: ramps.FADE_OUT}
_MASKED_OPACITY = 0.6
# good ground stays transparent so that the map under it is seen
REASON_COLORS = {Reason.GOOD: QColor(0, 0, 0, 0), **{reason: QColor(name) for reason, name in REASONS.items()}}


def raster_layer(path: str, name: str) -> QgsRasterLayer:
    """Return a layer without QGIS's default style, which would read the whole file for a stretch nobody uses."""
    return QgsRasterLayer(path, name, "gdal", QgsRasterLayer.LayerOptions(False))


def style_band(layer: QgsRasterLayer, view: View, span: BandRange) -> None:
    """Show one band of the layer the way the view says."""
    layer.setRenderer(_paletted(layer, span) if view.kind == CLASSES else _pseudocolor(layer, view, span))
    layer.setCustomProperty("deepot/view", view.key)
    layer.triggerRepaint()


def style_masked(layer: QgsRasterLayer, band: int) -> None:
    """Lay one grey over all that is masked, so that it is not taken for still ground."""
    veil = QColor(MASKED)
    veil.setAlphaF(_MASKED_OPACITY)
    masked = [reason for reason in Reason if reason != Reason.GOOD]
    classes = [QgsPalettedRasterRenderer.Class(int(reason), veil, masked_title()) for reason in masked]
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), band, classes))
    layer.setCustomProperty("deepot/view", "masked")


def save_style(layer: QgsRasterLayer, key: str, default: bool) -> str:
    """Save the layer's style as QML beside its file and return the path.

    The default view takes the raster's own name, which QGIS loads by itself; the others add their key to it.
    """
    path = path_beside(layer.source().split("|")[0], key, default)
    layer.saveNamedStyle(path)
    return path


def save_styles(path: str, views: tuple[View, ...], ranges: dict[str, BandRange]) -> None:
    """Save the QML of every view beside a raster; main thread only."""
    for view in views:
        if view.key in ranges:
            layer = raster_layer(path, view.key)
            style_band(layer, view, ranges[view.key])
            save_style(layer, view.key, default=view is views[0])


def _pseudocolor(layer: QgsRasterLayer, view: View, span: BandRange) -> QgsSingleBandPseudoColorRenderer:
    ramp = ramps.color_ramp(_RAMPS[view.kind], _OPACITIES.get(view.kind, ()))
    function = QgsColorRampShader(span.low, span.high, ramp, QgsColorRampShader.Type.Interpolated)
    function.setClassificationMode(QgsColorRampShader.ClassificationMode.Continuous)
    function.classifyColorRamp(band=span.band, input=layer.dataProvider())
    legend = QgsColorRampLegendNodeSettings()
    if view.kind == CYCLIC:
        legend.setSuffix("°")
    elif view.kind == VEIL:
        legend.setSuffix(" σ")
    function.setLegendSettings(legend)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), span.band, shader)
    renderer.setClassificationMin(span.low)
    renderer.setClassificationMax(span.high)
    return renderer


def _paletted(layer: QgsRasterLayer, span: BandRange) -> QgsPalettedRasterRenderer:
    classes = [
        QgsPalettedRasterRenderer.Class(int(reason), REASON_COLORS.get(reason, QColor("#444444")), reason_title(reason))
        for reason in Reason
    ]
    return QgsPalettedRasterRenderer(layer.dataProvider(), span.band, classes)
