"""The series that a case makes of its stack, and how it is compared with instruments."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from deepot_qgis.engine import stations
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.timeseries import product, run
from deepot_qgis.engine.timeseries.acquisitions import find_acquisitions


@dataclass(frozen=True)
class Instrument:
    """An extensometer that a case makes of what it embeds.

    Attributes
    ----------
    name : str
    x, y : float
        Map coordinates.
    bearing : float
        Direction of the embedded motion, degrees.
    rate : float
        Mean velocity, m/day.
    path : Path
        Its table.
    """

    name: str
    x: float
    y: float
    bearing: float
    rate: float
    path: Path


@dataclass(frozen=True)
class History:
    """A time series of one method.

    Attributes
    ----------
    method : str
    series : SeriesProduct
    products : tuple of Path
        Of the pairs that were used.
    messages : tuple of str
    seconds : float
    """

    method: str
    series: product.SeriesProduct
    products: tuple[Path, ...]
    messages: tuple[str, ...]
    seconds: float

    @property
    def pairs(self) -> int:
        """Pairs that were used."""
        return len(self.products)


def make(images: Path, output: Path, method: str, network: NetworkOptions) -> History:
    """Measure and invert a folder of dated images with the engine's default settings."""
    started = time.monotonic()
    options = run.SeriesOptions(find_acquisitions(images), str(output), network, method=method, netcdf=False)
    result = run.series(options)
    opened = product.open_series(result.record)
    days = [f"{date:%Y%m%d}" for date in result.dates]
    products = tuple(output / run.PAIRS / f"{days[first]}_{days[second]}.tif" for first, second in result.pairs)
    return History(method, opened, products, result.messages, time.monotonic() - started)


def compare(made: History, instruments: tuple[Instrument, ...], crs: str, folder: Path) -> dict:
    """What the stations tool says of each instrument, by name, and of all together as ``all``."""
    options = stations.StationsOptions(
        product=made.series.folder,
        stations=tuple(str(one.path) for one in instruments),
        output=str(folder),
        placements=tuple(stations.Placement(one.name, one.x, one.y, crs, one.bearing) for one in instruments),
        max_gap_days=15.0,
        pictures=(),
    )
    result = stations.compare(options)
    if result.problems:
        raise RuntimeError("; ".join(f"{problem.name}: {problem.why}" for problem in result.problems))
    found = {one.name: one for one in result.comparisons}
    return {"all": result.overall, **{name: one.along for name, one in found.items()}}
