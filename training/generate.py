"""Generate training pairs from real images and cache them on disk.

``python -m training.generate --out runs/pairs --count 10000``. The pair of index i depends on the seed and i alone,
so a run that stops is continued by the same command, and a longer one starts with the same pairs.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from deepot_qgis.engine import synthetic, warp
from training import scenes, sources

SHARD = 100
OFFSET_SCALE = 1024.0  # offsets are stored as int16 in units of 1/1024 px: +-32 px


def _sub_band_looks(image: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two non-overlapping halves of a complex image's spectrum: one ground, two independent real speckles."""
    axis = int(rng.integers(2))
    spectrum = np.fft.fft2(image)
    power = np.abs(spectrum).mean(1 - axis)
    size = power.size
    # the signal's centre of gravity on the circle of frequencies splits it evenly
    angle = np.angle((power * np.exp(2j * np.pi * np.arange(size) / size)).sum())
    distance = (np.arange(size) - angle / (2 * np.pi) * size + size / 2) % size - size / 2
    looks = []
    for half in (distance < 0, distance >= 0):
        mask = half[:, None] if axis == 0 else half[None, :]
        looks.append(np.fft.ifft2(spectrum * mask))
    return looks[0], looks[1]


def _real_speckle_pair(size: int, offset: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Complex image whose own speckle moves with the ground and decorrelates into simulated noise."""
    image = sources.complex_crop(size, rng)
    coherence = rng.uniform(0.4, 0.98)
    position, _ = warp.inverse_map(offset)
    moved = warp.sample(image, position[0], position[1])
    local = np.sqrt(synthetic.reflectivity(np.maximum(np.abs(image), 1e-4), window=7))
    _, grain = synthetic.speckle_pair(np.ones((size, size), np.float32), offset * 0, 0.0, 1, rng)
    phase = np.exp(2j * np.pi * rng.random((size, size)))
    later = coherence * moved + np.sqrt(1 - coherence**2) * local * grain * phase
    return np.abs(image), np.abs(later)


def _sub_band_pair(size: int, offset: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    first, second = _sub_band_looks(sources.complex_crop(size, rng), rng)
    if np.any(offset):
        second = synthetic.move(second, offset)
    return np.abs(first), np.abs(second)


def _moved_picture(size: int, offset: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Real amplitude moved as it is, with fresh multiplicative noise; both sides interpolated alike."""
    amplitude = np.maximum(np.abs(sources.training_crop(size, rng).image), 1e-3)
    position, _ = warp.inverse_map(offset)
    x, y = warp.pixel_grid(amplitude.shape)
    dx, dy = rng.uniform(-0.5, 0.5, 2)
    reference = np.maximum(warp.sample(amplitude, x + dx, y + dy), 1e-3)
    secondary = np.maximum(warp.sample(amplitude, position[0] + dx, position[1] + dy), 1e-3)
    looks = scenes.log_uniform(rng, 2, 40)
    return (reference * np.sqrt(rng.gamma(looks, 1 / looks, amplitude.shape)),
            secondary * np.sqrt(rng.gamma(looks, 1 / looks, amplitude.shape)))  # fmt: skip


def _repeat_pair(size: int, offset: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two real dates of still ground, registered, the second moved; both sides interpolated alike."""
    first, second, shift = sources.repeat_crop(size, rng)
    position, _ = warp.inverse_map(offset)
    x, y = warp.pixel_grid(first.shape)
    dx, dy = rng.uniform(-0.5, 0.5, 2)
    reference = warp.sample(first, x + dx, y + dy)
    secondary = warp.sample(second, position[0] + dx + shift[0], position[1] + dy + shift[1])
    return np.maximum(reference, 1e-3), np.maximum(secondary, 1e-3)


KINDS = {"simulated": 0.66, "real speckle": 0.08, "sub-bands": 0.08, "picture": 0.06, "repeat": 0.12}


def make_pair(index: int, size: int, seed: int, held_out: bool = False) -> dict:
    """The pair of an index: reference and secondary float32 (S, S), offset (2, S, S), and how it was made."""
    rng = np.random.default_rng([seed, index, int(held_out)])
    offset, family = scenes.random_field((size, size), rng)
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    if held_out or kind == "simulated":
        crop = sources.held_out_crop(size, rng) if held_out else sources.training_crop(size, rng)
        intensity = sources.crop_reflectivity(crop, keep_bright=rng.random() < 0.5)
        if rng.random() < 0.1:
            intensity = np.ones_like(intensity)  # pure speckle: nothing but grains to follow
        made = scenes.random_pair(intensity, offset, rng)
        pair = made["reference"], made["secondary"]
    elif kind == "real speckle":
        pair = _real_speckle_pair(size, offset, rng)
    elif kind == "sub-bands":
        pair = _sub_band_pair(size, offset, rng)
    elif kind == "repeat":
        pair = _repeat_pair(size, offset, rng)
    else:
        pair = _moved_picture(size, offset, rng)
    reference, secondary = scenes.degrade(*pair, rng)
    return {"reference": reference, "secondary": secondary, "offset": offset, "family": family, "kind": kind}


def write_shard(path: Path, indices: range, size: int, seed: int, held_out: bool) -> None:
    """One file of pairs: images float16 (n, 2, S, S), offsets int16 (n, 2, S, S); appears complete or not at all."""
    pairs = [make_pair(index, size, seed, held_out) for index in indices]
    images = np.stack([np.stack([pair["reference"], pair["secondary"]]) for pair in pairs]).astype(np.float16)
    offsets = np.stack([np.round(pair["offset"] * OFFSET_SCALE) for pair in pairs]).astype(np.int16)
    temporary = path.with_suffix(".part")
    with open(temporary, "wb") as file:
        np.save(file, images)
        np.save(file, offsets)
    temporary.replace(path)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the shards")
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--size", type=int, default=160, help="side of a pair, px")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1", help="2/3: the second of three processes that share the work")
    parser.add_argument("--held-out", action="store_true", help="validation pairs, from images training never sees")
    options = parser.parse_args()
    part, parts = (int(text) for text in options.part.split("/"))
    options.out.mkdir(parents=True, exist_ok=True)
    for start in range((part - 1) * SHARD, options.count, parts * SHARD):
        path = options.out / f"pairs_{start:06d}.npy"
        if path.exists():
            continue
        stop = min(start + SHARD, options.count)
        write_shard(path, range(start, stop), options.size, options.seed, options.held_out)
        print(f"{stop} of {options.count} pairs", flush=True)


if __name__ == "__main__":
    main()
