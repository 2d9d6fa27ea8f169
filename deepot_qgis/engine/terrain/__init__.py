"""The shape of the ground: where a radar cannot see it, and which way it falls."""

from .layover import CLASSES, LayoverOptions, LayoverResult, map_layover

__all__ = ["CLASSES", "LayoverOptions", "LayoverResult", "map_layover"]
