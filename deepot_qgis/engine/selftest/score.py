"""How well one method answers the pairs of a self-test: what it answers, how wrong, and which bodies show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from .. import quality
from ..estimate import Estimator
from ..quality import QualityOptions
from .detection import Detection, decision_level, detect, reading
from .sample import Body, still_bodies

#: Pixels along the edges of a window that are not judged: in a measurement a tile has its context there.
BORDER_PX = 16
#: Errors of neighbouring pixels are alike: every second one along each axis is enough.
_THIN = np.s_[..., ::2, ::2]
_MAD_TO_SIGMA = 1.4826
#: Ground that stands out by more than this many times the noise, and by this much, has moved; its rim is as wide as
#: half a window of conventional tracking.
_STANDS_OUT, _LEAST_MOVED_PX, _RIM_PX = 6.0, 0.1, 32


@dataclass(frozen=True)
class Answer:
    """What a method answers for a pair.

    Attributes
    ----------
    offset : numpy.ndarray
        ``(2, H, W)`` px.
    sigma : numpy.ndarray
        ``(H, W)`` px.
    data : numpy.ndarray
        Pixels that are judged: with data in both images, away from the window's edges; bool ``(H, W)``.
    answered : numpy.ndarray
        Those of them that a product would keep, bool ``(H, W)``.
    """

    offset: np.ndarray
    sigma: np.ndarray
    data: np.ndarray
    answered: np.ndarray

    def median(self, where: np.ndarray) -> np.ndarray | None:
        """Median answered offset over some pixels, ``(2,)``; None where there is none."""
        use = self.answered & where
        return np.median(self.offset[:, use], axis=1) if use.any() else None

    def without(self, ground: np.ndarray) -> Answer:
        """The same, some ground left out."""
        return replace(self, data=self.data & ~ground, answered=self.answered & ~ground)

    def pixels(self, body: Body) -> tuple[np.ndarray, np.ndarray] | None:
        """Rows and columns of the pixels of a body that are judged; None when half of it or more has no data."""
        rows, columns = body.pixels(self.data.shape)
        use = self.data[rows, columns]
        return (rows[use], columns[use]) if use.size and use.mean() > 0.5 else None


@dataclass(frozen=True)
class Score:
    """What a method reached.

    Attributes
    ----------
    name, label : str
        The estimator's name, and how tables call it.
    error_px : float or None
        Mean end-point error over answered pixels of all pairs that moved; None (here and below) when nothing was
        answered.
    bias_px : tuple of float or None
        Mean error dx, dy over the same pixels.
    noise_px : float or None
        Noise floor: 1-sigma of a component on still ground about its median, from the median absolute deviation.
    still_p95_px : float or None
        Length that 95 % of still pixels do not exceed, about their median.
    shift_px : tuple of float or None
        Median answer dx, dy on still ground: what the images are shifted by, and the method's bias there.
    answered : float
        Share of the pixels with data that a product would keep.
    within_sigma : float or None
        Share of answered components whose error, less the shift of still ground in the window, is below the method's
        own sigma; 0.68 where that is honest.
    standing_out : float or None
        Share of places for 60-px (or the next) bodies on still ground that stand out by more than six times the
        scatter.
    detections : tuple of Detection
        By size of the body.
    """

    name: str
    label: str
    error_px: float | None
    bias_px: tuple[float, float] | None
    noise_px: float | None
    still_p95_px: float | None
    shift_px: tuple[float, float] | None
    answered: float
    within_sigma: float | None
    standing_out: float | None
    detections: tuple[Detection, ...]


def answer(estimator: Estimator, reference: np.ndarray, secondary: np.ndarray, options: QualityOptions) -> Answer:
    """Measure a pair of windows and decide, as for a product, which pixels are kept."""
    height, width = reference.shape
    estimate = estimator.estimate(*(_padded(image, estimator.tile_multiple) for image in (reference, secondary)))
    offset, sigma = estimate.offset[:, :height, :width], estimate.sigma[:height, :width]
    data = (reference > 0) & (secondary > 0)
    warped = quality.warp(secondary, offset, (0, 0))
    both = data & (warped > 0)
    answered = both & (sigma <= options.max_sigma_px)
    similar = quality.correlation(reference, warped, both, options.window_px)
    answered &= similar >= options.min_correlation
    answered &= ~quality.outliers(offset, data, quality.well_followed(similar, options), options.outlier_factor)
    judged = np.zeros_like(data)
    judged[BORDER_PX:-BORDER_PX, BORDER_PX:-BORDER_PX] = True
    return Answer(offset, sigma, data & judged, answered & judged)


def moved_together(answers: Sequence[Answer]) -> np.ndarray:
    """Ground that really moved between two dates: all methods see it stand out, and alike.

    Where only one of them does it is that method's noise, and stays in the test.

    Parameters
    ----------
    answers : sequence of Answer
        Of at least two methods for the same untouched pair.

    Returns
    -------
    numpy.ndarray
        bool ``(H, W)``.
    """
    standing = np.logical_and.reduce([answer.answered for answer in answers])
    vectors, noises = [], []
    for found in answers:
        shift = found.median(found.data)
        if shift is None:
            return np.zeros(found.data.shape, bool)
        away = found.offset - shift[:, None, None]
        noises.append(_MAD_TO_SIGMA * np.median(np.abs(away[:, found.answered])))
        standing &= np.hypot(*away) > max(_STANDS_OUT * noises[-1], _LEAST_MOVED_PX)
        vectors.append(away)
    apart = np.max([np.hypot(*(vector - vectors[0])) for vector in vectors[1:]], axis=0)
    shortest = np.min([np.hypot(*vector) for vector in vectors], axis=0)
    alike = standing & (apart < 0.3 * shortest + 3 * max(noises))
    return ndimage.binary_opening(alike, iterations=3)


def with_rim(ground: np.ndarray) -> np.ndarray:
    """Ground and what lies around it as far as margins are smeared."""
    return ndimage.binary_dilation(ground, iterations=_RIM_PX) if ground.any() else ground


def _padded(image: np.ndarray, multiple: int) -> np.ndarray:
    """Image grown by invalid pixels to the right and below until its sides are multiples."""
    grow = [(0, -size % multiple) for size in image.shape]
    return np.pad(image, grow) if any(after for _, after in grow) else image


class Scorer:
    """Gathers the answers of one method."""

    def __init__(self, estimator: Estimator, label: str, sizes: Sequence[float]) -> None:
        self.estimator, self.label = estimator, label
        self._still: dict[float, list[np.ndarray]] = {size: [] for size in sizes}
        self._bodies: dict[float, list[tuple[float, float]]] = {size: [] for size in sizes}
        self._shifts: dict[int, np.ndarray] = {}
        self._noise: list[np.ndarray] = []
        self._errors: list[np.ndarray] = []
        self._calibration: list[np.ndarray] = []
        self._counts = np.zeros(2)
        self._answered_still: dict[int, np.ndarray] = {}

    def add_still(self, window: int, found: Answer) -> None:
        """Take in the answer for still ground of a window (by number); the first is what bodies are placed on."""
        self._count(found)
        if window not in self._answered_still:
            self._answered_still[window] = found.answered
        shift = found.median(found.data)
        if shift is None:
            return
        self._shifts.setdefault(window, shift)
        self._noise.append((found.offset - shift[:, None, None])[_THIN][:, found.answered[_THIN]])
        self._calibrate(found, found.offset - shift[:, None, None])
        for size, readings in self._still.items():
            for body in still_bodies(size, found.data.shape, BORDER_PX):
                pixels = found.pixels(body)
                if pixels is not None:
                    seen = reading(found.offset[(slice(None), *pixels)], found.answered[pixels], shift)
                    readings.extend([] if seen is None else [seen])

    def add_moved(self, window: int, found: Answer, truth: np.ndarray, bodies: Sequence[Body]) -> None:
        """Take in the answer for a window that moved; only bodies on ground that is answered when still count."""
        self._count(found)
        error = found.offset - truth
        self._errors.append(error[_THIN][:, found.answered[_THIN]])
        self._calibrate(found, error - self._shift(window)[:, None, None])
        stable = found.median(found.data & (np.hypot(*truth) < 1e-3))
        still = self._answered_still.get(window)
        for body in bodies:
            pixels = found.pixels(body)
            if still is None or pixels is None or still[pixels].mean() < 0.5:
                continue
            seen = None
            if stable is not None:
                seen = reading(found.offset[(slice(None), *pixels)], found.answered[pixels], stable)
            length = 0.0 if seen is None else float(np.hypot(*seen))
            self._bodies[body.size_px].append((body.motion_px, length))

    def level(self, size: float) -> float | None:
        """Decision level for bodies of a size."""
        return decision_level([float(np.hypot(*value)) for value in self._still[size]])

    def score(self) -> Score:
        """The numbers."""
        noise = _joined(self._noise)
        errors = _joined(self._errors)
        calibration = np.concatenate(self._calibration) if self._calibration else np.empty(0)
        some = errors.size > 0
        shifts = list(self._shifts.values())
        return Score(
            name=self.estimator.name,
            label=self.label,
            error_px=float(np.hypot(*errors).mean()) if some else None,
            bias_px=_two(errors.mean(axis=1)) if some else None,
            noise_px=float(_MAD_TO_SIGMA * np.median(np.abs(noise))) if noise.size else None,
            still_p95_px=float(np.quantile(np.hypot(*noise), 0.95)) if noise.size else None,
            shift_px=_two(np.median(shifts, axis=0)) if shifts else None,
            answered=float(self._counts[0] / self._counts[1]) if self._counts[1] else 0.0,
            within_sigma=float(calibration.mean()) if calibration.size else None,
            standing_out=self._standing_out(),
            detections=tuple(detect(size, self.level(size), found) for size, found in self._bodies.items()),
        )

    def _shift(self, window: int) -> np.ndarray:
        """Shift of still ground in a window: a misregistration is no error of the method's."""
        return self._shifts.get(window, np.zeros(2))

    def _count(self, found: Answer) -> None:
        self._counts += np.count_nonzero(found.answered), np.count_nonzero(found.data)

    def _calibrate(self, found: Answer, error: np.ndarray) -> None:
        use = found.answered[_THIN]
        self._calibration.append((np.abs(error[_THIN]) < found.sigma[_THIN])[:, use].ravel())

    def _standing_out(self) -> float | None:
        """Share of places that stand out from the rest of the still ground."""
        sizes = [size for size, found in self._still.items() if len(found) >= 20]
        if not sizes:
            return None
        readings = np.array(self._still[min(sizes, key=lambda size: abs(size - 60))])
        scatter = _MAD_TO_SIGMA * np.median(np.abs(readings - np.median(readings, axis=0)))
        return float(np.mean(np.hypot(*readings.T) > _STANDS_OUT * max(scatter, 1e-3)))


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts, axis=1) if parts else np.empty((2, 0))


def _two(values: np.ndarray) -> tuple[float, float]:
    return float(values[0]), float(values[1])
