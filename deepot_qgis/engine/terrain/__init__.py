"""The shape of the ground: where a radar cannot see it, and which way it falls."""

from .downslope import DOWNSLOPE_BANDS, DownslopeOptions, DownslopeResult, project_downslope
from .layover import CLASSES, LayoverOptions, LayoverResult, map_layover

__all__ = [
    "CLASSES",
    "DOWNSLOPE_BANDS",
    "DownslopeOptions",
    "DownslopeResult",
    "LayoverOptions",
    "LayoverResult",
    "map_layover",
    "project_downslope",
]
