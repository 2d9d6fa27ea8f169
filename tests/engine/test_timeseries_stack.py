from pathlib import Path

import numpy as np
import pytest

from deepot_qgis.engine import measure, output
from deepot_qgis.engine.errors import GridMismatchError, InputError
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.product import bands
from deepot_qgis.engine.timeseries.stack import PairSource, ProductPair, require_one_grid, thinned

from . import histories, scenes


def product(path, planes, of, tags):
    """A displacement product made by hand: east, north and sigma given, the other bands empty."""
    height, width = planes[0].shape
    all_bands = np.full((7, height, width), np.nan, np.float32)
    all_bands[0], all_bands[1], all_bands[4] = planes
    writer = output.GeoTiffWriter(str(path), of, bands("m"))
    writer.write(all_bands)
    writer.finish(tags, lambda: False)
    return str(path)


TAGS = {"REFERENCE_DATE": "2020-01-01", "SECONDARY_DATE": "2020-01-13", "UNIT": "m"}


def test_a_measured_pair_is_read_with_its_dates(tmp_path):
    pair = scenes.pair(tmp_path, 1.0, 0.5, size=(96, 96))
    made = measure.measure(MeasureOptions(*pair, str(tmp_path / "d.tif"), method="correlation"))
    source = ProductPair(made.product)
    assert isinstance(source, PairSource)
    assert (source.name, source.unit, source.grid.width) == ("d.tif", "m", 96)
    assert f"{source.first:%Y%m%d} {source.second:%Y%m%d}" == "20230904 20230916"
    east, north, sigma = source.read(10, 20, 30, 40)
    assert east.shape == north.shape == sigma.shape == (40, 30) and east.dtype == np.float32
    assert np.nanmedian(east) == pytest.approx(10, abs=1) and np.nanmedian(north) == pytest.approx(-5, abs=1)
    whole = scenes.read(made.product)
    assert np.array_equal(sigma, whole["sigma"][20:60, 10:40], equal_nan=True)


def test_thinning_takes_every_nth_pixel(tmp_path):
    rng = np.random.default_rng(1)
    planes = rng.normal(0, 1, (3, 60, 80)).astype(np.float32)
    source = ProductPair(product(tmp_path / "p.tif", planes, histories.grid(80, 60), TAGS))
    memory = histories.KnownPair(source.first, source.second, *planes)
    for of in (source, memory):
        thin = thinned(of, 4)
        assert all(plane.shape == (15, 20) for plane in thin)
        assert np.isin(thin[0], planes[0]).all()
    assert all(np.array_equal(plane, given) for plane, given in zip(thinned(memory, 1), planes))


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ({}, "does not say when its images were taken"),
        ({**TAGS, "REFERENCE_DATE": "unknown"}, "REFERENCE_DATE"),
        ({**TAGS, "SECONDARY_DATE": "2019-01-01"}, "leads from 2020-01-01 to 2019-01-01"),
    ],
)
def test_products_without_usable_dates_are_refused(tmp_path, tags, sentence):
    planes = np.zeros((3, 40, 40), np.float32)
    with pytest.raises(InputError, match=sentence):
        ProductPair(product(tmp_path / "p.tif", planes, histories.grid(40, 40), tags))


def test_other_rasters_and_damaged_ones_are_refused(tmp_path):
    scene = scenes.write(tmp_path / "scene_20200101.tif", scenes.texture(40, 40))
    with pytest.raises(InputError, match="no displacement product"):
        ProductPair(scene)
    path = product(tmp_path / "p.tif", np.random.default_rng(1).random((3, 600, 600)), histories.grid(600, 600), TAGS)
    source = ProductPair(path)
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[: len(whole) // 3])
    with pytest.raises(InputError, match=r"p\.tif.*damaged"):
        source.read(0, 590, 600, 10)


def test_a_stack_needs_one_grid_and_one_unit():
    first, second, third = histories.dates([0, 12, 24])
    zeros = np.zeros((3, 30, 40))
    one = histories.KnownPair(first, second, *zeros)
    require_one_grid([one, histories.KnownPair(second, third, *zeros)])
    with pytest.raises(InputError, match="no measured pair"):
        require_one_grid([])
    with pytest.raises(InputError, match="in px"):
        require_one_grid([one, histories.KnownPair(second, third, *zeros, unit="px")])
    with pytest.raises(GridMismatchError, match="EPSG:32614 instead of EPSG:32613"):
        require_one_grid([one, histories.KnownPair(second, third, *zeros, of=histories.grid(epsg=32614))])
    with pytest.raises(GridMismatchError, match="50 x 30 pixels instead of 40 x 30"):
        require_one_grid([one, histories.KnownPair(second, third, *np.zeros((3, 30, 50)))])
