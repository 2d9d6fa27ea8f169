"""The shift that is left between two images as a whole, and a copy of the secondary without its whole pixels.

A pair that was not coregistered to a fraction of a pixel seems to move everywhere. Phase correlation (Kuglin and Hines,
1975) of a few patches, their spectra added before the peak is looked for, finds the shift that most of the ground has
in common: a body that moves in one of them does not carry it away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from osgeo import gdal
from scipy import fft, ndimage, signal

from . import displacement
from .errors import OutputError
from .files import reason, refuse_inputs, stopped, whole_file
from .grids import require_same_grid
from .output import GTIFF_OPTIONS
from .pair import PairOptions, Source, locate, open_source
from .rasters import Raster, caller, quietly, require_dataset

_SIDE_PX = 512
#: Where patches lie, as shares of the way across and down: the middle, then around it.
_PLACES = ((0.5, 0.5), (0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9), (0.5, 0.1), (0.5, 0.9), (0.1, 0.5), (0.9, 0.5))
_VALID = 0.4
#: A peak has to be so many times as high as the next; of two that noise makes, one is at most 1.25 times the other.
_LEAST_PEAK = 1.5
_PEAK_PX = 6  # how far the foot of a peak reaches
#: Frequencies above this (cycles a pixel, 1-sigma of a Gaussian) carry more noise of speckle than ground.
_BANDWIDTH = 0.18
_FARTHEST = 0.25  # of the patch: beyond it too little of the ground is in both
_AGREEING_PX = 0.75
_FADING = 0.3  # share of a patch that fades towards its border


@dataclass(frozen=True)
class ResidualShift:
    """How the secondary lies on the reference as a whole.

    Attributes
    ----------
    dx, dy : float or None
        Pixels, like an offset: the ground at (x, y) of the reference is at (x + dx, y + dy) in the secondary. None
        when the two have too little in common to say.
    patches, agreeing : int
        Patches looked at, and how many of them say the same shift on their own.
    metres : float or None
        Metres on the ground for a pixel; None without georeference.
    """

    dx: float | None
    dy: float | None
    patches: int
    agreeing: int
    metres: float | None

    @property
    def length(self) -> float | None:
        """Length of the shift, pixels."""
        return None if self.dx is None or self.dy is None else float(np.hypot(self.dx, self.dy))

    @property
    def whole(self) -> tuple[int, int]:
        """The nearest whole pixels, across and down."""
        return (0, 0) if self.dx is None or self.dy is None else (round(self.dx), round(self.dy))


def residual_shift(options: PairOptions) -> ResidualShift:
    """Estimate the shift between two images of one grid; takes less than a second, however large they are.

    Raises
    ------
    InputError
        An image cannot be read, the grids differ, or the area misses the image.
    OptionsError
        A date or the radiometry cannot be understood.
    """
    reference = open_source(options.reference, options.reference_band, options.reference_date, options.radiometry)
    secondary = open_source(options.secondary, options.secondary_band, options.secondary_date, options.radiometry)
    require_same_grid(reference.raster, secondary.raster)
    _, area = locate(options.area, reference.raster)
    spectra = _spectra(reference, secondary, area)
    metres = displacement.pixel_metres(reference.raster.grid)
    common = shift_of(sum(spectra[1:], spectra[0])) if spectra else None
    if common is None:
        return ResidualShift(None, None, len(spectra), 0, metres)
    alone = (shift_of(spectrum) for spectrum in spectra)
    agreeing = sum(1 for one in alone if one is not None and np.hypot(*(np.array(one) - common)) < _AGREEING_PX)
    return ResidualShift(*common, len(spectra), agreeing, metres)


def cross_spectrum(reference: np.ndarray, secondary: np.ndarray) -> np.ndarray:
    """Whitened cross spectrum of two patches of linear amplitude (0: no data), complex, as `scipy.fft.fft2` lays it."""
    first, second = (fft.fft2(_flattened(patch)) for patch in (reference, secondary))
    cross = second * np.conj(first)
    return cross / np.maximum(np.abs(cross), np.finfo(np.float64).tiny)


def shift_of(spectrum: np.ndarray) -> tuple[float, float] | None:
    """The shift (dx, dy), pixels, that a sum of cross spectra speaks of; None when nothing stands out of the noise."""
    rows, columns = (fft.fftfreq(n) for n in spectrum.shape)
    low = np.exp(-0.5 * (rows[:, None] ** 2 + columns[None, :] ** 2) / _BANDWIDTH**2)
    surface = fft.fftshift(fft.ifft2(spectrum * low).real)
    middle = np.array(surface.shape) // 2
    reach = np.maximum((np.array(surface.shape) * _FARTHEST).astype(int), 2)
    part = surface[middle[0] - reach[0] : middle[0] + reach[0] + 1, middle[1] - reach[1] : middle[1] + reach[1] + 1]
    row, column = np.unravel_index(part.argmax(), part.shape)
    others = part.copy()
    others[max(row - _PEAK_PX, 0) : row + _PEAK_PX + 1, max(column - _PEAK_PX, 0) : column + _PEAK_PX + 1] = 0
    if part[row, column] < _LEAST_PEAK * others.max():
        return None
    if not (0 < row < part.shape[0] - 1 and 0 < column < part.shape[1] - 1):
        return None  # the slope of a peak farther away
    down = row - reach[0] + _vertex(*part[row - 1 : row + 2, column])
    across = column - reach[1] + _vertex(*part[row, column - 1 : column + 2])
    return float(across), float(down)


def moved_copy(secondary: str, target: str, dx: int, dy: int, band: int = 1) -> str:
    """Copy one band so that the ground of column x + dx, row y + dy comes to lie at (x, y); no value is resampled.

    Parameters
    ----------
    secondary, target : str
        Paths; `target` becomes a GeoTIFF with the grid, type and metadata of `secondary`.
    dx, dy : int
        Whole pixels, as in `ResidualShift.whole`.
    band : int
        Band of the secondary.

    Returns
    -------
    str
        `target`.

    Raises
    ------
    InputError
        The secondary cannot be read.
    OutputError
        The copy cannot be written, or nothing would be left of the image.
    """
    source = Raster(secondary, band)
    grid = source.grid
    if abs(dx) >= grid.width or abs(dy) >= grid.height:
        raise OutputError(f"Nothing of {source.name} is left when it is moved by ({dx}, {dy}) pixels.")
    refuse_inputs(target, (secondary,))
    with whole_file(target) as temporary:
        call = caller(source.path)
        original = require_dataset(source.path)
        copy, words = call(
            gdal.Translate, temporary, original, format="GTiff", bandList=[band],
            srcWin=[dx, dy, grid.width, grid.height], noData=_nodata(source), creationOptions=GTIFF_OPTIONS,
        )  # fmt: skip
        if copy is None:
            raise OutputError(reason(words, temporary) or f"{source.name} could not be copied ({words.strip()}).")
        if original.GetGCPCount():
            copy.SetGCPs(original.GetGCPs(), original.GetGCPSpatialRef())
        elif grid.georeferenced:
            copy.SetGeoTransform(original.GetGeoTransform())
        copy.SetMetadataItem("DEEPOT_MOVED", f"{source.name} by {-dx} columns and {-dy} rows")
        _, words = quietly(copy.FlushCache)
        del copy
        if "rror" in words:
            raise stopped(words, temporary)
    return target


def _spectra(reference: Source, secondary: Source, area: tuple[int, int, int, int]) -> list[np.ndarray]:
    """Cross spectra of the patches with enough data, each of one size."""
    grid = reference.raster.grid
    x0, y0, across, down = area
    width, height = (fft.next_fast_len(min(_SIDE_PX, n)) for n in (grid.width, grid.height))
    spectra, seen = [], set[tuple[int, int]]()
    for share_x, share_y in _PLACES:
        x = int(np.clip(x0 + share_x * (across - width), 0, max(grid.width - width, 0)))
        y = int(np.clip(y0 + share_y * (down - height), 0, max(grid.height - height, 0)))
        if any(abs(x - u) < width // 3 and abs(y - v) < height // 3 for u, v in seen):
            continue
        seen.add((x, y))
        patches = [source.read(x, y, width, height) for source in (reference, secondary)]
        if ((patches[0] > 0) & (patches[1] > 0)).mean() >= _VALID:
            spectra.append(cross_spectrum(*patches))
    return spectra


def _flattened(patch: np.ndarray) -> np.ndarray:
    """Logarithm of the amplitude, its slow part and the edges of the data taken out, fading to the border."""
    valid = patch > 0
    values = np.log(np.where(valid, patch, 1)).astype(np.float64)
    values -= np.median(values[valid]) if valid.any() else 0
    values[~valid] = 0
    weight = ndimage.gaussian_filter(valid.astype(np.float64), 8)
    values -= ndimage.gaussian_filter(values, 8) / np.maximum(weight, 0.1)
    values[~ndimage.binary_erosion(valid, iterations=3, border_value=1)] = 0
    rows, columns = (signal.windows.tukey(n, _FADING) for n in patch.shape)
    return values * rows[:, None] * columns[None, :]


def _vertex(before: float, peak: float, after: float) -> float:
    """Where a Gaussian through three samples has its top, samples from the middle one."""
    left, top, right = np.log(np.maximum([before, peak, after], 1e-3 * peak))
    bend = left - 2 * top + right
    return 0.0 if bend >= 0 else float(0.5 * (left - right) / bend)


def _nodata(source: Raster) -> float:
    """What fills the margin: the file's own value, else one that `amplitude` takes for no data."""
    if source.nodata is not None:
        return source.nodata
    return float("nan") if "Float" in source.dtype else 0.0
