"""A pair product as a page and as a map that need nothing else to be looked at."""

from .content import PairContent, read_pair
from .run import MapOptions, ReportOptions, write_map, write_report

__all__ = ["MapOptions", "PairContent", "ReportOptions", "read_pair", "write_map", "write_report"]
