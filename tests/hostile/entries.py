"""The public entry points of the engine that a hostile file would meet, each as a call with a path."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import numpy as np

from deepot_qgis.engine import align, derived, provenance
from deepot_qgis.engine.errors import DeepotError, InputError
from deepot_qgis.engine.geocode import GeocodeOptions, geocode
from deepot_qgis.engine.interchange.importing import ImportOptions, import_offsets, import_velocity
from deepot_qgis.engine.interchange.mintpy_export import MintpyOptions, export_mintpy
from deepot_qgis.engine.interchange.mintpy_series import SeriesImport, import_series
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf
from deepot_qgis.engine.interchange.opening import ReadingOptions
from deepot_qgis.engine.interchange.points import PointsOptions, export_points
from deepot_qgis.engine.measure import MeasureOptions, again, measure
from deepot_qgis.engine.model import NetworkEstimator
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.pair import PairOptions, check
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.refine import Mask, RefineOptions, refine
from deepot_qgis.engine.selftest import SelfTestOptions, selftest
from deepot_qgis.engine.stations import CsvOptions, guess, read_csv, read_positions
from deepot_qgis.engine.stations import read as read_stations_files
from deepot_qgis.engine.terrain import DownslopeOptions, LayoverOptions, map_layover, project_downslope
from deepot_qgis.engine.timeseries.acquisitions import find_acquisitions, read_dates
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.engine.timeseries.run import SeriesOptions, plan
from deepot_qgis.engine.timeseries.stack import open_products


def pair(path: str, out: str, other: str, **options: Any) -> None:
    """The preflight, with the hostile image as secondary and then as reference."""
    report = check(PairOptions(other, path, **options))
    json.dumps(report.messages)
    swapped = {"reference_date": "2024-01-01", "secondary_date": "2024-01-13"}
    check(PairOptions(path, other, **{**options, **swapped}))


def measured(path: str, out: str, other: str, **options: Any) -> None:
    """A whole measurement by conventional offset tracking."""
    result = measure(
        MeasureOptions(other, path, os.path.join(out, "product.tif"), **{"method": "correlation", **options})
    )
    _require_whole(result.product, result.offsets, result.provenance)


def aligned(path: str, out: str, other: str) -> None:
    """An aligned copy, with the hostile image as secondary and then as reference."""
    align.align(path, other, os.path.join(out, "a.tif"))
    align.align(other, path, os.path.join(out, "b.tif"))


def tested(path: str, out: str) -> None:
    """The self-test on one image."""
    selftest(SelfTestOptions(path, output=os.path.join(out, "t.html"), method="correlation", sizes_px=(8,), windows=1))


def network(path: str, out: str) -> None:
    """A model against the contract, and a tile through it."""
    estimator = NetworkEstimator(path, "cpu")
    estimator.description()
    tile = np.random.default_rng(1).rayleigh(1, (96, 96)).astype(np.float32)
    found = estimator.estimate(tile, tile)
    if found.offset.shape != (2, 96, 96) or not np.isfinite(found.offset).all():
        raise AssertionError(f"an answer of shape {found.offset.shape} that is not all finite")


def planned(path: str, out: str, only: str = "") -> None:
    """Images of a folder, and the plan of a series."""
    images = find_acquisitions(path)
    done = plan(SeriesOptions(images, out, NetworkOptions("sequential", 1)))
    if only and not any(only in message for message in done.messages):
        raise InputError(f"{only} was not named among {done.messages}.")


def dated(path: str, out: str) -> None:
    """A table of dates."""
    read_dates(path)


def products(path: str, out: str) -> None:
    """Displacement products, from a file or a folder."""
    for one in open_products([path])[0]:
        one.read(0, 0, min(one.grid.width, 512), min(one.grid.height, 512))


def refined(path: str, out: str, product: str = "") -> None:
    """The hostile file refined; where a product is given, that one with the hostile file as its mask."""
    made = os.path.join(out, "refined.tif")
    masks = (Mask(path),) if product else ()
    stable = ReferenceOptions("slowest")
    refine(RefineOptions(product or path, made, masks=masks, min_correlation=0.0, max_sigma=5.0, reference=stable))
    _require_whole(made)


def history(path: str, out: str) -> None:
    """A time series opened, looked into, and handed on."""
    found = open_series(path)
    x, y = found.grid.to_map(found.grid.width / 2, found.grid.height / 2)
    found.at(x, y)
    export_points(PointsOptions(path, os.path.join(out, "points.csv")))
    export_mintpy(MintpyOptions(path, out, ("east",)))
    export_netcdf(NetcdfOptions(path, os.path.join(out, "velocity.nc")))


def taken_in(path: str, out: str, **reading: Any) -> None:
    """Offsets of another program."""
    import_offsets(ImportOptions((path,), os.path.join(out, "imported"), ReadingOptions(**reading)))


def components(path: str, out: str, other: str) -> None:
    """MintPy's time series, with the hostile file as north."""
    import_series(SeriesImport(other, path, os.path.join(out, "one")))


def rates(path: str, out: str, other: str) -> None:
    """MintPy's velocity, likewise."""
    import_velocity(other, path, os.path.join(out, "rates"))


def stations(path: str, out: str) -> None:
    """A table or a file of the PBO format; what is wrong with a file is told as its problem."""
    guess(path)
    found = read_stations_files([path])
    for problem in found.problems:
        raise InputError(f"{problem.name}: {problem.why}")
    if not found.stations:
        raise AssertionError("neither a station nor a problem")


def table(path: str, out: str, **options: Any) -> None:
    """A table that the user described."""
    read_csv(path, CsvOptions(**{"time": "time", "displacement": "displacement", **options}))


def positions(path: str, out: str, crs: str = "") -> None:
    """Positions of stations."""
    read_positions(path, crs)


def rerun(path: str, out: str, other: str = "") -> None:
    """The same measurement once more from its record."""
    measure(again(MeasureOptions.from_record(provenance.read_options(path)), os.path.join(out, "again.tif")))


def hidden(path: str, out: str, **options: Any) -> None:
    """Layover and shadow, with the hostile file as DEM unless the options say where it is."""
    given = {"heading": -12.0, "incidence": 33.0, **options}
    _require_whole(map_layover(LayoverOptions(path, os.path.join(out, "hidden.tif"), **given)).path)


def hillside(path: str, out: str, product: str, **options: Any) -> None:
    """Motion along the slope of a hostile DEM."""
    _require_whole(project_downslope(DownslopeOptions(product, path, os.path.join(out, "slope.tif"), **options)).path)


def geocoded(path: str, out: str, which: str, **options: Any) -> None:
    """A product brought to the map, with the hostile file as one of what that takes."""
    given = {**options, which: path}
    if which == "incidence_raster":
        given["incidence"] = None
    if which == "gcps":
        given["longitude"] = given["latitude"] = None
    _require_whole(geocode(GeocodeOptions(output=os.path.join(out, "map.tif"), **given)).product)


def made_again(path: str, out: str) -> None:
    """What was made with the geometry of the radar, once more from its record."""
    made = derived.options_of(path, os.path.join(out, "again.tif"))
    if made is None:
        raise InputError(f"{path} tells of nothing of the kind.")
    if isinstance(made, LayoverOptions):
        map_layover(made)
    elif isinstance(made, GeocodeOptions):
        geocode(made)


def misbehave(path: str, out: str, how: str) -> None:
    """What the harness has to notice; for its own test."""
    if how == "raise":
        raise KeyError(path)
    if how == "mumble":
        raise DeepotError("bad")
    if how == "hang":
        while True:
            pass
    if how == "sleep":
        time.sleep(3600)
    if how == "die":
        os.abort()
    if how == "write":
        with open(path + ".aux", "w", encoding="utf-8") as file:
            file.write("x")
    if how == "eat":
        np.zeros(600_000_000, np.uint8)[::4096] = 1
    if how == "call":
        import socket

        socket.create_connection(("127.0.0.1", 9), timeout=1)


def _require_whole(*paths: str) -> None:
    for path in paths:
        if not os.path.getsize(path):
            raise AssertionError(f"{path} is empty")
