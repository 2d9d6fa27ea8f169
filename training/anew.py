"""Write the graph of a model anew, with the weights, the sigma and the metadata that it has.

``python -m training.anew models/deepot.onnx --checkpoint training/checkpoints/multiwindow.pt --version 0.5.4``: for
when the arithmetic in `training.networks` was arranged in another way and the answers stay the same. It refuses to
finish unless they do.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import calibrate, export
from training.evaluate import load

SIDES_PX = ((320, 256), (160, 416), (48, 32), (16, 64))
TOLERANCE = 1e-3  # px, and of log sigma: rounding, where a choice between two motions was close


def metadata(path: Path) -> dict[str, Any]:
    """The items of an ONNX file."""
    import onnx

    return {entry.key: json.loads(entry.value) for entry in onnx.load(str(path)).metadata_props}


def apart(one: Path, other: Path) -> float:
    """Largest difference between the answers of two files: of noise, and of noise that moved."""
    import onnxruntime

    sessions = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]) for path in (one, other)]
    rng = np.random.default_rng(1)
    largest = 0.0
    for height, width in SIDES_PX:
        speckle = np.hypot(*rng.standard_normal((2, 1, 1, height, width + 3))).astype(np.float32)
        moved = 0.8 * speckle[..., 3:] + 0.2 * rng.rayleigh(size=(1, 1, height, width)).astype(np.float32)
        feed = {"reference": np.ascontiguousarray(speckle[..., :-3]), "secondary": moved}
        answers = [session.run(["offset", "log_sigma"], feed) for session in sessions]
        largest = max(largest, *(float(np.abs(a - b).max()) for a, b in zip(*answers)))
    return largest


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--checkpoint", type=Path, required=True, help="the weights of that model")
    parser.add_argument("--version", required=True)
    parsed = parser.parse_args()
    torch.set_num_threads(1)
    network, _ = load(parsed.checkpoint)
    items = {
        **metadata(parsed.model),
        "version": parsed.version,
        "margin_px": network.margin_px,
        "tile_multiple": network.tile_multiple,
    }
    temporary = parsed.model.with_suffix(".part")
    export.write_onnx(calibrate.Calibrated(network, calibrate.Calibration(**items["sigma_map"])), temporary)
    export.add_metadata(temporary, items)
    export.add_metadata(temporary, {**items, **export.memory(temporary, network)})
    difference = apart(parsed.model, temporary)
    if difference > TOLERANCE:
        temporary.unlink()
        raise SystemExit(f"The answers differ by {difference:.1e}; {parsed.model} was left as it is.")
    temporary.replace(parsed.model)
    print(f"{parsed.model}: {parsed.model.stat().st_size / 1e6:.1f} MB, differs by {difference:.1e}")


if __name__ == "__main__":
    main()
