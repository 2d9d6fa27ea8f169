"""The Salmon Falls landslide as its GNSS stations saw it, in simulated images of a satellite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from osgeo import osr
from scipy import ndimage, spatial

from cases import files, imagery, imaging, stack
from cases.decorrelation import Decorrelation
from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.stations import Reading, Station, StationsOptions, placing, read_stations
from deepot_qgis.engine.stations.matching import at_noon, seconds_of

EPSG = 32611  # UTM zone 11 north
PIXEL_M = 0.5
BASE = "BASE"
#: Eight repeats of TerraSAR-X; dates on which all stations record but for two gaps.
EVERY_DAYS = 88
FIRST, COUNT = datetime(2017, 3, 5, tzinfo=timezone.utc), 5
#: Between neighbouring dates the ground moves less than a tenth of a pixel: such pairs tell little.
SHORTEST_DAYS = 100.0
#: X-band over dry rangeland and basalt.
LAW = Decorrelation(0.8, 0.35, 90.0)
LOOKS = 1
BANDWIDTH = 0.6  # a resolution of 0.8 m on pixels of 0.5 m: spotlight modes of TerraSAR-X, ICEYE, Capella
#: The body reaches this far beyond the outer stations, and still ground as far again.
_BODY_M, _RIM_M, _RIM_OF_FEW_M = 60.0, 50.0, 100.0
#: Blocks shear over this width.
MARGIN_M = 8.0
#: A day of GNSS scatters by millimetres; the ground of the images follows the mean of this many days to both sides.
_SMOOTH_DAYS = 7.0
_SEED = 20170305


@dataclass(frozen=True)
class Scene:
    """What is simulated.

    Attributes
    ----------
    grid : Grid
    ground : Imagery
    gnss : str
        Folder of the GNSS files.
    reading : Reading
        Stations relative to the base.
    dates : tuple of datetime
    blocks : (H, W) uint8
        Number of the station that a pixel moves with, from 1; 0 stands still.
    weights : (stations, H, W) float32
        How much each pixel moves with each station, smooth across the margins.
    moved : (stations, dates, 2) array
        East and north on the grid since the first date, m.
    """

    grid: Grid
    ground: imagery.Imagery
    gnss: str
    reading: Reading
    dates: tuple[datetime, ...]
    blocks: np.ndarray
    weights: np.ndarray
    moved: np.ndarray

    @property
    def stations(self) -> tuple[Station, ...]:
        """The moving stations."""
        return self.reading.stations

    def truth(self, date: int) -> np.ndarray:
        """East and north at a date, m, ``(2, H, W)``."""
        return np.tensordot(self.moved[:, date], self.weights, axes=(0, 0)).astype(np.float32)

    def position(self, station: Station) -> tuple[float, float]:
        """Map coordinates of a station."""
        place = placing.locate_station(station, self.grid, "scene")
        return place.x, place.y


def scene(quick: bool, folder: Path) -> tuple[Scene, bool]:
    """The scene, and whether it is the one of the page (measured motion, full size)."""
    measured = None if quick else imagery.shared("stations", "salmon_falls_gnss")
    if measured is None and not quick:
        print(imagery.needs("stations/salmon_falls_gnss"))
    real = measured is not None
    gnss = str(measured) if real else _analytic(folder / "gnss")
    dates = tuple(FIRST + timedelta(days=EVERY_DAYS * k) for k in range(COUNT if real else 4))
    reading = read_stations(StationsOptions("scene", (gnss,), "nowhere", base=BASE))
    grid, pixels = _grid(reading.stations, _RIM_M if real else _RIM_OF_FEW_M)
    blocks = _blocks(grid, pixels)
    shape = (grid.height, grid.width)
    ground = imagery.scene("mountain_layover", slice(100, 100 + shape[0]), slice(400, 400 + shape[1])) if real else None
    if ground is None and real:
        print(imagery.needs("train/scene_mountain_layover.jpg"))
        real = False
    ground = ground or _dry(shape)
    smooth = [ndimage.gaussian_filter((blocks == k + 1).astype(np.float32), MARGIN_M / PIXEL_M)
              for k in range(len(reading.stations))]  # fmt: skip
    moved = np.stack([_moved(station, grid, dates) for station in reading.stations])
    return Scene(grid, ground, gnss, reading, dates, blocks, np.stack(smooth), moved), real


def simulate(made: Scene, folder: Path) -> tuple[Path, ...]:
    """Write an image for each date."""
    ground = imaging.ground(made.ground.intensity)
    there = [ndimage.map_coordinates(of, [ground.y, ground.x], order=1, mode="nearest") for of in made.weights]

    def motion(date: int) -> tuple[np.ndarray, np.ndarray]:
        east = sum(weight * made.moved[k, date, 0] for k, weight in enumerate(there))
        north = sum(weight * made.moved[k, date, 1] for k, weight in enumerate(there))
        return east / PIXEL_M, -north / PIXEL_M

    options = stack.StackOptions(
        made.ground.intensity.shape,
        tuple(float(EVERY_DAYS * k) for k in range(len(made.dates))),
        LAW,
        looks=LOOKS,
        sensor=imaging.sensor_like(BANDWIDTH),
        seed=_SEED,
    )
    note = f"Simulated: speckle on the reflectivity of {made.ground.source}, moved as GNSS stations moved."
    return files.write_stack(folder / "images", stack.images(ground, motion, options), made.grid, made.dates, note)


def _crs() -> osr.SpatialReference:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    return crs


def _dry(shape: tuple[int, int]) -> imagery.Imagery:
    """The part of the sample with least water: on it there is nothing to follow."""
    whole = imagery.sample_ground((2 * shape[0], 2 * shape[1]))
    corners = [(row, column) for row in range(0, shape[0] + 1, 40) for column in range(0, shape[1] + 1, 40)]
    parts = [np.s_[row : row + shape[0], column : column + shape[1]] for row, column in corners]
    best = min(parts, key=lambda part: whole.water[part].mean())
    return replace(whole, intensity=whole.intensity[best], water=whole.water[best])


def _grid(stations: tuple[Station, ...], rim: float) -> tuple[Grid, np.ndarray]:
    """A grid around the stations, and the pixel of each, ``(stations, 2)``."""
    everywhere = Grid(2_000_000, 2_000_000, (0.0, 1.0, 0.0, 6_000_000.0, 0.0, -1.0), _crs().ExportToWkt(), True)
    places = [placing.locate_station(station, everywhere, "the zone") for station in stations]
    x, y = np.array([place.x for place in places]), np.array([place.y for place in places])
    room = _BODY_M + rim
    left, top = np.floor(x.min() - room), np.ceil(y.max() + room)  # whole metres
    width, height = (int(np.ceil(size / PIXEL_M)) for size in (x.max() + room - left, top - y.min() + room))
    grid = Grid(width, height, (left, PIXEL_M, 0.0, top, 0.0, -PIXEL_M), _crs().ExportToWkt(), True)
    return grid, np.stack(grid.to_pixel(x, y), axis=1)


def _blocks(grid: Grid, pixels: np.ndarray) -> np.ndarray:
    """Each pixel within reach of the stations' hull moves with the nearest of them."""
    rows, columns = np.mgrid[: grid.height, : grid.width] + 0.5
    places = np.stack([columns.ravel(), rows.ravel()], axis=1)
    _, nearest = spatial.cKDTree(pixels).query(places)
    hull = spatial.Delaunay(pixels).find_simplex(places).reshape(grid.height, grid.width) >= 0
    body = ndimage.distance_transform_edt(~hull) * PIXEL_M <= _BODY_M
    return np.where(body, nearest.reshape(body.shape) + 1, 0).astype(np.uint8)


def _moved(station: Station, grid: Grid, dates: tuple[datetime, ...]) -> np.ndarray:
    """East and north on the grid since the first date, ``(dates, 2)``; gaps are bridged by straight lines."""
    place = placing.locate_station(station, grid, "scene")
    parts = place.to_grid(station.east, station.north)
    at = seconds_of(at_noon(dates))
    reach = _SMOOTH_DAYS * 86_400
    found = []
    for values in parts:
        means = []
        for moment in at:
            near = np.abs(station.seconds - moment) <= reach
            # A line, so that a window with more days on one side does not lean to it.
            several = near.sum() > 4 and np.ptp(station.seconds[near]) > reach
            fit = np.polyfit((station.seconds[near] - moment) / reach, values[near], 1) if several else None
            means.append(fit[1] if several else np.interp(moment, station.seconds, values))
        found.append(np.array(means) - means[0])
    return np.stack(found, axis=1)


def _analytic(folder: Path) -> str:
    """GNSS files of made-up stations in the same format; stand in where the measured ones are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(_SEED)
    made: Mapping[str, tuple[float, float, float, float]] = {
        BASE: (-114.8750, 42.6058, 0.0, 0.0),
        "UPPR": (-114.8906, 42.6131, -0.45, 0.10),
        "MIDL": (-114.8911, 42.6134, -0.80, -0.20),
        "TOES": (-114.8912, 42.6129, -0.60, -0.45),
    }
    for name, (x, y, east, north) in made.items():
        days = np.arange(-20, 460)
        lines = [
            "PBO Station Position Time Series.", "Format Version, 1.2.0", "Reference Frame, NAM08",
            f"4-character ID, {name}", f"Station name, made up {name}",
            f"Reference position, {y} North Latitude, {x} East Longitude, 1000 meters elevation",
            "Date, North (mm), East (mm), Vertical (mm), North Std. Deviation (mm), East Std. Deviation (mm), "
            "Vertical Std. Deviation (mm), Quality,",
        ]  # fmt: skip
        for day in days:
            n, e, u = (1000 * part * day / 440 + 2 * rng.standard_normal() for part in (north, east, 0.0))
            lines.append(f"{FIRST + timedelta(days=int(day)):%Y-%m-%d},{n:.2f},{e:.2f},{u:.2f},2,2,6,made up,")
        (folder / f"{name}.pbo.nam08.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(folder)
