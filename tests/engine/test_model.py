import builtins
from pathlib import Path

import numpy as np
import onnx
import pytest

from deepot_qgis.engine import estimate, runtime
from deepot_qgis.engine.errors import DeviceError, ModelError, OptionsError, RuntimeMissingError
from deepot_qgis.engine.model import estimator as model

from . import networks


def test_a_network_that_keeps_the_contract_answers(tmp_path):
    network = model.NetworkEstimator(networks.write(tmp_path / "n.onnx"), "cpu")
    estimate = network.estimate(*np.ones((2, 16, 24), np.float32))
    assert estimate.offset.shape == (2, 16, 24) and estimate.offset.dtype == np.float32
    assert (estimate.offset[0] == 1).all() and (estimate.offset[1] == -2).all()
    assert np.allclose(estimate.sigma, 0.1)
    assert (network.name, network.margin_px, network.tile_multiple, network.device) == ("constant", 8, 8, "cpu")


def _pair(height=48, width=64):
    return np.random.default_rng(5).uniform(0.5, 6.0, (2, height, width)).astype(np.float32)


@pytest.mark.parametrize("write", [networks.write_narrowing, networks.write])
@pytest.mark.parametrize("context", [(0, 0, 0, 0), (8, 16, 24, 0), (0, 8, 0, 8)])
def test_what_is_asked_within_a_tile_is_that_part_of_it(tmp_path, write, context):
    """Whether the graph leaves the context out or the plugin does."""
    network, pair = model.NetworkEstimator(write(tmp_path / "n.onnx"), "cpu"), _pair()
    whole, part = network.estimate(*pair), estimate.within(network, *pair, context)
    left, top, right, bottom = context
    inside = np.s_[..., top : 48 - bottom, left : 64 - right]
    assert np.array_equal(part.offset, whole.offset[inside]) and np.array_equal(part.sigma, whole.sigma[inside])


def test_a_graph_that_takes_the_context_is_told_of_it(tmp_path, monkeypatch):
    network, asked = model.NetworkEstimator(networks.write_narrowing(tmp_path / "n.onnx"), "cpu"), []
    run = network._placed.run
    monkeypatch.setattr(
        network._placed, "run", lambda names, feed: asked.append(feed.get("context")) or run(names, feed)
    )
    network.estimate_within(*_pair(), (8, 0, 0, 16))
    network.estimate(*_pair())
    assert asked[0].tolist() == [8, 0, 0, 16] and asked[1] is None


@pytest.mark.parametrize("change", [{"count": 5}, {"kind": onnx.TensorProto.INT32}])
def test_a_context_of_another_form_is_refused(tmp_path, change):
    with pytest.raises(ModelError, match="left, top, right, bottom|is not a network"):
        model.NetworkEstimator(networks.write_narrowing(tmp_path / "n.onnx", **change), "cpu")


def test_an_answer_that_is_not_a_number_becomes_an_uncertain_zero(tmp_path):
    network = model.NetworkEstimator(networks.write(tmp_path / "n.onnx", offset=(float("nan"), 1)), "cpu")
    estimate = network.estimate(*np.ones((2, 16, 16), np.float32))
    assert (estimate.offset == 0).all() and (estimate.sigma == 8).all()


@pytest.mark.parametrize(
    "broken, words",
    [
        ({"metadata": {"citation": None, "licence": None}}, "lack licence, citation"),
        ({"metadata": {"deepot_contract": 2}}, "contract 2"),
        ({"metadata": {"margin_px": "wide"}}, "'margin_px' is 'wide'"),
        ({"metadata": {"tile_multiple": 0}}, "'tile_multiple' is 0"),
        ({"inputs": ("first", "second")}, "rename them"),
        ({"size": 256}, "fixed shape"),
    ],
)
def test_every_breach_of_the_contract_is_named(tmp_path, broken, words):
    with pytest.raises(ModelError, match=words) as caught:
        model.NetworkEstimator(networks.write(tmp_path / "bad.onnx", **broken), "cpu")
    assert str(caught.value).startswith("bad.onnx")


def test_files_that_are_no_network_are_refused(tmp_path):
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(Path(networks.write(tmp_path / "n.onnx")).read_bytes()[:200])
    text = tmp_path / "text.onnx"
    text.write_text("hello")
    for path in (damaged, text):
        with pytest.raises(ModelError, match=f"{path.name} is not a network"):
            model.NetworkEstimator(str(path), "cpu")
    with pytest.raises(ModelError, match="There is no model 'nothing'"):
        model.NetworkEstimator("nothing", "cpu")


def test_devices_tell_the_truth(tmp_path):
    path = networks.write(tmp_path / "n.onnx")
    assert "cpu" in {device.name for device in runtime.devices()}
    with pytest.raises(OptionsError):
        runtime.open_session(path, "abacus")
    if "cuda" not in {device.name for device in runtime.devices()}:
        with pytest.raises(DeviceError, match="choose CPU or auto"):
            runtime.open_session(path, "cuda")
        assert runtime.open_session(path, "auto").device == "cpu"


def test_without_onnxruntime_the_way_out_is_said(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **keywords):
        if name.startswith("onnxruntime"):
            raise ImportError(name)
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RuntimeMissingError, match="conventional offset tracking"):
        model.NetworkEstimator(networks.write(tmp_path / "n.onnx"), "cpu")
    assert [device.name for device in runtime.devices()] == ["cpu"]
    assert all(card.problem for card in model.available())
