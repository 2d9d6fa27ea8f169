"""What motion can be measured in the chosen pair: a quick estimate, replaced by the self-test once it ran."""

from __future__ import annotations

from dataclasses import replace

from qgis.PyQt.QtCore import QObject, pyqtSignal

from deepot_qgis.engine.pair import PairOptions
from deepot_qgis.engine.selftest.quick_estimate import QuickEstimate
from deepot_qgis.engine.selftest.result import SelfTestResult, amount_text, width_text
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.task import EstimateTask

#: Below this share of ground that can be matched, a number would promise too much.
_MATCHED = 0.2


class Measurable(QObject):
    """Answers in the background, for the pair that was asked for last.

    Signals
    -------
    said
        The answer as a sentence.
    """

    said = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None):
        super().__init__(parent)
        self._runner = Runner(self)
        self._runner.idle.connect(self._estimated)
        self._asked: PairOptions | None = None
        self._estimating: PairOptions | None = None
        self._answers: dict[PairOptions, str] = {}

    def ask(self, options: PairOptions) -> None:
        """Find out for a pair; `said` follows, unless another pair is asked for meanwhile."""
        self._asked = _whole(options)
        if self._asked in self._answers:
            self.said.emit(self._answers[self._asked])
        elif not self._runner.busy():
            self._estimate()

    def forget(self) -> None:
        """There is no pair to speak of any more."""
        self._asked = None

    def learn(self, options: PairOptions, result: SelfTestResult) -> None:
        """Take in what the self-test found; it replaces the estimate from now on."""
        self._answers[_whole(options)] = self.tested_text(result)
        if self._asked == _whole(options):
            self.said.emit(self._answers[self._asked])

    def stop(self) -> None:
        """Stop what is under way."""
        self.forget()
        self._runner.cancel()

    def tested_text(self, result: SelfTestResult) -> str:
        """Return what the self-test found, for the middle size of body that shows."""
        shown = [detection for detection in result.best.detections if detection.limit_px is not None]
        label = result.best.label
        if not shown:
            return self.tr("Self-test ({label}): no motion of the tested bodies shows reliably.").format(label=label)
        found = min(shown, key=lambda detection: abs(detection.size_px - 60))
        return self.tr("Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.").format(
            label=label, amount=result.amount(found.limit_px), width=result.width(found.size_px)
        )

    def estimate_text(self, found: QuickEstimate) -> str:
        """Return the quick estimate in words, empty when it says nothing."""
        if found.answered < _MATCHED:
            return self.tr(
                "Quick estimate: only {share:.0f} % of the sampled ground can be matched between the two images; "
                "hardly any motion will show."
            ).format(share=100 * found.answered)
        if found.limit_px is None:
            return ""
        return self.tr(
            "Quick estimate: a body {width} wide must move more than about {amount} to stand out of the noise. The "
            "self-test below measures what really shows."
        ).format(
            width=width_text(found.size_px, found.metres), amount=amount_text(found.limit_px, found.metres, found.days)
        )

    def _estimate(self) -> None:
        self._estimating = self._asked
        task = EstimateTask(self._asked)
        task.succeeded.connect(self._say)
        self._runner.start(task)

    def _say(self, found: QuickEstimate) -> None:
        text = self._answers.setdefault(self._estimating, self.estimate_text(found))
        if text and self._estimating == self._asked:
            self.said.emit(text)

    def _estimated(self) -> None:
        if self._asked is not None and self._asked != self._estimating and self._asked not in self._answers:
            self._estimate()


def _whole(options: PairOptions) -> PairOptions:
    """The pair without its area: the estimate speaks of the whole images."""
    return replace(options, area=None)
