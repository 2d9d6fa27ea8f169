import json

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.timeseries.product import SeriesBlock, open_series, write_series

from . import histories

DATES = histories.dates([0, 12, 36, 400])
RATE = (1.0, -2.0)  # m/yr east and north at the top left, growing to the right


def known(width=40, height=30):
    years = np.array([0, 12, 36, 400])[:, None, None] / 365.25
    grow = 1 + np.arange(width)[None, None, :] / width + np.zeros((1, height, 1))
    sigma = np.broadcast_to(np.array([0, 0.1, 0.1, 0.2])[:, None, None], (4, height, width))
    return np.stack([RATE[0] * years * grow, RATE[1] * years * grow, sigma]).astype(np.float32)


@pytest.fixture
def written(tmp_path):
    east, north, sigma = known()
    east[:, 0, 0], north[:, 0, 0], sigma[:, 0, 0] = np.nan, np.nan, np.nan
    path = write_series(tmp_path / "slide", DATES, histories.grid(), "m", [SeriesBlock(0, 0, east, north, sigma)])
    return open_series(path)


def test_a_series_opens_by_its_folder_and_its_record(tmp_path, written):
    again = open_series(tmp_path / "slide")
    assert again.dates == written.dates == DATES
    assert (again.name, again.unit, again.grid.width) == ("slide", "m", 40)
    assert again.days.tolist() == [0, 12, 36, 400]
    assert set(again.paths) == {"east", "north", "sigma", "velocity", "netcdf"}
    assert not [path for path in (tmp_path / "slide").iterdir() if "partial" in path.name]


def test_the_files_name_their_dates(written):
    dataset = gdal.Open(written.paths["east"])
    bands = [dataset.GetRasterBand(number + 1) for number in range(4)]
    assert [band.GetDescription() for band in bands] == ["2020-01-01", "2020-01-13", "2020-02-06", "2021-02-04"]
    assert {band.GetUnitType() for band in bands} == {"m"}
    assert all(np.isnan(band.GetNoDataValue()) for band in bands)
    assert dataset.GetMetadataItem("DEEPOT_SERIES") == "east"


def test_velocity_is_the_line_through_the_history(written):
    planes = gdal.Open(written.paths["velocity"]).ReadAsArray()
    assert planes[0, 5, 0] == pytest.approx(1, rel=1e-4) and planes[1, 5, 0] == pytest.approx(-2, rel=1e-4)
    assert planes[3, 5, 0] == pytest.approx(np.degrees(np.arctan2(1, -2)), abs=0.01)
    assert np.isnan(planes[:, 0, 0]).all()


def test_a_point_is_what_was_written_there(written):
    point = written.at(500000 + 105, 4200000 - 55, size=1)
    east, north, sigma = known()[:, :, 5, 10]
    assert point.pixels == 1
    assert np.allclose(point.east, east) and np.allclose(point.north, north) and np.allclose(point.sigma, sigma)
    assert np.allclose(point.magnitude(), np.hypot(east, north))
    assert np.allclose(point.along(90), east) and np.allclose(point.along(180), -north, atol=1e-6)
    assert np.allclose(point.along(90, plunge=60), east / 2)


def test_a_mean_of_pixels_weighs_them_by_their_error(tmp_path):
    east, north, sigma = known(5, 5)
    sigma, east = sigma.copy(), np.zeros_like(east)
    east[3, 2, 2], sigma[3, 2, 2] = 9.0, 0.02  # 10 times as precise as its neighbours
    path = write_series(tmp_path / "s", DATES, histories.grid(5, 5), "m", [SeriesBlock(0, 0, east, north, sigma)])
    point = open_series(path).at(500025, 4200000 - 25, size=3)
    assert point.pixels == 9
    assert point.east[3] == pytest.approx(9 * 2500 / (2500 + 8 * 25), rel=1e-4)
    assert 0.02 < point.sigma[3] < 0.2


def test_pixels_with_shorter_histories_do_not_make_a_mean_jump(tmp_path):
    east, north, sigma = (plane.copy() for plane in known(3, 3))
    east[:], east[:, 0, 0] = 0, 100  # an odd pixel that misses the last date
    for plane in (east, north, sigma):
        plane[3, 0, 0] = np.nan
    path = write_series(tmp_path / "s", DATES, histories.grid(3, 3), "m", [SeriesBlock(0, 0, east, north, sigma)])
    point = open_series(path).at(500015, 4200000 - 15, size=3)
    assert point.pixels == 8 and np.all(point.east == 0)


def test_nothing_known_is_nan_and_no_pixels(written):
    point = written.at(500005, 4200000 - 5, size=1)
    assert point.pixels == 0 and np.isnan(point.east).all()


def test_relative_to_another_place(written):
    here, there = written.at(500105, 4199945, 1), written.at(500005, 4199945, 1)
    apart = here.minus(there)
    assert np.allclose(apart.east, here.east - there.east)
    assert np.allclose(apart.sigma, np.hypot(here.sigma, there.sigma))


def test_an_area_is_its_pixels(written):
    area = "POLYGON((500100 4199900, 500140 4199900, 500140 4199940, 500100 4199940, 500100 4199900))"
    found = written.within(area)
    assert found.pixels == 16
    assert found.east[3] == pytest.approx(known()[0, 3, 6:10, 10:14].mean(), rel=1e-5)


def test_a_profile_runs_along_its_line(written):
    line = ((500005, 4199945), (500395, 4199945))
    profile = written.profile(line, step=10)
    assert profile.east.shape == (4, 40) and profile.distance[-1] == pytest.approx(390)
    assert np.allclose(profile.east, known()[0, :, 5, :], equal_nan=True)
    assert np.allclose(profile.bearing, 90)
    assert np.allclose(profile.along(), profile.east, atol=1e-6)
    assert np.allclose(profile.across(), -profile.north, atol=1e-6)


def test_a_profile_that_turns_and_leaves_the_map(written):
    profile = written.profile(((500005, 4199945), (500105, 4199945), (500105, 4200945)), step=10, size=3)
    assert profile.bearing[0] == pytest.approx(90) and profile.bearing[-1] == pytest.approx(0)
    assert np.isnan(profile.east[:, -1]).all() and np.isfinite(profile.east[:, :10]).all()


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        (lambda s: s.at(0, 0), "outside the time series slide"),
        (lambda s: s.within("POINT(1 1)"), "not a polygon"),
        (lambda s: s.within("POLYGON((500101 4199901,500102 4199901,500102 4199902,500101 4199901))"), "no pixel"),
        (lambda s: s.profile(((1, 1), (2, 2)), 0.5), "does not touch"),
        (lambda s: s.profile(((500105, 4199945), (500105, 4199945)), 1), "two different points"),
    ],
)
def test_places_that_cannot_be_are_refused(written, what, sentence):
    with pytest.raises(InputError, match=sentence):
        what(written)


def test_sizes_that_cannot_be_are_refused(written):
    with pytest.raises(OptionsError, match="1, 3 or 5"):
        written.at(500105, 4199945, size=2)


def test_damaged_series_are_refused_with_the_way_out(tmp_path, written):
    folder = tmp_path / "slide"
    with pytest.raises(InputError, match="cannot be read"):
        open_series(tmp_path)
    record = json.loads((folder / "series.json").read_text())
    (folder / "series.json").write_text(json.dumps({**record, "dates": record["dates"][:3]}))
    with pytest.raises(InputError, match="4 bands and the series 3 dates"):
        open_series(folder)
    (folder / "series.json").write_text(json.dumps({"options": {}}))
    with pytest.raises(InputError, match="no record of a time series"):
        open_series(folder)
    (folder / "series.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        open_series(folder)
    (folder / "series.json").write_text(json.dumps(record))
    (folder / "north.tif").unlink()
    with pytest.raises(InputError, match=r"north\.tif"):
        open_series(folder)


def test_blocks_in_any_order_make_one_raster(tmp_path):
    east, north, sigma = known()
    blocks = [
        SeriesBlock(x, y, *(plane[:, y : y + 15, x : x + 20] for plane in (east, north, sigma)))
        for x, y in ((20, 15), (0, 0), (0, 15), (20, 0))
    ]
    series = open_series(write_series(tmp_path / "s", DATES, histories.grid(), "m", iter(blocks)))
    assert np.allclose(series.read(0, 0, 40, 30)[0], east)
    cube = gdal.OpenEx(series.paths["netcdf"], gdal.OF_MULTIDIM_RASTER).GetRootGroup().OpenMDArray("east")
    assert np.allclose(cube.ReadAsArray(), east)


@pytest.mark.parametrize("epsg", [32613, 4326, None])
def test_the_netcdf_file_says_what_cf_asks_for(tmp_path, epsg):
    grid = histories.grid() if epsg != 4326 else histories.degrees()
    if epsg is None:
        grid = histories.pixels()
    unit = "m" if epsg else "px"
    series = open_series(write_series(tmp_path / "s", DATES, grid, unit, [SeriesBlock(0, 0, *known())]))
    root = gdal.OpenEx(series.paths["netcdf"], gdal.OF_MULTIDIM_RASTER).GetRootGroup()
    assert root.GetAttribute("Conventions").Read() == "CF-1.8"
    time = root.OpenMDArray("time")
    assert time.GetUnit() == "days since 2020-01-01 00:00:00"
    assert time.ReadAsArray().tolist() == [0, 12, 36, 400]
    assert time.GetAttribute("standard_name").Read() == "time"
    axis = {32613: "projection_x_coordinate", 4326: "longitude"}.get(epsg)
    if epsg:
        assert root.OpenMDArray("x").GetAttribute("standard_name").Read() == axis
        assert root.OpenMDArray("east").GetSpatialRef().GetAuthorityCode(None) == str(epsg)
    east = root.OpenMDArray("east")
    assert [dimension.GetName() for dimension in east.GetDimensions()] == ["time", "y", "x"]
    assert east.GetUnit() == ("m" if epsg else "1")
    g = grid.geotransform
    assert root.OpenMDArray("y").ReadAsArray()[0] == pytest.approx(g[3] + g[5] / 2)
