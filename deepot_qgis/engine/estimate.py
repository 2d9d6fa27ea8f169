"""What an offset estimator is: the one shape that a network and conventional offset tracking share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

#: Left, top, right and bottom sides of a tile that need no answer, pixels, multiples of the estimator's
#: `tile_multiple`: they are there for the sake of what they surround.
Context = tuple[int, int, int, int]
#: No context: all of a tile is answered.
WHOLE: Context = (0, 0, 0, 0)


@dataclass(frozen=True)
class Estimate:
    """The answer for one tile.

    Attributes
    ----------
    offset : numpy.ndarray
        float32 ``(2, H, W)``: dx (to the right) and dy (down) in pixels. The ground at column x, row y of the
        reference is at ``(x + dx, y + dy)`` in the secondary. Every pixel has an answer.
    sigma : numpy.ndarray
        float32 ``(H, W)``: 1-sigma error of one component, pixels. Large where there was nothing to match.
    """

    offset: np.ndarray
    sigma: np.ndarray


class Estimator(Protocol):
    """Measures the offset between two amplitude tiles.

    What it says of itself are properties here, so that a class may answer by constants or compute them. It may have
    besides:

    - ``bytes_px``: memory that a tile takes while it is measured, bytes a pixel; `memory` assumes much where it is not
      said. ``bytes_read_px``: the same of a tile whose context is left out as early as can be; ``rim_px`` of it stay to
      the end.
    - ``estimate_within(reference, secondary, context)``: what `within` answers, in less time than `estimate`.
    """

    @property
    def name(self) -> str:
        """What measured: the model's name, or ``correlation``."""

    @property
    def margin_px(self) -> int:
        """Context a tile needs on each side before its answer equals that of the whole image."""

    @property
    def tile_multiple(self) -> int:
        """Tile origins and sizes are multiples of this."""

    @property
    def max_offset_px(self) -> float:
        """Larger offsets cannot be seen."""

    @property
    def tile_px(self) -> int | None:
        """Side of the tiles that it is made for; None where any size will do."""

    @property
    def overlap_px(self) -> int:
        """Pixels over which neighbouring tiles are blended."""

    @property
    def workers(self) -> int:
        """Tiles that it can measure at once, each in a thread of its own."""

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile.

        Parameters
        ----------
        reference, secondary : numpy.ndarray
            float32 ``(H, W)`` linear amplitude at any scale; invalid pixels are 0. H and W are multiples of
            `tile_multiple`.
        """


def within(estimator: Estimator, reference: np.ndarray, secondary: np.ndarray, context: Context) -> Estimate:
    """Measure one tile but for its context.

    Parameters
    ----------
    estimator : Estimator
    reference, secondary : numpy.ndarray
        See `Estimator.estimate`.
    context : tuple of int

    Returns
    -------
    Estimate
        Of what the context surrounds, in arrays that hold nothing else.
    """
    narrow = getattr(estimator, "estimate_within", None)
    if narrow is not None:
        return narrow(reference, secondary, context)
    return cut(estimator.estimate(reference, secondary), context)


def cut(estimate: Estimate, context: Context) -> Estimate:
    """An answer without its context; copies, which do not keep the whole of it in memory."""
    if not any(context):
        return estimate
    left, top, right, bottom = context
    height, width = estimate.sigma.shape
    part = np.s_[..., top : height - bottom, left : width - right]
    return Estimate(estimate.offset[part].copy(), estimate.sigma[part].copy())
