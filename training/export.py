"""Export a checkpoint to ONNX under the product's model contract.

``python -m training.export --checkpoint runs/multiwindow/last.pt --out models/deepot.onnx [--evaluation FILE.json]
[--weights training/checkpoints/multiwindow.pt]``. Calibrates sigma with held-out pairs, writes the metadata, refuses to
finish unless onnxruntime answers what PyTorch answers, and keeps the weights without the optimiser where it is told to.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

from benchmarks import accuracy
from deepot_qgis.engine.model.contract import CONTEXT, takes_context
from training import calibrate
from training.dataset import PairCache
from training.evaluate import load
from training.rearrange import rearrange
from training.train import save_whole

OPSET = 17
TOLERANCE_PX = 1e-4
LICENCE = "GPL-3.0-or-later"
MEMORY_SIDE_PX = 1152  # of the tile that shows how much memory a network takes
MEMORY = """
import re, sys
from pathlib import Path
import numpy as np
from deepot_qgis.engine.model import NetworkEstimator
def peak():  # getrusage would tell that of the process that started this one
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1))
side, context = int(sys.argv[2]), 4 * (int(sys.argv[3]),)
image = np.random.default_rng(0).rayleigh(size=(side, side)).astype(np.float32)
network = NetworkEstimator(sys.argv[1], "cpu")
before = peak()
for _ in range(3):  # the first tiles leave holes in the memory that the next ones do not fill
    network.estimate_within(image, image.T.copy(), context)
print((peak() - before) / side**2)
"""
CHECKED = 3  # every third held-out pair checks the calibration that the others set
FIELDS = (
    "still, constant, ramp, rotation, undulation, lobes, nested lobes, kinematic elements, faults, bowls, fractal; up "
    "to 15 px"
)
DECORRELATION = (
    "coherence 0.3 to 0.99, 1 to 4 looks, incoherent patches, blinking scatterers, real sub-band looks, real repeat "
    "passes"
)
CITATION = "DeepOT for QGIS: displacement from SAR amplitude pairs by a network trained from synthetic to real."
COMPARISON = "For comparison, not for measuring: {} on the pairs that DeepOT for QGIS trains its own network on."
CITATIONS = {
    "unet": COMPARISON.format("the U-Net of Ronneberger, Fischer and Brox (2015)"),
    "unetpp": COMPARISON.format("the U-Net++ of Zhou et al. (2018)"),
}
IMAGERY = (
    "Sentinel-1 GRD chips (OMBRIA; contains modified Copernicus Sentinel data), ISRO SIH1733 scenes, RADARSAT-1 "
    "Vancouver (Cumming and Wong), Sentinel-1 IW3 (SARProcessing.jl, MIT), AIRSAR (PolSAR-Freeman, MIT)"
)


def write_onnx(network: torch.nn.Module, path: Path) -> None:
    """The graph with dynamic N, H and W, in one file; a network that can leave out context has it as an input."""
    takes_context = getattr(getattr(network, "network", network), "takes_context", False)
    context = (torch.tensor([16, 32, 16, 0]),) if takes_context else ()
    names = {"reference", "secondary", "offset", "log_sigma"}
    example = torch.rand(2, 1, 160, 192) + 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter announces its retirement at every call
        torch.onnx.export(
            network,
            (example, example.flip(0), *context),
            str(path),
            input_names=["reference", "secondary", CONTEXT][: 2 + len(context)],
            output_names=["offset", "log_sigma"],
            dynamic_axes={name: {0: "N", 2: "H", 3: "W"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )
    rearrange(path, {CONTEXT: np.zeros(4, np.int64)} if takes_context else {})


def add_metadata(path: Path, items: dict) -> None:
    """Set `metadata_props`, every value JSON."""
    import onnx

    model = onnx.load(str(path))
    del model.metadata_props[:]
    for key, value in items.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, json.dumps(value)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def compare(network: torch.nn.Module, path: Path, cache: PairCache) -> float:
    """Largest difference, px, between onnxruntime and PyTorch on held-out pairs of several sizes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    largest = 0.0
    shapes = [([0], 160, 160, None), ([1, 2], 128, 160, None), ([3], 96, 64, None), ([4], 16, 32, None)]
    if takes_context(session):
        shapes.append(([0], 160, 160, [32, 0, 64, 48]))
    for indices, height, width, context in shapes:
        images, _ = cache.batch(indices)
        images = images[..., :height, :width].contiguous()
        feed = {"reference": images[:, :1].numpy(), "secondary": images[:, 1:].numpy()}
        rest = []
        if context is not None:
            feed[CONTEXT], rest = np.array(context, np.int64), [torch.tensor(context)]
        with torch.no_grad():
            wanted = network(images[:, :1], images[:, 1:], *rest)
        found = session.run(["offset", "log_sigma"], feed)
        largest = max(largest, *(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, wanted)))
    return largest


def bytes_a_pixel(path: Path, context_px: int = 0) -> int:
    """Memory that the plugin takes to measure a tile with a file, bytes a pixel read, in steps of ten (Linux).

    `context_px` is what is left out on every side.
    """
    command = [sys.executable, "-c", MEMORY, str(path), str(MEMORY_SIDE_PX), str(context_px)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return 10 * round(float(answer.stdout) / 10 + 0.5)


def memory(path: Path, network: torch.nn.Module) -> dict[str, int]:
    """What the plugin should know of the memory that a file takes."""
    needs = {"bytes_px": bytes_a_pixel(path)}
    if getattr(network, "takes_context", False):
        needs["bytes_read_px"] = bytes_a_pixel(path, network.margin_px)
    return needs


def _commit() -> str:
    answer = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


def history(state: dict) -> list[dict]:
    """Steps, batch, seed and seconds of the run and of those it started from, first one first."""
    run = state["options"]
    leg = {"steps": state["step"], "batch": run["batch"], "seed": run["seed"], "seconds": round(state["seconds"])}
    if "device" in state:
        leg["device"] = state["device"]
    if "earlier" in state:  # a checkpoint stripped to its weights carries its own history
        return [*state["earlier"], leg]
    earlier = Path(run.get("start_from") or "")
    if not earlier.is_file():
        return [leg]
    return [*history(torch.load(earlier, map_location="cpu", weights_only=True)), leg]


def describe(network: torch.nn.Module, state: dict, options: argparse.Namespace, evaluation: dict) -> dict:
    """The contract's metadata."""
    run, legs = state["options"], history(state)
    return {
        "deepot_contract": 1,
        "name": options.name,
        "version": options.version,
        "architecture": run["architecture"],
        "licence": LICENCE,
        "citation": CITATIONS.get(run["architecture"], CITATION),
        "max_offset_px": network.max_offset_px,
        "margin_px": network.margin_px,
        "tile_multiple": network.tile_multiple,
        "training": {
            "imagery": IMAGERY,
            "fields": FIELDS,
            "decorrelation": DECORRELATION,
            "seed": run["seed"],
            "steps": sum(leg["steps"] for leg in legs),
            "seconds": sum(leg["seconds"] for leg in legs),
            "legs": legs,
            "device": state.get("device", f"CPU, {run['threads']} thread(s)"),
            "commit": _commit(),
        },
        "evaluation": evaluation,
    }


def short_evaluation(path: Path | None) -> dict:
    """The table of `benchmarks.accuracy` from its JSON file: per estimator and regime the summary lines."""
    if path is None:
        return {}
    return accuracy.short(json.loads(path.read_text(encoding="utf-8")))


def calibrated(network: torch.nn.Module, cache: PairCache, pairs: int) -> tuple[calibrate.Calibrated, list[dict]]:
    """The network with a calibration of its sigma, and the check of that on pairs that had no part in it."""
    indices = np.arange(min(pairs, len(cache)))
    checked = indices % CHECKED == CHECKED - 1
    calibration = calibrate.fit(*calibrate.components(network, cache, indices[~checked]))
    raw, error = calibrate.components(network, cache, indices[checked])
    return calibrate.Calibrated(network, calibration), calibrate.check(calibration(raw), error)


def strip(state: dict) -> dict:
    """A checkpoint without its optimiser: the mean weights, once, and how they came about; enough to start from."""
    options = dict(state["options"], start_from="")
    for key in ("run", "pairs", "held_out"):
        options[key] = f"runs/{Path(options[key]).name}"
    kept = {key: state[key] for key in ("step", "seconds", "device") if key in state}
    return {**kept, "network": state["mean"], "mean": state["mean"], "options": options, "earlier": history(state)[:-1]}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/deepot.onnx"))
    parser.add_argument("--name", default="deepot")
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--evaluation", type=Path, default=None, help="accuracy.json of benchmarks.accuracy")
    parser.add_argument("--held-out", type=Path, default=None, help="folder of pairs; default: the run's own")
    parser.add_argument("--pairs", type=int, default=300, help="held-out pairs that set and check sigma")
    parser.add_argument("--weights", type=Path, default=None, help="keep the weights of the checkpoint there")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network, state = load(options.checkpoint)
    cache = PairCache(options.held_out or Path(state["options"]["held_out"]))
    whole, bins = calibrated(network, cache, options.pairs)
    evaluation = {**short_evaluation(options.evaluation), "within sigma on held-out pairs": bins}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    temporary = options.out.with_suffix(".part")
    write_onnx(whole, temporary)
    items = {**describe(network, state, options, evaluation), "sigma_map": whole.calibration.facts()}
    add_metadata(temporary, items)
    add_metadata(temporary, {**items, **memory(temporary, network)})
    difference = compare(whole, temporary, cache)
    if difference > TOLERANCE_PX:
        temporary.unlink()
        raise SystemExit(f"onnxruntime differs from PyTorch by {difference:.2e}; the model was not written.")
    temporary.replace(options.out)
    if options.weights is not None:
        options.weights.parent.mkdir(parents=True, exist_ok=True)
        save_whole(strip(state), options.weights)
    size = options.out.stat().st_size / 1e6
    print(f"{options.out}: {size:.1f} MB, onnxruntime differs by {difference:.1e}; sigma (px): share that errs less")
    print(", ".join(f"{row['sigma']:g}: {row['within']:.0%}" for row in bins))


if __name__ == "__main__":
    main()
