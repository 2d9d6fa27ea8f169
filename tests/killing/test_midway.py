"""What goes wrong in the middle of a pair is said in a sentence, and what is finished is kept and taken again."""

from __future__ import annotations

import errno
import os
import shutil

import pytest

from benchmarks.killing import judge, scene
from deepot_qgis.engine import resume
from deepot_qgis.engine.errors import InputError, OutputError
from deepot_qgis.engine.jobs import job
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.timeseries import run
from deepot_qgis.engine.timeseries.acquisitions import find_acquisitions
from deepot_qgis.engine.timeseries.run import SeriesOptions, series

from . import rooms

HEIGHT, WIDTH = 1100, 48


@pytest.fixture
def images(tmp_path):
    (tmp_path / "images").mkdir()
    return scene.write(str(tmp_path / "images"), HEIGHT, WIDTH)[:2]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """What an undisturbed run gives."""
    folder = tmp_path_factory.mktemp("expected")
    (folder / "out").mkdir()
    measure(options(scene.write(str(folder), HEIGHT, WIDTH)[:2], folder / "out"))
    return pixels(folder / "out")


def options(images, out, **changes):
    return MeasureOptions(*images, str(out / "d.tif"), method="correlation", tile_px=64, **{"resume": True, **changes})


def pixels(folder):
    left = judge.look(str(folder))
    assert not left.broken and not left.temporary
    return {name: digest for name, digest in left.whole.items() if name.endswith(".tif")}


@pytest.fixture
def when_kept(monkeypatch):
    """Do something as soon as the first rows are kept."""

    def arrange(act):
        keep, done = resume.Work._keep, []

        def keeping(self, rows):
            keep(self, rows)
            if not done:
                done.append(True)
                act()

        monkeypatch.setattr(resume.Work, "_keep", keeping)

    return arrange


def test_a_folder_that_goes_away_takes_its_rows_along_and_brings_them_back(images, expected, when_kept, tmp_path):
    out, away = tmp_path / "out", tmp_path / "away"
    out.mkdir()
    when_kept(lambda: out.rename(away))
    with pytest.raises(OutputError, match=r"went away; connect .*The first 512 of 1100 rows .*--resume"):
        measure(options(images, out))
    away.rename(out)
    result = measure(options(images, out))
    assert "512 of 1100 rows had been measured before." in result.messages
    for name in judge.look(str(out)).temporary:  # those of a process that lives on, here this one, are nobody else's
        assert f"-{os.getpid()}-" in name
        (out / name).unlink()
    assert pixels(out) == expected


def test_a_disk_that_fills_up_keeps_the_finished_rows(images, expected, when_kept, tmp_path):
    with rooms.disk(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("only root can mount a small disk")

        def fill():
            free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            (disk / "filler").write_bytes(b"\0" * (free - 4096))

        when_kept(fill)
        with pytest.raises(OutputError, match=r"disk of .* is full; make room .*The first 512 of 1100 rows"):
            measure(options(images, disk))
        assert sorted(os.listdir(disk)) == [".d.tif.resume", "filler"]
        (disk / "filler").unlink()
        measure(options(images, disk))
        assert pixels(disk) == expected


def test_a_folder_that_turns_read_only_keeps_the_finished_rows(images, expected, when_kept, monkeypatch, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    def read_only(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        when_kept(lambda: patch.setattr(os, "replace", read_only))
        with pytest.raises(OutputError, match=r"can only be read; .*The first 512 of 1100 rows"):
            measure(options(images, out))
    measure(options(images, out))
    assert pixels(out) == expected


@pytest.mark.parametrize("role", [0, 1])
def test_an_image_that_is_cut_short_is_named_and_the_finished_rows_are_kept(
    images, expected, when_kept, role, tmp_path
):
    out, whole = tmp_path / "out", tmp_path / "whole.tif"
    out.mkdir()
    shutil.copyfile(images[role], whole)

    def cut():
        with open(images[role], "r+b") as file:
            file.truncate(os.path.getsize(images[role]) * 2 // 3)

    when_kept(cut)
    name = os.path.basename(images[role])
    with pytest.raises(InputError, match=rf"{name} .*The first \d+ of 1100 rows .*--resume"):
        measure(options(images, out))
    shutil.copyfile(whole, images[role])
    measure(options(images, out))
    assert pixels(out) == expected


def test_an_image_that_is_removed_is_named_or_missed_by_nobody(images, expected, when_kept, tmp_path):
    """What is open can still be read on most systems."""
    out = tmp_path / "out"
    out.mkdir()
    when_kept(lambda: os.remove(images[1]))
    try:
        measure(options(images, out))
    except InputError as error:
        assert os.path.basename(images[1]) in str(error) and "rows are measured and kept" in str(error)
    else:
        assert pixels(out) == expected


def test_a_product_that_is_open_elsewhere_is_kept_beside_it(images, expected, monkeypatch, tmp_path):
    out, replace = tmp_path / "out", os.replace
    out.mkdir()
    (out / "d.tif").write_bytes(b"old")

    def locked(source, target):
        if os.path.basename(target) == "d.tif":
            raise PermissionError(errno.EBUSY, os.strerror(errno.EBUSY))
        replace(source, target)

    monkeypatch.setattr(os, "replace", locked)
    with pytest.raises(
        OutputError, match=r"d\.tif is open in another program.*kept .*: d_offsets\.tif, d_new\.tif, d_n"
    ):
        measure(options(images, out, resume=False))
    assert sorted(os.listdir(out)) == ["d.tif", "d_new.json", "d_new.tif", "d_offsets.tif"]
    assert judge.digest(str(out / "d_new.tif")) == expected["d.tif"]
    assert (out / "d.tif").read_bytes() == b"old"


def test_a_run_that_does_not_resume_leaves_no_rows_of_an_earlier_one(images, expected, when_kept, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    def stop():
        raise OutputError("It stopped.")

    when_kept(stop)
    with pytest.raises(OutputError, match=r"It stopped\. The first 512"):
        measure(options(images, out))
    assert os.listdir(out) == [".d.tif.resume"]
    measure(options(images, out, resume=False))
    assert pixels(out) == expected


def test_a_disk_that_fills_up_in_a_series_keeps_its_pairs(monkeypatch, tmp_path):
    (tmp_path / "images").mkdir()
    scene.write(str(tmp_path / "images"), 48, 48, scene.DAYS[:3])
    with rooms.disk(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("only root can mount a small disk")
        made = []

        def and_fill(*arguments, **keywords):
            made.append(measure(*arguments, **keywords))
            if len(made) == 2:
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                (disk / "filler").write_bytes(b"\0" * (free - 4096))
            return made[-1]

        monkeypatch.setattr(job, "measure", and_fill)
        series_of = SeriesOptions(find_acquisitions(tmp_path / "images"), str(disk / "out"), method="correlation")
        with pytest.raises(OutputError, match=r"make room.* 2 of 3 pairs are measured and kept\."):
            series(series_of)
        assert not judge.look(str(disk)).temporary and len(judge.look(str(disk / "out")).whole) == 6
        (disk / "filler").unlink()
        assert "2 of 3 pairs were taken from an earlier run." in series(series_of).messages


def test_a_series_that_cannot_be_written_keeps_its_pairs(monkeypatch, tmp_path):
    (tmp_path / "images").mkdir()
    scene.write(str(tmp_path / "images"), 48, 48, scene.DAYS[:2])
    series_of = SeriesOptions(find_acquisitions(tmp_path / "images"), str(tmp_path / "out"), method="correlation")

    def full(*_, **__):
        raise OutputError("The disk is full.")

    monkeypatch.setattr(run, "invert_pairs", full)
    with pytest.raises(OutputError, match=r"^The disk is full\. 1 of 1 pairs are measured and kept\.$"):
        series(series_of)
