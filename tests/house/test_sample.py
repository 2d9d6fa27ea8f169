"""The sample that ships: small, honest about itself, and made again by its script."""

from __future__ import annotations

import io
import pickle

import numpy as np
import pytest
from osgeo import gdal

from scripts import make_sample, sample

MAX_BYTES = 3_000_000


@pytest.fixture(scope="module")
def scene() -> sample.Scene:
    return sample.embed(sample.read(sample.IMAGE))


def test_sample_is_small():
    assert sum(path.stat().st_size for path in sample.FOLDER.iterdir()) < MAX_BYTES


@pytest.mark.parametrize("name", [sample.IMAGE.name, sample.REFERENCE, sample.SECONDARY, sample.TRUTH])
def test_each_file_is_georeferenced_and_says_what_it_is(name):
    dataset = gdal.Open(str(sample.FOLDER / name))
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == "32620"
    assert dataset.GetGeoTransform()[1] == 10
    items = dataset.GetMetadata()
    assert "nominal" in items["POSITION"]
    assert "Copernicus" in items["CREDIT"]
    if name != sample.IMAGE.name:
        assert "Synthetic motion" in items["NOTE"]


def test_the_shipped_pair_is_what_the_script_makes(scene):
    # Not bit for bit: another FFT may round differently.
    for name, image in ((sample.REFERENCE, scene.reference), (sample.SECONDARY, scene.secondary)):
        np.testing.assert_allclose(sample.read(sample.FOLDER / name), image, rtol=1e-3, atol=1e-2 * image.mean())
    np.testing.assert_allclose(sample.read(sample.FOLDER / sample.TRUTH), scene.offset, atol=1e-5)


def test_the_landslide_lies_on_land_and_moves_south_east(scene):
    moving = np.hypot(*scene.offset) > 0.5
    assert (moving & scene.water).sum() < 0.03 * moving.sum()
    assert 0.04 < moving.mean() < 0.08
    assert (scene.offset[:, moving] > 0).all()  # x to the right, y down: east and south
    assert 3.0 < np.hypot(*scene.offset).max() < 3.5


def test_the_pair_shows_no_holes(scene):
    assert (scene.reference > 0).all()
    assert (scene.secondary > 0).all()


def test_the_unpickler_reads_arrays_and_nothing_else():
    array = np.arange(4.0).reshape(2, 2) + 1j
    assert (make_sample.ArraysOnly(io.BytesIO(pickle.dumps(array))).load() == array).all()

    class Harmful:
        def __reduce__(self):
            return print, ("ran",)

    with pytest.raises(pickle.UnpicklingError, match=r"builtins\.print"):
        make_sample.ArraysOnly(io.BytesIO(pickle.dumps(Harmful()))).load()
