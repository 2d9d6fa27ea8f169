"""Accuracy of offset estimators: known fields in held-out images, real still pairs, and real pairs moved on purpose.

``python -m benchmarks.accuracy`` measures the bundled models, the engine's correlation and the peers that are
installed on the same pairs, prints tables and writes them with plots where it is told to.
The images are those that training never sees (`grounds`); the fields are those of the project's target table.
"""

from benchmarks.accuracy.case import answer
from benchmarks.accuracy.fixed_set import REGIMES, SEED, SIZE, Field, fields, set_cases
from benchmarks.accuracy.measures import errors, summary
from benchmarks.accuracy.methods import Zero
from benchmarks.accuracy.report import short, table
from benchmarks.accuracy.whole import measure_all

__all__ = [
    "REGIMES",
    "SEED",
    "SIZE",
    "Field",
    "Zero",
    "answer",
    "errors",
    "fields",
    "measure_all",
    "set_cases",
    "short",
    "summary",
    "table",
]
