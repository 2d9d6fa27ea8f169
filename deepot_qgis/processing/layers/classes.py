"""How the raster of layover and shadow looks: ground that is seen well is see-through."""

from __future__ import annotations

from qgis.core import (
    QgsMapLayer,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QColor

from deepot_qgis.engine.terrain import CLASSES
from deepot_qgis.processing.layers.styles import raster_layer, save_style


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


def class_title(value: int) -> str:
    """Return what a value of the raster means."""
    titles = {0: _tr("seen well"), 1: _tr("layover"), 2: _tr("shadow"), 3: _tr("layover and shadow")}
    return titles[value]


def style_classes(layer: QgsRasterLayer) -> None:
    """Give the layer its colours and names."""
    classes = []
    for one in CLASSES:
        color = QColor(*one.color)
        color.setAlpha(255 if one.value else 0)
        classes.append(QgsPalettedRasterRenderer.Class(one.value, color, class_title(one.value)))
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes))
    layer.triggerRepaint()


def save_class_style(path: str) -> None:
    """Save the QML beside the raster; main thread only."""
    layer = raster_layer(path, "layover_shadow")
    style_classes(layer)
    save_style(layer, "layover_shadow", default=True)


class ClassStyler(QgsProcessingLayerPostProcessorInterface):
    """Style the layer when Processing has loaded it."""

    _waiting: set[ClassStyler] = set()  # QGIS holds no reference of its own until the layer is loaded

    @classmethod
    def on_loading(cls, context: QgsProcessingContext, path: str, name: str) -> None:
        """Have a raster named and styled if Processing is going to load it."""
        if not context.willLoadLayerOnCompletion(path):
            return
        styler = cls()
        cls._waiting.add(styler)
        details = context.layerToLoadOnCompletionDetails(path)
        details.name = name
        details.setPostProcessor(styler)

    def postProcessLayer(
        self, layer: QgsMapLayer | None, context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> None:
        if isinstance(layer, QgsRasterLayer):
            style_classes(layer)
        self._waiting.discard(self)
