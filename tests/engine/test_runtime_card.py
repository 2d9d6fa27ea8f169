"""A network on a card: confirmed by a warm-up, fed in batches, and what happens when the memory runs out."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import pytest

from deepot_qgis.engine import measure as measuring
from deepot_qgis.engine import resume, runtime
from deepot_qgis.engine.errors import DeviceError, ModelError
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.model import NetworkEstimator, available
from deepot_qgis.engine.model import estimator as model
from deepot_qgis.engine.runtime import warmup
from deepot_qgis.engine.runtime.batching import Buffers

from . import fake_nvml, networks, scenes
from . import fake_onnxruntime as fake_ort
from .networks import write_narrowing

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

_SIDE = 320


def write_looking(path: Path, metadata: dict | None = None) -> str:
    """A network that answers with the images themselves: dx is the reference, dy the secondary."""
    network = onnx.load(networks.write(path, metadata=metadata))
    del network.graph.node[:]
    network.graph.node.extend(
        [
            onnx.helper.make_node("Concat", ["reference", "secondary"], ["offset"], axis=1),
            onnx.helper.make_node("Mul", ["reference", "zero"], ["nothing"]),
            onnx.helper.make_node("Add", ["nothing", "uncertainty"], ["log_sigma"]),
        ]
    )
    onnx.save(network, str(path))
    return str(path)


@pytest.fixture
def path(tmp_path) -> str:
    return write_looking(tmp_path / "n.onnx")


@pytest.fixture
def driver(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    return fake_nvml.install(monkeypatch, fake_nvml.Driver(fake_nvml.Card()))


@pytest.fixture
def card(monkeypatch, tmp_path, driver):
    """A computer with a card on which everything works, and faster than the CPU."""
    fake = fake_ort.install(monkeypatch, tmp_path)
    speeds = iter([0.001, 0.1] * 50)
    monkeypatch.setattr(warmup, "_seconds", lambda run: (run(), next(speeds))[1])
    return fake


def tiles(count: int, side: int = _SIDE) -> list[np.ndarray]:
    return list(np.random.default_rng(3).uniform(0.5, 1.5, (count, 2, side, side)).astype(np.float32))


def measure(network: NetworkEstimator, pairs: list[np.ndarray]) -> list:
    """As `inference` does it: as many threads as the network asks for."""
    with ThreadPoolExecutor(network.workers) as pool:
        return list(pool.map(lambda pair: network.estimate(*pair), pairs))


def measure_together(card, network: NetworkEstimator, pairs: list[np.ndarray]) -> list:
    """The same, but that the card begins when as many tiles wait for it as there are threads."""
    waiting = network._placed._batches._waiting
    card.gate.clear()
    with ThreadPoolExecutor(1) as beside:
        answers = beside.submit(measure, network, pairs)
        until = time.monotonic() + 60
        while len(waiting) < network.workers - 2 and time.monotonic() < until:
            time.sleep(0.002)
        card.gate.set()
        return answers.result()


def assert_right(pairs: list[np.ndarray], estimates: list) -> None:
    for pair, estimate in zip(pairs, estimates):
        np.testing.assert_allclose(estimate.offset, pair, rtol=1e-6)


def test_a_card_is_used_in_batches_through_buffers_that_stay(card, path):
    network = NetworkEstimator(path, "auto")
    assert network.device == "cuda" and network.workers > 2 and network.notes() == ()
    card.calls.clear()
    pairs = tiles(40)
    assert_right(pairs, measure_together(card, network, pairs))
    assert sum(shape[0] for shape in card.calls) == 40
    assert {shape[0] for shape in card.calls} <= {1, 2, 4, 8} and max(shape[0] for shape in card.calls) == 8
    assert card.most_at_once == 2, "the data of one call travel while the other computes"
    assert card.bound <= 2 * 4 < len(card.calls) + 4 and card.opened == 1


def test_tiles_go_together_only_where_the_same_of_them_is_asked(card, tmp_path):
    network = NetworkEstimator(write_narrowing(tmp_path / "n.onnx"), "auto")
    card.calls.clear()
    pairs = tiles(24)
    contexts = [(8, 0, 0, 0), (0, 8, 0, 0), (0, 0, 0, 0)] * 8
    with ThreadPoolExecutor(network.workers) as pool:
        answers = list(pool.map(lambda one: network.estimate_within(*one[0], one[1]), zip(pairs, contexts)))
    for pair, (left, top, _, _), answer in zip(pairs, contexts, answers):
        np.testing.assert_allclose(answer.offset, pair[:, top:, left:], rtol=1e-6)
    assert sum(shape[0] for shape in card.calls) == 24


def test_what_ran_where_is_in_the_record(card, path):
    facts = NetworkEstimator(path, "auto").facts()
    assert facts["device"] == "cuda" and facts["device_asked"] == "auto" and facts["device_name"] == "NVIDIA H200"
    assert facts["provider"] == "CUDAExecutionProvider" and facts["precision"] == "float32"
    assert facts["warm_up"]["share"] == 1 and facts["warm_up"]["device_mpx_s"] > facts["warm_up"]["cpu_mpx_s"]
    assert facts["warm_up"]["difference_px"] == 0
    assert json.dumps(facts)
    on_cpu = NetworkEstimator(path, "cpu").facts()
    assert on_cpu["device"] == "cpu" and "warm_up" not in on_cpu and "began_on" not in on_cpu


def test_a_card_that_does_not_do_the_work_is_found_out(card, path):
    card.on_card = 0.2
    with pytest.raises(DeviceError, match=r"leaves most of this network to the CPU \(GridSample\)"):
        NetworkEstimator(path, "cuda")
    network = NetworkEstimator(path, "auto")
    assert network.device == "cpu" and "leaves most of this network to the CPU" in network.notes()[0]
    card.on_card = 0.9
    assert NetworkEstimator(path, "cuda").notes() == (
        "CUDA (NVIDIA H200) does 90 % of the network's work; the CPU does the rest (GridSample).",
    )


def test_a_card_slower_than_the_cpu_is_said_and_left_by_auto(card, path, monkeypatch):
    speeds = iter([1.0, 0.01] * 2)
    monkeypatch.setattr(warmup, "_seconds", lambda run: (run(), next(speeds))[1])
    by_name = NetworkEstimator(path, "cuda")
    assert by_name.device == "cuda" and "is slower here than the CPU" in by_name.notes()[0]
    by_itself = NetworkEstimator(path, "auto")
    assert by_itself.device == "cpu" and by_itself.workers <= 2
    assert "CUDA (NVIDIA H200) is slower here than the CPU (0.26 against 6.6 Mpx/s" in by_itself.notes()[0]


def test_answers_unlike_the_cpus_are_said(card, path):
    card.error_px = 0.004
    assert NetworkEstimator(path, "cuda").notes() == ()
    card.error_px = 0.006
    assert "differ by 0.006 px in the warm-up, more than 0.005 px" in NetworkEstimator(path, "cuda").notes()[0]


def test_a_card_too_full_for_the_warm_up_is_not_had(card, path):
    card.limit_px = 1000
    with pytest.raises(DeviceError, match="the memory of the card is too small .*close other programs"):
        NetworkEstimator(path, "cuda")
    assert NetworkEstimator(path, "auto").device == "cpu"


def test_out_of_memory_halves_the_batch(card, path):
    network = NetworkEstimator(path, "cuda")
    opened = card.opened
    card.limit_px = 3 * _SIDE**2
    card.calls.clear()
    pairs = tiles(24)
    assert_right(pairs, measure_together(card, network, pairs))
    assert network.device == "cuda" and max(shape[0] for shape in card.calls) == 2
    assert 1 <= card.opened - opened <= 3, "a full session never works again: a new one is opened"
    assert network.notes() == (
        "The memory of CUDA (NVIDIA H200) was too small for 8 tiles at once; 2 at once were measured.",
    )


def test_then_the_tile(card, path):
    network = NetworkEstimator(path, "cuda")
    card.limit_px = 0.7 * _SIDE**2
    pairs = tiles(6)
    assert_right(pairs, measure(network, pairs))
    assert (
        network.device == "cuda" and "was too small for a tile of 320 px; tiles of 160 px were" in network.notes()[-1]
    )
    assert {shape[-1] for shape in card.calls[4:]} == {160}


def test_then_it_leaves_for_the_cpu(card, path):
    network = NetworkEstimator(path, "cuda")
    card.limit_px = 500
    pairs = tiles(6)
    assert_right(pairs, measure(network, pairs))
    assert network.device == "cpu"
    notes = network.notes()
    assert notes[-1] == (
        "CUDA (NVIDIA H200) was left and the network went on on the CPU: its memory is too small for this network."
    )
    assert len(notes) == len(set(notes))
    facts = network.facts()
    assert (facts["device"], facts["began_on"], facts["device_asked"]) == ("cpu", "cuda", "cuda")
    assert_right(pairs[:2], measure(network, pairs[:2]))


def test_a_card_that_is_lost_is_left(card, path):
    network = NetworkEstimator(path, "cuda")
    card.fails = dict.fromkeys(range(card.tried + 3, 1000), fake_ort.LOST)
    pairs = tiles(9)
    assert_right(pairs, measure(network, pairs))
    assert network.device == "cpu"
    assert "it stopped answering (CUDA failure 700: an illegal memory access was encountered)" in network.notes()[-1]
    assert len([said for said in network.notes() if "was left" in said]) == 1


def test_a_card_that_cannot_be_opened_again_is_left(card, path):
    network = NetworkEstimator(path, "cuda")
    card.limit_px, card.refusal = 1.5 * _SIDE**2, RuntimeError(fake_ort.CUBLAS)
    pairs = tiles(20)
    assert_right(pairs, measure_together(card, network, pairs))
    assert network.device == "cpu" and "the memory of the card is too small" in network.notes()[-1]


def test_other_errors_stay_errors(card, path):
    network = NetworkEstimator(path, "cuda")
    card.fails = {card.tried + 1: "[ONNXRuntimeError] : 2 : INVALID_ARGUMENT : Got invalid dimensions for input"}
    (pair,) = tiles(1)
    with pytest.raises(ModelError, match="Got invalid dimensions"):
        network.estimate(*pair)
    assert network.device == "cuda"
    assert_right([pair], [network.estimate(*pair)])


def test_a_network_that_fails_everywhere_is_not_the_cards_fault(card, tmp_path):
    path = tmp_path / "narrow.onnx"
    network = onnx.load(write_looking(path))
    network.graph.node[1].input[1] = "three"  # 3 values along the rows: broadcasts to no image
    network.graph.initializer.append(onnx.helper.make_tensor("three", onnx.TensorProto.FLOAT, [3], [0.0] * 3))
    onnx.save(network, str(path))
    (pair,) = tiles(1)
    for device in ("cuda", "cpu"):
        with pytest.raises(ModelError, match=r"narrow.onnx failed on a tile of 320 x 320 px"):
            NetworkEstimator(str(path), device).estimate(*pair)


def test_tiles_of_many_sizes_at_once_find_their_own_answers(card, path):
    network = NetworkEstimator(path, "cuda")
    rng = np.random.default_rng(5)
    pairs = [
        rng.uniform(0.5, 1.5, (2, 8 * rng.integers(12, 15), 8 * rng.integers(12, 15))).astype(np.float32)
        for _ in range(60)
    ]
    assert_right(pairs, measure(network, pairs))


def test_a_small_card_is_given_small_batches(card, path, driver):
    driver.cards[0].free = 200 * 3 * _SIDE**2  # for three tiles; a third of it is taken
    network = NetworkEstimator(path, "cuda")
    card.calls.clear()
    measure(network, tiles(12))
    assert {shape[0] for shape in card.calls} == {1}


def test_the_companion_in_half_precision_is_for_cards_only(card, path, tmp_path, monkeypatch):
    write_looking(tmp_path / "n.fp16.onnx", {"version": "0.0.2"})
    on_card = NetworkEstimator(path, "auto")
    assert on_card.facts()["precision"] == "float16" and on_card.card.metadata["version"] == "0.0.2"
    assert on_card.card.path == path
    assert NetworkEstimator(path, "cuda", precision="full").facts()["precision"] == "float32"
    on_cpu = NetworkEstimator(path, "cpu")
    assert on_cpu.facts()["precision"] == "float32" and on_cpu.card.metadata["version"] == "0.0.1"
    card.silent = True
    fallen = NetworkEstimator(path, "auto")
    assert fallen.facts()["precision"] == "float32" and fallen.card.metadata["version"] == "0.0.1"
    monkeypatch.setattr(model.resources, "folder", lambda name: tmp_path)
    assert [card.name for card in available()] == ["n"]


def test_the_companion_is_looked_into_as_any_model(card, path, tmp_path):
    network = onnx.load(path)
    network.graph.node[0].domain = "example.ops"
    onnx.save(network, str(tmp_path / "n.fp16.onnx"))
    with pytest.raises(ModelError, match=r"n.fp16.onnx needs the operator"):
        NetworkEstimator(path, "cuda")
    assert NetworkEstimator(path, "cpu").device == "cpu"
    assert card.opened == 0, "nothing was loaded"


def test_what_ran_on_the_card_by_the_profile():
    def node(name: str, provider: str, size: int) -> dict:
        return {"cat": "Node", "args": {"op_name": name, "provider": provider, "output_size": str(size)}}

    events = [
        {"cat": "Session", "args": {}},
        node("Conv", "CUDAExecutionProvider", 600),
        node("Resize", "CUDAExecutionProvider", 200),
        node("MemcpyToHost", "CUDAExecutionProvider", 10_000),
        node("Shape", "CPUExecutionProvider", 10_000),
        node("GridSample", "CPUExecutionProvider", 150),
        node("CumSum", "CPUExecutionProvider", 50),
    ]
    share, left = warmup.share_of_work(events, "CUDAExecutionProvider")
    assert share == pytest.approx(0.8) and left == ("GridSample", "CumSum")
    assert warmup.share_of_work([], "CUDAExecutionProvider") == (None, ())


def test_profiles_are_not_left_behind(card, path, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    network = NetworkEstimator(path, "cuda")
    assert not [file for file in folder.rglob("*") if file.is_file()]
    card.silent = True
    runtime.open_session(path, "auto", profiled=True)
    assert len(list(folder.iterdir())) <= 1, "of the session that is open"
    del network


def test_the_profile_of_onnxruntime_is_read(path, tmp_path):
    """With the real package: the CPU's profile has the form that the warm-up reads."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.enable_profiling, settings.profile_file_prefix = True, str(tmp_path / "profile")
    session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
    image = np.ones((1, 1, 16, 16), np.float32)
    session.run(None, {"reference": image, "secondary": image})
    opened = runtime.Session(session, "cpu", profiled=True)
    assert warmup._profile(opened) == (1.0, ())


def test_a_measurement_says_what_became_of_the_card(card, tmp_path):
    """The memory runs out in the middle: the product, its record and the messages say so."""
    network = networks.write(tmp_path / "still.onnx", offset=(0.5, 0.25))
    pair = [scenes.write(tmp_path / f"{day}.tif", scenes.texture(200, 260)) for day in ("20240101", "20240113")]
    placed = NetworkEstimator(network, "cuda")
    card.limit_px = 500
    options = MeasureOptions(*pair, str(tmp_path / "d.tif"), model=network, device="cuda", tile_px=64)
    result = measuring.measure(options, load=lambda *_: placed)
    assert result.device == "cpu" and any("was left and the network went on on the CPU" in m for m in result.messages)
    record = json.loads(Path(result.provenance).read_text())
    assert (record["estimator"]["device"], record["estimator"]["began_on"]) == ("cpu", "cuda")
    assert record["messages"] == list(result.messages)
    np.testing.assert_allclose(np.nanmedian(scenes.read(result.offsets)["dx"]), 0.5)


def test_a_measurement_on_a_card_names_it(card, tmp_path):
    network = networks.write(tmp_path / "still.onnx")
    pair = [scenes.write(tmp_path / f"{day}.tif", scenes.texture(200, 260)) for day in ("20240101", "20240113")]
    result = measuring.measure(MeasureOptions(*pair, str(tmp_path / "d.tif"), model=network, tile_px=64))
    assert (result.device, result.device_name) == ("cuda", "NVIDIA H200")
    assert json.loads(Path(result.provenance).read_text())["estimator"]["warm_up"]["share"] == 1


def test_a_run_on_a_card_goes_on_with_what_an_earlier_one_finished(card, path):
    """The numbers of the warm-up are others every time, and decide nothing."""

    def key(network: NetworkEstimator) -> dict:
        empty = dict.fromkeys(("crs", "geotransform", "window_px", "versions"))
        options = asdict(MeasureOptions("a.tif", "b.tif", "c.tif"))
        return resume.decisive({**empty, "inputs": {}, "options": options, "estimator": network.facts()})

    first = key(NetworkEstimator(path, "auto"))
    card.error_px = 0.001
    assert key(NetworkEstimator(path, "cuda")) == first
    assert key(NetworkEstimator(path, "cpu")) != first


def test_buffers_that_stay_with_the_real_package(path):
    """In main memory, for want of a card: the calls are the same."""
    session = runtime.open_session(path, "cpu").session
    feeds = [dict(zip(("reference", "secondary"), pair[:, None, None])) for pair in tiles(3, 64)]
    buffers = Buffers(session, ["offset", "log_sigma"], feeds[0], "cpu")
    answers = [buffers.run(feed) for feed in feeds]
    for feed, (offset, log_sigma) in zip(feeds, answers):
        np.testing.assert_allclose(offset, np.concatenate(list(feed.values()), axis=1), rtol=1e-6)
        np.testing.assert_allclose(log_sigma, np.log(0.1), rtol=1e-5)
