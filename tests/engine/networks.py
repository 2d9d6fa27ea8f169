"""Tiny ONNX networks for tests: one that keeps the model contract, and ways to break it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

IMAGES = "reference", "secondary"
METADATA: dict[str, Any] = {
    "deepot_contract": 1,
    "name": "constant",
    "version": "0.0.1",
    "architecture": "test",
    "licence": "CC0-1.0",
    "citation": "none",
    "max_offset_px": 8,
    "margin_px": 8,
    "tile_multiple": 8,
    "training": {},
    "evaluation": {},
}


def write(
    path: Path,
    offset: tuple[float, float] = (1.0, -2.0),
    sigma: float = 0.1,
    metadata: dict[str, Any] | None = None,
    inputs: tuple[str, str] = ("reference", "secondary"),
    size: Any = None,
) -> str:
    """A network that answers one offset everywhere.

    Parameters
    ----------
    metadata : dict, optional
        Items that replace those of `METADATA`; None as a value leaves the item out.
    size : int, optional
        Fixed height and width of the inputs; dynamic when None.
    """
    shape = ["N", 1, size or "H", size or "W"]
    nodes = [
        helper.make_node("Mul", [inputs[0], "zero"], ["nothing_1"]),
        helper.make_node("Mul", [inputs[1], "zero"], ["nothing_2"]),
        helper.make_node("Concat", ["nothing_1", "nothing_2"], ["nothing"], axis=1),
        helper.make_node("Add", ["nothing", "answer"], ["offset"]),
        helper.make_node("Add", ["nothing_1", "uncertainty"], ["log_sigma"]),
    ]
    import math

    constants = [
        helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
        helper.make_tensor("answer", TensorProto.FLOAT, [1, 2, 1, 1], list(offset)),
        helper.make_tensor("uncertainty", TensorProto.FLOAT, [1], [math.log(sigma)]),
    ]
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in inputs],
        [
            helper.make_tensor_value_info("offset", TensorProto.FLOAT, ["N", 2, "H2", "W2"]),
            helper.make_tensor_value_info("log_sigma", TensorProto.FLOAT, ["N", 1, "H2", "W2"]),
        ],
        constants,
    )
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, value in {**METADATA, **(metadata or {})}.items():
        if value is not None:
            item = network.metadata_props.add()
            item.key, item.value = key, value if key == "raw" else json.dumps(value)
    onnx.save(network, str(path))
    return str(path)


def write_narrowing(path: Path, kind: int = TensorProto.INT64, count: int = 4) -> str:
    """A network that answers the amplitude of both images, and that leaves out the context it is told of."""
    nodes = [
        helper.make_node("Slice", ["context", "zero", "two"], ["starts_xy"]),
        helper.make_node("Gather", ["starts_xy", "swap"], ["starts"]),
        helper.make_node("Slice", ["context", "two", "four"], ["left_xy"]),
        helper.make_node("Gather", ["left_xy", "swap"], ["left"]),
        helper.make_node("Concat", ["reference", "secondary"], ["both"], axis=1),
        helper.make_node("Shape", ["both"], ["shape"], start=2),
        helper.make_node("Sub", ["shape", "left"], ["ends"]),
        helper.make_node("Slice", ["both", "starts", "ends", "axes"], ["offset"]),
        helper.make_node("Slice", ["reference", "starts", "ends", "axes"], ["part"]),
        helper.make_node("Mul", ["part", "nothing"], ["log_sigma"]),
    ]
    numbers = {"zero": [0], "two": [2], "four": [4], "swap": [1, 0], "axes": [2, 3]}
    constants = [helper.make_tensor(name, TensorProto.INT64, [len(of)], of) for name, of in numbers.items()]
    constants.append(helper.make_tensor("nothing", TensorProto.FLOAT, [1], [0.0]))
    constants.append(helper.make_tensor("context", kind, [count], [0] * count))
    graph = helper.make_graph(
        nodes,
        "narrowing",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 1, "H", "W"]) for name in IMAGES]
        + [helper.make_tensor_value_info("context", kind, [count])],
        [
            helper.make_tensor_value_info("offset", TensorProto.FLOAT, ["N", 2, "H2", "W2"]),
            helper.make_tensor_value_info("log_sigma", TensorProto.FLOAT, ["N", 1, "H2", "W2"]),
        ],
        constants,
    )  # fmt: skip
    network = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, value in METADATA.items():
        item = network.metadata_props.add()
        item.key, item.value = key, json.dumps(value)
    onnx.save(network, str(path))
    return str(path)
