"""Tiny networks of other forms than DeepOT's own; what each answers is known for every pixel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .networks import METADATA

#: The form that PyPI's `deepot` 0.1.0 defines, with tiles small enough for tests.
FOREIGN: dict[str, Any] = {
    "name": "foreign",
    "max_offset_px": 8,
    "margin_px": 16,
    "tile_multiple": 16,
    "layout": "NHWC",
    "inputs": {"reference": "input_1", "secondary": "input_2"},
    "input_scaling": {"kind": "percentile", "low": 1, "high": 99},
    "outputs": {"offset": "output"},
    "offset_order": "yx",
    "sigma": {"kind": "constant", "px": 0.25, "source": "test"},
    "tile_px": 128,
    "overlap_px": 32,
}


def write(
    path: Path,
    metadata: dict[str, Any] | None = None,
    gains: tuple[float, float] = (3.0, -2.0),
    bias: np.ndarray | None = None,
    size: Any = 128,
    stacked: bool = False,
    repeated: int = 1,
    blur: int = 1,
) -> str:
    """A network whose dx is a gain times what it is fed as reference, and whose dy a gain times the secondary.

    Its output is NHWC with channels (dy, dx), so that a wrong layout, order, sign, scale or image shows in numbers.

    Parameters
    ----------
    metadata : dict, optional
        Items that replace those of `FOREIGN`; None as a value leaves the item out.
    gains : tuple of float
        Of dx and dy.
    bias : numpy.ndarray, optional
        ``(size, size)``, added to dx: an answer that depends on the place inside the tile.
    size : int or str
        Height and width of the inputs; text makes them dynamic.
    stacked : bool
        One input whose channels are the secondary and then the reference, instead of two inputs.
    repeated : int
        Channels per image; only the last one is looked at.
    blur : int
        Side of a box over which the images are averaged, zeros beyond the tile.
    """
    shape = ["N", size, size]
    if stacked:
        inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, [*shape, 2 * repeated])]
        nodes = [helper.make_node("Identity", ["images"], ["all"])]
        last = {"dx": 2 * repeated - 1, "dy": repeated - 1}
    else:
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [*shape, repeated])
            for name in ("input_1", "input_2")
        ]
        nodes = [helper.make_node("Concat", ["input_1", "input_2"], ["all"], axis=3)]
        last = {"dx": repeated - 1, "dy": 2 * repeated - 1}
    weights = np.zeros((2, 2 * repeated, blur, blur), np.float32)
    weights[0, last["dy"]] = gains[1] / blur**2
    weights[1, last["dx"]] = gains[0] / blur**2
    place = np.zeros((1, 1, 1, 2), np.float32)
    if bias is not None:
        place = np.stack([np.zeros_like(bias), bias], axis=-1)[None].astype(np.float32)
    nodes += [
        helper.make_node("Transpose", ["all"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "weights"], ["answer"], pads=[blur // 2] * 4),
        helper.make_node("Transpose", ["answer"], ["last"], perm=[0, 2, 3, 1]),
        helper.make_node("Add", ["last", "place"], ["output"]),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", "H2", "W2", 2])
    constants = [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(place, "place")]
    graph = helper.make_graph(nodes, "foreign", inputs, [output], constants)
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, value in {**METADATA, **FOREIGN, **(metadata or {})}.items():
        if value is not None:
            item = network.metadata_props.add()
            item.key, item.value = key, value if isinstance(value, str) and value[:1] == "\0" else json.dumps(value)
            item.value = item.value.lstrip("\0")
    onnx.save(network, str(path))
    return str(path)
