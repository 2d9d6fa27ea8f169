"""Two images in, displacement product out: the one call that panel, Processing and command line make.

`options` says what to measure, `run` measures, `record` is what the product says of itself, `result` what the caller
gets.
"""

from .options import METHODS, MeasureOptions, again
from .result import MeasureResult
from .run import measure, measure_rows

__all__ = [
    "METHODS",
    "MeasureOptions",
    "MeasureResult",
    "again",
    "measure",
    "measure_rows",
]
