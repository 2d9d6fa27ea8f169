"""``selftest``: what motion can be measured in an image, or between two."""

from __future__ import annotations

import argparse

from ..measure import METHODS
from ..selftest import SelfTestOptions, report, selftest
from .bar import Bar
from .reading import add_reading


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``selftest``."""
    test = commands.add_parser("selftest", help="say what motion can be measured in an image, or between two")
    test.add_argument("reference", metavar="REF")
    test.add_argument("secondary", metavar="SEC", nargs="?", help="second date; simulated when it is left out")
    default = SelfTestOptions("reference")
    test.add_argument("--out", dest="output", metavar="REPORT.json", help="write REPORT.json and REPORT.html")
    test.add_argument("--method", choices=METHODS, default=default.method, help="model also tests correlation")
    add_reading(test, default)
    test.add_argument("--coherence", type=float, metavar="G", help="of the simulated second date (default 0.6)")
    test.add_argument("--looks", type=int, metavar="L", help="of the simulated second date (default: estimated)")
    test.add_argument("--sizes", dest="sizes_px", type=float, nargs="+", metavar="PX", default=default.sizes_px)
    test.add_argument("--windows", type=int, default=default.windows, metavar="N", help="most windows to look at")
    test.add_argument("--window", dest="window_px", type=int, default=default.window_px, metavar="PX")
    test.add_argument("--seed", type=int, default=default.seed, metavar="N", help="the same seed, the same numbers")
    test.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> None:
    given = {key: value for key, value in vars(parsed).items() if key != "run"}
    result = selftest(SelfTestOptions(**given), progress=Bar())
    print(report.text(result))
    if result.report:
        print(f"Report: {result.report}\nNumbers: {result.data}")
