"""A disk that fills up while a file is written: a sentence, no half file, and no file that is silently cut short."""

from __future__ import annotations

import shutil

import pytest
from osgeo import gdal

from deepot_qgis.engine.errors import OutputError

from . import rooms, writers

#: Shares of what a writer needs: the disk is full at once, in the middle, and at the last bytes.
SHARES = (0.02, 0.5, 0.97)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return writers.inputs(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    with rooms.disk(tmp_path_factory.mktemp("small") / "disk") as folder:
        yield folder


@pytest.mark.parametrize("name", writers.WRITERS)
def test_a_full_disk_leaves_whole_files_or_none(name, source, disk, tmp_path):
    if name in writers.WITH_NETCDF and gdal.GetDriverByName("netCDF") is None:
        pytest.skip("this GDAL writes no NetCDF")
    if disk is None and name in writers.WITH_NETCDF:
        pytest.skip("only root can mount a small disk, and the NetCDF library does not survive a file that ends early")
    write, good = writers.WRITERS[name], tmp_path / "good"
    good.mkdir()
    write(source, good)
    whole = rooms.held(good)
    sizes = [path.stat().st_size for path in good.iterdir()]
    out = (disk or tmp_path) / "out"
    for share in SHARES:
        out.mkdir()
        small = rooms.room(disk, int(share * sum(sizes))) if disk else rooms.short_files(int(share * max(sizes)))
        with pytest.raises(OutputError, match="is full|may need|larger than|may be full|disk full"), small:
            write(source, out)
        left = rooms.held(out)
        assert all(whole[file] == digest for file, digest in left.items()), (share, left)
        shutil.rmtree(out)
    out.mkdir()
    write(source, out)
    assert rooms.held(out) == whole
    shutil.rmtree(out)
