"""Work in the background: measuring, aligning, checking. Tasks see paths and texts, never a layer."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from typing import Any

from qgis.core import Qgis, QgsTask
from qgis.PyQt.QtCore import QCoreApplication, pyqtSignal

from deepot_qgis.engine import runtime
from deepot_qgis.engine.align import align
from deepot_qgis.engine.errors import CancelledError, DeepotError, RuntimeMissingError
from deepot_qgis.engine.measure import MeasureOptions, MeasureResult, measure
from deepot_qgis.engine.model import ModelCard, available
from deepot_qgis.engine.pair import PairOptions
from deepot_qgis.engine.preflight import Preflight, Promise, preflight, promise
from deepot_qgis.engine.runtime import Device
from deepot_qgis.engine.selftest import SelfTestOptions, selftest
from deepot_qgis.engine.selftest.result import SelfTestResult
from deepot_qgis.engine.shift import moved_copy
from deepot_qgis.gui.log import log
from deepot_qgis.gui.results import Written, result_files
from deepot_qgis.processing.layers.group import ResultFiles, group_title
from deepot_qgis.processing.spoken import words_of_user

_MEASURED = 0.97  # share of the progress bar that measuring takes; the rest prepares the layers
_TELL_EVERY_S = 0.1


@dataclass(frozen=True)
class MeasureJob:
    """What to measure and what to show of it.

    Attributes
    ----------
    options
        The engine's options, paths and texts only.
    arrows_path
        GeoPackage to write arrows to, None for none.
    show_offsets
        Whether the unfiltered offsets become layers.
    """

    options: MeasureOptions
    arrows_path: str | None
    show_offsets: bool


class DeepotTask(QgsTask):
    """A task that ends in exactly one of three signals, all delivered in the main thread."""

    succeeded = pyqtSignal(object)
    failed = pyqtSignal(object)  # a DeepotError
    stopped = pyqtSignal()
    left = pyqtSignal()  # an abandoned worker has ended too
    progressed = pyqtSignal(float, str)  # 0..1 and what is being done

    def __init__(self, description: str):
        super().__init__(description, QgsTask.Flag.CanCancel)
        self._value: Any = None
        self._error: DeepotError | None = None
        self._told_at = 0.0
        self._abandoned = False

    def abandon(self) -> None:
        """Answer a cancel at once, while the worker still finishes the step it is in; main thread only."""
        self._abandoned = True
        self.stopped.emit()

    def work(self) -> Any:
        """Do the work in the worker thread and return its value."""
        raise NotImplementedError

    def stopped_text(self) -> str:
        """Return what is true after a cancel."""
        return QCoreApplication.translate("DeepOT", "Cancelled. Nothing was written.")

    def run(self) -> bool:
        began = time.monotonic()
        done = self._run()
        if self._error is not None:
            log(f"{self.description()}: {self._error}", Qgis.MessageLevel.Warning)
        else:
            log(f"{self.description()}: {'done' if done else 'cancelled'} after {time.monotonic() - began:.1f} s")
        return done

    def _run(self) -> bool:
        try:
            self._value = self.work()
        except CancelledError:
            return False
        except DeepotError as error:
            self._error = error
            return False
        except Exception as error:  # a task must not raise: QGIS would lose the reason
            log(traceback.format_exc(), Qgis.MessageLevel.Critical)
            self._error = DeepotError(
                f"Something unexpected went wrong ({type(error).__name__}: {error}); the log panel, tab DeepOT, has "
                "the details to report."
            )
            return False
        return True

    def finished(self, done: bool) -> None:
        if self._abandoned:
            self.left.emit()
        elif self._value is not None:  # also when cancelled after the files were complete
            self.succeeded.emit(self._value)
        elif self._error is not None and not self.isCanceled():
            self.failed.emit(self._error)
        else:
            self.stopped.emit()

    def tell(self, fraction: float, text: str) -> None:
        """Report progress from the worker, at most ten times a second."""
        now = time.monotonic()
        if now - self._told_at >= _TELL_EVERY_S or fraction >= 1.0:
            self._told_at = now
            self.setProgress(100.0 * fraction)
            self.progressed.emit(fraction, text)


class MeasureTask(DeepotTask):
    """Measure displacement and prepare what the layers need; succeeds with (MeasureResult, ResultFiles)."""

    def __init__(self, job: MeasureJob):
        super().__init__("DeepOT: displacement")
        self._job = job

    def work(self) -> tuple[MeasureResult, ResultFiles]:
        options = self._job.options
        result = measure(options, lambda f, text: self.tell(_MEASURED * f, text), self.isCanceled)
        self.tell(_MEASURED, self.tr("Preparing layers"))
        return result, self._result_files(result)

    def stopped_text(self) -> str:
        if self._job.options.resume:
            return self.tr("Cancelled. Finished rows are kept: Run goes on from there.")
        return super().stopped_text()

    def _result_files(self, result: MeasureResult) -> ResultFiles:
        options = self._job.options
        title = group_title(options.reference, options.secondary, result.reference_date, result.secondary_date)
        written = Written(title, result.product, result.unit, result.offsets, result.velocity, options.velocity_unit)
        return result_files(written, self._job.arrows_path, self._job.show_offsets)


class AlignTask(DeepotTask):
    """Make an aligned copy of the secondary; succeeds with its path."""

    def __init__(self, secondary: str, reference: str, output: str, band: int):
        super().__init__("DeepOT: align")
        self._arguments = (secondary, reference, output, band)

    def work(self) -> str:
        return align(*self._arguments, progress=self.tell, cancelled=self.isCanceled)


@dataclass(frozen=True)
class Inventory:
    """What networks can run here.

    Attributes
    ----------
    cards
        What each bundled model says of itself, by name.
    devices
        Every device that this system can have and whether it works, by name.
    problem
        Why no network can run, empty when one can.
    """

    cards: dict[str, ModelCard]
    devices: dict[str, Device]
    problem: str


class InventoryTask(DeepotTask):
    """Look at models and try the devices; loading onnxruntime takes seconds on a slow machine, as does a card."""

    def __init__(self) -> None:
        super().__init__("DeepOT: models and devices")

    def work(self) -> Inventory:
        problem = ""
        try:
            runtime.onnxruntime()
        except RuntimeMissingError as error:
            problem = str(error)
        cards = {card.name: card for card in available()}
        return Inventory(cards, {device.name: device for device in runtime.survey()}, problem)


class CheckTask(DeepotTask):
    """Compare two rasters before anything is measured; succeeds with a Preflight."""

    def __init__(self, options: PairOptions):
        super().__init__("DeepOT: check")
        self._options = options

    def work(self) -> Preflight:
        return preflight(self._options)


class PromiseTask(DeepotTask):
    """Guess from a few small windows how the pair lies and what can be measured; succeeds with a Promise."""

    def __init__(self, options: PairOptions):
        super().__init__("DeepOT: quick estimate")
        self._options = options

    def work(self) -> Promise:
        return promise(self._options)


class MoveTask(DeepotTask):
    """Copy the secondary moved by whole pixels; succeeds with the path of the copy."""

    def __init__(self, secondary: str, target: str, shift: tuple[int, int], band: int):
        super().__init__("DeepOT: correct the shift")
        self._arguments = (secondary, target, *shift, band)

    def work(self) -> str:
        return moved_copy(*self._arguments)


class SelfTestTask(DeepotTask):
    """Embed known motion and see what is found of it; succeeds with a SelfTestResult."""

    def __init__(self, options: SelfTestOptions):
        super().__init__("DeepOT: self-test")
        self._options = options

    def work(self) -> SelfTestResult:
        return selftest(self._options, self.tell, self.isCanceled, words_of_user())
