"""``series``: dated images to a time series; ``invert``: measured pairs to one; ``series-rerun``: the same again."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from .. import dates as dating
from .. import network, reference, runtime
from ..amplitude import RADIOMETRIES
from ..measure import METHODS
from ..network import NetworkOptions
from ..quality import QualityOptions
from ..reference import ReferenceOptions
from ..timeseries import robust
from ..timeseries.acquisitions import find_acquisitions, read_dates
from ..timeseries.assemble import SeriesResult, StackOptions, invert_pairs
from ..timeseries.fit import MODELS
from ..timeseries.history import SPLITS, UNCERTAINTIES, InversionOptions
from ..timeseries.run import SeriesOptions, plan, series
from ..timeseries.stack import open_products
from .bar import Bar
from .reading import add_tiles
from .running import add_running, runner
from .stopping import stoppable
from .styling import style_series


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    command = commands.add_parser("series", help="measure the pairs of many dates and make a time series")
    command.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", help="dated rasters on one grid")
    command.add_argument("output", metavar="OUT", help="folder; pairs measured before are taken from it again")
    command.add_argument("--dates", metavar="FILE", help="table of file name and date, where files do not say theirs")
    command.add_argument("--band", type=int, default=1, metavar="N")
    command.add_argument("--plan", action="store_true", help="show dates and pairs, measure nothing")
    add_network(command)
    add_measuring(command)
    add_running(command)
    _add_inversion(command)
    command.set_defaults(run=_run)
    same = commands.add_parser("series-rerun", help="make a series again from its series.json")
    same.add_argument("record", metavar="series.json")
    same.add_argument("output", metavar="OUT", help="folder")
    add_running(same)
    same.set_defaults(run=_run_again)
    again = commands.add_parser("invert", help="make a time series of displacement products measured before")
    again.add_argument("products", metavar="PRODUCT.tif|FOLDER", nargs="+")
    again.add_argument("output", metavar="OUT", help="folder")
    _add_inversion(again)
    again.set_defaults(run=_run_invert)


def add_network(command: argparse.ArgumentParser) -> None:
    """Which dates are paired."""
    group, default = command.add_argument_group("which dates are paired"), NetworkOptions()
    group.add_argument("--network", choices=network.KINDS, default=default.kind)
    group.add_argument("--neighbours", type=int, default=default.neighbours, metavar="N", help="for sequential")
    group.add_argument("--min-days", type=float, metavar="DAYS", help="shortest interval of a pair")
    group.add_argument("--max-days", type=float, metavar="DAYS", help="longest interval of a pair")
    group.add_argument("--decorrelation-days", type=float, default=default.decorrelation_days, metavar="DAYS",
                       help="coherence falls to 1/e in this time (for coherence)")  # fmt: skip
    group.add_argument("--min-coherence", type=float, default=default.min_coherence, metavar="G")


def network_options(parsed: argparse.Namespace) -> NetworkOptions:
    """What the arguments of `add_network` say."""
    return NetworkOptions(
        parsed.network, parsed.neighbours, parsed.min_days, parsed.max_days, parsed.decorrelation_days,
        parsed.min_coherence,
    )  # fmt: skip


def add_measuring(command: argparse.ArgumentParser) -> None:
    """How a pair is measured."""
    group, default = command.add_argument_group("how a pair is measured"), SeriesOptions
    group.add_argument("--method", choices=METHODS, default=default.method)
    group.add_argument("--model", metavar="NAME|PATH", default=default.model, help="bundled model or ONNX file")
    group.add_argument("--device", choices=runtime.DEVICES, default=default.device)
    group.add_argument("--radiometry", choices=RADIOMETRIES, default=default.radiometry)
    group.add_argument("--area", metavar="WKT", help="polygon in the CRS of the images: measure only inside")
    group.add_argument("--min-correlation", type=float, default=QualityOptions.min_correlation, metavar="R")
    group.add_argument("--max-sigma", type=float, default=QualityOptions.max_sigma_px, metavar="PX")
    add_tiles(group)


def measuring_options(parsed: argparse.Namespace) -> dict[str, Any]:
    """What the arguments of `add_measuring` say, by the names of `MeasureOptions`."""
    same = {name: getattr(parsed, name) for name in ("method", "model", "device", "radiometry", "area")}
    quality = replace(QualityOptions(), min_correlation=parsed.min_correlation, max_sigma_px=parsed.max_sigma)
    return {**same, "quality": quality, "tile_px": parsed.tile, "context_px": parsed.context}


def _add_inversion(command: argparse.ArgumentParser) -> None:
    stable, default = command.add_argument_group("what stands still"), InversionOptions()
    stable.add_argument("--stable", choices=reference.KINDS, default=ReferenceOptions.kind)
    stable.add_argument("--stable-area", metavar="WKT", help="polygon of stable ground; means --stable area")
    stable.add_argument("--stable-share", type=float, default=ReferenceOptions.share, metavar="S", help="of slowest")
    stable.add_argument("--ramp", action="store_true", help="take a plane out of every pair as well")
    group = command.add_argument_group("how pairs become a history")
    group.add_argument("--robust", choices=robust.KINDS, default=default.robust, help="weights against outliers")
    group.add_argument("--split", choices=SPLITS, default=default.split,
                       help="bridge dates that no pair links by the pixel's rate, or leave them out")  # fmt: skip
    group.add_argument("--smoothness", type=float, metavar="V",
                       help="expected change of velocity within a year; default: no smoothing")  # fmt: skip
    group.add_argument("--trend", choices=MODELS, default=default.model, help="annual: a yearly wave as well")
    group.add_argument("--uncertainty", choices=UNCERTAINTIES, default=default.uncertainty)
    group.add_argument("--min-pairs", type=int, default=default.min_pairs, metavar="N", help="for a pixel to count")
    group.add_argument("--no-netcdf", dest="netcdf", action="store_false", help="write no series.nc")


def _stack(parsed: argparse.Namespace) -> StackOptions:
    kind = "area" if parsed.stable_area else parsed.stable
    return StackOptions(
        reference=ReferenceOptions(kind, parsed.stable_area, parsed.ramp, parsed.stable_share),
        inversion=InversionOptions(
            robust=parsed.robust, split=parsed.split, smoothness=parsed.smoothness, model=parsed.trend,
            uncertainty=parsed.uncertainty, min_pairs=parsed.min_pairs,
        ),
        netcdf=parsed.netcdf,
    )  # fmt: skip


def _run(parsed: argparse.Namespace) -> None:
    dates = read_dates(parsed.dates) if parsed.dates else None
    stack = _stack(parsed)
    options = SeriesOptions(
        images=find_acquisitions(parsed.images, parsed.band, dates),
        output=parsed.output,
        network=network_options(parsed),
        reference=stack.reference,
        inversion=stack.inversion,
        netcdf=stack.netcdf,
        **measuring_options(parsed),
    )
    if parsed.plan:
        _show_plan(options)
    else:
        who = runner(parsed)
        with stoppable() as stopped:
            _show(series(options, Bar(), stopped, who))


def _run_again(parsed: argparse.Namespace) -> None:
    options, who = SeriesOptions.from_record(parsed.record, parsed.output), runner(parsed)
    with stoppable() as stopped:
        _show(series(options, Bar(), stopped, who))


def _show_plan(options: SeriesOptions) -> None:
    planned = plan(options)
    for image in planned.images:
        print(f"{dating.text(image.date)}  {image.name}")
    print(f"{len(planned.pairs)} pairs of {len(planned.images)} dates: {network.describe(options.network)}.")
    for first, second in planned.pairs:
        days = dating.days_between(planned.images[first].date, planned.images[second].date)
        print(f"{planned.images[first].day}_{planned.images[second].day}  {days:g} days")
    for message in planned.messages:
        print(message)


def _run_invert(parsed: argparse.Namespace) -> None:
    sources, unusable = open_products(parsed.products)
    _show(invert_pairs(sources, _stack(parsed), parsed.output, Bar(), notes=unusable))


def _show(result: SeriesResult) -> None:
    for message in result.messages:
        print(message)
    numbers, unit = result.statistics, result.unit
    if numbers["speed"] is not None:
        print(
            f"Speed: median {numbers['speed']:.3g} {unit}/yr, 95 % below {numbers['p95_speed']:.3g} {unit}/yr; median "
            f"sigma of the velocity {numbers['velocity_sigma']:.2g} {unit}/yr."
        )
    if numbers["closure"] is not None:
        print(f"Pairs contradict the history by {numbers['closure']:.2g} {unit} (median of the closure residual).")
    if numbers["stable_spread"] is not None:
        print(f"Spread on stable ground: {numbers['stable_spread']:.2g} {unit} a pair.")
    print(f"Pixels with a history: {100 * numbers['known']:.1f} %. Inverted in {result.seconds:.1f} s.")
    print(f"Series: {result.record}")
    style_series(result)
