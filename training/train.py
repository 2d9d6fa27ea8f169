"""Train a model from a configuration file.

``python -m training.train --config training/configs/multiwindow.toml [--resume] [--stop-after MINUTES]``. Everything a
run needs lies in its folder: log (one JSON object a line), the last checkpoint, and the loss curve once it has ended.
The batch of a step depends on the seed and the step alone, so that a resumed run goes on as if it had never stopped. On
SIGTERM, Ctrl-C and when its minutes are over it writes a checkpoint and leaves.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np
import torch
from torch import Tensor, nn

from training import losses, networks, pack, pictures, precision
from training.dataset import PairCache
from training.simulate import PrefetchedSimulator, Simulator

try:
    import tomllib
except ImportError:  # Python 3.9 and 3.10
    import tomli as tomllib


@dataclass(frozen=True)
class TrainOptions:
    """Contents of a configuration file; unknown keys are refused.

    With `minutes` the learning rate falls with the device's time spent in training steps (all calls together), and the
    run ends when they are over, or at `steps` if these come first; without, it falls with the steps.
    """

    architecture: str
    run: str  # folder of the run
    pairs: str  # folder of training pairs, or a pack of ground to make them from
    held_out: str  # folder of validation pairs
    network: dict = field(default_factory=dict)
    start_from: str = ""  # checkpoint whose weights a new run begins with, as far as they fit
    steps: int = 8000
    minutes: float = 0.0
    batch: int = 6
    peak_rate: float = 1.5e-3
    last_rate: float = 3e-5
    warm_up: int = 200
    weight_decay: float = 1e-4
    clip: float = 1.0
    mean_decay: float = 0.998  # of the running mean of the weights, which is what is evaluated and exported
    seed: int = 1
    threads: int = 1
    size: int = 160  # of pairs made from a pack, px
    workers: int = 0  # processes that draw what is random in them, beside this one
    device: str = "auto"
    precision: str = "auto"  # of the convolutions, see `training.precision`
    check_every: int = 500
    save_every: int = 100
    check_pairs: int = 60


def read_options(path: Path) -> TrainOptions:
    """Options of a TOML file."""
    with open(path, "rb") as file:
        return TrainOptions(**tomllib.load(file))


def done(step: int, seconds: float, options: TrainOptions) -> float:
    """Share of a run that is behind it, 0 to 1."""
    by_steps = (step - options.warm_up) / max(1, options.steps - options.warm_up)
    by_time = seconds / (60 * options.minutes) if options.minutes else 0.0
    return min(1.0, max(by_steps, by_time, 0.0))


def rate(step: int, options: TrainOptions, seconds: float = 0.0) -> float:
    """Learning rate of a step: linear warm-up, then half a cosine."""
    fallen = 0.5 * (1 + math.cos(math.pi * done(step, seconds, options)))
    return min(1.0, (step + 1) / max(1, options.warm_up)) * (
        options.last_rate + (options.peak_rate - options.last_rate) * fallen
    )


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
    """State of a run: network, mean network, optimiser, scaler of the gradients, step and seconds trained."""

    def __init__(self, options: TrainOptions):
        self.options = options
        wanted = options.device
        self.device = ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else wanted
        self.dtype = precision.choose(options.precision, self.device)
        torch.manual_seed(options.seed)
        self.network = self._build()
        if options.start_from:
            earlier = torch.load(options.start_from, map_location=self.device, weights_only=True)["network"]
            self.network.load_state_dict(_fitted(earlier, self.network.state_dict()), strict=False)
        self.mean = self._build()
        self.mean.load_state_dict(self.network.state_dict())
        self.mean.eval()  # it answers with its running statistics, as the exported model will
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=options.peak_rate, weight_decay=options.weight_decay
        )
        self.scaler = torch.amp.GradScaler(self.device, enabled=self.dtype is torch.float16)
        self.step, self.seconds = 0, 0.0
        self.folder = Path(options.run)
        self.folder.mkdir(parents=True, exist_ok=True)

    def _build(self) -> nn.Module:
        network = networks.build(self.options.architecture, **self.options.network).to(self.device)
        if self.dtype is not torch.float32:
            precision.keep_exact(network, self.device)
        if self.device == "cuda":
            # what is left at single precision is left there for its exactness
            torch.backends.cudnn.allow_tf32 = False
            network = network.to(memory_format=torch.channels_last)
        return network

    @property
    def checkpoint(self) -> Path:
        """Where the run's state lies."""
        return self.folder / "last.pt"

    @property
    def finished(self) -> bool:
        """Whether its steps or its minutes are over."""
        minutes = self.options.minutes
        return self.step >= self.options.steps or (minutes > 0 and self.seconds >= 60 * minutes)

    @property
    def device_name(self) -> str:
        """The device in words."""
        return torch.cuda.get_device_name() if self.device == "cuda" else f"CPU, {self.options.threads} thread(s)"

    def clock(self) -> float:
        """Seconds of the device's time; on a CPU those its cores gave, so that other work does not shorten a run."""
        return time.perf_counter() if self.device == "cuda" else time.process_time() / self.options.threads

    def save(self) -> None:
        """Write the checkpoint."""
        state = {
            "options": asdict(self.options),
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.scaler.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "device": self.device_name,
            "torch_random": torch.get_rng_state(),
        }
        save_whole(state, self.checkpoint)

    def resume(self) -> None:
        """Continue from the checkpoint of the run."""
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["optimiser"])
        if state.get("scaler") and self.scaler.is_enabled():  # not there in older checkpoints and at other precisions
            self.scaler.load_state_dict(state["scaler"])
        self.step, self.seconds = state["step"], state["seconds"]
        torch.set_rng_state(state["torch_random"].cpu())

    def answer(self, images: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """The network's `stages` for a batch of pairs, at the run's precision; single precision comes out."""
        with torch.autocast(self.device, self.dtype, enabled=self.dtype is not torch.float32):
            answers, offset, log_sigma = self.network.stages(images[:, :1], images[:, 1:])
        return [answer.float() for answer in answers], offset.float(), log_sigma.float()

    def open_pairs(self) -> PairCache | Simulator:
        """The training pairs the options name."""
        options, path = self.options, Path(self.options.pairs)
        if path.suffix != ".npz":
            return PairCache(path)
        if options.workers:
            return PrefetchedSimulator(path, options.size, self.device, options.workers)
        return Simulator(pack.load(path), options.size, self.device)

    def one_step(self, pairs: PairCache | Simulator) -> tuple[float, float]:
        """Loss and end-point error of one batch, after which the weights have moved."""
        options = self.options
        images, truth = pairs.draw(options.seed, self.step, options.batch)
        images, truth = images.to(self.device), truth.to(self.device)
        for group in self.optimiser.param_groups:
            group["lr"] = rate(self.step, options, self.seconds)
        loss, error = losses.total_loss(*self.answer(images), truth, images[:, :1])
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimiser)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), options.clip)
        # a batch that overflowed is skipped, not learned; the scaler sees to that itself
        if self.scaler.is_enabled() or torch.isfinite(norm):
            self.scaler.step(self.optimiser)
        self.scaler.update()
        follow(self.mean, self.network, min(options.mean_decay, (self.step + 1) / (self.step + 10)))
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


class Stop:
    """Becomes true when the process is asked to end, or when the minutes it was given are over."""

    def __init__(self, minutes: float | None = None):
        self._until = None if minutes is None else time.monotonic() + 60 * minutes
        self._asked = False

    def listen(self) -> None:
        """Take SIGTERM and Ctrl-C as the wish to end after this step; a second one ends at once."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, _frame) -> None:
        self._asked = True
        signal.signal(number, signal.SIG_DFL)

    def __bool__(self) -> bool:
        return self._asked or (self._until is not None and time.monotonic() >= self._until)


class Log:
    """The run's log: one JSON object a line, with the means of what was seen since the last one."""

    def __init__(self, file: TextIO):
        self._file = file
        self._seen: list[tuple[float, float]] = []

    def write(self, entry: dict) -> None:
        """Append one object."""
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()

    def see(self, loss: float, error: float) -> None:
        """Remember a step."""
        self._seen.append((loss, error))

    def means(self) -> dict:
        """Means since the last call."""
        loss, error = np.mean(self._seen, axis=0)
        self._seen = []
        return {"loss": round(float(loss), 4), "error": round(float(error), 4)}


def run(training: Training, until: int | None = None, stop: Stop | None = None) -> None:
    """Train to the end, to step `until` or until `stop`, writing log and checkpoints on the way."""
    options = training.options
    pairs, held_out = training.open_pairs(), PairCache(Path(options.held_out))
    stop = Stop() if stop is None else stop
    last = options.steps if until is None else until
    with open(training.folder / "log.jsonl", "a", encoding="utf-8") as file:
        log, leaving = Log(file), training.finished or training.step >= last
        while not leaving:
            started = training.clock()
            log.see(*training.one_step(pairs))
            training.seconds += training.clock() - started
            leaving = training.finished or training.step >= last or bool(stop)
            if training.step % 50 == 0 or leaving:
                log.write({"step": training.step, **log.means(),
                           "rate": round(rate(training.step, options, training.seconds), 7),
                           "seconds": round(training.seconds), "pairs": len(pairs)})  # fmt: skip
                pairs.refresh()
            if training.step % options.save_every == 0 or leaving:
                training.save()
            if (training.step % options.check_every == 0 and not stop) or training.finished:
                log.write({"step": training.step, "check": check(training.mean, held_out, options.check_pairs,
                                                                 training.device)})  # fmt: skip
    if training.finished:
        pictures.draw([training.folder / "log.jsonl"], training.folder / "curve.png")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--resume", action="store_true", help="continue the run's last checkpoint, if there is one")
    parser.add_argument("--stop-after", type=float, metavar="MINUTES", help="write a checkpoint and leave by then")
    arguments = parser.parse_args()
    stop = Stop(arguments.stop_after)
    options = read_options(arguments.config)
    torch.set_num_threads(options.threads)
    training = Training(options)
    if training.checkpoint.exists():
        if not arguments.resume:
            raise SystemExit(f"{training.checkpoint} exists; continue it with --resume or choose another 'run'.")
        training.resume()
    stop.listen()
    run(training, stop=stop)
    state = "finished" if training.finished else "stopped; continue with --resume"
    print(f"{training.folder}: step {training.step}, {training.seconds / 60:.1f} minutes of training, {state}")


if __name__ == "__main__":
    main()
