"""Slope, aspect and motion along them: against planes, GDAL, and images whose ground moved a known way."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osgeo import gdal, osr

from deepot_qgis.engine import cli
from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.output import GeoTiffWriter
from deepot_qgis.engine.product import bands
from deepot_qgis.engine.rasters import Grid, Raster
from deepot_qgis.engine.terrain import DownslopeOptions, downslope, project_downslope, relief

from . import scenes

NORTH_UP = scenes.NORTH_UP


def grid(geotransform=NORTH_UP, epsg=32613, size=(40, 50)):
    model = osr.SpatialReference()
    model.ImportFromEPSG(epsg)
    return Grid(size[1], size[0], geotransform, model.ExportToWkt(), True)


def plane(where, east, north, size=(40, 50)):
    """Heights that rise by so much for a metre east and north."""
    rows, columns = np.mgrid[: size[0], : size[1]] + 0.5
    x, y = where.to_map(columns, rows)
    return (1000 + east * (x - 500000) + north * (y - 4200000)).astype(np.float32)


@pytest.mark.parametrize(
    "geotransform",
    [NORTH_UP, (500000.0, 5.0, 0, 4200000.0, 0, -20.0), (500000.0, 7.0, 7.0, 4200000.0, 7.0, -7.0),
     (500000.0, 10.0, 3.0, 4200000.0, 0, 10.0)],
)  # fmt: skip
@pytest.mark.parametrize(("east", "north"), [(0.3, 0.0), (0.0, -0.5), (-0.2, 0.4)])
def test_the_slope_of_a_plane_on_any_grid(geotransform, east, north):
    where = grid(geotransform)
    found = relief.rise(plane(where, east, north), where)
    np.testing.assert_allclose(found[0][5:-5, 5:-5], east, atol=2e-4)
    np.testing.assert_allclose(found[1][5:-5, 5:-5], north, atol=2e-4)
    assert np.isnan(found[0][0]).all()
    fall = relief.slope(*found)[20, 20], relief.aspect(*found)[20, 20]
    wanted = math.degrees(math.atan(math.hypot(east, north))), math.degrees(math.atan2(-east, -north)) % 360
    assert fall == pytest.approx(wanted, abs=0.05)


def test_slope_and_aspect_are_those_of_gdal(tmp_path):
    heights = scenes.texture(60, 50) * 2
    heights[30, 20] = np.nan
    dem = scenes.write(tmp_path / "dem.tif", heights, nodata=float("nan"))
    found = relief.rise(heights, Raster(dem).grid)
    for kind, ours in (("slope", relief.slope(*found)), ("aspect", relief.aspect(*found))):
        theirs = gdal.DEMProcessing("", dem, kind, format="MEM").ReadAsArray()
        theirs = np.where(theirs == -9999, np.nan, theirs)
        assert np.array_equal(np.isfinite(theirs), np.isfinite(ours))
        apart = np.abs(ours - theirs)
        assert np.nanmax(np.minimum(apart, 360 - apart)) < 0.02


def test_smoothing_takes_humps_and_leaves_planes_and_holes():
    where = grid()
    heights = plane(where, 0.2, 0.1)
    bumpy = heights + np.random.default_rng(1).normal(0, 3, heights.shape).astype(np.float32)
    bumpy[10:12, 10:12] = np.nan
    found = relief.smoothed(bumpy, (4.0, 4.0))
    inner = np.s_[14:-14, 14:-14]
    assert np.nanstd((found - heights)[inner]) < 0.4
    assert np.isnan(found[10, 10]) and np.isfinite(found[9, 9])
    assert relief.smoothed(heights, (0.0, 0.0)) is heights


METRES = st.floats(-50, 50, width=32)
RISE = st.floats(-2, 2, width=16)


@settings(max_examples=200, deadline=None)
@given(METRES, METRES, RISE, RISE)
def test_laws_of_the_projection(east, north, rise_east, rise_north):
    def one(value):
        return np.full((1, 1), value, np.float32)

    made = downslope.planes(one(east), one(north), one(0.1), one(0), (one(rise_east), one(rise_north)), 1.0)
    down, surface, across, deviation, fall, bearing, sigma, code = made[:, 0, 0]
    if math.degrees(math.atan(math.hypot(rise_east, rise_north))) < 1.0:
        assert code == downslope.FLAT and np.isnan(down)
        return
    # nothing of the motion is lost, and backwards is uphill
    assert math.hypot(down, across) == pytest.approx(math.hypot(east, north), abs=1e-3)
    back = downslope.planes(one(-east), one(-north), one(0.1), one(0), (one(rise_east), one(rise_north)), 1.0)
    assert back[0, 0, 0] == pytest.approx(-down, abs=1e-4)
    assert abs(surface) >= abs(down) and sigma == pytest.approx(0.1)
    if math.hypot(east, north) > 0.1:
        away = abs((math.degrees(math.atan2(east, north)) - bearing + 180) % 360 - 180)
        assert deviation == pytest.approx(away, abs=0.05)
    assert surface * math.cos(math.radians(fall)) == pytest.approx(down, abs=1e-3)


def product(tmp_path, planes, where, unit="m"):
    """A displacement product with these bands."""
    path = str(tmp_path / "moved.tif")
    writer = GeoTiffWriter(path, where, bands(unit))
    writer.write(planes.astype(np.float32))
    writer.finish({"REFERENCE_DATE": "2023-09-04", "SECONDARY_DATE": "2023-09-16"}, lambda: False)
    return path


def moved(east, north, size=(40, 50)):
    one = np.ones(size)
    return np.stack([one * east, one * north, one * math.hypot(east, north), one, 0.1 * one, one, 0 * one])


def test_signs_on_a_hillside_that_falls_to_the_southeast(tmp_path):
    where = grid(size=(80, 90))
    dem = scenes.write(tmp_path / "dem.tif", plane(where, -0.3, 0.3, (80, 90)))
    planes_ = moved(2.0, -2.0, (80, 90))
    planes_[:, :, 60:] = moved(-1.0, 1.0, (80, 30))
    planes_[0:2, 40:, 60:] = moved(1.0, 1.0, (40, 30))[:2]
    planes_[0:4, 5, 5] = np.nan
    planes_[6, 5, 5] = 3
    path = product(tmp_path, planes_, where)
    result = project_downslope(DownslopeOptions(path, dem))
    found = scenes.read(result.path)
    assert list(found) == ["downslope", "along_surface", "across", "deviation", "slope", "aspect", "sigma", "mask"]
    inner = np.s_[30:36, 40:50]
    assert found["downslope"][inner] == pytest.approx(2 * math.sqrt(2), abs=1e-3)
    assert found["across"][inner] == pytest.approx(0, abs=1e-3)
    steep = math.atan(0.3 * math.sqrt(2))
    assert found["slope"][inner] == pytest.approx(math.degrees(steep), abs=0.02)
    assert found["along_surface"][inner] == pytest.approx(2 * math.sqrt(2) / math.cos(steep), abs=1e-3)
    assert found["aspect"][inner] == pytest.approx(135, abs=0.1)
    assert found["downslope"][20, 75] == pytest.approx(-math.sqrt(2), abs=1e-3)  # uphill
    assert found["deviation"][20, 75] == pytest.approx(180, abs=0.1)
    # north-east is to the left of who looks down to the south-east
    assert found["across"][60, 75] == pytest.approx(-math.sqrt(2), abs=1e-3)
    assert found["mask"][5, 5] == 3 and np.isnan(found["downslope"][5, 5])
    assert result.statistics["uphill"] > 0.1 and result.statistics["downhill"] > 0.5
    record = json.loads((tmp_path / "moved_downslope.json").read_text(encoding="utf-8"))
    assert record["downslope"]["statistics"]["median_downslope"] == pytest.approx(2.828, abs=0.01)


def test_strips_do_not_show(tmp_path, monkeypatch):
    where = grid(size=(90, 70))
    heights = scenes.texture(90, 70)
    heights[40:44, 10:20] = np.nan
    dem = scenes.write(tmp_path / "dem.tif", heights, nodata=float("nan"))
    path = product(tmp_path, moved(1.0, 0.4, (90, 70)), where)
    whole = scenes.read(project_downslope(DownslopeOptions(path, dem, str(tmp_path / "a.tif"))).path)
    monkeypatch.setattr(downslope, "row_blocks", lambda width, height, layers: [(y, 10) for y in range(0, 90, 10)])
    parts = scenes.read(project_downslope(DownslopeOptions(path, dem, str(tmp_path / "b.tif"))).path)
    assert (whole["mask"] == downslope.NO_HEIGHT).any()
    for name, values in whole.items():
        np.testing.assert_allclose(values, parts[name], atol=2e-3, err_msg=name)


def test_a_coarse_dem_in_degrees(tmp_path):
    large = grid((499000.0, 30.0, 0, 4201000.0, 0, -30.0), size=(100, 100))
    coarse = scenes.write(tmp_path / "coarse.tif", plane(large, 0.0, 0.4, (100, 100)), large.geotransform)
    degrees = str(tmp_path / "degrees.tif")
    gdal.Warp(degrees, coarse, dstSRS="EPSG:4326", resampleAlg="cubic", dstNodata=-9999)
    path = product(tmp_path, moved(0.0, -3.0), grid())
    result = project_downslope(DownslopeOptions(path, degrees))
    found = scenes.read(result.path)
    assert found["downslope"][5:-5, 5:-5] == pytest.approx(3.0, abs=0.01)
    assert found["slope"][5:-5, 5:-5] == pytest.approx(math.degrees(math.atan(0.4)), abs=0.3)
    assert any("times larger" in message for message in result.messages)


def test_images_whose_ground_moved_downhill(tmp_path):
    images = scenes.pair(tmp_path, 1.5, 0.0)  # 15 m to the east
    measured = measure(MeasureOptions(*images, output=str(tmp_path / "m.tif"), method="correlation"))
    where = Raster(measured.product).grid
    east = plane(where, -0.5, 0.0, (where.height, where.width))
    falls_east = scenes.write(tmp_path / "east.tif", east)
    falls_west = scenes.write(tmp_path / "west.tif", 2000 - east)
    for dem, sign in ((falls_east, 1), (falls_west, -1)):
        result = project_downslope(DownslopeOptions(measured.product, dem, str(tmp_path / f"{sign}.tif")))
        assert result.statistics["median_downslope"] == pytest.approx(sign * 15, abs=0.3)
        assert result.statistics["downhill" if sign > 0 else "uphill"] > 0.95


def test_sentences(tmp_path):
    where = grid()
    dem = scenes.write(tmp_path / "dem.tif", plane(where, 0.01, 0.0))
    path = product(tmp_path, moved(1.0, 0.0), where)
    result = project_downslope(DownslopeOptions(path, dem))
    assert any("flatter than the limit" in message for message in result.messages)
    assert "No sloping ground moves" in result.messages[-1]
    for wrong in ({"min_slope": -1}, {"smoothing": 1e9}, {"dem": ""}):
        with pytest.raises(OptionsError):
            DownslopeOptions(**{"product": path, "dem": dem, **wrong})
    away = scenes.write(tmp_path / "away.tif", plane(where, 1, 0), (700000.0, 10, 0, 5200000.0, 0, -10))
    with pytest.raises(InputError, match="has no height where moved.tif lies"):
        project_downslope(DownslopeOptions(path, away, str(tmp_path / "new.tif")))
    with pytest.raises(InputError, match="is no displacement product"):
        project_downslope(DownslopeOptions(dem, dem, str(tmp_path / "new.tif")))
    radar = product(tmp_path, moved(1.0, 0.0), Grid(50, 40, (0.0, 1.0, 0.0, 0.0, 0.0, -1.0), "", False), "px")
    with pytest.raises(InputError, match="bring it to the map first"):
        project_downslope(DownslopeOptions(radar, dem, str(tmp_path / "new.tif")))
    path = product(tmp_path, moved(1.0, 0.0), where)
    with pytest.raises(CancelledError):
        project_downslope(DownslopeOptions(path, dem, str(tmp_path / "new.tif")), cancelled=lambda: True)
    assert not [one.name for one in tmp_path.iterdir() if "new" in one.name]


def test_command_line(tmp_path, capsys):
    where = grid()
    dem = scenes.write(tmp_path / "dem.tif", plane(where, -0.3, 0.0))
    path = product(tmp_path, moved(1.0, 0.0), where)
    assert cli.main(["downslope", path, dem]) == 0
    assert "straight downhill" in capsys.readouterr().out
    assert (tmp_path / "moved_downslope.tif").is_file()


def test_a_wide_average_is_that_of_a_gaussian(monkeypatch):
    heights = np.where(np.arange(900) < 450, 0, 100).astype(np.float32) * np.ones((3, 1), np.float32)
    heights[:, 400:420] = np.nan
    taken = relief.smoothed(heights, (0.0, 60.0))
    monkeypatch.setattr(relief, "_WIDEST_GAUSSIAN", 1000.0)
    exact = relief.smoothed(heights, (0.0, 60.0))
    assert np.isnan(taken[:, 400:420]).all()
    np.testing.assert_allclose(taken, exact, atol=1.5)  # of a step of 100 m
