"""An earthquake's surface rupture across a whole scene, and the slip that is read from it.

make case-earthquake
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
from osgeo import osr
from scipy import ndimage

from cases import files, imagery, imaging, measuring, rupture, stack
from cases.decorrelation import Decorrelation
from deepot_qgis.engine.rasters import Grid

PIXEL_M = 5.0
DATES = datetime(2022, 5, 3, tzinfo=timezone.utc), datetime(2022, 5, 17, tzinfo=timezone.utc)
LAW = Decorrelation(0.85, 0.4, 60.0)
LOOKS = 2
BANDWIDTH = 0.6  # a resolution of 8 m on pixels of 5 m: stripmap modes of ALOS-2, TerraSAR-X and others
DAMAGED_M, DAMAGED_KEPT = 75.0, 0.5  # shattered ground beside the rupture keeps this share of its coherence
EPSG = 32637
# the slip is read from lines through each side, between these distances from the trace
NEAR_M, FAR_M = 100.0, 800.0
REACH_M, STRIP_M, SPACING_M = 2000.0, 300.0, 250.0


@dataclass(frozen=True)
class Scene:
    """What is simulated.

    Attributes
    ----------
    grid : Grid
    ground : Imagery
    rupture : Rupture
    truth : (3, H, W) float32
        East, north, up of every pixel, m.
    away_m : (H, W) float32
        Distance from the trace.
    """

    grid: Grid
    ground: imagery.Imagery
    rupture: rupture.Rupture
    truth: np.ndarray
    away_m: np.ndarray


def scene(quick: bool) -> tuple[Scene, bool]:
    """The scene, and whether it is the one of the page (real imagery, full size)."""
    shape = (420, 600) if quick else (1700, 2400)
    ground = None if quick else imagery.scene("city_river", slice(0, shape[0]), slice(0, shape[1]))
    if ground is None and not quick:
        print(imagery.needs("train/scene_city_river.jpg"))
        shape = (850, 1200)
    real = ground is not None
    ground = ground or imagery.sample_ground(shape)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    height, width = shape
    grid = Grid(width, height, (300_000.0, PIXEL_M, 0, 4_150_000.0, 0, -PIXEL_M), crs.ExportToWkt(), True)
    broken = earth(grid)
    truth = rupture.displacement(broken, grid)
    away = (rupture.distance_px(broken, grid) * PIXEL_M).astype(np.float32)
    return Scene(grid, ground, broken, truth, away), real


def earth(grid: Grid) -> rupture.Rupture:
    """A rupture that enters the scene from the left with two patches of slip, and ends inside it."""
    left, top = grid.geotransform[0], grid.geotransform[3]
    width, height = grid.width * PIXEL_M, grid.height * PIXEL_M
    share = (np.arange(20) + 0.5) / 20
    slip = 5.5 * np.exp(-(((share - 0.36) / 0.21) ** 2)) + 3.2 * np.exp(-(((share - 0.74) / 0.12) ** 2))
    slip *= np.sqrt(np.clip((1 - share) / 0.12, 0, 1))
    start = np.array([left - 0.15 * width, top - 0.78 * height])
    end = np.array([left + 0.84 * width, top - 0.28 * height])
    return rupture.bent(start, end, 0.035 * width, slip, depth=0.5 * width)


def simulate(made: Scene, folder: Path) -> tuple[Path, ...]:
    """Write the pair."""
    ground = imaging.ground(made.ground.intensity)
    east, north = rupture.at_places(made.rupture, made.grid, made.truth, ground.x, ground.y)

    def there(image: np.ndarray) -> np.ndarray:
        return ndimage.map_coordinates(image, [ground.y, ground.x], order=0, mode="nearest")

    keeps = np.where(there(made.ground.water), 0.0, 1.0).astype(np.float32)
    shattered = np.where(there(made.away_m) < DAMAGED_M, DAMAGED_KEPT, 1.0).astype(np.float32)
    days = (0.0, (DATES[1] - DATES[0]).days)
    options = stack.StackOptions(
        made.ground.intensity.shape,
        days,
        Decorrelation(LAW.initial * keeps, LAW.final * keeps, LAW.days),
        kept=(1.0, shattered),
        looks=LOOKS,
        sensor=imaging.sensor_like(BANDWIDTH),
        seed=20220515,
    )
    images = stack.images(ground, lambda date: (date * east / PIXEL_M, -date * north / PIXEL_M), options)
    note = f"Simulated: speckle on the reflectivity of {made.ground.source}, moved by an elastic dislocation."
    return files.write_stack(folder / "images", images, made.grid, DATES, note)


@dataclass(frozen=True)
class Slips:
    """Slip along the trace, m.

    Attributes
    ----------
    along_km : (n,) array
    embedded : (n,) array
        On the fault.
    read : mapping of str to (n,) array
        By `Crossing.slip`, from the true field (``truth``) and from each method's.
    """

    along_km: np.ndarray
    embedded: np.ndarray
    read: dict[str, np.ndarray]


def slips(made: Scene, measured: list[measuring.Measured]) -> Slips:
    """Slip every `SPACING_M` where the profile lies inside the scene."""
    along = rupture.stations(made.rupture, SPACING_M)
    fields = {"truth": made.truth[:2], **{each.method: (each.east, each.north) for each in measured}}
    read = {
        name: np.array(
            [
                rupture.crossing(*parts, made.grid, place, direction, FAR_M, STRIP_M).slip(NEAR_M, FAR_M)
                for place, direction in zip(along.place, along.direction)
            ]
        )
        for name, parts in fields.items()
    }
    seen = np.isfinite(read["truth"])
    return Slips(along.along[seen] / 1000, along.slip[seen], {name: values[seen] for name, values in read.items()})
