"""``layover-shadow``, ``downslope`` and ``geocode``: relief and the geometry of the radar."""

from __future__ import annotations

import argparse
from dataclasses import fields
from typing import Any

from .. import derived
from ..geocode import RANGES, GeocodeOptions, geocode
from ..interchange.radar import SIDES
from ..terrain import DownslopeOptions, LayoverOptions, map_layover, project_downslope
from .bar import Bar
from .stopping import stoppable
from .styling import style_pair


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the three."""
    command = commands.add_parser("layover-shadow", help="map layover and shadow from a DEM")
    command.add_argument("dem", metavar="DEM")
    command.add_argument("output", metavar="OUT.tif", help="0 good, 1 layover, 2 shadow, 3 both, 255 unknown")
    add_radar(command)
    command.add_argument("--grid", metavar="RASTER", help="lay the result on its grid (default: that of the DEM)")
    command.add_argument("--dem-band", type=int, default=1, metavar="N")
    command.set_defaults(run=_run_layover)
    _add_downslope(commands)
    _add_geocode(commands)


def _add_downslope(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("downslope", help="project a displacement product on the slope of a DEM")
    command.add_argument("product", metavar="DISPLACEMENT.tif")
    command.add_argument("dem", metavar="DEM")
    command.add_argument("output", metavar="OUT.tif", nargs="?", default="", help="default DISPLACEMENT_downslope.tif")
    default = DownslopeOptions("product", "dem")
    command.add_argument("--min-slope", type=float, default=default.min_slope, metavar="DEG",
                         help=f"mask flatter ground (default {default.min_slope:g})")  # fmt: skip
    command.add_argument("--smoothing", type=float, default=default.smoothing, metavar="M",
                         help=f"average heights by a Gaussian so wide (default {default.smoothing:g})")  # fmt: skip
    command.add_argument("--dem-band", type=int, default=1, metavar="N")
    command.set_defaults(run=_run_downslope)


def _add_geocode(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("geocode", help="bring a product in radar geometry to the map")
    command.add_argument("product", metavar="RADAR.tif", help="displacement product in pixels")
    command.add_argument("output", metavar="OUT.tif")
    command.add_argument("--range", choices=RANGES, required=True, dest="range_geometry",
                         help="what columns of the images are: slant (SLC) or ground range (GRD)")  # fmt: skip
    command.add_argument("--longitude", metavar="RASTER", help="degrees, of the size of the images")
    command.add_argument("--latitude", metavar="RASTER")
    command.add_argument("--gcps", metavar="RASTER", help="with ground control points (default: the reference image)")
    command.add_argument("--heading", type=float, metavar="DEG",
                         help="of the flight, clockwise from true north (default: by the lookup)")  # fmt: skip
    command.add_argument("--incidence", type=float, metavar="DEG", help="from the vertical; needed for slant range")
    command.add_argument("--incidence-raster", metavar="RASTER", help="angles from the vertical, instead")
    command.add_argument("--side", choices=SIDES, default="right", help="where the radar looks (default right)")
    command.add_argument("--range-spacing", type=float, metavar="M", help="default: as the reference image says")
    command.add_argument("--azimuth-spacing", type=float, metavar="M", help="default: as the image says, or the lookup")
    command.add_argument("--crs", metavar="EPSG:N", help="of the map (default: the UTM zone)")
    command.add_argument("--pixel", type=float, metavar="UNITS", help="side of a pixel on the map, in units of the CRS")
    command.set_defaults(run=_run_geocode)


def add_radar(command: argparse.ArgumentParser) -> None:
    """Where the radar looked from."""
    command.add_argument(
        "--heading", type=float, required=True, metavar="DEG", help="of the flight, clockwise from true north"
    )
    command.add_argument("--incidence", type=float, metavar="DEG", help="from the vertical")
    command.add_argument("--incidence-raster", metavar="RASTER", help="angles from the vertical, instead")
    command.add_argument("--side", choices=SIDES, default="right", help="where the radar looks (default right)")


def _run_layover(parsed: argparse.Namespace) -> None:
    _show_layover(LayoverOptions(**_given(LayoverOptions, parsed)))


def _run_downslope(parsed: argparse.Namespace) -> None:
    _show_downslope(DownslopeOptions(**_given(DownslopeOptions, parsed)))


def _run_geocode(parsed: argparse.Namespace) -> None:
    _show_geocoded(GeocodeOptions(**_given(GeocodeOptions, parsed)))


def _given(kind: type[derived.Options], parsed: argparse.Namespace) -> dict[str, Any]:
    return {item.name: getattr(parsed, item.name) for item in fields(kind)}


def run_again(options: derived.Options) -> None:
    """Make once more what a record tells of, and say what came out."""
    if isinstance(options, LayoverOptions):
        _show_layover(options)
    elif isinstance(options, DownslopeOptions):
        _show_downslope(options)
    else:
        _show_geocoded(options)


def _show_layover(options: LayoverOptions) -> None:
    with stoppable() as stopped:
        result = map_layover(options, Bar(), stopped)
    for message in result.messages:
        print(message)
    print(f"Layover and shadow: {result.path}")


def _show_downslope(options: DownslopeOptions) -> None:
    with stoppable() as stopped:
        result = project_downslope(options, Bar(), stopped)
    for message in result.messages:
        print(message)
    print(f"Motion along the slope: {result.path}")


def _show_geocoded(options: GeocodeOptions) -> None:
    with stoppable() as stopped:
        result = geocode(options, Bar(), stopped)
    for message in result.messages:
        print(message)
    numbers = result.statistics
    if numbers["median_magnitude"] is not None:
        print(f"Magnitude: median {numbers['median_magnitude']:.3f} m, 95 % {numbers['p95_magnitude']:.3f} m.")
    print(f"Product: {result.product}")
    style_pair(result.product)
