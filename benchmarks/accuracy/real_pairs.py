"""Real repeat passes: still ground, where the right answer is zero, and a second date moved by known fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from benchmarks.accuracy import grounds, measures
from benchmarks.accuracy.case import Scene
from benchmarks.accuracy.fixed_set import Field, fields
from deepot_qgis.engine import quality, synthetic
from deepot_qgis.engine.estimate import Estimate
from deepot_qgis.engine.quality import QualityOptions
from training import sources

SOURCES = ("deepot_qgis/engine/quality.py", "deepot_qgis/engine/outliers.py")  # whose mask is judged
WRONG_PX = 0.5  # an answer this far off is wrong
SURE_PX = 0.3  # below this sigma the estimator says that it knows
COHERENT = 0.2  # correlation of the two dates' texture from which ground can be followed
STILL = ("morocco, 12 days", "mountain, single look", "amsterdam, single look")
CHANGED = ("bern, 8 bit", "ottawa, 8 bit", "san francisco, 8 bit", "yellow river, 8 bit")
_FILES = {
    "bern, 8 bit": ("bern_ers2_199904", "bern_ers2_199905"),
    "ottawa, 8 bit": ("ottawa_radarsat1_199705", "ottawa_radarsat1_199708"),
    "san francisco, 8 bit": ("sanfrancisco_ers2_200308", "sanfrancisco_ers2_200405"),
    "yellow river, 8 bit": ("yellowriver_c_radarsat2_200806", "yellowriver_c_radarsat2_200906"),
}
MOVED_SIZE = 336


@cache
def real_pair(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Both dates of a pair by name, linear amplitude float32, 0 where there is no data."""
    if name.startswith("morocco"):
        return tuple(grounds.morocco())
    if name.startswith("mountain"):
        return tuple(np.nan_to_num(date) for date in grounds.mountain())
    folder = sources.data_folder() / "pairs"
    if name.startswith("amsterdam"):
        with np.load(folder / "amsterdam_sentinel1_slc" / "slc.npz") as file:
            parts = [file[key].astype(np.float32) for key in sorted(file.files)]
        return tuple(np.nan_to_num(np.hypot(iq[..., 0], iq[..., 1])) for iq in parts)
    # a count of 0 is dark ground in these images, not a hole
    return tuple(np.maximum(grounds.read(folder / "repeat_8bit" / f"{stem}.png"), 1) for stem in _FILES[name])


def kept(scene: Scene, estimate: Estimate, tells_sigma: bool) -> np.ndarray:
    """Covered pixels that the product's default mask keeps; a method without sigma is not asked for it."""
    options = QualityOptions()
    known = scene.reference > 0
    warped = quality.warp(scene.secondary, estimate.offset, (0, 0))
    similar = quality.correlation(scene.reference, warped, known & (warped > 0), options.window_px)
    keep = known & (warped > 0) & (similar >= options.min_correlation)
    if tells_sigma:
        keep &= estimate.sigma <= options.max_sigma_px
    followed = quality.well_followed(similar, options)
    return keep & ~quality.outliers(np.where(known, estimate.offset, 0), known, followed, options.outlier_factor)


def _spread(length: np.ndarray) -> dict:
    if not length.size:
        return {"median": None, "p95": None, "over_half": None}
    return {
        "median": float(np.median(length)),
        "p95": float(np.quantile(length, 0.95)),
        "over_half": float((length > WRONG_PX).mean()),
    }


@dataclass(frozen=True)
class NullCase:
    """A real pair as it is: whatever is answered is error (or, in the 8-bit pairs, registration and change)."""

    name: str

    @property
    def key(self) -> str:
        """Stable name."""
        return f"null/{self.name}"

    def scene(self) -> Scene:
        """The two dates."""
        reference, secondary = real_pair(self.name)
        return Scene(reference, secondary, np.zeros((2, *reference.shape), np.float32))

    def measure(self, scene: Scene, estimate: Estimate, tells_sigma: bool) -> dict:
        """Length of the answer before and after the mask, on ground that can be followed and on ground that cannot."""
        covered = (scene.reference > 0) & (scene.secondary > 0)
        length = np.hypot(*estimate.offset)
        keep = kept(scene, estimate, tells_sigma) & covered
        similar = quality.correlation(scene.reference, scene.secondary, covered, QualityOptions().window_px)
        lost = covered & (similar < COHERENT)
        row = _spread(length[covered])
        row["kept_share"] = float(keep[covered].mean())
        row["kept"] = _spread(length[keep])
        row["coherent"] = _spread(length[covered & ~lost])
        row["incoherent"] = _spread(length[lost])
        row["incoherent_share"] = float(lost[covered].mean())
        if tells_sigma:
            row["coherent"]["sigma"] = float(np.median(estimate.sigma[covered & ~lost]))
            row["incoherent"]["sigma"] = float(np.median(estimate.sigma[lost])) if lost.any() else None
            # wrong and sure of it: what nobody would notice
            row["silent"] = float(((length > WRONG_PX) & (estimate.sigma < SURE_PX))[covered].mean())
            row["sigma"] = measures.calibration(estimate, scene.truth, covered)
        return row


@dataclass(frozen=True)
class MovedCase:
    """The second date of the Morocco pair moved by a field of the fixed set: real decorrelation, known motion."""

    index: int

    @property
    def field(self) -> Field:
        """The field."""
        return fields(MOVED_SIZE)[self.index]

    @property
    def key(self) -> str:
        """Stable name."""
        return f"moved/{self.index}"

    def scene(self) -> Scene:
        """A square that both dates fill."""
        rows, columns = grounds.MOROCCO_FILLED
        top, left = rows.start + 7, columns.start + 169
        square = np.s_[top : top + MOVED_SIZE, left : left + MOVED_SIZE]
        reference, secondary = (date[square] for date in grounds.morocco())
        return Scene(reference, synthetic.move(secondary, self.field.offset), self.field.offset)

    def measure(self, scene: Scene, estimate: Estimate, tells_sigma: bool) -> dict:
        """As on the fixed set."""
        row = measures.errors(estimate, self.field, scene.reference > 0)
        if tells_sigma:
            row["sigma"] = measures.calibration(estimate, scene.truth, scene.reference > 0)
        return row


def null_cases() -> Iterator[NullCase]:
    """Every real pair."""
    for name in (*STILL, *CHANGED):
        yield NullCase(name)


def moved_cases() -> Iterator[MovedCase]:
    """Every field on the moved date."""
    for index in range(len(fields(MOVED_SIZE))):
        yield MovedCase(index)
