"""Turn weights of PyPI's `deepot` 0.1.0 into an ONNX file that runs in the plugin.

``python -m training.import_keras UNet.h5 --architecture unet --out unet.onnx``. Needs numpy, h5py and onnx, no
TensorFlow. The file keeps that package's form (two NHWC inputs scaled to 0..1, a fixed tile, output y before x); its
metadata tell the plugin's adapter so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx

from training import keras_graphs, keras_weights
from training.keras_weights import WeightFile, WeightsError

#: The package always cuts 256 px tiles and lets them overlap by 128; 32 + 64 + 32 px of ours are the same 128.
TILE_PX, MARGIN_PX, OVERLAP_PX = 256, 32, 64
CITATION = (
    "Network of DeepOT (PyPI deepot 0.1.0, J. Kim, SMU InSAR Lab, https://github.com/smuinsar/DeepOT), imported from "
    "Keras weights"
)


def build(file: WeightFile, architecture: str) -> tuple[list[keras_graphs.Operation], list[int]]:
    """The network that a weight file belongs to, and the channels of its levels.

    Raises
    ------
    WeightsError
        The file is of another architecture.
    """
    convolutions = file.of("conv")
    levels = keras_graphs.levels(architecture, len(convolutions))
    if levels is None:
        raise WeightsError(
            f"{file.name} holds {len(convolutions)} convolutions, and no {architecture} has so many; is it of another "
            "architecture (--architecture), or trained with deep supervision, which the package itself does not run?"
        )
    filters = [convolutions[2 * level].shapes[0][-1] for level in range(levels)]  # the encoder comes first
    return keras_graphs.ARCHITECTURES[architecture](filters, bool(file.of("norm"))), filters


def describe(options: argparse.Namespace, file: WeightFile, filters: Sequence[int]) -> dict[str, Any]:
    """The contract's metadata, with the form of the package."""
    sign = -1 if options.reversed else 1
    return {
        "deepot_contract": 1,
        "name": options.name or options.out.stem,
        "version": options.version,
        "architecture": f"{options.architecture} {', '.join(map(str, filters))}",
        "licence": options.licence,
        "citation": options.citation,
        "max_offset_px": options.max_offset,
        "margin_px": MARGIN_PX,
        "tile_multiple": 2 ** (len(filters) - 1),
        "training": {
            "note": "trained elsewhere",
            "weights": file.name,
            "form": file.form,
            "sha256": hashlib.sha256(options.weights.read_bytes()).hexdigest(),
        },
        "evaluation": {},
        "layout": "NHWC",
        "inputs": dict(zip(("reference", "secondary"), keras_graphs.INPUTS)),
        "input_scaling": {"kind": "percentile", "low": options.percentiles[0], "high": options.percentiles[1]},
        "outputs": {"offset": keras_graphs.OUTPUT},
        "offset_order": "yx",
        "offset_sign": [sign, sign],
        "sigma": {
            "kind": "forward_backward",
            "floor_px": options.sigma_floor,
            "source": "floor given at the import, not measured",
        },
        "tile_px": TILE_PX,
        "overlap_px": OVERLAP_PX,
    }


def convert(options: argparse.Namespace) -> list[int]:
    """Write the ONNX file; returns the channels of the levels.

    Raises
    ------
    WeightsError
        The weight file cannot be used.
    """
    file = keras_weights.read(options.weights)
    operations, filters = build(file, options.architecture)
    network = keras_graphs.onnx_model(operations, keras_weights.match(file, operations), TILE_PX)
    for key, value in describe(options, file, filters).items():
        item = network.metadata_props.add()
        item.key, item.value = key, json.dumps(value, allow_nan=False)
    onnx.checker.check_model(network)
    temporary = options.out.with_name(options.out.name + ".part")
    onnx.save(network, str(temporary))
    temporary.replace(options.out)
    return filters


def parser() -> argparse.ArgumentParser:
    """Arguments of the command."""
    found = argparse.ArgumentParser(prog="python -m training.import_keras", description=__doc__)
    found.add_argument("weights", metavar="WEIGHTS.h5", type=Path)
    found.add_argument("--architecture", choices=tuple(keras_graphs.ARCHITECTURES), required=True)
    found.add_argument("--out", type=Path, required=True, metavar="MODEL.onnx")
    found.add_argument("--name", help="of the model (default: the name of the file)")
    found.add_argument("--version", default="imported")
    found.add_argument("--licence", default="not stated by the weight file")
    found.add_argument("--citation", default=CITATION)
    found.add_argument("--max-offset", type=float, default=8.0, metavar="PX", help="largest motion it was trained with")
    found.add_argument(
        "--sigma-floor", type=float, default=0.1, metavar="PX", help="least 1-sigma error of a component"
    )
    found.add_argument(
        "--percentiles", type=float, nargs=2, default=(1.0, 99.0), metavar=("LOW", "HIGH"),
        help="of each image that become 0 and 1; 0 100 is plain minimum to maximum",
    )  # fmt: skip
    found.add_argument("--reversed", action="store_true", help="its offsets point from secondary to reference")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        filters = convert(options)
    except (WeightsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    size = options.out.stat().st_size / 1e6
    print(f"{options.out}: {options.architecture} with {', '.join(map(str, filters))} channels, {size:.1f} MB")
    direction = "secondary to reference" if options.reversed else "reference to secondary"
    print(
        f"Taken for granted, because weight files do not say: motion up to {options.max_offset:g} px, sigma of at "
        f"least {options.sigma_floor:g} px, offsets from {direction}. Check it: python -m deepot_qgis.engine models "
        f"{options.out}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
