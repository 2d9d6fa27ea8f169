"""The arguments that say how two images are read, by what they are measured, and how they are cut into tiles."""

from __future__ import annotations

import argparse

from .. import runtime
from ..amplitude import RADIOMETRIES
from ..measure import MeasureOptions
from ..selftest import SelfTestOptions


def add_reading(command: argparse.ArgumentParser, default: MeasureOptions | SelfTestOptions) -> None:
    """How two images are read, and by which network on which device they are measured."""
    command.add_argument("--model", metavar="NAME|PATH", default=default.model, help="bundled model or ONNX file")
    command.add_argument("--device", choices=runtime.DEVICES, default=default.device)
    command.add_argument("--reference-date", metavar="D", help="acquisition date, such as 2023-09-04")
    command.add_argument("--secondary-date", metavar="D")
    command.add_argument("--reference-band", type=int, default=default.reference_band, metavar="N")
    command.add_argument("--secondary-band", type=int, default=default.secondary_band, metavar="N")
    command.add_argument("--radiometry", choices=RADIOMETRIES, default=default.radiometry)
    command.add_argument("--area", metavar="WKT", help="polygon in the CRS of REF")


def add_tiles(command: argparse._ActionsContainer) -> None:
    """How images are cut into tiles."""
    command.add_argument("--tile", type=int, metavar="PX", help="side of a tile (default: what fits into free memory)")
    command.add_argument(
        "--context", type=int, metavar="PX", help="around a tile, where it shall be more than the network asks for"
    )
