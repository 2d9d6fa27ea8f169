"""Rasters whose headers promise what cannot be."""

from __future__ import annotations

import pytest
from osgeo import gdal

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.pair import locate
from deepot_qgis.engine.rasters import Raster

from . import scenes


def empty(path, width: int, height: int, *options: str) -> str:
    gdal.GetDriverByName("GTiff").Create(
        str(path), width, height, 1, gdal.GDT_Float32, options=["SPARSE_OK=TRUE", *options]
    )
    return str(path)


def test_sides_that_no_image_has(tmp_path):
    path = tmp_path / "long.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="2000000" rasterYSize="64"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    with pytest.raises(InputError, match=r"long\.vrt says that it is 2000000 x 64 pixels"):
        Raster(str(path))


def test_a_file_too_small_for_its_pixels(tmp_path):
    with pytest.raises(InputError, match=r"bytes can hold next to none of them"):
        Raster(empty(tmp_path / "a.tif", 60_000, 60_000, "TILED=YES", "BLOCKXSIZE=4096", "BLOCKYSIZE=4096"))
    Raster(empty(tmp_path / "small.tif", 500, 500, "TILED=YES"))  # small and empty is just small and empty


def test_blocks_that_memory_does_not_hold(tmp_path):
    path = empty(tmp_path / "a.tif", 12_000, 12_000, "COMPRESS=DEFLATE", "BLOCKYSIZE=12000")
    with pytest.raises(InputError, match=r"blocks of 12000 x 12000 pixels, 0\.6 GB each; store it in tiles"):
        Raster(path)


@pytest.mark.parametrize("share", [0.1, 0.6, 0.97])
def test_the_missing_end_of_a_text_raster_is_not_waited_for(tmp_path, share):
    text = "ncols 40\nnrows 40\nxllcorner 0\nyllcorner 0\ncellsize 10\n" + "1.5 2 3 4 5\n" * 320
    (tmp_path / "whole.asc").write_text(text)
    Raster(str(tmp_path / "whole.asc"))
    (tmp_path / "cut.asc").write_text(text[: int(share * len(text))])
    with pytest.raises(InputError, match="fewer than its 40 x 40 numbers"):
        Raster(str(tmp_path / "cut.asc"))


@pytest.mark.parametrize(
    "place",
    [(float("nan"), 10, 0, 0, 0, -10), (0, float("inf"), 0, 0, 0, -10), (0, 1e300, 0, 0, 0, -1e300),
     (1e300, 10, 0, 0, 0, -10), (0, 10, 20, 0, 5, 10), (0, 1e-12, 0, 0, 0, -1e-12)],
)  # fmt: skip
def test_places_that_cannot_be(tmp_path, place):
    scenes.write(tmp_path / "a.tif", scenes.texture(40, 40))
    path = tmp_path / "b.vrt"
    path.write_text(
        f'<VRTDataset rasterXSize="40" rasterYSize="40"><GeoTransform>{",".join(map(repr, place))}</GeoTransform>'
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="1">a.tif'
        "</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(InputError, match=r"The geotransform of b\.vrt"):
        Raster(str(path))


def test_an_area_as_large_as_numbers_get(tmp_path):
    raster = Raster(scenes.write(tmp_path / "a.tif", scenes.texture(40, 40)))
    whole = (0, 0, 40, 40)
    assert locate("POLYGON((-1e9 -1e9,1e9 -1e9,1e9 1e9,-1e9 1e9,-1e9 -1e9))", raster)[1] == whole
    with pytest.raises(InputError, match="area"):
        locate("POLYGON((-1e308 -1e308,1e308 -1e308,1e308 1e308,-1e308 1e308,-1e308 -1e308))", raster)
