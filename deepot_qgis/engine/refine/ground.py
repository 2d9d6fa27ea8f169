"""What stable ground shows of a product, and what is taken from it because of that."""

from __future__ import annotations

import os
from typing import Callable

import numpy as np

from ..errors import InputError
from ..pair import inside, locate
from ..rasters import Raster
from ..reference import Correction, ReferenceOptions, correction, slowest
from .masks import read_polygons
from .result import Spread, StableGround
from .source import Measured, View


def stable_area(path: str, product: str, layer: str | None = None) -> str:
    """Polygons of a file as one WKT in the CRS of a product, for `ReferenceOptions`.

    Raises
    ------
    InputError
        The file holds no polygons, or they cannot be brought to that CRS.
    """
    found = read_polygons(path, Raster(product).grid, layer)
    if found is None:
        raise InputError(f"{os.path.basename(path)} holds no polygons; choose a layer of polygons as stable ground.")
    return found.wkt()


def stable_ground(
    product: Measured,
    options: ReferenceOptions,
    good: Callable[[View], tuple[np.ndarray, np.ndarray]],
) -> tuple[Correction, StableGround | None]:
    """Find what has to be taken from a product, and how stable ground looks before and after.

    Large areas are looked at in every n-th pixel, in a preview as in the run, so that both say the same.

    Parameters
    ----------
    product : Measured
    options : ReferenceOptions
    good : callable
        Gives east and north of a view, NaN where masked.

    Returns
    -------
    Correction
    StableGround or None
        None where nothing is asked for.

    Raises
    ------
    InputError
        There is too little good stable ground.
    """
    if options.kind == "none":
        return Correction(), None
    area, window = locate(options.area if options.kind == "area" else None, product)
    view = product.thinned(*window)
    east, north = good(view)
    columns, rows = np.broadcast_arrays(view.columns, view.rows)
    if area is not None:
        still = inside(area, view.grid)
        if not still.any():
            raise InputError("The stable area holds no pixel centre; draw a larger one.")
    else:
        ramp_at = (columns.ravel(), rows.ravel()) if options.ramp else None
        flat = east.reshape(1, -1), north.reshape(1, -1)
        if not np.isfinite(east).any():
            raise InputError(
                f"No pixel of {product.name} is good, so no stable ground can be found; loosen the limits."
            )
        still = slowest(*flat, np.ones(1), options.share, ramp_at).reshape(east.shape)
    still = still & np.isfinite(east) & np.isfinite(north)
    east, north, columns, rows = (values[still] for values in (east, north, columns, rows))
    found = correction(east, north, columns, rows, options.ramp, product.name)
    shift = [np.ravel(plane) for plane in found.at(columns, rows)]
    before = Spread.of(east, north)
    after = Spread.of(east - shift[0], north - shift[1])
    return found, StableGround(len(east), view.step, before, after, product.unit)
