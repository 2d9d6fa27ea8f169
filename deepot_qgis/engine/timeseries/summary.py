"""Numbers of a time series, gathered block by block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..rasters import Grid
from ..reference import Correction
from .files import QUALITY_BANDS, SeriesBlock

#: Pixels kept for percentiles; more would not change what is printed.
_SAMPLE = 1_000_000
_KEPT = ("speed", "velocity_sigma", "last", "sigma", "closure", "pairs", "redundancy", "components")


class Summary:
    """Gathers a regular sample of pixels.

    Parameters
    ----------
    grid : Grid
    """

    def __init__(self, grid: Grid):
        self._step = max(1, int(np.sqrt(grid.width * grid.height / _SAMPLE)))
        self._sample: list[np.ndarray] = []
        self._pixels = 0

    def add(self, block: SeriesBlock) -> None:
        """Take in a block."""
        thin = np.s_[:: self._step, :: self._step]
        velocity, quality = block.velocity, block.quality
        assert velocity is not None
        assert quality is not None
        band = {name: quality[number] for number, name in enumerate(QUALITY_BANDS)}
        planes = {
            "speed": velocity[2],
            "velocity_sigma": velocity[4],
            "last": np.hypot(block.east[-1], block.north[-1]),
            "sigma": block.sigma[-1],
            **{name: band[name] for name in ("closure", "pairs", "redundancy", "components")},
        }
        sample = np.stack([planes[name][thin] for name in _KEPT]).reshape(len(_KEPT), -1)
        self._pixels += sample.shape[1]
        self._sample.append(sample[:, sample[_KEPT.index("pairs")] > 0])

    def numbers(self, corrections: Sequence[Correction]) -> dict[str, Any]:
        """Numbers of the series.

        Returns
        -------
        dict
            ``known``: share of pixels with a history; ``split``: share of these whose dates fall into unlinked parts;
            medians of ``speed``, ``velocity_sigma`` (unit a year), ``displacement`` and ``sigma`` at the last date,
            ``closure``, ``pairs`` and ``redundancy``; ``p95_speed``; ``stable_spread``: median over the pairs of the
            robust spread on stable ground. None where there is none.
        """
        found = dict(zip(_KEPT, np.concatenate(self._sample, axis=1))) if self._sample else {}

        def median(name: str) -> float | None:
            values = found[name][np.isfinite(found[name])] if found else np.empty(0)
            return float(np.median(values)) if values.size else None

        speed = found["speed"][np.isfinite(found["speed"])] if found else np.empty(0)
        spread = [one.spread for one in corrections if np.isfinite(one.spread)]
        known = len(found["pairs"]) if found else 0
        return {
            "known": known / self._pixels if self._pixels else 0.0,
            "split": float(np.mean(found["components"] > 1)) if known else 0.0,
            "speed": median("speed"),
            "p95_speed": float(np.percentile(speed, 95)) if speed.size else None,
            "velocity_sigma": median("velocity_sigma"),
            "displacement": median("last"),
            "sigma": median("sigma"),
            "closure": median("closure"),
            "pairs": median("pairs"),
            "redundancy": median("redundancy"),
            "stable_spread": float(np.median(spread)) if spread else None,
        }
