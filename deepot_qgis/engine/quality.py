"""Why a pixel is masked: correlation of the warped pair, outliers, and the reason codes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from . import splines
from .boxes import box_counts, box_sums, strips
from .errors import OptionsError
from .outliers import normalised_median_test, supported


class Reason(IntEnum):
    """Code in the ``mask`` band of a product."""

    GOOD = 0
    NODATA = 1
    OUTSIDE = 2
    LOW_CORRELATION = 3
    INCONSISTENT = 4
    LAYOVER_SHADOW = 5
    USER_MASK = 6
    UNCERTAIN = 7
    EXCLUDED = 8
    DISAGREES = 9


#: What each code means, in the words of a legend.
REASON_NAMES = {
    Reason.GOOD: "good",
    Reason.NODATA: "no data",
    Reason.OUTSIDE: "moved outside the image",
    Reason.LOW_CORRELATION: "low correlation",
    Reason.INCONSISTENT: "unlike its neighbours",
    Reason.LAYOVER_SHADOW: "layover or shadow",
    Reason.USER_MASK: "outside the area",
    Reason.UNCERTAIN: "too uncertain",
    Reason.EXCLUDED: "excluded by a mask",
    Reason.DISAGREES: "forward and backward differ",
}


@dataclass(frozen=True)
class QualityOptions:
    """When a measured pixel is kept.

    Attributes
    ----------
    min_correlation : float
        Pixels whose warped secondary correlates less with the reference are masked, 0..1.
    window_px : int
        Side of the window of that correlation, odd.
    max_sigma_px : float
        Pixels whose 1-sigma error of a component is larger are masked.
    outlier_factor : float
        Pixels whose normalised median residual is larger are masked.
    """

    min_correlation: float = 0.1
    window_px: int = 31
    max_sigma_px: float = 0.4
    outlier_factor: float = 6.0

    def __post_init__(self) -> None:
        if not 0 <= self.min_correlation <= 1:
            raise OptionsError(f"The smallest correlation is {self.min_correlation}; it must lie between 0 and 1.")
        if self.window_px < 5 or self.window_px % 2 == 0:
            raise OptionsError(f"The correlation window is {self.window_px} px; it must be odd and at least 5.")
        if self.max_sigma_px <= 0:
            raise OptionsError(f"The largest sigma is {self.max_sigma_px} px; it must be positive.")
        if self.outlier_factor <= 0:
            raise OptionsError(f"The outlier factor is {self.outlier_factor}; it must be positive.")


#: Outliers are searched on every fourth pixel: offsets of neighbouring pixels share their window anyway.
LATTICE_PX = 4
_OUTLIER_RADIUS = 3
#: As many neighbours that say the same are a small body that moves: the median of a square that it does not fill is
#: that of its surroundings.
_SUPPORT = 6
#: Ground is followed well from this many times the least correlation on.
_WELL = 2.0
#: Brightness is levelled over this many pixels before correlating.
_LEVEL_PX = 9
#: Brighter than so many times its surroundings counts as just that.
_BRIGHT = 4
#: Product of the two variances from which a window has texture.
_FLAT = 1e-10
#: From here on the sum of a square may exceed what single precision holds.
_LARGE = 2.0**120


def context_px(options: QualityOptions) -> int:
    """How far around a pixel its reasons look: the outlier test's neighbours, or half a levelled window."""
    return max(LATTICE_PX * (_OUTLIER_RADIUS + 1), options.window_px // 2 + _LEVEL_PX)


def warp(image: np.ndarray, offset: np.ndarray, origin: tuple[int, int]) -> np.ndarray:
    """Resample the secondary to the reference with the measured offset.

    Parameters
    ----------
    image : numpy.ndarray
        float32, the secondary with context around the block; invalid pixels are 0.
    offset : numpy.ndarray
        float32 ``(2, H, W)``; NaN where it is not known.
    origin : tuple of int
        Row and column in `image` of the block's top left pixel.

    Returns
    -------
    numpy.ndarray
        float32 ``(H, W)``; 0 outside `image`, 0 or NaN where the offset is not known. Cubic splines: enough for a
        correlation, which forgives their blur.
    """
    return splines.moved(image, offset, origin)


def correlation(reference: np.ndarray, warped: np.ndarray, valid: np.ndarray, window: int) -> np.ndarray:
    """Zero-mean normalised correlation of the texture of two images in a sliding window, over valid pixels only.

    Each image is divided by its local mean first. Otherwise a coast or a city, bright beside dark at both dates,
    correlates although nothing in it does: water within half a window of a shore would pass for measured ground.

    Returns
    -------
    numpy.ndarray
        float32 ``(H, W)``, 0..1 (negative correlation is 0), 0 where the window has no texture or is mostly empty.
    """
    if not valid.any():
        return np.zeros(valid.shape, np.float32)
    height, width = valid.shape
    half = window // 2
    share = np.pad(valid, half)
    a, b = _textures((reference, warped), valid, half)
    result = np.empty(valid.shape, np.float32)
    for top, bottom in strips(height, width):
        rows = np.s_[top : bottom + 2 * half]
        result[top:bottom] = _correlated(a[rows], b[rows], share[rows], window)[:, :width]
    return result


def _correlated(a: np.ndarray, b: np.ndarray, valid: np.ndarray, window: int) -> np.ndarray:
    """Correlation in every window that lies inside the images, which are 0 where not valid; as wide as `box_sums`."""
    count = box_counts(valid, window)
    sum_a, sum_b = box_sums(a, window), box_sums(b, window)
    scale = 1 / np.maximum(count, 1)
    scaled = sum_a * scale
    covariance = box_sums(a * b, window)
    covariance -= scaled * sum_b
    variance = box_sums(a * a, window)
    scaled *= sum_a
    variance -= scaled
    other = box_sums(b * b, window)
    sum_b *= sum_b
    sum_b *= scale
    other -= sum_b
    variance *= other
    np.multiply(count, count, out=other)
    other *= np.float32(_FLAT)
    usable = (variance > other) & (count > 0.25 * window**2)
    np.maximum(variance, other, out=variance)
    np.maximum(variance, np.finfo(np.float32).tiny, out=variance)
    covariance /= np.sqrt(variance, out=variance)
    np.minimum(covariance, 1, out=covariance)
    np.maximum(covariance, 0, out=covariance)
    covariance *= usable
    return covariance


def _textures(images: tuple[np.ndarray, ...], valid: np.ndarray, margin: int) -> tuple[np.ndarray, ...]:
    """Each image over its local mean, less one: 0 where not valid, and in a margin around it.

    Bright scatterers are capped so that one of them does not decide a window alone.
    """
    height, width = valid.shape
    results = tuple(np.zeros((height + 2 * margin, width + 2 * margin), np.float32) for _ in images)
    for top, bottom in strips(height, width):
        reach = _LEVEL_PX // 2
        rows = np.s_[max(top - reach, 0) : min(bottom + reach, height)]
        beyond = (rows.start - top + reach, bottom + reach - rows.stop), (reach, reach)
        own = np.s_[top - rows.start : bottom - rows.start]
        counts = box_counts(np.pad(valid[rows], beyond, mode="symmetric"), _LEVEL_PX)[:, :width]
        for image, result in zip(images, results):
            seen = np.where(valid[rows], image[rows], np.float32(0))
            if seen.max() > _LARGE:
                seen *= np.float32(2.0**-20)
            total = box_sums(np.pad(seen, beyond, mode="symmetric"), _LEVEL_PX)[:, :width]
            level = seen[own] * counts
            level /= np.maximum(total, np.finfo(np.float32).tiny)
            np.minimum(level, np.float32(_BRIGHT), out=level)
            np.maximum(level, 0, out=level)
            level -= 1
            level *= valid[top:bottom]
            result[margin + top : margin + bottom, margin : margin + width] = level
    return results


def well_followed(similar: np.ndarray, options: QualityOptions) -> np.ndarray:
    """Where the texture agrees so well that a few neighbours' agreement is news: bool, like `similar`.

    On water and other lost ground an answer may be smooth and wrong, and its neighbours agree in that.
    """
    return similar >= _WELL * options.min_correlation


def outliers(
    offset: np.ndarray,
    known: np.ndarray,
    followed: np.ndarray,
    factor: float,
    asked: np.ndarray | None = None,
    lattice: int = LATTICE_PX,
) -> np.ndarray:
    """Pixels whose offset is unlike their neighbours', on every fourth pixel.

    They fail `outliers.normalised_median_test`, and are not excused by neighbours that say the same
    (`outliers.supported`), which counts on ground that is `followed` well.

    Parameters
    ----------
    offset : numpy.ndarray
        float32 ``(2, H, W)``, finite where `known`.
    known, followed : numpy.ndarray
        bool ``(H, W)``; see `well_followed`.
    factor : float
        Threshold on the normalised residual.
    asked : numpy.ndarray, optional
        bool ``(H, W)``: the only pixels whose answer is of interest.
    lattice : int
        Pixels from node to node, fewer where the pixels are a thinned raster's.

    Returns
    -------
    numpy.ndarray
        bool ``(H, W)``; False where not asked.
    """
    coarse = np.s_[..., ::lattice, ::lattice]
    field, usable = np.ascontiguousarray(offset[coarse]), known[coarse]
    asked = known if asked is None else asked & known
    nodes = usable & _any_of_square(asked, usable.shape, lattice)
    found = nodes & ~normalised_median_test(field, usable, _OUTLIER_RADIUS, factor, asked=nodes)
    excusable = found & followed[coarse]
    if excusable.any():
        found &= ~supported(field, usable, _OUTLIER_RADIUS, _SUPPORT, asked=excusable)
    if not found.any():
        return np.zeros(known.shape, bool)
    full = np.repeat(np.repeat(found, lattice, axis=0), lattice, axis=1)
    return full[: known.shape[0], : known.shape[1]] & asked


def _any_of_square(flags: np.ndarray, shape: tuple[int, int], lattice: int) -> np.ndarray:
    """Whether any pixel of the square that begins at a node of the lattice is set; there are `shape` of them."""
    result = np.zeros(shape, bool)
    for down in range(lattice):
        for right in range(lattice):
            part = flags[down::lattice, right::lattice]
            result[: part.shape[0], : part.shape[1]] |= part
    return result


def reasons(
    masks: dict[Reason, np.ndarray],
    shape: tuple[int, int],
) -> np.ndarray:
    """Mask band: for each pixel the first reason, in the order of `masks`, that applies.

    Returns
    -------
    numpy.ndarray
        float32 ``(H, W)`` of `Reason` codes.
    """
    band = np.full(shape, Reason.GOOD, np.uint8)
    for reason, where in reversed(masks.items()):
        np.copyto(band, np.uint8(reason), where=where)
    return band.astype(np.float32)
