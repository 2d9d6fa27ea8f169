from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine.cli import main
from deepot_qgis.engine.errors import CancelledError, DeepotError, InputError, OptionsError
from deepot_qgis.engine.interchange.importing import ImportOptions, import_offsets
from deepot_qgis.engine.interchange.opening import ReadingOptions, open_pairs, recognise
from deepot_qgis.engine.product import BANDS
from deepot_qgis.engine.timeseries.stack import ProductPair

from . import interchanged as ic
from .test_interchange_mintpy import stack
from .test_interchange_nisar import goff
from .test_interchange_rasters import write

RADAR = {"heading": -12.0, "incidence": 38.0, "x_spacing": 2.5, "y_spacing": 14.0}


def bip(folder, name="20200101_20200113.bip"):
    offsets = np.full((4, 5), 0.5)
    offsets[0, 0] = -10000
    return write(folder / name, offsets, np.full((4, 5), 2.0), driver="ENVI")


def test_offsets_become_products_that_the_series_takes(tmp_path):
    path = bip(tmp_path)
    result = import_offsets(ImportOptions((path,), str(tmp_path / "pairs"), ReadingOptions(**RADAR)))
    assert [Path(name).name for name in result.products] == ["20200101_20200113.tif"]
    source, pair = open_pairs([path], ReadingOptions(**RADAR))[0], ProductPair(result.products[0])
    assert (pair.first, pair.second, pair.unit) == (source.first, source.second, "m")
    np.testing.assert_array_equal(pair.read(0, 0, 5, 4), source.read(0, 0, 5, 4))
    dataset = gdal.Open(result.products[0])
    assert [dataset.GetRasterBand(n + 1).GetDescription() for n in range(7)] == list(BANDS)
    planes = dict(zip(BANDS, dataset.ReadAsArray()))
    assert planes["mask"][0, 0] == 1 and planes["mask"][2, 2] == 0
    assert planes["magnitude"][2, 2] == pytest.approx(np.hypot(planes["east"][2, 2], planes["north"][2, 2]))
    assert planes["direction"][2, 2] == pytest.approx(
        np.degrees(np.arctan2(planes["east"][2, 2], planes["north"][2, 2])) % 360, rel=1e-6
    )
    record = json.loads((tmp_path / "pairs" / "20200101_20200113.json").read_text())
    assert record["estimator"] == {"name": "import"} and record["import"]["format"] == "auto"
    assert record["days"] == 12 and len(record["inputs"]["offsets"][0]["sha256"]) == 64
    assert record["statistics"]["good"] == 1 and record["messages"] == list(result.messages)


def test_one_bad_file_does_not_spoil_the_others(tmp_path):
    (tmp_path / "broken_20200101_20200125.bip").write_bytes(b"nothing")
    paths = (
        bip(tmp_path), str(tmp_path / "broken_20200101_20200125.bip"), bip(tmp_path, "20200113_20200125.bip"),
        write(tmp_path / "20200125_20200206.tif", *[np.full((4, 5), -10000.0)] * 2),
    )  # fmt: skip
    options = ReadingOptions("isce", **RADAR)
    result = import_offsets(ImportOptions(paths, str(tmp_path / "pairs"), options))
    assert len(result.products) == 2 and len(result.failures) == 2
    assert "broken_20200101_20200125.bip" in result.failures[0] and "no single measurement" in result.failures[1]
    assert sorted(path.name for path in (tmp_path / "pairs").glob("*.tif")) == [
        "20200101_20200113.tif", "20200113_20200125.tif"
    ]  # fmt: skip
    with pytest.raises(InputError, match="broken"):
        import_offsets(ImportOptions(paths[1:2], str(tmp_path / "none"), options))


def test_what_was_finished_before_a_cancel_is_kept(tmp_path):
    paths = (bip(tmp_path), bip(tmp_path, "20200113_20200125.bip"))
    with pytest.raises(CancelledError):
        import_offsets(
            ImportOptions(paths, str(tmp_path / "pairs"), ReadingOptions(**RADAR)),
            cancelled=lambda: (tmp_path / "pairs" / "20200101_20200113.tif").exists(),
        )
    assert sorted(path.name for path in (tmp_path / "pairs").iterdir()) == [
        "20200101_20200113.json", "20200101_20200113.tif"
    ]  # fmt: skip


def test_two_measurements_of_one_pair_get_two_names(tmp_path):
    (tmp_path / "b").mkdir()
    paths = (bip(tmp_path), bip(tmp_path / "b"))
    result = import_offsets(ImportOptions(paths, str(tmp_path / "pairs"), ReadingOptions(**RADAR)))
    assert [Path(name).name for name in result.products] == ["20200101_20200113.tif", "20200101_20200113_2.tif"]


def test_formats_are_recognised(tmp_path):
    (tmp_path / "other.h5").write_bytes(Path(stack(tmp_path / "s.h5")).read_bytes().replace(b"WIDTH", b"WODTH"))
    assert recognise(str(tmp_path / "s.h5")) == "mintpy"
    assert recognise(goff(tmp_path / "g.h5")) == "nisar"
    assert recognise("a.nc") == "itslive" and recognise("a.tif") == "autorift" and recognise("a.bip") == "isce"
    with pytest.raises(InputError, match="neither MintPy's nor NISAR's"):
        recognise(str(tmp_path / "other.h5"))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: ReadingOptions(heading=-12.0), "belong together"),
        (lambda folder: ReadingOptions(first="2020-01-01"), "belong together"),
        (lambda folder: ReadingOptions("gamma"), "format"),
        (lambda folder: ReadingOptions(order="east,north"), "order of the bands"),
        (lambda folder: ImportOptions((), str(folder)), "at least one file"),
        (
            lambda folder: ImportOptions(
                ("a", "b"), str(folder), ReadingOptions(first="2020-01-01", second="2020-01-13")
            ),
            "one file only",
        ),
        (lambda folder: open_pairs([bip(folder)]), "heading, incidence angle and the pixel spacings"),
    ],
)
def test_what_does_not_go_together_is_said(tmp_path, make, words):
    with pytest.raises((OptionsError, DeepotError), match=words):
        make(tmp_path)


def test_commands(tmp_path, capsys):
    ic.series(tmp_path / "s")
    folder = str(tmp_path / "out")
    assert main(["export", "mintpy", str(tmp_path / "s"), folder]) == 0
    assert main(["export", "points", str(tmp_path / "s"), str(tmp_path / "p.gpkg"), "--every", "3"]) == 0
    assert main(["export", "netcdf", str(tmp_path / "s"), str(tmp_path / "v.nc")]) == 0
    assert main(["import", "pairs", str(tmp_path / "v.nc"), str(tmp_path / "pairs")]) == 0
    product = str(tmp_path / "pairs" / "20200101_20200410.tif")
    assert main(["export", "stack", product, str(tmp_path / "ifgramStack.h5")]) == 0
    assert main(["import", "series", f"{folder}/timeseries_east.h5", f"{folder}/timeseries_north.h5",
                 str(tmp_path / "back")]) == 0  # fmt: skip
    assert main(["import", "pairs", str(tmp_path / "ifgramStack.h5"), str(tmp_path / "again")]) == 0
    printed = capsys.readouterr()
    assert "1 displacement product imported." in printed.out and printed.err == ""
    assert (tmp_path / "back" / "series.json").exists() and (tmp_path / "again" / "20200101_20200410.tif").exists()


def test_commands_say_what_is_wrong(tmp_path, capsys):
    assert main(["export", "mintpy", str(tmp_path / "nothing"), str(tmp_path)]) == 1
    assert main(["export", "points", str(tmp_path), str(tmp_path / "p.gpkg"), "--heading", "-12"]) == 1
    assert main(["import", "pairs", bip(tmp_path), str(tmp_path / "o")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and "series.json" in lines[0] and "belong together" in lines[1] and "heading" in lines[2]
