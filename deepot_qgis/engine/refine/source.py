"""A finished product, opened to be judged again: its bands and offsets in windows, and what its record says."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from osgeo import gdal

from .. import dates, displacement, provenance, values
from ..errors import GridMismatchError, InputError, OptionsError
from ..grids import grid_differences
from ..product import OFFSET_BANDS, band_numbers
from ..quality import LATTICE_PX, QualityOptions, Reason
from ..rasters import Grid, Raster, open_dataset, quietly
from ..reference import Correction
from .options import SIGMA_UNITS, Limits, RefineOptions

#: Windows of so many pixels are looked at whole; of larger ones about as many as the second says.
WHOLE_PX = 1_000_000
THINNED_PX = 250_000


@dataclass(frozen=True)
class View:
    """Some pixels of a product, all of a window or every n-th.

    Attributes
    ----------
    grid : Grid
        Of exactly these pixels.
    pixel : Grid
        Whose pixels offsets are counted in: the whole product's.
    columns, rows : numpy.ndarray
        Places of the pixels' centres in the whole product, ``(1, W)`` and ``(H, 1)``.
    step : int
        Pixels of the product from one to the next.
    bands : numpy.ndarray
        float32 ``(7, H, W)``, see `product.BANDS`.
    offsets : numpy.ndarray or None
        float32 ``(2, H, W)``: dx, dy in pixels of the product, NaN where unknown; None where there is no such file.
    """

    grid: Grid
    pixel: Grid
    columns: np.ndarray
    rows: np.ndarray
    step: int
    bands: np.ndarray
    offsets: np.ndarray | None

    @property
    def was(self) -> np.ndarray:
        """Reason codes of the product, uint8 ``(H, W)``; what is no code, or good without a value, is no data."""
        codes = np.nan_to_num(self.bands[6], nan=-1.0)
        sensible = (codes >= 0) & (codes < len(Reason))
        sensible &= (codes != Reason.GOOD) | np.isfinite(self.bands[:2]).all(axis=0)
        was: np.ndarray = np.where(sensible, codes, np.float32(Reason.NODATA)).astype(np.uint8)
        return was

    @property
    def lattice(self) -> int:
        """Pixels of the view from node to node of the outlier test."""
        return max(1, round(LATTICE_PX / self.step))

    def sigma(self, unit: str) -> np.ndarray:
        """1-sigma error of a component in ``px``, or in the unit of the product."""
        sigma: np.ndarray = self.bands[4]
        return sigma / displacement.pixel_sizes(self.grid, self.pixel) if unit == "px" else sigma

    def ground(self) -> np.ndarray:
        """East, north, magnitude and direction by the unfiltered offsets, float32 ``(4, H, W)``."""
        assert self.offsets is not None
        offset = self.offsets
        if self.step > 1 and self.grid.georeferenced:  # a pixel of the view is as large as several of the product
            offset = offset / np.array(self.ratio(), np.float32)[:, None, None]
        planes = np.empty((5, *offset.shape[1:]), np.float32)
        displacement.displacement(offset, self.bands[4], self.grid, planes)
        return planes[:4]

    def ratio(self) -> tuple[float, float]:
        """Pixels of the product in one of the view, across and down."""
        g, p = self.grid.geotransform, self.pixel.geotransform
        return math.hypot(g[1], g[4]) / math.hypot(p[1], p[4]), math.hypot(g[2], g[5]) / math.hypot(p[2], p[5])


class Measured:
    """A product with its offsets and its record; for one thread.

    Raises
    ------
    InputError
        It is no displacement product, or cannot be read.
    """

    def __init__(self, options: RefineOptions):
        self.path = options.product
        numbers = band_numbers(self.path)
        first = Raster(self.path, numbers["east"])
        self.name, self.grid = first.name, first.grid
        self.tags = Raster(self.path).metadata()
        self.unit = self.tags.get("UNIT") or first.unit or displacement.unit(self.grid)
        self.record = provenance.of_product(self.path, self.tags)
        self._bands = Planes(self.path, list(numbers.values()))
        self.offsets = self._offsets_path(options.offsets)
        self._offsets = open_offsets(self.offsets, self) if self.offsets else None
        self._thinned: tuple[tuple[int, int, int, int], View] | None = None  # a preview looks at the same one twice

    @property
    def first(self) -> str | None:
        """Date of the reference image, ISO text."""
        return self._date("REFERENCE_DATE")

    @property
    def second(self) -> str | None:
        """Date of the secondary image, ISO text."""
        return self._date("SECONDARY_DATE")

    @property
    def days(self) -> float | None:
        """Days between the images."""
        first, second = dates.find(self.first or ""), dates.find(self.second or "")
        return dates.days_between(first, second) if first and second else None

    @property
    def quality(self) -> QualityOptions:
        """How the measurement judged; the defaults where the record does not say."""
        given = said(self.record, "options", "quality")
        known = {item.name for item in fields(QualityOptions)}
        try:
            kept = {key: value for key, value in dict(given or {}).items() if key in known}
            provenance.require_kinds(QualityOptions, kept)
            return QualityOptions(**kept)
        except (TypeError, ValueError, OptionsError):
            return QualityOptions()

    @property
    def limits(self) -> Limits:
        """By which the product was masked so far."""
        found = said(self.record, "refinement", "limits")
        if not isinstance(found, Mapping):
            quality = self.quality
            return Limits(quality.min_correlation, quality.max_sigma_px)
        correlation, sigma, unit = (found.get(key) for key in ("min_correlation", "max_sigma", "sigma_unit"))
        plain = Limits()
        return Limits(
            float(correlation or 0.0) if values.is_number(correlation) else plain.min_correlation,
            float(sigma or 0.0) if values.is_number(sigma) else plain.max_sigma,
            str(unit) if unit in SIGMA_UNITS else plain.sigma_unit,
        )

    @property
    def correction(self) -> Correction:
        """What was taken from the measured displacement so far."""
        found = said(self.record, "refinement", "correction")
        if not isinstance(found, Mapping):
            return Correction()
        return Correction(self._plane(found.get("east")), self._plane(found.get("north")))

    def _plane(self, numbers: Any) -> tuple[float, float, float]:
        if isinstance(numbers, Sequence) and len(numbers) == 3 and all(map(values.is_number, numbers)):
            return float(numbers[0]), float(numbers[1]), float(numbers[2])
        raise InputError(f"The record of {self.name} was edited; refine the measured product anew.")

    def view(self, x0: int, y0: int, width: int, height: int) -> View:
        """All pixels of a window."""
        return self._view((x0, y0, width, height), (height, width), 1)

    def thinned(self, x0: int, y0: int, width: int, height: int) -> View:
        """A window of up to `WHOLE_PX` pixels, of a larger one every n-th pixel, about `THINNED_PX`."""
        window, pixels = (x0, y0, width, height), width * height
        if self._thinned is None or self._thinned[0] != window:
            step = 1 if pixels <= WHOLE_PX else max(2, math.ceil(math.sqrt(pixels / THINNED_PX)))
            shape = max(1, round(height / step)), max(1, round(width / step))
            self._thinned = window, self._view(window, shape, step)
        return self._thinned[1]

    def _view(self, window: tuple[int, int, int, int], shape: tuple[int, int], step: int) -> View:
        x0, y0, width, height = window
        return View(
            grid=self.grid.window(*window).resized(shape[1], shape[0]) if step > 1 else self.grid.window(*window),
            pixel=self.grid,
            columns=(x0 + (np.arange(shape[1]) + 0.5) * width / shape[1])[None, :],
            rows=(y0 + (np.arange(shape[0]) + 0.5) * height / shape[0])[:, None],
            step=step,
            bands=self._bands.read(window, shape),
            offsets=None if self._offsets is None else self._offsets.read(window, shape),
        )

    def _date(self, tag: str) -> str | None:
        found = dates.find(self.tags.get(tag, ""))
        return dates.text(found) if found else None

    def _offsets_path(self, given: str | None) -> str | None:
        """The offsets that are given, those beside the product, or those that the record of a refined one names."""
        if given:
            return given
        named = said(self.record, "refinement", "offsets")
        beside = os.path.splitext(self.path)[0] + "_offsets.tif"
        near = os.path.join(os.path.dirname(self.path), os.path.basename(named)) if isinstance(named, str) else ""
        return next((path for path in (beside, near, named) if isinstance(path, str) and os.path.isfile(path)), None)


class Planes:
    """Bands of a raster, read together."""

    def __init__(self, path: str, numbers: list[int]):
        self._name = os.path.basename(path)
        dataset, words = open_dataset(path)
        if dataset is None:
            raise InputError(f"{self._name} cannot be read ({words.strip() or 'no reason given'}); choose it again.")
        self._dataset: gdal.Dataset = dataset
        self._numbers = numbers

    def read(self, window: tuple[int, int, int, int], shape: tuple[int, int]) -> np.ndarray:
        """float32 ``(bands, *shape)`` of a window, the nearest pixels where `shape` is smaller.

        Raises
        ------
        InputError
            The file is damaged there.
        """
        found, words = quietly(
            self._dataset.ReadAsArray, *window, buf_xsize=shape[1], buf_ysize=shape[0], band_list=self._numbers
        )
        if found is None:
            raise InputError(
                f"{self._name} cannot be read around row {window[1]} ({words.strip() or 'no reason given'}); the file "
                "is damaged: measure the pair again."
            )
        planes: np.ndarray = found.reshape(len(self._numbers), *shape).astype(np.float32, copy=False)
        return planes


def open_offsets(path: str, product: Measured) -> Planes:
    """Unfiltered offsets that lie on the grid of a product: dx, dy.

    Raises
    ------
    InputError
        The file holds no offsets.
    GridMismatchError
        It is on another grid.
    """
    raster = Raster(path)
    dataset, _ = open_dataset(path)
    assert dataset is not None  # `Raster` has opened it
    found = {dataset.GetRasterBand(n).GetDescription(): n for n in range(1, dataset.RasterCount + 1)}
    names = [band.name for band in OFFSET_BANDS[:2]]
    if any(name not in found for name in names):
        raise InputError(
            f"{raster.name} holds no offsets: it has no bands {' and '.join(names)}; choose the file that a "
            "measurement wrote beside its product, whose name ends in _offsets.tif."
        )
    differences = grid_differences(product.grid, raster.grid)
    if differences:
        raise GridMismatchError(
            f"{raster.name} is not on the grid of {product.name}: {'; '.join(differences)}. Choose the offsets of the "
            "same pair and area."
        )
    return Planes(path, [found[name] for name in names])


def said(record: Mapping[str, Any], *keys: str) -> Any:
    """What stands in a record under these keys; None where nothing does."""
    found: Any = record
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found
