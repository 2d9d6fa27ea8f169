"""Looks at the chosen pair in the background, and keeps the card up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.pair import PairOptions
from deepot_qgis.engine.preflight import Preflight, Promise
from deepot_qgis.engine.selftest.result import SelfTestResult
from deepot_qgis.gui.pair.card import PreflightCard
from deepot_qgis.gui.pair.findings import Calls, Found, Wording
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.task import CheckTask, PromiseTask
from deepot_qgis.processing.present import present

_SETTLE_MS = 300  # until the user has stopped changing things


class PreflightWatch(QObject):
    """First the facts, then what takes a moment to estimate; always for what is chosen now.

    Parameters
    ----------
    card
        Shows what is found.
    chosen
        Returns the chosen pair, None while an image is missing; raises a `DeepotError` when a choice cannot be.
    free
        Says whether the machine has time for an estimate.
    calls
        What the ways out do, by name.

    Signals
    -------
    left
        Another pair than before is chosen, or none.
    """

    left = pyqtSignal()

    def __init__(
        self,
        card: PreflightCard,
        chosen: Callable[[], PairOptions | None],
        free: Callable[[], bool],
        calls: Calls,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._card, self._chosen, self._free = card, chosen, free
        self.wording = Wording(calls, self)
        self.found: Found | None = None
        self._pair: PairOptions | None = None
        self._estimating: PairOptions | None = None
        self._again = False
        self._promises: dict[PairOptions, Promise] = {}
        self._tests: dict[PairOptions, SelfTestResult] = {}
        self._checker, self._estimator = Runner(self), Runner(self)
        self._checker.idle.connect(self._checked)
        self._estimator.idle.connect(self.go_on)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._look)

    def look(self, *_change: object) -> None:
        """Look again, as soon as nothing changes any more."""
        self._settle.start()

    def messages(self) -> tuple[str, ...]:
        """Return what the engine would say of the pair and the card has said."""
        return self.found.facts.messages if self.found is not None else ()

    def whole_shift(self) -> tuple[int, int]:
        """Return the residual shift in whole pixels, across and down; none while it is not known."""
        promise = self.found.promise if self.found is not None else None
        return promise.shift.whole if promise is not None else (0, 0)

    def go_on(self) -> None:
        """Estimate what is not known yet; while something else runs it has the machine to itself."""
        if self.found is None or self.found.facts.problem is not None:
            return
        if self._pair is None or self._pair in self._promises:
            return
        if self._free() and not self._estimator.busy() and not self.found.problem:
            self._estimating = self._pair
            task = PromiseTask(self._pair)
            task.succeeded.connect(self._promised)
            task.failed.connect(self._not_promised)
            self._estimator.start(task)

    def learn(self, pair: PairOptions, result: SelfTestResult) -> None:
        """Take in what the self-test found; it replaces the estimate from now on."""
        self._tests[_whole(pair)] = result
        self._show()

    def stop(self) -> None:
        """Stop what is under way."""
        self._settle.stop()
        self.found = self._pair = None
        self._again = False
        self._checker.cancel()
        self._estimator.cancel()

    def _look(self) -> None:
        self.found = None
        try:
            pair = self._chosen()
        except DeepotError as error:
            self._leave(None)
            self._take_error(error)
            return
        if pair is None:
            self._leave(None)
            self._card.clear()
            return
        self._leave(_whole(pair))
        if self._checker.busy():
            self._again = True
            return
        task = CheckTask(_whole(pair))
        task.succeeded.connect(self._take)
        task.failed.connect(self._take_error)
        self._checker.start(task)

    def _leave(self, pair: PairOptions | None) -> None:
        if pair != self._pair:
            self._pair = pair
            self.left.emit()

    def _checked(self) -> None:
        if self._again:
            self._again = False
            self._look()

    def _take(self, facts: Preflight) -> None:
        if self._again or self._pair is None:
            return  # another pair is chosen meanwhile
        self.found = Found(facts)
        self._show()
        self.go_on()

    def _take_error(self, error: DeepotError) -> None:
        self._card.show_rows([self.wording.refusal(error)])

    def _promised(self, promise: Promise) -> None:
        self._promises[present(self._estimating)] = promise
        self._show()

    def _not_promised(self, error: DeepotError) -> None:
        if self.found is not None and self._estimating == self._pair:
            self.found = replace(self.found, problem=str(error))
            self._show()

    def _show(self) -> None:
        if self.found is not None and self._pair is not None:
            self.found = replace(self.found, promise=self._promises.get(self._pair), tested=self._tests.get(self._pair))
            self._card.show_rows(self.wording.rows(self.found))


def _whole(options: PairOptions) -> PairOptions:
    """The pair without its area: the card speaks of the whole images."""
    return replace(options, area=None)
