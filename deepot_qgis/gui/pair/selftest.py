"""Self-test: what motion can be measured in the two chosen images."""

from __future__ import annotations

from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import (
    QApplication,
    QGroupBox,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from deepot_qgis.engine.selftest import report
from deepot_qgis.engine.selftest.detection import MIN_BODIES, Detection
from deepot_qgis.engine.selftest.result import SelfTestResult
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.numbers import NumbersTable
from deepot_qgis.gui.sections.rows import evenly, form, hint
from deepot_qgis.processing.spoken import spoken


class SelfTestSection(QGroupBox):
    """A button, and below it the answer once there is one."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Self-test"))
        self.test = Button(self.tr("What can be measured here?"))
        self.test.setObjectName("deepotSelfTest")
        self.test.setToolTip(
            self.tr(
                "Embed known motion in a sample of these two images and see what the method finds of it: error, noise "
                "and the smallest motion that shows. Takes about a minute; nothing is added to the map."
            )
        )
        self.test.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.headline, self.notes = hint(), hint()
        self._numbers = NumbersTable()
        self.report = Button(self.tr("Open report"))
        self.report.setToolTip(self.tr("Show the full report with tables and a picture in the web browser"))
        self.copy = Button(self.tr("Copy numbers"))
        self.copy.setToolTip(self.tr("Copy these numbers as text, for a report or a message"))
        self._result: SelfTestResult | None = None
        self._answer = QWidget()
        inside = QVBoxLayout(self._answer)
        inside.setContentsMargins(0, 0, 0, 0)
        meaning = hint(self.tr("Ground of this width, and the motion from which it shows:"))
        for widget in (self.headline, meaning, self._numbers, self.notes, evenly(self.report, self.copy)):
            inside.addWidget(widget)
        layout = form(self)
        layout.addRow(self.test)
        layout.addRow(self._answer)
        self.report.clicked.connect(self._open)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text()))
        self.forget()

    def forget(self) -> None:
        """Take the answer away: it was for other images."""
        self._result = None
        self._answer.hide()

    def show_result(self, result: SelfTestResult, headline: str, known: tuple[str, ...] = ()) -> None:
        """Show the answer, and the messages that the preflight (`known`) has not said already."""
        self._result = result
        self._numbers.show_rows([*self._body_rows(result), *self._method_rows(result)])
        self.headline.setText(headline)
        self.notes.setText(spoken("\n".join(message for message in result.messages if message not in known)))
        self._answer.show()
        self.notes.setVisible(bool(self.notes.text()))
        self.report.setVisible(result.report is not None)

    def text(self) -> str:
        """Return the answer as text, one number a line."""
        return "\n".join([self.headline.text(), *self._numbers.lines(), self.notes.text()])

    def _body_rows(self, result: SelfTestResult) -> list[tuple[str, str]]:
        rows = []
        for detection in result.best.detections:
            rows.append((result.width(detection.size_px), self._limit(detection, result)))
        return rows

    def _limit(self, detection: Detection, result: SelfTestResult) -> str:
        if detection.limit_px is not None:
            text = result.amount(detection.limit_px)
            if detection.loss_px is not None:
                text += self.tr(", lost beyond {loss:.2g} px").format(loss=detection.loss_px)
            return text
        if detection.level_px is None or detection.bodies < MIN_BODIES:
            return self.tr("too little ground answered")
        return self.tr("not reliably, tested to {most:.2g} px").format(most=detection.largest_px)

    def _method_rows(self, result: SelfTestResult) -> list[tuple[str, str]]:
        best = result.best
        rows = [
            (self.tr("Noise floor"), "–" if best.noise_px is None else report.amount(best.noise_px, result)),
            (self.tr("Mean error"), "–" if best.error_px is None else report.amount(best.error_px, result)),
            (self.tr("Answered"), f"{100 * best.answered:.0f} %"),
        ]
        for score in result.scores[1:]:
            limits = [
                f"{detection.size_px:g} px: " + ("–" if detection.limit_px is None else f"{detection.limit_px:.2g} px")
                for detection in score.detections
            ]
            rows.append((self.tr("Conventional"), ", ".join(limits)))
        return rows

    def _open(self) -> None:
        if self._result is not None and self._result.report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._result.report))
