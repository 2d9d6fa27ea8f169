"""What the two pair algorithms have in common: read, measure, report."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
)

from deepot_qgis.engine.measure import MeasureOptions, MeasureResult, measure
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.group import group_title
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.product_algorithm import ProductAlgorithm, add_statistics
from deepot_qgis.processing.spoken import spoken


class PairAlgorithm(ProductAlgorithm):
    """Measure displacement between two rasters; the subclass says by which method."""

    HELP_PAGE = "pair"
    _result: MeasureResult

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        p.add_inputs(self)
        self.add_method()
        p.add_outputs(self)
        p.add_quality(self)
        add_statistics(self)
        self.addOutput(QgsProcessingOutputString("UNIT", tr("Unit of the displacement")))
        self.addOutput(QgsProcessingOutputString("DEVICE", tr("Device used")))

    def add_method(self) -> None:
        """Add the parameters of the method."""
        raise NotImplementedError

    def method_options(self, parameters: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        """Return the method's share of `MeasureOptions` as keywords."""
        raise NotImplementedError

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        self._arrows_path = p.read_optional(self, parameters, p.ARROWS, context)
        self._keep_offsets = bool(parameters.get(p.OFFSETS))
        self._options = self._read_options(parameters, context)

    def measure(self, feedback: QgsProcessingFeedback) -> MeasureResult:
        return measure(self._options, progress_to(feedback), feedback.isCanceled)

    def title(self) -> str:
        result, options = self._result, self._options
        return group_title(options.reference, options.secondary, result.reference_date, result.secondary_date)

    def velocity_unit(self) -> str:
        return self._options.velocity_unit

    def facts(self) -> dict[str, Any]:
        return {"DEVICE": self._result.device}

    def _read_options(self, parameters: dict[str, Any], context: QgsProcessingContext) -> MeasureOptions:
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
            **p.read_tiles(self, parameters, context),
            **p.read_reading(self, parameters, context),
            **self.method_options(parameters, context),
        )

    def report(self, feedback: QgsProcessingFeedback) -> None:
        result = self._result
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
