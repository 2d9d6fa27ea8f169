"""Models that are more than data."""

from __future__ import annotations

import os
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from deepot_qgis.engine.errors import ModelError, RuntimeMissingError
from deepot_qgis.engine.model import NetworkEstimator, graph
from scripts.staging import REPOSITORY

from . import networks


def changed(path, change) -> str:
    networks.write(path)
    network = onnx.load(str(path))
    change(network)
    onnx.save(network, str(path))
    return str(path)


def test_the_bundled_models_are_data():
    for path in (REPOSITORY / "models").glob("*.onnx"):
        graph.require_data(str(path))


def outside(location: str):
    def change(network) -> None:
        tensor = next(item for item in network.graph.initializer if item.name == "answer")
        tensor.ClearField("float_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=location)
        tensor.external_data.add(key="length", value="8")

    return change


def test_values_in_other_files_stay_in_the_folder(tmp_path):
    (tmp_path / "models").mkdir()
    for folder in (tmp_path, tmp_path / "models"):
        (folder / "values.bin").write_bytes(np.array([3, 4], np.float32).tobytes())
    os.symlink("../values.bin", tmp_path / "models/linked.bin")
    estimator = NetworkEstimator(changed(tmp_path / "models/a.onnx", outside("values.bin")), "cpu")
    tile = np.ones((64, 64), np.float32)
    assert (estimator.estimate(tile, tile).offset[:, 32, 32] == (3, 4)).all()
    for location in ("../values.bin", str(tmp_path / "values.bin"), "linked.bin", "C:\\values.bin"):
        with pytest.raises(ModelError, match=r"b\.onnx keeps values outside its folder"):
            NetworkEstimator(changed(tmp_path / "models/b.onnx", outside(location)), "cpu")
    with pytest.raises(ModelError, match="not beside it"):
        graph.require_data(changed(tmp_path / "models/b.onnx", outside("gone.bin")))
    (tmp_path / "models/short.bin").write_bytes(b"1234")
    with pytest.raises(ModelError, match="keeps more values"):
        graph.require_data(changed(tmp_path / "models/b.onnx", outside("short.bin")))


def test_no_library_of_operators(tmp_path):
    def change(network) -> None:
        network.graph.node[0].domain = "com.evil"

    with pytest.raises(ModelError, match="libraries of operators are never loaded"):
        graph.require_data(changed(tmp_path / "a.onnx", change))


def test_no_loop_without_end(tmp_path):
    def change(network) -> None:
        network.graph.node[0].op_type = "Loop"

    with pytest.raises(ModelError, match="holds a loop"):
        graph.require_data(changed(tmp_path / "a.onnx", change))


@pytest.mark.parametrize("shape, fits", [([1, 1, 64, 64], True), ([1, 1, 40_000, 40_000], False)])
@pytest.mark.parametrize("raw", [True, False])
def test_no_tensor_of_absurd_size(tmp_path, shape, fits, raw):
    def change(network) -> None:
        tensor = numpy_helper.from_array(np.array(shape, np.int64), "shape")
        network.graph.initializer.append(tensor if raw else helper.make_tensor("shape", TensorProto.INT64, [4], shape))
        network.graph.node.append(helper.make_node("ConstantOfShape", ["shape"], ["full"]))

    path = changed(tmp_path / "a.onnx", change)
    if fits:
        graph.require_data(path)
        return
    with pytest.raises(ModelError, match=r"makes a tensor of 1\.6e\+09 numbers"):
        graph.require_data(path)


def test_what_is_cut_off_is_said(tmp_path):
    networks.write(tmp_path / "a.onnx")
    content = (tmp_path / "a.onnx").read_bytes()
    (tmp_path / "a.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=r"a\.onnx is not a network: it is no ONNX file, or is cut off"):
        graph.require_data(str(tmp_path / "a.onnx"))


def test_a_missing_runtime_is_said_first(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (tmp_path / "a.onnx").write_bytes(b"no network")
    with pytest.raises(RuntimeMissingError, match="onnxruntime is not installed"):
        NetworkEstimator(str(tmp_path / "a.onnx"))
