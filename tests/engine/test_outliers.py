"""The normalised median test and the filling of what it rejects."""

from __future__ import annotations

import numpy as np
import pytest

from deepot_qgis.engine.outliers import average_agreeing, fill_untrusted, normalised_median_test, supported


@pytest.fixture
def smooth_field():
    y, x = np.mgrid[:20, :24].astype(np.float32)
    noise = np.random.default_rng(3).normal(0, 0.05, (2, 20, 24))
    return (np.stack([0.1 * x - 1, 0.05 * y]) + noise).astype(np.float32)


def test_keeps_a_smooth_noisy_field(smooth_field):
    trusted = normalised_median_test(smooth_field, np.ones((20, 24), bool))
    assert trusted.mean() > 0.98


def test_finds_single_outliers_in_either_component(smooth_field):
    smooth_field[0, 5, 5] += 3
    smooth_field[1, 10, 20] -= 3
    trusted = normalised_median_test(smooth_field, np.ones((20, 24), bool))
    assert not trusted[5, 5] and not trusted[10, 20]
    assert trusted[5, 6] and trusted[10, 19]


def test_keeps_both_sides_of_a_fault():
    offset = np.zeros((2, 20, 20), np.float32)
    offset[0, :, 10:] = 4
    assert normalised_median_test(offset, np.ones((20, 20), bool)).all()


def test_invalid_nodes_neither_vote_nor_pass(smooth_field):
    valid = np.ones((20, 24), bool)
    valid[::2] = False
    smooth_field[:, ~valid] = 100
    trusted = normalised_median_test(smooth_field, valid)
    assert not trusted[~valid].any()
    assert trusted[valid].mean() > 0.98


def test_a_node_without_neighbours_is_not_trusted():
    valid = np.zeros((9, 9), bool)
    valid[4, 4] = True
    assert not normalised_median_test(np.zeros((2, 9, 9), np.float32), valid).any()


def test_everything_invalid_is_no_error():
    none = np.zeros((4, 4), bool)
    assert not normalised_median_test(np.zeros((2, 4, 4), np.float32), none).any()


def test_a_small_body_supports_itself_and_a_lone_outlier_does_not(smooth_field):
    everywhere = np.ones((20, 24), bool)
    smooth_field[:, 8:10, 8:10] = 4.0
    smooth_field[0, 15, 15] = 5.0
    assert not normalised_median_test(smooth_field, everywhere)[8:10, 8:10].any()
    support = supported(smooth_field, everywhere)
    assert support[8:10, 8:10].all()
    assert not support[15, 15]
    everywhere[8, 8:10] = False
    assert not supported(smooth_field, everywhere)[8:10, 8:10].any()


def test_filling_takes_from_trusted_neighbours_only():
    offset = np.full((2, 12, 12), 2.0, np.float32)
    trusted = np.ones((12, 12), bool)
    trusted[5:7, 5:7] = False
    offset[:, ~trusted] = -50
    filled, sigma = fill_untrusted(offset, np.full((12, 12), 0.1), trusted, 4, 8.0)
    np.testing.assert_allclose(filled, 2.0, atol=1e-5)
    np.testing.assert_allclose(sigma[trusted], 0.1, atol=1e-6)
    assert (sigma[~trusted] >= 1).all() and (sigma[~trusted] <= 8).all()


def test_far_from_anything_trusted_the_answer_is_unknown():
    offset = np.ones((2, 20, 20), np.float32)
    trusted = np.zeros((20, 20), bool)
    trusted[0, 0] = True
    filled, sigma = fill_untrusted(offset, np.full((20, 20), 0.1), trusted, 4, 8.0)
    assert (filled[:, 10:, 10:] == 0).all()
    assert (sigma[10:, 10:] == 8).all()
    assert filled.dtype == sigma.dtype == np.float32


def test_both_look_a_bounded_way_around():
    rng = np.random.default_rng(0)
    offset = rng.normal(0, 1, (2, 40, 40)).astype(np.float32)
    valid = rng.random((40, 40)) > 0.3
    changed = offset.copy()
    changed[:, :, :10] = 9
    before, after = (normalised_median_test(field, valid, radius=2) for field in (offset, changed))
    np.testing.assert_array_equal(before[:, 12:], after[:, 12:])
    sigma = np.ones((40, 40))
    before, after = (fill_untrusted(field, sigma, valid, 4, 8.0)[0] for field in (offset, changed))
    np.testing.assert_allclose(before[:, :, 14:], after[:, :, 14:], atol=1e-5)


def test_averaging_lowers_noise_and_keeps_a_step():
    rng = np.random.default_rng(1)
    truth = np.zeros((2, 30, 30))
    truth[0, :, 15:] = 3
    noisy = truth + rng.normal(0, 0.1, truth.shape)
    smooth = average_agreeing(noisy, np.full((30, 30), 0.1), np.ones((30, 30), bool), 2, agreement=2.0)
    assert np.std(smooth - truth) < 0.4 * np.std(noisy - truth)
    assert np.abs(smooth - truth).max() < 0.3


def test_averaging_leaves_what_is_not_trusted_out():
    offset = np.zeros((2, 9, 9))
    offset[:, 4, 4] = 0.05
    trusted = np.ones((9, 9), bool)
    trusted[4, 4] = False
    smooth = average_agreeing(offset, np.full((9, 9), 0.1), trusted)
    assert (smooth[:, trusted] == 0).all()
    assert (smooth[:, 4, 4] == 0.05).all()
