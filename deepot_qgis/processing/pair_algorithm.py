"""What the two pair algorithms have in common: read, measure, report, style."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
)

from deepot_qgis.engine.measure import MeasureOptions, MeasureResult, measure
from deepot_qgis.engine.report.lineage import lineage
from deepot_qgis.engine.styles.ranges import result_ranges
from deepot_qgis.engine.styles.views import OFFSET_VIEWS, PRODUCT_VIEWS, SIGNIFICANCE_VIEWS, VELOCITY_VIEWS
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.arrows import arrow_layer, arrow_legend_layer, write_arrows
from deepot_qgis.processing.layers.group import group_title
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.loading import ResultStyler, load_styled
from deepot_qgis.processing.layers.metadata import save_lineage
from deepot_qgis.processing.layers.significance import write_significance
from deepot_qgis.processing.layers.styles import save_styles
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.spoken import spoken

_NUMBERS = {
    "MEDIAN_MAGNITUDE": "median_magnitude",
    "P95_MAGNITUDE": "p95_magnitude",
    "GOOD_SHARE": "good",
}


class PairAlgorithm(EngineAlgorithm):
    """Measure displacement between two rasters; the subclass says by which method."""

    HELP_PAGE = "pair"

    def group(self) -> str:
        return tr("Displacement")

    def groupId(self) -> str:
        return "displacement"

    def tags(self) -> list[str]:
        return tr("sar,radar,displacement,offset tracking,landslide,glacier,velocity,amplitude").split(",")

    def initAlgorithm(self, configuration: dict | None = None) -> None:
        p.add_inputs(self)
        self.add_method()
        p.add_outputs(self)
        p.add_quality(self)
        self.addOutput(QgsProcessingOutputNumber("MEDIAN_MAGNITUDE", tr("Median magnitude")))
        self.addOutput(QgsProcessingOutputNumber("P95_MAGNITUDE", tr("95th percentile of magnitude")))
        self.addOutput(QgsProcessingOutputNumber("GOOD_SHARE", tr("Share of measured pixels that are good (0..1)")))
        self.addOutput(QgsProcessingOutputString("UNIT", tr("Unit of the displacement")))
        self.addOutput(QgsProcessingOutputString("DEVICE", tr("Device used")))

    def add_method(self) -> None:
        """Add the parameters of the method."""
        raise NotImplementedError

    def method_options(self, parameters: dict, context: QgsProcessingContext) -> dict:
        """Return the method's share of `MeasureOptions` as keywords."""
        raise NotImplementedError

    def read(self, parameters: dict, context: QgsProcessingContext) -> None:
        self._arrows_path = p.read_optional(self, parameters, p.ARROWS, context)
        self._keep_offsets = bool(parameters.get(p.OFFSETS))
        self._options = self._read_options(parameters, context)

    def work(self, parameters: dict, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict:
        result = self.measure(feedback)
        self._significance = write_significance(result.product)
        self._ranges = result_ranges(result.product, result.velocity, result.offsets, self._significance)
        self._lineage = lineage(result.product)
        self._arrows = write_arrows(result.product, self._arrows_path) if self._arrows_path else None
        self._result = result  # from here on there is something to style
        self._report(feedback)
        self._style_on_loading(context)
        return self._outputs()

    def measure(self, feedback: QgsProcessingFeedback) -> MeasureResult:
        """Make the product."""
        return measure(self._options, progress_to(feedback), feedback.isCanceled)

    def title(self) -> str:
        """Return what the layers' names begin with."""
        result, options = self._result, self._options
        return group_title(options.reference, options.secondary, result.reference_date, result.secondary_date)

    def velocity_unit(self) -> str:
        """Return the unit of the velocity that was written."""
        return self._options.velocity_unit

    def facts(self) -> dict:
        """Return the outputs that say how the product was made."""
        return {"DEVICE": self._result.device}

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict:
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

    def _read_options(self, parameters: dict, context: QgsProcessingContext) -> MeasureOptions:
        inputs = p.read_inputs(self, parameters, context)
        return MeasureOptions(
            reference=inputs.reference,
            secondary=inputs.secondary,
            output=self.parameterAsOutputLayer(parameters, p.OUTPUT, context),
            offsets=p.read_optional(self, parameters, p.OFFSETS, context),
            velocity=p.read_optional(self, parameters, p.VELOCITY, context),
            velocity_unit=self.parameterAsEnumString(parameters, p.VELOCITY_UNIT, context),
            area=inputs.area,
            quality=p.read_quality(self, parameters, context),
            tile_px=self.parameterAsInt(parameters, p.TILE, context) or None,
            **p.read_reading(self, parameters, context),
            **self.method_options(parameters, context),
        )

    def _report(self, feedback: QgsProcessingFeedback) -> None:
        result: MeasureResult = self._result
        for message in result.messages:
            feedback.pushInfo(spoken(message))
        numbers = result.statistics
        if numbers["median_magnitude"] is not None:  # otherwise the last message says that nothing was measured
            feedback.pushInfo(
                tr(
                    "Median {median:.3g} {unit}, 95 % below {p95:.3g} {unit}; {good:.0%} of the measured pixels are "
                    "good."
                ).format(
                    median=numbers["median_magnitude"],
                    p95=numbers["p95_magnitude"],
                    unit=result.unit,
                    good=numbers["good"],
                )
            )
        feedback.pushInfo(
            tr("{method} on {device}, {seconds:.1f} s.").format(
                method=result.model if result.method == "model" else tr("Conventional offset tracking"),
                device=f"{result.device} ({result.device_name})" if result.device_name else result.device,
                seconds=result.seconds,
            )
        )

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
        if self._keep_offsets:
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

    def _outputs(self) -> dict:
        result = self._result
        outputs = {key: result.statistics.get(name) for key, name in _NUMBERS.items()}
        outputs.update({p.OUTPUT: result.product, "UNIT": result.unit, **self.facts()})
        if result.velocity:
            outputs[p.VELOCITY] = result.velocity
        if self._keep_offsets:
            outputs[p.OFFSETS] = result.offsets
        if self._arrows is not None:
            outputs[p.ARROWS] = self._arrows.path
        return outputs
