"""Conventional offset tracking: signs, accuracy, nodata, tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import fields, synthetic
from deepot_qgis.engine.correlation import CorrelationEstimator, CorrelationOptions
from deepot_qgis.engine.correlation.peak import find_peaks
from deepot_qgis.engine.correlation.surface import surfaces
from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.resources import folder


def speckle_pair(field, coherence=0.95, looks=1, seed=0, sensor=synthetic.Sensor()):  # noqa: B008
    rng = np.random.default_rng(seed)
    ground = np.exp(fields.fractal(field.shape[1:], 0.3, 3.0, rng)[0])
    return synthetic.speckle_pair(ground, field, coherence, looks, rng, sensor)


def measure(reference, secondary, **options):
    return CorrelationEstimator(CorrelationOptions(**options)).estimate(reference, secondary)


def inner(image, border=24):
    return image[..., border:-border, border:-border]


class TestSign:
    def test_ground_that_moves_right_and_down_has_positive_offsets(self):
        image = np.random.default_rng(0).rayleigh(1, (128, 144)).astype(np.float32)
        moved = np.roll(image, (2, 3), (0, 1))
        estimate = measure(image, moved)
        assert estimate.offset.shape == (2, 128, 144)
        assert estimate.sigma.shape == (128, 144)
        assert estimate.offset.dtype == estimate.sigma.dtype == np.float32
        assert abs(np.median(estimate.offset[0]) - 3) < 0.02
        assert abs(np.median(estimate.offset[1]) - 2) < 0.02

    @pytest.mark.parametrize("dx, dy", [(6, 0), (0, -6), (-7, 7)])
    def test_whole_pixels_over_the_whole_search(self, dx, dy):
        image = np.random.default_rng(1).rayleigh(1, (96, 96)).astype(np.float32)
        estimate = measure(image, np.roll(image, (dy, dx), (0, 1)))
        error = inner(estimate.offset) - np.array([dx, dy])[:, np.newaxis, np.newaxis]
        assert np.abs(error).max() < 0.1


shift = st.floats(-4, 4, allow_nan=False)


class TestProperties:
    @settings(max_examples=12, deadline=None)
    @given(dx=shift, dy=shift, seed=st.integers(0, 99))
    def test_a_shift_is_measured_as_that_shift(self, dx, dy, seed):
        pair = speckle_pair(fields.constant((128, 128), dx, dy), 0.97, seed=seed)
        offset = inner(measure(*pair).offset)
        # the rest is the pull of an aliased image towards whole pixels
        assert abs(np.median(offset[0]) - dx) < 0.1
        assert abs(np.median(offset[1]) - dy) < 0.1

    @settings(max_examples=8, deadline=None)
    @given(dx=shift, dy=shift, seed=st.integers(0, 99))
    def test_swapping_the_images_negates(self, dx, dy, seed):
        reference, secondary = speckle_pair(fields.constant((128, 128), dx, dy), 0.9, seed=seed)
        there, back = measure(reference, secondary).offset, measure(secondary, reference).offset
        total = inner(there + back)
        assert np.abs(np.median(total, axis=(1, 2))).max() < 0.05
        assert np.abs(total).mean() < 0.12

    @settings(max_examples=8, deadline=None)
    @given(first=st.floats(1e-4, 1e6), second=st.floats(1e-4, 1e6))
    def test_the_scale_of_the_amplitude_changes_nothing(self, first, second):
        reference, secondary = speckle_pair(fields.constant((64, 64), 1.3, -0.4), 0.8)
        plain = measure(reference, secondary)
        scaled = measure(reference * np.float32(first), secondary * np.float32(second))
        np.testing.assert_allclose(scaled.offset, plain.offset, atol=2e-3)
        np.testing.assert_allclose(scaled.sigma, plain.sigma, atol=2e-3)


@pytest.fixture(scope="module")
def scene():
    """Real amplitude: ground with texture of its own, which draws peaks towards whole pixels where it is let."""
    gdal = pytest.importorskip("osgeo.gdal")
    return gdal.Open(str(folder("resources") / "sample" / "labrador_sentinel1.tif")).ReadAsArray()


class TestReading:
    """What is read is what moved: no share of it is lost."""

    # the largest error of a median over the scene, px; of the slope of what is read against what moved
    @pytest.mark.parametrize(
        "coherence, looks, worst, slope", [(0.9, 1, 0.03, 0.03), (0.7, 4, 0.04, 0.05), (0.5, 1, 0.05, 0.05)]
    )
    def test_ground_that_moves_as_one_is_read_in_full(self, scene, coherence, looks, worst, slope):
        true, read = [], []
        for seed, shift in enumerate([(0.0, 0.5), (0.125, 0.75), (0.25, 0.875), (0.375, 1.0)]):
            field = fields.constant(scene.shape, *shift)
            pair = synthetic.embed(scene, field, coherence, looks, np.random.default_rng(seed))
            true += shift
            read += list(np.median(inner(measure(*pair).offset), axis=(1, 2)))
        assert np.abs(np.subtract(read, true)).max() < worst
        assert abs(np.polyfit(true, read, 1)[0] - 1) < slope

    @pytest.mark.parametrize("coherence, looks, within", [(0.9, 1, 0.04), (0.7, 4, 0.07), (0.5, 1, 0.12)])
    def test_a_body_larger_than_the_windows_is_read_in_full(self, scene, coherence, looks, within):
        field = fields.lobe(scene.shape, 2.3, -1.6, 100, 100)
        pair = synthetic.embed(scene, field, coherence, looks, np.random.default_rng(0))
        read = np.median(measure(*pair).offset[:, np.hypot(*field) > 1.4], axis=1)
        np.testing.assert_allclose(read, [2.3, -1.6], rtol=within)

    def test_slow_motion_of_a_large_body_is_mostly_read(self, scene):
        # a third of a pixel cannot be told from still ground by small windows: large ones mix the two at the margin
        field = fields.lobe(scene.shape, 0.3, -0.2, 160, 160)
        pair = synthetic.embed(scene, field, 0.9, 1, np.random.default_rng(0))
        read = np.median(measure(*pair).offset[:, np.hypot(*field) > 0.18], axis=1)
        np.testing.assert_allclose(read, [0.3, -0.2], rtol=0.2)


class TestAccuracy:
    # end-point error of the dense answer, px: what peers reach on fields like these, not what a straw man would
    @pytest.mark.parametrize("coherence, looks, limit", [(0.9, 1, 0.09), (0.7, 4, 0.11), (0.5, 1, 0.2)])
    def test_smooth_motion(self, coherence, looks, limit):
        field = fields.undulation((256, 256), 0.7, -0.5, 200.0, 30.0) + fields.ramp((256, 256), 0.8, 0.3)
        estimate = measure(*speckle_pair(field, coherence, looks))
        assert np.hypot(*(estimate.offset - field)).mean() < limit

    def test_a_fault_stays_sharp(self):
        field = fields.fault((192, 192), 3.0, 1.0, angle_deg=90.0)
        offset = measure(*speckle_pair(field, 0.9)).offset
        error = np.hypot(*(offset - field))
        assert error.mean() < 0.2
        assert np.median(error[:, :80]) < 0.1 and np.median(error[:, 112:]) < 0.1

    def test_a_narrow_body_is_seen(self):
        field = fields.lobe((192, 192), 2.0, 0.0, 120, 24)
        offset = measure(*speckle_pair(field, 0.9)).offset
        assert np.median(offset[0, 94:98, 60:132]) > 1.5

    @pytest.mark.parametrize("coherence, looks", [(0.9, 1), (0.7, 4), (0.5, 1)])
    def test_sigma_holds_two_thirds_of_the_errors(self, coherence, looks):
        field = fields.ramp((256, 256), 0.9, 0.5, 20.0)
        estimate = measure(*speckle_pair(field, coherence, looks))
        share = (np.abs(estimate.offset - field) < estimate.sigma).mean()
        assert 0.55 < share < 0.9

    def test_sigma_knows_when_the_image_is_barely_sampled(self):
        # an aliased image draws every peak towards whole pixels, and no correlation surface shows it
        field = fields.ramp((256, 256), 0.9, 0.5, 20.0)
        critical = synthetic.Sensor(bandwidth_x=0.98, bandwidth_y=0.98, taper=1.0)
        estimate = measure(*speckle_pair(field, 0.9, sensor=critical))
        assert 0.5 < (np.abs(estimate.offset - field) < estimate.sigma).mean() < 0.9

    def test_images_that_share_nothing_get_a_large_sigma(self):
        rng = np.random.default_rng(0)
        first, second = rng.rayleigh(1, (2, 128, 128)).astype(np.float32)
        estimate = measure(first, second)
        assert np.median(estimate.sigma) >= 1


def brute_force(first, second, window, search, at):
    """Masked normalised cross-correlation of one node, pixel by pixel."""
    top, left = (position - window // 2 for position in at)
    result = np.zeros((2 * search + 1,) * 2)
    for dy in range(-search, search + 1):
        for dx in range(-search, search + 1):
            a, b = [], []
            for y in range(max(top, 0), min(top + window, first.shape[0])):
                for x in range(max(left, 0), min(left + window, first.shape[1])):
                    inside = 0 <= y + dy < second.shape[0] and 0 <= x + dx < second.shape[1]
                    if inside and first[y, x] and second[y + dy, x + dx]:
                        a.append(first[y, x])
                        b.append(second[y + dy, x + dx])
            if len(a) > 2:
                result[dy + search, dx + search] = np.corrcoef(a, b)[0, 1]
    return result


class TestSurface:
    @pytest.mark.parametrize("holes", [0.0, 0.15])
    def test_equals_the_definition(self, holes):
        rng = np.random.default_rng(4)
        first, second = rng.normal(0, 1, (2, 32, 40)).astype(np.float32)
        for image in (first, second):
            image[rng.random(image.shape) < holes] = 0
        second[:, 30:] = 0
        for surface in surfaces(first, second, 4, (8, 16), 3, 4):
            for i, j in ((0, 0), (3, 4), (8, 2), (5, 10)):
                expected = brute_force(first, second, surface.window, 3, (4 * i, 4 * j))
                found, usable = surface.correlation[..., i, j], surface.usable[..., i, j]
                np.testing.assert_allclose(found[usable], expected[usable], atol=2e-4)
                assert (found[~usable] == 0).all()

    def test_a_whole_image_needs_no_mask(self):
        # more than one chunk of nodes, so that some of them meet neither an edge nor a hole
        rng = np.random.default_rng(5)
        first, second = rng.normal(0, 1, (2, 360, 360)).astype(np.float32)
        for surface in surfaces(first, second, 2, (4,), 2, 4):
            i, j = 5, 7
            at = (2 * (surface.rows.start + i), 2 * (surface.columns.start + j))
            expected = brute_force(first, second, 4, 2, at)
            found, usable = surface.correlation[..., i, j], surface.usable[..., i, j]
            np.testing.assert_allclose(found[usable], expected[usable], atol=2e-4)

    @pytest.mark.parametrize("band", [0.5, 0.65, 0.85])
    @pytest.mark.parametrize("foot", [0.0, 0.3])
    @pytest.mark.parametrize("at", [(2.3, -1.4), (-0.35, 0.15), (5.0, -5.2)])
    def test_peak_of_speckle_is_found_whatever_it_stands_on(self, band, foot, at):
        whole = np.arange(-6, 7)
        peak = np.outer(np.sinc(band * (whole - at[1])) ** 2, np.sinc(band * (whole - at[0])) ** 2)
        surface = (foot + 0.6 * peak).astype(np.float32)[..., np.newaxis]
        peaks = find_peaks(surface, np.ones_like(surface, bool), np.full((2, 1), np.sinc(band) ** 2))
        np.testing.assert_allclose(peaks.offset[:, 0], at, atol=1e-2)
        assert peaks.inside.all()

    def test_a_slope_is_no_peak(self):
        surface = np.linspace(0, 0.9, 81, dtype=np.float32).reshape(9, 9, 1)
        assert not find_peaks(surface, np.ones_like(surface, bool), np.full((2, 1), 0.2)).inside.any()


class TestNodata:
    def test_a_hole_takes_no_part(self):
        reference, secondary = speckle_pair(fields.constant((160, 224), 1.4, -2.2))
        plain = measure(reference, secondary)
        reference[40:90, 50:80] = 0
        secondary[60:120, 30:70] = np.nan
        holed = measure(reference, secondary)
        assert np.isfinite(holed.offset).all() and np.isfinite(holed.sigma).all()
        sure = holed.sigma < 0.5
        assert sure.mean() > 0.7
        error = np.hypot(*(holed.offset - np.array([1.4, -2.2])[:, np.newaxis, np.newaxis]))
        assert np.quantile(error[sure], 0.99) < 0.5
        # far from the hole nothing changes
        far = 80 + CorrelationEstimator().margin_px
        np.testing.assert_allclose(holed.offset[:, :, far:], plain.offset[:, :, far:], atol=1e-4)

    def test_scattered_nodata(self):
        reference, secondary = speckle_pair(fields.constant((128, 128), 0.6, 0.3))
        rng = np.random.default_rng(0)
        for image in (reference, secondary):
            image[rng.random(image.shape) < 0.2] = 0
        offset = inner(measure(reference, secondary).offset)
        assert np.abs(np.median(offset, axis=(1, 2)) - [0.6, 0.3]).max() < 0.1

    @pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
    def test_nothing_to_match_is_zero_with_a_large_sigma(self, value):
        flat = np.full((96, 96), value, np.float32)
        estimate = measure(flat, flat.copy())
        assert (estimate.offset == 0).all()
        assert (estimate.sigma == 8).all()

    def test_flat_ground_beside_texture(self):
        reference, secondary = speckle_pair(fields.constant((160, 160), 1.0, 0.0))
        reference[:, :80] = 3.0
        secondary[:, :80] = 3.0
        estimate = measure(reference, secondary)
        assert np.isfinite(estimate.offset).all()
        assert np.median(np.abs(estimate.offset[0, :, 100:] - 1)) < 0.1
        assert np.median(estimate.sigma[:, :40]) > 1

    @pytest.mark.parametrize("shape", [(8, 8), (16, 8), (1, 1), (5, 3), (24, 200)])
    def test_images_smaller_than_the_window(self, shape):
        image = np.random.default_rng(0).rayleigh(1, shape).astype(np.float32)
        estimate = measure(image, image)
        assert estimate.offset.shape == (2,) + shape
        assert np.isfinite(estimate.offset).all() and np.isfinite(estimate.sigma).all()
        assert (np.abs(estimate.offset) <= 8).all()

    def test_bright_scatterers_do_not_spread(self):
        reference, secondary = speckle_pair(fields.constant((160, 160), 0.5, 0.5), 0.9)
        rng = np.random.default_rng(0)
        for image in (reference, secondary):
            # scatterers that come and go
            image[rng.integers(0, 160, 25), rng.integers(0, 160, 25)] = 40
        estimate = measure(reference, secondary)
        error = np.hypot(*(estimate.offset - 0.5))
        assert np.median(error) < 0.12
        assert np.quantile(error, 0.99) < 0.6


class TestTiles:
    @pytest.mark.parametrize("origin", [(96, 96), (104, 160), (0, 120)])
    def test_a_tile_with_its_margin_gives_what_the_whole_gives(self, origin):
        shape = (320, 400)
        field = fields.lobe(shape, 3.0, 1.5, 150, 60, angle_deg=30.0)
        reference, secondary = speckle_pair(field, 0.7)
        reference[150:190, 200:230] = 0
        secondary[:40, 300:] = 0
        estimator = CorrelationEstimator()
        whole = estimator.estimate(reference, secondary)
        size, margin = 64, estimator.margin_px
        assert margin % estimator.tile_multiple == 0
        top, left = max(origin[0] - margin, 0), max(origin[1] - margin, 0)
        part = np.s_[top : origin[0] + size + margin, left : origin[1] + size + margin]
        tile = estimator.estimate(np.ascontiguousarray(reference[part]), np.ascontiguousarray(secondary[part]))
        here = np.s_[..., origin[0] - top : origin[0] - top + size, origin[1] - left : origin[1] - left + size]
        there = np.s_[..., origin[0] : origin[0] + size, origin[1] : origin[1] + size]
        np.testing.assert_allclose(tile.offset[here], whole.offset[there], atol=0.01)
        np.testing.assert_allclose(tile.sigma[here], whole.sigma[there], atol=0.01)


class TestOptions:
    @pytest.mark.parametrize(
        "values",
        [
            {"posting_px": 0},
            {"posting_px": 8.0},
            {"search_px": 1},
            {"search_px": 500},
            {"windows_px": ()},
            {"windows_px": (24,)},
            {"windows_px": (16, 24)},
            {"windows_px": (32, 16)},
            {"windows_px": (16, "32")},
            {"min_snr": 0},
            {"agreement": float("nan")},
            {"outlier_threshold": -1},
        ],
    )
    def test_what_it_cannot_have_is_refused(self, values):
        with pytest.raises(OptionsError) as error:
            CorrelationOptions(**values)
        assert str(error.value).endswith(".")

    def test_lists_are_welcome(self):
        assert CorrelationOptions(windows_px=[32, 64]).windows_px == (32, 64)

    @pytest.mark.parametrize(
        "options",
        [{"windows_px": (32,)}, {"posting_px": 4}, {"search_px": 12}, {"posting_px": 16, "windows_px": (32,)}],
    )
    def test_other_settings_measure_too(self, options):
        pair = speckle_pair(fields.constant((128, 128), 1.5, -0.7))
        offset = inner(measure(*pair, **options).offset)
        assert np.abs(np.median(offset, axis=(1, 2)) - [1.5, -0.7]).max() < 0.1

    def test_shapes_must_agree(self):
        with pytest.raises(ValueError, match="shape"):
            CorrelationEstimator().estimate(np.ones((8, 8)), np.ones((8, 16)))


class TestRealPairs:
    def test_still_ground_in_morocco_answers_zero(self, shared_data):
        gdal = pytest.importorskip("osgeo.gdal")
        folder = shared_data / "pairs" / "morocco_sentinel1"
        names = ("amplitude_20230904.tif", "amplitude_20230916.tif")
        reference, secondary = (gdal.Open(str(folder / name)).ReadAsArray() for name in names)
        estimate = measure(reference, secondary)
        both = (reference > 0) & (secondary > 0)
        assert np.median(np.abs(estimate.offset[0][both])) < 0.03
        assert np.median(np.abs(estimate.offset[1][both])) < 0.03
        assert np.median(np.hypot(*estimate.offset)[both]) < 0.03
        empty = ~both
        assert (estimate.sigma[empty] > 0.5).mean() > 0.7

    def test_still_mountains_answer_zero(self, shared_data):
        folder = shared_data / "pairs" / "mountain_insar"
        reference, secondary = (np.load(folder / f"ampl_{name}.npy") for name in ("master", "slave"))
        offset = measure(reference.astype(np.float32), secondary.astype(np.float32)).offset
        assert np.median(np.hypot(*offset)) < 0.12
