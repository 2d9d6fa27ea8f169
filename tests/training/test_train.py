"""Training survives: a run that stops and is resumed ends where an unbroken one ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from deepot_qgis.engine import synthetic  # noqa: E402
from training import dataset, generate, pictures, train  # noqa: E402

NETWORK = {"width": 16, "hidden": 4, "margins": 8}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """A shard of six small pairs, made without real images."""
    folder = tmp_path_factory.mktemp("pairs")
    rng = np.random.default_rng(0)
    images, offsets = [], []
    for _ in range(6):
        offset = synthetic.constant((64, 64), *rng.uniform(-2, 2, 2))
        images.append(np.stack(synthetic.speckle_pair(np.ones((64, 64), np.float32), offset, 0.9, 2, rng)))
        offsets.append(np.round(offset * generate.OFFSET_SCALE))
    with open(folder / "pairs_000000.npy", "wb") as file:
        np.save(file, np.stack(images).astype(np.float16))
        np.save(file, np.stack(offsets).astype(np.int16))
    return folder


@pytest.fixture
def options(pairs, tmp_path):
    torch.set_num_threads(1)
    return train.TrainOptions(
        architecture="multiwindow", run=str(tmp_path / "run"), pairs=str(pairs), held_out=str(pairs), network=NETWORK,
        steps=4, batch=2, warm_up=1, check_every=2, save_every=2, check_pairs=4, device="cpu",
    )  # fmt: skip


def broken_and_resumed(options, tmp_path):
    """A run that was left after two steps and read back from its checkpoint."""
    options = replace(options, run=str(tmp_path / "broken"))
    train.run(train.Training(options), until=2)
    resumed = train.Training(options)
    resumed.resume()
    return resumed


def test_resumed_equals_unbroken(options, tmp_path):
    whole = train.Training(options)
    train.run(whole)
    resumed = broken_and_resumed(options, tmp_path)
    assert resumed.step == 2
    train.run(resumed)
    for one, other in zip(whole.network.state_dict().values(), resumed.network.state_dict().values()):
        assert torch.equal(one, other)
    for one, other in zip(whole.mean.state_dict().values(), resumed.mean.state_dict().values()):
        assert torch.equal(one, other)


def test_log_and_checkpoint_are_written(options):
    training = train.Training(options)
    train.run(training)
    entries = [json.loads(line) for line in (training.folder / "log.jsonl").read_text().splitlines()]
    assert any("check" in entry for entry in entries) and entries[-1]["step"] == 4
    assert training.checkpoint.exists() and not list(training.folder.glob("*.part"))


def test_a_new_run_may_start_from_another(options, tmp_path):
    first = train.Training(options)
    train.run(first, until=2)
    second = train.Training(replace(options, run=str(tmp_path / "next"), start_from=str(first.checkpoint)))
    assert second.step == 0
    assert torch.equal(second.network.coarse.choose.weight, first.network.coarse.choose.weight)


def test_new_inputs_of_a_layer_are_ignored_at_first():
    own = {"wide": torch.ones(4, 6, 1, 1), "other": torch.ones(3)}
    fitting = train._fitted({"wide": torch.full((4, 5, 1, 1), 2.0), "other": torch.ones(2), "gone": torch.ones(1)}, own)
    assert set(fitting) == {"wide"}
    assert (fitting["wide"][:, :5] == 2).all() and (fitting["wide"][:, 5:] == 0).all()


def test_rate_warms_up_and_falls(options):
    options = replace(options, steps=100, warm_up=10)
    assert train.rate(0, options) < train.rate(9, options) == pytest.approx(options.peak_rate)
    assert train.rate(100, options) == pytest.approx(options.last_rate)


def test_unknown_keys_of_a_configuration_are_refused(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('architecture = "multiwindow"\nrun = "x"\npairs = "x"\nheld_out = "x"\nfast = true\n')
    with pytest.raises(TypeError, match="fast"):
        train.read_options(path)


def test_augmentation_turns_the_vectors_with_the_image():
    rng = np.random.default_rng(1)
    offset = synthetic.constant((64, 64), 3, 1)
    images = np.stack(synthetic.speckle_pair(np.ones((64, 64), np.float32), offset, 1.0, 4, rng))
    for seed in range(8):
        (first, second), turned = dataset.augment(images, offset, np.random.default_rng(seed))
        dx, dy = np.round(turned[:, 32, 32]).astype(int)
        moved = np.roll(second, (-dy, -dx), (0, 1))
        assert np.corrcoef(first[8:-8, 8:-8].ravel(), moved[8:-8, 8:-8].ravel())[0, 1] > 0.9


def test_pairs_that_are_missing_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"training\.generate"):
        dataset.PairCache(tmp_path)


def states_equal(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values()))


@pytest.mark.parametrize(("architecture", "precision"), [("multiwindow", "bfloat16"), ("unet", "float16")])
def test_mixed_precision_is_resumed_whole(options, tmp_path, architecture, precision):
    network = NETWORK if architecture == "multiwindow" else {"widths": (8, 8, 8, 8)}
    options = replace(options, architecture=architecture, network=network, precision=precision)
    whole = train.Training(options)
    train.run(whole)
    resumed = broken_and_resumed(options, tmp_path)
    train.run(resumed)
    assert states_equal(whole.network, resumed.network) and states_equal(whole.mean, resumed.mean)
    assert whole.scaler.state_dict() == resumed.scaler.state_dict()
    assert whole.scaler.is_enabled() == (precision == "float16")


def test_what_must_be_exact_is_not_rounded(options):
    pairs = dataset.PairCache(options.pairs)
    images, _ = pairs.batch([0, 1])
    exact, rounded = (train.Training(replace(options, precision=kind)) for kind in ("float32", "bfloat16"))
    first, second = exact.answer(images), rounded.answer(images)
    assert all(answer.dtype is torch.float32 for answer in [*second[0], second[1], second[2]])
    difference = (first[1] - second[1]).abs()
    assert 0 < difference.mean() < 0.01  # the fusion is rounded, the peaks are not


def test_a_checkpoint_of_an_earlier_version_is_resumed(options):
    training = train.Training(options)
    train.run(training, until=2)
    state = torch.load(training.checkpoint, weights_only=True)
    for key in ("scaler", "device"):
        del state[key]
    for key in ("minutes", "precision"):
        del state["options"][key]
    train.save_whole(state, training.checkpoint)
    resumed = train.Training(options)
    resumed.resume()
    train.run(resumed)
    assert resumed.step == 4


def test_an_unknown_precision_is_named(options):
    with pytest.raises(ValueError, match="float8"):
        train.Training(replace(options, precision="float8"))


def test_minutes_bring_the_rate_down_and_end_the_run(options):
    options = replace(options, steps=10**6, minutes=2.0, warm_up=10)
    assert train.rate(10, options, 0.0) == pytest.approx(options.peak_rate, rel=1e-3)
    assert train.rate(10, options, 60.0) == pytest.approx(0.5 * (options.peak_rate + options.last_rate))
    assert train.rate(500, options, 120.0) == pytest.approx(options.last_rate)
    training = train.Training(options)
    training.seconds = 121.0
    train.run(training)
    assert training.finished and training.step == 0


def test_a_run_that_is_stopped_leaves_a_checkpoint_to_go_on_from(options):
    options = replace(options, save_every=100, check_every=100)
    training = train.Training(options)
    train.run(training, stop=train.Stop(minutes=0.0))
    resumed = train.Training(options)
    resumed.resume()
    assert resumed.step == training.step == 1 and not training.finished
    train.run(resumed)
    assert resumed.finished


def test_sigterm_asks_it_to_stop():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        stop = train.Stop()
        stop.listen()
        assert not stop
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_shards_that_appear_out_of_order_are_taken_in(pairs, tmp_path):
    source = pairs / "pairs_000000.npy"
    shutil.copy(source, tmp_path / "pairs_000100.npy")
    cache = dataset.PairCache(tmp_path)
    shutil.copy(source, tmp_path / "pairs_000000.npy")
    cache.refresh()
    assert len(cache) == 12


def test_the_curve_is_drawn_from_several_logs(options, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    training = train.Training(options)
    train.run(training)
    log = training.folder / "log.jsonl"
    assert (training.folder / "curve.png").stat().st_size > 5000
    trained, checked = pictures.read_log([log, log])
    assert trained[-1][0] == checked[-1][0] == 8 and len(checked[0][1]) == 9
    (tmp_path / "empty.jsonl").touch()
    assert not pictures.draw([tmp_path / "empty.jsonl"], tmp_path / "none.png")


def test_the_running_mean_of_a_curve_looks_back_only():
    steps, errors = pictures._running_mean([(50, 1.0), (100, 3.0), (150, 5.0)], width=2)
    assert steps.tolist() == [50, 100, 150] and errors.tolist() == [1.0, 2.0, 4.0]
