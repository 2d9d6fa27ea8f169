"""Files that Processing loads: each layer is styled and described as it enters the project."""

from __future__ import annotations

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsVectorLayer,
)

from deepot_qgis.engine.report.lineage import Lineage
from deepot_qgis.engine.styles.ranges import BandRange
from deepot_qgis.engine.styles.views import View
from deepot_qgis.processing.layers.arrows import ArrowPoints, style_arrows
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.metadata import describe
from deepot_qgis.processing.layers.styles import style_band
from deepot_qgis.processing.present import present


class ResultStyler(QgsProcessingLayerPostProcessorInterface):
    """Style a result layer when Processing has loaded it; every view becomes a style of the layer's style menu."""

    _waiting: set[ResultStyler] = set()  # QGIS holds no reference of its own until the layer is loaded

    def __init__(
        self,
        views: tuple[View, ...],
        ranges: dict[str, BandRange],
        unit: str,
        arrows: ArrowPoints | None = None,
        lineage: Lineage | None = None,
    ):
        super().__init__()
        self._lineage = lineage
        self._views = tuple(view for view in views if view.key in ranges)
        self._ranges = ranges
        self._unit = unit
        self._arrows = arrows
        self._waiting.add(self)

    def postProcessLayer(
        self, layer: QgsMapLayer | None, context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> None:
        if self._arrows is not None and isinstance(layer, QgsVectorLayer):
            style_arrows(layer, self._arrows.map_units_per_unit)
        elif self._views and isinstance(layer, QgsRasterLayer):
            self._add_styles(layer)
        if self._lineage is not None and layer is not None:
            describe(layer, layer.name(), self._lineage)
        self._waiting.discard(self)

    def _add_styles(self, layer: QgsRasterLayer) -> None:
        manager = present(layer.styleManager())
        for view in self._views[1:] + self._views[:1]:  # the first view last, so that it is the one shown
            manager.addStyleFromLayer(layer_title(view.key, self._unit))
            manager.setCurrentStyle(layer_title(view.key, self._unit))
            style_band(layer, view, self._ranges[view.key])
        for name in manager.styles():
            if manager.isDefault(name):
                manager.removeStyle(name)


def load_styled(context: QgsProcessingContext, path: str, name: str, styler: ResultStyler) -> None:
    """Have a file named and styled if Processing is going to load it."""
    if not context.willLoadLayerOnCompletion(path):
        ResultStyler._waiting.discard(styler)
        return
    details = context.layerToLoadOnCompletionDetails(path)
    details.name = name
    details.setPostProcessor(styler)
