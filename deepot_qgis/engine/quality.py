"""Why a pixel is masked: correlation of the warped pair, outliers, and the reason codes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from scipy import ndimage

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
_OUTLIER_STEP = 4
_OUTLIER_RADIUS = 3
#: As many neighbours that say the same are a small body that moves: the median of a square that it does not fill is
#: that of its surroundings.
_SUPPORT = 6
#: Ground is followed well from this many times the least correlation on.
_WELL = 2.0
#: Brightness is levelled over this many pixels before correlating.
_LEVEL_PX = 9


def context_px(options: QualityOptions) -> int:
    """How far around a pixel its reasons look: the outlier test's neighbours, or half a levelled window."""
    return max(_OUTLIER_STEP * (_OUTLIER_RADIUS + 1), options.window_px // 2 + _LEVEL_PX)


def warp(image: np.ndarray, offset: np.ndarray, origin: tuple[int, int]) -> np.ndarray:
    """Resample the secondary to the reference with the measured offset.

    Parameters
    ----------
    image : numpy.ndarray
        float32, the secondary with context around the block; invalid pixels are 0.
    offset : numpy.ndarray
        float32 ``(2, H, W)``.
    origin : tuple of int
        Row and column in `image` of the block's top left pixel.

    Returns
    -------
    numpy.ndarray
        float32 ``(H, W)``; 0 outside `image`. Cubic splines: enough for a correlation, which forgives their blur.
    """
    height, width = offset.shape[1:]
    rows = np.arange(height, dtype=np.float32)[:, None] + np.float32(origin[0]) + offset[1]
    columns = np.arange(width, dtype=np.float32)[None, :] + np.float32(origin[1]) + offset[0]
    return ndimage.map_coordinates(image, [rows, columns], order=3, mode="constant", output=np.float32)


def correlation(reference: np.ndarray, warped: np.ndarray, valid: np.ndarray, window: int) -> np.ndarray:
    """Zero-mean normalised correlation of the texture of two images in a sliding window, over valid pixels only.

    Each image is divided by its local mean first. Otherwise a coast or a city, bright beside dark at both dates,
    correlates although nothing in it does: water within half a window of a shore would pass for measured ground.

    Returns
    -------
    numpy.ndarray
        float32 ``(H, W)``, 0..1 (negative correlation is 0), 0 where the window has no texture or is mostly empty.
    """
    weight = valid.astype(np.float32)

    def mean(values: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(values, window, mode="constant")

    share = mean(weight)
    a, b = _levelled(reference, valid), _levelled(warped, valid)
    some = np.maximum(share, np.float32(1e-6))
    mean_a, mean_b = mean(a) / some, mean(b) / some
    covariance = mean(a * b) / some - mean_a * mean_b
    variance = (mean(a * a) / some - mean_a**2) * (mean(b * b) / some - mean_b**2)
    usable = (share > 0.25) & (variance > 1e-10)
    return np.where(usable, np.clip(covariance / np.sqrt(np.where(usable, variance, 1)), 0, 1), 0).astype(np.float32)


def _levelled(image: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Image over its local mean, bright scatterers capped so that one of them does not decide a window alone."""
    share = ndimage.uniform_filter(valid.astype(np.float32), _LEVEL_PX)
    mean = ndimage.uniform_filter(np.where(valid, image, np.float32(0)), _LEVEL_PX) / np.maximum(share, 1e-6)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = image / mean
    return np.where(valid & (mean > 0), np.clip(level, 0, 4), 0).astype(np.float32)


def well_followed(similar: np.ndarray, options: QualityOptions) -> np.ndarray:
    """Where the texture agrees so well that a few neighbours' agreement is news: bool, like `similar`.

    On water and other lost ground an answer may be smooth and wrong, and its neighbours agree in that.
    """
    return similar >= _WELL * options.min_correlation


def outliers(offset: np.ndarray, known: np.ndarray, followed: np.ndarray, factor: float) -> np.ndarray:
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

    Returns
    -------
    numpy.ndarray
        bool ``(H, W)``.
    """
    coarse = np.s_[..., ::_OUTLIER_STEP, ::_OUTLIER_STEP]
    usable = known[coarse]
    found = usable & ~normalised_median_test(offset[coarse], usable, _OUTLIER_RADIUS, factor)
    found &= ~(followed[coarse] & supported(offset[coarse], usable, _OUTLIER_RADIUS, _SUPPORT))
    full = np.repeat(np.repeat(found, _OUTLIER_STEP, axis=0), _OUTLIER_STEP, axis=1)
    return full[: known.shape[0], : known.shape[1]] & known


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
    band = np.full(shape, float(Reason.GOOD), np.float32)
    for reason, where in masks.items():
        band[where & (band == Reason.GOOD)] = reason
    return band
