"""One writer of every format of the engine: each writes into a folder what a test can compare."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import numpy as np

from deepot_qgis.engine import align, files, provenance
from deepot_qgis.engine.interchange.mintpy_export import MintpyOptions, export_mintpy
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf
from deepot_qgis.engine.interchange.points import PointsOptions, export_points
from deepot_qgis.engine.output import Band, GeoTiffWriter
from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.timeseries.plots import network_figure
from deepot_qgis.engine.timeseries.product import SeriesBlock, write_series

from ..engine import histories, scenes

DATES = histories.dates((0, 12, 36, 48))
SIDE = 90
NETWORK = ((0, 1), (1, 2), (2, 3))


def _noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


def inputs(folder: Path) -> Path:
    """A series and a pair of images, which the exports read."""
    block = SeriesBlock(0, 0, *_noise(2, len(DATES), SIDE, SIDE), np.abs(_noise(len(DATES), SIDE, SIDE)))
    write_series(str(folder), DATES, histories.grid(SIDE, SIDE), "m", [block], netcdf=False)
    scenes.write(folder / "first.tif", scenes.texture(SIDE, SIDE))
    scenes.write(folder / "second.tif", scenes.texture(SIDE, SIDE, 2), geotransform=(500005.0, 10, 0, 4200000, 0, -10))
    return folder


def geotiff(source: Path, out: Path) -> None:
    grid = Grid(300, 300, scenes.NORTH_UP, "", True)
    with files.whole_file(str(out / "a.tif")) as temporary:
        writer = GeoTiffWriter(temporary, grid, [Band("dx", "px"), Band("dy", "px")])
        writer.write(_noise(2, 300, 300))
        writer.finish({"WHAT": "x" * 2000}, lambda: False)


def record(source: Path, out: Path) -> None:
    with files.whole_file(str(out / "a.json")) as temporary:
        provenance.write(temporary, {"values": _noise(20000).tolist()})


def series(source: Path, out: Path) -> None:
    block = SeriesBlock(0, 0, *_noise(2, len(DATES), SIDE, SIDE), np.abs(_noise(len(DATES), SIDE, SIDE)))
    write_series(str(out), DATES, histories.grid(SIDE, SIDE), "m", [block])


def aligned(source: Path, out: Path) -> None:
    align.align(str(source / "second.tif"), str(source / "first.tif"), str(out / "a.tif"))


def mintpy(source: Path, out: Path) -> None:
    export_mintpy(MintpyOptions(str(source), str(out), ("east", "north")))


def itslive(source: Path, out: Path) -> None:
    export_netcdf(NetcdfOptions(str(source), str(out / "a.nc")))


def _points(ending: str) -> Callable[[Path, Path], None]:
    def write(source: Path, out: Path) -> None:
        export_points(PointsOptions(str(source), str(out / f"a{ending}"), every=2))

    return write


def picture(source: Path, out: Path) -> None:
    figure = network_figure(DATES, NETWORK, ())
    for kind in ("png", "svg"):
        with files.whole_file(str(out / f"a.{kind}")) as temporary:
            figure.savefig(temporary, dpi=150, metadata={"Date": None} if kind == "svg" else None)


WITH_NETCDF = ("series with NetCDF", "ITS_LIVE's NetCDF")
WRITERS: dict[str, Callable[[Path, Path], None]] = {
    "GeoTIFF": geotiff,
    "JSON": record,
    "series with NetCDF": series,
    "aligned copy": aligned,
    "MintPy's HDF5": mintpy,
    "ITS_LIVE's NetCDF": itslive,
    "GeoPackage": _points(".gpkg"),
    "shapefile": _points(".shp"),
    "CSV": _points(".csv"),
    "pictures": picture,
}
