"""``batch``: many pairs of a list or a folder, here or on a cluster."""

from __future__ import annotations

import argparse
import os
import sys

from ..batch.run import BatchOptions, BatchResult, batch, plan
from ..errors import DeepotError
from ..measure import MeasureOptions
from ..timeseries.acquisitions import read_dates
from .bar import Bar
from .running import add_running, runner
from .series import add_measuring, add_network, measuring_options, network_options
from .stopping import stoppable
from .styling import style_pair_with_what_is_beside

_MOST_SHOWN = 10


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser("batch", help="measure many pairs, with several processes or on a cluster")
    command.add_argument("source", metavar="PAIRS.csv|FOLDER", help="list with the columns reference and secondary, or "
                         "dated rasters on one grid")  # fmt: skip
    command.add_argument("output", metavar="OUT", help="folder; pairs measured before are taken from it again")
    command.add_argument("--plan", action="store_true", help="show the pairs, measure nothing")
    add_running(command)
    add_measuring(command)
    command.add_argument("--dates", metavar="FILE", help="for a folder: table of file name and date")
    command.add_argument("--band", type=int, default=1, metavar="N")
    add_network(command)
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> None:
    template = MeasureOptions(
        "reference", "secondary", "output.tif", reference_band=parsed.band, secondary_band=parsed.band,
        **measuring_options(parsed),
    )  # fmt: skip
    options = BatchOptions(
        parsed.source,
        parsed.output,
        template,
        network_options(parsed),
        read_dates(parsed.dates) if parsed.dates else None,
    )
    if parsed.plan:
        _show_plan(options)
        return
    who = runner(parsed)
    with stoppable() as stopped:
        result = batch(options, Bar(), stopped, who)
    _style(result)
    _show(result)


def _show_plan(options: BatchOptions) -> None:
    planned = plan(options)
    for message in planned.messages:
        print(message)
    for job in planned.jobs:
        print(f"{job.name}  {job.options.reference}  {job.options.secondary}")


def _style(result: BatchResult) -> None:
    """Style what was measured now; what was taken has its styles, unless somebody removed them."""
    folder = os.path.dirname(os.path.abspath(result.table))
    for line in result.lines:
        if line.state == "done" and line.product:
            style_pair_with_what_is_beside(os.path.join(folder, line.product))


def _show(result: BatchResult) -> None:
    for message in result.messages:
        print(message)
    counts = result.counts
    print(
        f"{len(result.lines)} pairs in {result.seconds:.1f} s: {counts['done']} measured, {counts['taken']} taken from "
        f"an earlier run, {counts['failed']} failed."
    )
    print(f"Report: {result.table}")
    lost = [line for line in result.lines if line.state == "failed"]
    for line in lost[:_MOST_SHOWN]:
        print(f"{line.pair}: {line.reason}", file=sys.stderr)
    if lost:
        raise DeepotError(f"{len(lost)} of {len(result.lines)} pairs could not be measured; {result.table} says why.")
