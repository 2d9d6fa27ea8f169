"""Coherence, looks and bandwidth are found again in simulated speckle."""

import numpy as np
import pytest

from deepot_qgis.engine import speckle, synthetic

SIDE = 192


def pair(coherence, looks, bandwidth, seed=0):
    rng = np.random.default_rng(seed)
    ground = np.exp(synthetic.fractal((SIDE, SIDE), 0.4, 2.5, rng)[0])
    still = np.zeros((2, SIDE, SIDE), np.float32)
    return synthetic.speckle_pair(ground, still, coherence, looks, rng, synthetic.Sensor(bandwidth, bandwidth))


@pytest.mark.parametrize(("coherence", "looks", "bandwidth"), [(0.9, 1, 0.85), (0.7, 4, 0.6), (0.4, 1, 0.5)])
def test_what_was_simulated_is_found(coherence, looks, bandwidth):
    first, second = pair(coherence, looks, bandwidth)
    found = speckle.describe([first])
    assert speckle.coherence(first, second) == pytest.approx(coherence, abs=0.08)
    assert found.looks == pytest.approx(looks, abs=1)
    assert found.sensor.bandwidth_x == pytest.approx(bandwidth, abs=0.1)
    assert found.sensor.bandwidth_y == pytest.approx(bandwidth, abs=0.1)


def test_unrelated_speckle_has_little_coherence():
    first, second = pair(0.0, 2, 0.85)
    assert speckle.coherence(first, second) < 0.3


def test_holes_do_not_count():
    first, second = pair(0.8, 2, 0.85)
    whole = speckle.coherence(first, second)
    first[:80], second[:, :60] = 0, 0
    assert speckle.coherence(first, second) == pytest.approx(whole, abs=0.08)
    assert speckle.coherence(np.zeros_like(first), second) is None


def test_real_pair_is_as_coherent_as_its_phase_says(shared_data):
    from deepot_qgis.engine.pair import open_source

    folder = shared_data / "pairs" / "morocco_sentinel1"
    first, second, measured = (
        open_source(str(folder / name)).read(250, 100, 256, 256)
        for name in ("amplitude_20230904.tif", "amplitude_20230916.tif", "coherence_20230904_20230916.tif")
    )
    assert speckle.coherence(first, second) == pytest.approx(np.median(measured[measured > 0]), abs=0.1)
