from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal, osr

from deepot_qgis.engine.errors import DeepotError, InputError, OptionsError, OutputError
from deepot_qgis.engine.interchange.arrays import ArrayFile
from deepot_qgis.engine.interchange.importing import ImportOptions, import_offsets
from deepot_qgis.engine.interchange.itslive import velocity_pair
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf

from . import interchanged as ic

WHOLE = (0, 0, ic.WIDTH, ic.HEIGHT)


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return ic.series(tmp_path_factory.mktemp("n") / "slide")


def its_live(path, dates=("20170221T20:47:10", "20170227T20:46:31"), layers=("vx", "vy", "v_error"), unit="meter/year",
             attributes=None):  # fmt: skip
    """A file as ITS_LIVE writes it: int16, -32767 for no data, polar stereographic."""
    dataset = gdal.GetDriverByName("netCDF").CreateMultiDimensional(str(path), [], ["FORMAT=NC4"])
    root = dataset.GetRootGroup()
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(3413)
    axes = []
    for name, kind, values in (
        ("y", "HORIZONTAL_Y", -2250060.0 - 120.0 * np.arange(4)),
        ("x", "HORIZONTAL_X", -200060.0 + 120.0 * np.arange(5)),
    ):
        axes.append(root.CreateDimension(name, kind, None, len(values)))
        axis = root.CreateMDArray(name, [axes[-1]], gdal.ExtendedDataType.Create(gdal.GDT_Float64))
        text(axis, "standard_name", f"projection_{name}_coordinate")
        axis.WriteArray(values)
    given = {"vx": 3000, "vy": -1500, "v_error": 30}
    for name in layers:
        array = root.CreateMDArray(name, axes, gdal.ExtendedDataType.Create(gdal.GDT_Int16))
        array.SetSpatialRef(crs)
        array.SetNoDataValueDouble(-32767)
        values = np.full((4, 5), given[name], np.int16)
        values[0, 0] = -32767
        array.WriteArray(values)
        text(array, "units", unit)
        for key, value in (attributes or {}).items():
            array.CreateAttribute(key, [], gdal.ExtendedDataType.Create(gdal.GDT_Float64)).WriteDouble(value)
    if dates:
        info = root.CreateMDArray("img_pair_info", [], gdal.ExtendedDataType.Create(gdal.GDT_Byte))
        for number, date in enumerate(dates, start=1):
            text(info, f"acquisition_date_img{number}", date)
    return str(path)


def text(owner, name, value):
    owner.CreateAttribute(name, [], gdal.ExtendedDataType.CreateString()).WriteString(value)


def test_an_its_live_file_is_a_pair(tmp_path):
    pair = velocity_pair(its_live(tmp_path / "a.nc"))
    assert (pair.first.isoformat(), pair.second.day) == ("2017-02-21T20:47:10+00:00", 27)
    assert pair.grid.geotransform == (-200120.0, 120.0, 0.0, -2250000.0, 0.0, -120.0)
    assert "3413" in pair.grid.crs_name() or "Polar" in pair.grid.crs_name()
    years = pair.days / 365.25
    east, north, sigma = pair.read(0, 0, 5, 4)
    assert np.isnan([east[0, 0], north[0, 0], sigma[0, 0]]).all()
    np.testing.assert_allclose(east[1:], 3000 * years, rtol=1e-5)
    np.testing.assert_allclose(north[1:], -1500 * years, rtol=1e-5)
    np.testing.assert_allclose(sigma[1:], 30 * years, rtol=1e-5)


def test_dates_the_other_way_round(tmp_path):
    pair = velocity_pair(its_live(tmp_path / "a.nc", dates=("20170227T20:46:31", "20170221T20:47:10")))
    assert pair.first < pair.second
    # 3000 m/yr east stays 3000 m/yr east, whichever image came first
    assert pair.read(2, 2, 1, 1)[0][0, 0] == pytest.approx(3000 * pair.days / 365.25, rel=1e-5)
    assert pair.read(2, 2, 1, 1)[2][0, 0] > 0


def test_without_a_layer_of_errors(tmp_path):
    given = velocity_pair(its_live(tmp_path / "a.nc", layers=("vx", "vy"), attributes={"error": 20.0}))
    assert given.read(2, 2, 1, 1)[2][0, 0] == pytest.approx(20 * given.days / 365.25, rel=1e-5)
    assert "no v_error; 20 m/yr" in given.notes[0]


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"layers": ("vx",)}, "no vy"),
        ({"dates": None}, "acquisition_date_img1"),
        ({"dates": ("20170221T20:47:10", "soon")}, "acquisition_date_img2"),
        ({"dates": ("20170221", "20170221")}, "one date twice"),
        ({"unit": "furlong/fortnight"}, "furlong"),
    ],
)
def test_what_is_missing_is_said(tmp_path, keywords, words):
    with pytest.raises(InputError, match=words):
        velocity_pair(its_live(tmp_path / "a.nc", **keywords))


def test_a_series_is_written_and_read_back(series, tmp_path):
    path = export_netcdf(NetcdfOptions(series.folder, str(tmp_path / "v.nc")))
    file = ArrayFile(path, "netCDF")
    assert all(name in file for name in ("vx", "vy", "v", "v_error", "mapping", "img_pair_info", "x", "y"))
    assert file.attributes["Conventions"] == "CF-1.8"
    info = file.array_attributes("img_pair_info")
    assert info["acquisition_date_img1"] == "20200101T00:00:00" and info["date_dt"] == 100
    assert info["date_center"] == "20200220T00:00:00"
    assert file.unit("vx") == "meter/year"
    assert "land_ice" not in str([file.array_attributes(name) for name in ("vx", "vy", "v")])
    assert file.array_attributes("mapping")["grid_mapping_name"] == "transverse_mercator"
    np.testing.assert_allclose(file.read("vx")[1:], ic.velocity()[0][1:], rtol=1e-5)
    np.testing.assert_allclose(file.read("v")[1:], np.hypot(*ic.velocity())[1:], rtol=1e-5)
    pair = velocity_pair(path)
    assert (pair.first, pair.second) == (series.dates[0], series.dates[-1])
    assert pair.grid.geotransform == series.grid.geotransform and pair.grid.crs_name() == "EPSG:32613"
    np.testing.assert_allclose(pair.read(*WHOLE)[0][1:], ic.displacement()[0, -1][1:], rtol=1e-5)
    assert np.isnan(pair.read(*WHOLE)[0][0, 0])


@pytest.mark.parametrize(
    ("epsg", "geotransform"),
    [
        (4326, (10.0, 1e-4, 0, 47.0, 0, -1e-4)),
        (3413, ic.GEOTRANSFORM),
        (3031, ic.GEOTRANSFORM),
        (2056, ic.GEOTRANSFORM),
    ],
)
def test_every_crs_keeps_its_place(tmp_path, epsg, geotransform):
    ic.series(tmp_path / "s", ic.grid(epsg, geotransform))
    path = export_netcdf(NetcdfOptions(str(tmp_path / "s"), str(tmp_path / "v.nc")))
    dataset = gdal.Open(f"NETCDF:{path}:v")
    np.testing.assert_allclose(dataset.GetGeoTransform(), geotransform, rtol=1e-9)
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == str(epsg)


def test_a_pair_is_written_and_imported_again(series, tmp_path):
    first = import_offsets(
        ImportOptions((export_netcdf(NetcdfOptions(series.folder, str(tmp_path / "v.nc"))),), str(tmp_path / "pairs"))
    ).products[0]
    again = velocity_pair(export_netcdf(NetcdfOptions(first, str(tmp_path / "pair.nc"))))
    np.testing.assert_allclose(again.read(*WHOLE)[0][1:], ic.displacement()[0, -1][1:], rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: NetcdfOptions(str(folder), "v.tif"), "must end in .nc"),
        (
            lambda folder: NetcdfOptions(
                ic.series(folder / "r", ic.grid(geotransform=(5e5, 10, 1, 42e5, 1, -10))).folder, str(folder / "v.nc")
            ),
            "rotated",
        ),
    ],
)
def test_what_netcdf_cannot_hold_is_said(tmp_path, make, words):
    with pytest.raises(DeepotError, match=words) as raised:
        export_netcdf(make(tmp_path))
    assert isinstance(raised.value, (OptionsError, OutputError))
    assert not list(tmp_path.glob("*.nc"))
