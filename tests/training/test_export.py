"""What is exported keeps the contract and answers what PyTorch answers."""

from __future__ import annotations

import argparse
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")
onnx = pytest.importorskip("onnx", reason="onnx is not installed (make train-setup)")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (make train-setup)")

from deepot_qgis.engine import model, synthetic  # noqa: E402
from training import dataset, export, generate, networks  # noqa: E402

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
    images = [np.stack(synthetic.speckle_pair(np.ones((160, 160), np.float32), offset, 0.8, 1, rng)) for _ in range(4)]
    with open(folder / "pairs_000000.npy", "wb") as file:
        np.save(file, np.stack(images).astype(np.float16))
        np.save(file, np.stack([np.round(offset * generate.OFFSET_SCALE)] * 4).astype(np.int16))
    return dataset.PairCache(folder)


@pytest.mark.slow
def test_onnxruntime_answers_what_pytorch_answers(network, exported, cache):
    assert export.compare(network, exported, cache) < export.TOLERANCE_PX


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


def test_calibration_makes_sigma_hold_two_thirds(network, cache):
    gain, shift = export.calibrate(network, cache, 4)
    within = []
    with torch.no_grad():
        for index in range(4):
            images, truth = cache.batch([index])
            offset, log_sigma = network(images[:, :1], images[:, 1:])
            within.append(((offset - truth).abs() < torch.exp(gain * log_sigma + shift)).float().mean())
    assert float(torch.stack(within).mean()) == pytest.approx(0.68, abs=0.1)
