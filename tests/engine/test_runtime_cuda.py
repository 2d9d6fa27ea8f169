"""What only a real card can show: run where CUDA works, skipped with the reason elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import pytest

from deepot_qgis.engine import measure as measuring
from deepot_qgis.engine import resources, runtime, synthetic
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.model import DEFAULT_MODEL, NetworkEstimator
from deepot_qgis.engine.rasters import Raster

from . import scenes

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

#: Answers of CPU and card are the same within this, px, but for a share of the pixels where rounding tips a choice.
_SAME_PX, _SHARE = 0.005, 0.99


@lru_cache(maxsize=1)
def _why_not() -> str:
    return next((device.problem for device in runtime.survey() if device.name == "cuda"), "no CUDA on this system")


@pytest.fixture(autouse=True)
def card():
    if _why_not():
        pytest.skip(f"needs a card: {_why_not()}")


@pytest.fixture(scope="module")
def tile() -> np.ndarray:
    image = Raster(str(resources.folder("resources") / "sample" / "labrador_sentinel1.tif"), 1)
    amplitude = image.read(0, 0, 512, 512)[0].astype(np.float32)
    field = synthetic.constant(amplitude.shape, 1.3, -0.7)
    return np.stack([amplitude, synthetic.move(amplitude, field).astype(np.float32)])


def test_the_card_answers_what_the_cpu_answers(tile):
    on_cpu = NetworkEstimator(DEFAULT_MODEL, "cpu").estimate(*tile)
    network = NetworkEstimator(DEFAULT_MODEL, "cuda", precision="full")
    on_card = network.estimate(*tile)
    apart = np.abs(on_card.offset - on_cpu.offset).max(axis=0)
    assert np.mean(apart < _SAME_PX) > _SHARE, (
        f"99 % of the pixels differ by less than {np.percentile(apart, 99):.4f} px"
    )
    assert network.device == "cuda" and not [note for note in network.notes() if "differ" in note]


def test_the_warm_up_confirms_that_the_card_does_the_work():
    found = NetworkEstimator(DEFAULT_MODEL, "cuda").facts()
    assert found["provider"] == "CUDAExecutionProvider" and found["device_name"] != "CUDA"
    assert found["warm_up"]["share"] > 0.9 and found["warm_up"]["device_mpx_s"] > found["warm_up"]["cpu_mpx_s"]
    assert found["warm_up"]["bytes_px"] > 0


def test_a_batch_answers_what_single_tiles_answer(tile):
    network = NetworkEstimator(DEFAULT_MODEL, "cuda", precision="full")
    alone = network.estimate(*tile)
    with ThreadPoolExecutor(network.workers) as pool:
        for answer in pool.map(lambda _: network.estimate(*tile), range(24)):
            assert np.mean(np.abs(answer.offset - alone.offset).max(axis=0) < _SAME_PX) > _SHARE


def test_memory_that_is_too_small_is_given_way_to(tile):
    """A limit that bears the warm-up and neither a batch nor a whole tile."""
    roomy = NetworkEstimator(DEFAULT_MODEL, "cuda", precision="full")
    limit = int(2.5 * roomy.facts()["warm_up"]["bytes_px"] * 512**2)
    network = NetworkEstimator(DEFAULT_MODEL, "cuda", "full", {"gpu_mem_limit": str(limit)})
    large = np.tile(tile, (1, 3, 3))
    with ThreadPoolExecutor(network.workers) as pool:
        answers = list(pool.map(lambda _: network.estimate(*large), range(6)))
    assert any("too small" in note for note in network.notes())
    expected = roomy.estimate(*large)
    for answer in answers:
        assert np.mean(np.abs(answer.offset - expected.offset).max(axis=0) < 10 * _SAME_PX) > 0.9


def test_a_pair_measured_on_both(tmp_path):
    pair = scenes.pair(tmp_path, 1.5, -0.5)
    results = {
        device: measuring.measure(MeasureOptions(*pair, str(tmp_path / f"{device}.tif"), device=device))
        for device in ("cpu", "cuda")
    }
    assert results["cuda"].device == "cuda" and results["cuda"].device_name
    first, second = (scenes.read(results[device].offsets) for device in ("cpu", "cuda"))
    for band in ("dx", "dy"):
        assert np.nanmean(np.abs(first[band] - second[band]) < _SAME_PX) > _SHARE
