import numpy as np
import pytest

from deepot_qgis.engine import fields, quality
from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.quality import QualityOptions, Reason

from . import scenes


def test_the_true_offset_warps_the_secondary_onto_the_reference():
    reference = scenes.texture(120, 140)
    secondary = scenes.moved(reference, 2.4, -1.3)
    offset = np.zeros((2, 100, 120), np.float32)
    offset[0], offset[1] = 2.4, -1.3
    inner = reference[10:110, 10:130]
    warped = quality.warp(secondary, offset, (10, 10))
    valid = np.ones(inner.shape, bool)
    assert np.median(quality.correlation(inner, warped, valid, 21)) > 0.99
    unmoved = quality.correlation(inner, secondary[10:110, 10:130], valid, 21)
    assert np.median(unmoved) < 0.5


def test_correlation_ignores_holes_and_is_zero_without_texture():
    a, b = scenes.texture(80, 80, 1), scenes.texture(80, 80, 1).copy()
    valid = np.ones(a.shape, bool)
    valid[30:40, 30:40] = False
    b[30:40, 30:40] = 1e6
    assert quality.correlation(a, b, valid, 21).min() > 0.999
    assert quality.correlation(np.ones_like(a), a, valid, 21).max() == 0
    assert quality.correlation(a, scenes.texture(80, 80, 2), valid, 31).mean() < 0.2


def test_scale_does_not_matter():
    a = scenes.texture(80, 80)
    b = scenes.moved(a, 0.3, 0.1)
    valid = np.ones(a.shape, bool)
    once = quality.correlation(a, b, valid, 21)
    assert np.allclose(once, quality.correlation(a * 1e4, b * 1e-4, valid, 21), atol=1e-3)


def test_outliers_are_found_and_a_shear_margin_is_not_one():
    rng = np.random.default_rng(1)
    offset = rng.normal(0, 0.05, (2, 160, 160)).astype(np.float32)
    offset[0, :, 80:] += 4  # a sharp margin
    known = np.ones((160, 160), bool)
    known[100:110, 20:30] = False
    clean = quality.outliers(offset, known, known, 6)
    assert clean.mean() < 0.005
    offset[:, 40:48, 40:48] += 5
    found = quality.outliers(offset, known, known, 6)
    assert found[40:48, 40:48].all() and found.mean() < 0.02
    assert not quality.outliers(offset, np.zeros_like(known), known, 6).any()


@pytest.mark.parametrize("motion", [1.0, 2.0, 4.0])
def test_a_small_body_that_moves_is_not_an_outlier(motion):
    rng = np.random.default_rng(2)
    truth = fields.lobe((160, 160), 0.8 * motion, 0.6 * motion, 20, 20)
    answered = (truth + rng.normal(0, 0.02, truth.shape)).astype(np.float32)
    everywhere = np.ones((160, 160), bool)
    found = quality.outliers(answered, everywhere, everywhere, 6)
    assert found[np.hypot(*truth) > 0.5 * motion].mean() < 0.1


def test_a_patch_on_ground_that_is_hardly_followed_is_an_outlier_though_it_agrees_with_itself():
    patch = fields.lobe((160, 160), 3.2, 2.4, 20, 20) + np.random.default_rng(2).normal(0, 0.02, (2, 160, 160))
    everywhere = np.ones((160, 160), bool)
    found = quality.outliers(patch.astype(np.float32), everywhere, ~everywhere, 6)
    assert found[np.hypot(*patch) > 2].mean() > 0.5


def test_the_first_reason_counts():
    yes = np.ones((2, 2), bool)
    part = np.array([[True, False], [False, False]])
    band = quality.reasons({Reason.NODATA: part, Reason.LOW_CORRELATION: yes}, (2, 2))
    assert band.tolist() == [[1, 3], [3, 3]]
    assert set(quality.REASON_NAMES) == set(Reason)


@pytest.mark.parametrize(
    "bad", [{"min_correlation": 1.5}, {"window_px": 4}, {"max_sigma_px": 0}, {"outlier_factor": -1}]
)
def test_impossible_options_are_refused(bad):
    with pytest.raises(OptionsError):
        QualityOptions(**bad)


def test_a_shore_does_not_lend_its_contrast_to_the_water():
    rng = np.random.default_rng(1)
    land = np.zeros((160, 160), bool)
    land[:, :80] = True
    brightness = np.where(land, 10, 1)
    grain = rng.rayleigh(1, land.shape)
    first = (brightness * grain).astype(np.float32)
    second = (brightness * np.where(land, grain, rng.rayleigh(1, land.shape))).astype(np.float32)
    found = quality.correlation(first, second, np.ones(land.shape, bool), 31)
    assert np.median(found[:, :70]) > 0.9
    assert np.median(found[:, 95:100]) < 0.3  # 15 to 20 px off the shore, within reach of the window
    assert np.median(found[:, 110:]) < 0.1
