"""Fit the two heads that come last, when all that measures is done: nothing else changes.

``python -m training.heads --checkpoint IN.pt --out OUT.pt [--pairs runs/pairs] [--count 1500]``. First the vernier that
takes out the pull towards whole pixels, then the head that says sigma. Half of the fit is on cached pairs of the
training mix, half on plain ones made on the spot (partially coherent speckle of random sensors on real ground, nothing
else): errors of clean pairs are smaller than those of a mix that is full of trouble.

Sigma is the quantile that it promises, of the logarithm of the error, learned by the pinball loss (Koenker and Bassett
1978, Econometrica 46, 33-50): whatever the head tells apart, it is right about.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from deepot_qgis.engine import synthetic
from training import calibrate, networks, scenes, sources
from training.dataset import PairCache
from training.evaluate import load
from training.networks import Last
from training.train import save_whole

NODE_PX = 2  # the heads work on nodes of 2 x 2 px
NODES = 400  # looked at in a pair, at random
BATCH, PASSES = 4096, 10
PEAK_RATE = 4e-3
PLAIN_PX = 160
SMALL_PX = 0.05  # errors below it count by their square, so that the vernier aims at their mean


def plain_pair(rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Images [1,2,S,S] and offset [1,2,S,S]: speckle on ground that moves, and nothing else."""
    shape = (PLAIN_PX, PLAIN_PX)
    offset, _ = scenes.random_field(shape, rng)
    crop = sources.training_crop(PLAIN_PX, rng)
    ground = sources.crop_reflectivity(crop, keep_bright=rng.random() < 0.5)
    coherence, looks = rng.uniform(0.4, 0.97), int(rng.integers(1, 5))
    pair = synthetic.speckle_pair(ground, offset, coherence, looks, rng, scenes.random_sensor(rng))
    return torch.from_numpy(np.stack(pair).astype(np.float32))[None], torch.from_numpy(offset.astype(np.float32))[None]


def plain_pairs(count: int, seed: int) -> Iterable[tuple[Tensor, Tensor]]:
    """The same pairs for the same seed."""
    return (plain_pair(np.random.default_rng([seed, number])) for number in range(count))


def gather(network: nn.Module, pairs: Iterable[tuple[Tensor, Tensor]], seed: int) -> tuple[Last, Tensor]:
    """What the last stage leaves at random places of pairs, [P,C,1,1] each, and what its offset lacks there (P, 2)."""
    rng = np.random.default_rng(seed)
    found, lacking = [], []
    with torch.no_grad():
        for images, truth in pairs:
            _, last = network.measure(images[:, :1], images[:, 1:])
            lack = (truth - network.upsample(last.sharp, last.edge))[0]
            border = calibrate.BORDER_PX // NODE_PX
            y, x = (rng.integers(border, side - border, NODES) for side in last.sharp.shape[-2:])
            row, column = (NODE_PX * node + rng.integers(0, NODE_PX, NODES) for node in (y, x))
            seen = (images > 0).all(1)[0, row, column]
            found.append([part[0][:, y, x].T[seen] for part in last])
            lacking.append(lack[:, row, column].T[seen])
    return Last(*(torch.cat(part)[:, :, None, None] for part in zip(*found))), torch.cat(lacking)


def join(*parts: tuple[Last, Tensor]) -> tuple[Last, Tensor]:
    """Several gatherings as one."""
    lasts, lacking = zip(*parts)
    return Last(*(torch.cat(part) for part in zip(*lasts))), torch.cat(lacking)


def corrected(vernier: nn.Module, last: Last, lacking: Tensor) -> tuple[Last, Tensor]:
    """The same with the vernier's correction taken in."""
    with torch.no_grad():
        correction = torch.cat([vernier(Last(*part)) for part in zip(*(value.split(BATCH) for value in last))])
    return last._replace(sharp=last.sharp + correction), lacking - correction[:, :, 0, 0]


def rest(correction: Tensor, lacking: Tensor) -> Tensor:
    """Mean root of the length of the error that a correction leaves."""
    error = torch.sqrt(((lacking - correction) ** 2).sum(1) + SMALL_PX**2)
    return torch.sqrt(error).mean()


def pinball(said: Tensor, lacking: Tensor) -> Tensor:
    """Mean loss whose least value is at the quantile `calibrate.WITHIN` of the log error."""
    above = lacking.abs().clamp(min=calibrate.FLOOR).log() - said
    return torch.maximum(calibrate.WITHIN * above, (calibrate.WITHIN - 1) * above).mean()


def fit(head: nn.Module, loss, last: Last, lacking: Tensor, seed: int) -> None:
    """Fit a head in place: least `loss(head's answer, what is lacking)`."""
    generator = torch.Generator().manual_seed(seed)
    count = max(1, len(lacking) // BATCH)
    optimiser = torch.optim.AdamW(head.parameters(), PEAK_RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=PASSES * count)
    for _ in range(PASSES):
        for batch in torch.randperm(len(lacking), generator=generator).tensor_split(count):
            value = loss(head(Last(*(part[batch] for part in last)))[:, :, 0, 0], lacking[batch])
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            schedule.step()


def table(head: nn.Module, last: Last, lacking: Tensor) -> str:
    """Median sigma and share that errs less, in bins."""
    with torch.no_grad():
        said = torch.cat([head(Last(*part))[:, 0, 0, 0] for part in zip(*(value.split(BATCH) for value in last))])
    rows = calibrate.check(np.repeat(said.numpy(), 2), lacking.abs().clamp(min=calibrate.FLOOR).numpy().ravel())
    return ", ".join(f"{row['sigma']:g}: {row['within']:.0%}" for row in rows)


def lengths(lacking: Tensor) -> str:
    """Mean and median error."""
    length = lacking.norm(dim=1)
    return f"mean {length.mean():.4f} px, median {length.median():.4f} px"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, default=Path("runs/pairs"))
    parser.add_argument("--held-out", type=Path, default=Path("runs/held_out"), help="pairs that show what it brought")
    parser.add_argument("--count", type=int, default=1500, help="pairs of each kind")
    parser.add_argument("--seed", type=int, default=31)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    started = time.monotonic()
    network, state = load(options.checkpoint)
    fresh = networks.build(state["options"]["architecture"], **state["options"]["network"])
    network.vernier, network.confidence = fresh.vernier, fresh.confidence
    cache, held_out = PairCache(options.pairs), PairCache(options.held_out)
    chosen = np.random.default_rng(options.seed).permutation(len(cache))[: options.count]
    mix = gather(network, (cache.batch([int(index)]) for index in chosen), options.seed)
    plain = gather(network, plain_pairs(options.count, options.seed), options.seed + 1)
    shown = gather(network, (held_out.batch([index]) for index in range(min(200, len(held_out)))), options.seed + 2)
    both = join(mix, plain)
    fit(network.vernier, rest, *both, options.seed)
    before, after = shown, corrected(network.vernier, *shown)
    print(f"Held out, without the vernier: {lengths(before[1])}; with it: {lengths(after[1])}")
    fit(network.confidence, pinball, *corrected(network.vernier, *both), options.seed)
    print(f"Held out, sigma: {table(network.confidence, *after)}")
    weights = network.state_dict()
    save_whole({**state, "network": weights, "mean": weights}, options.out)
    print(f"{options.out}, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
