"""Where rays of a radar meet relief: layover and shadow along parallel rays through heights on a grid.

Over the few kilometres that a mountain casts, the rays of a satellite are parallel. Along one of them, with x the way
over the ground away from the radar, z the height and i the incidence angle,

* ``r = x sin(i) - z cos(i)`` grows with the range: ground that shares its range with other ground lies in layover,
  be it the slope that leans over (rising towards the far side by more than i) or what lies under and behind it;
* ``p = x cos(i) + z sin(i)`` is how high a ray passes: ground below a ray that nearer ground has stopped lies in
  shadow, the slope that falls by more than 90 - i as well as what it casts on.

Kropatsch and Strobl (1990), doi:10.1109/36.45752. Ground that lies in shadow sends nothing back, so nothing lies in
layover because of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LAYOVER, SHADOW, UNKNOWN = 1, 2, 255
#: Rays that are followed at once.
_RAYS = 256
#: Share of a step by which two ranges or heights of a ray must differ.
_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Course:
    """How rays cross an array: from its first column to its last, a little down or up with each.

    Attributes
    ----------
    step_m : float
        Metres over the ground from column to column.
    drift : float
        Rows down from column to column, -1..1.
    """

    step_m: float
    drift: float


def follow(
    heights: np.ndarray, incidence: np.ndarray, course: Course, rows: tuple[int, int], columns: tuple[int, int]
) -> np.ndarray:
    """Layover and shadow of a part of an array.

    Parameters
    ----------
    heights : numpy.ndarray
        Metres ``(H, W)``, NaN where unknown; the radar lies beyond the first column.
    incidence : numpy.ndarray
        Degrees, ``(H, W)`` or ``(1, 1)``; NaN where unknown.
    course : Course
    rows, columns : tuple of int
        First row and the row to end before, the same for columns, of the part that is wanted.

    Returns
    -------
    numpy.ndarray
        uint8: 0 seen well, `LAYOVER`, `SHADOW`, their sum for both, `UNKNOWN`.
    """
    along = course.drift * (np.arange(heights.shape[1]) - columns[0])  # rows that a ray has gone down at each column
    nearest = np.rint(along[columns[0] : columns[1]]).astype(int)
    first, last = rows[0] - int(nearest.max()), rows[1] - int(nearest.min())  # of rays, by their row at columns[0]
    result = np.full((rows[1] - rows[0], columns[1] - columns[0]), UNKNOWN, np.uint8)
    wanted = np.arange(rows[0], rows[1])[:, None] - nearest[None, :]  # the ray that passes closest to a pixel
    place = np.arange(result.shape[1])[None, :]
    for ray in range(first, last, _RAYS):
        numbers = np.arange(ray, min(ray + _RAYS, last))
        z = sample(heights, numbers, along)
        angle = np.radians(incidence if incidence.size == 1 else sample(incidence, numbers, along), dtype=float)
        codes = judge(z, angle, course.step_m)[:, columns[0] : columns[1]]
        mine = (wanted >= numbers[0]) & (wanted <= numbers[-1])
        found = codes[np.clip(wanted - ray, 0, len(numbers) - 1), place]
        np.copyto(result, found, where=mine)
    return result


def sample(image: np.ndarray, rays: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Values along rays, float64 ``(rays, W)``: linear between two rows, the nearer one where the other is unknown."""
    above = np.floor(along).astype(int)
    share = along - above
    column = np.arange(image.shape[1])[None, :]

    def row(number: np.ndarray) -> np.ndarray:
        inside = (number >= 0) & (number < image.shape[0])
        found = image[np.clip(number, 0, image.shape[0] - 1), column]
        return np.where(inside, found, np.nan)

    upper, lower = row(rays[:, None] + above), row(rays[:, None] + above + 1)
    between = upper * (1 - share) + lower * share
    return np.asarray(np.where(np.isfinite(between), between, np.where(share <= 0.5, upper, lower)))


def judge(heights: np.ndarray, angle: np.ndarray, step: float) -> np.ndarray:
    """Codes along rays, uint8 ``(rays, W)``.

    Parameters
    ----------
    heights : numpy.ndarray
        float64 ``(rays, W)`` from the radar's side on, metres.
    angle : numpy.ndarray
        Radians, ``(rays, W)`` or ``(1, 1)``.
    step : float
        Metres over the ground.
    """
    unknown = ~(np.isfinite(heights) & np.isfinite(angle))
    reach, height = _distances(heights, angle, step, unknown)
    reach[unknown] = height[unknown] = np.nan
    tolerance = _TOLERANCE * step
    with np.errstate(invalid="ignore"):
        shadow = height < np.fmax.accumulate(height, axis=1) - tolerance
        lit = np.where(shadow, np.nan, reach)
        layover = reach < np.fmax.accumulate(lit, axis=1) - tolerance
        layover |= reach > np.fmin.accumulate(lit[:, ::-1], axis=1)[:, ::-1] + tolerance
    codes = LAYOVER * layover.astype(np.uint8) + SHADOW * shadow.astype(np.uint8)
    codes[unknown] = UNKNOWN
    return codes


def _distances(
    heights: np.ndarray, angle: np.ndarray, step: float, unknown: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Range and height of rays, as the module says; for an angle that changes, summed up from step to step."""
    if angle.size == 1:
        sine, cosine = np.sin(angle), np.cos(angle)
        x = step * np.arange(heights.shape[1])[None, :]
        return x * sine - heights * cosine, x * cosine + heights * sine
    z, i = _filled(heights, unknown), _filled(angle, unknown)
    between = (i[:, 1:] + i[:, :-1]) / 2
    sine, cosine, up = np.sin(between), np.cos(between), np.diff(z, axis=1)
    start = np.zeros((z.shape[0], 1))
    return (
        np.concatenate([start, np.cumsum(step * sine - up * cosine, axis=1)], axis=1),
        np.concatenate([start, np.cumsum(step * cosine + up * sine, axis=1)], axis=1),
    )


def _filled(values: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Values with the last known one where they are unknown (the first known one at the beginning)."""
    columns = np.arange(values.shape[1])[None, :]
    last = np.maximum.accumulate(np.where(unknown, -1, columns), axis=1)
    first = np.argmin(unknown, axis=1)[:, None]
    filled = np.take_along_axis(np.broadcast_to(values, unknown.shape), np.where(last < 0, first, last), axis=1)
    return np.asarray(np.nan_to_num(filled))
