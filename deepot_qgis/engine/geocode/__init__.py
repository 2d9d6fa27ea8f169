"""Products in the geometry of the radar, brought to the map: where a pixel lies, and which way its offset points."""

from .options import RANGES, GeocodeOptions
from .run import GeocodeResult, geocode

__all__ = ["RANGES", "GeocodeOptions", "GeocodeResult", "geocode"]
