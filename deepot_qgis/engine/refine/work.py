"""The pieces of a refinement: open inputs, how a part of the product is judged and made, files that are written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Callable

import numpy as np

from .. import dates, displacement
from ..callbacks import Cancelled
from ..errors import CancelledError, OptionsError
from ..files import refuse_inputs, require_room
from ..output import Band, GeoTiffWriter, strip_rows
from ..pipeline import band_steps, compressing, round_bands, velocity_planes
from ..product import BANDS, VELOCITY_BANDS, Block, Statistics, bands, blocks, halo
from ..quality import QualityOptions, Reason
from ..rasters import Grid
from ..reference import Correction
from .consistency import disagreement
from .ground import stable_ground
from .judge import judge
from .masks import Exclusions
from .options import RefineOptions
from .result import StableGround, Survivors
from .source import Measured, View, open_offsets, said


class Work:
    """A refinement with its inputs open; for one thread.

    Raises
    ------
    DeepotError
        An input cannot be used.
    """

    def __init__(self, options: RefineOptions):
        self.options = options
        self.product = Measured(options)
        self._masks = Exclusions(options.masks, self.product)
        self._backward = open_offsets(options.backward, self.product) if options.backward else None
        if self._backward is not None and self.product.offsets is None:
            raise OptionsError(
                f"The unfiltered offsets of {self.product.name} are needed to compare forward with backward, and are "
                "not beside it; choose them."
            )
        self._judged: tuple[View, np.ndarray] | None = None
        self._before, self._quality, self._earlier = (
            self.product.limits, self.product.quality, self.product.correction
        )  # fmt: skip

    @property
    def velocity_unit(self) -> str:
        """Of the velocity: as asked, or as it was."""
        was = said(self.product.record, "options", "velocity_unit")
        known = displacement.VELOCITY_UNITS
        return self.options.velocity_unit or (was if isinstance(was, str) and was in known else next(iter(known)))

    def targets(self) -> dict[str, str]:
        """Files of the run, in the order in which they get their names: last the record, which vouches for the rest.

        Raises
        ------
        OptionsError
            A velocity cannot be made.
        """
        options = self.options
        found = {"product": options.output, "provenance": options.provenance_path}
        stem = os.path.splitext(options.output)[0]
        asked = options.velocity
        if asked is None and said(self.product.record, "options", "velocity"):
            asked = stem + "_velocity.tif"
        if not asked:
            return found
        if not self.product.days or self.product.days <= 0 or not self.product.grid.georeferenced:
            raise OptionsError(
                f"{self.product.name} has no dates or no georeference, which a velocity needs; do without the velocity."
            )
        return {"velocity": asked, **found}

    def require_outputs(self, targets: Mapping[str, str]) -> None:
        """Find out beforehand that the result cannot be kept."""
        grid = self.product.grid
        many = len(BANDS) + (len(VELOCITY_BANDS) if "velocity" in targets else 0)
        require_room(self.options.output, 4 * many * grid.width * grid.height)
        inputs = [self.product.path, self.product.offsets, self.options.backward]
        inputs += [os.path.splitext(self.product.path)[0] + ".json", *(mask.path for mask in self.options.masks)]
        for path in targets.values():
            refuse_inputs(path, [source for source in inputs if source])

    def count(self) -> Survivors:
        """What would survive, counted on a thinned grid."""
        grid = self.product.grid
        view = self.product.thinned(0, 0, grid.width, grid.height)
        return Survivors(counted(view.was), counted(self.judge(view)), view.step)

    def ground(self) -> tuple[Correction, StableGround | None]:
        """What stable ground shows after masking; see `ground.stable_ground`."""
        return stable_ground(self.product, self.options.reference, self._good)

    def write(
        self, files: Files, taken: Correction, progress: Callable[[float], None], cancelled: Cancelled
    ) -> tuple[Survivors, Statistics]:
        """Write the product from the top down; gives the counts of all pixels, and statistics."""
        grid = self.product.grid
        statistics = Statistics(grid.width * grid.height)
        before = dict.fromkeys(Reason, 0)
        after = dict.fromkeys(Reason, 0)
        for row in blocks(grid.width, grid.height, strip_rows(grid.width)):
            progress(row[0].y0 / grid.height)
            for block in row:
                if cancelled():
                    raise CancelledError("Cancelled; nothing was written.")
                planes, was = self.block(block, taken)
                for counts, codes in ((before, was), (after, planes[6])):
                    for reason, count in counted(codes).items():
                        counts[reason] += count
                statistics.add(planes)
                files.place(planes, block, self._factor())
        return Survivors(before, after, 1), statistics

    def block(self, block: Block, taken: Correction) -> tuple[np.ndarray, np.ndarray]:
        """Bands of a block after the refinement, float32 ``(7, h, w)``, and its codes before."""
        grid = self.product.grid
        around = halo(block, grid.width, grid.height, QualityOptions())  # neighbours of the outlier test and more
        view = self.product.view(around.x0, around.y0, around.width, around.height)
        codes = self.judge(view)
        inner = np.s_[..., block.y0 - around.y0 :, block.x0 - around.x0 :]
        size = np.s_[..., : block.height, : block.width]
        planes = self._planes(view, codes, taken)[inner][size]
        round_bands(planes, band_steps(grid))
        return planes, view.was[inner][size]

    def judge(self, view: View) -> np.ndarray:
        """Reason codes of a view, uint8 ``(H, W)``."""
        if self._judged is None or self._judged[0] is not view:
            self._judged = view, self._codes(view)
        return self._judged[1]

    def _codes(self, view: View) -> np.ndarray:
        excluded = self._masks.on(view.grid)
        arguments = (self._before, self._quality)
        codes = judge(view, self.options, excluded, None, *arguments)
        if self._backward is None:
            return codes
        ends = disagreement(view, self._backward, np.isin(codes, (Reason.GOOD, Reason.INCONSISTENT)))
        return judge(view, self.options, excluded, ends > self.options.max_disagreement_px, *arguments)

    def messages(self, found: Survivors) -> tuple[str, ...]:
        """What to know about the result."""
        lines = []
        options, product = self.options, self.product
        if product.offsets is None and (options.min_correlation is not None or options.max_sigma is not None):
            lines.append(
                f"The unfiltered offsets of {product.name} are not beside it, so limits can be tightened, but what was "
                "masked cannot come back."
            )
        if options.min_correlation is not None and product.record and not self._correlated():
            lines.append(f"{product.name} has no correlation, so its limit masks nothing.")
        if found.step == 1:
            lines += [
                f"No pixel of {product.name} lies in {name}; is it of this place, and is its CRS right?"
                for name in self._masks.missed()
            ]
        if found.covered and not found.after.get(Reason.GOOD):
            lines.append("No pixel is left; loosen the limits, or check the masks.")
        if found.stable is not None:
            lines += found.stable.sentences()
            if options.reference.kind == "slowest":
                lines.append(
                    "These are the slowest pixels, chosen because they scatter little: a polygon on ground known to be "
                    "stable tells how much it really scatters."
                )
        return tuple(lines)

    def _correlated(self) -> bool:
        return bool(said(self.product.record, "estimator", "name") != "import")

    def _good(self, view: View) -> tuple[np.ndarray, np.ndarray]:
        planes = self._planes(view, self.judge(view), Correction())
        return planes[0], planes[1]

    def _factor(self) -> float | None:
        first, second = dates.find(self.product.first or ""), dates.find(self.product.second or "")
        if first is None or second is None or second <= first:
            return None
        return displacement.velocity_factor(first, second, self.velocity_unit)

    def _planes(self, view: View, codes: np.ndarray, taken: Correction) -> np.ndarray:
        """Bands of a view by its new codes; what comes back is computed from the unfiltered offsets."""
        planes = view.bands.copy()
        good = codes == Reason.GOOD
        back = good & (view.was != Reason.GOOD)
        if back.any():
            ground = view.ground()
            for plane, shift in zip(ground, self._earlier.at(view.columns, view.rows)):
                plane -= shift
            displacement.polar(*ground)
            np.copyto(planes[:4], ground, where=back)
        if any((*taken.east, *taken.north)):
            for plane, shift in zip(planes, taken.at(view.columns, view.rows)):
                plane -= shift
            displacement.polar(*planes[:4])
        np.copyto(planes[:4], np.float32(np.nan), where=~good)
        planes[6] = codes
        return planes


class Files:
    """The rasters of a refinement while they are written."""

    def __init__(self, paths: Mapping[str, str], grid: Grid, unit: str, velocity_unit: str):
        threads = compressing("cpu")
        self._grid = grid
        self._product = GeoTiffWriter(paths["product"], grid, bands(unit), threads)
        self._velocity = None
        if "velocity" in paths:
            named = [Band(name, velocity_unit) for name in VELOCITY_BANDS]
            self._velocity = GeoTiffWriter(paths["velocity"], grid, named, threads)

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *_: object) -> None:
        """Close all, finished or not: an open file cannot be renamed or removed on Windows."""
        for writer in self._writers():
            writer.close()

    def place(self, planes: np.ndarray, block: Block, factor: float | None) -> None:
        """Write the bands of a block; `factor` from displacement to velocity."""
        self._product.place(planes, block.x0, block.y0)
        if self._velocity is not None and factor is not None:
            self._velocity.place(velocity_planes(planes, self._grid, factor), block.x0, block.y0)

    def finish(self, tags: Mapping[str, str], cancelled: Cancelled) -> None:
        """Close all with these tags."""
        for writer in self._writers():
            writer.finish(tags, cancelled)

    def _writers(self) -> Iterable[GeoTiffWriter]:
        return filter(None, (self._product, self._velocity))


def counted(codes: np.ndarray) -> dict[Reason, int]:
    """Number of pixels by reason."""
    counts = np.bincount(codes.astype(np.uint8).ravel(), minlength=len(Reason))
    return {reason: int(counts[reason]) for reason in Reason}
