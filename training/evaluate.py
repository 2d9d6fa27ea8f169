"""Evaluate a checkpoint on the fixed set of `benchmarks.accuracy`, beside the engine's correlation.

``python -m training.evaluate --checkpoint runs/multiwindow/last.pt [--size 256] [--out FOLDER]``
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from benchmarks import accuracy
from deepot_qgis.engine.estimate import Estimate
from training import networks


def load(checkpoint: Path) -> tuple[torch.nn.Module, dict]:
    """Mean network of a checkpoint, ready to answer, and the checkpoint's state."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    options = state["options"]
    network = networks.build(options["architecture"], **options["network"])
    network.load_state_dict(state["mean"])
    return network.eval(), state


class TorchEstimator:
    """A network in PyTorch as an estimator of the engine."""

    def __init__(self, network: torch.nn.Module, name: str):
        self.network, self.name = network, name
        self.margin_px, self.tile_multiple = network.margin_px, network.tile_multiple
        self.max_offset_px = network.max_offset_px

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile; see `deepot_qgis.engine.estimate.Estimator`."""
        with torch.no_grad():
            pair = [torch.from_numpy(np.ascontiguousarray(image))[None, None] for image in (reference, secondary)]
            offset, log_sigma = self.network(*pair)
        return Estimate(offset[0].numpy(), np.exp(log_sigma[0, 0].numpy()))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--size", type=int, default=accuracy.SIZE, help="side of the simulated pairs; 256 is quick")
    parser.add_argument("--no-baseline", action="store_true", help="leave the engine's correlation out")
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    torch.set_num_threads(1)
    network, state = load(options.checkpoint)
    estimators = {"zero": accuracy.Zero()}
    if not options.no_baseline:
        from deepot_qgis.engine.correlation import CorrelationEstimator, CorrelationOptions

        estimators["correlation"] = CorrelationEstimator(CorrelationOptions())
    estimators[f"step {state['step']}"] = TorchEstimator(network, "network")
    result = accuracy.measure_all(estimators, options.repeats, options.size)
    print(accuracy.table(result))
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / f"accuracy_{state['step']}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
