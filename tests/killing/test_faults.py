"""Whatever GDAL says while it writes ends the run with a sentence and leaves no file that is not whole."""

from __future__ import annotations

import pytest

from deepot_qgis.engine import rasters
from deepot_qgis.engine.errors import OutputError

from . import rooms, writers

#: Calls that bring data or the end of a file to the disk; `_close` is how writers give their file up.
WRITING = ("WriteArray", "FlushCache", "BuildOverviews", "CreateFeature", "CommitTransaction", "_close")
#: Calls of a writer that are made to fail, spread over all of them.
PLACES = 6
#: Pictures and tables that no library of GDAL writes.
OTHERS = ("JSON", "MintPy's HDF5", "pictures")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return writers.inputs(tmp_path_factory.mktemp("source"))


def counted(patch, fail):
    """Count the writing calls; the one of number `fail` is made and then said to have failed."""
    heard, calls = rasters._heard, []

    def hearing(call, *arguments, **keywords):
        result, words = heard(call, *arguments, **keywords)
        if getattr(call, "__name__", "") in WRITING:
            calls.append(call.__name__)
            if len(calls) == fail + 1:
                return result, "Injected: no such luck"
        return result, words

    patch.setattr(rasters, "_heard", hearing)
    return calls


@pytest.mark.parametrize("name", [name for name in writers.WRITERS if name not in OTHERS])
def test_no_word_is_missed(name, source, tmp_path, monkeypatch):
    write, good = writers.WRITERS[name], tmp_path / "good"
    good.mkdir()
    with monkeypatch.context() as patch:
        calls = counted(patch, -1)
        write(source, good)
    whole, missed = rooms.held(good), []
    assert calls
    for place in sorted({round(k * (len(calls) - 1) / (PLACES - 1)) for k in range(PLACES)}):
        out = tmp_path / f"out{place}"
        out.mkdir()
        with monkeypatch.context() as patch:
            counted(patch, place)
            try:
                write(source, out)
            except OutputError as error:
                assert "no such luck" in str(error)
                assert all(whole[file] == digest for file, digest in rooms.held(out).items())
            else:
                missed.append((place, calls[place]))
    assert missed == []
