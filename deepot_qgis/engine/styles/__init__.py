"""How results look in QGIS, as far as it needs no QGIS: which views there are, their ranges, and their style files."""

from .beside import save_beside, save_series_beside

__all__ = ["save_beside", "save_series_beside"]
