"""Pack the ground that training pairs are made of into one compact file, for machines that do not see the imagery.

``python -m training.pack --out runs/ground.npz``. The file holds tiles of training images only, never of held-out ones,
8 bits a value, and is all that `training.simulate` needs.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from deepot_qgis.engine.synthetic import reflectivity
from training import sources

TILE = 256
LARGEST_MB = 50


@dataclass(frozen=True)
class Tiles:
    """Positive images as 8-bit counts of their logarithm.

    Attributes
    ----------
    counts : (N, 256, 256) uint8
    low, step : (N,) float32
        ``image = exp(low + step * counts)``
    """

    counts: np.ndarray
    low: np.ndarray
    step: np.ndarray

    def __len__(self) -> int:
        return len(self.counts)


@dataclass(frozen=True)
class Pack:
    """What `training.pack` writes.

    Attributes
    ----------
    ground : Tiles
        Intensity without speckle, median 1.
    grd : (N,) bool
        Ground of detected products, whose decibels per count are not known: their contrast may vary.
    picture : Tiles
        Amplitudes as they are.
    first, second : Tiles
        Amplitudes of one still place at two dates.
    shift : (N, 2) float32
        Registration dx, dy of each second tile as a whole.
    iq : (N, 256, 256, 2) int8
        Complex single-look images.
    local : Tiles
        Their intensity without speckle.
    """

    ground: Tiles
    grd: np.ndarray
    picture: Tiles
    first: Tiles
    second: Tiles
    shift: np.ndarray
    iq: np.ndarray
    local: Tiles


def quantise(images: list[np.ndarray]) -> Tiles:
    """Positive images to 8 bits each; the step is 1/255 of the range of an image's logarithm."""
    logs = np.log(np.stack(images).astype(np.float32))
    low = logs.min((1, 2))
    step = np.maximum(logs.max((1, 2)) - low, 1e-3) / 255
    counts = np.rint((logs - low[:, None, None]) / step[:, None, None]).astype(np.uint8)
    return Tiles(counts, low, step)


def _ground(count: int, rng: np.random.Generator) -> tuple[Tiles, np.ndarray]:
    images, grd = [], []
    for _ in range(count):
        crop = sources.training_crop(TILE, rng)
        images.append(sources.crop_reflectivity(crop, keep_bright=rng.random() < 0.5))
        grd.append(crop.source.startswith("grd"))
    return quantise(images), np.array(grd)


def _complex(count: int, rng: np.random.Generator) -> tuple[np.ndarray, Tiles]:
    images = [sources.complex_crop(TILE, rng) for _ in range(count)]
    local = [reflectivity(np.maximum(np.abs(image), 1e-4), window=7) for image in images]
    iq = np.stack([np.stack([image.real, image.imag], -1) for image in images])
    # 127 counts for six times the rms of a component: what is brighter saturates
    return np.clip(np.rint(iq * (127 / 6 * np.sqrt(2))), -127, 127).astype(np.int8), quantise(local)


def make(ground: int, pictures: int, repeats: int, complexes: int, seed: int) -> Pack:
    """Draw tiles of the training images.

    Raises
    ------
    FileNotFoundError
        The imagery is not there; says how to name its folder.
    """
    rng = np.random.default_rng(seed)
    tiles, grd = _ground(ground, rng)
    picture = [np.maximum(np.abs(sources.training_crop(TILE, rng).image), 1e-3) for _ in range(pictures)]
    first, second, shift = zip(*(sources.repeat_crop(TILE, rng) for _ in range(repeats)))
    iq, local = _complex(complexes, rng)
    return Pack(
        tiles, grd, quantise(picture), quantise(first), quantise(second), np.array(shift, np.float32), iq, local
    )


def save(pack: Pack, path: Path) -> None:
    """Write a pack; it appears whole or not at all."""
    arrays = {}
    for item in fields(Pack):
        value = getattr(pack, item.name)
        if isinstance(value, Tiles):
            arrays.update({f"{item.name}_{part.name}": getattr(value, part.name) for part in fields(Tiles)})
        else:
            arrays[item.name] = value
    temporary = path.with_suffix(".part")
    with open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)
    temporary.replace(path)


def load(path: Path) -> Pack:
    """Read what `save` wrote.

    Raises
    ------
    FileNotFoundError, ValueError
        The file is missing, or no pack; says what to do.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path} is not there; make it with 'python -m training.pack --out {path}'.")
    with np.load(path) as file:
        values = {}
        for item in fields(Pack):
            names = [item.name] if item.name in file.files else [f"{item.name}_{part.name}" for part in fields(Tiles)]
            if any(name not in file.files for name in names):
                raise ValueError(f"{path} holds no '{item.name}'; make it again with 'python -m training.pack'.")
            arrays = [file[name] for name in names]
            values[item.name] = arrays[0] if len(arrays) == 1 else Tiles(*arrays)
    return Pack(**values)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--ground", type=int, default=400, help="tiles without speckle")
    parser.add_argument("--pictures", type=int, default=50, help="tiles of amplitudes as they are")
    parser.add_argument("--repeats", type=int, default=40, help="tiles of still places at two dates")
    parser.add_argument("--complexes", type=int, default=50, help="complex tiles")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save(make(options.ground, options.pictures, options.repeats, options.complexes, options.seed), options.out)
    size = options.out.stat().st_size / 1e6
    print(
        f"{options.out}: {size:.0f} MB"
        + (f"; more than {LARGEST_MB} MB, take fewer tiles" if size > LARGEST_MB else "")
    )


if __name__ == "__main__":
    main()
