"""Fit the head that says sigma, when all that measures is done: nothing else changes.

``python -m training.confidence --checkpoint IN.pt --out OUT.pt [--pairs runs/pairs] [--count 1500]``. Half of the fit
is on cached pairs of the training mix, half on plain ones made on the spot (partially coherent speckle on real ground,
nothing else): errors of clean pairs are smaller than those of a mix that is full of trouble, and a sigma fitted to the
mix alone says too much of them.

The head learns the quantile that sigma promises, of the logarithm of the error, by the pinball loss (Koenker and
Bassett 1978, Econometrica 46, 33-50): whatever it tells apart, it is right about.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from deepot_qgis.engine import synthetic
from training import calibrate, scenes, sources
from training.dataset import PairCache
from training.evaluate import load
from training.train import save_whole

NODE_PX = 2  # the head works on nodes of 2 x 2 px
NODES = 400  # looked at in a pair, at random
BATCH, PASSES = 4096, 10
PEAK_RATE = 4e-3
PLAIN_PX = 160


def plain_pair(rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Images [1,2,S,S] and offset [1,2,S,S]: speckle on ground that moves, and nothing else."""
    shape = (PLAIN_PX, PLAIN_PX)
    offset, _ = scenes.random_field(shape, rng)
    crop = sources.training_crop(PLAIN_PX, rng)
    ground = sources.crop_reflectivity(crop, keep_bright=rng.random() < 0.5)
    coherence, looks = rng.uniform(0.4, 0.97), int(rng.integers(1, 5))
    pair = synthetic.speckle_pair(ground, offset, coherence, looks, rng)
    return torch.from_numpy(np.stack(pair).astype(np.float32))[None], torch.from_numpy(offset.astype(np.float32))[None]


def plain_pairs(count: int, seed: int) -> Iterable[tuple[Tensor, Tensor]]:
    """The same pairs for the same seed."""
    return (plain_pair(np.random.default_rng([seed, number])) for number in range(count))


def gather(network: torch.nn.Module, pairs: Iterable[tuple[Tensor, Tensor]], seed: int) -> tuple[Tensor, Tensor]:
    """Features (P, F) at random places of pairs, and the log error of a component there (P, 2)."""
    features, errors = [], []
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for images, truth in pairs:
            _, offset, found = network.measure(images[:, :1], images[:, 1:])
            error = (offset - truth).abs().clamp(min=calibrate.FLOOR).log()[0]
            border = calibrate.BORDER_PX // NODE_PX
            y, x = (rng.integers(border, side - border, NODES) for side in found.shape[-2:])
            row, column = (NODE_PX * node + rng.integers(0, NODE_PX, NODES) for node in (y, x))
            seen = (images > 0).all(1)[0, row, column]
            features.append(found[0][:, y, x].T[seen])
            errors.append(error[:, row, column].T[seen])
    return torch.cat(features), torch.cat(errors)


def pinball(said: Tensor, wanted: Tensor) -> Tensor:
    """Mean loss whose least value is at the quantile `calibrate.WITHIN`."""
    above = wanted - said
    return torch.maximum(calibrate.WITHIN * above, (calibrate.WITHIN - 1) * above).mean()


def fit(head: torch.nn.Module, features: Tensor, errors: Tensor, seed: int) -> None:
    """Fit a `networks.Confidence` in place."""
    generator = torch.Generator().manual_seed(seed)
    count = max(1, len(features) // BATCH)
    optimiser = torch.optim.AdamW(head.parameters(), PEAK_RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=PASSES * count)
    for _ in range(PASSES):
        for batch in torch.randperm(len(features), generator=generator).tensor_split(count):
            loss = pinball(head(features[batch][:, :, None, None])[:, :, 0, 0], errors[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()


def table(head: torch.nn.Module, features: Tensor, errors: Tensor) -> str:
    """Median sigma and share that errs less, in bins."""
    with torch.no_grad():
        said = head(features[:, :, None, None])[:, 0, 0, 0].numpy()
    rows = calibrate.check(np.repeat(said, 2), np.exp(errors.numpy()).ravel())
    return ", ".join(f"{row['sigma']:g}: {row['within']:.0%}" for row in rows)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, default=Path("runs/pairs"))
    parser.add_argument("--count", type=int, default=1500, help="pairs of each kind")
    parser.add_argument("--seed", type=int, default=31)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    started = time.monotonic()
    network, state = load(options.checkpoint)
    cache = PairCache(options.pairs)
    chosen = np.random.default_rng(options.seed).permutation(len(cache))[: options.count]
    mix = gather(network, (cache.batch([int(index)]) for index in chosen), options.seed)
    plain = gather(network, plain_pairs(options.count, options.seed), options.seed + 1)
    parts = [torch.cat(part) for part in zip(mix, plain)]
    network.confidence.train()
    fit(network.confidence, *parts, options.seed)
    for name, part in (("mix", mix), ("plain", plain)):
        print(f"{name}, on what it was fitted to: {table(network.confidence, *part)}")
    weights = network.state_dict()
    save_whole({**state, "network": weights, "mean": weights}, options.out)
    print(f"{options.out}, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
