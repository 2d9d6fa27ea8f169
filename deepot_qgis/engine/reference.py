"""The part of a pair's displacement that is no motion of the ground: a shift, and a ramp, seen on stable ground.

Images are never co-registered perfectly, and orbits leave ramps. Over ground that stands still the displacement should
be zero; what it is there is taken from everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import values
from .errors import InputError, OptionsError

KINDS = ("slowest", "area", "none")
#: Fewer pixels of stable ground make no trustworthy median; a ramp needs more.
LEAST_PIXELS = 20
LEAST_RAMP_PIXELS = 200
_RAMP_STEPS = 8
#: Turns of: centre on the slowest pixels, choose the slowest again.
_TURNS = 4
_MAD = 1.4826
#: As many pixels are enough to centre a pair while the slowest are still looked for.
_PLANE_PIXELS = 5000


@dataclass(frozen=True)
class ReferenceOptions:
    """What stands still, and what is taken from each pair because of it.

    Attributes
    ----------
    kind : str
        ``slowest``: the share of the pixels that moves least in all pairs together. ``area``: a polygon. ``none``:
        nothing is corrected.
    area : str or None
        WKT polygon in the images' CRS, for ``area``.
    ramp : bool
        Take out a plane as well as a shift.
    share : float
        Of the pixels, for ``slowest``.
    """

    kind: str = "slowest"
    area: str | None = None
    ramp: bool = False
    share: float = 0.25

    def __post_init__(self) -> None:
        values.one_of("Stable area", self.kind, KINDS)
        values.number("share", self.share, 0.01, 1.0)
        if self.kind == "area" and not self.area:
            raise OptionsError("The stable area is to be a polygon, and there is none; draw one, or take 'slowest'.")


@dataclass(frozen=True)
class Correction:
    """What to take from a pair.

    Attributes
    ----------
    east, north : tuple of float
        Value at pixel (0, 0), and its change for a column and for a row; unit of the displacement.
    pixels : int
        Of stable ground that were used.
    spread : float
        Robust standard deviation (NMAD) of a component on stable ground after the correction.
    """

    east: tuple[float, float, float] = (0.0, 0.0, 0.0)
    north: tuple[float, float, float] = (0.0, 0.0, 0.0)
    pixels: int = 0
    spread: float = float("nan")

    def plane(self, x0: int, y0: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """East and north of the correction in a window, float32, broadcastable to ``(height, width)``."""
        return self.at(np.arange(x0, x0 + width)[None, :] + 0.5, np.arange(y0, y0 + height)[:, None] + 0.5)

    def at(self, columns: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """East and north of the correction at places of the raster, float32, broadcastable to them."""
        east, north = (
            (a + b * columns + c * rows if b or c else np.full((1, 1), a)).astype(np.float32)
            for a, b, c in (self.east, self.north)
        )
        return east, north

    def apply(self, east: np.ndarray, north: np.ndarray, x0: int, y0: int) -> tuple[np.ndarray, np.ndarray]:
        """Displacement of a window without the correction."""
        height, width = east.shape
        shift_east, shift_north = self.plane(x0, y0, width, height)
        return east - shift_east, north - shift_north


def correction(
    east: np.ndarray, north: np.ndarray, columns: np.ndarray, rows: np.ndarray, ramp: bool, name: str = "The pair"
) -> Correction:
    """Median, or robust plane, of the displacement on stable ground.

    Parameters
    ----------
    east, north : numpy.ndarray
        ``(pixels,)``, NaN where masked.
    columns, rows : numpy.ndarray
        ``(pixels,)``, their places in the raster.
    ramp : bool
        A plane instead of a median, where there are pixels enough for one.
    name : str
        Of the pair, for the sentence.

    Raises
    ------
    InputError
        Too few of the pixels were measured.
    """
    known = np.isfinite(east) & np.isfinite(north)
    count = int(known.sum())
    if count < LEAST_PIXELS:
        raise InputError(
            f"{name} has only {count} measured pixels of stable ground and needs {LEAST_PIXELS}; choose a larger "
            "stable area, or none."
        )
    columns, rows = columns[known], rows[known]
    design = np.column_stack([np.ones(count), columns, rows]).astype(float)
    found, left = [], []
    for component in (east[known].astype(float), north[known].astype(float)):
        plane = np.array([np.median(component), 0.0, 0.0])
        if ramp and count >= LEAST_RAMP_PIXELS:
            plane = _robust_plane(design, component)
        found.append((float(plane[0]), float(plane[1]), float(plane[2])))
        left.append(component - design @ plane)
    spread = nmad(np.concatenate(left), 0.0)
    return Correction(found[0], found[1], count, spread)


def nmad(values: np.ndarray, centre: float | None = None) -> float:
    """Normalised median absolute deviation, the standard deviation that outliers do not move (Hoehle and Hoehle 2009).

    Parameters
    ----------
    values : numpy.ndarray
        Finite; NaN is given back for none.
    centre : float, optional
        What they deviate from; default their median.
    """
    if not values.size:
        return float("nan")
    middle = np.median(values) if centre is None else centre
    return _MAD * float(np.median(np.abs(values - middle)))


def _robust_plane(design: np.ndarray, component: np.ndarray) -> np.ndarray:
    """Least squares with the biweight (Beaton and Tukey 1974), from the median on."""
    middle = design[:, 1:].mean(axis=0)
    centred = design - np.array([0.0, *middle])
    plane = np.array([np.median(component), 0.0, 0.0])
    for _ in range(_RAMP_STEPS):
        residual = component - centred @ plane
        residual -= np.median(residual)
        scale = max(nmad(residual, 0.0), 1e-12)
        weight = np.maximum(1 - (residual / (5 * scale)) ** 2, 0) ** 2
        weighted = centred * weight[:, None]
        plane = np.linalg.pinv(weighted.T @ centred) @ (weighted.T @ component)
    return np.array([plane[0] - plane[1:] @ middle, plane[1], plane[2]])


def slowest(
    east: np.ndarray,
    north: np.ndarray,
    days: np.ndarray,
    share: float,
    ramp_at: tuple[np.ndarray, np.ndarray] | None = None,
) -> np.ndarray:
    """The pixels that move least in all pairs together.

    Each pair is first centred on its own median, since its shift is not known yet; then on the median of the pixels
    that were slowest, and so on. The pairs vote together, because within one pair noise picks the slowest.

    Parameters
    ----------
    east, north : numpy.ndarray
        ``(pairs, pixels)``, NaN where masked.
    days : numpy.ndarray
        ``(pairs,)``, length of each pair; a long one says more about slow motion.
    share : float
        Of the pixels that half of the pairs measured at least.
    ramp_at : tuple of numpy.ndarray, optional
        Columns and rows ``(pixels,)``: each pair is centred on a plane instead of a median.

    Returns
    -------
    numpy.ndarray
        bool ``(pixels,)``.

    Raises
    ------
    InputError
        No pixel was measured by half of the pairs.
    """
    known = np.isfinite(east) & np.isfinite(north)
    often = known.sum(axis=0) >= max(1, 0.5 * len(east))
    if not often.any():
        raise InputError(
            "No pixel was measured in half of the pairs, so no stable ground can be found; draw a stable area, choose "
            "shorter intervals, or correct nothing."
        )
    weight = np.where(known, np.asarray(days, float)[:, None], 0)
    total = np.maximum(weight.sum(axis=0), 1e-12)
    stable = often
    for _ in range(_TURNS):
        chosen = known & stable
        moved = []
        for plane in (east, north):
            total_motion = np.zeros(east.shape[1])
            for row, here, seen in zip(plane, chosen, known):
                if here.any():
                    total_motion += np.where(seen, row - _centre(row, here, ramp_at), 0)
            moved.append(total_motion)
        # the sum over pairs of displacement by the sum of their days is a speed, in which the noise averages out
        speed = np.where(often, np.hypot(*moved) / total, np.inf)
        stable = speed <= np.quantile(speed[often], share)
    return stable


def _centre(row: np.ndarray, here: np.ndarray, ramp_at: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    """What a pair says where the ground is thought to stand still: a number, or a plane over all pixels."""
    if ramp_at is None or here.sum() < LEAST_RAMP_PIXELS:
        return np.median(row[here])
    design = np.column_stack([np.ones(len(row)), *ramp_at])
    thin = np.flatnonzero(here)[:: max(1, int(here.sum()) // _PLANE_PIXELS)]
    return design @ _robust_plane(design[thin], row[thin].astype(float))
