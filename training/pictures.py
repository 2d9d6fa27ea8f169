"""Loss curve of a run from its log: ``python -m training.pictures --log RUN/log.jsonl --out curve.png``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def read_log(paths: list[Path]) -> tuple[list, list]:
    """Training entries and validation entries of one or more logs, steps counted on from file to file."""
    trained, checked, before = [], [], 0
    for path in paths:
        step = 0
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            step = entry["step"]
            if "check" in entry:
                checked.append((before + step, entry["check"]["stages"]))
            else:
                trained.append((before + step, entry["error"]))
        before += step
    return trained, checked


def main() -> None:
    """Command line."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    trained, checked = read_log(options.log)
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    axes.plot(*zip(*trained), color="0.7", linewidth=0.8, label="training batches (weighted)")
    steps, stages = zip(*checked)
    names = ["coarse", *[f"stage {i}" for i in range(1, len(stages[0]) - 1)], "full resolution"]
    for index, name in enumerate(names):
        axes.plot(steps, [row[index] for row in stages], marker="o", markersize=3, label=f"held-out: {name}")
    axes.set(xlabel="step", ylabel="mean end-point error, px", ylim=(0, None))
    axes.legend(fontsize=8)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, dpi=110)


if __name__ == "__main__":
    main()
