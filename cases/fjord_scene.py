"""A rockslide above a fjord as a side-looking radar sees it: terrain, folds, shadow, motion.

The ground is described in a frame of the radar: X away from it on the ground, Y along its flight, Z up, in metres. Rays
are parallel (a satellite is far away) and come in at one angle, so a place is seen at ground range
``X - Z / tan(incidence)``: what is high comes early. Slopes steeper than the incidence angle that face the radar fall
on what lies before them (layover); what a ray cannot reach is dark (shadow).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache

import numpy as np
from scipy import ndimage

from cases import imagery
from cases.decorrelation import Decorrelation
from cases.imaging import Ground
from deepot_qgis.engine import fields
from deepot_qgis.engine.rasters import UNREFERENCED, Grid

PIXEL_M = 3.0
INCIDENCE = 38.0  # degrees
EVERY_DAYS, COUNT = 24, 10
FIRST = datetime(2021, 5, 21, tzinfo=timezone.utc)
LOOKS = 2
# ground range and azimuth that the image shows, m
_RANGE, _AZIMUTH = (-400.0, 2830.0), (0.0, 2400.0)
_SPACING_M = 2.1
# terrain, m and degrees
_CREST_X, _CREST_Z, _SLOPE = 700.0, 750.0, 33.0
_FJORD_M, _WALL, _WALL_Z, _CLIFF, _SHELF_Z = 700.0, 48.0, 450.0, 60.0, 180.0
_ICE_FROM_Y, _ICE_Z = 1500.0, 45.0
_BRUSH_Z = 170.0
# the slab: middle, half lengths, and the direction it moves in (degrees from X towards Y, and down)
_SLAB = (1270.0, 1080.0, 330.0, 470.0)
_ASIDE, _DOWN = 15.0, 28.0
#: Creep, m/day; the day from which it accelerates; the day towards which the velocity grows without bound.
CREEP, ONSET_DAY, FAILURE_DAY = 0.008, 96.0, 240.0
ICE_M_A_DAY = 0.6
KINDS = ("rock", "brush", "slab", "ice", "water")
# coherence of each kind: initial, final, days
LAWS = {
    "rock": (0.9, 0.55, 60.0),
    "brush": (0.75, 0.15, 20.0),
    "slab": (0.9, 0.5, 60.0),
    "ice": (0.8, 0.0, 2.0),
    "water": (0.0, 0.0, 1.0),
}
_LEVELS = {"rock": 1.0, "brush": 0.8, "slab": 1.0, "ice": 0.5, "water": 0.05}


def days() -> tuple[float, ...]:
    """Days of the dates since the first."""
    return tuple(float(EVERY_DAYS * number) for number in range(COUNT))


def dates() -> tuple[datetime, ...]:
    """The dates."""
    return tuple(FIRST + timedelta(day) for day in days())


def travelled(day: np.ndarray | float) -> np.ndarray:
    """How far the slab moved since day 0, m.

    It creeps, then its inverse velocity falls in a straight line to zero (Fukuzono 1985, Voight 1988):
    ``v = creep (failure - onset) / (failure - t)``.
    """
    day = np.asarray(day, float)
    late = np.maximum(day, ONSET_DAY)
    run = FAILURE_DAY - ONSET_DAY
    return CREEP * (np.minimum(day, ONSET_DAY) + run * np.log(run / (FAILURE_DAY - late)))


def sensitivity() -> np.ndarray:
    """Offset of a metre of the slab's motion: to the right (ground range) and down (against the flight), m."""
    aside, down, incidence = np.radians([_ASIDE, _DOWN, INCIDENCE])
    away, along, up = np.cos(down) * np.cos(aside), np.cos(down) * np.sin(aside), -np.sin(down)
    return np.array([away - up / np.tan(incidence), -along])


@dataclass(frozen=True)
class Scene:
    """Scatterers, and what each pixel shows.

    Attributes
    ----------
    ground : Ground
        In pixels of the radar image; scatterers in shadow are left out.
    kind : (n,) uint8
        Index into `KINDS`.
    place : (2, n) float32
        X and Y of each, m.
    base : (n,) float32
        Power of each without the texture that moves with ice.
    texture : (h, w) float32
        Of the ground, on pixels of 3 m.
    seen : (H, W) uint8
        Kind that most of a pixel's power comes from.
    layover, shadow : (H, W) bool
    heights : (h, w) float32
        Terrain on pixels of 3 m, for a picture.
    source : Imagery
    """

    ground: Ground
    kind: np.ndarray
    place: np.ndarray
    base: np.ndarray
    texture: np.ndarray
    seen: np.ndarray
    layover: np.ndarray
    shadow: np.ndarray
    heights: np.ndarray
    source: imagery.Imagery

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the image."""
        return self.seen.shape

    def is_kind(self, name: str) -> np.ndarray:
        """Pixels that show one kind of ground and nothing folded over it, (H, W) bool."""
        return (self.seen == KINDS.index(name)) & ~self.layover & ~self.shadow

    def law(self) -> Decorrelation:
        """Decorrelation of every scatterer."""
        table = np.array([LAWS[name] for name in KINDS], np.float32)
        return Decorrelation(*(column[self.kind] for column in table.T))

    def motion(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Offset of every scatterer at a date, px. Ice is not followed: its surface is another one at each date."""
        slab = self.kind == KINDS.index("slab")
        step = sensitivity() * travelled(days()[number]) / PIXEL_M
        return step[0] * slab, step[1] * slab

    def power(self, number: int) -> np.ndarray:
        """Power of every scatterer at a date: the pattern of the ice moves along the fjord, against Y."""
        drift = np.where(self.kind == KINDS.index("ice"), ICE_M_A_DAY * days()[number], 0.0)
        pattern = _textured(self.texture, self.place[0], self.place[1] + drift)
        return self.base * np.where(self.kind == KINDS.index("water"), 1, pattern)


def grid(shape: tuple[int, int]) -> Grid:
    """Grid of the image: radar geometry has no place on a map, so it is measured in pixels."""
    return Grid(shape[1], shape[0], UNREFERENCED, "", False)


@cache
def _rough() -> np.ndarray:
    """Relief of some metres over some tens of metres, on pixels of 3 m."""
    return fields.fractal((900, 1500), 7.0, 3.6, np.random.default_rng(8))[0]


def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Terrain, m: a ridge, the slope with the slab, the fjord, a steep wall and a cliff behind it."""
    tan = np.tan(np.radians([_SLOPE, _WALL, _CLIFF]))
    bend = 45 * np.sin(2 * np.pi * y / 1900) + 18 * np.sin(2 * np.pi * y / 530 + 1)
    shore = _CREST_X + _CREST_Z / tan[0]
    east = _CREST_Z - (x - _CREST_X + 0.4 * bend) * tan[0]
    west = _CREST_Z + (x - _CREST_X) * np.tan(np.radians(24.0)) + 0.6 * bend
    wall = (x - shore - _FJORD_M + bend) * tan[1]
    top_x = shore + _FJORD_M + _WALL_Z / tan[1]
    behind = np.maximum(_WALL_Z - (x - top_x) * tan[2], _SHELF_Z) + 0.3 * bend
    rough = ndimage.map_coordinates(
        _rough(), [(_AZIMUTH[1] - y) / PIXEL_M + 30, (x - _RANGE[0]) / PIXEL_M + 30], order=1
    )
    slopes = np.maximum(np.minimum(east, west), np.minimum(wall, behind)) + rough
    return np.maximum(slopes, floor(x, y))


def floor(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Surface of water and ice, m."""
    front = _ICE_FROM_Y + 60 * np.sin(x / 140)
    return np.where(y > front, _ICE_Z + 0.06 * (y - front), 0.0)


def scene(quick: bool) -> tuple[Scene, bool]:
    """The scene, and whether it is the one of the page."""
    spacing = 3 * _SPACING_M if quick else _SPACING_M
    shape = tuple(int((high - low) / PIXEL_M) for low, high in (_AZIMUTH, _RANGE))
    size = shape[0], shape[1] + 120
    source = None if quick else imagery.scene("mountain_layover", slice(0, size[0]), slice(0, size[1]))
    if source is None and not quick:
        print(imagery.needs("train/scene_mountain_layover.jpg"))
    real = source is not None
    source = source or imagery.sample_ground(size)
    # its own relief is taken out: what is brighter or darker over 75 m
    level = np.log(source.intensity)
    texture = np.exp(np.clip(level - ndimage.gaussian_filter(level, 12), -2.5, 2.0)).astype(np.float32)
    return _scene(texture, source, shape, spacing), real


def _scene(texture: np.ndarray, source: imagery.Imagery, shape: tuple[int, int], spacing: float) -> Scene:
    x = np.arange(_RANGE[0] - 50, _RANGE[1] + 900, spacing)
    y = np.arange(_AZIMUTH[1] + 25, _AZIMUTH[0] - 25, -spacing)
    away, along = np.meshgrid(x, y)
    z = height(away, along)
    rise = np.stack(np.gradient(z, y, x))
    incidence = np.radians(INCIDENCE)
    ray = away * np.cos(incidence) + z * np.sin(incidence)
    lit = ray >= np.maximum.accumulate(ray, axis=1) - 1e-6
    area = np.sqrt(1 + rise[0] ** 2 + rise[1] ** 2)
    facing = np.clip((np.cos(incidence) + rise[1] * np.sin(incidence)) / area, 0.0, 1)
    kind = _kinds(away, along, z)
    level = np.array([_LEVELS[name] for name in KINDS], np.float32)[kind]
    base = (level * area * facing**1.5 * spacing**2 / PIXEL_M**2).astype(np.float32)
    column = (away - z / np.tan(incidence) - _RANGE[0]) / PIXEL_M - 0.5
    row = (_AZIMUTH[1] - along) / PIXEL_M - 0.5
    folded = np.gradient(column, axis=1) < 0
    inside = lit & (column > -9) & (column < shape[1] + 8) & (row > -9) & (row < shape[0] + 8)
    place = np.stack([away[inside], along[inside]]).astype(np.float32)
    made = Ground(column[inside], row[inside], base[inside])
    shares = _shares(made, kind[inside], folded[inside], shape)
    rows, columns = np.mgrid[: shape[0], : shape[1] + 120] * PIXEL_M
    return Scene(
        made,
        kind[inside],
        place,
        base[inside],
        texture,
        *shares,
        height(columns + _RANGE[0], _AZIMUTH[1] - rows),
        source,
    )


def _kinds(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Kind of ground everywhere, index into `KINDS`."""
    level = floor(x, y)
    middle_x, middle_y, half_x, half_y = _SLAB
    slab = ((x - middle_x) / half_x) ** 4 + ((y - middle_y + 0.15 * (x - middle_x)) / half_y) ** 4 < 1
    kind = np.full(x.shape, KINDS.index("rock"), np.uint8)
    kind[(z < _BRUSH_Z) & (x > _CREST_X)] = KINDS.index("brush")
    kind[slab] = KINDS.index("slab")
    flat = z <= level + 1e-6
    kind[flat & (level > 0)] = KINDS.index("ice")
    kind[flat & (level == 0)] = KINDS.index("water")
    return kind


def _shares(ground: Ground, kind: np.ndarray, folded: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """What most of each pixel's power comes from, where slopes fold over, and where nothing is seen."""
    column, row = np.rint(ground.x).astype(int), np.rint(ground.y).astype(int)
    inside = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
    pixel = row[inside] * shape[1] + column[inside]
    size = shape[0] * shape[1]

    def power(weight: np.ndarray) -> np.ndarray:
        return ndimage.uniform_filter(np.bincount(pixel, weight, size).reshape(shape), 5)

    weight = ground.power[inside].astype(float)
    by_kind = np.stack([power(weight * (kind[inside] == number)) for number in range(len(KINDS))])
    total = by_kind.sum(0)
    layover = power(weight * folded[inside]) > 0.2 * np.maximum(total, 1e-12)
    shadow = total < 0.02 * np.median(total[total > 0])
    return by_kind.argmax(0).astype(np.uint8), layover & ~shadow, shadow


def _textured(texture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Texture at places of the ground, mirrored beyond its edge."""
    places = [(_AZIMUTH[1] - y) / PIXEL_M, (x - _RANGE[0]) / PIXEL_M]
    return ndimage.map_coordinates(texture, places, order=1, mode="mirror")
