"""How far answers depend on where tiles are cut, by the context around each, and what more context costs.

    python -m benchmarks.seams [deepot] [--side 1024] [--tile 336] [--contexts 96 160 256]

Two pairs are measured as one tile and in tiles of `--tile` px that are blended as the product blends them: ground that
moves as one, and a landslide with sharp margins on ground that keeps less likeness (the sample pair, mirrored to any
size). Without `--tile` the product chooses larger ones, whose seams are fewer.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks import results
from benchmarks.large_pair import arrays, sample_pair
from deepot_qgis.engine import estimate, tiling
from deepot_qgis.engine.model import DEFAULT_MODEL, NetworkEstimator

#: What is asked of two tilings, px.
ASKED_PX = 1e-4
#: Shares of the pixels, percent, for which the largest difference is told.
SHARES = (50, 95, 99, 99.9)
PAIRS = {
    "a shift of (2, -1) px and 10 % of noise": arrays,
    "the sample: a landslide with sharp margins, coherence 0.7": sample_pair,
}
HEADER = ["context", "looked at", "median", "95 %", "99 %", "99.9 %", "largest", f"beyond {ASKED_PX:g} px"]


def whole(estimator: NetworkEstimator, images: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Offsets of the pair as one tile."""
    return estimator.estimate(*images).offset


def tiled(
    estimator: NetworkEstimator, images: tuple[np.ndarray, np.ndarray], side: int, context: int
) -> tuple[np.ndarray, float]:
    """Offsets of the pair in tiles, and the pixels that the network looked at over those of the pair."""
    height, width = images[0].shape
    plan = tiling.plan(
        0, 0, width, height, side + 2 * context, context, estimator.tile_multiple, estimator.overlap_px, 0,
        (width, height),
    )  # fmt: skip
    blender = tiling.Blender(0, 0, width, height, plan.overlap)
    looked = 0
    for tile in plan:
        cut = [image[tile.y0 : tile.y0 + tile.height, tile.x0 : tile.x0 + tile.width] for image in images]
        found = estimate.within(estimator, *(np.ascontiguousarray(part) for part in cut), tile.context)
        blender.add(tile, found.offset, found.sigma, np.ones(found.sigma.shape, bool))
        looked += tile.width * tile.height
    return blender.finished(height)[:2], looked / (width * height)


def differences(many: np.ndarray, one: np.ndarray) -> dict:
    """How far two answers are apart: by share of the pixels and at most, px, and the share beyond `ASKED_PX`."""
    apart = np.abs(many - one).max(axis=0)
    shares = {f"{share:g}": float(np.percentile(apart, share)) for share in SHARES}
    return {"shares_px": shares, "most_px": float(apart.max()), "beyond": float((apart > ASKED_PX).mean())}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL)
    parser.add_argument("--side", type=int, default=1024, help="of the pair, px, a multiple of 16")
    parser.add_argument("--tile", type=int, default=336, help="side of what is kept of a tile, px")
    parser.add_argument("--contexts", type=int, nargs="+", default=[96, 160, 256], help="px around each tile")
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    estimator = NetworkEstimator(parsed.model, "cpu")
    tables, apart = [], []
    for name, make in PAIRS.items():
        images = make(parsed.side)
        one = whole(estimator, images)
        rows = []
        for context in parsed.contexts:
            many, work = tiled(estimator.with_context(context), images, parsed.tile, context)
            found = differences(many, one)
            own = " (as shipped)" if context == estimator.margin_px else ""
            told = [f"{value:.1e}" for value in (*found["shares_px"].values(), found["most_px"])]
            rows.append([f"{context} px{own}", f"{work:.2f}", *told, f"{100 * found['beyond']:.2f} %"])
            apart.append({"pair": name, "context": context, "work": work, **found})
            print(*rows[-1], flush=True)
        tables.append(results.table(name[0].upper() + name[1:], HEADER, rows))
    words = (
        f"The same {parsed.side} x {parsed.side} px measured as one tile and in tiles of {parsed.tile} px, far smaller "
        "ones than a run chooses: how far apart the answers are, px, and how many times each pixel is looked at. What "
        "remains with 256 px lies at margins of moving bodies, where two motions fit a pixel about equally and "
        "rounding decides: a wider context takes nothing off it. *Tile context* of the panel, `CONTEXT` and "
        "`--context` widen it. Runs with the same `--tile` give the same "
        "bits on any number of threads and processes."
    )
    if not parsed.no_store:
        kept = results.store("seams", {"words": [words], "tables": tables, "apart": apart})
        print(f"kept in {kept.relative_to(results.REPOSITORY)}")


if __name__ == "__main__":
    main()
