"""Export a checkpoint to ONNX under the product's model contract.

``python -m training.export --checkpoint runs/multiwindow/last.pt --out models/deepot.onnx [--evaluation FILE.json]``.
Sets sigma's calibration from held-out pairs, writes the metadata, and refuses to finish unless onnxruntime answers
what PyTorch answers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import warnings
from pathlib import Path

import numpy as np
import torch

from benchmarks import accuracy
from training.dataset import PairCache
from training.evaluate import load

OPSET = 17
TOLERANCE_PX = 1e-4
LICENCE = "GPL-3.0-or-later"
FIELDS = "still, constant, ramp, rotation, undulation, lobes, nested lobes, faults, bowls, fractal; up to 15 px"
DECORRELATION = "coherence 0.3 to 0.99, 1 to 4 looks, incoherent patches, blinking scatterers, real sub-band looks"
CITATION = "DeepOT for QGIS: displacement from SAR amplitude pairs by a network trained from synthetic to real."
IMAGERY = (
    "Sentinel-1 GRD chips (OMBRIA; contains modified Copernicus Sentinel data), ISRO SIH1733 scenes, RADARSAT-1 "
    "Vancouver (Cumming and Wong), Sentinel-1 IW3 (SARProcessing.jl, MIT), AIRSAR (PolSAR-Freeman, MIT)"
)


def calibrate(network: torch.nn.Module, cache: PairCache, pairs: int) -> tuple[float, float]:
    """Gain and shift of log sigma so that 68.27 % of components err less than sigma, from small sigmas to large.

    In bins of the raw sigma the 68.27 % quantile of the error is what sigma should say; a line through the
    logarithms of both, weighted by the number of pixels, is the calibration.
    """
    raw, error = [], []
    with torch.no_grad():
        for index in range(min(pairs, len(cache))):
            images, truth = cache.batch([index])
            offset, log_sigma = network(images[:, :1], images[:, 1:])
            keep = (images[:, :1] > 0).expand_as(log_sigma)
            for component in range(2):
                difference = (offset - truth)[:, component : component + 1].abs()
                raw.append(log_sigma[keep][::7].numpy())
                error.append(difference[keep][::7].numpy())
    raw, error = np.concatenate(raw), np.concatenate(error)
    edges = np.quantile(raw, np.linspace(0, 1, 21))
    rows = []
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (raw >= low) & (raw <= high)
        if inside.sum() > 100:
            rows.append((raw[inside].mean(), np.log(np.quantile(error[inside], 0.6827) + 1e-4)))
    x, y = np.array(rows).T
    gain, shift = np.polyfit(x, y, 1)
    return float(gain), float(shift)


def write_onnx(network: torch.nn.Module, path: Path) -> None:
    """The graph with dynamic N, H and W, in one file."""
    names = {"reference", "secondary", "offset", "log_sigma"}
    example = torch.rand(2, 1, 160, 192) + 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracing exporter announces its retirement at every call
        torch.onnx.export(
            network,
            (example, example.flip(0)),
            str(path),
            input_names=["reference", "secondary"],
            output_names=["offset", "log_sigma"],
            dynamic_axes={name: {0: "N", 2: "H", 3: "W"} for name in names},
            opset_version=OPSET,
            dynamo=False,
        )


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
    for indices, height, width in (([0], 160, 160), ([1, 2], 128, 160), ([3], 96, 64)):
        images, _ = cache.batch(indices)
        images = images[..., :height, :width].contiguous()
        with torch.no_grad():
            wanted = network(images[:, :1], images[:, 1:])
        found = session.run(
            ["offset", "log_sigma"], {"reference": images[:, :1].numpy(), "secondary": images[:, 1:].numpy()}
        )
        largest = max(largest, *(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, wanted)))
    return largest


def _commit() -> str:
    answer = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or "unknown"


def history(state: dict) -> list[dict]:
    """Steps, batch, seed and seconds of the run and of those it started from, first one first."""
    run = state["options"]
    leg = {"steps": state["step"], "batch": run["batch"], "seed": run["seed"], "seconds": round(state["seconds"])}
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
        "citation": CITATION,
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
            "device": "CPU, 1 thread" if run["threads"] == 1 else f"{run['threads']} threads",
            "commit": _commit(),
        },
        "evaluation": evaluation,
    }


def short_evaluation(path: Path | None) -> dict:
    """The table of `benchmarks.accuracy` from its JSON file: per estimator and regime the summary lines."""
    if path is None:
        return {}
    result = json.loads(path.read_text(encoding="utf-8"))
    fixed = {
        name: {regime: accuracy.summary(rows) for regime, rows in regimes.items()}
        for name, regimes in result["fields"].items()
    }
    return {"fixed set": fixed, "real still pairs": result["null"], "landslide field": result.get("landslide", {})}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/deepot.onnx"))
    parser.add_argument("--name", default="deepot")
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--evaluation", type=Path, default=None, help="accuracy.json of benchmarks.accuracy")
    parser.add_argument("--pairs", type=int, default=60, help="held-out pairs that set sigma's calibration")
    options = parser.parse_args()
    torch.set_num_threads(1)
    network, state = load(options.checkpoint)
    cache = PairCache(Path(state["options"]["held_out"]))
    gain, shift = calibrate(network, cache, options.pairs)
    network.sigma_gain.fill_(gain)
    network.sigma_shift.fill_(shift)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    temporary = options.out.with_suffix(".part")
    write_onnx(network, temporary)
    add_metadata(temporary, describe(network, state, options, short_evaluation(options.evaluation)))
    difference = compare(network, temporary, cache)
    if difference > TOLERANCE_PX:
        temporary.unlink()
        raise SystemExit(f"onnxruntime differs from PyTorch by {difference:.2e}; the model was not written.")
    temporary.replace(options.out)
    size = options.out.stat().st_size / 1e6
    print(f"{options.out}: {size:.1f} MB, sigma x {gain:.2f} {shift:+.2f}, onnxruntime differs by {difference:.1e}")


if __name__ == "__main__":
    main()
