"""What is exported keeps the contract and answers what PyTorch answers."""

from __future__ import annotations

import argparse
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")
onnx = pytest.importorskip("onnx", reason="onnx is not installed (make train-setup)")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (make train-setup)")

from deepot_qgis.engine import synthetic  # noqa: E402
from deepot_qgis.engine.model import estimator as model  # noqa: E402
from training import anew, calibrate, dataset, evaluate, export, generate, networks, train  # noqa: E402

STATE = {
    "step": 3,
    "seconds": 1.5,
    "options": {"architecture": "multiwindow", "batch": 2, "seed": 1, "threads": 1, "start_from": ""},
}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return networks.build("multiwindow", width=16, hidden=4, margins=8).eval()


@pytest.fixture(scope="module")
def exported(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "small.onnx"
    export.write_onnx(network, path)
    options = argparse.Namespace(name="small", version="0.0.1")
    export.add_metadata(path, export.describe(network, STATE, options, {"note": "untrained"}))
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    offset = synthetic.constant((160, 160), 1.3, -0.4)
    images = [np.stack(synthetic.speckle_pair(np.ones((160, 160), np.float32), offset, 0.8, 1, rng)) for _ in range(9)]
    with open(folder / "pairs_000000.npy", "wb") as file:
        np.save(file, np.stack(images).astype(np.float16))
        np.save(file, np.stack([np.round(offset * generate.OFFSET_SCALE)] * 9).astype(np.int16))
    return dataset.PairCache(folder)


@pytest.mark.slow
def test_onnxruntime_answers_what_pytorch_answers(network, exported, cache):
    assert export.compare(network, exported, cache) < export.TOLERANCE_PX


def test_a_tile_without_its_context_is_the_same_tile(network, exported, cache):
    """Sides that were given up as the network went on change nothing that lies far enough from them."""
    images = torch.nn.functional.interpolate(cache.batch([0])[0], scale_factor=3.0)
    context = torch.tensor([160, 176, 144, 192])
    with torch.no_grad():
        whole, narrow = network(images[:, :1], images[:, 1:]), network(images[:, :1], images[:, 1:], context)
    for all_of_it, part in zip(whole, narrow):
        assert part.shape[-2:] == (480 - 176 - 192, 480 - 160 - 144)
        apart = (part - all_of_it[..., 176 : 480 - 192, 160 : 480 - 144]).abs()
        assert apart.quantile(0.95) < 0.02  # one place beside the right one would be a third of a pixel
    estimator = model.NetworkEstimator(str(exported), "cpu")
    first, second = images[0].numpy()
    answer = estimator.estimate_within(first, second, (160, 176, 144, 192))
    assert np.abs(answer.offset - narrow[0][0].numpy()).max() < export.TOLERANCE_PX


@pytest.mark.slow
def test_a_graph_written_anew_keeps_what_is_said_of_it(network, exported, cache, tmp_path, monkeypatch):
    kept = calibrate.Calibration((-3.0, 0.5), (-2.5, 1.0))
    path = tmp_path / "old.onnx"
    export.write_onnx(calibrate.Calibrated(network, kept), path)
    items = {**anew.metadata(exported), "sigma_map": kept.facts()}
    export.add_metadata(path, items)
    monkeypatch.setattr(anew, "load", lambda _: (network, {}))
    monkeypatch.setattr(export, "bytes_a_pixel", lambda *_: 300)
    command = ["anew", str(path), "--checkpoint", "x.pt", "--version", "0.0.2"]
    monkeypatch.setattr("sys.argv", command)
    anew.main()
    found = anew.metadata(path)
    assert found == {**items, "version": "0.0.2", "bytes_px": 300, "bytes_read_px": 300}
    export.add_metadata(path, {**found, "sigma_map": {"raw": [-3.0, 0.5], "said": [-2.0, 1.0]}})
    before = path.read_bytes()
    with pytest.raises(SystemExit, match="left as it is"):
        anew.main()
    assert path.read_bytes() == before


@pytest.mark.slow
def test_the_engine_accepts_it(exported):
    estimator = model.NetworkEstimator(str(exported), "cpu")
    assert (estimator.name, estimator.margin_px, estimator.tile_multiple) == (
        "small",
        networks.MultiWindow.margin_px,
        16,
    )
    assert exported.stat().st_size < 6e6


@pytest.mark.slow
def test_every_metadata_value_is_json_and_operators_are_plain(exported):
    graph = onnx.load(str(exported))
    items = {entry.key: json.loads(entry.value) for entry in graph.metadata_props}
    assert set(model.REQUIRED) <= set(items) and items["training"]["steps"] == 3
    assert {node.domain for node in graph.graph.node} <= {"", "ai.onnx"}
    assert graph.opset_import[0].version >= 17


def test_a_calibration_inside_the_graph_is_the_one_in_numpy(network, cache):
    calibration = calibrate.Calibration((-3.0, -2.0, -1.7, 0.5), (-4.0, -2.5, -2.5, 1.5))
    images, _ = cache.batch([0, 1])
    with torch.no_grad():
        _, offset, raw = network.stages(images[:, :1], images[:, 1:])
        raw = raw * 2  # so that it passes both ends
        network.stages, kept = (lambda *_: ([], offset, raw)), network.stages
        try:
            answer = calibrate.Calibrated(network, calibration)(images[:, :1], images[:, 1:])
        finally:
            network.stages = kept
    assert torch.equal(answer[0], offset)
    assert np.abs(answer[1].numpy() - calibration(raw.numpy())).max() < 1e-5
    assert calibration(np.array([-9.0, -2.25, 2.5])) == pytest.approx([-4.0, -2.875, 3.5])


def test_calibration_makes_sigma_true_in_every_bin():
    """A network too sure of itself where it errs little and too modest in the middle, straight line or not."""
    rng = np.random.default_rng(0)
    true = rng.uniform(-4.5, 1.0, 300_000)
    error = np.abs(rng.laplace(0, np.exp(true) / 1.148))
    raw = true + 0.8 * np.sin(true) - 0.5  # rises, unevenly
    fitted, checked = slice(None, 200_000), slice(200_000, None)
    calibration = calibrate.fit(raw[fitted], error[fitted])
    rows = calibrate.check(calibration(raw[checked]), error[checked])
    assert len(rows) == 10 and all(abs(row["within"] - 0.6827) < 0.03 for row in rows)
    assert any(abs(row["within"] - 0.6827) > 0.1 for row in calibrate.check(raw, error))
    line = np.polyfit(raw, true, 1)
    assert max(abs(row["within"] - 0.6827) for row in calibrate.check(np.polyval(line, raw), error)) > 0.04


def test_a_calibration_never_falls():
    rng = np.random.default_rng(1)
    raw = rng.uniform(-3, 0, 50_000)
    error = np.abs(rng.laplace(0, np.exp(-raw)))  # the surer, the worse
    calibration = calibrate.fit(raw, error)
    assert np.ptp(calibration.said) < 1e-6
    with pytest.raises(ValueError, match="rise"):
        calibrate.Calibration((0.0, 1.0), (1.0, 0.0))
    with pytest.raises(ValueError, match="held-out pairs"):
        calibrate.fit(raw[:50], error[:50])


def test_held_out_pairs_calibrate_a_network(network, cache):
    whole, bins = export.calibrated(network, cache, 9)
    assert np.mean([row["within"] for row in bins]) == pytest.approx(0.68, abs=0.15)
    images, _ = cache.batch([0])
    with torch.no_grad():
        offset, log_sigma = whole(images[:, :1], images[:, 1:])
    assert offset.shape[1] == 2 and torch.isfinite(log_sigma).all()


def test_stripped_weights_start_a_run_and_keep_their_history(network, tmp_path):
    state = dict(STATE, network=network.state_dict(), mean=network.state_dict(), optimiser={"big": torch.ones(10**6)})
    state["options"] = dict(STATE["options"], network={"width": 16, "hidden": 4, "margins": 8}, run=str(tmp_path),
                            pairs=str(tmp_path / "pairs"), held_out="runs/held_out")  # fmt: skip
    state["device"] = "some GPU"
    path = tmp_path / "weights.pt"
    train.save_whole(export.strip(state), path)
    assert path.stat().st_size < 1e6
    loaded, again = evaluate.load(path)
    assert all(torch.equal(a, b) for a, b in zip(loaded.state_dict().values(), network.state_dict().values()))
    assert again["options"]["pairs"] == "runs/pairs" and str(tmp_path) not in str(again["options"])
    assert export.history(again) == [{"steps": 3, "batch": 2, "seed": 1, "seconds": 2, "device": "some GPU"}]
    next_leg = dict(STATE, step=5, options=dict(STATE["options"], start_from=str(path)))
    assert [leg["steps"] for leg in export.history(next_leg)] == [3, 5]


@pytest.mark.parametrize("architecture", ["unet", "unetpp"])
def test_the_networks_of_the_comparison_are_exported_alike(architecture, cache, tmp_path):
    torch.manual_seed(0)
    network = networks.build(architecture, widths=(8, 8, 8, 8)).eval()
    whole = calibrate.Calibrated(network, calibrate.Calibration((-1.0, -0.5, 0.0), (-2.0, -1.0, 0.5)))
    path = tmp_path / "small.onnx"
    export.write_onnx(whole, path)
    state = dict(STATE, options=dict(STATE["options"], architecture=architecture))
    described = export.describe(network, state, argparse.Namespace(name="small", version="0.0.1"), {})
    export.add_metadata(path, described)
    assert export.compare(whole, path, cache) < export.TOLERANCE_PX
    estimator = model.NetworkEstimator(str(path), "cpu")
    assert estimator.margin_px == network.margin_px and "For comparison" in estimator.card.metadata["citation"]
    assert "BatchNormalization" not in {node.op_type for node in onnx.load(str(path)).graph.node}
