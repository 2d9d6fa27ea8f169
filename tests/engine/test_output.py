import os
import resource
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine import output
from deepot_qgis.engine.errors import CancelledError
from deepot_qgis.engine.files import whole_file
from deepot_qgis.engine.rasters import Grid

from . import scenes


def grid(width, height):
    return Grid(width, height, scenes.NORTH_UP, "", True)


def test_rows_of_any_height_become_a_tiled_compressed_raster(tmp_path):
    path = str(tmp_path / "a.tif")
    values = np.random.default_rng(1).random((2, 1300, 700)).astype(np.float32)
    with whole_file(path) as temporary:
        writer = output.GeoTiffWriter(temporary, grid(700, 1300), [output.Band("dx", "px"), output.Band("dy", "px")])
        for y in range(0, 1300, 90):
            writer.write(values[:, y : y + 90])
        assert not os.path.exists(path)
        writer.finish({"WHAT": "test"}, lambda: False)
    dataset = gdal.Open(path)
    assert np.array_equal(dataset.ReadAsArray(), values)
    band = dataset.GetRasterBand(2)
    assert (band.GetDescription(), band.GetUnitType(), band.GetBlockSize()) == ("dy", "px", [512, 512])
    assert np.isnan(band.GetNoDataValue()) and band.GetOverviewCount() > 0
    assert dataset.GetMetadataItem("WHAT") == "test"
    assert dataset.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE") == "DEFLATE"


def test_nothing_is_left_when_it_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_file(str(tmp_path / "a.tif")) as temporary:
        output.GeoTiffWriter(temporary, grid(10, 10), [output.Band("dx")])
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    # A limit on the size of files stands for a full disk: GDAL meets the same failed write.
    script = textwrap.dedent(
        f"""
        import sys
        import numpy as np
        from deepot_qgis.engine import output
        from deepot_qgis.engine.files import whole_file
        from deepot_qgis.engine.errors import CancelledError, OutputError
        from deepot_qgis.engine.rasters import Grid
        try:
            with whole_file({str(tmp_path / "a.tif")!r}) as temporary:
                writer = output.GeoTiffWriter(
                    temporary, Grid(1024, 1024, (0, 1, 0, 0, 0, -1), "", True), [output.Band("dx")]
                )
                writer.write(np.random.default_rng(1).random((1, 1024, 1024)).astype(np.float32))
                writer.finish({{}}, lambda: False)
        except OutputError as error:
            print(error)
            sys.exit(7)
        """
    )

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    done = subprocess.run([sys.executable, "-c", script], preexec_fn=limit, capture_output=True, text=True, timeout=60)
    assert done.returncode == 7, done.stdout + done.stderr
    assert "disk may be full" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_small_raster_has_small_blocks(tmp_path):
    """What fills a block up is compressed as well, and a series has hundreds of bands."""
    path = str(tmp_path / "a.tif")
    writer = output.GeoTiffWriter(path, grid(23, 17), [output.Band("dx", "px")])
    writer.write(np.ones((1, 17, 23), np.float32))
    writer.finish({}, lambda: False)
    dataset = gdal.Open(path)
    assert dataset.GetRasterBand(1).GetBlockSize() == [32, 32] and (dataset.ReadAsArray() == 1).all()


@pytest.mark.parametrize(
    ("size", "high", "part", "beside"),
    [
        ((1100, 1300), 512, (1024, 512), 2),
        ((1100, 1300), 256, (1024, 256), 2),  # as of a very wide raster
        ((1100, 1300), 128, (1024, 128), 1),
        ((600, 700), 512, (300, 700), 0),  # no blocks of the file: overviews are made at the end
    ],
)
def test_overviews_hold_every_other_pixel_however_the_raster_was_written(
    tmp_path, monkeypatch, size, high, part, beside
):
    monkeypatch.setattr(output, "strip_rows", lambda width: high)
    width, height = size
    values = np.random.default_rng(1).random((2, height, width)).astype(np.float32)
    values[0, 100:400, 50:700] = np.nan
    path = str(tmp_path / "a.tif")
    writer = output.GeoTiffWriter(path, grid(*size), [output.Band("dx", "px"), output.Band("dy", "px")])
    for y in range(0, height, part[1]):
        for x in range(0, width, part[0]):
            writer.place(values[:, y : y + part[1], x : x + part[0]], x, y)
    assert len(writer._beside) == beside
    writer.finish({}, lambda: False)
    dataset = gdal.Open(path)
    assert np.array_equal(dataset.ReadAsArray(), values, equal_nan=True)
    for number in (1, 2):
        band = dataset.GetRasterBand(number)
        assert band.GetBlockSize() == [512, high] and band.GetOverviewCount() == (2 if width > 1000 else 1)
        for level, factor in enumerate((2, 4)[: band.GetOverviewCount()]):
            thin = values[number - 1, ::factor, ::factor]
            assert np.array_equal(band.GetOverview(level).ReadAsArray(), thin, equal_nan=True)


def test_a_cancel_is_heard_while_overviews_are_made(tmp_path):
    writer = output.GeoTiffWriter(str(tmp_path / "a.tif"), grid(600, 700), [output.Band("dx")])
    writer.place(np.ones((1, 350, 600), np.float32), 0, 0)
    writer.place(np.ones((1, 350, 600), np.float32), 0, 350)
    with pytest.raises(CancelledError):
        writer.finish({}, lambda: True)
    writer.close()
