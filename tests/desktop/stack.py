"""Images and a station for the desktop's pictures: the sample scene, whose landslide creeps by seasons."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from scipy import ndimage

from cases import imagery, imaging, stack
from cases.decorrelation import Decorrelation
from scripts import sample

FIRST, STEP_DAYS, COUNT = datetime(2023, 1, 8), 36, 12
#: Of the sample's landslide, 3.2 px at the fastest, that it moves in a year.
A_YEAR = 1.5
PIXEL_M = 10.0
#: Column and row of the station, on the fastest ground.
STATION = (86, 123)
_LEFT, _TOP = 580000.0, 6262000.0


def progress(days: float) -> float:
    """Share of a year's motion after so many days: faster in early summer, when the snow melts."""
    years = days / 365.25
    return years - 0.12 * (np.sin(2 * np.pi * (years - 0.2)) + np.sin(2 * np.pi * 0.2))


def write_images(folder: Path) -> None:
    """Write one image a date, named by it."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = sample.read(sample.IMAGE).shape
    scene = imagery.sample_ground(shape)
    ground = imaging.ground(scene.intensity)
    field = A_YEAR * sample.landslide(shape)
    slide = [ndimage.map_coordinates(part, [ground.y, ground.x], order=1, mode="nearest") for part in field]
    wet = ndimage.map_coordinates(scene.water.astype(np.float32), [ground.y, ground.x], order=1, mode="nearest")
    still = np.where(wet > 0.5, 0.02, 0.7).astype(np.float32)
    law = Decorrelation(np.where(wet > 0.5, 0.05, 0.9).astype(np.float32), still, 90.0)
    days = tuple(float(STEP_DAYS * i) for i in range(COUNT))
    options = stack.StackOptions(shape, days, law, looks=3, seed=7)

    def motion(number: int) -> tuple[np.ndarray, np.ndarray]:
        share = progress(days[number])
        return share * slide[0], share * slide[1]

    for number, image in enumerate(stack.images(ground, motion, options)):
        date = FIRST + timedelta(days=STEP_DAYS * number)
        sample.write(folder / f"sentinel_{date:%Y%m%d}.tif", {"amplitude": image}, "", {"NOTE": sample.SYNTHETIC})


def write_station(path: Path) -> None:
    """Write what an extensometer there would have recorded: the embedded truth, every two days, millimetres."""
    column, row = STATION
    dx, dy = A_YEAR * sample.landslide(sample.read(sample.IMAGE).shape)[:, row, column]
    length = 1000 * PIXEL_M * float(np.hypot(dx, dy))
    bearing = float(np.degrees(np.arctan2(dx, -dy)) % 360)
    x, y = _LEFT + PIXEL_M * (column + 0.5), _TOP - PIXEL_M * (row + 0.5)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Date", "Displacement_mm", "Easting", "Northing", "Bearing"])
        for day in range(0, STEP_DAYS * COUNT, 2):
            moment = FIRST + timedelta(days=day)
            writer.writerow([f"{moment:%Y-%m-%d}", f"{length * progress(day):.1f}", x, y, f"{bearing:.1f}"])
