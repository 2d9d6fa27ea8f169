"""Rasters that name other files, the network or themselves."""

from __future__ import annotations

import os

import pytest
from osgeo import gdal

from deepot_qgis.engine import local
from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.rasters import Raster

from . import scenes


def vrt(path, source: str, relative: int = 0) -> str:
    path.write_text(
        '<VRTDataset rasterXSize="40" rasterYSize="40"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        f'<SourceFilename relativeToVRT="{relative}">{source}</SourceFilename></SimpleSource></VRTRasterBand>'
        "</VRTDataset>"
    )
    return str(path)


def test_a_mosaic_of_local_files_is_read(tmp_path):
    image = scenes.texture(40, 40)
    scenes.write(tmp_path / "image.tif", image)
    read, valid = Raster(vrt(tmp_path / "mosaic.vrt", "image.tif", 1)).read(0, 0, 40, 40)
    assert valid.all() and (read == image).all()


@pytest.mark.parametrize(
    "source",
    ["/vsicurl/http://127.0.0.1:1/a.tif", "HTTP://127.0.0.1:1/a.tif", "/vsizip//vsis3/a/b.zip/c.tif",
     "&#47;vsicurl/http://127.0.0.1:1/a.tif", "<![CDATA[/vsigs/a/b.tif]]>", "WMS:http://127.0.0.1:1/?"],
)  # fmt: skip
def test_the_network_is_not_followed(tmp_path, source):
    with pytest.raises(InputError, match=r"a\.tif leads to the network"):
        Raster(vrt(tmp_path / "a.tif", source))


def test_circles_pipes_and_services_are_refused(tmp_path):
    vrt(tmp_path / "a.vrt", "b.vrt", 1)
    vrt(tmp_path / "b.vrt", "a.vrt", 1)
    with pytest.raises(InputError, match="in a circle"):
        Raster(str(tmp_path / "a.vrt"))
    os.mkfifo(tmp_path / "pipe.tif")
    for path in (str(tmp_path / "pipe.tif"), vrt(tmp_path / "c.vrt", "pipe.tif", 1)):
        with pytest.raises(InputError, match="a pipe or a device"):
            Raster(path)
    (tmp_path / "d.tif").write_text("<GDAL_WMS><Service name='TMS'/></GDAL_WMS>")
    with pytest.raises(InputError, match="a service on the network"):
        Raster(str(tmp_path / "d.tif"))


def test_a_mosaic_of_mosaics_of_mosaics_is_bounded(tmp_path):
    scenes.write(tmp_path / "8.vrt", scenes.texture(40, 40))
    for number in range(8):
        source = f'<SimpleSource><SourceFilename relativeToVRT="1">{number + 1}.vrt</SourceFilename></SimpleSource>'
        (tmp_path / f"{number}.vrt").write_text(
            '<VRTDataset rasterXSize="40" rasterYSize="40"><VRTRasterBand dataType="Float32" band="1">'
            f"{source * 8}</VRTRasterBand></VRTDataset>"
        )
    with pytest.raises(InputError, match="readings of other files"):
        Raster(str(tmp_path / "0.vrt"))
    Raster(str(tmp_path / "6.vrt"))


@pytest.mark.skipif(not hasattr(gdal, "SetThreadLocalConfigOption"), reason="needs GDAL 3.5")
def test_gdal_has_no_network_while_it_reads_and_its_own_settings_after():
    gdal.SetThreadLocalConfigOption("GDAL_HTTP_PROXY", "mine")
    try:
        with local.offline():
            assert gdal.GetConfigOption("GDAL_HTTP_PROXY") == "127.0.0.1:1"
        assert gdal.GetConfigOption("GDAL_HTTP_PROXY") == "mine"
    finally:
        gdal.SetThreadLocalConfigOption("GDAL_HTTP_PROXY", None)
