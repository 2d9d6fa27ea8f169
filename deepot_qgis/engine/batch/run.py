"""Many pairs in, their products and a report out: the call that the command line makes."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .. import network, provenance
from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, DeepotError, InputError, OptionsError
from ..jobs.job import InProcess, Job, Outcome, Runner
from ..jobs.overview import Overview
from ..measure import MeasureOptions
from ..network import NetworkOptions
from ..timeseries.assemble import make_folder
from . import report
from .folder import read_folder
from .listing import read_list


def _any_pair() -> MeasureOptions:
    return MeasureOptions("reference", "secondary", "output.tif")


@dataclass(frozen=True)
class BatchOptions:
    """Which pairs are measured, how, and where the products go.

    Attributes
    ----------
    source : str
        A list of pairs (see `listing.read_list`), or a folder of dated images.
    output : str
        Folder; what it holds of an earlier run is taken again where it still fits.
    template : MeasureOptions
        How each pair is measured where the list says nothing else; its paths are not looked at.
    network : NetworkOptions
        Which images of a folder are paired.
    dates : mapping or None
        Dates by file name, for images of a folder that do not say theirs.
    """

    source: str
    output: str
    template: MeasureOptions = field(default_factory=_any_pair)
    network: NetworkOptions = field(default_factory=NetworkOptions)
    dates: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not self.output:
            raise OptionsError("A batch needs an output folder; choose one.")


@dataclass(frozen=True)
class Plan:
    """What a batch would do: its jobs, and what to know of them, as sentences."""

    jobs: tuple[Job, ...]
    messages: tuple[str, ...]


@dataclass(frozen=True)
class BatchResult:
    """What a batch made.

    Attributes
    ----------
    lines : tuple of report.Line
        What became of each pair, in the order of the list.
    table, record : str
        Paths of the report, CSV and JSON.
    messages : tuple of str
    seconds : float
    """

    lines: tuple[report.Line, ...]
    table: str
    record: str
    messages: tuple[str, ...]
    seconds: float

    @property
    def counts(self) -> dict[str, int]:
        """How many pairs are in each state."""
        return report.counts(self.lines)


def plan(options: BatchOptions) -> Plan:
    """Read the list or the folder, without measuring.

    Raises
    ------
    InputError
        The list or the folder cannot be used; the sentence names file and line.
    """
    if os.path.isdir(options.source):
        jobs, messages = read_folder(options.source, options.output, options.network, options.template, options.dates)
        words = f"{len(jobs)} pairs of {os.path.basename(os.path.abspath(options.source))}: "
        return Plan(jobs, (*messages, words + network.describe(options.network) + "."))
    if not os.path.exists(options.source):
        raise InputError(f"{options.source} does not exist; give a list of pairs (CSV), or a folder of dated images.")
    return Plan(read_list(options.source, options.output, options.template), ())


def batch(
    options: BatchOptions,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    runner: Runner | None = None,
) -> BatchResult:
    """Measure many pairs; one that cannot be measured costs only itself, and the report says why.

    Parameters
    ----------
    options : BatchOptions
    progress, cancelled : callable, optional
        As of `measure.measure`.
    runner : Runner, optional
        Who measures; default: this process, one pair after the other.

    Raises
    ------
    CancelledError
        `cancelled` said so. Pairs that are finished are kept, and taken by the next run.
    DeepotError
        The list cannot be used, or nobody can measure; pairs that are finished are kept. In every case after the
        first pair was begun there is a report.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    started = time.monotonic()
    progress(0.0, "Checking the pairs")
    planned = plan(options)
    make_folder(options.output)
    overview = Overview(len(planned.jobs), progress)
    outcomes: dict[str, Outcome] = {}
    try:
        for job, outcome in (runner or InProcess()).run(planned.jobs, overview.watch, cancelled):
            outcomes[job.name] = outcome
            overview.finished(job)
    except CancelledError as error:
        table = _report(options, planned, outcomes, started).table
        raise CancelledError(
            f"Cancelled; {_finished(outcomes)} of {len(planned.jobs)} pairs are finished and kept ({table}). Run the "
            "same again for the others."
        ) from error
    except Exception:
        with suppress(DeepotError):  # what ended the run is told, not that the report cannot be written either
            _report(options, planned, outcomes, started)
        raise
    return _report(options, planned, outcomes, started)


def _finished(outcomes: Mapping[str, Outcome]) -> int:
    return sum(outcome.state != "failed" for outcome in outcomes.values())


def _report(options: BatchOptions, planned: Plan, outcomes: Mapping[str, Outcome], started: float) -> BatchResult:
    lines = report.lines(planned.jobs, outcomes, options.output)
    seconds = round(time.monotonic() - started, 2)
    said: dict[str, Any] = {
        "source": options.source,
        "messages": planned.messages,
        "seconds": seconds,
        "versions": provenance.versions(None),
    }
    table, record = report.write(options.output, lines, said)
    return BatchResult(lines, table, record, planned.messages, seconds)
