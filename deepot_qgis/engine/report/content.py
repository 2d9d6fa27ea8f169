"""What a report tells of a pair product: its bands thinned to what a picture shows, counts, and the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import dates, provenance
from ..callbacks import Cancelled
from ..errors import CancelledError
from ..product import band_numbers
from ..quality import Reason
from ..rasters import Grid, Raster

#: Pixels along the longer side of what is read for pictures and percentiles.
LONGEST = 1000
_ROWS = 512


@dataclass(frozen=True)
class PairContent:
    """A pair product as a report sees it.

    Attributes
    ----------
    path, name : str
    grid : Grid
        Of the whole product.
    unit : str
        ``m`` or ``px``.
    first, second : str or None
        Dates of the images, ISO text.
    record : mapping
        What the run wrote; empty for a product without a record.
    bands : mapping
        float32 arrays by name, every n-th pixel.
    counts : mapping
        Number of pixels by reason, of all pixels.
    """

    path: str
    name: str
    grid: Grid
    unit: str
    first: str | None
    second: str | None
    record: Mapping[str, Any]
    bands: Mapping[str, np.ndarray]
    counts: Mapping[Reason, int]

    @property
    def days(self) -> float | None:
        """Days between the images."""
        return dates.days_between_texts(self.first, self.second)

    def title(self) -> str:
        """The two dates, or the name of the file where they are unknown."""
        return f"{self.first[:10]} – {self.second[:10]}" if self.first and self.second else self.name

    def good(self, name: str) -> np.ndarray:
        """Values of a band where the product is not masked, one row."""
        values = self.bands[name]
        return values[(self.bands["mask"] == Reason.GOOD) & np.isfinite(values)]

    def said(self, *keys: str) -> Any:
        """What stands in the record under these keys; None where nothing does."""
        found: Any = self.record
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found


def read_pair(path: str, cancelled: Cancelled | None = None) -> PairContent:
    """Read a displacement product of this plugin.

    Raises
    ------
    InputError
        It cannot be read, or is no displacement product.
    CancelledError
        `cancelled` said so.
    """
    cancelled = cancelled or (lambda: False)
    first = Raster(path)
    numbers = band_numbers(path)
    bands = {}
    for name, number in numbers.items():
        values, valid = Raster(path, number).overview(LONGEST)
        bands[name] = np.where(valid, values, np.nan).astype(np.float32)
    tags = first.metadata()
    return PairContent(
        path=path,
        name=first.name,
        grid=first.grid,
        unit=tags.get("UNIT") or first.unit or ("m" if first.grid.georeferenced else "px"),
        first=date_of(tags, "REFERENCE_DATE"),
        second=date_of(tags, "SECONDARY_DATE"),
        record=provenance.of_product(path, tags),
        bands=bands,
        counts=_counts(Raster(path, numbers["mask"]), cancelled),
    )


def date_of(tags: Mapping[str, str], key: str) -> str | None:
    """A date of a product from its tags, ISO text."""
    found = dates.find(tags.get(key, ""))
    return dates.text(found) if found else None


def _counts(mask: Raster, cancelled: Cancelled) -> dict[Reason, int]:
    counts = np.zeros(len(Reason), np.int64)
    for top in range(0, mask.grid.height, _ROWS):
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        values, valid = mask.read(0, top, mask.grid.width, min(_ROWS, mask.grid.height - top))
        codes = np.clip(values[valid], 0, len(Reason) - 1).astype(np.int64)
        counts += np.bincount(codes, minlength=len(Reason))
    return {reason: int(counts[reason]) for reason in Reason}
