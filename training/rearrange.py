"""What PyTorch's exporter leaves to do in a graph: less to copy, less to reckon, fewer nodes; the answers stay.

A network of thousands of nodes takes its time to be opened, and most nodes of an exported graph reckon with sizes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx

#: One entry of the shape that a Reshape is told: a number, or (tensor, axis) whose length it is; None: who knows.
Entry = int | tuple[str, int] | None


def rearrange(path: Path, default_of: Mapping[str, np.ndarray]) -> None:
    """Rearrange the graph in a file.

    An input may have a default, indices may have 32 bits, what is cut along two axes is copied once, lengths of axes
    are asked for directly, and what does not depend on the images is worked out beforehand.

    Parameters
    ----------
    path : Path
        ONNX file, written anew.
    default_of : mapping of str to numpy.ndarray
        Values of inputs that need not be given.
    """
    model = onnx.load(str(path))
    graph = model.graph
    merge_slices(graph)
    for name, default in default_of.items():
        graph.initializer.append(onnx.numpy_helper.from_array(default, name))
    shorten_indices(graph)
    ask_directly(graph)
    keep_lengths(graph)
    drop_unused(graph)
    onnx.save(model, str(path))
    work_out(path)


def shorten_indices(graph: onnx.GraphProto) -> None:
    """Let GatherElements take indices as they were before a Cast to 64 bits."""
    made = _made(graph)
    for node in graph.node:
        if node.op_type == "GatherElements" and made[node.input[1]].op_type == "Cast":
            node.input[1] = made[node.input[1]].input[0]


def merge_slices(graph: onnx.GraphProto) -> None:
    """Let a Slice of a Slice along another axis cut both from what the first one cuts, which copies once.

    Not where several cut from the first one: that copies less.
    """
    known, made, used = _known(graph), _made(graph), _uses(graph)
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        inner = made.get(node.input[0]) if node.op_type == "Slice" else None
        if inner is not None and used[node.input[0]] == 1 and _cut_apart(inner, node, known):
            for place, what in enumerate(("starts", "ends", "axes"), 1):
                joined = f"{node.output[0]}/{what}"
                nodes.append(onnx.helper.make_node("Concat", [inner.input[place], node.input[place]], [joined], axis=0))
                node.input[place] = joined
            known[node.input[3]] = np.concatenate([known[inner.input[3]], known[nodes[-1].input[1]]])
            del node.input[4:]
            node.input[0] = inner.input[0]
        nodes.append(node)
    _replace(graph, nodes)


def _cut_apart(inner: onnx.NodeProto, outer: onnx.NodeProto, known: Mapping[str, np.ndarray]) -> bool:
    """Whether two Slices cut step by step along axes that are told, each along others."""
    if inner.op_type != "Slice" or any(len(node.input) < 4 or node.input[3] not in known for node in (inner, outer)):
        return False
    for node in (inner, outer):
        if len(node.input) > 4 and (node.input[4] not in known or (known[node.input[4]] != 1).any()):
            return False
    axes = [set(known[node.input[3]].tolist()) for node in (inner, outer)]
    return not axes[0] & axes[1] and min(min(one) for one in axes) >= 0


def keep_lengths(graph: onnx.GraphProto) -> None:
    """Tell a Reshape "as long as it is" where it is told the length that its input has along the same axis.

    Lengths are found as `ask_directly` leaves them.
    """
    known, made = _known(graph), _made(graph)
    shapes = []
    for node in graph.node:
        if node.op_type != "Reshape" or node.input[1] in known:
            continue
        shape = [
            0 if entry == (node.input[0], axis) else entry for axis, entry in enumerate(_entries(node, known, made))
        ]
        if shape and all(isinstance(entry, int) for entry in shape):
            node.input[1] = f"{node.output[0]}/shape"
            shapes.append(onnx.numpy_helper.from_array(np.array(shape, np.int64), node.input[1]))
    graph.initializer.extend(shapes)


def _entries(node: onnx.NodeProto, known: Mapping[str, np.ndarray], made: Mapping[str, onnx.NodeProto]) -> list[Entry]:
    """The shape that a Reshape is told; empty where it is not put together of single lengths."""

    def lengths(name: str) -> list[Entry]:
        if name in known:
            return [int(value) for value in known[name].ravel()]
        source = made.get(name)
        kind = source.op_type if source is not None else ""
        if source is not None and kind == "Concat":
            return [entry for part in source.input for entry in lengths(part)]
        if source is not None and kind == "Shape" and source.attribute:  # as `ask_directly` leaves it
            return [(source.input[0], next(item.i for item in source.attribute if item.name == "start"))]
        shape = made.get(source.input[0]) if source is not None and kind == "Slice" else None
        if source is None or shape is None or shape.op_type != "Shape":
            return [None]
        if all(name in known for name in source.input[1:]):
            first, last = (int(known[name].ravel()[0]) for name in source.input[1:3])
            if 0 <= first <= last < 8 and all((known[name] == 1).all() for name in source.input[4:]):
                return [(shape.input[0], axis) for axis in range(first, last)]
        return [None]

    return lengths(node.input[1])


def ask_directly(graph: onnx.GraphProto) -> None:
    """Reckon with lists of one number from the start, where an Unsqueeze makes one of what was reckoned with lengths.

    A Shape then says one length by itself, which a Gather took from all.
    """
    known, made = _known(graph), _made(graph)
    lists: dict[str, str | None] = {}
    nodes: list[onnx.NodeProto] = []

    def as_list(name: str) -> str | None:
        """The list that holds a number, made if need be; None where it is not reckoned from lengths alone."""
        if name not in lists:
            lists[name] = reckoned(name)
        return lists[name]

    def reckoned(name: str) -> str | None:
        found = f"{name}/list"
        if name in known:
            if known[name].ndim or known[name].dtype != np.int64:
                return None
            graph.initializer.append(onnx.numpy_helper.from_array(known[name].reshape(1), found))
            return found
        node = made.get(name)
        if node is not None and node.op_type in ("Add", "Sub", "Mul", "Div"):
            parts = [as_list(part) for part in node.input]
            if all(parts):
                nodes.append(onnx.helper.make_node(node.op_type, parts, [found]))
                return found
        if node is not None and _changes_nothing(node):
            return as_list(node.input[0])
        shape = made.get(node.input[0]) if node is not None and node.op_type == "Gather" else None
        if node is None or shape is None or shape.op_type != "Shape" or shape.attribute:
            return None
        axis = known.get(node.input[1])
        if axis is None or axis.ndim or axis < 0:
            return None
        nodes.append(onnx.helper.make_node("Shape", shape.input, [found], start=int(axis), end=int(axis) + 1))
        return found

    instead: dict[str, str] = {}
    for node in graph.node:
        found = as_list(node.input[0]) if node.op_type == "Unsqueeze" and _is_first(node, known) else None
        if found:
            instead[node.output[0]] = found
            continue
        for place, name in enumerate(node.input):
            node.input[place] = instead.get(name, name)
        nodes.append(node)
    _replace(graph, nodes)


def _changes_nothing(node: onnx.NodeProto) -> bool:
    """Whether a node gives a whole number as it is: what is reckoned with lengths has 64 bits from the start."""
    return node.op_type == "Identity" or (node.op_type == "Cast" and node.attribute[0].i == onnx.TensorProto.INT64)


def _is_first(unsqueeze: onnx.NodeProto, known: Mapping[str, np.ndarray]) -> bool:
    """Whether an Unsqueeze sets the new axis before all others."""
    axes = known.get(unsqueeze.input[1]) if len(unsqueeze.input) > 1 else None
    return axes is not None and axes.tolist() == [0]


def drop_unused(graph: onnx.GraphProto) -> None:
    """Leave out the nodes whose answers nobody takes."""
    wanted = {item.name for item in graph.output}
    kept = []
    for node in reversed(graph.node):  # a node stands behind all that it takes from
        if wanted & set(node.output):
            kept.append(node)
            wanted.update(node.input)
    _replace(graph, kept[::-1])


def work_out(path: Path) -> None:
    """Let ONNX Runtime do what it does to every graph, whatever it runs on, once and for all."""
    import onnxruntime

    before = onnx.load(str(path))
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    settings.log_severity_level = 3
    settings.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(before.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    model = onnx.load(str(path))
    del model.opset_import[:]  # with every library of operators that ONNX Runtime knows
    model.opset_import.extend(before.opset_import)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _known(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    """Values that stand in the graph itself."""
    known = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            known[node.output[0]] = onnx.numpy_helper.to_array(node.attribute[0].t)
    return known


def _made(graph: onnx.GraphProto) -> dict[str, onnx.NodeProto]:
    """The node that makes a value."""
    return {name: node for node in graph.node for name in node.output}


def _uses(graph: onnx.GraphProto) -> Counter[str]:
    """How often a value is taken."""
    return Counter([name for node in graph.node for name in node.input] + [item.name for item in graph.output])


def _replace(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    del graph.node[:]
    graph.node.extend(nodes)
