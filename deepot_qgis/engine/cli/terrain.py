"""``layover-shadow``: where the radar does not see the ground."""

from __future__ import annotations

import argparse

from ..interchange.radar import SIDES
from ..terrain import LayoverOptions, map_layover
from .bar import Bar
from .stopping import stoppable


def add(commands: argparse._SubParsersAction) -> None:
    """Add ``layover-shadow``."""
    command = commands.add_parser("layover-shadow", help="map layover and shadow from a DEM")
    command.add_argument("dem", metavar="DEM")
    command.add_argument("output", metavar="OUT.tif", help="0 good, 1 layover, 2 shadow, 3 both, 255 unknown")
    add_radar(command)
    command.add_argument("--grid", metavar="RASTER", help="lay the result on its grid (default: that of the DEM)")
    command.add_argument("--dem-band", type=int, default=1, metavar="N")
    command.set_defaults(run=_run_layover)


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
