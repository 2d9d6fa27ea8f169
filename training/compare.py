"""Networks side by side on held-out pairs: ``python -m training.compare --held-out FOLDER CHECKPOINT ...``.

Prints a Markdown table: the mean and the median over pairs of the mean end-point error, beside answering no motion.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from training.calibrate import BORDER_PX
from training.dataset import PairCache
from training.evaluate import load


def pair_errors(network: torch.nn.Module | None, cache: PairCache, pairs: int) -> np.ndarray:
    """Mean end-point error of each pair, px, where the reference has data; None answers no motion."""
    found = []
    inner = (..., slice(BORDER_PX, -BORDER_PX), slice(BORDER_PX, -BORDER_PX))
    with torch.no_grad():
        for index in range(min(pairs, len(cache))):
            images, truth = cache.batch([index])
            offset = torch.zeros_like(truth) if network is None else network(images[:, :1], images[:, 1:])[0]
            known = (images[:, 0] > 0)[inner]
            if known.any():
                found.append(float((offset - truth).norm(dim=1)[inner][known].mean()))
    return np.array(found)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", metavar="CHECKPOINT", type=Path, nargs="+")
    parser.add_argument("--held-out", type=Path, required=True, help="folder of pairs")
    parser.add_argument("--pairs", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cache = PairCache(options.held_out)
    print("| network | steps | minutes | mean error, px | median of the pairs, px |\n|---|---|---|---|---|")
    still = pair_errors(None, cache, options.pairs)
    print(f"| no motion | | | {still.mean():.3f} | {np.median(still):.3f} |", flush=True)
    for checkpoint in options.checkpoints:
        network, state = load(checkpoint)
        errors = pair_errors(network, cache, options.pairs)
        cells = checkpoint.parent.name, state["step"], round(state["seconds"] / 60), errors.mean(), np.median(errors)
        print("| {} | {} | {} | {:.3f} | {:.3f} |".format(*cells), flush=True)


if __name__ == "__main__":
    main()
