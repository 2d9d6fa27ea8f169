"""A network put to the test with motion that is known: does it run, and do its axes and signs mean what they should?"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .. import synthetic
from .estimator import NetworkEstimator

_SIDE_PX = 256
_SPEED_SIDE_PX = 512
_SPEED_TILES = 2  # for each worker
_LARGEST_MOTION_PX = 2.0
_COHERENCE, _LOOKS = 0.95, 4
#: An answer within this share of the motion's length of what was asked is taken for it.
_CLOSE = 0.3

#: What an answer may mean, as factors of (dx, dy) or of (dy, dx), and how to mend the metadata.
_MISTAKES = (
    ("xy", (-1, -1), "both signs are the other ones: turn both of 'offset_sign'"),
    ("xy", (-1, 1), "x has the other sign: turn the first of 'offset_sign'"),
    ("xy", (1, -1), "y has the other sign: turn the second of 'offset_sign'"),
    ("yx", (1, 1), "x and y are exchanged: change 'offset_order'"),
    (
        "yx",
        (-1, -1),
        "x and y are exchanged and both signs are the other ones: change 'offset_order' and 'offset_sign'",
    ),
    ("yx", (-1, 1), "x and y are exchanged and one sign is the other one: change 'offset_order' and 'offset_sign'"),
    ("yx", (1, -1), "x and y are exchanged and one sign is the other one: change 'offset_order' and 'offset_sign'"),
)


@dataclass(frozen=True)
class Trial:
    """What a network answered to a motion that is known.

    Attributes
    ----------
    asked, answered : tuple of float
        dx, dy in pixels; of the answers the median.
    sigma : float
        Median of what it says of its error, pixels.
    """

    asked: tuple[float, float]
    answered: tuple[float, float]
    sigma: float

    @property
    def fits(self) -> bool:
        """Whether the answer is the motion."""
        return self._misses(self.asked) < _CLOSE

    def verdict(self) -> str:
        """What the answer says of the network, as a sentence."""
        said = (
            f"A known motion of ({self.asked[0]:.2f}, {self.asked[1]:.2f}) px is answered with "
            f"({self.answered[0]:.2f}, {self.answered[1]:.2f}) px"
        )
        if self.fits:
            return f"{said}: axes and signs fit."
        if np.hypot(*self.answered) < _CLOSE * np.hypot(*self.asked):
            return f"{said}: it sees next to nothing of it, or 'offset_scale' is too small."
        for order, factors, mend in _MISTAKES:
            meant = self.asked if order == "xy" else self.asked[::-1]
            if self._misses(tuple(f * part for f, part in zip(factors, meant))) < _CLOSE:
                return f"{said}: {mend}."
        ratio = np.dot(self.answered, self.asked) / np.dot(self.asked, self.asked)
        if ratio > 0 and self._misses(tuple(ratio * part for part in self.asked)) < _CLOSE * ratio:
            return f"{said}, {ratio:.2f} times as much: correct 'offset_scale', or do not trust its lengths."
        return f"{said}: it does not measure this motion; is 'input_scaling' what it was trained with?"

    def _misses(self, meant: tuple[float, ...]) -> float:
        """How far the answer lies from a motion, as a share of the motion that was asked for."""
        return float(np.hypot(*np.subtract(self.answered, meant)) / np.hypot(*self.asked))


def known_motion(network: NetworkEstimator) -> Trial:
    """Move rough ground under speckle by a known offset and ask the network.

    Simulated speckle is not the imagery that a network was trained with: a good network may miss the length, but not
    the axes.

    Raises
    ------
    ModelError
        The network fails, or its answer has the wrong shape.
    """
    multiple = network.tile_multiple
    side = network.tile_px or -(-_SIDE_PX // multiple) * multiple
    reach = min(_LARGEST_MOTION_PX, 0.75 * network.max_offset_px)
    asked = reach, -0.4 * reach
    rng = np.random.default_rng(1)
    ground = np.exp(synthetic.fractal((side, side), 0.4, 2.5, rng)[0]).astype(np.float32)
    field = synthetic.constant((side, side), *asked)
    pair = synthetic.speckle_pair(ground, field, _COHERENCE, _LOOKS, rng)
    estimate = network.estimate(*pair)
    inner = np.s_[..., side // 8 : -(side // 8), side // 8 : -(side // 8)]
    dx, dy = np.median(estimate.offset[inner], axis=(1, 2))
    return Trial(asked, (float(dx), float(dy)), float(np.median(estimate.sigma[inner])))


def speed(network: NetworkEstimator) -> float:
    """Megapixels a second, context of tiles included, as a measurement runs the network: several tiles at once.

    Raises
    ------
    ModelError
        The network fails.
    """
    side = network.tile_px or -(-_SPEED_SIDE_PX // network.tile_multiple) * network.tile_multiple
    image = np.random.default_rng(1).gamma(1.0, 1.0, (side, side)).astype(np.float32)
    tiles = _SPEED_TILES * network.workers
    network.estimate(image, image)  # the first call takes longer than all others
    with ThreadPoolExecutor(network.workers) as pool:
        started = time.monotonic()
        list(pool.map(lambda _: network.estimate(image, image), range(tiles)))
        seconds = time.monotonic() - started
    return tiles * side * side / 1e6 / seconds
