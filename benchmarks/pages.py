"""What the pages that benchmarks write have in common: folded text, tables, and plots that look alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scripts.prose import prose

__all__ = ["draw", "markdown", "prose"]

_STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "savefig.dpi": 110,
}


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table; bars inside cells would end them."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |" for line in lines]


def draw(drawings: Mapping[str, Callable], measured: Any, folder: Path, prefix: str, marker: float) -> list[Path]:
    """Draw figures into a folder as ``<prefix>_<name>.png``; returns their paths.

    Parameters
    ----------
    drawings : mapping of callable
        By name: takes pyplot and what was measured, returns a figure, or None where there is nothing to draw.
    measured
        Handed on to them.
    folder : Path
    prefix : str
    marker : float
        Size of markers, points.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    made = []
    with plt.rc_context({**_STYLE, "lines.markersize": marker}):
        for name, drawing in drawings.items():
            figure = drawing(plt, measured)
            if figure is None:
                continue
            path = folder / f"{prefix}_{name}.png"
            # without the version in the file the same numbers give the same bytes
            figure.savefig(path, metadata={"Software": None})
            plt.close(figure)
            made.append(path)
    return made
