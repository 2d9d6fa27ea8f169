"""What is rearranged in a graph answers the same, at sizes that it was not traced with too."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")
onnx = pytest.importorskip("onnx", reason="onnx is not installed (make train-setup)")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (make train-setup)")

from training import rearrange  # noqa: E402
from training.export import OPSET  # noqa: E402


class Made(torch.nn.Module):
    """A function as a network."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, values):
        return self.function(values)


def graph_of(function, tmp_path, change):
    """Operators after `change`, when the graph answers on two sizes what the function does."""
    path = tmp_path / "graph.onnx"
    torch.onnx.export(
        Made(function), (torch.randn(1, 2, 6, 10),), str(path), opset_version=OPSET, dynamo=False,
        input_names=["values"], output_names=["answer"], dynamic_axes={"values": {0: "N", 2: "H", 3: "W"}},
    )  # fmt: skip
    model = onnx.load(str(path))
    change(model.graph)
    onnx.checker.check_model(model)
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    for shape in ((1, 2, 6, 10), (3, 2, 16, 24)):
        values = torch.randn(shape)
        assert np.array_equal(session.run(None, {"values": values.numpy()})[0], function(values).numpy())
    return Counter(node.op_type for node in model.graph.node)


def test_what_is_cut_along_two_axes_is_cut_at_once(tmp_path):
    def function(values):
        return values[:, :, 1:5, 2:9][..., 1:4]  # rows, columns, and columns again

    assert graph_of(function, tmp_path, lambda graph: None)["Slice"] == 3

    def change(graph):
        rearrange.merge_slices(graph)
        rearrange.drop_unused(graph)

    assert graph_of(function, tmp_path, change)["Slice"] == 2


def test_a_strip_from_which_several_cut_is_cut_once(tmp_path):
    def function(values):
        strip = values[:, :, 1:5]
        return strip[..., 2:9] + strip[..., :7]

    found = graph_of(function, tmp_path, rearrange.merge_slices)
    assert found == graph_of(function, tmp_path, lambda graph: None)
    assert found["Slice"] == 3


def test_lengths_that_stay_are_not_reckoned(tmp_path):
    def function(values):
        count, channels, height, _ = values.shape
        return values.reshape(count, channels, height, -1, 2).flatten(3)

    def change(graph):
        rearrange.ask_directly(graph)
        rearrange.keep_lengths(graph)
        rearrange.drop_unused(graph)

    assert set(graph_of(function, tmp_path, change)) <= {"Reshape", "Constant"}


def test_a_length_of_another_axis_is_not_taken_for_the_same(tmp_path):
    def turned(values):
        count, channels, height, width = values.shape
        return values.reshape(count, channels, width, height)

    def of_another(values):
        wide = values.transpose(2, 3)
        return values.reshape(wide.shape[0], wide.shape[1], wide.shape[2], -1)

    def change(graph):
        rearrange.ask_directly(graph)
        rearrange.keep_lengths(graph)

    for function in (turned, of_another):
        assert graph_of(function, tmp_path, change)["Shape"]


def test_a_length_is_asked_for_directly(tmp_path):
    def function(values):
        return values.reshape(-1, values.shape[3]) + values.shape[2]

    def change(graph):
        rearrange.ask_directly(graph)
        rearrange.drop_unused(graph)

    before, after = graph_of(function, tmp_path, lambda graph: None), graph_of(function, tmp_path, change)
    assert (before["Gather"], before["Unsqueeze"]) == (2, 1)
    assert (after["Gather"], after["Unsqueeze"]) == (1, 0)  # a number that is reckoned with stays as it was


def test_what_is_reckoned_with_lengths_is_a_list_from_the_start(tmp_path):
    def function(values):
        step = values.shape[2] // 3
        return values[:, :, step : 2 * step + 1] * (values.shape[3] - step)

    def change(graph):
        rearrange.ask_directly(graph)
        rearrange.drop_unused(graph)

    before, after = graph_of(function, tmp_path, lambda graph: None), graph_of(function, tmp_path, change)
    assert before["Unsqueeze"] >= 2 and after["Unsqueeze"] == 0


def test_a_list_along_another_axis_stays(tmp_path):
    def function(values):
        return values[0, 0].unsqueeze(1) + values.shape[2]

    assert graph_of(function, tmp_path, rearrange.ask_directly)["Unsqueeze"] == 1


def test_indices_keep_their_32_bits(tmp_path):
    def function(values):
        place = torch.arange(values.shape[3] // 2, dtype=torch.int32).flip(0).expand(*values.shape[:3], -1)
        return torch.gather(values, 3, place.long())

    def change(graph):
        rearrange.shorten_indices(graph)
        made = {name: node for node in graph.node for name in node.output}
        gather = next(node for node in graph.node if node.op_type == "GatherElements")
        assert made[gather.input[1]].op_type != "Cast"

    graph_of(function, tmp_path, change)


def test_inputs_get_their_defaults_and_what_is_known_is_worked_out(tmp_path):
    class Shifted(torch.nn.Module):
        def forward(self, values, shift):
            known = torch.eye(2).repeat_interleave(2, 0) @ torch.ones(2, 3)
            return values + shift + known.sum()

    path = tmp_path / "graph.onnx"
    values = torch.randn(1, 2, 6, 10)
    torch.onnx.export(
        Shifted(), (values, torch.ones(1)), str(path), opset_version=OPSET, dynamo=False,
        input_names=["values", "shift"], output_names=["answer"], do_constant_folding=False,
    )  # fmt: skip
    rearrange.rearrange(path, {"shift": np.array([2.0], np.float32)})
    assert {node.op_type for node in onnx.load(str(path)).graph.node} == {"Add"}
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answer = session.run(None, {"values": values.numpy()})[0]
    assert np.allclose(answer, values.numpy() + 2 + 12)
