"""Run and Cancel, progress with the time left, and the message area: always in sight below the sections."""

from __future__ import annotations

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from deepot_qgis.gui.notice import Notice
from deepot_qgis.gui.runner import duration_text
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.rows import hint
from deepot_qgis.processing.feedback import progress_text

#: Press Run and Cancel wherever the cursor is in the panel.
RUN_KEYS, CANCEL_KEYS = QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+.")


class RunBar(QWidget):
    """The foot of the panel; the tab that is shown says what Run does."""

    run_clicked = pyqtSignal()
    cancel_clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.notice = Notice(self)
        self.run = Button(self.tr("Run"))
        self.run.setObjectName("deepotRun")
        self.run.setDefault(True)
        self.run.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = self.run.font()
        font.setBold(True)
        self.run.setFont(font)
        self.cancel = Button(self.tr("Cancel"))
        keys = CANCEL_KEYS.toString(QKeySequence.SequenceFormat.NativeText)
        self.cancel.setToolTip(f"{self.tr('Stop at once; nothing half-written is left')} ({keys})")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.status = hint()
        self._lay_out()
        self.run.clicked.connect(self.run_clicked)
        self.cancel.clicked.connect(self._cancel)
        self._has_job = True
        self.set_busy(False)

    def set_job(self, tip: str, has_job: bool) -> None:
        """Say what Run does, and whether there is anything for it to do."""
        self._has_job = has_job
        keys = RUN_KEYS.toString(QKeySequence.SequenceFormat.NativeText)
        self.run.setToolTip(f"{tip} ({keys})" if has_job else tip)
        self.run.setEnabled(has_job and not self._busy)

    def add(self, *widgets: QWidget) -> None:
        """Put something into the corner, always in sight too."""
        for widget in widgets:
            self._buttons.addWidget(widget)

    def _lay_out(self) -> None:
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.run, 1)
        self._buttons.addWidget(self.cancel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(5)
        layout.addWidget(self.notice)
        layout.addWidget(self.status)
        layout.addWidget(self.progress)
        layout.addLayout(self._buttons)

    def set_busy(self, busy: bool) -> None:
        """Switch between waiting for a click and working."""
        self._busy = busy
        self.run.setEnabled(self._has_job and not busy)
        self.cancel.setEnabled(busy)
        self.progress.setVisible(busy)
        self.status.setVisible(busy)
        if busy:
            self.progress.setValue(0)
            self.status.setText(self.tr("Starting"))

    def show_progress(self, fraction: float, text: str, seconds_left: float) -> None:
        """Show how far the work is; a negative time means that it is not known yet."""
        if not self.cancel.isEnabled():
            return  # cancelled: what the worker still says is of no interest
        self.progress.setValue(round(1000 * fraction))
        left = self.tr(" – about {time} left").format(time=duration_text(seconds_left)) if seconds_left >= 0 else ""
        self.status.setText(f"{progress_text(text)} ({100 * fraction:.0f} %){left}")

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.status.setText(self.tr("Cancelling"))
        self.cancel_clicked.emit()
