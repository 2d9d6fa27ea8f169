"""What the self-test looks at: windows spread over the image, and fields of moving bodies that fit into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .. import fields
from ..errors import InputError
from ..pair import Source

#: Nothing smaller holds a moving body and the still ground that it is compared with.
MIN_SIDE_PX = 96
#: A window with less data than this share is left out.
MIN_VALID = 0.3
#: Still ground around a body, px on each side: beyond half of the largest window of conventional tracking and its
#: search, bodies would be seen through each other.
_GAP_PX = 24
#: Width of the shear margin of a body, px; landslides have sharp ones.
MARGIN_PX = 1.5
_OVERVIEW_PX = 1024


@dataclass(frozen=True)
class Window:
    """A part of the image: x0, y0, its amplitudes (0 = no data), and the secondary's where there is one."""

    x0: int
    y0: int
    reference: np.ndarray
    secondary: np.ndarray | None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.reference.shape

    @property
    def valid(self) -> np.ndarray:
        """Pixels with data in all images, bool ``(H, W)``."""
        valid = self.reference > 0
        return valid if self.secondary is None else valid & (self.secondary > 0)


@dataclass(frozen=True)
class Body:
    """A round body that moves as a block: centre and diameter, px of its window, and its motion."""

    x: float
    y: float
    size_px: float
    dx: float = 0.0
    dy: float = 0.0

    @property
    def motion_px(self) -> float:
        """Length of the motion."""
        return float(np.hypot(self.dx, self.dy))

    def pixels(self, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of the pixels inside."""
        radius = self.size_px / 2
        y0, y1 = max(0, int(self.y - radius)), min(shape[0], int(self.y + radius) + 2)
        x0, x1 = max(0, int(self.x - radius)), min(shape[1], int(self.x + radius) + 2)
        rows, columns = np.mgrid[y0:y1, x0:x1]
        inside = np.hypot(columns - self.x, rows - self.y) <= radius
        return rows[inside], columns[inside]


def read_windows(
    reference: Source, secondary: Source | None, area: tuple[int, int, int, int], side: int, most: int
) -> list[Window]:
    """Read windows spread evenly over an area, those with little data left out.

    Parameters
    ----------
    reference, secondary : Source
        Images on one grid; the secondary may be None.
    area : tuple of int
        x0, y0, width, height of what is asked for, px. A window is never smaller than the image allows: around a
        small area it reaches beyond it.
    side : int
        Side of a window, px.
    most : int
        Most windows.

    Raises
    ------
    InputError
        The image is too small, or none of the windows has enough data.
    """
    raster = reference.raster
    grid = raster.grid
    if min(grid.width, grid.height) < MIN_SIDE_PX:
        raise InputError(
            f"{raster.name} is {grid.width} x {grid.height} pixels; the self-test moves bodies of ground inside it and "
            f"needs at least {MIN_SIDE_PX} x {MIN_SIDE_PX}: choose a larger image."
        )
    width, height = min(side, grid.width), min(side, grid.height)
    columns = _starts(area[0], area[2], width, grid.width)
    rows = _starts(area[1], area[3], height, grid.height)
    share = _valid_share(reference, secondary, columns, rows, width, height)
    windows = []
    for row, column in _spread(share, most):
        x0, y0 = columns[column], rows[row]
        later = None if secondary is None else secondary.read(x0, y0, width, height)
        window = Window(x0, y0, reference.read(x0, y0, width, height), later)
        if window.valid.mean() >= MIN_VALID:
            windows.append(window)
    if not windows:
        both = raster.name if secondary is None else f"{raster.name} and {secondary.raster.name}"
        raise InputError(
            f"No part of {both} of {width} x {height} pixels holds enough valid pixels for a self-test (at least "
            f"{100 * MIN_VALID:.0f} %); choose another image, band or area."
        )
    return windows


def _starts(first: int, length: int, window: int, whole: int) -> list[int]:
    """Where windows begin along an axis: side by side or overlapping, from one end of the area to the other."""
    low = min(max(0, first - max(0, window - length) // 2), whole - window)
    high = min(max(low, first + length - window), whole - window)
    count = 1 if high - low < window / 4 else -(-(high - low + window) // window)
    return sorted({round(position) for position in np.linspace(low, high, max(count, 1))})


def _valid_share(
    reference: Source, secondary: Source | None, columns: list[int], rows: list[int], width: int, height: int
) -> np.ndarray:
    """Share of valid pixels of each window, from every n-th pixel, ``(rows, columns)``."""
    grid = reference.raster.grid
    seen = reference.overview(_OVERVIEW_PX) > 0
    if secondary is not None:
        seen &= secondary.overview(_OVERVIEW_PX) > 0
    across, down = seen.shape[1] / grid.width, seen.shape[0] / grid.height

    def share(x: int, y: int) -> float:
        part = np.s_[int(y * down) : int((y + height) * down) + 1, int(x * across) : int((x + width) * across) + 1]
        return float(seen[part].mean())

    return np.array([[share(x, y) for x in columns] for y in rows])


def _spread(share: np.ndarray, most: int) -> list[tuple[int, int]]:
    """Row and column of up to `most` windows with data, each as far as can be from those chosen before."""
    places = [(int(row), int(column)) for row, column in np.argwhere(share >= MIN_VALID)]
    if not places:  # an overview may miss what a window holds: the fullest is read and judged itself
        row, column = np.unravel_index(np.argmax(share), share.shape)
        return [(int(row), int(column))]
    chosen = [max(places, key=lambda place: (share[place], place))]
    while len(chosen) < min(most, len(places)):
        rest = [place for place in places if place not in chosen]
        chosen.append(
            max(rest, key=lambda place: share[place] * min(np.hypot(*np.subtract(place, other)) for other in chosen))
        )
    return sorted(chosen)


def fitting(sizes: Sequence[float], shape: tuple[int, int]) -> list[float]:
    """Sizes of bodies that leave enough still ground in a window: a gap on each side, or a third of the body."""
    return [size for size in sizes if size + 2 * max(_GAP_PX, 0.3 * size) <= min(shape)]


def places(size: float, shape: tuple[int, int], rng: np.random.Generator) -> list[Body]:
    """As many still bodies of a size as fit side by side in a window, a little off their lattice."""
    cell = size + 2 * _GAP_PX
    counts = [int(length // cell) for length in shape]
    rooms = [length / count for length, count in zip(shape, counts)]
    bodies = []
    for row in range(counts[0]):
        for column in range(counts[1]):
            free = [(room - cell) / 2 for room in rooms]
            x = (column + 0.5) * rooms[1] + rng.uniform(-free[1], free[1])
            y = (row + 0.5) * rooms[0] + rng.uniform(-free[0], free[0])
            bodies.append(Body(float(x), float(y), size))
    return bodies


def still_bodies(size: float, shape: tuple[int, int], border: int) -> list[Body]:
    """Places for bodies all over a window, overlapping, where still ground is read."""
    step = max(size / 4, 16.0)
    centres = []
    for length in shape:
        low, high = border + size / 2, length - border - size / 2
        count = int(max(high - low, 0) // step) + 1
        centres.append(np.linspace(low, max(low, high), count) if count > 1 else [length / 2])
    return [Body(float(x), float(y), size) for y in centres[0] for x in centres[1]]


def moving(bodies: Sequence[Body], shape: tuple[int, int]) -> np.ndarray:
    """Offset field of bodies on still ground, float32 ``(2, H, W)``."""
    field = np.zeros((2, *shape), np.float32)
    for body in bodies:
        field += fields.lobe(shape, body.dx, body.dy, body.size_px, body.size_px, MARGIN_PX, centre=(body.x, body.y))
    return field


def smooth(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Field without margins: a ramp of a pixel to each side and a gentle wave, float32 ``(2, H, W)``.

    It passes through every fraction of a pixel, where trackers have their bias.
    """
    angle = rng.uniform(0, 360)
    wave = rng.uniform(0, 2 * np.pi)
    return (
        fields.ramp(shape, 1.0, 0.0, angle)
        + fields.ramp(shape, 0.0, 1.0, angle + 90)
        + fields.undulation(shape, 0.25 * np.cos(wave), 0.25 * np.sin(wave), 80.0, angle, wave)
    )
