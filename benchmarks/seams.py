"""How far answers depend on where tiles are cut, by the context around each, and what more context costs.

    python -m benchmarks.seams [deepot] [--side 1024] [--tile 336] [--contexts 96 160 208]

A pair is measured as one tile and in tiles of `--tile` px that are blended as the product blends them. Without `--tile`
the product chooses larger ones, whose seams are fewer.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks import results
from benchmarks.large_pair import arrays
from deepot_qgis.engine import estimate, tiling
from deepot_qgis.engine.model import DEFAULT_MODEL, NetworkEstimator

#: What is asked of two tilings, px.
ASKED_PX = 1e-4


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


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL)
    parser.add_argument("--side", type=int, default=1024, help="of the pair, px, a multiple of 16")
    parser.add_argument("--tile", type=int, default=336, help="side of what is kept of a tile, px")
    parser.add_argument("--contexts", type=int, nargs="+", default=[96, 160, 208], help="px around each tile")
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    estimator = NetworkEstimator(parsed.model, "cpu")
    images = arrays(parsed.side)
    one = whole(estimator, images)
    rows = []
    for context in parsed.contexts:
        many, work = tiled(estimator.with_context(context), images, parsed.tile, context)
        apart = np.abs(many - one).max(axis=0)
        shares = [f"{np.percentile(apart, share):.1e}" for share in (50, 95, 99, 99.9)]
        own = " (as shipped)" if context == estimator.margin_px else ""
        rows.append(
            [
                f"{context} px{own}",
                f"{work:.2f}",
                *shares,
                f"{apart.max():.1e}",
                f"{100 * (apart > ASKED_PX).mean():.1f} %",
            ]
        )
        print(*rows[-1], flush=True)
    words = (
        f"The same {parsed.side} x {parsed.side} px measured as one tile and in tiles of {parsed.tile} px, far smaller "
        "ones than a run chooses: how far apart the answers are, px, and how many times each pixel is looked at. It is "
        "one pair, whose dates differ by a shift and 10 % of noise; pairs that are less alike were not measured. Runs "
        "with the same `--tile` give the same bits on any number of threads and processes."
    )
    header = ["context", "looked at", "median", "95 %", "99 %", "99.9 %", "largest", f"beyond {ASKED_PX:g} px"]
    if not parsed.no_store:
        kept = results.store("seams", {"words": [words], "tables": [results.table("Tiles", header, rows)]})
        print(f"kept in {kept.relative_to(results.REPOSITORY)}")


if __name__ == "__main__":
    main()
