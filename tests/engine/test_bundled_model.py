"""The model that ships: keeps the contract, beats doing nothing, and answers zero on real still ground."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from deepot_qgis.engine import measure, synthetic
from deepot_qgis.engine.inference import OFFSET_STEP_PX
from deepot_qgis.engine.model import estimator as model

from . import scenes

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


@pytest.fixture(scope="module")
def network():
    return model.NetworkEstimator(model.DEFAULT_MODEL, "cpu")


def textured(size=256, seed=0):
    return np.exp(synthetic.fractal((size, size), 0.4, 2.5, np.random.default_rng(seed))[0]).astype(np.float32)


def test_it_says_what_it_is(network):
    card = network.card.metadata
    assert card["training"]["steps"] > 0 and card["evaluation"]
    assert network.max_offset_px >= 12 and network.margin_px % network.tile_multiple == 0


@pytest.mark.parametrize(("coherence", "looks"), [(0.9, 1), (0.7, 4)])
def test_it_reads_back_a_landslide(network, coherence, looks):
    field = synthetic.lobe((256, 256), 2, -1, 100, 60)
    pair = synthetic.embed(textured(), field, coherence, looks, np.random.default_rng(1))
    estimate = network.estimate(*pair)
    error = np.hypot(*(estimate.offset - field))
    assert error.mean() < 0.5 * np.hypot(*field).mean()
    assert np.abs(np.median(estimate.offset[:, 120:136, 110:146], axis=(1, 2)) - (2, -1)).max() < 0.3
    assert np.median(error[:40]) < 0.1


@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 240), (48, 32), (240, 16)])
def test_it_takes_the_smallest_images(network, height, width):
    """Smaller than the strips in which it works, along either axis."""
    pair = synthetic.speckle_pair(
        np.ones((height, width), np.float32),
        synthetic.constant((height, width), 0, 0),
        0.95,
        1,
        np.random.default_rng(5),
    )
    estimate = network.estimate(*pair)
    assert estimate.offset.shape == (2, height, width) and np.isfinite(estimate.sigma).all()
    assert np.median(np.hypot(*estimate.offset)) < 0.2


@pytest.mark.parametrize("shift", [(9.3, -4.6), (-11.2, 10.7)])
def test_it_reaches_far(network, shift):
    field = synthetic.constant((256, 256), *shift)
    pair = synthetic.embed(textured(seed=2), field, 0.9, 4, np.random.default_rng(2))
    inner = network.estimate(*pair).offset[:, 64:-64, 64:-64]
    assert np.abs(np.median(inner, axis=(1, 2)) - shift).max() < 0.2


def test_sigma_is_larger_where_nothing_matches(network):
    still = synthetic.constant((256, 256), 0, 0)
    coherence = np.where(np.arange(256)[None, :] < 128, 0.9, 0.0) * np.ones((256, 1))
    pair = synthetic.speckle_pair(np.ones((256, 256), np.float32), still, coherence, 1, np.random.default_rng(3))
    sigma = network.estimate(*pair).sigma
    assert np.median(sigma[:, 190:]) > 3 * np.median(sigma[:, :64])


def test_real_still_ground_is_answered_with_zero(network, shared_data):
    folder = shared_data / "pairs" / "morocco_sentinel1"
    first, second = (read(folder / f"amplitude_{day}.tif") for day in ("20230904", "20230916"))
    estimate = network.estimate(first, second)
    length = np.hypot(*estimate.offset)[(first > 0) & (second > 0)]
    assert np.median(length) < 0.03
    assert np.mean(length > 0.5) < 0.02


def read(path):
    from osgeo import gdal

    image = np.nan_to_num(gdal.Open(str(path)).ReadAsArray().astype(np.float32))
    height, width = (16 * (size // 16) for size in image.shape)
    return np.ascontiguousarray(image[:height, :width])


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Offsets and sigma of one landslide in speckle, by the side of tiles and the context around them."""
    folder = tmp_path_factory.mktemp("tiles")
    shape = (528, 528)
    offset = synthetic.lobe(shape, 3.0, 1.0, 60, 60, 1.5, 0.0, (264, 264))
    images = synthetic.speckle_pair(np.ones(shape, np.float32), offset, 0.7, 1, np.random.default_rng(1))
    pair = [scenes.write(folder / f"{name}.tif", image) for name, image in zip("ab", images)]

    @lru_cache
    def measure_in(tile_px, context_px=None):
        output = str(folder / "d.tif")
        options = measure.MeasureOptions(*pair, output, device="cpu", tile_px=tile_px, context_px=context_px)
        raw = scenes.read(measure.measure(options).offsets)
        return np.stack([raw["dx"], raw["dy"]]), raw["sigma"]

    return measure_in


def test_tiles_leave_no_seams(measured):
    (tiled, sigma), (whole, _) = measured(192), measured(2048)
    apart = np.abs(tiled - whole).max(0)
    # at the very edge of a moving body two motions can be equally likely: rounding decides, and sigma knows
    assert (apart > 0.01).mean() < 1e-3
    assert (apart < 0.7 * sigma).all()


def test_with_a_wide_context_it_hardly_matters_where_tiles_are_cut(measured):
    (tiled, sigma), (whole, _), (narrow, _) = measured(192, 208), measured(2048), measured(192)
    apart = np.abs(tiled - whole).max(0)
    assert (apart > 1e-4 + 2 * OFFSET_STEP_PX).mean() < 1e-3
    assert (apart < 0.05 * sigma).all()
    assert (np.abs(narrow - whole).max(0) > 1e-4 + 2 * OFFSET_STEP_PX).mean() > 0.1, "the context does it"


def test_one_tile_is_the_same_whatever_context_is_asked_for(measured):
    assert np.array_equal(measured(2048, 208)[0], measured(2048)[0])


def test_a_context_that_ends_with_the_raster_is_kept_to_the_end(network):
    """Nothing is behind the rim of an image: an answer near it is that of the whole image, to the last bits."""
    images = [textured(seed=seed)[:, :192].copy() for seed in (0, 0)]
    near = (0, 32, 0, 0)  # less than the network asks for: there is no more
    found, whole = network.estimate_within(*images, near), network.estimate(*images)
    assert np.array_equal(found.offset, whole.offset[:, 32:])
    assert np.array_equal(found.sigma, whole.sigma[32:])


def test_more_context_is_asked_for_on_a_copy(network):
    wide = network.with_context(200)
    assert (wide.margin_px, wide.rim_px) == (208, network.rim_px + 208 - network.margin_px)
    assert network.margin_px == 96 == network.with_context(10).margin_px == wide.with_context(96).margin_px
    assert wide.card is network.card
