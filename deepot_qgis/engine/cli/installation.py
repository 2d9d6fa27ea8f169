"""``install-runtime``: ONNX Runtime for this plugin alone."""

from __future__ import annotations

import argparse
import sys

from .. import installation, runtime
from ..errors import InstallationError, RuntimeMissingError
from .stopping import stoppable


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = commands.add_parser(
        "install-runtime",
        help="install ONNX Runtime for networks, into a private folder",
        description="Install ONNX Runtime into a folder of the user's that only this plugin uses; numpy and "
        "every other package of this Python stay as they are.",
    )
    what = command.add_mutually_exclusive_group()
    what.add_argument("--remove", action="store_true", help="remove it again")
    what.add_argument("--cpu", action="store_true", help="take the build for the CPU, even where there is a card")
    what.add_argument("--show", action="store_true", help="say what is there and what would be installed")
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> None:
    if parsed.remove:
        print("Removed." if installation.remove() else "There was none to remove.")
    elif parsed.show:
        _show()
    else:
        _install(not parsed.cpu)


def _show() -> None:
    try:
        ort = runtime.onnxruntime()
        print(f"Used: onnxruntime {ort.__version__} ({runtime.origin(ort)})")
    except RuntimeMissingError as error:
        print(error)
    private = installation.current()
    print(f"Private folder: {private.folder if private else f'none yet; {installation.home()}'}")
    print(f"Would install: {' '.join(installation.plan().requirements)}")


def _install(use_card: bool) -> None:
    options = installation.InstallOptions(use_card=use_card)
    try:
        with stoppable() as asked:
            done = installation.install(options, lambda line: print(line, file=sys.stderr), cancelled=asked)
    except InstallationError as error:
        if error.command:
            print(f"By hand: {error.command}", file=sys.stderr)
        raise
    print(f"{done.package} {done.version}: {done.folder}")
