"""U-Net and U-Net++ as PyPI's `deepot` 0.1.0 defines them, as ONNX graphs.

A network is a list of operations in the order in which Keras code creates them, because that order is what names and
files of Keras follow. The structure was read from the package (MIT licence, J. Kim, SMU InSAR Lab); the graphs are
written here anew. U-Net: Ronneberger et al. (2015); U-Net++: Zhou et al. (2018).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
#: Keras' default of BatchNormalization; weight files do not hold it.
EPSILON = 1e-3
INPUTS = ("input_1", "input_2")
OUTPUT = "output"
#: Operations with weights.
WEIGHTED = ("conv", "up", "norm")


@dataclass(frozen=True)
class Operation:
    """One node of a network.

    Attributes
    ----------
    kind : str
        ``input``, ``concat``, ``conv`` (same padding), ``norm`` (batch), ``relu``, ``pool`` (2 x 2 maximum) or ``up``
        (2 x 2 transposed convolution, stride 2).
    name : str
    inputs : tuple of str
        Names of the operations that it follows.
    channels : int
        Of its output.
    shapes : tuple of tuple of int
        Of its weights as Keras keeps them: kernel and bias, or gamma, beta, mean and variance.
    """

    kind: str
    name: str
    inputs: tuple[str, ...]
    channels: int
    shapes: tuple[tuple[int, ...], ...] = ()


@dataclass
class _Builder:
    """Collects operations; each method adds some and returns the name of the last."""

    norm: bool
    operations: list[Operation] = field(default_factory=list)
    _channels: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, inputs: Sequence[str], channels: int, shapes: Sequence[tuple[int, ...]] = ()) -> str:
        name = f"{kind}{sum(one.kind == kind for one in self.operations)}"
        self.operations.append(Operation(kind, name, tuple(inputs), channels, tuple(shapes)))
        self._channels[name] = channels
        return name

    def images(self) -> str:
        return self.concat([self.add("input", (), 1), self.add("input", (), 1)])

    def concat(self, parts: Sequence[str]) -> str:
        return self.add("concat", parts, sum(self._channels[part] for part in parts))

    def conv(self, x: str, channels: int, kernel: int) -> str:
        return self.add("conv", [x], channels, [(kernel, kernel, self._channels[x], channels), (channels,)])

    def block(self, x: str, channels: int) -> str:
        for _ in range(2):
            x = self.conv(x, channels, 3)
            if self.norm:
                x = self.add("norm", [x], channels, [(channels,)] * 4)
            x = self.add("relu", [x], channels)
        return x

    def pool(self, x: str) -> str:
        return self.add("pool", [x], self._channels[x])

    def up(self, x: str, channels: int) -> str:
        return self.add("up", [x], channels, [(2, 2, channels, self._channels[x]), (channels,)])


def unet(filters: Sequence[int], norm: bool = True) -> list[Operation]:
    """Encoder and decoder with one skip connection a level.

    Parameters
    ----------
    filters : sequence of int
        Channels of each level, finest first; the package's default is 64, 128, 256, 512, 1024.
    norm : bool
        Whether convolutions are followed by batch normalisation.
    """
    build = _Builder(norm)
    x, skips = build.images(), []
    for channels in filters[:-1]:
        skips.append(build.block(x, channels))
        x = build.pool(skips[-1])
    x = build.block(x, filters[-1])
    for channels, skip in zip(reversed(filters[:-1]), reversed(skips)):
        x = build.block(build.concat([build.up(x, channels), skip]), channels)
    build.conv(x, 2, 1)
    return build.operations


def unetpp(filters: Sequence[int], norm: bool = True) -> list[Operation]:
    """Nested U-Net: node (level, column) sees all earlier nodes of its level and the one below left.

    Parameters
    ----------
    filters : sequence of int
        Channels of each level, finest first; the package's default is 32, 64, 128, 256, 512, 1024.
    norm : bool
        Whether convolutions are followed by batch normalisation.
    """
    build = _Builder(norm)
    nodes = [[build.block(build.images(), filters[0])]]
    for channels in filters[1:]:
        nodes.append([build.block(build.pool(nodes[-1][0]), channels)])
    for column in range(1, len(filters)):
        for level in range(len(filters) - column):
            below = build.up(nodes[level + 1][column - 1], filters[level])
            nodes[level].append(build.block(build.concat([*nodes[level], below]), filters[level]))
    build.conv(nodes[0][-1], 2, 1)
    return build.operations


ARCHITECTURES = {"unet": unet, "unetpp": unetpp}


def levels(architecture: str, convolutions: int) -> int | None:
    """Levels of a network that has so many convolutions, None when no number of levels gives it."""
    counts = {"unet": lambda n: 4 * n - 1, "unetpp": lambda n: n * (n + 1) + 1}
    return next((n for n in range(2, 12) if counts[architecture](n) == convolutions), None)


def weighted(operations: Sequence[Operation]) -> list[Operation]:
    """The operations that have weights, in order."""
    return [one for one in operations if one.kind in WEIGHTED]


def depths(operations: Sequence[Operation]) -> dict[str, int]:
    """Steps on the longest way from each operation to the output.

    Keras orders the layers of a model by this, largest first, and some of its files know no other order.
    """
    depth = {one.name: 0 for one in operations}
    for one in reversed(operations):
        for name in one.inputs:
            depth[name] = max(depth[name], depth[one.name] + 1)
    return depth


def onnx_model(
    operations: Sequence[Operation], weights: Mapping[str, Sequence[np.ndarray]], tile_px: int
) -> onnx.ModelProto:
    """The graph with the package's own inputs and output: ``[N,tile,tile,1]`` twice, ``[N,tile,tile,2]``.

    Parameters
    ----------
    operations : sequence of Operation
    weights : mapping
        Name of an operation to its arrays as Keras keeps them.
    tile_px : int
    """
    last = operations[-1].name
    nodes, constants = [], []
    for one, name in zip((one for one in operations if one.kind == "input"), INPUTS):
        nodes.append(helper.make_node("Transpose", [name], [one.name], perm=[0, 3, 1, 2]))
    for one in operations:
        if one.kind == "input":
            continue
        named = {f"{one.name}_{number}": array for number, array in enumerate(_arrays(one, weights.get(one.name, ())))}
        constants += [numpy_helper.from_array(np.ascontiguousarray(a, np.float32), key) for key, a in named.items()]
        nodes.append(_node(one, list(named)))
    nodes.append(helper.make_node("Transpose", [last], [OUTPUT], perm=[0, 2, 3, 1]))
    shape = ["N", tile_px, tile_px]
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [*shape, 1]) for name in INPUTS]
    output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [*shape, 2])
    graph = helper.make_graph(nodes, "network", inputs, [output], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def _arrays(one: Operation, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Weights in ONNX' order of axes."""
    if one.kind == "conv":  # height, width, in, out -> out, in, height, width
        return [arrays[0].transpose(3, 2, 0, 1), arrays[1]]
    if one.kind == "up":  # height, width, out, in -> in, out, height, width
        return [arrays[0].transpose(3, 2, 0, 1), arrays[1]]
    return list(arrays)


def _node(one: Operation, weights: list[str]) -> onnx.NodeProto:
    inputs = [*one.inputs, *weights]
    if one.kind == "concat":
        return helper.make_node("Concat", inputs, [one.name], axis=1)
    if one.kind == "conv":
        return helper.make_node("Conv", inputs, [one.name], pads=[one.shapes[0][0] // 2] * 4)
    if one.kind == "up":
        return helper.make_node("ConvTranspose", inputs, [one.name], strides=[2, 2])
    if one.kind == "norm":
        return helper.make_node("BatchNormalization", inputs, [one.name], epsilon=EPSILON)
    if one.kind == "pool":
        return helper.make_node("MaxPool", inputs, [one.name], kernel_shape=[2, 2], strides=[2, 2])
    return helper.make_node("Relu", inputs, [one.name])
