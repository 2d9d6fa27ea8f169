"""What a network says of its own error, made true: a monotone map of log sigma fitted to held-out pairs.

Sigma promises that 68.27 % of the components err less than it. A straight line in log sigma cannot keep that from the
quietest ground to the places where nothing is known; a monotone, piecewise linear one can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.dataset import PairCache

WITHIN = 0.6827  # share of a normal distribution within one sigma
BORDER_PX = 16  # of a pair, left out: a tile of a real image has context there
EVERY = 7  # pixel of a pair, in both directions: neighbours say the same
FLOOR = 1e-4  # px
# edges of the bins that are fitted, as shares of all components: finer at both ends
SHARES = (0, 0.01, 0.05, 0.13, 0.25, 0.4, 0.55, 0.7, 0.82, 0.91, 0.97, 0.993, 1)
LEAST = 200  # components in a bin
STRAIGHT = 0.015  # a knot this near to the line between its neighbours (natural logarithm) is not needed


@dataclass(frozen=True)
class Calibration:
    """Knots of the map: straight lines between them, constant below the first, slope 1 above the last.

    Attributes
    ----------
    raw, said : tuple of float, ascending
        Log sigma of the network, and what it should have said.
    """

    raw: tuple[float, ...]
    said: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.raw) != len(self.said) or not self.raw:
            raise ValueError("A calibration needs as many answers as knots, and at least one.")
        if np.any(np.diff(self.raw) <= 0) or np.any(np.diff(self.said) < 0):
            raise ValueError("The knots of a calibration must rise.")

    def facts(self) -> dict[str, list[float]]:
        """The knots for a file's metadata, from which ``Calibration(**facts)`` is the same map."""
        return {"raw": list(self.raw), "said": list(self.said)}

    def __call__(self, log_sigma: NDArray) -> NDArray:
        """The map, in numpy."""
        above = np.maximum(log_sigma - self.raw[-1], 0)
        return np.interp(log_sigma, self.raw, self.said) + above


class Calibrated(nn.Module):
    """A network whose log sigma goes through a calibration; what is exported.

    The map is a sum of clipped ramps: plain operators, a few elementwise passes.
    """

    def __init__(self, network: nn.Module, calibration: Calibration):
        super().__init__()
        self.network, self.calibration = network, calibration
        self.eval()

    def forward(self, reference: Tensor, secondary: Tensor, *context: Tensor) -> tuple[Tensor, Tensor]:
        """Offset and calibrated log sigma under the model contract; `context` where the network takes it."""
        _, offset, log_sigma = self.network.stages(reference, secondary, *context)
        raw, said = self.calibration.raw, self.calibration.said
        answer = log_sigma.clamp(min=raw[-1]) + (said[0] - raw[-1])
        for low, high, first, last in zip(raw, raw[1:], said, said[1:]):
            slope = (last - first) / (high - low)
            answer = answer + slope * log_sigma.clamp(low, high) - slope * low
        return offset, answer


def components(network: nn.Module, cache: PairCache, indices) -> tuple[NDArray, NDArray]:
    """Raw log sigma and absolute error of the components of held-out pairs, two flat arrays."""
    inner = slice(BORDER_PX, -BORDER_PX or None)
    raw, error = [], []
    with torch.no_grad():
        for index in indices:
            images, truth = cache.batch([index])
            _, offset, log_sigma = network.stages(images[:, :1], images[:, 1:])
            difference = (offset - truth).abs()[0, :, inner, inner]
            keep = ((images > 0).all(1)[0, inner, inner]).numpy()
            for component in difference.numpy():
                raw.append(log_sigma[0, 0, inner, inner].numpy()[keep][::EVERY])
                error.append(component[keep][::EVERY])
    return np.concatenate(raw), np.concatenate(error)


def _rising(values: NDArray, weights: NDArray) -> NDArray:
    """Nearest values (weighted least squares) that never fall: pool adjacent violators."""
    blocks: list[list[float]] = []  # value, weight, length
    for value, weight in zip(values, weights):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value, weight, length = blocks.pop()
            before = blocks[-1]
            total = before[1] + weight
            blocks[-1] = [(before[0] * before[1] + value * weight) / total, total, before[2] + length]
    return np.concatenate([np.full(int(length), value) for value, _, length in blocks])


def _needed(raw: NDArray, said: NDArray) -> NDArray:
    """Indices of the knots that a line through their neighbours would miss."""
    kept = list(range(len(raw)))
    while len(kept) > 2:
        misses = [
            abs(np.interp(raw[b], [raw[a], raw[c]], [said[a], said[c]]) - said[b])
            for a, b, c in zip(kept, kept[1:], kept[2:])
        ]
        if min(misses) > STRAIGHT:
            break
        kept.pop(1 + int(np.argmin(misses)))
    return np.array(kept)


def fit(raw: NDArray, error: NDArray) -> Calibration:
    """Calibration of components: in bins of raw log sigma, the shift after which `WITHIN` of them err less.

    Parameters
    ----------
    raw : (P,) array
        Log sigma as the network says it.
    error : (P,) array, px
        Absolute error of the same components.
    """
    edges = np.unique(np.quantile(raw, SHARES))
    number = np.clip(np.digitize(raw, edges) - 1, 0, max(len(edges) - 2, 0))
    ratio = np.log(np.maximum(error, FLOOR)) - raw
    middles, said, weights = [], [], []
    for bin_ in np.unique(number):
        inside = number == bin_
        if inside.sum() >= LEAST:
            middles.append(np.median(raw[inside]))
            said.append(middles[-1] + np.quantile(ratio[inside], WITHIN))
            weights.append(inside.sum())
    if not middles:
        raise ValueError(f"Only {raw.size} components to calibrate sigma with; give more held-out pairs.")
    knots, answers = np.array(middles), _rising(np.array(said), np.array(weights))
    distinct = np.concatenate([[True], np.diff(knots) > 1e-4])
    knots, answers = knots[distinct], answers[distinct]
    kept = _needed(knots, answers)
    return Calibration(*(tuple(float(value) for value in part[kept]) for part in (knots, answers)))


def check(log_sigma: NDArray, error: NDArray, bins: int = 10) -> list[dict]:
    """In bins of equal numbers of components: median sigma (px), and the share that errs less than its own sigma."""
    edges = np.unique(np.quantile(log_sigma, np.linspace(0, 1, bins + 1)))
    number = np.clip(np.digitize(log_sigma, edges[1:-1]), 0, max(len(edges) - 2, 0))
    within = error < np.exp(log_sigma)
    return [
        {
            "sigma": round(float(np.exp(np.median(log_sigma[number == bin_]))), 4),
            "within": round(float(within[number == bin_].mean()), 3),
        }
        for bin_ in np.unique(number)
    ]
