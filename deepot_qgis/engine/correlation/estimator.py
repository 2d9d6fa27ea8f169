"""Conventional offset tracking: normalised cross-correlation on several window sizes.

Needs numpy and scipy alone, so displacement works with no extra package, and is the baseline every network is compared
to. Both images are first divided by their local mean amplitude, so that every part of a window weighs the same, and
bright scatterers are clipped. Then, for each node of a grid:

1. correlation surfaces over all integer shifts, for each window size (`surface`);
2. the peak below a pixel from the shape that speckle gives it, its signal to noise ratio and its error (`peak`);
3. in each window size, what is faint, or what no neighbour supports, is dropped (`outliers`);
4. the windows are joined from small to large for as long as they agree within their errors (Lepski 1990): small
   windows where the motion changes, at margins, and large ones where it does not and noise is what matters;
5. nodes are averaged with those neighbours that agree within their errors (sigma filter of Lee 1983), which lowers
   the noise and leaves margins where they are;
6. nodes without an answer are filled from their neighbours and get a large sigma; pixels between nodes are
   interpolated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from deepot_qgis.engine import runtime
from deepot_qgis.engine.correlation.peak import Peaks, find_peaks
from deepot_qgis.engine.correlation.sampling import neighbour_correlation, sampling_bias
from deepot_qgis.engine.correlation.surface import surfaces
from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.estimate import Estimate
from deepot_qgis.engine.outliers import average_agreeing, fill_untrusted, normalised_median_test, supported
from deepot_qgis.engine.tiling import OVERLAP_PX

#: Tiles in memory at once, a few hundred megabytes each.
_MOST_WORKERS = 4

# side of the square over which the amplitude is levelled, px, odd: a few resolution cells, less than any window
LEVEL_PX = 17
# amplitude over its local mean above which a pixel is a scatterer; speckle of a single look passes it in 1 of 1000
BRIGHT = 3.0
# how far the steps that compare nodes look around, nodes
OUTLIER_RADIUS = 2
AVERAGE_RADIUS = 4
FILL_RADIUS = 3
# how far apart nodes that are averaged may lie, standard deviations of their difference
AVERAGE_AGREEMENT = 1.5


@dataclass(frozen=True)
class CorrelationOptions:
    """How to track offsets.

    Attributes
    ----------
    posting_px : int
        Distance between measured nodes; between them the answer is interpolated.
    windows_px : tuple of int
        Sides of the correlation windows, ascending. The first is an even multiple of `posting_px`, each of the others
        a multiple of the one before. Small ones keep margins sharp, large ones lower the noise.
    search_px : int
        Largest offset looked for along an axis.
    min_snr : float
        Peak over the standard deviation of the surface around it below which a window gives no answer.
    agreement : float
        How many sigma two windows may differ by and still count as one motion.
    outlier_threshold : float
        Threshold of the normalised median test.
    """

    posting_px: int = 8
    windows_px: tuple[int, ...] = (16, 32, 64)
    search_px: int = 8
    min_snr: float = 4.0
    agreement: float = 2.5
    outlier_threshold: float = 3.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "windows_px", tuple(self.windows_px))
        for name, value in (("posting_px", self.posting_px), ("search_px", self.search_px)):
            _check_integer(name, value)
        for window in self.windows_px:
            _check_integer("windows_px", window)
        if not 2 <= self.posting_px <= 128:
            raise OptionsError(f"posting_px is {self.posting_px}; choose 2 to 128 pixels.")
        if not 2 <= self.search_px <= 64:
            raise OptionsError(f"search_px is {self.search_px}; choose 2 to 64 pixels.")
        if not self.windows_px:
            raise OptionsError("windows_px is empty; give at least one window size.")
        if self.windows_px[0] <= 0 or self.windows_px[0] % (2 * self.posting_px):
            raise OptionsError(
                f"The window of {self.windows_px[0]} px does not hold an even number of postings of"
                f" {self.posting_px} px; choose a multiple of {2 * self.posting_px}."
            )
        for small, large in zip(self.windows_px, self.windows_px[1:]):
            if large <= small or large % small:
                raise OptionsError(f"windows_px has {large} after {small}; each must be a multiple of the one before.")
        for name in ("min_snr", "agreement", "outlier_threshold"):
            if not 0 < getattr(self, name) < np.inf:
                raise OptionsError(f"{name} is {getattr(self, name)}; it must be a number above 0.")


def _check_integer(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise OptionsError(f"{name} has {value!r}; it takes whole numbers of pixels.")


class CorrelationEstimator:
    """Conventional offset tracking as an `Estimator`.

    Nodes lie on the corners of squares of `posting_px`, counted from the origin of the tile: tiles that start on
    multiples of the posting share their nodes, and inside the margin their answers.
    """

    name = "correlation"
    tile_px = None
    overlap_px = OVERLAP_PX
    bytes_px = 150

    def __init__(self, options: CorrelationOptions = CorrelationOptions()) -> None:
        self.options = options
        self.workers = min(runtime.cores(), _MOST_WORKERS)
        posting = options.posting_px
        self.tile_multiple = posting
        self.max_offset_px = float(options.search_px)
        # around the farthest node that has a say: half a window, the search and the levelling; this node is one posting
        # away for the interpolation, and as many more as the steps that compare nodes look around
        nodes = 1 + OUTLIER_RADIUS + AVERAGE_RADIUS + FILL_RADIUS
        reach = options.windows_px[-1] // 2 + options.search_px + LEVEL_PX // 2 + nodes * posting
        self.margin_px = -(-reach // posting) * posting

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile.

        Parameters
        ----------
        reference, secondary : numpy.ndarray
            ``(H, W)`` linear amplitude at any scale, invalid = 0 (or NaN).

        Returns
        -------
        Estimate
            An answer for every pixel; where there was nothing to match, zero motion with a sigma of the search radius.

        Raises
        ------
        ValueError
            The two images differ in shape, or are no images.
        """
        if reference.ndim != 2 or reference.shape != secondary.shape:
            raise ValueError(f"two images of one shape are needed, not {reference.shape} and {secondary.shape}")
        offset, sigma = self.nodes(reference, secondary)
        shape, posting = reference.shape, self.options.posting_px
        return Estimate(_interpolate(offset, shape, posting), _interpolate(sigma[np.newaxis], shape, posting)[0])

    def nodes(self, reference: np.ndarray, secondary: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Offset and sigma on the grid of nodes: float32 ``(2, rows, columns)`` and ``(rows, columns)``.

        Node ``(i, j)`` lies at row ``i * posting - 0.5`` and column ``j * posting - 0.5``.
        """
        options = self.options
        images = _prepare(reference, options), _prepare(secondary, options)
        alike = neighbour_correlation(images, options.posting_px, options.windows_px[-1])
        bias = sampling_bias(alike)
        offset, noise, trusted = self._join(self._peaks(*images, alike), bias)
        sigma = np.hypot(noise, bias)
        offset = average_agreeing(offset, sigma, trusted, AVERAGE_RADIUS, AVERAGE_AGREEMENT)
        return fill_untrusted(offset, sigma, trusted, FILL_RADIUS, float(options.search_px))

    def _peaks(self, first: np.ndarray, second: np.ndarray, alike: np.ndarray) -> list[Peaks]:
        """Peaks of all nodes for each window; `alike` is the speckle's `neighbour_correlation`."""
        options = self.options
        grid = tuple(size // options.posting_px + 1 for size in first.shape)
        found = {
            window: Peaks(
                offset=np.zeros((2,) + grid, np.float32),
                height=np.zeros(grid, np.float32),
                snr=np.zeros(grid, np.float32),
                sigma=np.zeros(grid, np.float32),
                inside=np.zeros(grid, bool),
            )
            for window in options.windows_px
        }
        min_pixels = options.windows_px[0] ** 2 // 2
        for surface in surfaces(first, second, options.posting_px, options.windows_px, options.search_px, min_pixels):
            whole, at = found[surface.window], (Ellipsis, surface.rows, surface.columns)
            peaks = find_peaks(surface.correlation, surface.usable, alike[at])
            for name in ("offset", "height", "snr", "sigma", "inside"):
                getattr(whole, name)[at] = getattr(peaks, name)
        return list(found.values())

    def _join(self, windows: list[Peaks], bias: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One offset from several windows: from small to large while they agree, weighted by their errors.

        `bias` is what the sampling adds to the error of each.

        Returns offset, sigma and whether any window had an answer.
        """
        options = self.options
        shape = windows[0].snr.shape
        answered, growing = np.zeros(shape, bool), np.ones(shape, bool)
        total, weights, sigma = np.zeros((2,) + shape), np.zeros(shape), np.full(shape, np.inf)
        low, high = np.full((2,) + shape, -np.inf), np.full((2,) + shape, np.inf)
        for peaks in windows:
            clear = peaks.inside & (peaks.snr >= options.min_snr)
            clear = supported(peaks.offset, clear, OUTLIER_RADIUS) | normalised_median_test(
                peaks.offset, clear, OUTLIER_RADIUS, options.outlier_threshold
            )
            reach = options.agreement * np.hypot(peaks.sigma, bias)
            lowest, highest = np.maximum(low, peaks.offset - reach), np.minimum(high, peaks.offset + reach)
            agrees = (lowest <= highest).all(0)
            taken = clear & growing & agrees
            # once a larger window sees another motion, those larger still see it too
            growing &= ~clear | agrees
            low, high = np.where(taken, lowest, low), np.where(taken, highest, high)
            weight = np.where(taken, 1 / (peaks.sigma.astype(np.float64) ** 2 + 1e-4), 0)
            total += weight * peaks.offset
            weights += weight
            sigma = np.where(taken, np.minimum(sigma, peaks.sigma), sigma)
            answered |= taken
        return total / np.maximum(weights, 1e-12), sigma, answered


def _prepare(image: np.ndarray, options: CorrelationOptions) -> np.ndarray:
    """Amplitude over its local mean, less one; 0 where invalid, padded with invalid pixels to whole postings."""
    image = np.nan_to_num(np.asarray(image, np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    valid = image > 0
    level = ndimage.uniform_filter(np.where(valid, image, 0), LEVEL_PX, np.float64, mode="constant")
    share = ndimage.uniform_filter(valid.astype(np.float32), LEVEL_PX, mode="constant")
    ratio = np.where(valid, image, 0) * share / np.where(valid, level, 1)
    texture = np.minimum(ratio, BRIGHT).astype(np.float32) - 1
    # an amplitude that equals its mean must not pass for invalid
    texture[texture == 0] = np.finfo(np.float32).eps
    return np.pad(np.where(valid, texture, 0), [(0, -size % options.posting_px) for size in image.shape])


def _interpolate(nodes: np.ndarray, shape: tuple[int, int], posting: int) -> np.ndarray:
    """Bilinear interpolation from nodes ``(n, rows, columns)`` to the pixels between them, float32 ``(n,) + shape``."""
    for axis, size in ((1, shape[0]), (2, shape[1])):
        position = (np.arange(size) + 0.5) / posting
        before = position.astype(np.intp)
        weight = (position - before).astype(np.float32)
        weight = weight[:, np.newaxis] if axis == 1 else weight
        nodes = np.take(nodes, before, axis) * (1 - weight) + np.take(nodes, before + 1, axis) * weight
    return np.ascontiguousarray(nodes, np.float32)
