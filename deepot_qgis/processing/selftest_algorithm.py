"""``deepot:selftest``: what motion can be measured in the user's own images."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from deepot_qgis.engine.measure import METHODS
from deepot_qgis.engine.selftest import SelfTestOptions, report, selftest
from deepot_qgis.engine.selftest.result import SelfTestResult
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.numbers import read_number, read_whole_number
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.sources import raster_path
from deepot_qgis.processing.spoken import spoken, words_of_user
from deepot_qgis.processing.windows import parse_windows, windows_text

METHOD, COHERENCE, LOOKS, SIZES, WINDOWS, SEED = "METHOD", "COHERENCE", "LOOKS", "SIZES", "WINDOWS", "SEED"
REPORT = "REPORT"


class SelfTestAlgorithm(EngineAlgorithm):
    """Embed known motion in the user's images and see what is found of it."""

    HELP_PAGE = "selftest"
    GROUP = "quality"

    def name(self) -> str:
        return "selftest"

    def displayName(self) -> str:
        return tr("Self-test: what motion can be measured?")

    def tags(self) -> list[str]:
        return tr("sar,accuracy,error,noise,uncertainty,detection limit,self-test,quality,validation").split(",")

    def shortDescription(self) -> str:
        return tr("Error, noise floor and smallest visible motion, measured on your own images.")

    def shortHelpString(self) -> str:
        return tr(
            "Embeds known motion in a sample of your own image and measures it, with the network and with "
            "conventional offset tracking. It reports how far each was off, its noise floor on still ground, how much "
            "of the ground it answers, whether its own uncertainty is honest, and the smallest motion of a body of "
            "ground that shows: with 5 % false alarms and 5 % misses, for bodies of several sizes.\n\n"
            "With a secondary image the motion is put into that real second date, so that everything that happened to "
            "the ground between the dates counts. Without one the second date is simulated, with a coherence that you "
            "give or that is assumed to be 0.6.\n\n"
            "Ground that really moved between the dates is left out where both methods see it. Nothing is added to the "
            "map; the result is a report (HTML, and the numbers as JSON beside it)."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        p.add_reference(self)
        secondary = QgsProcessingParameterRasterLayer(p.SECONDARY, tr("Secondary image (later)"), optional=True)
        text = tr("A real second date on the same grid, in which the motion is embedded. Empty: it is simulated.")
        self.addParameter(p.explained(secondary, text))
        p.add_dates(self)
        method = QgsProcessingParameterEnum(
            METHOD, tr("Method"), list(METHODS), defaultValue=METHODS[0], usesStaticStrings=True
        )
        text = tr("'model' tests the network beside conventional tracking, 'correlation' conventional tracking alone.")
        self.addParameter(p.explained(method, text))
        p.add_network(self)
        p.add_area(self)
        self._add_simulation()
        self._add_extent_of_test()
        p.add_reading(self)
        report = QgsProcessingParameterFileDestination(REPORT, tr("Report"), tr("HTML pages (*.html)"))
        self.addParameter(
            p.explained(report, tr("A page with tables and a picture; a JSON file is written beside it."))
        )
        self._add_numbers()

    def _add_simulation(self) -> None:
        real, whole = QgsProcessingParameterNumber.Type.Double, QgsProcessingParameterNumber.Type.Integer
        coherence = QgsProcessingParameterNumber(
            COHERENCE, tr("Coherence of a simulated second date"), real, None, True, 0.0, 1.0
        )
        looks = QgsProcessingParameterNumber(LOOKS, tr("Looks of a simulated second date"), whole, None, True, 1, 16)
        self.addParameter(p.advanced(coherence, tr("Only without a secondary image. Empty: 0.6 is assumed.")))
        self.addParameter(p.advanced(looks, tr("Only without a secondary image. Empty: estimated in the image.")))

    def _add_extent_of_test(self) -> None:
        whole = QgsProcessingParameterNumber.Type.Integer
        default = SelfTestOptions("reference")
        sizes = QgsProcessingParameterString(SIZES, tr("Widths of the bodies (pixels)"), windows_text(default.sizes_px))
        windows = QgsProcessingParameterNumber(
            WINDOWS, tr("Windows to look at"), whole, default.windows, minValue=1, maxValue=64
        )
        seed = QgsProcessingParameterNumber(SEED, tr("Seed"), whole, default.seed, minValue=0)
        self.addParameter(p.advanced(sizes, tr("A body needs still ground around it: large ones need large images.")))
        self.addParameter(p.advanced(windows, tr("More windows take longer and make the numbers more certain.")))
        self.addParameter(p.advanced(seed, tr("The same seed gives the same numbers.")))

    def _add_numbers(self) -> None:
        for name, title in (
            ("DETECTABLE_PX", tr("Motion from which the body of the middle size shows (pixels)")),
            ("DETECTABLE_M", tr("Motion from which the body of the middle size shows (metres)")),
            ("DETECTABLE_SIZE_PX", tr("Width of that body (pixels)")),
            ("ERROR_PX", tr("Mean end-point error (pixels)")),
            ("NOISE_PX", tr("Noise floor, 1 sigma of a component (pixels)")),
            ("ANSWERED", tr("Share of the ground that is answered (0..1)")),
            ("WITHIN_SIGMA", tr("Share of errors below the method's own sigma (ideal 0.68)")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))
        self.addOutput(QgsProcessingOutputString("SUMMARY", tr("Result in words")))
        self.addOutput(QgsProcessingOutputString("DATA", tr("JSON file with all numbers")))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        reference = p.read_raster(self, parameters, p.REFERENCE, context)
        secondary = None
        if parameters.get(p.SECONDARY):
            secondary = raster_path(p.read_raster(self, parameters, p.SECONDARY, context))
        self._options = SelfTestOptions(
            reference=raster_path(reference),
            secondary=secondary,
            output=self.parameterAsFileOutput(parameters, REPORT, context) or None,
            area=p.read_area(self, parameters, context, reference.crs()),
            method=self.parameterAsEnumString(parameters, METHOD, context),
            coherence=read_number(parameters, COHERENCE),
            looks=read_whole_number(parameters, LOOKS),
            sizes_px=parse_windows(self.parameterAsString(parameters, SIZES, context)),
            windows=self.parameterAsInt(parameters, WINDOWS, context),
            seed=self.parameterAsInt(parameters, SEED, context),
            **p.read_reading(self, parameters, context),
            **p.read_network(self, parameters, context),
        )

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = selftest(self._options, progress_to(feedback), feedback.isCanceled, words_of_user())
        for line in report.text(result).splitlines():
            feedback.pushInfo(spoken(line))
        return {REPORT: result.report or "", "DATA": result.data or "", **_numbers(result)}


def _numbers(result: SelfTestResult) -> dict[str, Any]:
    """The outputs; what could not be found out is left out."""
    score = result.best
    found = {
        "ERROR_PX": score.error_px,
        "NOISE_PX": score.noise_px,
        "ANSWERED": score.answered,
        "WITHIN_SIGMA": score.within_sigma,
        "SUMMARY": "\n".join(report.sentences(result)),
    }
    if score.detections:
        body = score.detections[len(score.detections) // 2]
        found |= {"DETECTABLE_SIZE_PX": body.size_px, "DETECTABLE_PX": body.limit_px}
        if body.limit_px is not None and result.metres is not None:
            found["DETECTABLE_M"] = body.limit_px * result.metres
    return {name: value for name, value in found.items() if value is not None}
