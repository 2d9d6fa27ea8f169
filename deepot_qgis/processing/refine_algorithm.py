"""``deepot:refine``: limits, masks and stable ground of a finished product, without measuring again."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from qgis.core import QgsCoordinateReferenceSystem as Crs
from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from deepot_qgis.engine import reference
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.refine import Mask, RefineOptions, RefineResult, measure_backward, refine
from deepot_qgis.engine.refine.options import SIGMA_UNITS
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.labels import reason_title
from deepot_qgis.processing.masks import mask_of
from deepot_qgis.processing.numbers import read_number
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.product_algorithm import ProductAlgorithm, add_statistics
from deepot_qgis.processing.sources import polygon_area, raster_path
from deepot_qgis.processing.spoken import spoken

PRODUCT, SIGMA_UNIT = "PRODUCT", "SIGMA_UNIT"
MASKS, KEEP, LAYOVER = "MASKS", "KEEP", "LAYOVER"
BACKWARD, MEASURE_BACKWARD, MAX_DISAGREEMENT = "BACKWARD", "MEASURE_BACKWARD", "MAX_DISAGREEMENT"
STABLE, STABLE_AREA, STABLE_SHARE, RAMP = "STABLE", "STABLE_AREA", "STABLE_SHARE", "RAMP"
_REAL = QgsProcessingParameterNumber.Type.Double
_AS_BEFORE = "as measured"
_STABLE = {
    f"{component.upper()}_{number.upper()}_{when.upper()}": (when, f"{number}_{component}")
    for component in ("east", "north")
    for number in ("median", "nmad")
    for when in ("before", "after")
}


class RefineAlgorithm(ProductAlgorithm):
    """Mask and reference a displacement product anew."""

    HELP_PAGE = "refine"
    GROUP = "quality"
    _result: RefineResult

    def name(self) -> str:
        return "refine"

    def displayName(self) -> str:
        return tr("Mask and reference a displacement product")

    def tags(self) -> list[str]:
        return tr(
            "sar,mask,filter,threshold,correlation,uncertainty,water,layover,shadow,stable area,reference,ramp,"
            "forward backward,quality"
        ).split(",")

    def shortDescription(self) -> str:
        return tr("Limits, masks and stable ground of a finished product, without measuring again.")

    def shortHelpString(self) -> str:
        return tr(
            "Makes another product of a finished one; the measured one stays as it is.\n\n"
            "Limits: pixels that are too uncertain or correlate too little are masked; pixels that were masked come "
            "back when a limit is loosened, as long as the unfiltered offsets lie beside the product. Masks: polygons, "
            "or rasters that are not 0 where masked (water, vegetation, layover and shadow). Forward and backward: "
            "pixels whose motion, measured with the images exchanged, does not lead back are masked.\n\n"
            "Stable ground: what ground that cannot have moved shows is taken out of the whole product, as a shift or "
            "with a ramp; the log says median and NMAD of east and north before and after.\n\n"
            "The mask band says for every pixel why it is masked."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        product = QgsProcessingParameterRasterLayer(PRODUCT, tr("Displacement product"))
        self.addParameter(p.explained(product, tr("The GeoTIFF that a measurement of a pair wrote.")))
        self._add_limits()
        self._add_masks()
        self._add_reference()
        self._add_backward()
        self._add_results()

    def _add_limits(self) -> None:
        sigma = QgsProcessingParameterNumber(
            p.MAX_SIGMA, tr("Largest uncertainty (1 sigma)"), _REAL, None, optional=True, minValue=0
        )
        self.addParameter(
            p.explained(sigma, tr("Pixels of which the method is less sure are masked. Empty: as before."))
        )
        unit = QgsProcessingParameterEnum(
            SIGMA_UNIT, tr("Unit of the uncertainty"), list(SIGMA_UNITS), defaultValue="px", usesStaticStrings=True
        )
        self.addParameter(p.explained(unit, tr("px: pixels of the images. m: metres on the ground.")))
        correlation = QgsProcessingParameterNumber(
            p.MIN_CORRELATION, tr("Smallest correlation"), _REAL, None, optional=True, minValue=0, maxValue=1
        )
        text = tr("Pixels where the images agree less after the motion are masked, 0 to 1. Empty: as before.")
        self.addParameter(p.explained(correlation, text))

    def _add_masks(self) -> None:
        masks = QgsProcessingParameterMultipleLayers(
            MASKS, tr("Masks"), QgsProcessing.SourceType.TypeMapLayer, optional=True
        )
        text = tr("Polygons to leave out, and rasters that are not 0 where masked: water, vegetation, anything.")
        self.addParameter(p.explained(masks, text))
        keep = QgsProcessingParameterFeatureSource(
            KEEP, tr("Keep only inside these polygons"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
        )
        self.addParameter(p.explained(keep, tr("Everything outside is masked.")))
        layover = QgsProcessingParameterMultipleLayers(
            LAYOVER, tr("Layover and shadow"), QgsProcessing.SourceType.TypeMapLayer, optional=True
        )
        self.addParameter(p.explained(layover, tr("Rasters that are not 0 there, or polygons.")))

    def _add_reference(self) -> None:
        kinds = list(reference.KINDS)
        stable = QgsProcessingParameterEnum(
            STABLE, tr("Stable ground"), kinds, defaultValue="none", usesStaticStrings=True
        )
        text = tr(
            "What stands still; its displacement is taken out. slowest: the pixels that move least. area: the polygons "
            "below, the better choice where you know such ground. none: nothing is taken out."
        )
        self.addParameter(p.explained(stable, text))
        area = QgsProcessingParameterFeatureSource(
            STABLE_AREA, tr("Stable ground: polygons"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
        )
        self.addParameter(p.explained(area, tr("For 'area'.")))
        ramp = QgsProcessingParameterBoolean(RAMP, tr("Take out a ramp as well as a shift"), False)
        text = tr("A plane through stable ground instead of its median; needs stable ground on all sides.")
        self.addParameter(p.explained(ramp, text))
        share = QgsProcessingParameterNumber(
            STABLE_SHARE, tr("Share of slowest pixels"), _REAL, ReferenceOptions.share, minValue=0.01, maxValue=1
        )
        self.addParameter(p.advanced(share, tr("For 'slowest'.")))

    def _add_backward(self) -> None:
        backward = QgsProcessingParameterRasterLayer(BACKWARD, tr("Offsets measured backward"), optional=True)
        text = tr("The unfiltered offsets (NAME_offsets.tif) of a measurement with the two images exchanged.")
        self.addParameter(p.advanced(backward, text))
        measured = QgsProcessingParameterBoolean(MEASURE_BACKWARD, tr("Measure backward now"), False)
        text = tr("Measures the exchanged pair first, with the settings of the product; takes as long as that did.")
        self.addParameter(p.advanced(measured, text))
        limit = QgsProcessingParameterNumber(
            MAX_DISAGREEMENT, tr("Largest disagreement of forward and backward (pixels)"), _REAL,
            RefineOptions.max_disagreement_px, minValue=0.001,
        )  # fmt: skip
        self.addParameter(
            p.advanced(limit, tr("How far from where it began a pixel may end that goes there and back."))
        )
        offsets = QgsProcessingParameterRasterLayer(p.OFFSETS, tr("Unfiltered offsets"), optional=True)
        text = tr("From which masked pixels come back. Empty: NAME_offsets.tif beside the product.")
        self.addParameter(p.advanced(offsets, text))

    def _add_results(self) -> None:
        units = [_AS_BEFORE, *p.UNITS]
        unit = QgsProcessingParameterEnum(
            p.VELOCITY_UNIT, tr("Velocity unit"), units, defaultValue=_AS_BEFORE, usesStaticStrings=True
        )
        self.addParameter(p.advanced(unit, tr("'as measured' takes the one of the measurement.")))
        output = QgsProcessingParameterRasterDestination(p.OUTPUT, tr("Displacement"))
        text = tr("Bands: east, north, magnitude, direction, sigma, correlation, mask. Metres; NaN where masked.")
        self.addParameter(p.explained(output, text))
        velocity = QgsProcessingParameterRasterDestination(
            p.VELOCITY, tr("Velocity"), optional=True, createByDefault=False
        )
        self.addParameter(p.explained(velocity, tr("Bands: east, north, magnitude per time. Needs both dates.")))
        add_statistics(self)
        for name, title in (
            ("GOOD_SHARE_BEFORE", tr("Share of measured pixels that were good (0..1)")),
            ("STABLE_PIXELS", tr("Pixels of stable ground")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))
        titles = {
            "EAST_MEDIAN": tr("Stable ground: median of east"),
            "EAST_NMAD": tr("Stable ground: NMAD of east"),
            "NORTH_MEDIAN": tr("Stable ground: median of north"),
            "NORTH_NMAD": tr("Stable ground: NMAD of north"),
        }
        whens = {"BEFORE": tr("before"), "AFTER": tr("after")}
        for name in _STABLE:
            what, when = name.rsplit("_", 1)
            self.addOutput(QgsProcessingOutputNumber(name, f"{titles[what]}, {whens[when]}"))
        self.addOutput(QgsProcessingOutputString("UNIT", tr("Unit of the displacement")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        layer = p.read_raster(self, parameters, PRODUCT, context)
        self._arrows_path, self._keep_offsets = None, False
        self._backward = self.parameterAsBool(parameters, MEASURE_BACKWARD, context)
        unit = self.parameterAsEnumString(parameters, p.VELOCITY_UNIT, context)
        self._options = RefineOptions(
            product=raster_path(layer),
            output=self.parameterAsOutputLayer(parameters, p.OUTPUT, context),
            offsets=self._optional_raster(parameters, p.OFFSETS, context),
            velocity=p.read_optional(self, parameters, p.VELOCITY, context) or "",
            velocity_unit=None if unit == _AS_BEFORE else unit,
            max_sigma=read_number(parameters, p.MAX_SIGMA),
            sigma_unit=self.parameterAsEnumString(parameters, SIGMA_UNIT, context),
            min_correlation=read_number(parameters, p.MIN_CORRELATION),
            backward=self._optional_raster(parameters, BACKWARD, context),
            max_disagreement_px=self.parameterAsDouble(parameters, MAX_DISAGREEMENT, context),
            masks=self._masks(parameters, context, layer.crs()),
            reference=self._reference(parameters, context, layer.crs()),
        )

    def measure(self, feedback: QgsProcessingFeedback) -> RefineResult:
        return replace(self._refine(feedback), offsets=None)  # the measurement's: neither styled nor loaded again

    def _refine(self, feedback: QgsProcessingFeedback) -> RefineResult:
        options = self._options
        if not self._backward or options.backward:
            return refine(options, progress_to(feedback), feedback.isCanceled)
        steps = QgsProcessingMultiStepFeedback(2, feedback)
        beside = os.path.splitext(options.output)[0] + "_backward_offsets.tif"
        measured = measure_backward(options.product, beside, progress_to(steps), steps.isCanceled)
        steps.setCurrentStep(1)
        return refine(replace(options, backward=measured), progress_to(steps), steps.isCanceled)

    def title(self) -> str:
        result = self._result
        if not (result.reference_date and result.secondary_date):
            return os.path.splitext(os.path.basename(result.product))[0]
        days = f"{result.reference_date[:10]} - {result.secondary_date[:10]}"
        return tr("{days}, refined:").format(days=days)

    def velocity_unit(self) -> str:
        return self._result.velocity_unit

    def facts(self) -> dict[str, Any]:
        found = self._result.survivors
        outputs = {"GOOD_SHARE_BEFORE": found.good_before, "STABLE_PIXELS": found.stable.pixels if found.stable else 0}
        if found.stable:
            outputs.update({key: getattr(getattr(found.stable, when), name) for key, (when, name) in _STABLE.items()})
        return outputs

    def report(self, feedback: QgsProcessingFeedback) -> None:
        found = self._result.survivors
        for message in found.messages:
            feedback.pushInfo(spoken(message))
        text = tr("{before:.1%} of the measured pixels were good, {after:.1%} are.")
        feedback.pushInfo(text.format(before=found.good_before, after=found.good))
        for reason, count in found.after.items():
            if count and reason not in (Reason.GOOD, Reason.NODATA, Reason.USER_MASK):
                feedback.pushInfo(f"  {found.share(reason):.1%} {reason_title(reason)}")

    def _masks(self, parameters: dict[str, Any], context: QgsProcessingContext, crs: Crs) -> tuple[Mask, ...]:
        transforms = context.transformContext()
        found = [
            mask_of(layer, crs, transforms, reason=reason)
            for name, reason in ((MASKS, Reason.EXCLUDED), (LAYOVER, Reason.LAYOVER_SHADOW))
            for layer in (self.parameterAsLayerList(parameters, name, context) if parameters.get(name) else [])
        ]
        keep = self.parameterAsSource(parameters, KEEP, context)
        if keep is not None:
            found.append(Mask(area=polygon_area(keep, crs, transforms), outside=True))
        return tuple(found)

    def _reference(self, parameters: dict[str, Any], context: QgsProcessingContext, crs: Crs) -> ReferenceOptions:
        source = self.parameterAsSource(parameters, STABLE_AREA, context)
        return ReferenceOptions(
            kind=self.parameterAsEnumString(parameters, STABLE, context),
            area=None if source is None else polygon_area(source, crs, context.transformContext()),
            ramp=self.parameterAsBool(parameters, RAMP, context),
            share=self.parameterAsDouble(parameters, STABLE_SHARE, context),
        )

    def _optional_raster(self, parameters: dict[str, Any], name: str, context: QgsProcessingContext) -> str | None:
        return raster_path(p.read_raster(self, parameters, name, context)) if parameters.get(name) else None
