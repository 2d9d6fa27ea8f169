"""Whether the pixels of two rasters lie on each other, and what differs when they do not."""

from __future__ import annotations

import numpy as np
from osgeo import osr

from .errors import GridMismatchError, InputError
from .rasters import Grid, Raster, quietly

#: Two grids that differ by less than this many pixels everywhere are one grid.
GRID_TOLERANCE_PX = 0.01


def require_same_grid(reference: Raster, secondary: Raster) -> None:
    """Refuse a pair whose pixels do not lie on each other.

    Raises
    ------
    GridMismatchError
        With what differs, and by how much.
    InputError
        The two show different places, which no aligned copy can mend.
    """
    differences = grid_differences(reference.grid, secondary.grid)
    if differences:
        if not _overlap(reference.grid, secondary.grid):
            raise InputError(
                f"{reference.name} ({reference.grid.crs_name()}) and {secondary.name} ({secondary.grid.crs_name()}) do "
                "not overlap; choose images of one place, or correct the CRS of one of them."
            )
        way_out = "Make an aligned copy of the secondary (Align, deepot:align) and measure with that."
        if reference.grid.georeferenced != secondary.grid.georeferenced:
            way_out = "Georeference both rasters the same way first."
        raise GridMismatchError(
            f"{secondary.name} is not on the grid of {reference.name}: {'; '.join(differences)}. {way_out}"
        )


def grid_differences(reference: Grid, secondary: Grid) -> list[str]:
    """What differs between two grids, in words; empty when they are one."""
    if reference.georeferenced != secondary.georeferenced:
        which = "reference" if secondary.georeferenced else "secondary"
        return [f"only the {which} has no georeference"]
    differences = []
    if (reference.width, reference.height) != (secondary.width, secondary.height):
        differences.append(
            f"{secondary.width} x {secondary.height} pixels instead of {reference.width} x {reference.height}"
        )
    first, second = reference.crs(), secondary.crs()
    if first is not None and second is not None and not first.IsSame(second):
        differences.append(f"{secondary.crs_name()} instead of {reference.crs_name()}")
        return differences  # map coordinates of two CRSs cannot be compared
    shift, growth = _corner_shift(reference, secondary)
    if shift > GRID_TOLERANCE_PX:
        differences.append(f"its top left corner is {shift:.2f} px away")
    if growth > GRID_TOLERANCE_PX:
        g, h = reference.geotransform, secondary.geotransform
        differences.append(
            f"its pixels are {abs(h[1]):.6g} x {abs(h[5]):.6g} instead of {abs(g[1]):.6g} x {abs(g[5]):.6g}"
        )
    return differences


def _overlap(reference: Grid, secondary: Grid) -> bool:
    """Whether two rasters touch on the map; True when it cannot be told."""
    first, second = reference.crs(), secondary.crs()
    if not (reference.georeferenced and secondary.georeferenced) or first is None or second is None:
        return True
    steps = np.linspace(0, 1, 5)  # along the edges too: they may be curved in the other CRS
    places = [secondary.to_map(u * secondary.width, v * secondary.height) for u in steps for v in steps]
    to_reference, _ = quietly(osr.CoordinateTransformation, second, first)
    moved, _ = quietly(to_reference.TransformPoints, places) if to_reference is not None else (None, "")
    if moved is None or not np.isfinite(moved).all():
        return True
    columns, rows = reference.to_pixel(*np.array(moved)[:, :2].T)
    across = columns.max() > 0 and columns.min() < reference.width
    return bool(across and rows.max() > 0 and rows.min() < reference.height)


def _corner_shift(reference: Grid, secondary: Grid) -> tuple[float, float]:
    """Shift of the top left corner, and how much the shift changes across the raster, in reference pixels."""
    shifts = []
    for column, row in ((0, 0), (reference.width, 0), (0, reference.height), (reference.width, reference.height)):
        x, y = reference.to_pixel(*secondary.to_map(column, row))
        shifts.append((x - column, y - row))
    first = shifts[0]
    growth = max(np.hypot(x - first[0], y - first[1]) for x, y in shifts)
    return float(np.hypot(*first)), float(growth)
