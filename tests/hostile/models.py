"""Damaged and odd networks: models are data, and nothing in one may reach beyond its folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.engine import networks

from .case import ANY, REFUSED, TAKEN, Case


class Maker:
    """Writes models into a folder and makes cases of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        networks.write(folder / "good.onnx")
        self.good = (folder / "good.onnx").read_bytes()

    def place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def case(self, path: Path, must: str = ANY) -> Case:
        return Case(str(path.relative_to(self.folder)), "model", "network", str(path), must)

    def bytes(self, name: str, content: bytes, must: str = ANY) -> Case:
        path = self.place(name)
        path.write_bytes(content)
        return self.case(path, must)

    def model(self, name: str, change, must: str = ANY) -> Case:
        """The good network after a change to its protobuf."""
        network = onnx.load_from_string(self.good)
        network = change(network) or network
        return self.bytes(name, network.SerializeToString(), must)


def cases(folder: Path, server: str) -> Iterator[Case]:
    """All of them."""
    make = Maker(folder)
    yield make.case(folder / "good.onnx", TAKEN)
    for part in (_damaged, _beyond, _foreign, _endless, _shaped, _described):
        yield from part(make)


def _damaged(make: Maker) -> Iterator[Case]:
    content = make.good
    for share in (0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99):
        yield make.bytes(f"cut/{share}.onnx", content[: max(1, int(share * len(content)))], REFUSED)
    random = np.random.default_rng(11)
    for number in range(24):
        bent = np.frombuffer(content, np.uint8).copy()
        where = random.integers(0, len(bent), size=1 + number // 2)
        bent[where] = random.integers(0, 256, size=len(where))
        yield make.bytes(f"bent/{number}.onnx", bent.tobytes())
    for name, junk in (
        ("empty", b""), ("text", b"this is no network\n"), ("zeros", bytes(10_000)), ("ones", b"\xff" * 10_000),
        ("pickle", b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR."), ("zip", b"PK\x03\x04" + bytes(200)),
        ("flatbuffer", b"\x1c\x00\x00\x00ORTM" + bytes(400)), ("twice", content + content),
        ("tail", content + b"\x12\x05hello"), ("groups", b"\x0b" * 5000), ("deep", b"\x3a\xff\x7f" * 3000),
        ("varint", b"\x08" + b"\xff" * 50), ("length", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f"),
    ):  # fmt: skip
        yield make.bytes(f"damaged/{name}.onnx", junk, ANY if name in ("twice", "tail") else REFUSED)
    yield make.bytes("damaged/renamed.ort", content)
    yield make.bytes("damaged/renamed.pt", content)
    yield make.bytes("damaged/renamed.txt", content)
    loop = make.place("links/loop.onnx")
    os.symlink(loop, loop)
    os.symlink("/dev/zero", make.place("links/zero.onnx"))
    os.mkfifo(make.place("links/pipe.onnx"))
    make.place("links/folder.onnx").mkdir()
    for name in ("loop", "zero", "pipe", "folder", "missing"):
        yield make.case(make.place(f"links/{name}.onnx"), REFUSED)


def _external(location: str, offset: str = "0", length: str = "8", where: str = "initializer"):
    """A change that lays a tensor's values into another file."""

    def change(network: onnx.ModelProto) -> None:
        tensor = TensorProto(name="answer", data_type=TensorProto.FLOAT, dims=[1, 2, 1, 1])
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", location), ("offset", offset), ("length", length)):
            if value:
                tensor.external_data.add(key=key, value=value)
        old = next(item for item in network.graph.initializer if item.name == "answer")
        network.graph.initializer.remove(old)
        if where == "initializer":
            network.graph.initializer.append(tensor)
            return
        tensor.name = "hidden"
        constant = helper.make_node("Constant", [], ["answer"], value=tensor)
        if where == "constant":
            network.graph.node.insert(0, constant)
            return
        graph = helper.make_graph(
            [constant], "branch", [], [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 2, 1, 1])]
        )
        network.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
        network.graph.node.insert(0, helper.make_node("If", ["yes"], ["answer"], then_branch=graph, else_branch=graph))

    return change


def _beyond(make: Maker) -> Iterator[Case]:
    """Values in other files."""
    values = np.array([1, -2], np.float32).tobytes()
    make.place("external/weights.bin").write_bytes(values)
    make.place("external/part/weights.bin").write_bytes(values)
    make.place("secret.bin").write_bytes(values)
    os.symlink("../secret.bin", make.place("external/linked.bin"))
    os.symlink("..", make.place("external/up"))
    os.mkfifo(make.place("external/pipe.bin"))
    for name, location, must in (
        ("beside", "weights.bin", TAKEN), ("below", "part/weights.bin", TAKEN), ("above", "../secret.bin", REFUSED),
        ("absolute", str(make.folder / "secret.bin"), REFUSED), ("linked", "linked.bin", REFUSED),
        ("through_link", "up/secret.bin", REFUSED), ("dots", "part/../../secret.bin", REFUSED),
        ("passwords", "/etc/passwd", REFUSED), ("zero", "/dev/zero", REFUSED), ("climbing", "../" * 30 + "etc/passwd", REFUSED),
        ("windows", "..\\secret.bin", REFUSED), ("drive", "C:\\secret.bin", REFUSED), ("url", "http://127.0.0.1/w.bin", REFUSED),
        ("missing", "gone.bin", REFUSED), ("empty", "", REFUSED), ("nul", "weights.bin\0/../../secret.bin", REFUSED),
        ("folder", "part", REFUSED), ("itself", "itself.onnx", ANY), ("pipe", "pipe.bin", REFUSED),
        ("memory", "*/_ORT_MEM_ADDR_/*", REFUSED),
    ):  # fmt: skip
        yield make.model(f"external/{name}.onnx", _external(location), must)
    for where in ("constant", "branch"):
        yield make.model(f"external/{where}.onnx", _external("../secret.bin", where=where), REFUSED)
    for name, offset, length in (
        ("far", str(1 << 40), "8"),
        ("negative", "-8", "8"),
        ("long", "0", str(1 << 50)),
        ("text", "a", "b"),
        ("short", "0", "4"),
        ("lengthless", "0", ""),
    ):
        yield make.model(
            f"external/{name}.onnx", _external("weights.bin", offset, length), ANY if name == "lengthless" else REFUSED
        )


def _foreign(make: Maker) -> Iterator[Case]:
    """Operators that are not ONNX's own."""

    def swapped(op: str, domain: str):
        def change(network: onnx.ModelProto) -> None:
            network.graph.node[0].op_type, network.graph.node[0].domain = op, domain
            if domain:
                network.opset_import.append(helper.make_opsetid(domain, 1))

        return change

    for op, domain in (("Evil", "com.evil"), ("PyOp", "ai.onnx.contrib"), ("PyOp", "com.microsoft.extensions"), ("Evil", ""), ("Mul", "com.microsoft"),
                       ("PythonOp", "com.microsoft"), ("Mul", "../evil.so"), ("EPContext", "com.microsoft"), ("StringNormalizer", ""), ("ATen", "org.pytorch.aten")):  # fmt: skip
        yield make.model(f"foreign/{op}_{domain.replace('/', '_')}.onnx", swapped(op, domain), REFUSED)

    def recursive(network: onnx.ModelProto) -> None:
        call = helper.make_node("Again", ["a", "b"], ["c"], domain="mine")
        ids = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
        network.functions.append(helper.make_function("mine", "Again", ["a", "b"], ["c"], [call], ids))
        swapped("Again", "mine")(network)

    yield make.model("foreign/recursive.onnx", recursive, REFUSED)

    def function(network: onnx.ModelProto) -> None:
        call = helper.make_node("Mul", ["a", "b"], ["c"])
        network.functions.append(
            helper.make_function("mine", "Times", ["a", "b"], ["c"], [call], [helper.make_opsetid("", 17)])
        )
        swapped("Times", "mine")(network)

    yield make.model("foreign/function.onnx", function)
    for version in (0, 1, 99, -1):

        def opset(network: onnx.ModelProto, version: int = version) -> None:
            network.opset_import[0].version = version

        yield make.model(f"foreign/opset_{version}.onnx", opset)
    for version in (0, 3, 9999):

        def ir(network: onnx.ModelProto, version: int = version) -> None:
            network.ir_version = version

        yield make.model(f"foreign/ir_{version}.onnx", ir)


def _endless(make: Maker) -> Iterator[Case]:
    """Graphs that would never end, or fill the memory."""

    def loop(network: onnx.ModelProto, trips: int = 1 << 62) -> None:
        body = helper.make_graph(
            [helper.make_node("Identity", ["go"], ["on"]), helper.make_node("Mul", ["state", "state"], ["next"])], "body",
            [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
             helper.make_tensor_value_info("state", TensorProto.FLOAT, None)],
            [helper.make_tensor_value_info("on", TensorProto.BOOL, []), helper.make_tensor_value_info("next", TensorProto.FLOAT, None)],
        )  # fmt: skip
        network.graph.initializer.append(numpy_helper.from_array(np.array(trips), "trips"))
        network.graph.initializer.append(numpy_helper.from_array(np.array(True), "go_on"))
        network.graph.node.insert(0, helper.make_node("Loop", ["trips", "go_on", "reference"], ["looped"], body=body))
        network.graph.node[1].input[0] = "looped"

    yield make.model("endless/loop.onnx", loop, REFUSED)
    for name, shape in (
        ("tensor", [1, 1, 1_000_000, 1_000_000]),
        ("large", [1, 1, 40_000, 40_000]),
        ("overflow", [1 << 40, 1 << 40]),
        ("negative", [-5, 7]),
    ):

        def filled(network: onnx.ModelProto, shape: list = shape) -> None:
            network.graph.initializer.append(numpy_helper.from_array(np.array(shape, np.int64), "shape"))
            network.graph.node.insert(0, helper.make_node("ConstantOfShape", ["shape"], ["full"]))
            network.graph.node.insert(1, helper.make_node("ReduceMax", ["full"], ["most"], keepdims=1))
            network.graph.node.insert(2, helper.make_node("Add", ["reference", "most"], ["raised"]))
            network.graph.node[3].input[0] = "raised"

        yield make.model(f"endless/{name}.onnx", filled, REFUSED)
    for op, values in (("Expand", [1, 4000, 1000, 1000]), ("Tile", [1, 50_000, 10, 10])):

        def grown(network: onnx.ModelProto, op: str = op, values: list = values) -> None:
            network.graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), "times"))
            source = "zero_" if op == "Expand" else "reference"
            if op == "Expand":
                network.graph.initializer.append(numpy_helper.from_array(np.zeros((1, 1, 1, 1), np.float32), source))
            network.graph.node.insert(0, helper.make_node(op, [source, "times"], ["full"]))
            network.graph.node.insert(1, helper.make_node("ReduceMax", ["full"], ["most"], keepdims=1))
            network.graph.node.insert(2, helper.make_node("Add", ["reference", "most"], ["raised"]))
            network.graph.node[3].input[0] = "raised"

        yield make.model(f"endless/{op}.onnx", grown, REFUSED)

    def circle(network: onnx.ModelProto) -> None:
        network.graph.node[0].input[0] = "offset"

    def nested(network: onnx.ModelProto) -> None:
        inner = helper.make_graph(
            [helper.make_node("Identity", ["zero"], ["x"])],
            "g",
            [],
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        )
        for _ in range(60):
            node = helper.make_node("If", ["yes"], ["x"], then_branch=inner, else_branch=inner)
            inner = helper.make_graph([node], "g", [], [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])])
            if len(inner.SerializeToString()) > 2_000_000:
                break
        network.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
        network.graph.node.insert(0, helper.make_node("If", ["yes"], ["z"], then_branch=inner, else_branch=inner))

    def long(network: onnx.ModelProto) -> None:
        last = "reference"
        for number in range(5000):
            network.graph.node.insert(number, helper.make_node("Identity", [last], [f"copy_{number}"]))
            last = f"copy_{number}"
        network.graph.node[5000].input[0] = last

    yield make.model("endless/circle.onnx", circle, REFUSED)
    yield make.model("endless/nested.onnx", nested)
    yield make.model("endless/long.onnx", long, ANY)


def _shaped(make: Maker) -> Iterator[Case]:
    def reshaped(item: str, shape, kind: int = TensorProto.FLOAT):
        def change(network: onnx.ModelProto) -> None:
            for group in (network.graph.input, network.graph.output):
                for value in group:
                    if value.name == item:
                        value.CopyFrom(helper.make_tensor_value_info(item, kind, shape))

        return change

    for name, item, shape in (
        ("three", "reference", ["N", "H", "W"]), ("two_channels", "reference", ["N", 2, "H", "W"]), ("fixed", "reference", [1, 1, 64, 64]),
        ("zero", "reference", ["N", 1, 0, 0]), ("negative", "reference", ["N", 1, -7, "W"]), ("scalar", "reference", []),
        ("huge", "reference", ["N", 1, 1 << 40, "W"]), ("none", "reference", None), ("output_scalar", "offset", []), ("output_none", "offset", None),
        ("output_channels", "offset", ["N", 7, "H", "W"]), ("same_names", "reference", ["H", "H", "H", "H"]),
    ):  # fmt: skip
        yield make.model(f"shapes/{name}.onnx", reshaped(item, shape))
    for kind in ("DOUBLE", "INT64", "STRING", "BOOL", "COMPLEX64", "FLOAT16", "UNDEFINED"):
        yield make.model(
            f"shapes/type_{kind}.onnx", reshaped("reference", ["N", 1, "H", "W"], getattr(TensorProto, kind)), REFUSED
        )

    def ended(*nodes):
        """`offset` after some more nodes."""

        def change(network: onnx.ModelProto) -> None:
            network.graph.node[3].output[0] = "before"
            for name, value in (("axes", np.array([0, 0, 2, 2])), ("start", np.array([0, 0, 8, 8])), ("end", np.array([99, 99, 20, 20])), ("nowhere", np.array([0, 2, 0, 0])),
                                ("pads", np.array([0, 0, 0, 0, 0, 0, 5, 5])), ("nan", np.float32("nan")), ("inf", np.float32("inf")), ("flat", np.array([-1]))):  # fmt: skip
                network.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
            network.graph.node.extend(nodes)

        return change

    for name, node in (
        ("cropped", helper.make_node("Slice", ["before", "start", "end"], ["offset"])),
        ("padded", helper.make_node("Pad", ["before", "pads"], ["offset"])),
        ("flat", helper.make_node("Reshape", ["before", "flat"], ["offset"])),
        ("empty", helper.make_node("Slice", ["before", "nowhere", "nowhere"], ["offset"])),
        ("mean", helper.make_node("ReduceMean", ["before"], ["offset"], keepdims=0)),
        ("pairs", helper.make_node("Concat", ["before", "before"], ["offset"], axis=0)),
        ("turned", helper.make_node("Transpose", ["before"], ["offset"], perm=[0, 2, 3, 1])),
        ("nonzero", helper.make_node("NonZero", ["before"], ["offset"])),
    ):  # fmt: skip
        yield make.model(f"answers/{name}.onnx", ended(node), REFUSED)
    for name in ("nan", "inf"):
        yield make.model(f"answers/{name}.onnx", ended(helper.make_node("Add", ["before", name], ["offset"])), TAKEN)

    def renamed(network: onnx.ModelProto) -> None:
        network.graph.input[0].name = "x" * 100_000
        network.graph.node[0].input[0] = "x" * 100_000

    def many(network: onnx.ModelProto) -> None:
        for number in range(500):
            network.graph.input.append(helper.make_tensor_value_info(f"more_{number}", TensorProto.FLOAT, ["N"]))

    yield make.model("shapes/long_name.onnx", renamed, REFUSED)
    yield make.model("shapes/many_inputs.onnx", many, REFUSED)
    yield make.model("shapes/no_graph.onnx", lambda network: network.ClearField("graph"), REFUSED)
    yield make.model("shapes/no_nodes.onnx", lambda network: network.graph.ClearField("node"), REFUSED)


def _described(make: Maker) -> Iterator[Case]:
    """Metadata."""

    def items(raw: dict, drop: str = ""):
        def change(network: onnx.ModelProto) -> None:
            kept = {item.key: item.value for item in network.metadata_props if item.key != drop}
            network.ClearField("metadata_props")
            for key, value in {**kept, **raw}.items():
                network.metadata_props.add(key=key, value=value)

        return change

    for key in networks.METADATA:
        yield make.model(f"metadata/without_{key}.onnx", items({}, key), REFUSED)
    texts = {
        "no_json": "{", "deep": "[" * 200_000, "deep_objects": '{"a":' * 50_000, "huge": json.dumps("x" * 20_000_000), "digits": "9" * 20_000,
        "nan": "NaN", "infinity": "1e999", "minus": "-Infinity", "null": "null", "list": "[]", "object": "{}", "true": "true", "empty": "",
        "long": json.dumps("x" * 5000), "controls": json.dumps("a\x00\x1b[31m\n\r"), "surrogate": '"\\ud800"', "twice": '{"a":1,"a":2}',
        "negative": "-1", "float": "1.5", "text": '"8"', "zero": "0",
    }  # fmt: skip
    for key in ("name", "max_offset_px", "margin_px", "tile_multiple", "deepot_contract"):
        for name, value in texts.items():
            yield make.model(f"metadata/{key}_{name}.onnx", items({key: value}))
    for key in (
        "layout",
        "inputs",
        "input_channels",
        "input_scaling",
        "outputs",
        "offset_order",
        "offset_sign",
        "offset_scale",
        "sigma",
        "tile_px",
        "overlap_px",
    ):
        for name in ("deep", "null", "list", "object", "true", "long", "text", "digits", "negative", "infinity"):
            yield make.model(f"metadata/{key}_{name}.onnx", items({key: texts[name]}))
    for name, key, value in (
        ("tile_and_margin", "margin_px", "4096"), ("nested", "sigma", '{"kind":{"kind":"output"}}'), ("unknown", "sigma", '{"evil":1}'),
        ("scaling", "input_scaling", '{"kind":"percentile","low":"a"}'), ("scaling_turned", "input_scaling", '{"kind":"percentile","low":99,"high":1}'),
        ("order", "inputs", '{"stacked":"reference","order":[["reference"],["secondary"]]}'), ("sign", "offset_sign", '[1,"1"]'), ("sign_nested", "offset_sign", "[[1],[1]]"),
        ("window", "sigma", '{"kind":"forward_backward","window_px":1e9}'), ("floor", "sigma", '{"kind":"forward_backward","floor_px":-1}'), ("constant", "sigma", '{"kind":"constant","px":"x"}'),
    ):  # fmt: skip
        yield make.model(f"metadata/{name}.onnx", items({key: value}))
    yield make.model("metadata/many.onnx", items({f"key_{k}": "1" for k in range(50_000)}))
    yield make.model("metadata/key.onnx", items({"k" * 1_000_000: "1"}))
