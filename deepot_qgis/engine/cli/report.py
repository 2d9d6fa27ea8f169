"""``report``: a pair product as a page that needs nothing else."""

from __future__ import annotations

import argparse

from ..report import ReportOptions, write_report
from .bar import Bar


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``report``."""
    command = commands.add_parser("report", help="write a page about a product: inputs, maps, numbers, plots")
    command.add_argument("product", metavar="DISPLACEMENT.tif")
    command.add_argument("output", metavar="REPORT.html")
    command.set_defaults(run=lambda parsed: print(write_report(ReportOptions(parsed.product, parsed.output), Bar())))
