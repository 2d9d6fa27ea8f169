"""The self-test on images whose answer is known."""

import json
from dataclasses import asdict
from xml.etree import ElementTree

import numpy as np
import pytest

from deepot_qgis.engine import synthetic
from deepot_qgis.engine.correlation import CorrelationEstimator, CorrelationOptions
from deepot_qgis.engine.errors import (
    CancelledError,
    DeepotError,
    GridMismatchError,
    InputError,
    ModelError,
    OptionsError,
)
from deepot_qgis.engine.model import ModelCard
from deepot_qgis.engine.pair import PairOptions
from deepot_qgis.engine.selftest import SelfTestOptions, report, selftest
from deepot_qgis.engine.selftest import run as module
from deepot_qgis.engine.selftest.quick_estimate import quick_estimate
from deepot_qgis.engine.selftest.result import amount_text, length_text, velocity_text
from deepot_qgis.engine.selftest.score import Answer, moved_together

from . import networks, scenes

SMALL = {"method": "correlation", "sizes_px": (32,), "window_px": 160, "windows": 1}


def ground(side=256, seed=5):
    return np.exp(synthetic.fractal((side, side), 0.4, 2.5, np.random.default_rng(seed))[0]).astype(np.float32)


def write_pair(folder, coherence, offset=None, side=256, looks=2):
    """Two dated images of one ground, as coherent as asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    offset = np.zeros((2, side, side), np.float32) if offset is None else offset
    images = synthetic.embed(ground(side), offset, coherence, looks, np.random.default_rng(9))
    return tuple(
        scenes.write(folder / f"image_{day}.tif", image, nodata=0)
        for day, image in zip(("20230904", "20230916"), images)
    )


@pytest.fixture(scope="module", autouse=True)
def few_bodies():
    """No more bodies than needed: the tests shall be quick."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_BODIES", 12)
        yield


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pairs")
    return {coherence: write_pair(folder / str(coherence), coherence) for coherence in (0.95, 0.6)}


@pytest.fixture(scope="module")
def results(pairs):
    return {key: selftest(SelfTestOptions(*pair, **SMALL)) for key, pair in pairs.items()}


def test_a_real_pair_gives_plausible_numbers(results):
    result = results[0.95]
    (score,) = result.scores
    assert result.coherence == pytest.approx(0.95, abs=0.06) and result.looks in (1, 2, 3)
    assert result.days == 12 and result.metres == pytest.approx(10)
    assert 0.001 < score.noise_px < 0.05 and score.noise_px < score.still_p95_px < 0.2
    assert score.error_px < 0.2 and np.hypot(*score.bias_px) < 0.05 and score.answered > 0.9
    (body,) = score.detections
    assert score.noise_px < body.limit_px < 0.6 and body.level_px <= body.low_px <= body.limit_px <= body.high_px
    assert 0.3 < body.gain < 1.2
    assert not any("stands out" in message or "shifted" in message for message in result.messages)


def test_a_louder_pair_hides_more(results):
    quiet, loud = (results[key].scores[0] for key in (0.95, 0.6))
    assert loud.noise_px > 1.5 * quiet.noise_px and loud.error_px > quiet.error_px
    assert loud.detections[0].level_px > 1.5 * quiet.detections[0].level_px
    assert loud.detections[0].limit_px > quiet.detections[0].limit_px


def test_the_quick_estimate_agrees_in_kind(pairs, results):
    quick = {key: quick_estimate(PairOptions(*pair)) for key, pair in pairs.items()}
    assert quick[0.6].limit_px > 1.5 * quick[0.95].limit_px
    for key, found in quick.items():
        assert found.size_px == 60 and found.metres == pytest.approx(10) and found.days == 12
        # noise alone: what is smoothed away comes on top
        assert 0.05 < found.limit_px / results[key].scores[0].detections[0].limit_px < 1.3


def test_a_second_date_is_simulated_at_the_coherence_asked_for(pairs):
    reference = pairs[0.95][0]
    noise = {}
    for coherence in (0.9, 0.5):
        small = {**SMALL, "window_px": 140, "sizes_px": (20,)}
        result = selftest(SelfTestOptions(reference, coherence=coherence, looks=1, **small))
        noise[coherence] = result.scores[0].noise_px
        assert result.simulated and result.days is None and result.coherence == coherence
        assert "simulated" in " ".join(result.messages)
    assert noise[0.5] > 1.5 * noise[0.9]


def test_coherence_is_assumed_and_looks_are_estimated_when_nothing_is_said(pairs):
    result = selftest(SelfTestOptions(pairs[0.95][0], **{**SMALL, "window_px": 140, "sizes_px": (20,)}))
    assert result.coherence == 0.6 and result.looks in (1, 2, 3)
    assert any("assumed" in message and "estimated" in message for message in result.messages)


def test_the_same_seed_gives_the_same_numbers(pairs, results):
    options = SelfTestOptions(*pairs[0.95], **SMALL)
    assert selftest(options).scores == results[0.95].scores
    assert selftest(SelfTestOptions(*pairs[0.95], seed=2, **SMALL)).scores != results[0.95].scores


def test_a_network_is_tested_beside_conventional_tracking(pairs, tmp_path):
    pytest.importorskip("onnxruntime")
    stubborn = networks.write(tmp_path / "constant.onnx", (0.5, -0.25), 0.1)
    result = selftest(SelfTestOptions(*pairs[0.95], model=stubborn, **{**SMALL, "method": "model"}))
    network, conventional = result.scores
    assert network.label == "constant 0.0.1" and conventional.label == "Conventional (NCC)"
    assert network.noise_px == 0 and network.shift_px == pytest.approx((0.5, -0.25))
    assert network.bias_px == pytest.approx((0.5, -0.25), abs=0.05)
    assert 0.4 < network.within_sigma < 1  # right where it is still, but for its shift; wrong where it moves
    assert network.detections[0].limit_px is None and network.detections[0].hits == 0
    assert conventional.detections[0].limit_px is not None
    said = report.sentences(result)[0]
    assert "does not show reliably" in said and "Conventional (NCC): " in said
    assert any("shifted by +0.50, -0.25 px" in message for message in result.messages)


def test_ground_that_both_methods_see_moving_is_left_out():
    rng = np.random.default_rng(0)
    truth = synthetic.lobe((160, 160), 1.0, -0.5, 60, 60)
    every = np.ones((160, 160), bool)

    def answer(blunder=None):
        offset = truth + rng.normal(0, 0.02, truth.shape)
        if blunder is not None:
            offset[(slice(None), *blunder)] += 3
        return Answer(offset, np.full((160, 160), 0.02), every, every)

    corner = np.s_[:30, :30]
    moved = moved_together([answer(corner), answer()])
    length = np.hypot(*truth)
    assert moved[length > 0.6].all() and not moved[corner].any() and not moved[length < 0.05].any()
    assert not moved_together([answer(), Answer(0 * truth, np.ones((160, 160)), every, every)]).any()


def test_ground_that_stands_out_is_said(tmp_path):
    pair = write_pair(tmp_path, 0.95, synthetic.lobe((192, 192), 3.0, 1.0, 60, 60), side=192)
    result = selftest(SelfTestOptions(*pair, **{**SMALL, "window_px": 192, "sizes_px": (20,)}))
    assert any("stands out" in message for message in result.messages)


def test_ground_that_moved_is_left_out_and_said(tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    pair = write_pair(tmp_path, 0.95, synthetic.lobe((192, 192), 3.0, 1.0, 60, 60), side=192)
    # the network is not what is tested here: a second tracker with other windows takes its place
    other = CorrelationEstimator(CorrelationOptions(windows_px=(16, 32)))
    other.device, other.card = "cpu", ModelCard("other", networks.write(tmp_path / "n.onnx"), networks.METADATA)
    monkeypatch.setattr(module, "NetworkEstimator", lambda model, device: other)
    result = selftest(SelfTestOptions(*pair, **{**SMALL, "method": "model", "window_px": 192, "sizes_px": (20,)}))
    said = [message for message in result.messages if "really moved between the dates" in message]
    assert said and 7 < int(said[0].split()[0]) < 20
    assert not any("stands out" in message for message in result.messages)


def test_a_cancel_is_heard_and_leaves_nothing(pairs, tmp_path):
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(CancelledError):
        selftest(SelfTestOptions(*pairs[0.95], output=str(tmp_path / "report.html"), **SMALL), cancelled=cancelled)
    assert len(asked) == 4 and list(tmp_path.iterdir()) == []


def test_progress_rises_to_the_end_and_the_report_is_whole(pairs, tmp_path):
    told = []
    options = SelfTestOptions(*pairs[0.95], output=str(tmp_path / "report.json"), **SMALL)
    result = selftest(options, lambda share, what: told.append((share, what)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1 and len(shares) > 5
    assert {what for _, what in told} >= {"Measuring still ground", "Measuring bodies 32 px wide"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]
    record = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert record["options"]["sizes_px"] == [32] and record["versions"]["deepot"]
    assert record["scores"] == json.loads(json.dumps([asdict(score) for score in result.scores]))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")  # self-contained
    for sentence in report.sentences(result):
        assert sentence in page
    picture = ElementTree.fromstring(page[page.index("<svg xmlns") : page.rindex("</svg>") + 6])
    marks = [mark for mark in picture.iter() if mark.tag.endswith("circle")]
    assert len(marks) == result.scores[0].detections[0].bodies
    assert result.best.label in page and "Noise floor" in page


def test_bodies_that_do_not_fit_are_named(pairs):
    options = {**SMALL, "sizes_px": (20, 200), "windows": 1, "window_px": 140}
    result = selftest(SelfTestOptions(*pairs[0.95], **options))
    assert [detection.size_px for detection in result.best.detections] == [20]
    assert any(message.startswith("Bodies 200 px wide were not tested") for message in result.messages)


def test_unreferenced_images_are_told_in_pixels(tmp_path):
    image = ground(140)
    path = scenes.write(tmp_path / "plain.tif", image, geotransform=None, epsg=None)
    result = selftest(SelfTestOptions(path, looks=1, coherence=0.9, **{**SMALL, "window_px": 140, "sizes_px": (20,)}))
    assert result.metres is None
    assert " = " not in report.sentences(result)[0] and " px" in report.sentences(result)[0]


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"method": "magic"}, OptionsError, "choose one of model, correlation"),
        ({"device": "abacus"}, OptionsError, "device is 'abacus'"),
        ({"secondary": "b.tif", "coherence": 0.5}, OptionsError, "a real one was given"),
        ({"coherence": 1.5}, OptionsError, "between 0 and 1"),
        ({"looks": 0}, OptionsError, "looks are 0"),
        ({"sizes_px": ()}, OptionsError, "one at least"),
        ({"windows": 0}, OptionsError, "choose 1 to 64"),
        ({"window_px": 64}, OptionsError, "between 96 and 1024"),
    ],
)
def test_options_that_cannot_be_are_refused(change, error, words):
    with pytest.raises(error, match=words):
        SelfTestOptions(**{"reference": "a.tif", **change})


def test_images_that_cannot_be_tested_are_refused_in_a_sentence(pairs, tmp_path):
    first, second = pairs[0.95]
    tiny = scenes.write(tmp_path / "tiny.tif", scenes.texture(64, 64))
    empty = scenes.write(tmp_path / "empty.tif", np.zeros((256, 256), np.float32), nodata=0)
    for options, error, words in (
        ((tiny,), InputError, "64 x 64 pixels"),
        ((empty,), InputError, "enough valid pixels"),
        ((first, empty), InputError, "no data"),
        ((first, first), InputError, "the same image"),
        ((first, tiny), GridMismatchError, "64 x 64"),
        ((second, first), InputError, "swap"),
        ((str(tmp_path / "gone.tif"),), InputError, "does not exist"),
    ):
        with pytest.raises(error, match=words) as caught:
            selftest(SelfTestOptions(*options, **SMALL))
        assert isinstance(caught.value, DeepotError)
    with pytest.raises(OptionsError, match=r"ends in \.html or \.json"):
        selftest(SelfTestOptions(first, output=str(tmp_path / "report.pdf"), **SMALL))
    with pytest.raises(ModelError, match="no model 'nobody'"):
        selftest(SelfTestOptions(first, model="nobody"))


@pytest.mark.parametrize(
    ("pixels", "metres", "days", "text"),
    [
        (0.1234, None, None, "0.12 px"),
        (0.12, 10.0, None, "0.12 px = 1.2 m"),
        (0.12, 10.0, 12.0, "0.12 px = 1.2 m (10 cm/day)"),
        (0.012, 10.0, 12.0, "0.012 px = 12 cm (1 cm/day)"),
        (2.0, 100.0, 12.0, "2 px = 200 m (17 m/day)"),
        (0.002, 1.0, 100.0, "0.002 px = 2 mm (0.02 mm/day)"),
    ],
)
def test_amounts_read_well(pixels, metres, days, text):
    assert amount_text(pixels, metres, days) == text


def test_lengths_and_speeds_take_the_unit_that_suits():
    assert [length_text(value) for value in (3200, 950.4, 0.5, 0.0004)] == ["3.2 km", "950 m", "50 cm", "0.4 mm"]
    assert velocity_text(36, 12) == "3 m/day"
