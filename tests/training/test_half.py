"""The companion in half precision."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")
half = pytest.importorskip("training.half")


def network():
    """A convolution whose weights are its own, and an addition."""
    from onnx import TensorProto, helper, numpy_helper

    weights = np.random.default_rng(0).normal(size=(2, 1, 3, 3)).astype(np.float32)
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", channels, "H", "W"])
        for name, channels in (("x", 1), ("y", 2))
    ]
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["c"], name="conv", pads=[1, 1, 1, 1]),
            helper.make_node("Add", ["c", "c"], ["y"], name="add"),
        ],
        "g", ports[:1], ports[1:], [numpy_helper.from_array(weights, "w")],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"name": '"small"'})
    return model


def test_only_convolutions_are_rounded():
    image = {"x": np.random.default_rng(1).normal(size=(1, 1, 16, 16)).astype(np.float32)}
    model = network()
    whole = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, image)[0]
    half.convert(model)
    onnx.checker.check_model(model)
    assert model.graph.initializer[0].data_type == onnx.TensorProto.FLOAT16
    assert {item.key: item.value for item in model.metadata_props} == {"name": '"small"'}
    rounded = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, image)[0]
    assert rounded.dtype == np.float32
    assert 0 < np.abs(rounded - whole).max() < 2e-2
