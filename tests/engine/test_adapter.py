"""Networks of other forms: fed, cut and read as their metadata say, or refused with a sentence."""

import contextlib
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import measure
from deepot_qgis.engine.errors import ModelError
from deepot_qgis.engine.model import adapter, uncertainty
from deepot_qgis.engine.model import estimator as model
from deepot_qgis.engine.model.adapter import Adapter

from . import adapted, networks, scenes

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


def images(height, width):
    return scenes.texture(height, width, 1), 3 * scenes.texture(height, width, 2) + 40


def stretched(image, low=1, high=99):
    """The scaling written down once more, on its own."""
    bottom, top = np.percentile(image[image > 0], (low, high))
    return (np.clip(image, bottom, top) - bottom) / (top - bottom)


def run(tmp_path, *pair, metadata=None, **keywords):
    network = model.NetworkEstimator(adapted.write(tmp_path / "n.onnx", metadata, **keywords), "cpu")
    return network.estimate(*pair)


def test_layout_order_and_scaling_are_those_of_the_metadata(tmp_path):
    first, second = images(128, 128)
    estimate = run(tmp_path, first, second)
    assert estimate.offset.shape == (2, 128, 128) and estimate.offset.dtype == np.float32
    assert np.allclose(estimate.offset[0], 3 * stretched(first), atol=1e-5)
    assert np.allclose(estimate.offset[1], -2 * stretched(second), atol=1e-5)
    assert (estimate.sigma == 0.25).all()


@pytest.mark.parametrize(
    ("items", "factor_x", "factor_y"),
    [
        ({"offset_sign": [-1, -1]}, -1, -1),
        ({"offset_sign": [1, -1]}, 1, -1),
        ({"offset_sign": [-1, 1], "offset_scale": 2.5}, -2.5, 2.5),
    ],
)
def test_sign_and_scale_belong_to_x_and_y_whatever_the_order(tmp_path, items, factor_x, factor_y):
    first, second = images(128, 128)
    estimate = run(tmp_path, first, second, metadata=items)
    assert np.allclose(estimate.offset[0], 3 * factor_x * stretched(first), atol=1e-4)
    assert np.allclose(estimate.offset[1], -2 * factor_y * stretched(second), atol=1e-4)


def test_wrong_items_give_wrong_numbers(tmp_path):
    """The test network tells every mistake apart."""
    first, second = images(128, 128)
    right = run(tmp_path, first, second).offset
    for wrong in (
        {"offset_order": "xy"},
        {"offset_sign": [-1, 1]},
        {"offset_scale": 2},
        {"inputs": {"reference": "input_2", "secondary": "input_1"}},
        {"input_scaling": {"kind": "none"}},
        {"input_scaling": {"kind": "percentile", "low": 0, "high": 100}},
        {"input_scaling": {"kind": "percentile", "low": 1, "high": 99, "together": True}},
        {"input_scaling": {"kind": "percentile", "low": 1, "high": 99, "quantity": "db"}},
    ):
        assert np.abs(run(tmp_path, first, second, metadata=wrong).offset - right).max() > 0.2, wrong


@pytest.mark.parametrize("repeated", [1, 3])
def test_one_input_may_hold_both_images(tmp_path, repeated):
    first, second = images(128, 128)
    items = {"inputs": {"stacked": "images", "order": ["secondary", "reference"]}, "input_channels": repeated}
    estimate = run(tmp_path, first, second, metadata=items, stacked=True, repeated=repeated)
    assert np.allclose(estimate.offset[0], 3 * stretched(first), atol=1e-5)
    assert np.allclose(estimate.offset[1], -2 * stretched(second), atol=1e-5)


@pytest.mark.parametrize("size", [(128, 128), (40, 50), (300, 333), (129, 128), (97, 411)])
def test_a_fixed_tile_serves_images_of_any_size(tmp_path, size):
    first, second = images(*size)
    estimate = run(tmp_path, first, second)
    assert estimate.offset.shape == (2, *size) and estimate.sigma.shape == size
    assert np.allclose(estimate.offset[0], 3 * stretched(first), atol=1e-4)
    assert np.allclose(estimate.offset[1], -2 * stretched(second), atol=1e-4)


@pytest.mark.parametrize("size", [(60, 200), (300, 333)])
def test_rasters_are_measured_with_the_numbers_of_the_whole_image(tmp_path, size):
    first, second = images(*size)
    first[:, size[1] // 2 :] *= 4  # tiles would scale themselves differently
    first[20:30, 40:60] = 0
    pair = [scenes.write(tmp_path / f"{name}.tif", image, nodata=0) for name, image in zip("ab", (first, second))]
    file = adapted.write(tmp_path / "n.onnx")
    result = measure.measure(measure.MeasureOptions(*pair, str(tmp_path / "d.tif"), model=file, device="cpu"))
    raw = scenes.read(result.offsets)
    known = first > 0
    assert np.isfinite(raw["dx"][known]).mean() > 0.99 and np.isnan(raw["dx"][~known]).all()
    seen = np.isfinite(raw["dx"])
    assert np.abs(raw["dx"] - 3 * stretched(first))[seen].max() < 1e-4
    assert np.abs(raw["dy"] + 2 * stretched(second))[seen].max() < 1e-4
    assert any("0.25 px everywhere (test)" in message for message in result.messages)
    facts = json.loads(Path(result.provenance).read_text())["estimator"]
    assert facts["adapter"]["layout"] == "NHWC" and facts["adapter"]["tile_px"] == 128
    assert facts["adapter"]["input_scaling"]["low"] == 1 and facts["adapter"]["offset_sign"] == [1, 1]
    assert facts["input_limits"]["reference"] == pytest.approx(np.percentile(first[known], (1, 99)), rel=1e-6)


def test_context_inside_the_margin_leaves_no_seams(tmp_path):
    first, second = images(300, 333)
    items = {"input_scaling": {"kind": "fixed", "low": 0, "high": 1000}}
    whole = run(tmp_path, first, second, metadata={**items, "tile_px": None}, size="S", blur=31)
    tiled = run(tmp_path, first, second, metadata=items, blur=31)
    assert np.ptp(whole.offset[0][20:-20, 20:-20]) > 0.02
    assert np.abs(whole.offset - tiled.offset).max() < 1e-5


def test_an_answer_that_depends_on_the_place_in_the_tile_is_blended(tmp_path):
    first, second = images(256, 500)
    ramp = np.broadcast_to(np.linspace(-1, 1, 128), (128, 128))
    dx = run(tmp_path, first, second, gains=(0, 0), bias=ramp).offset[0]
    assert np.ptp(dx[:, 100:400]) > 0.3
    assert np.abs(np.diff(dx, axis=1)).max() < 0.05


def test_forwards_and_backwards_give_sigma(tmp_path):
    rng = np.random.default_rng(0)
    truth = np.stack([np.full((200, 200), 2.0), np.full((200, 200), -1.0)]).astype(np.float32)
    noise = rng.normal(0, 0.3, (2, 2, 200, 200)).astype(np.float32)
    sigma = uncertainty.forward_backward(truth + noise[0], -truth + noise[1], 0.01, 21)
    # between pixels bilinear sampling takes out part of the backward noise
    assert 0.2 < np.median(sigma[10:-10, 10:-10]) < 0.33
    still = uncertainty.forward_backward(truth, -truth, 0.07, 9)
    assert np.allclose(still[5:-5, 5:-5], 0.07)
    wrong = uncertainty.forward_backward(truth, truth, 0.07, 9)
    assert np.allclose(wrong, np.sqrt(5 + 0.07**2), rtol=1e-3)


def test_a_network_runs_both_ways_where_its_sigma_needs_it(tmp_path):
    first = scenes.texture(128, 128)
    items = {
        "sigma": {"kind": "forward_backward", "floor_px": 0.1},
        "input_scaling": {"kind": "fixed", "low": 0, "high": 1e9},
    }
    bias = np.where(np.arange(128) < 64, 0.0, 0.6) * np.ones((128, 1))
    estimate = run(tmp_path, first, first, metadata=items, bias=bias)
    # forwards and backwards answer the same 0.6 px, which should cancel: the gap is 1.2 px of one component
    assert np.allclose(estimate.sigma[:, :50], 0.1, atol=1e-3)
    assert np.allclose(estimate.sigma[:, 80:], np.hypot(0.6, 0.1), atol=1e-3)


def test_answers_beyond_reach_and_answers_that_are_no_numbers_are_uncertain(tmp_path):
    first, second = images(128, 128)
    far = run(tmp_path, first, second, gains=(30, 0))
    beyond = 30 * stretched(first) > 10.1
    assert beyond.any() and (far.sigma[beyond] == 8).all()
    assert (far.sigma[30 * stretched(first) < 9.9] == 0.25).all()
    bias = np.zeros((128, 128))
    bias[5, 7] = np.nan
    lost = run(tmp_path, first, second, bias=bias)
    assert lost.offset[:, 5, 7].tolist() == [0, 0] and lost.sigma[5, 7] == 8 and lost.sigma[5, 8] == 0.25


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ({"layout": "NWHC"}, "'layout' is 'NWHC'; it must be NCHW or NHWC"),
        ({"layout": ["NHWC"]}, "'layout' is"),
        ({"layout": "NCHW"}, "'input_1' has shape .*correct 'layout'"),
        ({"offset_order": "dy,dx"}, "'offset_order' is 'dy,dx'; it must be xy or yx"),
        ({"offset_sign": -1}, "'offset_sign' is -1; it must be"),
        ({"offset_sign": [1, 0]}, "'offset_sign' is"),
        ({"offset_sign": ["1", "1"]}, "'offset_sign' is"),
        ({"offset_scale": 0}, "'offset_scale' is 0"),
        ({"offset_scale": "20"}, "'offset_scale' is '20'"),
        ({"offset_scale": "\0NaN"}, "'offset_scale' is not JSON"),
        ({"offset_scale": "\0" + "[" * 100_000}, "'offset_scale' is not JSON"),
        ({"max_offset_px": "\0Infinity"}, "'max_offset_px' is not JSON"),
        ({"max_offset_px": "\0" + "9" * 400}, "'max_offset_px' is 9999"),
        ({"max_offset_px": 1e9}, "'max_offset_px' is 1000000000.0; it must be a number between"),
        ({"max_offset_px": True}, "'max_offset_px' is True"),
        ({"margin_px": 10**7}, "'margin_px' is 10000000; it must be a whole number between 0 and 4096"),
        ({"margin_px": 7.5}, "'margin_px' is 7.5"),
        ({"tile_multiple": 10**6}, "'tile_multiple' is"),
        ({"tile_px": 10**9}, "'tile_px' is 1000000000; it must be a whole number between"),
        ({"tile_px": -128}, "'tile_px' is -128"),
        ({"tile_px": "128"}, "'tile_px' is '128'"),
        ({"tile_px": [128, 128]}, "'tile_px' is"),
        ({"tile_px": 256}, "fixed shape .*'tile_px' is 256: make it the same"),
        ({"tile_px": None}, "name the one tile size in the metadata item 'tile_px'"),
        ({"tile_multiple": 48}, "'tile_px' is 128 and 'tile_multiple' 48"),
        ({"margin_px": 40}, "a margin of 48 px on each side leaves 32 px"),
        ({"overlap_px": 60}, "blending over 64 px needs 128"),
        ({"overlap_px": 0}, "'overlap_px' is 0"),
        ({"inputs": {"reference": "input_1"}}, "'inputs' must name the input of each image"),
        ({"inputs": {"reference": "input_1", "secondary": "input_1"}}, "'inputs' must name"),
        ({"inputs": {"reference": 1, "secondary": 2}}, "'inputs' must name"),
        ({"inputs": {"stacked": "x", "order": ["a", "b"]}}, "'inputs' must name"),
        ({"inputs": ["input_1", "input_2"]}, "'inputs' is .*must be an object"),
        ({"inputs": {"first": "input_1"}}, "'inputs' holds 'first'"),
        ({"inputs": {"reference": "a", "secondary": "b"}}, "its inputs are input_1, input_2; they must be a, b"),
        ({"input_channels": 2}, "'input_channels' is 2"),
        ({"input_channels": 3}, "'input_1' has shape"),
        ({"outputs": {"offset": "flow"}}, "its outputs are output; they must be flow"),
        ({"outputs": {}}, "'outputs' must name"),
        ({"sigma": None}, "'sigma' must say how sure an answer is"),
        ({"sigma": {"kind": "guess"}}, "'sigma' has the kind 'guess'"),
        ({"sigma": {"kind": "constant"}}, "px = None; it must be a number of pixels"),
        ({"sigma": {"kind": "constant", "px": 0}}, "px = 0"),
        ({"sigma": {"kind": "constant", "px": 0.1, "floor_px": 1}}, "takes no floor_px"),
        ({"sigma": {"kind": "forward_backward", "floor_px": "low"}}, "floor_px = 'low'"),
        ({"sigma": {"kind": "forward_backward", "floor_px": 0.1, "window_px": 10**6}}, "'window_px' is 1000000"),
        ({"sigma": {"kind": "constant", "px": 0.1}, "outputs": None}, "names a log_sigma"),
        ({"input_scaling": "minmax"}, "'input_scaling' is 'minmax'; it must be an object"),
        ({"input_scaling": {"kind": "minmax"}}, "'input_scaling' has the kind 'minmax'"),
        ({"input_scaling": {"kind": "percentile"}}, "low = None and high = None"),
        ({"input_scaling": {"kind": "percentile", "low": -1, "high": 99}}, "between 0 and 100"),
        ({"input_scaling": {"kind": "fixed", "low": 5, "high": 5}}, "low below high"),
        ({"input_scaling": {"kind": "fixed", "low": 0, "high": "\0NaN"}}, "low below high"),
        ({"input_scaling": {"kind": "fixed", "low": 0, "high": 1, "range": [0, 0]}}, "the range"),
        ({"input_scaling": {"kind": "standard", "low": 1}}, "takes no low and high"),
        ({"input_scaling": {"kind": "none", "invalid": None}}, "invalid = None"),
        ({"input_scaling": {"kind": "none", "scope": "world"}}, "the scope 'world'"),
        ({"input_scaling": {"kind": "none", "together": 1}}, "together = 1"),
        ({"input_scaling": {"kind": "none", "gamma": 2}}, "'input_scaling' holds 'gamma'"),
        ({"name": {"evil": 1}}, "'name' is"),
        ({"name": " "}, "'name' is"),
        ({"licence": 5 * ["x" * 1000]}, "'licence' is"),
    ],
)
def test_every_impossible_item_is_named(tmp_path, items, words):
    with pytest.raises(ModelError, match=words) as caught:
        run(tmp_path, *images(128, 128), metadata=items)
    text = str(caught.value)
    assert text.startswith("n.onnx") and "\n" not in text and len(text) < 420


def test_an_answer_of_another_shape_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"it gives output \(1, 129, 129, 2\)"):
        run(tmp_path, *images(128, 128), blur=2, metadata={})


def test_a_network_of_the_contract_needs_no_item(tmp_path):
    network = model.NetworkEstimator(networks.write(tmp_path / "n.onnx"), "cpu")
    assert network.adapter == Adapter() and network.notes() == ()
    assert (network.tile_px, network.overlap_px) == (None, 16)


words = st.sampled_from(
    ["kind", "low", "high", "range", "px", "floor_px", "window_px", "source", "reference", "stacked", "order", "offset",
     "log_sigma", "percentile", "fixed", "constant", "forward_backward", "NHWC", "yx", "image", "x"]
)  # fmt: skip
atoms = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | words
lists = st.lists(atoms, max_size=3)
anything = atoms | lists | st.dictionaries(words, atoms | lists, max_size=5)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(adapter.ITEMS), anything))
def test_any_value_is_read_or_refused_with_a_sentence(items):
    with contextlib.suppress(ModelError):
        form = adapter.read({"margin_px": 8, "tile_multiple": 8, **items}, "n.onnx")
        assert form.tile_px is None or 32 <= form.tile_px <= 4096
        assert all(form.names for form in (form.inputs, form.outputs)) and json.dumps(form.settings())
