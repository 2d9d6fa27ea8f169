"""The fast steps around the network against the same steps written down plainly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osgeo import gdal

from deepot_qgis.engine import boxes, outliers, product, quality, splines
from deepot_qgis.engine.pair import PairOptions, open_pair
from deepot_qgis.engine.quality import QualityOptions, Reason

from . import scenes, slow_kernels

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "sample"
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None)


def speckle(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return (rng.rayleigh(1, shape) * 10 ** rng.uniform(-3, 3)).astype(np.float32)


def wavy(shape: tuple[int, int], rng: np.random.Generator, size: float) -> np.ndarray:
    """Smooth offsets with a step and a rough patch, float32 ``(2, H, W)``."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    field = np.stack([np.sin(x / 40 + 1) + np.cos(y / 30), np.cos(x / 50) * np.sin(y / 20)]) * size
    field[0, :, shape[1] // 2 :] += 2 * size
    field[:, : shape[0] // 4, : shape[1] // 4] += rng.normal(0, 2, (2, shape[0] // 4, shape[1] // 4))
    return field.astype(np.float32)


@few
@given(seeds, st.integers(1, 40), st.integers(0, 30), st.integers(0, 30))
def test_box_sums_are_sums(seed, size, more_rows, more_columns):
    image = np.random.default_rng(seed).normal(size=(size + more_rows, size + more_columns)).astype(np.float32)
    expected = slow_kernels.box_sums(image, size)
    np.testing.assert_allclose(boxes.box_sums(image, size)[:, : more_columns + 1], expected, atol=1e-5 * size)
    flags = image > 0.3
    np.testing.assert_array_equal(
        boxes.box_counts(flags, size)[:, : more_columns + 1], slow_kernels.box_sums(flags, size)
    )


@few
@given(seeds, st.integers(1, 12), st.integers(0, 20), st.integers(0, 20))
def test_box_extremes_are_extremes(seed, size, more_rows, more_columns):
    image = np.random.default_rng(seed).normal(size=(size + more_rows, size + more_columns)).astype(np.float32)
    squares = np.lib.stride_tricks.sliding_window_view(image, (size, size))
    low, high = (boxes.box_extremes(image, size, choose)[:, : more_columns + 1] for choose in (np.minimum, np.maximum))
    np.testing.assert_array_equal(low, squares.min((2, 3)))
    np.testing.assert_array_equal(high, squares.max((2, 3)))


@few
@given(seeds, st.integers(5, 50), st.integers(0, 20))
def test_a_sum_does_not_depend_on_what_is_around_its_square(seed, size, start):
    image = np.random.default_rng(seed).normal(size=(size + 30, size + 30)).astype(np.float32)
    alone = boxes.box_sums(image[start : start + size, start : start + size], size)
    assert boxes.box_sums(image, size)[start, start] == alone[0, 0]


def test_strips_cover_every_row_once():
    for height, width in ((1, 1), (5, 1 << 20), (1000, 700), (17, 3)):
        rows = [row for top, bottom in boxes.strips(height, width) for row in range(top, bottom)]
        assert rows == list(range(height))


@few
@given(seeds, st.sampled_from([0.0, 0.3, 3.0, 12.0]), st.integers(0, 12))
def test_the_warp_is_the_cubic_spline(seed, size, origin):
    rng = np.random.default_rng(seed)
    image = speckle((90 + origin, 150), rng)
    offset = wavy((80, 120), rng, size)
    expected = slow_kernels.warp(image, offset, (origin, 20))
    rows = np.arange(80)[:, None] + origin + offset[1]
    columns = np.arange(120) + 20 + offset[0]
    # At the very edge rounding decides whether a place is in the image.
    clear = np.minimum(np.abs(rows), np.abs(rows - (image.shape[0] - 1))) > 1e-3
    clear &= np.minimum(np.abs(columns), np.abs(columns - 149)) > 1e-3
    found = quality.warp(image, offset, (origin, 20))
    np.testing.assert_allclose(found[clear], expected[clear], atol=2e-4 * image.max())


def test_most_of_a_smooth_warp_is_computed_in_cells():
    offset = wavy((512, 1024), np.random.default_rng(0), 0.4)
    cells = list(splines._cells(offset, (552, 1064), (20, 20)))
    covered = np.zeros((512, 1024), np.intp)
    for cell, _ in cells:
        covered[cell] += 1
    assert (covered == 1).all()
    alone = sum(
        (cell[0].stop - cell[0].start) * (cell[1].stop - cell[1].start) for cell, centre in cells if centre is None
    )
    assert alone < 0.2 * covered.size


def test_a_warp_knows_nothing_where_the_offset_is_not_known():
    rng = np.random.default_rng(3)
    image = speckle((100, 200), rng)
    offset = wavy((60, 160), rng, 0.5)
    unknown = rng.random((60, 160)) < 0.2
    unknown[20:40] = True
    holed = np.where(unknown, np.float32(np.nan), offset)
    found = quality.warp(image, holed, (20, 20))
    assert not (found[unknown] > 0).any()
    np.testing.assert_allclose(found[~unknown], quality.warp(image, offset, (20, 20))[~unknown], atol=1e-4)
    assert not (quality.warp(image, np.full_like(offset, np.nan), (20, 20)) > 0).any()


@pytest.mark.parametrize("brightest", [1e-30, 1e37, 3e38])
def test_the_largest_numbers_there_are_stay_numbers(brightest):
    rng = np.random.default_rng(1)
    first = rng.uniform(0.5, 1, (80, 90)).astype(np.float32) * np.float32(brightest)
    offset = np.full((2, 60, 70), 0.3, np.float32)
    warped = quality.warp(first, offset, (10, 10))
    inner = first[10:70, 10:80]
    found = quality.correlation(inner, warped, np.isfinite(warped) & (warped > 0), 11)
    expected = slow_kernels.correlation(inner / brightest, warped / brightest, np.ones((60, 70), bool), 11)
    np.testing.assert_allclose(found, expected, atol=1e-4)


@few
@given(seeds, st.sampled_from([5, 11, 31]), st.floats(0, 0.9), st.booleans())
def test_correlation_is_the_correlation(seed, window, holes, shore):
    rng = np.random.default_rng(seed)
    first = speckle((70, 95), rng)
    if shore:
        first[:, 40:] *= 50
    second = first * rng.uniform(0.2, 1, first.shape).astype(np.float32) * 3
    valid = rng.random(first.shape) > holes * (rng.random() < 0.7)
    valid[10:40, 20:50] = False
    second[~valid] = 1e3 * rng.random()
    found = quality.correlation(first, second, valid, window)
    expected = slow_kernels.correlation(first, second, valid, window)
    assert found.dtype == np.float32
    # A few pixels that are nearly alike are all that some windows hold; there single precision shows.
    away = np.abs(found - expected)
    assert away.max() < 2e-3 and np.percentile(away, 99) < 2e-5


@few
@given(seeds, st.integers(0, 3))
def test_a_block_correlates_as_the_whole_does_to_the_last_bit(seed, pad):
    rng = np.random.default_rng(seed)
    first, second = speckle((120, 130), rng), speckle((120, 130), rng)
    valid = rng.random(first.shape) > 0.1
    context = quality.context_px(QualityOptions(window_px=11)) + pad
    part = np.s_[50 - context : 70 + context, 50 - context : 80 + context]
    inner = np.s_[context : context + 20, context : context + 30]
    whole = quality.correlation(first, second, valid, 11)[50:70, 50:80]
    np.testing.assert_array_equal(quality.correlation(first[part], second[part], valid[part], 11)[inner], whole)


@few
@given(seeds, st.integers(1, 3), st.floats(1, 8), st.floats(0, 1), st.floats(0.01, 3))
def test_the_median_test_and_the_support_are_what_they_were(seed, radius, threshold, holes, noise):
    rng = np.random.default_rng(seed)
    offset = (wavy((40, 50), rng, 1) + rng.normal(0, noise, (2, 40, 50))).astype(np.float32)
    valid = rng.random((40, 50)) >= holes
    offset[:, ~valid] = 77
    trusted = slow_kernels.normalised_median_test(offset, valid, radius, threshold)
    support = slow_kernels.supported(offset, valid, radius)
    np.testing.assert_array_equal(outliers.normalised_median_test(offset, valid, radius, threshold), trusted)
    np.testing.assert_array_equal(outliers.supported(offset, valid, radius), support)
    asked = rng.random(valid.shape) < 0.5
    only = outliers.normalised_median_test(offset, valid, radius, threshold, asked=asked)
    np.testing.assert_array_equal(only, trusted & asked)
    np.testing.assert_array_equal(outliers.supported(offset, valid, radius, asked=asked), support & asked)


@few
@given(seeds, st.integers(20, 70), st.integers(20, 70), st.floats(0, 0.6))
def test_outliers_are_what_they_were(seed, height, width, holes):
    rng = np.random.default_rng(seed)
    offset = wavy((height, width), rng, 1)
    known, followed, asked = (rng.random((height, width)) >= holes for _ in range(3))
    offset[:, ~known] = 0
    expected = slow_kernels.outliers(offset, known, followed, 3.0)
    np.testing.assert_array_equal(quality.outliers(offset, known, followed, 3.0), expected)
    np.testing.assert_array_equal(quality.outliers(offset, known, followed, 3.0, asked), expected & asked)


@few
@given(seeds, st.permutations(list(Reason)[1:]))
def test_reasons_are_what_they_were(seed, order):
    rng = np.random.default_rng(seed)
    masks = {reason: rng.random((9, 11)) < 0.2 for reason in order}
    np.testing.assert_array_equal(quality.reasons(masks, (9, 11)), slow_kernels.reasons(masks, (9, 11)))


@pytest.fixture(scope="module")
def sample():
    """The sample pair, with its true offsets made rough and full of holes."""
    pair = open_pair(PairOptions(str(SAMPLE / "sample_20240101.tif"), str(SAMPLE / "sample_20240113.tif")))
    rng = np.random.default_rng(5)
    offset = gdal.Open(str(SAMPLE / "truth_offsets.tif")).ReadAsArray()[:2].astype(np.float32)
    offset += rng.normal(0, 0.05, offset.shape).astype(np.float32)
    offset[:, 40:60, 100:130] += 6
    offset[:, 200:230, 30:34] = -3
    offset[:, 100:140, :30] -= 9
    sigma = rng.uniform(0.05, 0.45, offset.shape[1:]).astype(np.float32)
    unknown = np.zeros(sigma.shape, bool)
    unknown[150:180, 60:90] = unknown[0, :] = True
    offset[:, unknown] = sigma[unknown] = np.nan
    return pair, np.concatenate([offset, sigma[np.newaxis]])


def in_blocks(pair, offsets: np.ndarray, options: QualityOptions, width: int, height: int) -> np.ndarray:
    whole = np.empty((len(product.BANDS), *offsets.shape[1:]), np.float32)
    for y in range(0, offsets.shape[1], height):
        for x in range(0, offsets.shape[2], width):
            block = product.Block(x, y, min(width, offsets.shape[2] - x), min(height, offsets.shape[1] - y))
            around = product.halo(block, offsets.shape[2], offsets.shape[1], options)
            pixels = offsets[:, around.y0 : around.y0 + around.height, around.x0 : around.x0 + around.width]
            planes = product.product_block(pair, pixels, block, around, options)
            whole[:, y : y + block.height, x : x + block.width] = planes
    return whole


def differing(found: np.ndarray, expected: np.ndarray) -> int:
    """How many pixels are masked otherwise; all the others must agree."""
    same = found[6] == expected[6]
    for name, band, other in zip(product.BANDS, found[:6], expected[:6]):
        limit = 2e-3 if name == "direction" else 2e-4
        away = np.abs(band[same] - other[same])
        away = np.minimum(away, 360 - away) if name == "direction" else away
        assert np.array_equal(np.isnan(band[same]), np.isnan(other[same])), name
        assert np.nanmax(away) < limit, name
    return np.count_nonzero(~same)


@pytest.mark.parametrize("window, size", [(31, (256, 256)), (31, (100, 64)), (11, (256, 60))])
def test_the_product_is_what_it_was(sample, window, size):
    pair, offsets = sample
    options = QualityOptions(window_px=window)
    expected = slow_kernels.product(pair, offsets, options, (10.0, -10.0))
    found = in_blocks(pair, offsets, options, *size)
    assert len(np.unique(found[6])) >= 5
    assert differing(found, expected) <= 5


def test_the_product_of_an_area_is_what_it_was(sample):
    pair, offsets = sample
    x, y = pair.grid.to_map(*np.array([[20, 200, 120, 20], [30, 60, 240, 30]]))
    corners = ", ".join(f"{a} {b}" for a, b in zip(x, y))
    paths = pair.reference.raster.path, pair.secondary.raster.path
    part = open_pair(PairOptions(*paths, area=f"POLYGON (({corners}))"))
    x0, y0, width, height = part.window
    inner = offsets[:, y0 : y0 + height, x0 : x0 + width]
    expected = slow_kernels.product(part, inner, QualityOptions(), (10.0, -10.0))
    assert (expected[6] == Reason.USER_MASK).any()
    assert differing(in_blocks(part, inner, QualityOptions(), 64, 100), expected) <= 5


def test_statistics_are_those_of_the_pixels():
    rng = np.random.default_rng(2)
    planes = rng.normal(size=(7, 60, 50)).astype(np.float32)
    planes[2] = np.hypot(planes[0], planes[1])
    planes[6] = rng.integers(0, 8, (60, 50))
    planes[:4, planes[6] != Reason.GOOD] = np.nan
    numbers = product.Statistics(3000)
    numbers.add(planes[:, :20])
    numbers.add(planes[:, 20:])
    found = numbers.summary()
    good = planes[:, planes[6] == Reason.GOOD].astype(np.float64)
    assert found["median_magnitude"] == pytest.approx(np.median(good[2]))
    assert found["p95_magnitude"] == pytest.approx(np.percentile(good[2], 95))
    assert found["max_magnitude"] == pytest.approx(good[2].max())
    assert found["median_east"] == pytest.approx(np.median(good[0]), abs=1e-6)
    assert found["median_north"] == pytest.approx(np.median(good[1]), abs=1e-6)
    assert found["median_sigma"] == pytest.approx(np.median(good[4]), abs=1e-6)
    counts = np.bincount(planes[6].astype(int).ravel(), minlength=8)
    covered = 3000 - counts[Reason.USER_MASK] - counts[Reason.NODATA]
    assert found["good"] == pytest.approx(counts[Reason.GOOD] / covered)
    assert found["masked"]["low correlation"] == pytest.approx(counts[Reason.LOW_CORRELATION] / covered)


def test_statistics_of_nothing():
    assert product.Statistics(0).summary()["median_magnitude"] is None


def test_statistics_keep_a_bounded_sample():
    planes = np.zeros((7, 100, 100), np.float32)
    for pixels, kept in ((4_000_000, 10_000), (4_000_001, 2_500), (100_000_000, 400)):
        numbers = product.Statistics(pixels)
        numbers.add(planes)
        assert numbers._samples["east"][0].size == kept


def test_blocks_of_any_size_agree(tmp_path):
    """The halo is as wide as it must be, wherever a block begins."""
    first = scenes.texture(150, 170)
    paths = scenes.write(tmp_path / "a.tif", first), scenes.write(tmp_path / "b.tif", scenes.moved(first, 1.3, -0.6))
    pair = open_pair(PairOptions(*paths))
    offsets = np.stack([np.full((150, 170), 1.3), np.full((150, 170), -0.6), np.full((150, 170), 0.1)])
    offsets[0] += np.random.default_rng(0).normal(0, 0.3, (150, 170))
    offsets = offsets.astype(np.float32)
    whole = in_blocks(pair, offsets, QualityOptions(), 170, 150)
    for size in ((37, 41), (64, 150), (170, 18)):
        parts = in_blocks(pair, offsets, QualityOptions(), *size)
        np.testing.assert_array_equal(parts[6], whole[6])
        np.testing.assert_allclose(parts[:6], whole[:6], rtol=1e-5, atol=1e-5)
