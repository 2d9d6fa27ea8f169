"""Error against coherence, against the size of the motion, and against the Cramer-Rao bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy import measures
from benchmarks.accuracy.case import Scene
from benchmarks.accuracy.fixed_set import REGIMES, SEED, Field, lobe_field
from benchmarks.accuracy.grounds import held_out_ground
from deepot_qgis.engine import synthetic
from deepot_qgis.engine.estimate import Estimate

SWEEP_SIZE = 256
COHERENCES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
MOTIONS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 7.0, 12.0)
WIDTH = 60  # px, of the body in both sweeps
MOTION_REGIME = 0.7, 4
SHIFTS = (0.1, 0.25, 0.4, 0.5)  # px; along both axes, with opposite signs
EDGE_PX = 48  # the bound is asked only where no window reaches the edge of the image
SENSOR = synthetic.Sensor()  # what simulated the pairs
WINDOW_PX = 64  # N counts the samples of a window of this side


@dataclass(frozen=True)
class LobeCase:
    """A lobe on held-out ground that moves by `motion` px, at a coherence and a number of looks."""

    sweep: str
    coherence: float
    looks: int
    motion: float

    def field(self) -> Field:
        """The body."""
        return lobe_field(SWEEP_SIZE, WIDTH, self.motion)

    @property
    def key(self) -> str:
        """Stable name."""
        return f"sweep/{self.sweep}/{self.coherence:g}/{self.looks}/{self.motion:g}"

    def scene(self) -> Scene:
        """One ground and one set of speckle along a sweep: only what is swept differs."""
        rng = np.random.default_rng([SEED, 1000])
        ground, _ = held_out_ground(SWEEP_SIZE, rng)
        offset = self.field().offset
        reference, secondary = synthetic.speckle_pair(ground, offset, self.coherence, self.looks, rng)
        return Scene(reference, secondary, offset)

    def measure(self, scene: Scene, estimate: Estimate, tells_sigma: bool) -> dict:
        """Errors by place."""
        return measures.errors(estimate, self.field(), scene.reference > 0)


def coherence_cases() -> Iterator[LobeCase]:
    """From hopeless to nearly perfect, single look, 2 px of motion."""
    for coherence in COHERENCES:
        yield LobeCase("coherence", coherence, 1, 2.0)


def motion_cases() -> Iterator[LobeCase]:
    """From a twentieth of a pixel to many."""
    for motion in MOTIONS:
        yield LobeCase("motion", *MOTION_REGIME, motion)


@dataclass(frozen=True)
class ShiftCase:
    """Pure speckle without texture that moves as a whole: the setting of the bound."""

    regime: str
    shift: float

    @property
    def key(self) -> str:
        """Stable name."""
        return f"bound/{self.regime}/{self.shift:g}"

    def scene(self) -> Scene:
        """Speckle of the default sensor."""
        coherence, looks = REGIMES[self.regime]
        rng = np.random.default_rng([SEED, 2000, list(REGIMES).index(self.regime), SHIFTS.index(self.shift)])
        shape = SWEEP_SIZE, SWEEP_SIZE
        offset = synthetic.constant(shape, self.shift, -self.shift)
        reference, secondary = synthetic.speckle_pair(np.ones(shape, np.float32), offset, coherence, looks, rng)
        return Scene(reference, secondary, offset)

    def measure(self, scene: Scene, estimate: Estimate, tells_sigma: bool) -> dict:
        """Root mean square and mean error of a component, away from the edges."""
        inner = np.s_[:, EDGE_PX:-EDGE_PX, EDGE_PX:-EDGE_PX]
        error = (estimate.offset - scene.truth)[inner]
        return {"rms": float(np.sqrt(np.mean(error**2))), "bias": float(np.sqrt(np.mean(error.mean((1, 2)) ** 2)))}


def shift_cases() -> Iterator[ShiftCase]:
    """Every regime and shift."""
    for regime in REGIMES:
        for shift in SHIFTS:
            yield ShiftCase(regime, shift)


@dataclass(frozen=True)
class Band:
    """What the sensor's band means for the bound.

    Attributes
    ----------
    density : float
        Independent samples a pixel.
    spread : float
        Bandwidth (share of the sampling frequency) of the flat spectrum of the same rms width, along an axis.
    """

    density: float
    spread: float


def band(sensor: synthetic.Sensor = SENSOR) -> Band:
    """Band of a sensor whose two axes are alike."""
    frequency = np.linspace(-0.5, 0.5, 20001)
    width = sensor.bandwidth_x
    inside = np.abs(frequency) <= width / 2
    response = np.where(inside, sensor.taper + (1 - sensor.taper) * np.cos(2 * np.pi * frequency / width), 0)
    power = response**2
    density = power.mean() ** 2 / (power**2).mean()
    spread = np.sqrt(12 * (frequency**2 * power).sum() / power.sum())
    return Band(float(density**2), float(spread))


def cramer_rao(samples: float, coherence: float, spread: float = 1.0) -> float:
    """Smallest error of one component, px, of a shift found from complex coherent speckle.

    ``sqrt(3 / (2 N)) sqrt(1 - g^2) / (pi g)`` resolution cells (Bamler and Eineder 2005); a cell is 1 / `spread` px.

    Parameters
    ----------
    samples : float
        N, independent samples.
    coherence : float
        g, 0 to 1.
    """
    return float(np.sqrt(3 / (2 * samples)) * np.sqrt(1 - coherence**2) / (np.pi * coherence) / spread)


def regime_bound(regime: str, window_px: float = WINDOW_PX, sensor: synthetic.Sensor = SENSOR) -> float:
    """The bound at a regime of the fixed set with the samples of a square window: its pixels, their density, looks."""
    coherence, looks = REGIMES[regime]
    noise = 10 ** (sensor.noise_db / 10)
    seen = band(sensor)
    # thermal noise of both dates lowers the coherence of what is seen
    return cramer_rao(window_px**2 * seen.density * looks, coherence / (1 + noise), seen.spread)


def equivalent_window(rms: float, regime: str) -> float:
    """Side of the window, px, with whose samples an estimator at the bound would err as much."""
    return WINDOW_PX * regime_bound(regime) / max(rms, 1e-9)
