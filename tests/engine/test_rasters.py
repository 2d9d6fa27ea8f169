import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.rasters import UNREFERENCED, Raster

from . import scenes


def test_nodata_nan_and_outside_are_invalid(tmp_path):
    values = scenes.texture(40, 50)
    values[3, 4], values[5, 6], values[7, 8] = -9999, np.nan, np.inf
    raster = Raster(scenes.write(tmp_path / "a.tif", values, nodata=-9999))
    _, valid = raster.read(-2, -3, 60, 50)
    assert valid.sum() == 40 * 50 - 3
    assert not valid[:3].any() and not valid[:, :2].any()
    assert not valid[3 + 3, 4 + 2] and not valid[5 + 3, 6 + 2] and not valid[7 + 3, 8 + 2]


def test_a_mask_band_is_respected(tmp_path):
    path = scenes.write(tmp_path / "a.tif", scenes.texture(40, 50))
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    mask = np.full((40, 50), 255, np.uint8)
    mask[10:20] = 0
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(mask)
    del dataset
    _, valid = Raster(path).read(0, 0, 50, 40)
    assert not valid[10:20].any() and valid[:10].all() and valid[20:].all()


def test_a_raster_without_georeference_lies_as_qgis_shows_it(tmp_path):
    raster = Raster(scenes.write(tmp_path / "a.tif", scenes.texture(40, 50), geotransform=None, epsg=None))
    assert not raster.grid.georeferenced
    assert raster.grid.geotransform == UNREFERENCED
    assert raster.grid.to_map(10, 20) == (10, -20)


def test_to_pixel_is_the_inverse_of_to_map(tmp_path):
    rotated = (500000.0, 8.0, 3.0, 4200000.0, 2.5, -9.0)
    grid = Raster(scenes.write(tmp_path / "a.tif", scenes.texture(40, 50), geotransform=rotated)).grid
    assert np.allclose(grid.to_pixel(*grid.to_map(12.5, 31.25)), (12.5, 31.25))
    part = grid.window(7, 9, 10, 10)
    assert np.allclose(part.to_map(1, 2), grid.to_map(8, 11))


@pytest.mark.parametrize("what", ["missing", "folder", "text", "truncated", "band"])
def test_what_is_no_raster_is_said_in_a_sentence(tmp_path, what):
    path, band = tmp_path / "a.tif", 1
    if what == "folder":
        path.mkdir()
    elif what == "text":
        path.write_text("this is not a TIFF")
    elif what in ("truncated", "band"):
        scenes.write(path, scenes.texture(200, 200))
        if what == "truncated":
            path.write_bytes(path.read_bytes()[:60000])
        else:
            band = 3
    with pytest.raises(InputError) as caught:
        Raster(str(path), band)
    sentence = str(caught.value)
    assert "a.tif" in sentence and sentence.endswith(".") and ";" in sentence
