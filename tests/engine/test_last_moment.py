"""What fails late: images that are damaged in the middle, disks that fill up, folders that are taken away, cancels."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr

from deepot_qgis.engine import align, files, measure, provenance, resume
from deepot_qgis.engine.errors import CancelledError, InputError, OutputError
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.output import Band, GeoTiffWriter
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.engine.shift import moved_copy

from . import scenes

COMPRESSED = ("COMPRESS=DEFLATE", "BLOCKYSIZE=8")


def damaged(path, side=300):
    """An image whose first and last rows can be read, and those in the middle not."""
    scenes.write(path, scenes.texture(side, side), options=COMPRESSED)
    with open(path, "r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 4000)
    return str(path)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# ---- images


def test_a_copy_of_a_damaged_image_is_refused_and_leaves_nothing(tmp_path):
    image = damaged(tmp_path / "image.tif")
    Raster(image)  # its beginning and end are whole
    with pytest.raises(OutputError, match=r"image\.tif could not be copied"):
        moved_copy(image, str(tmp_path / "moved.tif"), 3, 2)
    assert names(tmp_path) == ["image.tif"]


def test_a_damaged_image_is_not_aligned(tmp_path):
    model = scenes.write(tmp_path / "model.tif", scenes.texture(290, 290))
    with pytest.raises(OutputError, match=r"image\.tif could not be aligned to model\.tif .* is it damaged"):
        align.align(damaged(tmp_path / "image.tif"), model, str(tmp_path / "copy.tif"))
    assert names(tmp_path) == ["image.tif", "model.tif"]


def test_a_damaged_image_ends_a_measurement_and_leaves_nothing(tmp_path):
    first, second = damaged(tmp_path / "20240101.tif"), damaged(tmp_path / "20240113.tif")
    (tmp_path / "out").mkdir()
    options = MeasureOptions(first, second, str(tmp_path / "out" / "d.tif"), method="correlation", tile_px=64)
    with pytest.raises(InputError, match=r"2024\d+\.tif cannot be read around row \d+ .* damaged or incomplete"):
        measure.measure(options)
    assert names(tmp_path / "out") == []


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32, np.complex64])
def test_the_margin_of_a_moved_copy_is_no_data(tmp_path, kind):
    ground = scenes.texture(80, 90)
    image = scenes.write(tmp_path / "image.tif", (1 + 200 * ground / ground.max()).astype(kind))
    copy = Raster(moved_copy(image, str(tmp_path / "moved.tif"), 5, 0))
    values, valid = copy.read(0, 0, 90, 80)
    assert not valid[:, -5:].any() and valid[:, :-5].all() and values.dtype == kind


def test_a_moved_copy_keeps_the_nodata_and_the_control_points_of_the_image(tmp_path):
    path = scenes.write(tmp_path / "image.tif", scenes.texture(80, 90), geotransform=None, epsg=None, nodata=-9999)
    corners = (10, 50, 0, 0, 0), (11, 50, 0, 90, 0), (10, 49, 0, 0, 80)
    points = [gdal.GCP(*corner) for corner in corners]
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.SetGCPs(points, osr.GetUserInputAsWKT("EPSG:4326"))
    del dataset
    copy = gdal.Open(moved_copy(path, str(tmp_path / "moved.tif"), -4, 3))
    assert copy.GetRasterBand(1).GetNoDataValue() == -9999
    kept = tuple((p.GCPX, p.GCPY, p.GCPZ, p.GCPPixel, p.GCPLine) for p in copy.GetGCPs())
    assert kept == corners, "the grid stays, the image moves on it"
    assert (copy.ReadAsArray()[:, :4] == -9999).all()


# ---- places


def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "access", lambda path, mode: False)
    with pytest.raises(OutputError, match="cannot be written; choose another"):
        files.require_room(str(tmp_path / "d.tif"), 1)


def test_a_library_that_gives_no_reason_meets_a_folder_that_can_only_be_read_or_not_be_asked(tmp_path, monkeypatch):
    path = str(tmp_path / "a.tif")
    with monkeypatch.context() as patch:
        patch.setattr(files.os, "access", lambda path, mode: False)
        assert "does not allow it" in str(files.stopped("Write error", path))

    def gone(folder):
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    monkeypatch.setattr(files.shutil, "disk_usage", gone)
    assert "went away" in str(files.stopped("Write error", path))


def test_what_cannot_even_be_kept_under_another_name_is_not_promised(tmp_path, monkeypatch):
    def refused(source, target):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OutputError) as caught, files.whole_file(str(tmp_path / "a.tif")) as temporary:
        Path(temporary).write_text("whole")
    assert "does not allow it" in str(caught.value) and "Finished and kept" not in str(caught.value)
    assert names(tmp_path) == []


def test_no_more_than_a_hundred_names_are_tried(tmp_path, monkeypatch):
    for number in ["", *range(2, 100)]:
        (tmp_path / f"a_new{number}.tif").touch()
    whole = tmp_path / "whole"
    whole.touch()
    assert files._keep(str(whole), str(tmp_path / "a.tif")) is None and whole.exists()


def test_the_work_folder_of_a_run_needs_a_place(tmp_path):
    target = str(tmp_path / "d.tif")
    with open(resume.folder_of(target), "w") as file:
        file.write("a file where the folder should be")
    with pytest.raises(OutputError, match=r"cannot be made \(File exists\); choose another folder"):
        resume.Work(target, (10, 10), {}, {}).__enter__()


# ---- writing


def writer(path, size=64):
    grid = Raster(scenes.write(path.parent / "grid.tif", scenes.texture(size, size))).grid
    return GeoTiffWriter(str(path), grid, [Band("east", "m")])


def test_a_product_that_cannot_be_begun_is_said(tmp_path):
    with pytest.raises(OutputError, match="went away"):
        scenes.write(tmp_path / "grid.tif", scenes.texture(8, 8))
        grid = Raster(str(tmp_path / "grid.tif")).grid
        GeoTiffWriter(str(tmp_path / "no folder" / "d.tif"), grid, [Band("east", "m")])


def test_a_product_that_vanishes_before_its_overviews_are_made_is_said(tmp_path):
    path = tmp_path / "d.tif"
    made = writer(path, 600)
    made.place(np.zeros((1, 600, 600), np.float32), 0, 0)
    made._end()
    path.unlink()
    with pytest.raises(OutputError):
        made.finish({}, lambda: False)


def test_a_cancel_is_heard_while_a_file_is_hashed(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"x")
    with pytest.raises(CancelledError, match="nothing was written"):
        provenance.sha256(str(path), lambda: True)
    assert provenance.sha256("NETCDF:nothing:here", lambda: True) is None


def test_a_cancel_after_the_last_row_leaves_nothing(tmp_path):
    """Everything is written under other names, and the user cancels before the names are given."""
    (tmp_path / "out").mkdir()
    pair, shares = scenes.pair(tmp_path, 1, 0), []
    options = MeasureOptions(*pair, str(tmp_path / "out" / "d.tif"), method="correlation")
    with pytest.raises(CancelledError, match="nothing was written"):
        measure.measure(options, lambda share, _: shares.append(share), lambda: bool(shares) and shares[-1] >= 0.97)
    assert shares[-1] < 1 and names(tmp_path / "out") == []


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "7", '"options"', '{"options": 7}', '{"no": "options"}', "{", "[" * 100_000, "\udcff"]
)
def test_what_is_no_record_is_said(tmp_path, text):
    path = tmp_path / "d.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=r"d\.json holds no record of a DeepOT run; give the JSON beside a product"):
        provenance.read_options(str(path))
    assert provenance.of_product(str(tmp_path / "d.tif"), {}) in ({}, {"options": 7}, {"no": "options"})
