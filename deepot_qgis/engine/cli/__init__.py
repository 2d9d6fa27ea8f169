"""Command line of the engine; needs neither QGIS nor Qt. A file for each command.

Exit status: 0 done, 1 one sentence on stderr says what is wrong, 2 the command was not understood.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from deepot_qgis.__about__ import VERSION

from ..errors import DeepotError
from ..thrift import be_thrifty
from . import batch, installation, interchange, pair, refine, report, selftest, series, stations, terrain, tools

#: In the order of the help text.
COMMANDS = (pair, refine, report, batch, series, selftest, interchange, stations, terrain, tools, installation)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    be_thrifty()
    try:
        parsed = _parser().parse_args(arguments)  # a recipe is read while the arguments are
        parsed.run(parsed)
    except DeepotError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Cancelled; nothing was written.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deepot_qgis.engine", description="Ground displacement from two SAR amplitude images."
    )
    parser.add_argument("--version", action="version", version=f"DeepOT {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser
