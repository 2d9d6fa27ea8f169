"""Everything that can be said of a pair before it is measured."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine import synthetic
from deepot_qgis.engine.errors import GridMismatchError, InputError, OutputError
from deepot_qgis.engine.pair import PairOptions, check
from deepot_qgis.engine.preflight import Promise, Verdict, preflight, promise
from deepot_qgis.engine.shift import moved_copy, residual_shift

from . import scenes


def pair_of(tmp_path, first, second, **keywords) -> PairOptions:
    return PairOptions(
        scenes.write(tmp_path / "a_20230904.tif", first, **keywords),
        scenes.write(tmp_path / "b_20230916.tif", second, **keywords),
    )


def test_a_good_pair_is_good_in_every_topic(tmp_path):
    options = PairOptions(*scenes.pair(tmp_path, 0, 0))
    found = preflight(options)
    topics = (found.grids, found.dates, found.amplitudes, found.data)
    assert [topic.verdict for topic in topics] == [Verdict.GOOD] * 4
    assert found.problem is None and found.dates.days == 12 and found.grids.metres == pytest.approx(10)
    assert found.messages == check(options).messages


def test_what_is_wrong_does_not_hide_the_rest(tmp_path):
    first, second = scenes.pair(tmp_path, 0, 0)
    turned = preflight(PairOptions(second, first))
    assert turned.dates.verdict is Verdict.STOP and "swap the two" in str(turned.problem)
    assert turned.grids.verdict is Verdict.GOOD and turned.data.verdict is Verdict.GOOD and not turned.messages
    g = scenes.NORTH_UP
    off = scenes.write(tmp_path / "off_20230901.tif", scenes.texture(200, 220), (g[0] + 4, *g[1:]))
    both = preflight(PairOptions(first, off))
    assert isinstance(both.grids.problem, GridMismatchError) and both.grids.can_align
    assert both.dates.verdict is Verdict.STOP and both.amplitudes.verdict is Verdict.GOOD and both.data is None
    missing = preflight(PairOptions(first, str(tmp_path / "nowhere.tif")))
    assert missing.grids.verdict is Verdict.STOP and missing.dates is None and not missing.grids.can_align


def test_what_to_know_is_no_reason_to_stop(tmp_path):
    image = scenes.texture(120, 130)
    second = image.copy()
    second[:, :90] = 0
    plain = PairOptions(
        scenes.write(tmp_path / "one.tif", image, geotransform=None, epsg=None),
        scenes.write(tmp_path / "two_intensity.tif", second**2, geotransform=None, epsg=None),
    )
    found = preflight(plain)
    topics = (found.grids, found.dates, found.amplitudes, found.data)
    assert [topic.verdict for topic in topics] == [Verdict.LOOK] * 4
    assert found.problem is None and found.data.coverage.common == pytest.approx(40 / 130, abs=0.01)


def test_an_empty_image_stops(tmp_path):
    image = scenes.texture(120, 130)
    found = preflight(pair_of(tmp_path, image, np.zeros_like(image)))
    assert found.data.verdict is Verdict.STOP and "holds no data" in str(found.problem)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.35, -0.4), (7.2, -3.6), (-25.0, 14.5)])
def test_the_shift_of_an_image_is_found(tmp_path, shift):
    image = scenes.texture(300, 320)
    found = residual_shift(pair_of(tmp_path, image, scenes.moved(image, *shift)))
    assert (found.dx, found.dy) == pytest.approx(shift, abs=0.05)
    assert found.length == pytest.approx(np.hypot(*shift), abs=0.05) and found.metres == pytest.approx(10)


def test_the_shift_is_found_in_speckle_that_changed_and_despite_a_body_that_moves(tmp_path):
    rng = np.random.default_rng(3)
    ground = np.exp(synthetic.fractal((360, 360), 0.4, 2.5, rng)[0])
    motion = np.stack([np.full((360, 360), 1.3), np.full((360, 360), -0.6)]).astype(np.float32)
    motion[0, 120:220, 120:220] += 6
    found = residual_shift(pair_of(tmp_path, *synthetic.embed(ground, motion, 0.4, 2, rng)))
    assert (found.dx, found.dy) == pytest.approx((1.3, -0.6), abs=0.15)


def test_two_images_that_have_nothing_in_common_have_no_shift(tmp_path):
    options = pair_of(tmp_path, scenes.texture(300, 320, seed=1), scenes.texture(300, 320, seed=2))
    found = residual_shift(options)
    assert found.dx is None and found.length is None and found.whole == (0, 0)
    assert promise(options).shift_verdict is Verdict.LOOK


def test_borders_without_data_do_not_pull_the_shift_to_zero(tmp_path):
    image = scenes.texture(300, 320)
    pair = [image, scenes.moved(image, 4.0, 2.0)]
    for one in pair:
        one[:90], one[:, :70] = 0, 0
    found = residual_shift(pair_of(tmp_path, *pair, nodata=0))
    assert (found.dx, found.dy) == pytest.approx((4.0, 2.0), abs=0.1)


def test_a_copy_without_the_shift_resamples_nothing(tmp_path):
    image = scenes.texture(200, 220)
    options = pair_of(tmp_path, image, np.roll(image, (3, -5), (0, 1)))
    dx, dy = residual_shift(options).whole
    assert (dx, dy) == (-5, 3)
    target = moved_copy(options.secondary, str(tmp_path / "moved.tif"), dx, dy)
    copy, source = gdal.Open(target), gdal.Open(options.secondary)
    assert copy.GetGeoTransform() == source.GetGeoTransform() and copy.RasterXSize == 220
    assert (copy.ReadAsArray()[:-3, 5:] == image[:-3, 5:]).all()
    again = residual_shift(PairOptions(options.reference, target))
    assert again.length < 0.05 and preflight(PairOptions(options.reference, target)).problem is None
    assert preflight(PairOptions(options.reference, target)).data.coverage.secondary < 1  # the margin is no data


def test_a_copy_that_cannot_be_is_refused(tmp_path):
    options = PairOptions(*scenes.pair(tmp_path, 0, 0))
    with pytest.raises(OutputError, match="Nothing of"):
        moved_copy(options.secondary, str(tmp_path / "far.tif"), 5000, 0)
    with pytest.raises(OutputError):
        moved_copy(options.secondary, options.secondary, 1, 0)
    with pytest.raises(InputError):
        moved_copy(str(tmp_path / "no.tif"), str(tmp_path / "out.tif"), 1, 0)


def test_a_promise_is_good_or_to_be_looked_at(tmp_path):
    image = scenes.texture(300, 320)
    still = promise(pair_of(tmp_path, image, image * 1.01))
    assert (still.shift_verdict, still.limit_verdict) == (Verdict.GOOD, Verdict.GOOD)
    shifted = promise(pair_of(tmp_path, image, scenes.moved(image, 1.4, 0)))
    assert shifted.shift_verdict is Verdict.LOOK and shifted.shift.whole == (1, 0)
    assert Promise(still.shift, shifted.limit).shift_verdict is Verdict.GOOD
