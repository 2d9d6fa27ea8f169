"""What is drawn for a training pair before anything is computed: cheap, on the CPU, the same on every machine.

The distributions are those of `training.scenes` and `training.generate`; `training.simulate` does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepot_qgis.engine.synthetic import Sensor
from training import scenes
from training.generate import KINDS
from training.pack import TILE, Pack


@dataclass(frozen=True)
class Patch:
    """Ground that is not coherent: its share of the image, roughness, coherence, and what lies there."""

    share: float
    exponent: float
    coherence: float
    what: str  # water, changed, speckle
    level: float  # of water against the darkest tenth; of changed ground against what was there


@dataclass(frozen=True)
class Hole:
    """Where there is no image: patches, or beyond a straight edge (`angle` not None)."""

    share: float
    exponent: float
    angle: float | None
    distance: float  # of the edge from the middle, in sides of the image
    in_reference: bool


@dataclass(frozen=True)
class Finish:
    """Radiometry and product format."""

    change: float  # rms of the radiometric change of the secondary, natural logarithm; 0 none
    power: float
    encoding: str  # "", decibel, linear
    quantiles: tuple[float, float]  # that become the first and the last count
    gains: tuple[float, float]
    hole: Hole | None


@dataclass(frozen=True)
class Recipe:
    """A pair but for its noise.

    Attributes
    ----------
    offset : (2, S, S) float32
    tile, row, column : int
        Where the ground comes from in the pack's tiles of this kind.
    contrast : float
        Power of the reflectivity; 0 for pure speckle.
    shift : (dx, dy)
        Sub-pixel position of a resampled picture's grid.
    """

    kind: str
    family: str
    offset: np.ndarray
    tile: int
    row: int
    column: int
    contrast: float
    coherence: float
    looks: float
    sensor: Sensor
    patch: Patch | None
    scatterers: float  # per pixel
    blinking: float  # per pixel
    blink_after: bool
    axis: int  # of the sub-bands
    shift: tuple[float, float]
    finish: Finish


def _patch(rng: np.random.Generator) -> Patch:
    coherence = 0.0 if rng.random() < 0.7 else rng.uniform(0, 0.3)
    what = str(rng.choice(["water", "changed", "speckle"]))
    level = rng.uniform(0.1, 1) if what == "water" else rng.uniform(0.3, 3)
    return Patch(scenes.log_uniform(rng, 0.03, 0.5), rng.uniform(3, 4.5), coherence, what, level)


def _hole(rng: np.random.Generator) -> Hole:
    edge = rng.random() < 0.5
    return Hole(
        share=scenes.log_uniform(rng, 0.02, 0.4),
        exponent=rng.uniform(3, 4.5),
        angle=rng.uniform(0, 2 * np.pi) if edge else None,
        distance=rng.uniform(0, 0.5),
        in_reference=rng.random() < 0.8,
    )


def _finish(rng: np.random.Generator) -> Finish:
    roll = rng.random()
    encoding = "decibel" if roll < 0.12 else "linear" if roll < 0.2 else ""
    quantiles = (rng.uniform(0, 0.01), rng.uniform(0.99, 1)) if encoding == "decibel" else (0, rng.uniform(0.97, 0.999))
    return Finish(
        change=rng.uniform(0.05, 0.3) if rng.random() < 0.3 else 0.0,
        power=float(rng.choice([0.5, 2.0])) if rng.random() < 0.15 else 1.0,
        encoding=encoding,
        quantiles=quantiles,
        gains=(scenes.log_uniform(rng, 0.5, 2), scenes.log_uniform(rng, 0.5, 2)),
        hole=_hole(rng) if rng.random() < 0.15 else None,
    )


def _contrast(pack: Pack, tile: int, rng: np.random.Generator) -> float:
    if rng.random() < 0.1:
        return 0.0  # nothing but grains to follow
    return rng.uniform(0.75, 1.35) if pack.grd[tile] else 1.0


def draw(pack: Pack, size: int, rng: np.random.Generator) -> Recipe:
    """Recipe of one pair of `size` px."""
    offset, family = scenes.random_field((size, size), rng)
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    tiles = {"simulated": pack.ground, "picture": pack.picture, "repeat": pack.first}.get(kind, pack.local)
    tile = int(rng.integers(len(tiles)))
    coherence = rng.uniform(0.75, 0.98) if rng.random() < 0.25 else rng.uniform(0.3, 0.99)
    looks = float(rng.choice([1, 2, 3, 4], p=[0.5, 0.12, 0.08, 0.3]))
    if kind == "real speckle":
        coherence, looks = rng.uniform(0.4, 0.98), 1.0
    if kind == "picture":
        looks = scenes.log_uniform(rng, 2, 40)
    return Recipe(
        kind=kind,
        family=family,
        offset=offset,
        tile=tile,
        row=int(rng.integers(0, TILE - size + 1)),
        column=int(rng.integers(0, TILE - size + 1)),
        contrast=_contrast(pack, tile, rng) if kind == "simulated" else 1.0,
        coherence=coherence,
        looks=looks,
        sensor=scenes.random_sensor(rng),
        patch=_patch(rng) if rng.random() < 0.33 else None,
        scatterers=scenes.log_uniform(rng, 1e-4, 5e-3) if rng.random() < 0.4 else 0.0,
        blinking=scenes.log_uniform(rng, 1e-4, 3e-3) if rng.random() < 0.25 else 0.0,
        blink_after=rng.random() < 0.5,
        axis=int(rng.integers(2)),
        shift=tuple(rng.uniform(-0.5, 0.5, 2)),
        finish=_finish(rng),
    )


def draw_batch(pack: Pack, size: int, seed: int, step: int, count: int) -> list[Recipe]:
    """Recipes of a training step."""
    rng = np.random.default_rng([seed, step])
    return [draw(pack, size, rng) for _ in range(count)]
