"""Runs methods over cases, one thread each, keeping every record as it comes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Callable

import numpy as np

from benchmarks.accuracy.case import Case, answer, tells_sigma
from benchmarks.accuracy.methods import Method
from benchmarks.accuracy.store import Store, code_digest
from deepot_qgis.engine.estimate import Estimate, Estimator

Records = dict[str, dict[str, dict]]  # by the case's key and the method's name


@dataclass(frozen=True)
class Runner:
    """How to run.

    Attributes
    ----------
    methods : tuple of Method
    store : Store
    jobs : int
        Worker processes of one thread each, so that processor time says the speed of one core. 0 measures in this
        process.
    say : callable
        Told about the progress.
    """

    methods: tuple[Method, ...]
    store: Store
    jobs: int = 0
    say: Callable[[str], None] = lambda text: None

    def run(self, name: str, cases: Iterable[Case]) -> Records:
        """Records of all methods for all cases; measures what the store has not."""
        cases = list(cases)
        code = {module: code_digest(module) for module in {type(case).__module__ for case in cases}}
        keys = {
            (case.key, method.name): f"{code[type(case).__module__]}/{case.key}/{method.name}/{method.fingerprint}"
            for case in cases
            for method in self.methods
        }
        lacking = {
            case: tuple(method.name for method in self.methods if self.store.get(keys[case.key, method.name]) is None)
            for case in cases
        }
        todo = [(case, names) for case, names in lacking.items() if names]
        if todo:
            self.say(f"{name}: {len(todo)} pairs to measure")
        started = time.monotonic()
        for done, (case, rows) in enumerate(self._measured(todo), 1):
            for method, row in rows.items():
                self.store.put(keys[case.key, method], row)
            if done % 7 == 0 or done == len(todo):
                self.say(f"{name}: {done} of {len(todo)}, {time.monotonic() - started:.0f} s")
        records = {
            case.key: {method.name: self.store.get(keys[case.key, method.name]) for method in self.methods}
            for case in cases
        }
        for key, rows in records.items():
            for method, row in rows.items():
                if "failed" in row:
                    self.say(f"{method} failed on {key} and counts as answering zero: {row['failed']}")
        return records

    def _measured(self, todo: list):
        if self.jobs == 0:
            estimators = {method.name: method.build() for method in self.methods}
            for case, names in todo:
                yield case, measure(case, {name: estimators[name] for name in names})
            return
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.jobs, context, _open, (self.methods,)) as pool:
            waiting = {pool.submit(_work, case, names): case for case, names in todo}
            for future in as_completed(waiting):
                yield waiting[future], future.result()


def measure(case: Case, estimators: dict[str, Estimator]) -> dict[str, dict]:
    """Records of a case, with the processor time and wall time of each answer.

    A peer that fails on a pair counts as answering zero there, and its record says why.
    """
    scene = case.scene()
    rows = {}
    for name, estimator in estimators.items():
        wall, processor = time.perf_counter(), time.process_time()
        failed = {}
        try:
            estimate = answer(estimator, scene.reference, scene.secondary)
        except Exception as error:
            if not getattr(estimator, "may_fail", False):
                raise
            failed["failed"] = f"{type(error).__name__}: {error}"
            estimate = Estimate(np.zeros_like(scene.truth), np.zeros(scene.reference.shape, np.float32))
        spent = {"processor_s": time.process_time() - processor, "wall_s": time.perf_counter() - wall}
        row = case.measure(scene, estimate, tells_sigma(estimator))
        rows[name] = {**row, **spent, **failed, "pixels": int(scene.reference.size)}
    return rows


# A worker's methods, and the estimators it has made of them so far.
_methods: dict[str, Method] = {}
_estimators: dict[str, Estimator] = {}


def _open(methods: tuple[Method, ...]) -> None:
    """Begin a worker."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (some peers talk)
    _methods.update((method.name, method) for method in methods)


@contextlib.contextmanager
def _one_core():
    """Whoever counts the cores meanwhile finds one, and makes no more threads than that."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _work(case: Case, names: tuple[str, ...]) -> dict[str, dict]:
    with _one_core():
        for name in names:
            if name not in _estimators:
                _estimators[name] = _methods[name].build()
    return measure(case, {name: _estimators[name] for name in names})
