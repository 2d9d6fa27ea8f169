"""Random scenes and the pairs made of them: seeded, finite, within what a network can be asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training import generate, scenes, sources


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_fields_are_finite_and_within_reach(seed):
    field, family = scenes.random_field((64, 80), np.random.default_rng(seed))
    assert field.shape == (2, 64, 80) and field.dtype == np.float32 and family in scenes.SHARES
    assert np.isfinite(field).all() and np.abs(field).max() <= scenes.MAX_OFFSET + 1e-3
    assert (family != "still") or not field.any()


def test_shares_of_the_families_add_up():
    assert sum(scenes.SHARES.values()) == pytest.approx(1)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=10, deadline=None)
def test_pairs_are_amplitudes_with_zero_for_nothing(seed):
    rng = np.random.default_rng(seed)
    field, _ = scenes.random_field((64, 64), rng)
    made = scenes.random_pair(np.ones((64, 64), np.float32), field, rng)
    for image in scenes.degrade(made["reference"], made["secondary"], rng):
        assert image.dtype == np.float32 and np.isfinite(image).all() and (image >= 0).all()
        assert 1e-4 < image[image > 0].mean() < 1e4  # float16 holds it


def test_held_out_places_are_told_by_name():
    assert sources.is_held_out_chip("OmbriaS1/test/AFTER/S1_after_3.png")
    assert sources.is_held_out_chip("2021/ALBANIA/Sentinel1/AFTER/imafter_10.png")
    assert not sources.is_held_out_chip("OmbriaS1/train/AFTER/S1_after_3.png")


def needs_data():
    try:
        return sources.data_folder()
    except FileNotFoundError as error:
        pytest.skip(f"real images are not here: {error}")


@pytest.mark.parametrize("held_out", [False, True])
def test_same_index_same_pair(held_out):
    needs_data()
    first, again = (generate.make_pair(5, 64, 3, held_out) for _ in range(2))
    other = generate.make_pair(6, 64, 3, held_out)
    assert np.array_equal(first["reference"], again["reference"])
    assert np.array_equal(first["secondary"], again["secondary"])
    assert not np.array_equal(first["reference"], other["reference"])


def test_training_and_held_out_chips_share_none():
    needs_data()
    with np.load(sources.data_folder() / "train" / "sentinel1_grd_chips_after.npz") as file:
        names = [str(name) for name in file["names"]]
    held = [name for name in names if sources.is_held_out_chip(name)]
    assert 50 < len(held) < 0.3 * len(names)


def test_shards_are_whole_and_read_back(tmp_path):
    needs_data()
    path = tmp_path / "pairs_000000.npy"
    generate.write_shard(path, range(2), 64, 1, held_out=False)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
    with open(path, "rb") as file:
        images, offsets = np.load(file), np.load(file)
    made = generate.make_pair(1, 64, 1)
    assert images.shape == offsets.shape == (2, 2, 64, 64)
    assert np.allclose(offsets[1] / generate.OFFSET_SCALE, made["offset"], atol=1e-3)
    assert np.allclose(images[1, 0], made["reference"], rtol=2e-3)
