"""What the network sees: a sheet of training pairs.

``python -m training.contact_sheet --pack runs/ground.npz`` writes docs/images/training_pairs.png: a dozen pairs that
show between them every kind of pair and as many families of motion and nuisances as fit.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training import pack, recipes, simulate
from training.pictures import IMAGES
from training.recipes import Recipe

COUNT, COLUMNS, SIZE = 12, 3, 160
CANDIDATES = 400
HOLE_COLOUR = (0.55, 0.75, 0.95)


def nuisances(recipe: Recipe) -> list[str]:
    """What makes a pair hard, in words."""
    finish, words = recipe.finish, []
    if recipe.kind == "simulated":
        if recipe.contrast == 0:
            words.append("bare speckle")
        if recipe.patch is not None:
            words.append(
                {"water": "water", "changed": "changed ground", "speckle": "incoherent patches"}[recipe.patch.what]
            )
        if recipe.scatterers:
            words.append("point scatterers")
        if recipe.blinking:
            words.append("blinking scatterers")
    if finish.change:
        words.append("radiometric change")
    if finish.encoding:
        words.append({"decibel": "8-bit dB", "linear": "saturated 8-bit"}[finish.encoding])
    if finish.power != 1:
        words.append("intensity" if finish.power == 2 else "root amplitude")
    if finish.hole is not None:
        words.append("no data")
    return words


def caption(recipe: Recipe) -> str:
    """Two lines: motion and its size, then how the pair was made."""
    made = recipe.kind
    if recipe.kind == "simulated":
        made = f"coherence {recipe.coherence:.2f}, {recipe.looks:.0f} look" + ("s" if recipe.looks > 1 else "")
    longest = np.hypot(*recipe.offset).max()
    return f"{recipe.family}, up to {longest:.1f} px\n" + ", ".join([made, *nuisances(recipe)])


def choose(candidates: list[Recipe], count: int) -> list[Recipe]:
    """Recipes that show the most: each next one adds what no earlier one has; the same kinds and families last."""
    chosen: list[Recipe] = []
    shown: dict[str, int] = {}
    left = [recipe for recipe in candidates if len(nuisances(recipe)) <= 2]  # more does not fit under a picture
    for _ in range(count):
        scores = [sum(0.3 ** shown.get(label, 0) for label in _labels(recipe)) for recipe in left]
        best = left.pop(int(np.argmax(scores)))
        for label in _labels(best):
            shown[label] = shown.get(label, 0) + 1
        chosen.append(best)
    return sorted(chosen, key=lambda recipe: list(recipes.KINDS).index(recipe.kind))


def _labels(recipe: Recipe) -> list[str]:
    return [recipe.family, recipe.family, recipe.kind, *nuisances(recipe)]


def stretched(amplitude: NDArray) -> NDArray:
    """Decibels between the second and the 98th percentile as grey, holes in a colour: (S, S, 3)."""
    valid = amplitude > 0
    level = np.log(np.where(valid, amplitude, 1))
    low, high = np.quantile(level[valid], [0.02, 0.98])
    grey = np.clip((level - low) / max(high - low, 1e-6), 0, 1)
    return np.where(valid[..., None], grey[..., None], HOLE_COLOUR)


def draw(batch: list[Recipe], images: NDArray, out: Path) -> None:
    """The sheet as a picture."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    rows = -(-len(batch) // COLUMNS)
    figure, axes = plt.subplots(rows, 3 * COLUMNS, figsize=(3 * COLUMNS * 1.28, rows * 1.62), squeeze=False)
    figure.subplots_adjust(left=0.004, right=0.996, bottom=0.004, top=0.945, wspace=0.03, hspace=0.3)
    for axis in axes.flat:
        axis.set_axis_off()
    for index, (recipe, pair) in enumerate(zip(batch, images)):
        row, column = divmod(index, COLUMNS)
        reference, secondary, field = axes[row, 3 * column : 3 * column + 3]
        for axis, image in ((reference, pair[0]), (secondary, pair[1])):
            axis.imshow(stretched(image), interpolation="nearest")
        _field(field, recipe.offset)
        # a narrow gap between the three pictures of a pair, a wide one between pairs
        for axis, shift in zip((reference, secondary, field), (0.0015, 0.0, -0.0015)):
            place = axis.get_position()
            axis.set_position([place.x0 + shift, place.y0, place.width, place.height])
        reference.set_title(caption(recipe), fontsize=7, loc="left", pad=3, linespacing=1.15)
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=100)
    plt.close(figure)
    compress(out)


def compress(path: Path, colours: int = 160) -> None:
    """A picture with a palette: speckle in all its shades is what no lossless format makes small."""
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def _field(axis, offset: NDArray) -> None:
    """Length of the motion as colour, its direction as arrows of one length."""
    length = np.hypot(*offset)
    axis.imshow(length, cmap="viridis", vmin=0, vmax=max(float(length.max()), 0.05))
    step = slice(offset.shape[1] // 16, None, offset.shape[1] // 8)
    y, x = np.mgrid[: offset.shape[1], : offset.shape[2]]
    part = offset[:, step, step]
    size = np.hypot(*part)
    moving = size > 0.02 * max(float(length.max()), 0.05)
    if moving.any():
        arrows = part / np.maximum(size, 1e-6)
        axis.quiver(x[step, step][moving], y[step, step][moving], arrows[0][moving], arrows[1][moving],
                    angles="xy", scale_units="xy", scale=0.075, width=0.014, color="white", pivot="mid")  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True, help="what training.pack wrote")
    parser.add_argument("--out", type=Path, default=IMAGES / "training_pairs.png")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    ground = pack.load(options.pack)
    batch = choose(recipes.draw_batch(ground, SIZE, options.seed, 0, CANDIDATES), COUNT)
    images, _ = simulate.Simulator(ground, SIZE).make(batch, options.seed, 0)
    draw(batch, images.numpy(), options.out)
    print(f"{options.out}: {options.out.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
