"""A product in the geometry of the radar: its bands at places between its pixels, and what its record says."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .. import provenance
from ..product import band_numbers
from ..quality import Reason
from ..rasters import Raster
from .frame import require_pixels
from .inverse import Part


class RadarProduct:
    """A product in pixels; for one thread.

    Attributes
    ----------
    name : str
    size, origin : tuple of int
        Width and height; column and row of its first pixel in the images.
    tags : dict
        Metadata of the GeoTIFF.
    record : dict
        Of the measurement; empty where there is none.
    reference : str or None
        Path of the reference image, where that is still in its place.

    Raises
    ------
    InputError
        It is no displacement product, cannot be read, or is on a map already.
    """

    def __init__(self, path: str):
        numbers = band_numbers(path)
        self._bands = {name: Raster(path, numbers[name]) for name in ("east", "north", "sigma", "correlation", "mask")}
        first = self._bands["east"]
        self.name, grid = first.name, first.grid
        self.tags = {key: value for key, value in first.metadata().items() if key != "AREA_OR_POINT"}
        self.record: dict[str, Any] = provenance.of_product(path, self.tags)
        require_pixels(self.tags.get("UNIT") or first.unit or "px", grid.georeferenced, self.name)
        self.size = grid.width, grid.height
        # of a part of the images that was measured alone, see `Grid.window`
        self.origin = round(grid.geotransform[0]), round(-grid.geotransform[3])
        self.reference = self._reference()

    def _reference(self) -> str | None:
        inputs = self.record.get("inputs")
        side = inputs.get("reference") if isinstance(inputs, dict) else None
        path = side.get("path") if isinstance(side, dict) else None
        return path if isinstance(path, str) and os.path.isfile(path) else None

    def at(self, part: Part) -> dict[str, np.ndarray]:
        """Offsets, sigma, correlation and mask where the pixels of a part of the map lie.

        Returns
        -------
        dict
            ``dx``, ``dy``, ``sigma``, ``correlation`` float32, linear between the pixels that are good, NaN where the
            nearest pixel is not; ``mask`` is that of the nearest pixel.
        """
        read = {name: self._read(name, part.window) for name in self._bands}
        code = np.where(np.isfinite(read["mask"]), read["mask"], np.float32(Reason.NODATA))
        good = (code == Reason.GOOD) & np.isfinite(read["east"]) & np.isfinite(read["north"])
        code = np.where((code == Reason.GOOD) & ~good, np.float32(Reason.NODATA), code)
        seen = np.isfinite(part.column) & np.isfinite(part.row)
        column, row = part.column[seen], part.row[seen]
        height, width = code.shape
        nearest = np.clip(np.rint(row), 0, height - 1).astype(int), np.clip(np.rint(column), 0, width - 1).astype(int)
        mask = code[nearest]
        found = {"mask": np.full(seen.shape, Reason.NODATA, np.float32)}
        found["mask"][seen] = mask
        for name, band, sign in (("dx", "east", 1), ("dy", "north", -1), ("sigma", "sigma", 1),
                                 ("correlation", "correlation", 1)):  # fmt: skip
            values = read[band]
            moved = name in ("dx", "dy")
            between = _between(values, good if moved else np.isfinite(values), column, row)
            known = mask == Reason.GOOD if moved else np.isfinite(values[nearest])
            found[name] = np.full(seen.shape, np.nan, np.float32)
            found[name][seen] = np.where(known, sign * between, np.nan)
        return found

    def _read(self, name: str, window: tuple[int, int, int, int]) -> np.ndarray:
        found, valid = self._bands[name].read(*window)
        return np.where(valid, found, np.nan)


def _between(values: np.ndarray, good: np.ndarray, column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Linear between the good ones of the four pixels around each place; NaN where none is."""
    height, width = values.shape
    left = np.clip(np.floor(column).astype(int), 0, max(width - 2, 0))
    top = np.clip(np.floor(row).astype(int), 0, max(height - 2, 0))
    u, v = np.clip(column - left, 0, 1), np.clip(row - top, 0, 1)
    total, weights = np.zeros(column.shape), np.zeros(column.shape)
    for down, share_down in ((0, 1 - v), (1, v)):
        for right, share_right in ((0, 1 - u), (1, u)):
            at = np.minimum(top + down, height - 1), np.minimum(left + right, width - 1)
            weight = share_down * share_right * good[at]
            total += np.where(weight > 0, values[at], 0) * weight
            weights += weight
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / weights)
