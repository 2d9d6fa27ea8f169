"""The window that installs ONNX Runtime: what there is, what will be done, the live log, and the way out."""

from __future__ import annotations

from qgis.core import Qgis
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deepot_qgis.engine import installation
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.installation import InstallOptions
from deepot_qgis.engine.installation.choice import Wanted
from deepot_qgis.gui.notice import Notice
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.runtime.proxy import proxy_of_qgis
from deepot_qgis.gui.runtime.task import InstallDone, InstallTask, RemoveTask, RuntimeState, StateTask
from deepot_qgis.gui.sections.rows import hint
from deepot_qgis.processing.feedback import progress_text
from deepot_qgis.processing.spoken import spoken

_SIZE = (620, 430)
_LOG_LINES = 2000


class RuntimeDialog(QDialog):
    """Installs, reinstalls and removes ONNX Runtime.

    Signals
    -------
    changed
        Something was installed or removed.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setObjectName("DeepotRuntime")
        self.setWindowTitle(self.tr("ONNX Runtime"))
        self.runner, self._looker = Runner(self), Runner(self)
        self.state, self.plan, self.status = hint(), hint(), hint()
        self.card = QCheckBox(self.tr("For the NVIDIA card, with NVIDIA's libraries (about 3 GB)"))
        self.card.setToolTip(
            self.tr(
                "Takes the build for the graphics card; without it networks run on the processor, which takes 24 MB"
            )
        )
        self.card.setChecked(True)
        self.card.hide()
        self.notice = Notice(self)
        self.log = QPlainTextEdit()
        self.install_button, self.remove_button = QPushButton(self.tr("Install")), QPushButton(self.tr("Remove"))
        self.cancel_button, self.close_button = QPushButton(self.tr("Cancel")), QPushButton(self.tr("Close"))
        self.progress = QProgressBar()
        self._known: RuntimeState | None = None
        self._lay_out()
        self._connect()
        self._set_busy(False)
        self.resize(*_SIZE)

    def _lay_out(self) -> None:
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(_LOG_LINES)
        self.log.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.log.setPlaceholderText(self.tr("What is done appears here."))
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.install_button.setToolTip(self.tr("Download and install; nothing outside the folder above is changed"))
        self.remove_button.setToolTip(self.tr("Delete the plugin's own ONNX Runtime; that of the system stays"))
        self.cancel_button.setToolTip(self.tr("Stop at once; nothing half-installed is left"))
        buttons = QHBoxLayout()
        for button in (self.install_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.cancel_button, self.close_button):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        above: tuple[QWidget, ...] = (self.state, self.plan, self.card)
        below: tuple[QWidget, ...] = (self.notice, self.status, self.progress)
        for widget in above:
            layout.addWidget(widget)
        layout.addWidget(self.log, 1)
        for widget in below:
            layout.addWidget(widget)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.install_button.clicked.connect(self.install)
        self.remove_button.clicked.connect(self.remove)
        self.cancel_button.clicked.connect(self._cancel)
        self.close_button.clicked.connect(self.close)
        self.card.toggled.connect(self._show_plan)
        self.runner.progressed.connect(self._show_progress)
        self.runner.stopped.connect(self.notice.say)
        self.runner.idle.connect(self._ended)

    # ---- what the user does

    def look(self) -> None:
        """Say what there is, and what would be installed."""
        if self._looker.busy():
            return
        self.state.setText(self.tr("Looking for ONNX Runtime"))
        task = StateTask()
        task.succeeded.connect(self._show_state)
        self._looker.start(task)

    def install(self) -> None:
        """Install, or install again."""
        if self.runner.busy():
            return
        self.log.clear()
        task = InstallTask(InstallOptions(use_card=self.card.isChecked(), proxy=proxy_of_qgis()))
        task.said.connect(self.log.appendPlainText)
        task.succeeded.connect(self._installed)
        self._start(task)

    def remove(self) -> None:
        """Remove the plugin's own."""
        if self.runner.busy():
            return
        task = RemoveTask()
        task.succeeded.connect(self._removed)
        self._start(task)

    def shut_down(self) -> None:
        """Stop what is under way; the plugin is about to be unloaded."""
        self.runner.cancel()
        self._looker.cancel()
        self.close()

    def _start(self, task: InstallTask | RemoveTask) -> None:
        self.notice.clear()
        task.failed.connect(self._show_error)
        self.progress.setValue(0)
        self.status.setText(self.tr("Starting"))
        self._set_busy(True)
        self.runner.start(task)

    def _cancel(self) -> None:
        self.cancel_button.setEnabled(False)
        self.status.setText(self.tr("Cancelling"))
        self.runner.cancel()

    # ---- what comes back

    def _show_state(self, state: RuntimeState) -> None:
        self._known = state
        if state.problem:
            text = state.problem if state.installed else self.tr("ONNX Runtime, which runs the networks, is missing.")
            if "is broken" in state.problem:
                text = state.problem
        else:
            whose = self.tr("the plugin's own") if state.own else self.tr("that of this Python")
            text = self.tr("ONNX Runtime {version} is used, {whose}: {folder}").format(
                version=state.version, whose=whose, folder=state.folder
            )
        self.state.setText(spoken(text))
        self.install_button.setText(self.tr("Reinstall") if state.installed else self.tr("Install"))
        self.card.setVisible(state.wanted is not None and bool(state.wanted.companions))
        self._show_plan()
        self._set_busy(self.runner.busy())

    def _show_plan(self) -> None:
        state = self._known
        if state is None or state.wanted is None:
            self.plan.setText(state.refusal if state is not None else "")
            return
        self.plan.setText(
            self.tr(
                "Install puts {package} into {folder}. numpy and every other package of QGIS stay as they are."
            ).format(package=self._package(state.wanted), folder=installation.home())
        )

    def _package(self, wanted: Wanted) -> str:
        if wanted.companions and not self.card.isChecked():
            return self.tr("onnxruntime for the processor (24 MB)")
        size = self.tr("about 3 GB") if wanted.companions else "24 MB"
        return f"{wanted.package} {wanted.version} ({size})"

    def _installed(self, done: InstallDone) -> None:
        text = self.tr("ONNX Runtime {version} is installed and works.").format(version=done.installed.version)
        if done.restart:
            text += " " + self.tr("Start QGIS anew to use it.")
        self.notice.say(text, Qgis.MessageLevel.Success)
        self.changed.emit()

    def _removed(self, there: bool) -> None:
        self.notice.say(
            self.tr("The plugin's own ONNX Runtime is removed; what QGIS has loaded goes when it ends.")
            if there
            else self.tr("There was none of the plugin's own.")
        )
        self.changed.emit()

    def _show_error(self, error: DeepotError) -> None:
        command = getattr(error, "command", "")
        way_out = (self.tr("Copy the command to install by hand"), lambda: self._copy(command)) if command else ()
        self.notice.say(str(error), Qgis.MessageLevel.Critical, *way_out)
        if command:
            self.log.appendPlainText("\n" + self.tr("By hand, in a terminal:") + "\n" + command)

    def _copy(self, command: str) -> None:
        QApplication.clipboard().setText(command)

    def _show_progress(self, fraction: float, text: str, _seconds_left: float) -> None:
        if self.cancel_button.isEnabled():
            self.progress.setValue(round(1000 * fraction))
            self.status.setText(progress_text(text))

    def _ended(self) -> None:
        self._set_busy(False)
        self.look()

    def _set_busy(self, busy: bool) -> None:
        fits = self._known is None or self._known.wanted is not None
        self.install_button.setEnabled(not busy and fits)
        self.remove_button.setEnabled(not busy and self._known is not None and self._known.installed)
        self.card.setEnabled(not busy)
        self.cancel_button.setEnabled(busy)
        for widget in (self.progress, self.status):
            widget.setVisible(busy)
