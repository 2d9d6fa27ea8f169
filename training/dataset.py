"""Cached pairs, read without copying and augmented by the eight symmetries of the square."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.generate import OFFSET_SCALE


class PairCache:
    """All complete shards of a folder, memory-mapped.

    Parameters
    ----------
    folder : Path
        What `training.generate` wrote to; more shards may appear while training runs.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self._maps: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._shards: list[tuple[np.ndarray, np.ndarray]] = []
        self.refresh()
        if not self._shards:
            raise FileNotFoundError(f"{folder} holds no pairs; make some with 'python -m training.generate'.")

    def refresh(self) -> None:
        """Take in shards that were written since."""
        for path in self.folder.glob("pairs_*.npy"):
            if path.name not in self._maps:
                self._maps[path.name] = _map(path)
        # by name, not by age: several generators may write to one folder
        self._shards = [self._maps[name] for name in sorted(self._maps)]
        self._starts = np.cumsum([0] + [len(images) for images, _ in self._shards])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def pair(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Images float32 (2, S, S) and offsets float32 (2, S, S)."""
        shard = int(np.searchsorted(self._starts, index, side="right") - 1)
        images, offsets = self._shards[shard]
        local = index - self._starts[shard]
        return images[local].astype(np.float32), offsets[local].astype(np.float32) / OFFSET_SCALE

    def batch(self, indices, rng: np.random.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Images [N,2,S,S] and offsets [N,2,S,S]; with a generator, each turned, mirrored and scaled at random."""
        pairs = [self.pair(int(index)) for index in indices]
        if rng is not None:
            pairs = [augment(*pair, rng) for pair in pairs]
        return tuple(torch.from_numpy(np.ascontiguousarray(np.stack(part))) for part in zip(*pairs))

    def draw(self, seed: int, step: int, count: int) -> tuple[Tensor, Tensor]:
        """Augmented batch of a training step, the same each time it is asked for."""
        rng = np.random.default_rng([seed, step])
        return self.batch(rng.integers(0, len(self), count), rng)


def _map(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The two arrays of a shard as read-only maps."""
    arrays = []
    with open(path, "rb") as file:
        for _ in range(2):
            version = np.lib.format.read_magic(file)
            header = {1: np.lib.format.read_array_header_1_0, 2: np.lib.format.read_array_header_2_0}[version[0]]
            shape, _, dtype = header(file)
            arrays.append(np.memmap(path, dtype, "r", file.tell(), shape))
            file.seek(arrays[-1].nbytes, 1)
    return arrays[0], arrays[1]


def augment(images: np.ndarray, offset: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random symmetry of the square, applied to the images and to the vectors, and a random gain."""
    if rng.random() < 0.5:  # mirror left and right
        images, offset = images[..., ::-1], offset[..., ::-1] * np.float32([-1, 1])[:, None, None]
    if rng.random() < 0.5:  # mirror top and bottom
        images, offset = images[:, ::-1], offset[:, ::-1] * np.float32([1, -1])[:, None, None]
    if rng.random() < 0.5:  # swap the axes
        images, offset = images.swapaxes(1, 2), offset[::-1].swapaxes(1, 2)
    return images * np.float32(10 ** rng.uniform(-2, 2)), offset
