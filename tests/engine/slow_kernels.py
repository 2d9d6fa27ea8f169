"""The steps around the network written down plainly: what the fast ones must give."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from deepot_qgis.engine.quality import Reason

LEVEL_PX = 9
LATTICE_PX = 4


def box_sums(image: np.ndarray, size: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(image, (size, size)).sum((2, 3), dtype=np.float64)


def warp(image: np.ndarray, offset: np.ndarray, origin: tuple[int, int]) -> np.ndarray:
    rows, columns = np.mgrid[: offset.shape[1], : offset.shape[2]].astype(np.float64)
    places = [rows + origin[0] + offset[1], columns + origin[1] + offset[0]]
    return ndimage.map_coordinates(image.astype(np.float64), places, order=3, mode="constant")


def levelled(image: np.ndarray, valid: np.ndarray) -> np.ndarray:
    share = ndimage.uniform_filter(valid.astype(np.float64), LEVEL_PX)
    mean = ndimage.uniform_filter(np.where(valid, image, 0).astype(np.float64), LEVEL_PX) / np.maximum(share, 1e-6)
    with np.errstate(invalid="ignore", divide="ignore"):
        level = image / mean
    return np.where(valid & (mean > 0), np.clip(level, 0, 4), 0)


def correlation(reference: np.ndarray, warped: np.ndarray, valid: np.ndarray, window: int) -> np.ndarray:
    def mean(values: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(values.astype(np.float64), window, mode="constant")

    share = mean(valid)
    a, b = levelled(reference, valid), levelled(warped, valid)
    some = np.maximum(share, 1e-6)
    mean_a, mean_b = mean(a) / some, mean(b) / some
    covariance = mean(a * b) / some - mean_a * mean_b
    variance = (mean(a * a) / some - mean_a**2) * (mean(b * b) / some - mean_b**2)
    usable = (share > 0.25) & (variance > 1e-10)
    return np.where(usable, np.clip(covariance / np.sqrt(np.where(usable, variance, 1)), 0, 1), 0)


def neighbours(image: np.ndarray, radius: int, outside: float) -> np.ndarray:
    rows, columns = image.shape
    padded = np.pad(image, radius, constant_values=outside)
    steps = range(2 * radius + 1)
    return np.stack(
        [
            padded[down : down + rows, right : right + columns]
            for down in steps
            for right in steps
            if (down, right) != (radius, radius)
        ]
    )


def median(stack: np.ndarray, count: np.ndarray) -> np.ndarray:
    ordered = np.sort(stack, axis=0)
    count = np.maximum(count.astype(np.intp), 1)
    low, high = (np.take_along_axis(ordered, index[np.newaxis], 0)[0] for index in ((count - 1) // 2, count // 2))
    return 0.5 * (low + high)


def normalised_median_test(
    offset: np.ndarray, valid: np.ndarray, radius: int = 2, threshold: float = 3.0, fluctuation: float = 0.1
) -> np.ndarray:
    count = neighbours(valid.astype(np.float32), radius, 0).sum(0)
    trusted = valid & (count >= 3)
    for component in offset:
        around = neighbours(np.where(valid, component, np.nan).astype(np.float32), radius, np.nan)
        middle = median(around, count)
        spread = median(np.abs(around - middle), count)
        with np.errstate(invalid="ignore"):
            trusted &= np.abs(component - middle) <= threshold * (spread + fluctuation)
    return trusted


def supported(
    offset: np.ndarray, valid: np.ndarray, radius: int = 2, count: int = 2, distance: float = 0.5
) -> np.ndarray:
    alike = neighbours(valid, radius, False)
    for component in offset:
        alike = alike & (np.abs(neighbours(component, radius, 0) - component) < distance)
    return valid & (alike.sum(0) >= count)


def outliers(offset: np.ndarray, known: np.ndarray, followed: np.ndarray, factor: float) -> np.ndarray:
    coarse = np.s_[..., ::LATTICE_PX, ::LATTICE_PX]
    usable = known[coarse]
    found = usable & ~normalised_median_test(offset[coarse], usable, 3, factor)
    found &= ~(followed[coarse] & supported(offset[coarse], usable, 3, 6))
    full = np.repeat(np.repeat(found, LATTICE_PX, axis=0), LATTICE_PX, axis=1)
    return full[: known.shape[0], : known.shape[1]] & known


def reasons(masks: dict[Reason, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    band = np.full(shape, float(Reason.GOOD), np.float32)
    for reason, where in masks.items():
        band[where & (band == Reason.GOOD)] = reason
    return band


def product(pair, offsets: np.ndarray, options, scale: tuple[float, float]) -> np.ndarray:
    """Bands of a whole window on a map whose pixels are `scale` metres to the east and to the north."""
    x0, y0, width, height = pair.window
    offset, sigma = offsets[:2], offsets[2]
    known = np.isfinite(sigma)
    offset = np.where(known, offset, 0)
    reach = 40
    reference = pair.reference.read(x0, y0, width, height)
    secondary = pair.secondary.read(x0 - reach, y0 - reach, width + 2 * reach, height + 2 * reach)
    warped = warp(secondary, offset, (reach, reach))
    similar = correlation(reference, warped, (reference > 0) & (warped > 0) & known, options.window_px)
    columns, rows = np.arange(x0, x0 + width) + offset[0], np.arange(y0, y0 + height)[:, None] + offset[1]
    inside = (columns > -0.5) & (columns < pair.grid.width - 0.5) & (rows > -0.5) & (rows < pair.grid.height - 0.5)
    masks = {
        Reason.USER_MASK: pair.outside_area(*pair.window),
        Reason.NODATA: ~known,
        Reason.OUTSIDE: ~inside,
        Reason.LOW_CORRELATION: similar < options.min_correlation,
        Reason.UNCERTAIN: sigma > options.max_sigma_px,
        Reason.INCONSISTENT: outliers(offset, known, similar >= 2 * options.min_correlation, options.outlier_factor),
    }
    why = reasons(masks, known.shape)
    east, north = (np.where(why == Reason.GOOD, part, np.nan) * size for part, size in zip(offset, scale))
    seen = known & (why != Reason.USER_MASK)
    ground_sigma = np.where(seen, sigma * np.sqrt(np.mean(np.square(scale))), np.nan)
    direction = np.degrees(np.arctan2(east, north)) % 360
    similar = np.where(seen, similar, np.nan)
    return np.stack([east, north, np.hypot(east, north), direction, ground_sigma, similar, why])
