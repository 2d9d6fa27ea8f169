"""What became of each pair of a run, as a table for people and as JSON for programs."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .. import provenance
from ..files import whole_file
from ..jobs.job import STATES, Job, Outcome

CSV, JSON = "batch.csv", "batch.json"
#: State of a pair that nobody came to, because the run ended before.
LEFT = "left"


@dataclass(frozen=True)
class Line:
    """What became of a pair.

    Attributes
    ----------
    pair : str
        Its name.
    state : str
        ``done``, ``taken`` (from an earlier run), ``failed`` or ``left`` (the run ended before).
    seconds : float
    product : str
        Path of the product, relative to the report; empty when there is none.
    reference, secondary : str
        Paths of the images.
    worker : str
        Who measured it; empty for the process itself.
    reason : str
        Why it failed, a sentence.
    """

    pair: str
    state: str
    seconds: float
    product: str
    reference: str
    secondary: str
    worker: str
    reason: str


def lines(jobs: Sequence[Job], outcomes: Mapping[str, Outcome], folder: str) -> tuple[Line, ...]:
    """What became of all pairs, in the order of the list."""
    return tuple(_line(job, outcomes.get(job.name, Outcome(LEFT)), folder) for job in jobs)


def _line(job: Job, outcome: Outcome, folder: str) -> Line:
    there = outcome.state in ("done", "taken")
    return Line(
        job.name,
        outcome.state,
        round(outcome.seconds, 2),
        _relative(job.options.output, folder) if there else "",
        job.options.reference,
        job.options.secondary,
        outcome.worker,
        outcome.reason,
    )


def _relative(path: str, folder: str) -> str:
    try:
        return os.path.relpath(path, folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return os.path.abspath(path)


def counts(found: Sequence[Line]) -> dict[str, int]:
    """How many pairs are in each state."""
    counted = Counter(line.state for line in found)
    return {state: counted[state] for state in (*STATES, LEFT)}


def write(folder: str, found: Sequence[Line], record: Mapping[str, Any]) -> tuple[str, str]:
    """Write both files, each whole; returns their paths.

    Parameters
    ----------
    folder : str
    found : sequence of Line
    record : mapping
        What the JSON says besides.
    """
    table, document = os.path.join(folder, CSV), os.path.join(folder, JSON)
    with whole_file(table) as path, open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(Line.__dataclass_fields__))
        writer.writeheader()
        writer.writerows(asdict(line) for line in found)
    with whole_file(document) as path:
        provenance.write(path, {**record, "counts": counts(found), "pairs": [asdict(line) for line in found]})
    return table, document
