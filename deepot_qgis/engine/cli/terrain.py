"""``layover-shadow``: where the radar does not see the ground; ``downslope``: motion along the fall of the ground."""

from __future__ import annotations

import argparse

from ..interchange.radar import SIDES
from ..terrain import DownslopeOptions, LayoverOptions, map_layover, project_downslope
from .bar import Bar
from .stopping import stoppable


def add(commands: argparse._SubParsersAction) -> None:
    """Add ``layover-shadow`` and ``downslope``."""
    command = commands.add_parser("layover-shadow", help="map layover and shadow from a DEM")
    command.add_argument("dem", metavar="DEM")
    command.add_argument("output", metavar="OUT.tif", help="0 good, 1 layover, 2 shadow, 3 both, 255 unknown")
    add_radar(command)
    command.add_argument("--grid", metavar="RASTER", help="lay the result on its grid (default: that of the DEM)")
    command.add_argument("--dem-band", type=int, default=1, metavar="N")
    command.set_defaults(run=_run_layover)
    _add_downslope(commands)


def _add_downslope(commands: argparse._SubParsersAction) -> None:
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


def add_radar(command: argparse.ArgumentParser) -> None:
    """Where the radar looked from."""
    command.add_argument(
        "--heading", type=float, required=True, metavar="DEG", help="of the flight, clockwise from true north"
    )
    command.add_argument("--incidence", type=float, metavar="DEG", help="from the vertical")
    command.add_argument("--incidence-raster", metavar="RASTER", help="angles from the vertical, instead")
    command.add_argument("--side", choices=SIDES, default="right", help="where the radar looks (default right)")


def _run_layover(parsed: argparse.Namespace) -> None:
    names = ("dem", "output", "heading", "incidence", "incidence_raster", "side", "grid", "dem_band")
    with stoppable() as stopped:
        result = map_layover(LayoverOptions(**{name: getattr(parsed, name) for name in names}), Bar(), stopped)
    for message in result.messages:
        print(message)
    print(f"Layover and shadow: {result.path}")


def _run_downslope(parsed: argparse.Namespace) -> None:
    names = ("product", "dem", "output", "min_slope", "smoothing", "dem_band")
    with stoppable() as stopped:
        options = DownslopeOptions(**{name: getattr(parsed, name) for name in names})
        result = project_downslope(options, Bar(), stopped)
    for message in result.messages:
        print(message)
    print(f"Motion along the slope: {result.path}")
