"""What the algorithms that make a displacement product have in common: styles, layers, outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
)

from deepot_qgis.engine.report.lineage import lineage
from deepot_qgis.engine.styles.ranges import result_ranges
from deepot_qgis.engine.styles.views import OFFSET_VIEWS, PRODUCT_VIEWS, SIGNIFICANCE_VIEWS, VELOCITY_VIEWS
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.layers.arrows import arrow_layer, arrow_legend_layer, write_arrows
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.loading import ResultStyler, load_styled
from deepot_qgis.processing.layers.metadata import save_lineage
from deepot_qgis.processing.layers.significance import write_significance
from deepot_qgis.processing.layers.styles import save_styles
from deepot_qgis.processing.parameters import tr

#: Outputs of every displacement product, by their names in its statistics.
STATISTICS = {
    "MEDIAN_MAGNITUDE": "median_magnitude",
    "P95_MAGNITUDE": "p95_magnitude",
    "GOOD_SHARE": "good",
}


def add_statistics(algorithm: QgsProcessingAlgorithm) -> None:
    """Add the outputs of `STATISTICS`."""
    for name, title in (
        ("MEDIAN_MAGNITUDE", tr("Median magnitude")),
        ("P95_MAGNITUDE", tr("95th percentile of magnitude")),
        ("GOOD_SHARE", tr("Share of measured pixels that are good (0..1)")),
    ):
        algorithm.addOutput(QgsProcessingOutputNumber(name, title))


class Product(Protocol):
    """What was written: the part of an engine's result that is styled, loaded and told."""

    @property
    def product(self) -> str: ...
    @property
    def offsets(self) -> str | None: ...
    @property
    def velocity(self) -> str | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def statistics(self) -> Mapping[str, Any]: ...


class ProductAlgorithm(EngineAlgorithm):
    """Make a displacement product; the subclass says from what and how."""

    GROUP = "displacement"

    _arrows_path: str | None
    _keep_offsets: bool

    def tags(self) -> list[str]:
        return tr("sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude").split(",")

    def measure(self, feedback: QgsProcessingFeedback) -> Product:
        """Make the product."""
        raise NotImplementedError

    def title(self) -> str:
        """Return what the layers' names begin with."""
        raise NotImplementedError

    def velocity_unit(self) -> str:
        """Return the unit of the velocity that was written."""
        raise NotImplementedError

    def facts(self) -> dict[str, Any]:
        """Return the outputs that say how the product was made."""
        raise NotImplementedError

    def report(self, feedback: QgsProcessingFeedback) -> None:
        """Tell in sentences what was found."""
        raise NotImplementedError

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = self.measure(feedback)
        self._significance = write_significance(result.product)
        self._ranges = result_ranges(result.product, result.velocity, result.offsets, self._significance)
        self._lineage = lineage(result.product)
        self._arrows = write_arrows(result.product, self._arrows_path) if self._arrows_path else None
        self._result: Product = result  # from here on there is something to style
        self.report(feedback)
        self._style_on_loading(context)
        return self._outputs()

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> dict[str, Any]:
        """Save the styles beside the files; this runs in the main thread, where layers may be made."""
        result = getattr(self, "_result", None)
        if result is None:
            return {}
        save_styles(result.product, PRODUCT_VIEWS, self._ranges)
        save_lineage(result.product, layer_title("magnitude", result.unit), self._lineage)
        save_styles(self._significance, SIGNIFICANCE_VIEWS, self._ranges)
        if result.offsets:
            save_styles(result.offsets, OFFSET_VIEWS, self._ranges)
        if result.velocity:
            save_styles(result.velocity, VELOCITY_VIEWS, self._ranges)
        if self._arrows is not None:
            arrow_layer(self._arrows, "arrows")
            arrow_legend_layer(self._arrows, "legend")
        return {}

    def _style_on_loading(self, context: QgsProcessingContext) -> None:
        result, title = self._result, self.title()
        unit = result.unit
        load_styled(
            context,
            result.product,
            f"{title} {layer_title('magnitude', unit)}",
            ResultStyler(PRODUCT_VIEWS, self._ranges, unit, lineage=self._lineage),
        )
        if result.velocity:
            velocity_unit = self.velocity_unit()
            load_styled(
                context,
                result.velocity,
                f"{title} {layer_title('velocity', velocity_unit)}",
                ResultStyler(VELOCITY_VIEWS, self._ranges, velocity_unit, lineage=self._lineage),
            )
        if self._keep_offsets and result.offsets:
            load_styled(
                context,
                result.offsets,
                f"{title} {layer_title('offset_x', 'px')}",
                ResultStyler(OFFSET_VIEWS, self._ranges, "px", lineage=self._lineage),
            )
        if self._arrows is not None:
            load_styled(
                context,
                self._arrows.path,
                f"{title} {layer_title('arrows', unit)}",
                ResultStyler((), {}, unit, self._arrows, self._lineage),
            )

    def _outputs(self) -> dict[str, Any]:
        result = self._result
        outputs = {key: result.statistics.get(name) for key, name in STATISTICS.items()}
        outputs.update({p.OUTPUT: result.product, "UNIT": result.unit, **self.facts()})
        if result.velocity:
            outputs[p.VELOCITY] = result.velocity
        if self._keep_offsets:
            outputs[p.OFFSETS] = result.offsets
        if self._arrows is not None:
            outputs[p.ARROWS] = self._arrows.path
        return outputs
