"""The second real date of the Morocco pair moved by the measured field of a real landslide.

The mean horizontal velocity of the Slumgullion landslide, Colorado, 2011-2018 (Hu, Burgmann, Schulz and Fielding 2020,
Nature Communications), lies north up and true to scale on the pair's grid and is scaled so that its fastest pixel
moves a given distance. Outside the outlines of its kinematic elements the ground stands still.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import interpolate, ndimage

from benchmarks.accuracy import grounds, measures
from benchmarks.accuracy.case import Scene
from benchmarks.accuracy.fixed_set import Field, depth
from deepot_qgis.engine import synthetic
from deepot_qgis.engine.estimate import Estimate
from training import sources

PEAKS = (0.2, 0.5, 1.0, 2.0, 4.0, 6.0)  # px
SHOWN_PEAK = 4.0  # px, of the answers that are kept as a picture
_STEP = 0.02  # px, to which that picture is rounded
_METRES_PER_DEGREE = 111_320.0
_FINER = 4  # the outlines are drawn on a grid this much finer


@cache
def slumgullion(shape: tuple[int, int], pixel_m: tuple[float, float]) -> Field:
    """The landslide's field with a peak of 1 px, centred on a grid.

    Parameters
    ----------
    shape : (height, width)
    pixel_m : (float, float)
        Width and height of a pixel, m.
    """
    folder = sources.data_folder() / "fields" / "slumgullion"
    table = np.loadtxt(folder / "displacement_mm_day.txt", skiprows=1)
    outlines = [np.loadtxt(path)[:, :2] for path in sorted((folder / "kinematic_elements").glob("KE*.txt"))]
    # distances from the middle of the body
    everything = np.concatenate([line[np.isfinite(line).all(1)] for line in outlines])
    middle = (everything.min(0) + everything.max(0)) / 2
    metres = np.array([np.cos(np.radians(middle[1])), -1.0]) * _METRES_PER_DEGREE
    centre = (np.array(shape[::-1]) - 1) / 2

    def pixels(longitude_latitude: np.ndarray) -> np.ndarray:
        return (longitude_latitude - middle) * metres / pixel_m + centre

    body = _inside([pixels(line) for line in outlines], shape)
    places = pixels(table[:, :2])
    y, x = np.mgrid[: shape[0], : shape[1]]
    east_north = interpolate.griddata(places, table[:, 2:4], (x, y), "linear", 0.0)
    # metres to pixels of their own size; north is up, y is down
    moved = np.stack([east_north[..., 0] / pixel_m[0], -east_north[..., 1] / pixel_m[1]])
    offset = moved * ndimage.uniform_filter(body.astype(np.float32), _FINER)[::_FINER, ::_FINER]
    offset /= np.hypot(*offset).max()
    moving = body[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER]
    return Field("slumgullion", offset.astype(np.float32), moving, depth(moving))


def _inside(outlines: list[np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """Union of polygons (parts separated by NaN rows), on a grid `_FINER` times as fine."""
    from matplotlib.path import Path as Outline

    body = np.zeros([size * _FINER for size in shape], bool)
    for line in outlines:
        breaks = np.flatnonzero(~np.isfinite(line).all(1))
        for part in np.split(line, breaks):
            # fine pixel i has its centre at (i + 0.5) / finer - 0.5 of the coarse grid
            part = (part[np.isfinite(part).all(1)] + 0.5) * _FINER - 0.5
            if len(part) < 3:
                continue
            left, top = np.maximum(np.floor(part.min(0)).astype(int), 0)
            right, bottom = np.ceil(part.max(0)).astype(int) + 1
            box = body[top:bottom, left:right]
            y, x = np.mgrid[top : top + box.shape[0], left : left + box.shape[1]]
            box |= Outline(part).contains_points(np.stack([x.ravel(), y.ravel()], 1)).reshape(box.shape)
    # the outlines leave slits between neighbours
    return ndimage.binary_closing(body, iterations=_FINER)


@dataclass(frozen=True)
class LandslideCase:
    """The moved date with a peak motion in px."""

    peak: float

    @property
    def key(self) -> str:
        """Stable name."""
        return f"landslide/{self.peak:g}"

    def field(self) -> Field:
        """The field at this peak."""
        shape = tuple(part.stop - part.start for part in grounds.MOROCCO_FILLED)
        unit = slumgullion(shape, grounds.MOROCCO_PIXEL_M)
        return Field(f"slumgullion, {self.peak:g} px", self.peak * unit.offset, unit.moving, unit.depth)

    def scene(self) -> Scene:
        """The part of the pair that both dates fill."""
        reference, secondary = (date[grounds.MOROCCO_FILLED] for date in grounds.morocco())
        offset = self.field().offset
        return Scene(reference, synthetic.move(secondary, offset), offset)

    def measure(self, scene: Scene, estimate: Estimate, tells_sigma: bool) -> dict:
        """Errors inside the body, beside its margin and on stable ground."""
        field = self.field()
        row = measures.errors(estimate, field, scene.reference > 0)
        if tells_sigma:
            row["sigma"] = measures.calibration(estimate, scene.truth, scene.reference > 0)
        if self.peak == SHOWN_PEAK:
            row["picture"] = packed(np.hypot(*estimate.offset)[around(field)])
        return row


def around(field: Field, margin: int = 25) -> tuple[slice, slice]:
    """Rows and columns of the body and what is next to it."""
    rows, columns = np.nonzero(field.moving)
    height, width = field.moving.shape
    return (
        slice(max(rows.min() - margin, 0), min(rows.max() + margin, height)),
        slice(max(columns.min() - margin, 0), min(columns.max() + margin, width)),
    )


def packed(length: np.ndarray) -> dict:
    """Lengths of offsets, rounded, as text for a record."""
    values = np.clip(np.rint(length / _STEP), 0, 65535).astype("<u2")
    return {"shape": values.shape, "data": base64.b64encode(zlib.compress(values.tobytes(), 9)).decode("ascii")}


def unpacked(picture: dict) -> np.ndarray:
    """Lengths from `packed`, px."""
    values = np.frombuffer(zlib.decompress(base64.b64decode(picture["data"])), "<u2")
    return values.reshape(picture["shape"]).astype(np.float32) * _STEP


def landslide_cases() -> Iterator[LandslideCase]:
    """Every peak."""
    for peak in PEAKS:
        yield LandslideCase(peak)
