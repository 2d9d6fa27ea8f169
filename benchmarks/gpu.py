"""Speed of a network on a card, by batch, tile and precision, and from GeoTIFF to GeoTIFF.

    python -m benchmarks.gpu                                     # everything: some minutes on a data-centre card
    python -m benchmarks.gpu --quick                             # a look
    python -m benchmarks.gpu --model runs/trial.onnx --side 20000 --folder DIR
    python -m benchmarks.gpu --network-only                      # needs ONNX Runtime and numpy, no GDAL
    python -m benchmarks.gpu --option prefer_nhwc=1 --option cudnn_conv_algo_search=EXHAUSTIVE

Four tables. *Network*: megapixels a second that the card computes while the images lie on it, and with the copies to it
and back. *Agreement*: how far the answers are from the CPU's. *Batches*: the same network fed tile by tile from many
threads, as a measurement does it. *GeoTIFF to GeoTIFF*: the whole measurement of a pair made on the fly, context of the
tiles included, and the share of its time during which the network ran.

Precisions: ``full`` (float32), ``tf32`` (float32 numbers whose products keep 10 bits), ``half`` (NAME.fp16.onnx beside
the model, where there is one). ``--device cpu`` runs the same on the CPU, to compare or to try this program.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import results
from deepot_qgis.engine import runtime
from deepot_qgis.engine.runtime.batching import Buffers
from deepot_qgis.engine.runtime.failures import out_of_memory
from deepot_qgis.engine.runtime.providers import NVIDIA

REPOSITORY = Path(__file__).resolve().parents[1]
BATCHES, TILES, SIDE = (1, 2, 4, 8, 16), (512, 1024, 2048), 10000
#: Least seconds and calls that a figure is the median of.
_SECONDS, _CALLS = 1.0, 5
_AGREEMENT_PX = 512
#: Goals of a recent data-centre card, Mpx/s.
IN_NETWORK, FROM_FILE_TO_FILE = 150, 60


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes
    ----------
    model : Path
    device : str
    batches, tiles : tuple of int
    side : int
        Of the pair that is measured from file to file; 0 leaves that out.
    folder : Path or None
        For that pair.
    options : dict
        Of the execution provider.
    seconds : float
    """

    model: Path
    device: str = "cuda"
    batches: tuple[int, ...] = BATCHES
    tiles: tuple[int, ...] = TILES
    side: int = SIDE
    folder: Path | None = None
    options: dict[str, str] = field(default_factory=dict)
    seconds: float = _SECONDS

    def precisions(self) -> dict[str, tuple[Path, dict[str, str]]]:
        """File and options of each precision there is."""
        half = self.model.with_suffix(".fp16.onnx")
        found = {"full": (self.model, self.options)}
        if self.device == "cuda":
            found["tf32"] = (self.model, {"use_tf32": "1", **self.options})
        if self.device != "cpu" and half.is_file():
            found["half"] = (half, self.options)
        return found


def speckle(batch: int, side: int, moved: tuple[int, int] = (0, 0)) -> np.ndarray:
    """A rough image under speckle, float32 ``(batch, 1, side, side)``, its ground moved by whole pixels."""
    rng = np.random.default_rng(7)
    noise = rng.standard_normal((2, side + 8, side + 8)).astype(np.float32)
    image = np.hypot(*noise)
    image = image[:-1, :-1] + image[1:, :-1] + image[:-1, 1:] + image[1:, 1:]  # well sampled, as real images are
    top, left = 3 - moved[1], 3 - moved[0]
    return np.repeat(np.ascontiguousarray(image[top : top + side, left : left + side])[None, None], batch, 0)


def feed(batch: int, side: int) -> dict[str, np.ndarray]:
    """Inputs of a network under the contract: the ground moved by (2, -1) px."""
    return {"reference": speckle(batch, side), "secondary": speckle(batch, side, (2, -1))}


def rate(run: Callable[[], Any], pixels: int, seconds: float) -> float:
    """Megapixels a second: of the median call."""
    run()
    run()
    times, until = [], time.perf_counter() + seconds
    while len(times) < _CALLS or time.perf_counter() < until:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return pixels / 1e6 / float(np.median(times))


def network(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Rows of the table *Network*: precision, tile, batch, Mpx/s computing, Mpx/s with copies."""
    for precision, (path, options) in plan.precisions().items():
        for side in plan.tiles:
            opened = runtime.open_session(str(path), plan.device, options=options)
            for batch in plan.batches:
                try:
                    yield precision, side, batch, *_one_call(opened, batch, side, plan.seconds)
                except Exception as error:  # onnxruntime's exceptions share no base but this
                    if not out_of_memory(error):
                        raise
                    yield precision, side, batch, None, None
                    break  # a session that ran out of memory has none left, and larger batches need more


def _one_call(opened: runtime.Session, batch: int, side: int, seconds: float) -> tuple[float, float]:
    names, inputs, pixels = ["offset", "log_sigma"], feed(batch, side), batch * side * side
    if opened.device not in NVIDIA:
        both = rate(lambda: opened.session.run(names, inputs), pixels, seconds)
        return both, both
    buffers = Buffers(opened.session, names, inputs)
    return rate(buffers.compute, pixels, seconds), rate(lambda: buffers.run(inputs), pixels, seconds)


def agreement(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Rows of the table *Agreement*: precision, then 50, 99 and 99.9 % of the pixels differ by less than so many px."""
    inputs = feed(1, _AGREEMENT_PX)
    expected = runtime.open_session(str(plan.model), "cpu").session.run(["offset"], inputs)[0]
    for precision, (path, options) in plan.precisions().items():
        answer = runtime.open_session(str(path), plan.device, options=options).session.run(["offset"], inputs)[0]
        yield precision, *(float(part) for part in np.percentile(np.abs(answer - expected), (50, 99, 99.9)))


def batched(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Rows of the table *Batches*: precision, tile, Mpx/s of single tiles from many threads, its notes."""
    from deepot_qgis.engine.model import NetworkEstimator

    for precision, (_, options) in plan.precisions().items():
        for side in plan.tiles:
            estimator = NetworkEstimator(str(plan.model), plan.device, _kind(precision), options)
            reference, secondary = (image[0, 0] for image in feed(1, side).values())
            count = 3 * estimator.workers

            def tiles(estimator=estimator, pair=(reference, secondary), count=count) -> None:
                with ThreadPoolExecutor(estimator.workers) as pool:
                    list(pool.map(lambda _: estimator.estimate(*pair), range(count)))

            yield precision, side, rate(tiles, count * side * side, plan.seconds), " ".join(estimator.notes())


def from_file_to_file(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """Rows of the table *GeoTIFF to GeoTIFF*: precision, tile, Mpx/s, share of the network, device, notes."""
    from benchmarks.large_pair import write
    from deepot_qgis.engine.measure import MeasureOptions, measure
    from deepot_qgis.engine.model import NetworkEstimator
    from deepot_qgis.engine.stages import NETWORK, Clock

    with tempfile.TemporaryDirectory(dir=plan.folder) as folder:
        pair = [str(path) for path in write(Path(folder), plan.side)]
        for precision, (_, options) in plan.precisions().items():
            for side in plan.tiles:
                # Loaded and warmed up before the clock starts, as for all pairs of a series but the first.
                estimator = NetworkEstimator(str(plan.model), plan.device, _kind(precision), options)
                clock = Clock()
                asked = MeasureOptions(
                    *pair, str(Path(folder) / "d.tif"), model=str(plan.model), device=plan.device, tile_px=side
                )
                result = measure(asked, clock=clock, load=lambda *_, ready=estimator: ready)
                share = next((row.running for row in clock.rows() if row.stage == NETWORK), 0.0)
                speed = plan.side**2 / 1e6 / result.seconds
                yield precision, side, speed, share, result.device_name, " ".join(estimator.notes())


def _kind(precision: str) -> str:
    return "half" if precision == "half" else "full"


TABLES = {
    "Network": (network, ("precision", "tile px", "batch", "Mpx/s computing", "Mpx/s with copies")),
    "Agreement with the CPU": (agreement, ("precision", "50 % below, px", "99 % below, px", "99.9 % below, px")),
    "Batches": (batched, ("precision", "tile px", "Mpx/s", "notes")),
    "GeoTIFF to GeoTIFF": (from_file_to_file, ("precision", "tile px", "Mpx/s", "network ran", "device", "notes")),
}


def shown(value: Any) -> str:
    """A cell: numbers with three digits, what did not fit as that."""
    if value is None:
        return "no memory"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def run(plan: Plan, wanted: list[str]) -> dict[str, Any]:
    """Measure and print; returns what is kept."""
    devices = [f"{device.name}: {device.problem or device.description}" for device in runtime.survey()]
    print("\n".join(devices))
    tables, best, ran = [], {}, 0.0
    for caption in wanted:
        make, header = TABLES[caption]
        print(f"\n{caption}\n{' | '.join(header)}", flush=True)
        rows = []
        for row in make(plan):
            rows.append([shown(cell) for cell in row])
            print(" | ".join(rows[-1]), flush=True)
            if caption in ("Network", "GeoTIFF to GeoTIFF"):
                best[caption] = max(best.get(caption, 0.0), row[3 if caption == "Network" else 2] or 0.0)
                ran = max(ran, row[3] or 0.0) if caption == "GeoTIFF to GeoTIFF" else ran
        tables.append(results.table(caption, header, rows))
    words = [
        f"{caption}: {best[caption]:.3g} Mpx/s at best on {plan.device} (goal: {goal})."
        for caption, goal in (("Network", IN_NETWORK), ("GeoTIFF to GeoTIFF", FROM_FILE_TO_FILE))
        if caption in best
    ]
    print("\n" + "\n".join(words))
    goals = {
        "network_mpx_per_s": best.get("Network"),
        "files_mpx_per_s": best.get("GeoTIFF to GeoTIFF"),
        "in_network": ran or None,
    }
    return {"words": words, "devices": devices, "tables": tables, **goals}


def main() -> None:
    """Measure on this machine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="deepot", help="bundled model or ONNX file (default deepot)")
    parser.add_argument("--device", default="cuda", choices=runtime.DEVICES[1:])
    parser.add_argument("--batches", type=_numbers, default=BATCHES, metavar="N,N,...")
    parser.add_argument("--tiles", type=_numbers, default=TILES, metavar="PX,PX,...")
    parser.add_argument("--side", type=int, default=SIDE, help=f"of the pair from file to file (default {SIDE})")
    parser.add_argument("--folder", type=Path, help="where that pair is written (default: for temporary files)")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of the provider")
    parser.add_argument("--network-only", action="store_true", help="the first two tables, which need no GDAL")
    parser.add_argument("--quick", action="store_true", help="one tile, two batches, a small pair")
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    bundled = REPOSITORY / "models" / f"{parsed.model}.onnx"
    plan = Plan(
        model=bundled if bundled.is_file() else Path(parsed.model),
        device=parsed.device,
        batches=(1, 4) if parsed.quick else parsed.batches,
        tiles=parsed.tiles[:1] if parsed.quick else parsed.tiles,
        side=min(parsed.side, 2048) if parsed.quick else parsed.side,
        folder=parsed.folder,
        options=dict(option.split("=", 1) for option in parsed.option),
        seconds=0.2 if parsed.quick else _SECONDS,
    )
    problem = next((device.problem for device in runtime.survey() if device.name == plan.device), "not on this system")
    if problem:
        sys.exit(f"{plan.device} cannot be had here: {problem}.")
    found = run(plan, list(TABLES)[: 2 if parsed.network_only else None])
    if not parsed.no_store:
        print(results.store("gpu", found).relative_to(REPOSITORY))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


if __name__ == "__main__":
    main()
