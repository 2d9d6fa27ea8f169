"""A product as Cloud Optimized GeoTIFF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine import provenance
from deepot_qgis.engine.cli import main
from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError, OutputError
from deepot_qgis.engine.interchange.cog_export import CogOptions, export_cog
from deepot_qgis.engine.output import GeoTiffWriter
from deepot_qgis.engine.product import bands
from deepot_qgis.engine.rasters import Raster
from tests.engine import scenes


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """A product of 700 x 1100 pixels that needs overviews, its direction and mask not to be averaged."""
    folder = tmp_path_factory.mktemp("cog")
    grid = Raster(scenes.write(folder / "grid.tif", np.ones((700, 1100), np.float32))).grid
    values = np.random.default_rng(3).normal(size=(7, 700, 1100)).astype(np.float32)
    values[3] = np.where(values[3] > 0, 359, 1)
    values[5] = np.nan
    values[6] = np.where(values[6] > 0, 7, 0)
    values[0, :100] = np.nan
    path = str(folder / "product.tif")
    writer = GeoTiffWriter(path, grid, bands("m"))
    writer.write(values)
    writer.finish({provenance.TAG: '{"days": 12}', "UNIT": "m"}, lambda: False)
    return path


def test_everything_is_inside(product, tmp_path):
    path = str(tmp_path / "cog.tif")
    assert main(["export", "cog", product, path]) == 0
    assert [file.name for file in tmp_path.iterdir()] == ["cog.tif"]
    before, after = gdal.Open(product), gdal.Open(path)
    assert after.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"
    assert after.GetMetadataItem(provenance.TAG) == '{"days": 12}'
    assert after.GetGeoTransform() == before.GetGeoTransform() and after.GetProjection() == before.GetProjection()
    np.testing.assert_array_equal(after.ReadAsArray(), before.ReadAsArray())
    for number in range(1, 8):
        old, new = before.GetRasterBand(number), after.GetRasterBand(number)
        assert (new.GetDescription(), new.GetUnitType()) == (old.GetDescription(), old.GetUnitType())
        assert np.isnan(new.GetNoDataValue())
        assert new.GetOverviewCount() >= 2
    east = before.ReadAsArray()[0]
    told = after.GetRasterBand(1).GetMetadata()
    assert float(told["STATISTICS_MAXIMUM"]) == pytest.approx(np.nanmax(east))
    assert float(told["STATISTICS_MEAN"]) == pytest.approx(np.nanmean(east, dtype=float), abs=1e-6)
    assert float(told["STATISTICS_STDDEV"]) == pytest.approx(np.nanstd(east), rel=1e-4)
    for number, values in ((4, {1, 359}), (7, {0, 7})):  # no means of bearings and codes
        band = after.GetRasterBand(number)
        assert set(np.unique(band.GetOverview(1).ReadAsArray())) == values
    assert not list(Path(product).parent.glob("*.aux.xml"))


def test_refusals_leave_nothing(product, tmp_path, monkeypatch):
    with pytest.raises(OptionsError, match="must end in .tif"):
        CogOptions(product, "out.nc")
    with pytest.raises(OutputError, match="one of the inputs"):
        export_cog(CogOptions(product, product))
    with pytest.raises(InputError, match="gone.tif"):
        export_cog(CogOptions(str(tmp_path / "gone.tif"), str(tmp_path / "out.tif")))
    with pytest.raises(CancelledError):
        export_cog(CogOptions(product, str(tmp_path / "out.tif")), cancelled=lambda: True)
    asked = iter(range(1000))
    with pytest.raises(CancelledError):
        export_cog(CogOptions(product, str(tmp_path / "out.tif")), cancelled=lambda: next(asked) > 8)
    monkeypatch.setattr(gdal, "GetDriverByName", lambda name: None)
    with pytest.raises(OutputError, match=r"GDAL 3\.1"):
        export_cog(CogOptions(product, str(tmp_path / "out.tif")))
    assert not list(tmp_path.iterdir())
