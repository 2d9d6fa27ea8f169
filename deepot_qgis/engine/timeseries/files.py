"""The files of a time series: their names, their bands, and how they are written block by block."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from deepot_qgis.__about__ import VERSION

from .. import dates as dating
from .. import provenance
from ..callbacks import Cancelled
from ..files import require_room, whole_files
from ..output import Band, GeoTiffWriter
from ..rasters import Grid
from .netcdf import NetCdfWriter
from .points import days_since_first
from .trend import VELOCITY_BANDS, line_planes

#: The record that lists the others, by which a series is opened.
RECORD = "series.json"
#: Version of the record.
FORMAT = 1
#: Bytes that the headers of all files may need.
_HEADERS = 1 << 20
COMPONENTS = ("east", "north", "sigma")
ANNUAL_BANDS = ("annual_east", "annual_north", "phase_east", "phase_north", "annual_sigma")
QUALITY_BANDS = ("closure", "pairs", "redundancy", "rejected", "components", "dates")
#: Tag of a GeoTIFF of a series: which part of it the file is.
TAG = "DEEPOT_SERIES"


@dataclass(frozen=True)
class SeriesBlock:
    """A part of a series.

    Attributes
    ----------
    x0, y0 : int
        Column and row of its top left pixel.
    east, north, sigma : numpy.ndarray
        ``(dates, height, width)``, displacement since the first date and its error, NaN where unknown.
    velocity : numpy.ndarray or None
        ``(bands, height, width)``: `VELOCITY_BANDS`, and `ANNUAL_BANDS` when a yearly wave was fitted. None fits a
        line to the history.
    quality : numpy.ndarray or None
        ``(bands, height, width)``: `QUALITY_BANDS`.
    """

    x0: int
    y0: int
    east: np.ndarray
    north: np.ndarray
    sigma: np.ndarray
    velocity: np.ndarray | None = None
    quality: np.ndarray | None = None


def date_bands(dates: Sequence[datetime], unit: str) -> tuple[Band, ...]:
    """One band a date, its description the ISO date."""
    return tuple(Band(dating.text(moment), unit) for moment in dates)


def velocity_bands(unit: str, annual: bool) -> tuple[Band, ...]:
    """Bands of ``velocity.tif``."""
    rate = f"{unit}/yr"
    bands = tuple(Band(name, "degree" if name == "direction" else rate) for name in VELOCITY_BANDS)
    if not annual:
        return bands
    return bands + tuple(Band(name, "days" if name.startswith("phase") else unit) for name in ANNUAL_BANDS)


def quality_bands(unit: str) -> tuple[Band, ...]:
    """Bands of ``quality.tif``."""
    return tuple(Band(name, unit if name == "closure" else "") for name in QUALITY_BANDS)


class SeriesWriter:
    """Writes the files of a series; none has its final name before all are whole.

    Parameters
    ----------
    folder : str
        Where they go; it exists.
    dates : sequence of datetime.datetime
    grid : Grid
    unit : str
        ``m`` or ``px``.
    annual, quality, netcdf : bool
        Whether there are bands of a yearly wave, a ``quality.tif``, and a ``series.nc``.

    Raises
    ------
    OutputError
        The folder cannot be written or is too full.
    """

    def __init__(
        self,
        folder: str,
        dates: Sequence[datetime],
        grid: Grid,
        unit: str,
        annual: bool = False,
        quality: bool = True,
        netcdf: bool = True,
    ):
        self.folder, self._dates, self._grid, self._unit = str(folder), tuple(dates), grid, unit
        self._days = days_since_first(self._dates)
        bands = {name: date_bands(dates, unit) for name in COMPONENTS}
        bands["velocity"] = velocity_bands(unit, annual)
        if quality:
            bands["quality"] = quality_bands(unit)
        self.files = {name: f"{name}.tif" for name in bands}
        if netcdf and NetCdfWriter.possible(grid):
            self.files["netcdf"] = "series.nc"
        # Room for all of it: the library that writes NetCDF ends the whole process when it meets a full disk.
        total = sum(len(of) for of in bands.values()) + ("netcdf" in self.files) * sum(
            len(bands[name]) for name in (*COMPONENTS, "velocity")
        )
        require_room(os.path.join(self.folder, RECORD), 4 * total * grid.width * grid.height + _HEADERS)
        self._stack = ExitStack()
        try:
            self._open(bands)
        except BaseException:
            self._stack.__exit__(*sys.exc_info())  # nothing half-made stays
            raise

    def _open(self, bands: Mapping[str, Sequence[Band]]) -> None:
        targets = {name: os.path.join(self.folder, file) for name, file in (*self.files.items(), ("record", RECORD))}
        path = self._stack.enter_context(whole_files(targets))
        self._record_path = path["record"]
        self._writers = {name: GeoTiffWriter(path[name], self._grid, of) for name, of in bands.items()}
        self._netcdf = None
        if "netcdf" in path:
            self._netcdf = NetCdfWriter(path["netcdf"], self._dates, self._grid, self._unit)

    def __enter__(self) -> SeriesWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        if any(error):
            for writer in self._writers.values():
                writer.close()
        self._writers.clear()
        self._netcdf = None  # files are closed before they are renamed or removed
        self._stack.__exit__(*error)

    def write(self, block: SeriesBlock) -> None:
        """Write a block; corners and sizes at multiples of 512 pixels are fastest."""
        velocity = block.velocity
        if velocity is None:
            velocity = line_planes(self._days, block.east, block.north, block.sigma)
        planes = {"east": block.east, "north": block.north, "sigma": block.sigma, "velocity": velocity}
        if "quality" in self._writers and block.quality is not None:
            planes["quality"] = block.quality
        for name, of in planes.items():
            self._writers[name].place(np.asarray(of, np.float32), block.x0, block.y0)
        if self._netcdf is not None:
            self._netcdf.write(block, velocity)

    def finish(self, record: Mapping[str, Any], cancelled: Cancelled = lambda: False) -> dict[str, Any]:
        """Close the files with their record; returns the whole record."""
        whole = {
            "series": FORMAT,
            "files": dict(self.files),
            "dates": [dating.text(moment) for moment in self._dates],
            "unit": self._unit,
            "crs": self._grid.crs_name(),
            "geotransform": list(self._grid.geotransform),
            "size_px": [self._grid.width, self._grid.height],
            "versions": provenance.versions(None),
            **record,
        }
        text = provenance.text(whole)
        for name, writer in self._writers.items():
            writer.finish(self._tags(name, text), cancelled)
        if self._netcdf is not None:
            self._netcdf.finish(text)
        provenance.write(self._record_path, whole)
        return whole

    def _tags(self, name: str, record: str) -> dict[str, str]:
        return {
            TAG: name,
            provenance.TAG: record,
            "DEEPOT_VERSION": VERSION,
            "REFERENCE_DATE": dating.text(self._dates[0]),
            "SECONDARY_DATE": dating.text(self._dates[-1]),
            "UNIT": self._unit,
        }


def write_series(
    folder: str,
    dates: Sequence[datetime],
    grid: Grid,
    unit: str,
    blocks: Iterable[SeriesBlock],
    record: Mapping[str, Any] | None = None,
    netcdf: bool = True,
) -> str:
    """Write a series that somebody else made.

    Parameters
    ----------
    folder : str
        Where its files go; made when it is not there.
    dates, grid, unit
        As of `SeriesWriter`.
    blocks : iterable of SeriesBlock
        One block of the whole raster will do. There is a ``quality.tif`` when the first block has quality.
    record : mapping, optional
        What to keep in the record besides.
    netcdf : bool
        Whether to write ``series.nc``.

    Returns
    -------
    str
        Path of the record.
    """
    os.makedirs(folder, exist_ok=True)
    iterator = iter(blocks)
    first = next(iterator)
    annual = first.velocity is not None and len(first.velocity) > len(VELOCITY_BANDS)
    with SeriesWriter(folder, dates, grid, unit, annual, first.quality is not None, netcdf) as writer:
        writer.write(first)
        for block in iterator:
            writer.write(block)
        writer.finish(record or {})
    return os.path.join(folder, RECORD)
