"""Train a model from a configuration file.

``python -m training.train --config training/configs/multiwindow.toml [--resume]``. Everything a run needs lies in its
folder: configuration, log (one JSON object a line) and the last checkpoint. The batch of a step depends on the seed
and the step alone, so that a resumed run goes on as if it had never stopped.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training import losses, networks
from training.dataset import PairCache

try:
    import tomllib
except ImportError:  # Python 3.9 and 3.10
    import tomli as tomllib


@dataclass(frozen=True)
class TrainOptions:
    """Contents of a configuration file; unknown keys are refused."""

    architecture: str
    run: str  # folder of the run
    pairs: str  # folder of training pairs
    held_out: str  # folder of validation pairs
    network: dict = field(default_factory=dict)
    start_from: str = ""  # checkpoint whose weights a new run begins with, as far as they fit
    steps: int = 8000
    batch: int = 6
    peak_rate: float = 1.5e-3
    last_rate: float = 3e-5
    warm_up: int = 200
    weight_decay: float = 1e-4
    clip: float = 1.0
    mean_decay: float = 0.998  # of the running mean of the weights, which is what is evaluated and exported
    seed: int = 1
    threads: int = 1
    device: str = "auto"
    check_every: int = 500
    save_every: int = 100
    check_pairs: int = 60


def read_options(path: Path) -> TrainOptions:
    """Options of a TOML file."""
    with open(path, "rb") as file:
        return TrainOptions(**tomllib.load(file))


def rate(step: int, options: TrainOptions) -> float:
    """Learning rate of a step: linear warm-up, then half a cosine."""
    if step < options.warm_up:
        return options.peak_rate * (step + 1) / options.warm_up
    done = min(1.0, (step - options.warm_up) / max(1, options.steps - options.warm_up))
    return options.last_rate + 0.5 * (options.peak_rate - options.last_rate) * (1 + math.cos(math.pi * done))


def save_whole(state: dict, path: Path) -> None:
    """A checkpoint is complete under its name or not there at all."""
    temporary = path.with_suffix(".part")
    torch.save(state, temporary)
    with open(temporary, "rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def _fitted(earlier: dict, own: dict) -> dict:
    """Weights of an earlier network that fit; a layer that now reads more inputs ignores the new ones at first."""
    fitting = {}
    for key, value in earlier.items():
        if key not in own:
            continue
        if value.shape == own[key].shape:
            fitting[key] = value
        elif value.dim() == 4 and value.shape[0] == own[key].shape[0] and value.shape[1] < own[key].shape[1]:
            fitting[key] = torch.zeros_like(own[key])
            fitting[key][:, : value.shape[1]] = value
    return fitting


def follow(mean: nn.Module, network: nn.Module, decay: float) -> None:
    """Move the running mean towards the network: its weights and the statistics of its normalisations."""
    with torch.no_grad():
        for kept, new in zip(mean.parameters(), network.parameters()):
            kept.lerp_(new, 1 - decay)
        for kept, new in zip(mean.buffers(), network.buffers()):
            if kept.is_floating_point():
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)


class Training:
    """State of a run: network, mean network, optimiser, step and seconds trained."""

    def __init__(self, options: TrainOptions):
        self.options = options
        wanted = options.device
        self.device = ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else wanted
        torch.manual_seed(options.seed)
        self.network = networks.build(options.architecture, **options.network).to(self.device)
        if options.start_from:
            earlier = torch.load(options.start_from, map_location=self.device, weights_only=True)["network"]
            self.network.load_state_dict(_fitted(earlier, self.network.state_dict()), strict=False)
        self.mean = networks.build(options.architecture, **options.network).to(self.device)
        self.mean.load_state_dict(self.network.state_dict())
        self.mean.eval()  # it answers with its running statistics, as the exported model will
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=options.peak_rate, weight_decay=options.weight_decay
        )
        self.step, self.seconds = 0, 0.0
        self.folder = Path(options.run)
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def checkpoint(self) -> Path:
        """Where the run's state lies."""
        return self.folder / "last.pt"

    def save(self) -> None:
        """Write the checkpoint."""
        state = {
            "options": asdict(self.options),
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "torch_random": torch.get_rng_state(),
        }
        save_whole(state, self.checkpoint)

    def resume(self) -> None:
        """Continue from the checkpoint of the run."""
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        torch.set_rng_state(state["torch_random"].cpu())

    def one_step(self, cache: PairCache) -> tuple[float, float]:
        """Loss and end-point error of one batch, after which the weights have moved."""
        options = self.options
        rng = np.random.default_rng([options.seed, self.step])
        images, truth = cache.batch(rng.integers(0, len(cache), options.batch), rng)
        images, truth = images.to(self.device), truth.to(self.device)
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.step, options)
        with torch.autocast(self.device, torch.bfloat16, enabled=False):
            answers, offset, log_sigma = self.network.stages(images[:, :1], images[:, 1:])
            loss, error = losses.total_loss(answers, offset, log_sigma, truth, images[:, :1])
        self.optimiser.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), options.clip)
        if torch.isfinite(norm):  # a batch that overflowed is skipped, not learned
            self.optimiser.step()
        decay = min(options.mean_decay, (self.step + 1) / (self.step + 10))
        follow(self.mean, self.network, decay)
        self.step += 1
        return float(loss.detach()), float(error)


def check(network: nn.Module, cache: PairCache, count: int, device: str, batch: int = 6) -> dict:
    """Errors on validation pairs: mean at each stage, and the share of components within sigma."""
    stages, within, total = [], 0.0, 0
    with torch.no_grad():
        for start in range(0, min(count, len(cache)), batch):
            images, truth = cache.batch(range(start, min(start + batch, count, len(cache))))
            images, truth = images.to(device), truth.to(device)
            answers, offset, log_sigma = network.stages(images[:, :1], images[:, 1:])
            row = []
            for answer in [*answers, offset]:
                block = truth.shape[-1] // answer.shape[-1]
                aim = nn.functional.avg_pool2d(truth, block)
                row.append((answer - aim).norm(dim=1).mean((1, 2)))
            stages.append(torch.stack(row, 1))
            within += float(((offset - truth).abs() < log_sigma.exp()).float().mean((1, 2, 3)).sum())
            total += len(images)
    stages = torch.cat(stages)
    return {
        "stages": [round(float(value), 4) for value in stages.mean(0)],
        "median": round(float(stages[:, -1].median()), 4),
        "within_sigma": round(within / total, 3),
    }


def run(training: Training, until: int | None = None) -> None:
    """Train to the last step, writing log and checkpoints on the way."""
    options = training.options
    cache, held_out = PairCache(Path(options.pairs)), PairCache(Path(options.held_out))
    last = options.steps if until is None else min(until, options.steps)
    losses_seen, errors_seen = [], []
    with open(training.folder / "log.jsonl", "a", encoding="utf-8") as log:

        def note(entry: dict) -> None:
            log.write(json.dumps(entry) + "\n")
            log.flush()

        while training.step < last:
            started = time.perf_counter()
            loss, error = training.one_step(cache)
            training.seconds += time.perf_counter() - started
            losses_seen.append(loss)
            errors_seen.append(error)
            if training.step % 50 == 0 or training.step == last:
                note({"step": training.step, "loss": round(float(np.mean(losses_seen)), 4),
                      "error": round(float(np.mean(errors_seen)), 4), "rate": round(rate(training.step, options), 7),
                      "seconds": round(training.seconds), "pairs": len(cache)})  # fmt: skip
                losses_seen, errors_seen = [], []
                cache.refresh()
            if training.step % options.save_every == 0 or training.step == last:
                training.save()
            if training.step % options.check_every == 0 or training.step == last:
                note({"step": training.step, "check": check(training.mean, held_out, options.check_pairs,
                                                            training.device)})  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--resume", action="store_true", help="continue the run's last checkpoint")
    arguments = parser.parse_args()
    options = read_options(arguments.config)
    torch.set_num_threads(options.threads)
    training = Training(options)
    if arguments.resume:
        training.resume()
    elif training.checkpoint.exists():
        raise SystemExit(f"{training.checkpoint} exists; continue it with --resume or choose another 'run'.")
    run(training)


if __name__ == "__main__":
    main()
