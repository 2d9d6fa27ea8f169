"""A grid of offsets against its neighbours: outliers found, noise averaged away, what is missing filled.

All steps look a fixed number of nodes around, so that a tile with enough margin gives what the whole image gives.
"""

from __future__ import annotations

import numpy as np

from .boxes import box_counts, box_extremes

#: Nodes whose neighbours are laid out side by side at once.
_NODES = 1 << 14
#: Rounding must not let a value pass that the whole test would reject.
_JUST_BELOW = 1 - 1e-5


def normalised_median_test(
    offset: np.ndarray,
    valid: np.ndarray,
    radius: int = 2,
    threshold: float = 3.0,
    fluctuation: float = 0.1,
    asked: np.ndarray | None = None,
) -> np.ndarray:
    """Which offsets agree with their neighbourhood.

    Universal outlier detection of Westerweel and Scarano (2005, Experiments in Fluids 39, 1096-1100): the distance of
    a value from the median of its neighbours, over the median distance of these from that median. The ratio has one
    threshold for rough and for smooth fields alike.

    Parameters
    ----------
    offset : numpy.ndarray
        ``(2, rows, columns)``.
    valid : numpy.ndarray
        bool ``(rows, columns)``; the others take no part and are never trusted.
    radius : int
        Neighbours are taken from ``2 * radius + 1`` nodes square.
    threshold : float
        Ratio above which a value is an outlier; 2 is strict, 4 lenient.
    fluctuation : float
        Fluctuation to expect without any outlier, px; keeps a uniform field from rejecting everything.
    asked : numpy.ndarray, optional
        bool ``(rows, columns)``: the only offsets whose answer is of interest; all that are valid when not given.

    Returns
    -------
    numpy.ndarray
        bool ``(rows, columns)``: asked, valid, with at least three valid neighbours, and no outlier in either
        component.
    """
    side = 2 * radius + 1
    count = box_counts(np.pad(valid, radius), side)[:, : valid.shape[1]] - valid
    trusted = valid & (count >= 3)
    if asked is not None:
        trusted &= asked
    # A value this close to all of its neighbours is as close to their median, whatever their spread.
    near = np.float32(threshold * fluctuation * _JUST_BELOW)
    for component in offset:
        low, high = _extremes(component, valid, radius)
        with np.errstate(invalid="ignore"):
            doubtful = np.flatnonzero(trusted & ~((high - component <= near) & (component - low <= near)))
        for part in np.array_split(doubtful, 1 + doubtful.size // _NODES):
            trusted.flat[part] = _passes(component, valid, part, radius, threshold, fluctuation)
    return trusted


def _passes(
    component: np.ndarray, valid: np.ndarray, nodes: np.ndarray, radius: int, threshold: float, fluctuation: float
) -> np.ndarray:
    """The normalised median test of single nodes, by their place in the flattened grid."""
    around = _around(np.where(valid, component, np.nan).astype(np.float32), nodes, radius, np.nan)
    own = component.ravel()[nodes]
    count = np.count_nonzero(~np.isnan(around), axis=1)
    median = _median(around, count)
    around -= median[:, np.newaxis]
    spread = _median(np.abs(around, out=around), count)
    with np.errstate(invalid="ignore"):
        return np.abs(own - median) <= threshold * (spread + fluctuation)


def supported(
    offset: np.ndarray,
    valid: np.ndarray,
    radius: int = 2,
    count: int = 2,
    distance: float = 0.5,
    asked: np.ndarray | None = None,
) -> np.ndarray:
    """Which offsets have others nearby that say the same.

    The median test rejects bodies of a few nodes along with the outliers. But false peaks of a correlation lie anywhere
    in the search: two neighbours that repeat a large offset to half a pixel are a small body that moves.

    Parameters
    ----------
    offset, valid, radius, asked
        As in `normalised_median_test`.
    count : int
        How many neighbours must agree.
    distance : float
        In each component, px.

    Returns
    -------
    numpy.ndarray
        bool ``(rows, columns)``.
    """
    wanted = valid if asked is None else valid & asked
    result = np.zeros(valid.shape, bool)
    nodes = np.flatnonzero(wanted)
    for part in np.array_split(nodes, 1 + nodes.size // _NODES):
        alike = _around(valid, part, radius, False)
        for component in offset:
            away = _around(component, part, radius, 0) - component.ravel()[part][:, np.newaxis]
            alike &= np.abs(away, out=away) < distance
        result.flat[part] = np.count_nonzero(alike, axis=1) >= count
    return result


def average_agreeing(
    offset: np.ndarray, sigma: np.ndarray, trusted: np.ndarray, radius: int = 2, agreement: float = 1.0
) -> np.ndarray:
    """Mean of each offset and those around it that agree with it within their errors.

    The sigma filter of Lee (1983, Computer Vision, Graphics, and Image Processing 24, 255-269), weighted by the errors:
    noise goes, steps stay.

    Parameters
    ----------
    offset : numpy.ndarray
        ``(2, rows, columns)``.
    sigma : numpy.ndarray
        ``(rows, columns)``: 1-sigma error of a component, px.
    trusted : numpy.ndarray
        bool ``(rows, columns)``; the others take no part and stay as they are.
    radius : int
        Neighbours are taken from ``2 * radius + 1`` nodes square.
    agreement : float
        Largest difference in either component, in standard deviations of the difference.

    Returns
    -------
    numpy.ndarray
        As `offset`.
    """
    variance = np.where(trusted, np.maximum(sigma, 1e-3) ** 2, 1)
    weight = np.where(trusted, 1 / variance, 0)
    total, weights = offset * weight, weight.copy()
    parts = (_neighbours(image, radius, 0) for image in (*offset, weight, variance))
    for dx, dy, near_weight, near_variance in zip(*parts):
        limit = agreement**2 * (variance + near_variance)
        agrees = ((dx - offset[0]) ** 2 <= limit) & ((dy - offset[1]) ** 2 <= limit)
        near_weight = np.where(agrees, near_weight, 0)
        total += np.stack([dx, dy]) * near_weight
        weights += near_weight
    return np.where(trusted, total / np.where(trusted, weights, 1), offset)


def fill_untrusted(
    offset: np.ndarray, sigma: np.ndarray, trusted: np.ndarray, radius: int, unknown: float
) -> tuple[np.ndarray, np.ndarray]:
    """Replace offsets that are not trusted by a weighted mean of those around that are.

    Parameters
    ----------
    offset : numpy.ndarray
        ``(2, rows, columns)``.
    sigma : numpy.ndarray
        ``(rows, columns)``.
    trusted : numpy.ndarray
        bool ``(rows, columns)``.
    radius : int
        How far to look, nodes; weights are Gaussian with half of it as standard deviation.
    unknown : float
        Sigma of a node with nothing trusted around, which is set to zero motion, px.

    Returns
    -------
    offset, sigma : numpy.ndarray
        float32. A filled node has at least 1 px of sigma: it was not measured.
    """
    distance = np.arange(-radius, radius + 1)
    kernel = np.exp(-2.0 * (distance / max(radius, 1)) ** 2)

    def smooth(image: np.ndarray) -> np.ndarray:
        for axis in (0, 1):
            image = _correlate(image, kernel, axis)
        return image

    weight = smooth(trusted.astype(np.float64))
    some = ~trusted & (weight > 0)
    scale = 1 / np.maximum(weight, 1e-12)
    mean = np.stack([smooth(np.where(trusted, component, 0)) * scale for component in offset])
    square = np.stack([smooth(np.where(trusted, component, 0) ** 2) * scale for component in offset])
    scatter = np.maximum(square - mean**2, 0).max(0)
    doubt = smooth(np.where(trusted, sigma, 0) ** 2) * scale
    filled = np.minimum(np.maximum(2 * np.sqrt(scatter + doubt), 1), unknown)
    result = np.where(trusted, offset, np.where(some, mean, 0))
    return result.astype(np.float32), np.where(trusted, sigma, np.where(some, filled, unknown)).astype(np.float32)


def _neighbours(image: np.ndarray, radius: int, outside: float) -> list[np.ndarray]:
    """Views of the image moved by every step up to `radius`, but not by none."""
    rows, columns = image.shape
    padded = np.pad(image, radius, constant_values=outside)
    steps = range(2 * radius + 1)
    return [
        padded[down : down + rows, right : right + columns]
        for down in steps
        for right in steps
        if (down, right) != (radius, radius)
    ]


def _around(image: np.ndarray, nodes: np.ndarray, radius: int, outside: float) -> np.ndarray:
    """Neighbours of single nodes, but not these themselves: ``(nodes, neighbours)``, in the image's type."""
    padded = np.pad(image, radius, constant_values=outside)
    width = padded.shape[1]
    rows, columns = np.divmod(nodes, image.shape[1])
    steps = np.arange(-radius, radius + 1)
    steps = np.add.outer(steps * width, steps).ravel()
    return padded.ravel()[np.add.outer((rows + radius) * width + columns + radius, steps[steps != 0])]


def _extremes(image: np.ndarray, valid: np.ndarray, radius: int) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest valid value of every square; infinite, the wrong way around, where there is none."""
    size, width = 2 * radius + 1, image.shape[1]
    low = box_extremes(
        np.pad(np.where(valid, image, np.float32(np.inf)), radius, constant_values=np.inf), size, np.minimum
    )
    high = box_extremes(
        np.pad(np.where(valid, image, np.float32(-np.inf)), radius, constant_values=-np.inf), size, np.maximum
    )
    return low[:, :width], high[:, :width]


def _median(values: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Median of each row's `count` values that are not NaN; NaN where there are none."""
    ordered = np.sort(values, axis=1)  # NaN last
    count, row = np.maximum(count, 1), np.arange(count.size)
    return np.float32(0.5) * (ordered[row, (count - 1) // 2] + ordered[row, count // 2])


def _correlate(image: np.ndarray, kernel: np.ndarray, axis: int) -> np.ndarray:
    """Weighted sum along an axis; nothing comes from beyond the ends."""
    radius = kernel.size // 2
    moved = np.moveaxis(image, axis, 0)
    padded = np.pad(moved, ((radius, radius), (0, 0)))
    total = sum(weight * padded[start : start + moved.shape[0]] for start, weight in enumerate(kernel))
    return np.moveaxis(total, 0, axis)
