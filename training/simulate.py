"""Training pairs made as they are needed, in batches, on the CPU or a GPU, from a pack of real ground.

The pairs of `training.generate` without its cache: what is random in kind comes from `training.recipes`, the images
from `training.speckle`. A configuration whose `pairs` is a pack (`training.pack`) trains on these. The batch of a step
depends on the seed, the step and the kind of device alone.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor

from deepot_qgis.engine.synthetic import Sensor
from training import recipes, speckle
from training.pack import Pack, Tiles, load
from training.recipes import Recipe


class _Ground:
    """Tiles on the device."""

    def __init__(self, tiles: Tiles, device: str):
        self._counts = torch.from_numpy(tiles.counts).to(device)
        self._low = torch.from_numpy(tiles.low).to(device)
        self._step = torch.from_numpy(tiles.step).to(device)

    def crops(self, chosen: list[Recipe], size: int) -> Tensor:
        """Natural logarithm of the images, [N, S, S]."""
        tiles = torch.tensor([recipe.tile for recipe in chosen], device=self._low.device)
        counts = torch.stack([self._counts[r.tile, r.row : r.row + size, r.column : r.column + size] for r in chosen])
        return self._low[tiles][:, None, None] + self._step[tiles][:, None, None] * counts


def _numbers(values, device: torch.device) -> Tensor:
    """One float per pair, as [N, 1, 1]."""
    return torch.tensor([float(value) for value in values], device=device)[:, None, None]


def _quantile(image: Tensor, share: Tensor) -> Tensor:
    """Quantile of each image [N, S, S] at its own share [N, 1, 1]."""
    ordered = image.flatten(1).sort(1).values
    index = (share[:, 0] * (ordered.shape[1] - 1)).round().long()
    return ordered.gather(1, index)[:, :, None]


def _patches(share: Tensor, exponents: Tensor, size: int, generator: Generator) -> Tensor:
    """Masks of natural-looking patches that cover a share of each image."""
    noise = speckle.fractal(exponents[:, 0, 0], size, generator)
    return noise > _quantile(noise, 1 - share)


class Simulator:
    """Pairs of a pack, in the place of `dataset.PairCache`.

    Parameters
    ----------
    pack : Pack
    size : int
        Side of the pairs, px; at most that of the tiles.
    device : str
        Where they are made: cpu or cuda.
    """

    def __init__(self, pack: Pack, size: int, device: str = "cpu"):
        self.pack, self.size, self.device = pack, size, torch.device(device)
        self._ground = {
            "simulated": _Ground(pack.ground, device),
            "picture": _Ground(pack.picture, device),
            "first": _Ground(pack.first, device),
            "second": _Ground(pack.second, device),
            "local": _Ground(pack.local, device),
        }
        self._iq = torch.from_numpy(pack.iq).to(device)

    def __len__(self) -> int:
        """Tiles of ground there are."""
        return len(self.pack.ground)

    def refresh(self) -> None:
        """Nothing new appears in a pack."""

    def draw(self, seed: int, step: int, count: int) -> tuple[Tensor, Tensor]:
        """Images [N, 2, S, S] and offsets [N, 2, S, S] of a training step, the same each time it is asked for."""
        return self.make(recipes.draw_batch(self.pack, self.size, seed, step, count), seed, step)

    def make(self, batch: list[Recipe], seed: int, step: int) -> tuple[Tensor, Tensor]:
        """The pairs of recipes."""
        generator = Generator(self.device).manual_seed((seed * 1_000_003 + step) % 2**63)
        offset = torch.from_numpy(np.stack([recipe.offset for recipe in batch])).to(self.device)
        images = torch.zeros((len(batch), 2, self.size, self.size), device=self.device)
        makers = {
            "simulated": self._simulated,
            "real speckle": self._real_speckle,
            "sub-bands": self._sub_bands,
            "picture": self._picture,
            "repeat": self._repeat,
        }
        for kind, maker in makers.items():
            rows = [index for index, recipe in enumerate(batch) if recipe.kind == kind]
            if rows:
                images[rows] = torch.stack(maker([batch[row] for row in rows], offset[rows], generator), 1)
        return self._finish(images, batch, generator), offset

    def _simulated(self, batch: list[Recipe], offset: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        intensity = self._ground["simulated"].crops(batch, self.size)
        intensity = torch.exp(intensity * _numbers((recipe.contrast for recipe in batch), self.device))
        intensity = intensity / intensity.flatten(1).median(1).values[:, None, None]
        coherence = _numbers((recipe.coherence for recipe in batch), self.device).expand_as(intensity).clone()
        intensity, after = self._patched(intensity, coherence, batch, generator)
        scatterers = self._scatterers(intensity, batch, generator)
        intensity, after = self._blinking(intensity, after, batch, generator)
        looks = torch.tensor([recipe.looks for recipe in batch], device=self.device)
        sensors = [recipe.sensor for recipe in batch]
        return speckle.speckle_pairs(intensity, after, offset, coherence, looks, scatterers, sensors, generator)

    def _patched(self, intensity: Tensor, coherence: Tensor, batch: list[Recipe], generator: Generator):
        """Reflectivity at the two dates with incoherent ground in it; lowers `coherence` there."""
        after = intensity.clone()
        rows = [index for index, recipe in enumerate(batch) if recipe.patch is not None]
        if not rows:
            return intensity, after
        patches = [batch[row].patch for row in rows]
        share, exponent = (_numbers((getattr(p, n) for p in patches), self.device) for n in ("share", "exponent"))
        masks = _patches(share, exponent, self.size, generator)
        for row, mask, patch in zip(rows, masks, patches):
            coherence[row][mask] = patch.coherence
            if patch.what == "water":
                level = torch.quantile(intensity[row], 0.1) * patch.level
                intensity[row] = torch.where(mask, level, intensity[row])
                after[row] = intensity[row]
            elif patch.what == "changed":
                after[row] = torch.where(mask, intensity[row].rot90(2) * patch.level, intensity[row])
        return intensity, after

    def _scatterers(self, intensity: Tensor, batch: list[Recipe], generator: Generator) -> Tensor:
        density = _numbers((recipe.scatterers for recipe in batch), self.device)
        where = speckle.uniform(intensity.shape, generator) < density
        strength = torch.exp(1.5 + 0.7 * torch.randn(intensity.shape, generator=generator, device=self.device))
        return where * strength * intensity.flatten(1).median(1).values.sqrt()[:, None, None]

    def _blinking(self, intensity: Tensor, after: Tensor, batch: list[Recipe], generator: Generator):
        """Scatterers that are there at one date only."""
        density = _numbers((recipe.blinking for recipe in batch), self.device)
        later = _numbers((recipe.blink_after for recipe in batch), self.device) > 0
        where = speckle.uniform(intensity.shape, generator) < density
        bright = intensity * torch.exp(3 + torch.randn(intensity.shape, generator=generator, device=self.device))
        return torch.where(where & ~later, bright, intensity), torch.where(where & later, bright, after)

    def _complex(self, batch: list[Recipe]) -> Tensor:
        """Complex crops [N, S, S], rms 1."""
        size = self.size
        crops = [self._iq[r.tile, r.row : r.row + size, r.column : r.column + size] for r in batch]
        image = torch.view_as_complex(torch.stack(crops).float())
        return image / (image.abs() ** 2).mean((1, 2), keepdim=True).sqrt().clamp(min=1e-6)

    def _real_speckle(self, batch: list[Recipe], offset: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Complex image whose own speckle moves with the ground and decorrelates into simulated noise."""
        image = self._complex(batch)
        position, _ = speckle.inverse_map(offset)
        moved = speckle.sample(image[:, None], position)[:, 0]
        local = torch.exp(0.5 * self._ground["local"].crops(batch, self.size))
        local = local / (local**2).mean((1, 2), keepdim=True).sqrt()
        flat, none = torch.ones_like(local), torch.zeros_like(local)
        looks = torch.ones(len(batch), device=self.device)
        sensors = [Sensor()] * len(batch)
        still = torch.zeros_like(offset)
        _, grain = speckle.speckle_pairs(flat, flat, still, none, looks, none, sensors, generator)
        phase = torch.exp(2j * torch.pi * speckle.uniform(grain.shape, generator))
        coherence = _numbers((recipe.coherence for recipe in batch), self.device)
        return image.abs(), (coherence * moved + (1 - coherence**2).sqrt() * local * grain * phase).abs()

    def _sub_bands(self, batch: list[Recipe], offset: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Non-overlapping halves of a complex image's spectrum: one ground, two independent real speckles."""
        spectra = torch.fft.fft2(self._complex(batch))
        number = torch.arange(self.size, device=self.device)
        turn = torch.exp(2j * torch.pi * number / self.size)
        halves = []
        for spectrum, recipe in zip(spectra, batch):
            power = spectrum.abs().mean(1 - recipe.axis)
            # the signal's centre of gravity on the circle of frequencies splits it evenly
            centre = torch.angle((power * turn).sum()) / (2 * torch.pi) * self.size
            first = (number - centre + self.size / 2) % self.size < self.size / 2
            mask = first[:, None] if recipe.axis == 0 else first[None, :]
            halves.append(torch.stack([spectrum * mask, spectrum * ~mask]))
        looks = torch.fft.ifft2(torch.stack(halves))
        position, _ = speckle.inverse_map(offset)
        return looks[:, 0].abs(), speckle.sample(looks[:, 1:], position)[:, 0].abs()

    def _resampled(self, first: Tensor, second: Tensor, offset: Tensor, shifts: Tensor, registration: Tensor):
        """Both images interpolated alike, the second moved; at least 1e-3."""
        position, _ = speckle.inverse_map(offset)
        grid = speckle.pixel_grid(self.size, self.device) + shifts[:, :, None, None]
        moved = position + (shifts + registration)[:, :, None, None]
        pair = (speckle.sample(image[:, None], at)[:, 0] for image, at in ((first, grid), (second, moved)))
        return [image.clamp(min=1e-3) for image in pair]

    def _shifts(self, batch: list[Recipe]) -> Tensor:
        return torch.tensor([recipe.shift for recipe in batch], dtype=torch.float32, device=self.device)

    def _picture(self, batch: list[Recipe], offset: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Real amplitude moved as it is, with fresh multiplicative noise."""
        amplitude = torch.exp(self._ground["picture"].crops(batch, self.size))
        shifts = self._shifts(batch)
        pair = self._resampled(amplitude, amplitude, offset, shifts, torch.zeros_like(shifts))
        looks = _numbers((recipe.looks for recipe in batch), self.device)
        noise = [torch._standard_gamma(looks.expand_as(amplitude).contiguous(), generator) / looks for _ in pair]
        return tuple(image * power.sqrt() for image, power in zip(pair, noise))

    def _repeat(self, batch: list[Recipe], offset: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
        """Two real dates of still ground, registered, the second moved."""
        first, second = (torch.exp(self._ground[date].crops(batch, self.size)) for date in ("first", "second"))
        registration = np.stack([self.pack.shift[recipe.tile] for recipe in batch])
        return self._resampled(
            first, second, offset, self._shifts(batch), torch.from_numpy(registration).to(self.device)
        )

    def _finish(self, images: Tensor, batch: list[Recipe], generator: Generator) -> Tensor:
        """Radiometric change, product formats and holes (0)."""
        finishes = [recipe.finish for recipe in batch]
        images = images / images.mean((2, 3), keepdim=True)
        change = _numbers((finish.change for finish in finishes), self.device)
        waves = speckle.fractal(torch.full((len(batch),), 4.0, device=self.device), self.size, generator)
        images[:, 1] *= torch.exp(change * waves)
        images = images ** _numbers((finish.power for finish in finishes), self.device)[:, None]
        for row, finish in enumerate(finishes):
            if finish.encoding:
                images[row] = _encoded(images[row], finish)
        images = (images / images.mean((2, 3), keepdim=True)).clamp(1e-3, 1e3)
        images *= torch.tensor([finish.gains for finish in finishes], device=self.device)[:, :, None, None]
        return self._holed(images, finishes, generator)

    def _holed(self, images: Tensor, finishes: list, generator: Generator) -> Tensor:
        rows = [row for row, finish in enumerate(finishes) if finish.hole is not None]
        if not rows:
            return images
        holes = [finishes[row].hole for row in rows]
        share, exponent = (_numbers((getattr(h, n) for h in holes), self.device) for n in ("share", "exponent"))
        masks = _patches(share, exponent, self.size, generator)
        x, y = speckle.pixel_grid(self.size, self.device) - self.size / 2
        for row, mask, hole in zip(rows, masks, holes):
            if hole.angle is not None:  # the straight edge of a swath
                mask = x * np.cos(hole.angle) + y * np.sin(hole.angle) > hole.distance * self.size
            images[row, 1][mask] = 0
            if hole.in_reference:
                images[row, 0][mask] = 0
        return images


def _encoded(pair: Tensor, finish) -> Tensor:
    """An 8-bit product of each image [2, S, S], read back to linear amplitude."""
    low, high = (_numbers([share] * 2, pair.device) for share in finish.quantiles)
    if finish.encoding == "linear":
        return (pair / _quantile(pair, high) * 254).round().clamp(1, 254)
    decibel = 20 * torch.log10(pair.clamp(min=1e-6))
    low, high = _quantile(decibel, low), _quantile(decibel, high)
    count = ((decibel - low) / (high - low).clamp(min=1) * 254).clamp(0, 254).round()
    return 10 ** ((low + count * (high - low) / 254) / 20)


_pack: dict[str, Pack] = {}  # of a worker process


def _start_worker(path: str) -> None:
    _pack["pack"] = load(Path(path))


def _worker_batch(size: int, seed: int, step: int, count: int) -> list[Recipe]:
    return recipes.draw_batch(_pack["pack"], size, seed, step, count)


class PrefetchedSimulator(Simulator):
    """As `Simulator`, the recipes of the coming steps drawn meanwhile by other processes.

    Parameters
    ----------
    path : Path
        The pack.
    workers : int
        Processes.
    """

    def __init__(self, path: Path, size: int, device: str, workers: int):
        super().__init__(load(path), size, device)
        self._pool = ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (str(path),))
        self._ahead: deque[tuple[tuple, Future]] = deque()
        self._depth = 2 * workers

    def draw(self, seed: int, step: int, count: int) -> tuple[Tensor, Tensor]:
        """See `Simulator.draw`."""
        if not self._ahead or self._ahead[0][0] != (seed, step, count):
            self._ahead.clear()
        while len(self._ahead) < self._depth:
            wanted = (seed, step + len(self._ahead), count)
            self._ahead.append((wanted, self._pool.submit(_worker_batch, self.size, *wanted)))
        return self.make(self._ahead.popleft()[1].result(), seed, step)
