import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine import align
from deepot_qgis.engine.errors import CancelledError, InputError, OutputError
from deepot_qgis.engine.pair import PairOptions, check

from . import scenes


def test_an_aligned_copy_lies_on_the_grid_and_keeps_the_ground(tmp_path):
    amplitude = scenes.texture(160, 180)
    g = scenes.NORTH_UP
    reference = scenes.write(tmp_path / "scene_20230904.tif", amplitude)
    # The same ground sampled on a grid whose corner lies 0.4 px to the east.
    shifted = scenes.moved(amplitude, -0.4, 0)
    secondary = scenes.write(tmp_path / "scene_20230916.tif", shifted, geotransform=(g[0] + 4, *g[1:]))
    target = align.align(secondary, reference, str(tmp_path / "copy.tif"))
    values = gdal.Open(target).ReadAsArray()
    inner = np.s_[10:-10, 10:-10]
    assert np.abs(values[inner] - amplitude[inner]).mean() < 0.02 * amplitude.mean()
    report = check(PairOptions(reference, target))
    assert report.days == 12  # the date survives although the name does not


def test_another_crs_is_aligned_without_negative_amplitude(tmp_path):
    rng = np.random.default_rng(1)
    amplitude = rng.gamma(1, 1, (160, 180)).astype(np.float32) ** 3 + 1e-3
    reference = scenes.write(tmp_path / "r.tif", amplitude)
    # The same place in the neighbouring UTM zone.
    path = str(tmp_path / "s.tif")
    gdal.Warp(path, reference, dstSRS="EPSG:32612", xRes=10, yRes=10).FlushCache()
    values = gdal.Open(align.align(path, reference, str(tmp_path / "copy.tif"))).ReadAsArray()
    assert np.nanmin(values) >= 0 and np.isfinite(values).mean() > 0.9


def test_complex_images_stay_complex(tmp_path):
    amplitude = (scenes.texture(64, 64) * np.exp(1j)).astype(np.complex64)
    reference = scenes.write(tmp_path / "r.tif", amplitude)
    secondary = scenes.write(tmp_path / "s.tif", amplitude[:60])
    values = gdal.Open(align.align(secondary, reference, str(tmp_path / "copy.tif"))).ReadAsArray()
    assert values.dtype == np.complex64 and np.allclose(values[:50], amplitude[:50], rtol=1e-3)


def test_what_cannot_be_aligned_is_refused(tmp_path):
    values = scenes.texture(64, 64)
    reference = scenes.write(tmp_path / "r.tif", values)
    far = scenes.write(tmp_path / "far.tif", values, geotransform=(900000.0, 10, 0, 4200000.0, 0, -10))
    bare = scenes.write(tmp_path / "bare.tif", values, geotransform=None, epsg=None)
    with pytest.raises(InputError, match="do not overlap"):
        align.align(far, reference, str(tmp_path / "copy.tif"))
    with pytest.raises(InputError, match="not georeferenced"):
        align.align(bare, reference, str(tmp_path / "copy.tif"))
    with pytest.raises(OutputError, match="one of the inputs"):
        align.align(far, reference, reference)
    assert {path.name for path in tmp_path.iterdir()} == {"r.tif", "far.tif", "bare.tif"}


def test_a_cancel_leaves_nothing(tmp_path):
    reference = scenes.write(tmp_path / "r.tif", scenes.texture(64, 64))
    secondary = scenes.write(tmp_path / "s.tif", scenes.texture(60, 64))
    seen = []
    target = tmp_path / "copy.tif"
    with pytest.raises(CancelledError):
        align.align(secondary, reference, str(target), cancelled=lambda: True)
    assert {path.name for path in tmp_path.iterdir()} == {"r.tif", "s.tif"}
    align.align(secondary, reference, str(target), progress=lambda share, what: seen.append(share))
    assert target.exists() and seen[-1] == 1
