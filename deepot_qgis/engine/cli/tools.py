"""``align``, ``models`` and ``devices``: what is needed around a measurement."""

from __future__ import annotations

import argparse

from .. import align, model, runtime
from ..model import trial


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the three."""
    aligned = commands.add_parser("align", help="copy the secondary onto the grid of the reference")
    aligned.add_argument("reference", metavar="REF")
    aligned.add_argument("secondary", metavar="SEC")
    aligned.add_argument("output", metavar="OUT.tif")
    aligned.add_argument("--band", type=int, default=1, help="band of the secondary (default 1)")
    aligned.set_defaults(run=_run_align)
    models = commands.add_parser("models", help="list the models, or check one against the model contract")
    models.add_argument("model", metavar="NAME|PATH", nargs="?", help="bundled model or ONNX file to check")
    models.set_defaults(run=_run_models)
    devices = commands.add_parser("devices", help="list the devices, and why one does not work")
    devices.add_argument("--speed", action="store_true", help="time a network on each that works")
    devices.add_argument("--model", metavar="NAME|PATH", default=model.DEFAULT_MODEL, help="network for --speed")
    devices.set_defaults(run=_run_devices)


def _run_align(parsed: argparse.Namespace) -> None:
    print(align.align(parsed.secondary, parsed.reference, parsed.output, parsed.band))


def _run_models(parsed: argparse.Namespace) -> None:
    if parsed.model:
        _check_model(parsed.model)
        return
    for card in model.available():
        if card.problem:
            print(f"{card.name}: {card.problem}")
            continue
        facts = card.metadata
        print(
            f"{card.name} {facts['version']} ({facts['architecture']}): up to {facts['max_offset_px']:g} px, "
            f"licence {facts['licence']}"
        )


def _check_model(name: str) -> None:
    network = model.NetworkEstimator(name, "cpu")
    for line in network.description():
        print(line)
    tested = trial.known_motion(network)
    print(f"Speed: {trial.speed(network):.3f} Mpx/s on this CPU, {network.workers} tile(s) at once")
    print(tested.verdict())


def _run_devices(parsed: argparse.Namespace) -> None:
    found = runtime.survey()
    for device in found:
        print(f"{device.name}: {f'not here: {device.problem}.' if device.problem else device.description}")
    working = [device.name for device in found if not device.problem]
    print(f"auto: takes {'cuda' if 'cuda' in working else 'cpu'}")
    for name in working if parsed.speed else ():
        network = model.NetworkEstimator(parsed.model, name)
        for note in network.notes():
            print(note)
        print(f"Speed of {network.name} on {network.device}: {trial.speed(network):.3g} Mpx/s")
