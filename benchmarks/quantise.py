"""Cheaper arithmetic tried on the shipped network: int8, float16 and bfloat16; time ratio and what happens to accuracy.

    python -m benchmarks.quantise [deepot] [--cases 4] [--rounds 3]

*int8*: ONNX Runtime's static quantisation, a scale for each channel, set on pairs of other ground than the ones that
are judged; of all convolutions, or of those alone that look at features (what a ReLU gives). *float16*: convolutions in
half precision; on the CPU they are computed in single precision between rounded numbers, so the accuracy is that of a
card and the time is not. *bfloat16*: inputs and weights of convolutions rounded to it (emulated).

Accuracy is that of simulated pairs with known fields (`benchmarks.accuracy.fixed_set`), at three regimes of
decorrelation; times are processor time of one thread, in turns with the network as it is shipped.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

import numpy as np

from benchmarks import results
from benchmarks.accuracy.case import Scene
from benchmarks.accuracy.fixed_set import REGIMES, SetCase

#: Fields of the set, those first that say most: undulation, lobe of 60 px moved by 2 px, fault of 1 px, constant.
FIELDS = (2, 7, 12, 0)
CALIBRATED_ON, JUDGED_ON = 1, 0  # rounds of the set
#: An accuracy that moves by more than this is another accuracy.
BEARABLE = 0.01
#: Another network for the CPU is worth its keep below this share of the time.
WORTH = 0.8
SIDE = 512


def scenes(round_: int, count: int, side: int = SIDE) -> list[Scene]:
    """Pairs of a round: so many fields at each regime."""
    return [SetCase(round_, regime, index, side).scene() for regime in REGIMES for index in FIELDS[:count]]


def feed(scene: Scene) -> dict[str, np.ndarray]:
    """A pair as the network takes it."""
    return {name: getattr(scene, name)[None, None].astype(np.float32) for name in ("reference", "secondary")}


def int8(model: Path, out: Path, pairs: Sequence[Scene], features_only: bool) -> None:
    """Quantise convolutions: all, or those that look at features."""
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self._left = [feed(scene) for scene in pairs]

        def get_next(self) -> dict[str, np.ndarray] | None:
            return self._left.pop() if self._left else None

    graph = onnx.load(str(model)).graph
    features = {node.output[0] for node in graph.node if node.op_type == "Relu"}
    chosen = [
        node.name for node in graph.node if node.op_type == "Conv" and (not features_only or node.input[0] in features)
    ]
    quantize_static(
        str(model), str(out), Reader(), quant_format=QuantFormat.QDQ, nodes_to_quantize=chosen, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, op_types_to_quantize=["Conv"],
    )  # fmt: skip


def float16(model: Path, out: Path) -> None:
    """Round convolutions to half precision, as the companion for cards has them."""
    import onnx

    from training import half

    loaded = onnx.load(str(model))
    half.convert(loaded)
    onnx.save(loaded, str(out))


def bfloat16(model: Path, out: Path) -> None:
    """Round what goes into convolutions to 8 bits of mantissa."""
    import onnx
    from onnx import TensorProto, helper

    loaded = onnx.load(str(model))
    made: list[Any] = []
    for node in loaded.graph.node:
        if node.op_type == "Conv":
            for place in range(2):
                name = f"{node.name}_rounded_{place}"
                made.append(helper.make_node("Cast", [node.input[place]], [f"{name}_b"], to=TensorProto.BFLOAT16))
                made.append(helper.make_node("Cast", [f"{name}_b"], [name], to=TensorProto.FLOAT))
                node.input[place] = name
        made.append(node)
    del loaded.graph.node[:]
    loaded.graph.node.extend(made)
    onnx.save(loaded, str(out))


def session(path: Path) -> Any:
    """One thread, set as the product sets it."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.enable_mem_pattern = options.enable_mem_reuse = False
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def spent(runs: dict[str, Any], scene: Scene, rounds: int) -> dict[str, float]:
    """Processor time of a tile, in turns; the median, ms a megapixel."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds + 1):
        for name, run in runs.items():
            started = time.process_time()
            run.run(None, feed(scene))
            if number:  # the first warms up
                taken[name].append(time.process_time() - started)
    return {name: 1e9 * statistics.median(times) / scene.reference.size for name, times in taken.items()}


def judge(run: Any, pairs: Sequence[Scene], own: Sequence[np.ndarray] | None) -> tuple[dict, list[np.ndarray]]:
    """Errors over all pairs, and the difference from answers that are given; and the answers."""
    answers = [run.run(["offset"], feed(scene))[0][0] for scene in pairs]
    wrong = np.concatenate([np.hypot(*(a - s.truth)).ravel() for a, s in zip(answers, pairs)])
    wrong = np.where(np.isfinite(wrong), wrong, 16.0)
    found = {"median_px": float(np.median(wrong)), "rmse_px": float(np.sqrt(np.mean(wrong**2)))}
    if own is not None:
        apart = np.concatenate([np.abs(a - b).max(axis=0).ravel() for a, b in zip(answers, own)])
        apart = np.where(np.isfinite(apart), apart, 16.0)
        found |= {"apart_px": float(np.median(apart)), "apart_95_px": float(np.percentile(apart, 95))}
    return found, answers


def variants(count: int) -> dict[str, Callable[[Path, Path], None]]:
    """What is tried, by name."""
    return {
        "int8, all convolutions": lambda model, out: int8(model, out, scenes(CALIBRATED_ON, count, 256), False),
        "int8, convolutions of features": lambda model, out: int8(model, out, scenes(CALIBRATED_ON, count, 256), True),
        "float16, convolutions": float16,
        "bfloat16, convolutions": bfloat16,
    }


def _brief(error: Exception) -> str:
    """What ONNX Runtime says, without places in its source or on this machine."""
    words = re.search(r"[A-Z]\w+ op: [^\n]*", str(error))
    return f"does not run ({words[0] if words else type(error).__name__})"


def tell(rows: dict[str, dict], size_mb: float, pairs: int) -> dict:
    """What is kept, and shown by docs/performance.md."""
    own = rows["as shipped"]
    header = ["arithmetic", "time", "median error px", "RMSE px", "RMSE changes by", "apart: median px", "95 % px"]
    table, bearable = [], []
    for name, row in rows.items():
        if "failed" in row:
            table.append([name, row["failed"], *["-"] * 5])
            continue
        change = row["rmse_px"] / own["rmse_px"] - 1
        ratio = row["ms"] / own["ms"]
        shown = f"{ratio:.2f} x" if "int8" in name or name == "as shipped" else "emulated"
        apart = [f"{row[key]:.4f}" if key in row else "" for key in ("apart_px", "apart_95_px")]
        table.append(
            [name, shown, f"{row['median_px']:.4f}", f"{row['rmse_px']:.4f}", f"{100 * change:+.1f} %", *apart]
        )
        if name != "as shipped" and abs(change) < BEARABLE:
            bearable.append((name, ratio if "int8" in name else None))
    best = min((ratio for _, ratio in bearable if ratio is not None), default=1.0)
    verdict = (
        f"Eight bits save {100 * (1 - best):.0f} % of the time on the CPU, less than is worth another network to prove "
        "and to keep; they are not taken."
        if WORTH < best < 1
        else "Eight bits are worth to be taken."
        if best <= WORTH
        else "Eight bits save no time on the CPU."
    )
    held = "; ".join(name for name, _ in bearable) or "none"
    words = [
        f"Tried on the network as it is shipped ({size_mb:.1f} MB) and {pairs} simulated pairs. Accuracy may move by "
        f"{100 * BEARABLE:.0f} %: that holds for {held}. {verdict} float16 "
        "and bfloat16 save none: ONNX Runtime computes neither on this processor.",
        "Half precision is for cards: `python -m training.half MODEL` writes the companion that they take. None is "
        "shipped as long as it has not been seen on a card.",
    ]
    return {"words": words, "tables": [results.table("Arithmetic", header, table)], "rows": rows}


def main() -> None:
    """Try, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="deepot", help="name of a model, or a file")
    parser.add_argument("--cases", type=int, default=4, choices=range(1, len(FIELDS) + 1), help="fields a regime")
    parser.add_argument("--rounds", type=int, default=3, help="of timing")
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    own = Path(parsed.model)
    model = own if own.is_file() else results.REPOSITORY / "models" / f"{parsed.model}.onnx"
    pairs = scenes(JUDGED_ON, parsed.cases)
    runs: dict[str, Any] = {"as shipped": session(model)}
    rows: dict[str, dict] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, make) in enumerate(variants(parsed.cases).items()):
            path = Path(folder) / f"{number}.onnx"
            try:
                make(model, path)
                opened = session(path)
                opened.run(None, feed(pairs[0]))
                runs[name] = opened
            except Exception as error:  # what cannot be made is told like what was made and is bad
                rows[name] = {"failed": _brief(error)}
            print(name, rows.get(name, f"{path.stat().st_size / 1e6:.1f} MB" if path.exists() else ""), flush=True)
        times = spent(runs, pairs[0], parsed.rounds)
        shipped = None
        for name, run in runs.items():
            found, answers = judge(run, pairs, shipped)
            shipped = shipped or answers
            rows[name] = {"ms": times[name], **found}
            print(f"{name}: {rows[name]}", flush=True)
    rows = {name: rows[name] for name in ("as shipped", *variants(1)) if name in rows}
    told = tell(rows, model.stat().st_size / 1e6, len(pairs))
    for line in told["tables"][0]["rows"]:
        print(" | ".join(line))
    print(*told["words"], sep="\n")
    if not parsed.no_store:
        print(f"kept in {results.store('quantise', told).relative_to(results.REPOSITORY)}")


if __name__ == "__main__":
    main()
