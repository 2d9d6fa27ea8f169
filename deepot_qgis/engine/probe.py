"""What a product says at one place."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from osgeo import gdal

from . import dates
from .errors import InputError
from .quality import Reason
from .rasters import Raster, caller, open_dataset
from .report.scales import CLEAR_SIGMAS

_NEEDED = ("east", "north", "magnitude")


@dataclass(frozen=True)
class Reading:
    """A pixel of a displacement or velocity raster.

    Attributes
    ----------
    name : str
        Of the file.
    unit : str
        Of the motion, such as ``m``, ``px`` or ``m/yr``.
    first, second : str or None
        Dates of the images, ISO text.
    east, north, magnitude, sigma : float or None
        In `unit`; None where masked or where the file has no such band.
    direction : float or None
        Degrees clockwise from grid north (from up, without georeference).
    correlation : float or None
    reason : Reason or None
        Why the pixel is masked, `Reason.GOOD` where it is not; None where the file does not say.
    """

    name: str
    unit: str
    first: str | None
    second: str | None
    east: float | None
    north: float | None
    magnitude: float | None
    sigma: float | None
    direction: float | None
    correlation: float | None
    reason: Reason | None

    @property
    def days(self) -> float | None:
        """Days between the images."""
        return dates.days_between_texts(self.first, self.second)

    @property
    def clear(self) -> bool | None:
        """Whether the motion stands out from its uncertainty; None where one of the two is unknown."""
        if self.magnitude is None or self.sigma is None:
            return None
        return self.magnitude >= CLEAR_SIGMAS * self.sigma


def probe(path: str, x: float, y: float) -> Reading | None:
    """Read all bands of a product at map coordinates.

    Parameters
    ----------
    path : str
        A displacement product, or a velocity of a pair or of a series.
    x, y : float
        In the CRS of the raster.

    Returns
    -------
    Reading or None
        None outside the raster.

    Raises
    ------
    InputError
        It cannot be read, or holds no motion.
    """
    raster = Raster(path)
    column, row = (math.floor(value) for value in raster.grid.to_pixel(x, y))
    if not (0 <= column < raster.grid.width and 0 <= row < raster.grid.height):
        return None
    values, unit = _pixel(path, raster.name, column, row)
    tags = raster.metadata()
    first, second = (dates.find(tags.get(key, "")) for key in ("REFERENCE_DATE", "SECONDARY_DATE"))
    east, north = values["east"], values["north"]
    direction = None
    if east is not None and north is not None:
        direction = values.get("direction")
        direction = math.degrees(math.atan2(east, north)) % 360.0 if direction is None else direction
    return Reading(
        name=raster.name,
        unit=unit or tags.get("UNIT", ""),
        first=dates.text(first) if first else None,
        second=dates.text(second) if second else None,
        east=east,
        north=north,
        magnitude=values["magnitude"],
        sigma=values.get("sigma"),
        direction=direction,
        correlation=values.get("correlation"),
        reason=_reason(values),
    )


def _pixel(path: str, name: str, column: int, row: int) -> tuple[Mapping[str, float | None], str]:
    """Values by band, None for no number, and the unit of the motion."""
    dataset, _ = open_dataset(path)
    if dataset is None:
        raise InputError(f"{os.path.basename(path)} cannot be read; was it moved or deleted?")
    bands = {dataset.GetRasterBand(n).GetDescription(): dataset.GetRasterBand(n) for n in _numbers(dataset)}
    if any(band not in bands for band in _NEEDED):
        raise InputError(f"{name} is no displacement and no velocity: it has no bands {', '.join(_NEEDED)}.")
    values: dict[str, float | None] = {}
    for key, band in bands.items():
        read, _ = caller(path)(band.ReadAsArray, column, row, 1, 1)
        if read is None:
            raise InputError(f"{name} cannot be read at this place; it may be damaged.")
        values[key] = float(read[0, 0]) if np.isfinite(read[0, 0]) else None
    return values, bands["magnitude"].GetUnitType()


def _numbers(dataset: gdal.Dataset) -> range:
    return range(1, dataset.RasterCount + 1)


def _reason(values: Mapping[str, float | None]) -> Reason | None:
    if "mask" not in values:
        return None
    code = values["mask"]
    known = code is not None and code in {int(reason) for reason in Reason}
    return Reason(int(code)) if known and code is not None else Reason.NODATA
