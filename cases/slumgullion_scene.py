"""A stack of dates over the Slumgullion landslide: the published motion through the seasons, in real imagery."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
from scipy import ndimage

from cases import files, imagery, imaging, stack
from cases.decorrelation import Decorrelation
from cases.history import Instrument
from cases.slumgullion_field import Field, analytic, published
from deepot_qgis.engine.displacement import DAYS_A_YEAR

PIXEL_M = 3.0
FIRST = datetime(2015, 5, 6, tzinfo=timezone.utc)
EVERY_DAYS, COUNT = 60, 12
#: Pairs are at least that far apart: shorter ones move a tenth or two of a pixel, which trackers read too short, and a
#: series adds that up.
LEAST_DAYS = 300.0
LOOKS, BANDWIDTH = 3, 0.6
# coherence of bare debris and sparse forest in L-band; snow takes a share of it
LAW = Decorrelation(0.9, 0.5, 90.0)
SNOW_MONTHS, SNOW_KEPT = (12, 1, 2, 3, 4), 0.8
# the velocity swings by this share of its mean about the year, fastest on this day of it (spring snow melt)
SWING, FASTEST_DAY_OF_YEAR = 0.35, 145


@dataclass(frozen=True)
class Scene:
    """What is simulated.

    Attributes
    ----------
    field : Field
    ground : Imagery
    dates : tuple of datetime
    """

    field: Field
    ground: imagery.Imagery
    dates: tuple[datetime, ...]

    @property
    def days(self) -> np.ndarray:
        """Days since the first date."""
        return np.array([(date - self.dates[0]).days for date in self.dates], float)

    def kept(self) -> tuple[float, ...]:
        """Each date's share of the coherences it takes part in."""
        return tuple(SNOW_KEPT if date.month in SNOW_MONTHS else 1.0 for date in self.dates)

    def displacement(self, number: int) -> np.ndarray:
        """East and north since the first date, (2, H, W), m."""
        return self.field.velocity * travelled(self.days[number])

    def mean_days(self) -> float:
        """Factor from the mean velocity to the slope of a straight line through the dates (the seasons tilt it)."""
        return float(np.polyfit(self.days, travelled(self.days), 1)[0])


def travelled(day: np.ndarray | float) -> np.ndarray:
    """Days at the mean velocity that it takes to move as far as in so many days since the first date."""
    day = np.asarray(day, float)
    start = FIRST.timetuple().tm_yday - FASTEST_DAY_OF_YEAR
    turn = 2 * np.pi / DAYS_A_YEAR
    return day + SWING / turn * (np.sin(turn * (start + day)) - np.sin(turn * start))


def scene(quick: bool) -> tuple[Scene, bool]:
    """The scene, and whether it is the one of the page (published field, real imagery)."""
    field = None if quick else published(PIXEL_M)
    ground = None
    if field is not None:
        height, width = field.elements.shape
        # a window whose lakes lie beside the landslide
        ground = imagery.scene("mountain_layover", slice(672, 672 + height), slice(456, 456 + width))
    if not quick and (field is None or ground is None):
        print(imagery.needs("fields/slumgullion and train/scene_mountain_layover.jpg"))
    real = field is not None and ground is not None
    if not real:
        field = analytic(PIXEL_M, (200, 260) if quick else (500, 650))
        ground = imagery.sample_ground(field.elements.shape)
    count = 5 if quick else COUNT
    spacing = EVERY_DAYS * (COUNT - 1) / (count - 1)
    return Scene(field, ground, tuple(FIRST + timedelta(round(spacing * number)) for number in range(count))), real


def simulate(made: Scene, folder: Path) -> tuple[Path, ...]:
    """Write the stack."""
    ground = imaging.ground(made.ground.intensity)

    def there(image: np.ndarray, order: int) -> np.ndarray:
        return ndimage.map_coordinates(image, [ground.y, ground.x], order=order, mode="nearest")

    right, down = there(made.field.velocity[0], 1) / PIXEL_M, -there(made.field.velocity[1], 1) / PIXEL_M
    keeps = (~there(made.ground.water, 0)).astype(np.float32)
    options = stack.StackOptions(
        made.field.elements.shape,
        tuple(made.days),
        Decorrelation(LAW.initial * keeps, LAW.final * keeps, LAW.days),
        made.kept(),
        LOOKS,
        imaging.sensor_like(BANDWIDTH),
        seed=20150506,
    )

    def motion(number: int) -> tuple[np.ndarray, np.ndarray]:
        far = travelled(made.days[number])
        return far * right, far * down

    note = f"Simulated: speckle on the reflectivity of {made.ground.source}, moved by {made.field.source}."
    return files.write_stack(
        folder / "images", stack.images(ground, motion, options), made.field.grid, made.dates, note
    )


def instruments(made: Scene, folder: Path) -> tuple[Instrument, ...]:
    """Write the embedded truth at the extensometers' places as tables of instruments, a value every tenth day."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, x, y in made.field.stations:
        east, north = made.field.at(x, y)
        bearing, rate = float(np.degrees(np.arctan2(east, north)) % 360), float(np.hypot(east, north))
        instrument = Instrument(name, x, y, bearing, rate, folder / f"{name}.csv")
        days = np.arange(0, made.days[-1] + 10, 10.0)
        with open(instrument.path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["time", "displacement_mm"])
            for day, value in zip(days, instrument.rate * travelled(days)):
                writer.writerow([f"{made.dates[0] + timedelta(day):%Y-%m-%d}", f"{1000 * value:.3f}"])
        found.append(instrument)
    return tuple(found)
