"""Command line of the engine; needs neither QGIS nor Qt.

Exit status: 0 done, 1 one sentence on stderr says what is wrong, 2 the command was not understood.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from osgeo import gdal

from deepot_qgis.__about__ import VERSION

from . import align, model, provenance, runtime, selftest_report, trial
from .amplitude import RADIOMETRIES
from .displacement import VELOCITY_UNITS
from .errors import DeepotError
from .measure import METHODS, MeasureOptions, MeasureResult, again, measure
from .quality import QualityOptions
from .selftest import SelfTestOptions, selftest

#: GDAL would keep 5 % of the machine's memory as cache; a stream that passes once needs far less.
_CACHE_BYTES = 128 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    parsed = _parser().parse_args(arguments)
    gdal.SetCacheMax(_CACHE_BYTES)
    try:
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
    _add_pair(commands)
    _add_selftest(commands)
    again_ = commands.add_parser("rerun", help="run again from the JSON beside a product")
    again_.add_argument("record", metavar="PRODUCT.json")
    again_.add_argument("output", metavar="OUT.tif")
    again_.set_defaults(run=_run_again)
    aligned = commands.add_parser("align", help="copy the secondary onto the grid of the reference")
    aligned.add_argument("reference", metavar="REF")
    aligned.add_argument("secondary", metavar="SEC")
    aligned.add_argument("output", metavar="OUT.tif")
    aligned.add_argument("--band", type=int, default=1, help="band of the secondary (default 1)")
    aligned.set_defaults(run=_run_align)
    models = commands.add_parser("models", help="list the models, or check one against the model contract")
    models.add_argument("model", metavar="NAME|PATH", nargs="?", help="bundled model or ONNX file to check")
    models.set_defaults(run=_run_models)
    commands.add_parser("devices", help="list the devices").set_defaults(run=_run_devices)
    return parser


def _add_pair(commands: argparse._SubParsersAction) -> None:
    pair = commands.add_parser("pair", help="measure the displacement between two images")
    pair.add_argument("reference", metavar="REF")
    pair.add_argument("secondary", metavar="SEC")
    pair.add_argument("output", metavar="OUT.tif")
    default = MeasureOptions("reference", "secondary", "output")
    pair.add_argument("--method", choices=METHODS, default=default.method)
    _add_reading(pair, default)
    pair.add_argument("--offsets", metavar="OFFSETS.tif", help="unfiltered pixel offsets (default OUT_offsets.tif)")
    pair.add_argument("--velocity", metavar="VELOCITY.tif", help="write a velocity as well")
    pair.add_argument("--velocity-unit", choices=tuple(VELOCITY_UNITS), default=default.velocity_unit)
    pair.add_argument("--min-correlation", type=float, default=default.quality.min_correlation, metavar="R")
    pair.add_argument("--max-sigma", type=float, default=default.quality.max_sigma_px, metavar="PX")
    pair.add_argument("--tile", type=int, default=default.tile_px, metavar="PX", help="side of a tile")
    pair.set_defaults(run=_run_pair)


def _add_reading(command: argparse.ArgumentParser, default: MeasureOptions | SelfTestOptions) -> None:
    """How two images are read, and by which network on which device they are measured."""
    command.add_argument("--model", metavar="NAME|PATH", default=default.model, help="bundled model or ONNX file")
    command.add_argument("--device", choices=runtime.DEVICES, default=default.device)
    command.add_argument("--reference-date", metavar="D", help="acquisition date, such as 2023-09-04")
    command.add_argument("--secondary-date", metavar="D")
    command.add_argument("--reference-band", type=int, default=default.reference_band, metavar="N")
    command.add_argument("--secondary-band", type=int, default=default.secondary_band, metavar="N")
    command.add_argument("--radiometry", choices=RADIOMETRIES, default=default.radiometry)
    command.add_argument("--area", metavar="WKT", help="polygon in the CRS of REF")


def _add_selftest(commands: argparse._SubParsersAction) -> None:
    test = commands.add_parser("selftest", help="say what motion can be measured in an image, or between two")
    test.add_argument("reference", metavar="REF")
    test.add_argument("secondary", metavar="SEC", nargs="?", help="second date; simulated when it is left out")
    default = SelfTestOptions("reference")
    test.add_argument("--out", dest="output", metavar="REPORT.json", help="write REPORT.json and REPORT.html")
    test.add_argument("--method", choices=METHODS, default=default.method, help="model also tests correlation")
    _add_reading(test, default)
    test.add_argument("--coherence", type=float, metavar="G", help="of the simulated second date (default 0.6)")
    test.add_argument("--looks", type=int, metavar="L", help="of the simulated second date (default: estimated)")
    test.add_argument("--sizes", dest="sizes_px", type=float, nargs="+", metavar="PX", default=default.sizes_px)
    test.add_argument("--windows", type=int, default=default.windows, metavar="N", help="most windows to look at")
    test.add_argument("--window", dest="window_px", type=int, default=default.window_px, metavar="PX")
    test.add_argument("--seed", type=int, default=default.seed, metavar="N", help="the same seed, the same numbers")
    test.set_defaults(run=_run_selftest)


def _run_selftest(parsed: argparse.Namespace) -> None:
    given = {key: value for key, value in vars(parsed).items() if key != "run"}
    result = selftest(SelfTestOptions(**given), progress=_Bar())
    print(selftest_report.text(result))
    if result.report:
        print(f"Report: {result.report}\nNumbers: {result.data}")


def _run_pair(parsed: argparse.Namespace) -> None:
    same = {
        name: getattr(parsed, name)
        for name in (
            "reference", "secondary", "output", "method", "model", "device", "offsets", "velocity", "velocity_unit",
            "reference_date", "secondary_date", "reference_band", "secondary_band", "radiometry", "area",
        )
    }  # fmt: skip
    quality = replace(QualityOptions(), min_correlation=parsed.min_correlation, max_sigma_px=parsed.max_sigma)
    _measure(MeasureOptions(**same, quality=quality, tile_px=parsed.tile))


def _run_again(parsed: argparse.Namespace) -> None:
    _measure(again(MeasureOptions.from_record(provenance.read_options(parsed.record)), parsed.output))


def _measure(options: MeasureOptions) -> None:
    _show(measure(options, progress=_Bar()))


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
    print(f"Speed: {tested.pixels / 1e6 / tested.seconds:.3f} Mpx/s on this CPU")
    print(tested.verdict())


def _run_devices(parsed: argparse.Namespace) -> None:
    for device in runtime.devices():
        print(f"{device.name}: {device.description}")


class _Bar:
    """Progress on stderr, only when a person watches."""

    def __init__(self) -> None:
        self._last = -1

    def __call__(self, share: float, what: str) -> None:
        percent = int(100 * share)
        if sys.stderr.isatty() and percent != self._last:
            end = "\n" if percent == 100 else ""
            print(f"\r{percent:3d} % {what:<24}", end=end, file=sys.stderr, flush=True)
            self._last = percent


def _show(result: MeasureResult) -> None:
    for message in result.messages:
        print(message)
    numbers = result.statistics
    by = f"model {result.model}" if result.model else "conventional offset tracking"
    print(f"Measured by {by} on {result.device} in {result.seconds:.1f} s.")
    if numbers["median_magnitude"] is not None:
        print(
            f"Magnitude: median {numbers['median_magnitude']:.3f} {result.unit}, 95 % {numbers['p95_magnitude']:.3f} "
            f"{result.unit}; median sigma {numbers['median_sigma']:.3f} {result.unit}."
        )
    masked = "".join(f", {100 * share:.1f} % {reason}" for reason, share in numbers["masked"].items())
    print(f"Pixels with data: {100 * numbers['covered']:.1f} %, good of these {100 * numbers['good']:.1f} %{masked}.")
    print(f"Product: {result.product}")
