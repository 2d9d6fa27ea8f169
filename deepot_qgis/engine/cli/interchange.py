"""``export`` and ``import``: hand results on to other programs, take in theirs."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from ..errors import OptionsError
from ..interchange.autorift import CONTENTS
from ..interchange.cog_export import CogOptions, export_cog
from ..interchange.importing import ImportOptions, ImportResult, import_offsets, import_velocity, summary
from ..interchange.isce import ORDERS
from ..interchange.mintpy_export import MintpyOptions, StackExport, export_mintpy, export_stack
from ..interchange.mintpy_series import SeriesImport, import_series
from ..interchange.netcdf_export import NetcdfOptions, export_netcdf
from ..interchange.opening import FORMATS, ReadingOptions
from ..interchange.points import PointsOptions, export_points
from ..interchange.projection import COMPONENTS, FIXED
from ..interchange.radar import SIDES, Look
from ..product import BANDS
from ..report import MapOptions, write_map
from ..timeseries.stack import ProductPair
from .bar import Bar


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two commands."""
    export = commands.add_parser("export", help="write a series or pairs for MintPy, InSAR Explorer, ITS_LIVE readers")
    kinds = export.add_subparsers(required=True, metavar="FORMAT")
    _add_mintpy(kinds)
    _add_stack(kinds)
    _add_points(kinds)
    _add_netcdf(kinds)
    _add_cog(kinds)
    _add_map(kinds)
    taken = commands.add_parser("import", help="read offsets or series of MintPy, autoRIFT, ITS_LIVE, ISCE or NISAR")
    whats = taken.add_subparsers(required=True, metavar="WHAT")
    _add_pairs(whats)
    _add_series(whats)
    _add_velocity(whats)


def _add_look(command: argparse.ArgumentParser) -> None:
    command.add_argument("--heading", type=float, metavar="DEG", help="of the flight, clockwise from north")
    command.add_argument("--incidence", type=float, metavar="DEG", help="from the vertical")
    command.add_argument("--side", choices=SIDES, default="right", help="where the radar looks (default right)")


def _look(parsed: argparse.Namespace) -> Look | None:
    if (parsed.heading is None) != (parsed.incidence is None):
        raise OptionsError("Heading and incidence angle belong together; give both.")
    return None if parsed.heading is None else Look(parsed.heading, parsed.incidence, parsed.side)


def _add_mintpy(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = kinds.add_parser("mintpy", help="timeseries_<component>.h5 and velocity_<component>.h5 for MintPy")
    command.add_argument("series", metavar="SERIES", help="series.json or its folder")
    command.add_argument("folder", metavar="FOLDER", help="where the files go")
    command.add_argument("--components", nargs="+", choices=FIXED, default=("east", "north"))
    command.add_argument("--bearing", type=float, metavar="DEG", help="of the component 'bearing'")
    _add_look(command)
    command.set_defaults(run=_run_mintpy)


def _run_mintpy(parsed: argparse.Namespace) -> None:
    options = MintpyOptions(parsed.series, parsed.folder, tuple(parsed.components), _look(parsed), parsed.bearing)
    _show(export_mintpy(options, Bar()))


def _add_stack(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = kinds.add_parser("stack", help="pairs as MintPy's ifgramStack.h5 of range and azimuth offsets")
    command.add_argument("products", metavar="PAIR.tif", nargs="+", help="displacement products")
    command.add_argument("output", metavar="OUT.h5")
    _add_look(command)
    command.set_defaults(run=_run_stack)


def _run_stack(parsed: argparse.Namespace) -> None:
    pairs = [ProductPair(path) for path in parsed.products]
    _show([export_stack(pairs, StackExport(parsed.output, _look(parsed)), Bar())])


def _add_points(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = kinds.add_parser("points", help="points with velocity (mm/yr) and DYYYYMMDD (mm) for InSAR Explorer")
    command.add_argument("series", metavar="SERIES", help="series.json or its folder")
    command.add_argument("output", metavar="OUT.gpkg", help="or .shp or .csv")
    command.add_argument("--component", choices=COMPONENTS, default="motion", help="default: along each pixel's motion")
    command.add_argument("--bearing", type=float, metavar="DEG", help="of the component 'bearing'")
    command.add_argument("--every", type=int, default=1, metavar="N", help="take every n-th pixel")
    command.add_argument("--max-sigma", type=float, metavar="MM/YR", help="leave out less certain velocities")
    command.add_argument("--min-speed", type=float, metavar="MM/YR", help="leave out slower pixels")
    _add_look(command)
    command.set_defaults(run=_run_points)


def _run_points(parsed: argparse.Namespace) -> None:
    options = PointsOptions(
        parsed.series,
        parsed.output,
        parsed.component,
        _look(parsed),
        parsed.bearing,
        parsed.every,
        parsed.max_sigma,
        parsed.min_speed,
    )
    result = export_points(options, Bar())
    print(f"{result.points} points: {result.path}")


def _add_netcdf(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = kinds.add_parser("netcdf", help="velocity as NetCDF in the form of ITS_LIVE")
    command.add_argument("product", metavar="PRODUCT", help="displacement product, series.json or its folder")
    command.add_argument("output", metavar="OUT.nc")
    command.set_defaults(run=lambda parsed: _show([export_netcdf(NetcdfOptions(parsed.product, parsed.output), Bar())]))


def _add_cog(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = kinds.add_parser("cog", help="a product as Cloud Optimized GeoTIFF")
    command.add_argument("product", metavar="PRODUCT.tif")
    command.add_argument("output", metavar="OUT.tif")
    command.set_defaults(run=lambda parsed: _show([export_cog(CogOptions(parsed.product, parsed.output), Bar())]))


def _add_map(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = kinds.add_parser("map", help="a band of a displacement product as a picture with legend, scale and north")
    command.add_argument("product", metavar="DISPLACEMENT.tif")
    command.add_argument("output", metavar="OUT.png", help="or .svg or .pdf")
    command.add_argument("--band", choices=BANDS, default="magnitude")
    command.set_defaults(
        run=lambda parsed: _show([write_map(MapOptions(parsed.product, parsed.output, parsed.band), Bar())])
    )


def _add_pairs(whats: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = whats.add_parser("pairs", help="offsets as displacement products, one for each pair")
    default = ReadingOptions()
    command.add_argument("paths", metavar="FILE", nargs="+")
    command.add_argument("folder", metavar="FOLDER", help="where the products go")
    command.add_argument("--format", choices=FORMATS, default=default.format)
    command.add_argument("--first", metavar="D", help="first date, when the name does not tell it")
    command.add_argument("--second", metavar="D")
    _add_look(command)
    command.add_argument("--geometry", metavar="geometryGeo.h5", help="of MintPy, instead of heading and incidence")
    command.add_argument("--x-spacing", type=float, metavar="M", help="of the images: in x, or in slant range")
    command.add_argument("--y-spacing", type=float, metavar="M", help="of the images: in y, or in azimuth")
    command.add_argument("--order", choices=ORDERS, default=default.order, help="of the bands of an ISCE raster")
    command.add_argument("--content", choices=CONTENTS, default=default.content, help="of an autoRIFT GeoTIFF")
    command.add_argument("--layer", type=int, default=default.layer, help="of a NISAR product, 1 to 3")
    command.add_argument("--polarization", metavar="HH", help="of a NISAR product (default: the first)")
    command.add_argument("--height", type=float, default=default.height, metavar="M", help="of the ground, for NISAR")
    command.set_defaults(run=_run_pairs)


def _run_pairs(parsed: argparse.Namespace) -> None:
    reading = {name: value for name, value in vars(parsed).items() if name not in ("run", "paths", "folder")}
    _tell(import_offsets(ImportOptions(tuple(parsed.paths), parsed.folder, ReadingOptions(**reading)), Bar()))


def _tell(result: ImportResult) -> None:
    for line in summary(result):
        print(line)
    _show(result.products)


def _add_series(whats: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = whats.add_parser("series", help="two timeseries.h5 of MintPy as one series")
    command.add_argument("east", metavar="EAST.h5", help="or, with --heading and --incidence, the line of sight")
    command.add_argument("north", metavar="NORTH.h5", help="or the azimuth displacement")
    command.add_argument("folder", metavar="FOLDER", help="where the series goes")
    command.add_argument("--sigma", type=float, metavar="M", help="error of a component (default 0.1 pixel)")
    _add_look(command)
    command.set_defaults(run=_run_series)


def _run_series(parsed: argparse.Namespace) -> None:
    options = SeriesImport(parsed.east, parsed.north, parsed.folder, _look(parsed), parsed.sigma)
    _show([import_series(options, Bar())])


def _add_velocity(whats: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = whats.add_parser("velocity", help="two velocity.h5 of MintPy as one displacement product")
    command.add_argument("east", metavar="EAST.h5", help="or, with --heading and --incidence, the line of sight")
    command.add_argument("north", metavar="NORTH.h5", help="or the azimuth velocity")
    command.add_argument("folder", metavar="FOLDER", help="where the product goes")
    _add_look(command)
    command.set_defaults(run=_run_velocity)


def _run_velocity(parsed: argparse.Namespace) -> None:
    _tell(import_velocity(parsed.east, parsed.north, parsed.folder, _look(parsed), Bar()))


def _show(paths: Iterable[str]) -> None:
    for path in paths:
        print(path)
