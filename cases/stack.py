"""A stack of dates of one ground that moves: speckle that fades, at places that change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Callable

import numpy as np

from cases.decorrelation import Chain, Decorrelation
from cases.imaging import Ground, Imager, sensor_like
from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.synthetic import Sensor

#: Offset (dx, dy) of every scatterer at a date since the first, px.
Motion = Callable[[int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class StackOptions:
    """How the dates of a stack look.

    Attributes
    ----------
    shape : (height, width)
    days : tuple of float
        Time of each date, days since the first, increasing.
    law : Decorrelation
        Of every scatterer.
    kept : tuple
        Each date's share of the coherences it takes part in, 0 to 1: numbers, or arrays with one for each scatterer;
        empty for all of it.
    looks : int
        Independent looks averaged in intensity.
    sensor : Sensor
    seed : int
    """

    shape: tuple[int, int]
    days: tuple[float, ...]
    law: Decorrelation
    kept: tuple = ()
    looks: int = 1
    sensor: Sensor = field(default_factory=sensor_like)
    seed: int = 1

    def __post_init__(self) -> None:
        if len(self.days) < 2 or any(later <= earlier for earlier, later in zip(self.days, self.days[1:])):
            raise OptionsError("A stack needs two dates at least, each later than the one before.")
        if self.kept and len(self.kept) != len(self.days):
            raise OptionsError("Give one kept share of coherence for each date.")
        if self.looks < 1:
            raise OptionsError(f"The looks are {self.looks}; at least one is needed.")


def images(
    ground: Ground, motion: Motion, options: StackOptions, power: Callable[[int], np.ndarray] | None = None
) -> Iterator[np.ndarray]:
    """Amplitude images of all dates, float32 (H, W), one after the other.

    Displacement counts from the first date for every scatterer, so that it accumulates without resampling.

    Parameters
    ----------
    ground : Ground
    motion : callable
        Called with the number of each date.
    options : StackOptions
    power : callable, optional
        Power of the scatterers at each date where it changes; default: the ground's.
    """
    rng = np.random.default_rng(options.seed)
    imager = Imager(options.shape, options.sensor)
    chains = [Chain(options.law, ground.x.size, rng) for _ in range(options.looks)]
    # power a pixel, from the power of scatterers that may crowd on it
    noise = float(np.median(ground.power) * ground.power.size / _area(ground)) * 10 ** (options.sensor.noise_db / 10)
    kept: Sequence = options.kept or (1.0,) * len(options.days)
    for number, (day, share) in enumerate(zip(options.days, kept)):
        dx, dy = motion(number)
        root = np.sqrt(ground.power if power is None else power(number))
        values = np.stack([root * chain.at(day, share) for chain in chains])
        yield imager.amplitude(ground.x + dx, ground.y + dy, values, rng, noise)


def _area(ground: Ground) -> float:
    return float(np.ptp(ground.x) * np.ptp(ground.y))
