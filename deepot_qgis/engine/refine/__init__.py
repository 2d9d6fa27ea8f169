"""Post-processing of a finished product without measuring again: limits, masks, forward-backward, stable ground."""

from .backward import measure_backward
from .ground import stable_area
from .options import Mask, RefineOptions
from .result import RefineResult, Spread, StableGround, Survivors
from .run import preview, refine

__all__ = [
    "Mask",
    "RefineOptions",
    "RefineResult",
    "Spread",
    "StableGround",
    "Survivors",
    "measure_backward",
    "preview",
    "refine",
    "stable_area",
]
