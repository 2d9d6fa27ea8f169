"""What is measured: a case makes a scene whose answer is known and judges an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from deepot_qgis.engine import warp
from deepot_qgis.engine.estimate import Estimate, Estimator


@dataclass(frozen=True)
class Scene:
    """Two amplitude images, 0 where there is no data, and the motion between them.

    Attributes
    ----------
    reference, secondary : (H, W) float32
    truth : (2, H, W) float32
        dx, dy in pixels on the reference's grid.
    """

    reference: np.ndarray
    secondary: np.ndarray
    truth: np.ndarray


class Case(Protocol):
    """One pair of a set."""

    @property
    def key(self) -> str:
        """Stable name, unique among all cases."""

    def scene(self) -> Scene:
        """The pair; the same at every call."""

    def measure(self, scene: Scene, estimate: Estimate, tells_sigma: bool) -> dict:
        """Judge an answer; what is returned can be written as JSON."""


def answer(estimator: Estimator, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
    """An estimator's answer for a whole image: padded to its tile multiple, every pixel answered.

    A pixel that the estimator leaves out (NaN) counts as the nearest that it answers, without the word of sigma.
    """
    height, width = reference.shape
    multiple = estimator.tile_multiple
    padding = (0, -height % multiple), (0, -width % multiple)
    images = [np.ascontiguousarray(np.pad(image, padding), np.float32) for image in (reference, secondary)]
    estimate = estimator.estimate(*images)
    offset, sigma = estimate.offset[:, :height, :width], estimate.sigma[:height, :width]
    known = np.isfinite(offset).all(0)
    if not known.any():
        return Estimate(np.zeros_like(offset), np.full_like(sigma, estimator.max_offset_px))
    if not known.all():
        offset = np.stack([warp.fill_invalid(band, known) for band in offset])
        sigma = np.where(known, sigma, np.float32(estimator.max_offset_px))
    return Estimate(offset, sigma)


def tells_sigma(estimator: Estimator) -> bool:
    """Whether the estimator's sigma is its own word (the peers have none)."""
    return getattr(estimator, "tells_sigma", True)
