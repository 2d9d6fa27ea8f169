"""Loss curve of a run from its logs.

``python -m training.pictures --log RUN/log.jsonl [NEXT/log.jsonl ...] --name flagship`` writes
docs/images/training_flagship.png.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"


def read_log(paths: list[Path]) -> tuple[list, list]:
    """Training entries and validation entries of one or more logs, steps counted on from file to file.

    Returns
    -------
    trained : list of (step, end-point error)
    checked : list of (step, errors of each stage)
    """
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


def _stage_names(count: int) -> list[str]:
    """Names of the answers a check measures, the full-resolution one last."""
    if count <= 2:
        return ["at the nodes", "full resolution"][-count:]
    return ["first", *[f"stage {i}" for i in range(1, count - 1)], "full resolution"]


def _running_mean(entries: list, width: int = 10) -> tuple[NDArray, NDArray]:
    """Steps and the mean of each entry with those before it: single entries scatter with what their pairs show."""
    steps, errors = np.array(entries, float).T
    sums = np.cumsum(np.concatenate([np.zeros(width), errors]))
    counts = np.minimum(np.arange(len(errors)) + 1, width)
    return steps, (sums[width:] - sums[:-width]) / counts


def draw(logs: list[Path], out: Path, title: str = "") -> bool:
    """Picture of the errors over the steps; False where matplotlib is not installed or nothing was logged."""
    try:
        import matplotlib
    except ImportError:
        return False
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    trained, checked = read_log(logs)
    if not trained:
        return False
    figure, axes = plt.subplots(figsize=(7.5, 4))
    axes.plot(*_running_mean(trained), color="0.75", linewidth=0.9, label="training batches (weighted)")
    if checked:
        steps, stages = zip(*checked)
        names = _stage_names(len(stages[0]))
        colours = matplotlib.colormaps["viridis_r"](np.linspace(0.15, 1, len(names)))
        for index, (name, colour) in enumerate(zip(names, colours)):
            axes.plot(steps, [row[index] for row in stages], "o-", markersize=3, color=colour, label=name)
    axes.set(xlabel="step", ylabel="mean end-point error, px", title=title, yscale="log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.tick_params(axis="y", which="minor", labelsize=7)
    axes.grid(which="both", alpha=0.25)
    axes.legend(fontsize=8, title="held-out pairs, mean weights", title_fontsize=8, loc="upper left",
                bbox_to_anchor=(1.01, 1), borderaxespad=0)  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=100, bbox_inches="tight")
    plt.close(figure)
    return True


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, nargs="+", required=True)
    parser.add_argument("--name", required=True, help="the picture is training_NAME.png")
    parser.add_argument("--title", default="")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder")
    options = parser.parse_args()
    if not draw(options.log, options.out / f"training_{options.name}.png", options.title):
        raise SystemExit("Nothing drawn: matplotlib is missing, or the logs are empty.")


if __name__ == "__main__":
    main()
