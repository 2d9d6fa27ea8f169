"""Files get their final name when they are whole and on the disk, and what keeps them from it is said."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from deepot_qgis.engine import files, processes
from deepot_qgis.engine.errors import OutputError
from deepot_qgis.engine.files import refuse_inputs, require_room, whole_file, whole_files


def put(path, text="new"):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def names(folder):
    return sorted(os.listdir(folder))


def ended() -> int:
    """The id of a process that has ended."""
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    return done.pid


def test_a_file_has_its_name_when_it_is_whole(tmp_path):
    path = tmp_path / "a.json"
    put(path, "old")
    with whole_file(str(path)) as temporary:
        put(temporary)
        assert path.read_text() == "old"
        assert os.path.dirname(temporary) == str(tmp_path) and os.path.basename(temporary).startswith(".a.")
        assert f"-{os.getpid()}-" in temporary and temporary.endswith(".partial.json")
    assert path.read_text() == "new" and names(tmp_path) == ["a.json"]


def test_what_fails_leaves_nothing_not_even_what_libraries_put_beside(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_file(str(tmp_path / "a.gpkg")) as temporary:
        for more in ("", "-journal", ".aux.xml"):
            put(temporary + more)
        1 / 0  # noqa: B018
    assert names(tmp_path) == []


def test_files_of_a_group_come_in_their_order_and_only_together(tmp_path, monkeypatch):
    calls = []
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (calls.append(os.path.basename(b)), replace(a, b)))
    with whole_files({"data": str(tmp_path / "a.tif"), "record": str(tmp_path / "a.json")}) as path:
        put(path["record"])
        put(path["data"])
        assert not calls
    assert calls == ["a.tif", "a.json"]
    with pytest.raises(OutputError), whole_files({1: str(tmp_path / "b.tif"), 2: str(tmp_path / "b.json")}) as path:
        put(path[1])  # the other one is never made
    assert names(tmp_path) == ["a.json", "a.tif"]


def test_a_power_cut_finds_the_file_on_the_disk_before_its_name(tmp_path, monkeypatch):
    """File to disk, name, folder to disk: recorded by what the descriptors point at."""
    calls, fsync, replace = [], os.fsync, os.replace

    def record_sync(handle):
        calls.append(("sync", "folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file"))
        fsync(handle)

    def record_replace(source, target):
        calls.append(("name", os.path.basename(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(os, "replace", record_replace)
    with whole_files({1: str(tmp_path / "a.tif"), 2: str(tmp_path / "a.json")}) as path:
        put(path[1])
        put(path[2])
    assert calls == [
        ("sync", "file"), ("sync", "file"),
        ("name", "a.tif"), ("sync", "folder"), ("name", "a.json"), ("sync", "folder"),
    ]  # fmt: skip


def test_a_disk_that_fills_up_at_the_last_moment_costs_the_old_file_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    put(path, "old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"a\.tif .*disk .* is full; make room"), whole_file(str(path)) as temporary:
        put(temporary)
    assert path.read_text() == "old" and names(tmp_path) == ["a.tif"]


def test_a_file_system_that_cannot_sync_is_no_error(tmp_path, monkeypatch):
    def cannot(handle):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", cannot)
    with whole_file(str(tmp_path / "a.tif")) as temporary:
        put(temporary)
    assert names(tmp_path) == ["a.tif"]


def test_what_is_open_elsewhere_is_kept_under_a_free_name(tmp_path, monkeypatch):
    put(tmp_path / "a.tif", "old")
    put(tmp_path / "a_new.tif", "somebody's")
    replace = os.replace

    def locked(source, target):
        if os.path.basename(target) == "a.tif":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), source, None, target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", locked)
    targets = {name: str(tmp_path / name) for name in ("a_offsets.tif", "a.tif", "a.json")}
    with pytest.raises(OutputError) as caught, whole_files(targets) as path:
        for temporary in path.values():
            put(temporary)
    assert "a.tif is open in another program; close it there" in str(caught.value)
    assert "kept in the same folder: a_offsets.tif, a_new2.tif, a_new.json." in str(caught.value)
    assert names(tmp_path) == ["a.tif", "a_new.json", "a_new.tif", "a_new2.tif", "a_offsets.tif"]
    assert (tmp_path / "a.tif").read_text() == "old" and (tmp_path / "a_new.tif").read_text() == "somebody's"


def test_a_folder_that_goes_away_is_said(tmp_path):
    folder = tmp_path / "drive"
    folder.mkdir()
    with pytest.raises(OutputError, match="drive went away; connect"), whole_file(str(folder / "a.tif")) as temporary:
        put(temporary)
        os.remove(temporary)
        folder.rmdir()


def test_files_of_the_dead_are_removed_and_of_the_living_kept(tmp_path):
    here, dead, living = processes.host(), ended(), os.getppid()
    kept = [
        f".a.{here}-{living}-abcdef.partial.tif",  # somebody is writing it
        f".a.elsewhere-{dead}-abcdef.partial.tif",  # nobody can tell
        f".ab.{here}-{dead}-abcdef.partial.tif",  # of another file
        f".a.{here}-{dead}-abcdef.partial.json",
        "a.partial.tif",
    ]
    left = [f".a.{here}-{dead}-abcdef.partial.tif{more}" for more in ("", ".aux.xml", "-journal")]
    for name in (*kept, *left):
        put(tmp_path / name)
    assert sorted(files.remove_stale(str(tmp_path / "a.tif"))) == sorted(left)
    assert names(tmp_path) == sorted(kept)
    (said,) = files.others([str(tmp_path / "a.tif"), str(tmp_path / "a.json")])
    assert f"left {kept[1]}; remove" in said and files.others([str(tmp_path / "ab.tif")]) == []


def test_the_living_and_the_dead_are_told_apart():
    assert processes.alive(os.getpid()) and processes.alive(os.getppid())
    assert not processes.alive(ended())


@pytest.mark.parametrize(
    ("number", "windows", "said"),
    [
        (errno.ENOSPC, None, "disk of .* is full; make room"),
        (errno.EDQUOT, None, "quota .* is used up"),
        (errno.EROFS, None, "can only be read"),
        (errno.EACCES, None, "does not allow it"),
        (errno.EPERM, None, "does not allow it"),
        (errno.EBUSY, None, "open in another program"),
        (errno.EACCES, 32, "open in another program"),
        (errno.EACCES, 5, "open in another program"),
        (errno.EFBIG, None, "larger than files"),
        (errno.ENOTCONN, None, "went away"),
        (errno.ESTALE, None, "went away"),
        (errno.EIO, None, "went away"),
        (errno.ENOENT, 53, "went away"),
        (errno.ENOENT, None, "cannot be written"),
        (errno.ELOOP, None, "cannot be written"),
    ],
)
def test_every_error_that_matters_has_its_sentence(tmp_path, number, windows, said):
    put(tmp_path / "a.tif")
    error = OSError(number, os.strerror(number))
    error.winerror = windows
    with pytest.raises(OutputError, match=said) as caught, whole_file(str(tmp_path / "a.tif")):
        raise error
    assert "a.tif" in str(caught.value) and "choose another" in str(caught.value)
    assert names(tmp_path) == ["a.tif"]


def test_a_library_that_gives_no_reason_is_asked_for_by_the_place(tmp_path, monkeypatch):
    path = str(tmp_path / "a.tif")
    assert "disk of" in str(files.stopped("WriteEncodedTile: No space left on device", path))
    assert "went away" in str(files.stopped("Write error", str(tmp_path / "gone" / "a.tif")))
    assert "Write error" in str(files.stopped("first\nWrite error\n", path))
    monkeypatch.setattr(files.shutil, "disk_usage", lambda folder: type("", (), {"free": 0}))
    assert "is full" in str(files.stopped("Write error", path))


def test_an_input_that_cannot_be_opened_is_not_called_an_output(tmp_path):
    with pytest.raises(OutputError, match=r"gone\.csv cannot be used"), whole_file(str(tmp_path / "a.tif")):
        (tmp_path / "gone.csv").read_text()


def test_the_longest_name_has_room_for_its_temporary_one(tmp_path):
    path = tmp_path / ("n" * 251 + ".tif")
    with whole_file(str(path)) as temporary:
        put(temporary)
        put(temporary + ".aux.xml")
    assert names(tmp_path) == [path.name]


def test_bad_places_are_said_in_a_sentence(tmp_path):
    with pytest.raises(OutputError, match="does not exist"), whole_file(str(tmp_path / "no" / "a.tif")):
        pass
    with pytest.raises(OutputError, match="is a folder"), whole_file(str(tmp_path)):
        pass
    with pytest.raises(OutputError, match="make room"):
        require_room(str(tmp_path / "a.tif"), 1 << 60)
    put(tmp_path / "in.tif")
    with pytest.raises(OutputError, match="one of the inputs"):
        refuse_inputs(str(tmp_path / "in.tif"), (str(tmp_path / "in.tif"),))


def test_the_parts_of_a_format_of_several_files_come_together(tmp_path):
    path = str(tmp_path / "a.shp")
    with files.whole_parts(path) as temporary:
        for ending in (".shp", ".dbf"):
            put(os.path.splitext(temporary)[0] + ending)
        assert not os.path.exists(path)
    assert names(tmp_path) == ["a.dbf", "a.shp"]
    with pytest.raises(ZeroDivisionError), files.whole_parts(path) as temporary:
        put(temporary)
        1 / 0  # noqa: B018
    left = tmp_path / f".a.{processes.host()}-{ended()}-abcdef.partial.shp"
    left.mkdir()
    put(left / "a.dbf")
    files.remove_stale(path)
    assert names(tmp_path) == ["a.dbf", "a.shp"]


def test_an_error_says_what_is_kept():
    kept = files.keeping(lambda: "3 of 4 are kept.")
    with pytest.raises(OutputError, match=r"^It stopped\. 3 of 4 are kept\.$"), kept:
        raise OutputError("It stopped.")
    with pytest.raises(OutputError, match=r"^It stopped\.$"), files.keeping(str):
        raise OutputError("It stopped.")
