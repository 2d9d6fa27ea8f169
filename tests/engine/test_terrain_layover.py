"""Layover and shadow against ridges and cones whose answer is known on paper, and by the laws they obey."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from osgeo import gdal

from deepot_qgis.engine import cli
from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.engine.refine.masks import MaskRaster
from deepot_qgis.engine.terrain import LayoverOptions, layover, map_layover, rays

from . import scenes

PIXEL = 10.0
ONE = np.full((1, 1), np.nan)


def codes(tmp_path, heights, **options):
    """The raster of a DEM with pixels of 10 m."""
    keywords = {key: options.pop(key) for key in ("geotransform", "epsg", "nodata") if key in options}
    dem = scenes.write(tmp_path / "dem.tif", heights.astype(np.float32), **keywords)
    result = map_layover(LayoverOptions(dem, str(tmp_path / "out.tif"), **options))
    return gdal.Open(result.path).ReadAsArray(), result


def ridge(fore, back, height=300.0, foot=1500.0, width=600, rows=20):
    """A ridge from north to south: how high it is at the middle of each pixel, slopes in degrees."""
    x = (np.arange(width) + 0.5) * PIXEL - foot
    crest = height / math.tan(math.radians(fore))
    up, down = x * math.tan(math.radians(fore)), height - (x - crest) * math.tan(math.radians(back))
    return np.tile(np.clip(np.minimum(up, down), 0, None), (rows, 1)), x, crest


def near(x, *edges):
    """Places within a pixel and a half of an edge, where a raster may say either."""
    return np.any([np.abs(x - edge) < 1.5 * PIXEL for edge in edges], axis=0)


def test_a_gentle_ridge_is_seen_everywhere(tmp_path):
    heights, _, _ = ridge(fore=30, back=50)
    found, result = codes(tmp_path, heights, heading=0, incidence=35)
    assert not found.any()
    assert result.shares["good"] == 1


def test_a_foreslope_steeper_than_the_incidence_lays_over_on_its_surroundings(tmp_path):
    height, incidence = 300.0, math.radians(35)
    heights, x, crest = ridge(fore=50, back=20, height=height)
    found, result = codes(tmp_path, heights, heading=0, incidence=35)
    first = crest - height / math.tan(incidence)  # shares its range with the crest
    # behind the crest, down to where the range is that of the foot: x sin(i) = z cos(i)
    down = math.tan(math.radians(20))
    last = (height + crest * down) / (math.tan(incidence) + down)
    assert first < 0 < crest < last
    certain = ~near(x, first, last)
    wanted = np.where((x > first) & (x < last), rays.LAYOVER, 0)
    assert np.array_equal(found[:, certain], np.tile(wanted, (20, 1))[:, certain])
    assert result.shares["layover"] == pytest.approx((last - first) / (600 * PIXEL), abs=0.004)


def test_a_backslope_steeper_than_the_rays_casts_a_shadow(tmp_path):
    height, incidence = 300.0, 40
    heights, x, crest = ridge(fore=25, back=70, height=height)
    found, _ = codes(tmp_path, heights, heading=0, incidence=incidence)
    last = crest + height * math.tan(math.radians(incidence))
    certain = ~near(x, crest, last)
    wanted = np.where((x > crest) & (x < last), rays.SHADOW, 0)
    assert np.array_equal(found[:, certain], np.tile(wanted, (20, 1))[:, certain])


def test_a_slope_between_90_less_the_incidence_and_the_vertical_decides(tmp_path):
    for back, shaded in ((49, False), (51, True)):
        heights, _, _ = ridge(fore=20, back=back)
        found, _ = codes(tmp_path, heights, heading=0, incidence=40)
        assert (found == rays.SHADOW).any() == shaded
    for fore, folded in ((39, False), (41, True)):
        heights, _, _ = ridge(fore=fore, back=20)
        found, _ = codes(tmp_path, heights, heading=0, incidence=40)
        assert (found == rays.LAYOVER).any() == folded


@pytest.mark.parametrize(
    ("heading", "side", "towards"),
    [
        (0, "right", "east"), (180, "left", "east"), (180, "right", "west"), (0, "left", "west"),
        (90, "right", "south"), (-90, "left", "south"), (-90, "right", "north"), (90, "left", "north"),
    ],
)  # fmt: skip
def test_the_shadow_falls_where_the_radar_looks(tmp_path, heading, side, towards):
    # a tower of one size in the middle: its shadow is all that lies on the far side
    heights = np.zeros((101, 101))
    heights[48:53, 48:53] = 120
    found, _ = codes(tmp_path, heights, heading=heading, incidence=45, side=side)
    rows, columns = np.nonzero(found == rays.SHADOW)
    middle = {"east": columns.mean() - 50, "west": 50 - columns.mean(), "south": rows.mean() - 50,
              "north": 50 - rows.mean()}[towards]  # fmt: skip
    aside = rows if towards in ("east", "west") else columns
    assert middle > 5 and abs(aside.mean() - 50) < 0.5
    rows, columns = np.nonzero(found == rays.LAYOVER)
    ahead = {"east": columns, "west": -columns, "south": rows, "north": -rows}[towards]
    assert ahead.mean() < {"east": 50, "west": -50, "south": 50, "north": -50}[towards]


def brute(heights, x, incidence):
    """Codes of one ray by looking at every pair of its points."""
    p = x * math.cos(incidence) + heights * math.sin(incidence)
    r = x * math.sin(incidence) - heights * math.cos(incidence)
    nearer = np.arange(len(x))[None, :] < np.arange(len(x))[:, None]
    shadow = (nearer & (p[None, :] > p[:, None] + 1e-6)).any(1)
    other = ~shadow[None, :]
    folded = (nearer & other & (r[None, :] > r[:, None] + 1e-6)) | (nearer.T & other & (r[None, :] < r[:, None] - 1e-6))
    return folded.any(1) + 2 * shadow


@pytest.mark.parametrize(("heading", "side"), [(-12, "right"), (-168, "right"), (-12, "left"), (37, "right")])
def test_a_cone_from_any_side_is_what_its_profiles_say(tmp_path, heading, side):
    size, height, steep, incidence = 161, 400.0, math.tan(math.radians(58)), 38
    easting, northing = (np.arange(size) - size // 2) * PIXEL, (size // 2 - np.arange(size)) * PIXEL

    def cone(east, north):
        return np.clip(height - steep * np.hypot(east, north), 0, None)

    found, _ = codes(tmp_path, cone(easting[None, :], northing[:, None]), heading=heading, incidence=incidence,
                     side=side)  # fmt: skip
    bearing = math.radians(heading + (90 if side == "right" else -90))
    ahead = np.arange(-900, 900, 5.0)
    wrong = 0
    for row in range(30, size - 30, 9):
        for column in range(30, size - 30, 9):
            east, north = easting[column], northing[row]
            line = cone(east + ahead * math.sin(bearing), north + ahead * math.cos(bearing))
            wanted = brute(line, ahead, math.radians(incidence))[len(ahead) // 2 - 3 : len(ahead) // 2 + 4]
            wrong += found[row, column] not in wanted
    assert {rays.LAYOVER, rays.SHADOW} <= set(np.unique(found))
    assert wrong == 0


GROUND = arrays.arrays(np.float64, st.tuples(st.just(3), st.integers(2, 60)), elements=st.floats(-300, 300, width=16))


@settings(max_examples=80, deadline=None)
@given(GROUND, st.floats(6, 84))
def test_along_any_profile_it_is_what_pairs_of_points_say(heights, incidence):
    found = rays.judge(heights, np.full((1, 1), math.radians(incidence)), PIXEL)
    x = PIXEL * np.arange(heights.shape[1])
    # points that share range or ray to a hair may be either
    for line, of in zip(heights, found):
        sure = [brute(line, x, math.radians(incidence) + turn) for turn in (-1e-4, 0, 1e-4)]
        same = (sure[0] == sure[1]) & (sure[1] == sure[2])
        assert np.array_equal(of[same], sure[1][same])


@settings(max_examples=60, deadline=None)
@given(GROUND, st.floats(10, 80), st.floats(-500, 500))
def test_laws_of_rays(heights, incidence, lift):
    angle = np.full((1, 1), math.radians(incidence))
    found = rays.judge(heights, angle, PIXEL)
    flatter = rays.judge(heights, angle + math.radians(3), PIXEL)
    # rays that fall flatter cast longer shadows and fold less
    assert not ((found & rays.SHADOW) & ~flatter).any()
    assert not ((flatter & rays.LAYOVER) & ~found).any()
    # neither the height above the sea nor the scale matters
    assert np.array_equal(rays.judge(heights * 4, angle, PIXEL * 4), found)
    moved = rays.judge(np.round(heights) + np.round(lift), angle, PIXEL)
    assert np.array_equal(moved, rays.judge(np.round(heights), angle, PIXEL))
    # a raster of one angle is that angle
    spread = rays.judge(heights, np.broadcast_to(angle, heights.shape).copy(), PIXEL)
    assert (spread != found).mean() <= 0.02


def test_unknown_heights_are_unknown_and_hide_nothing(tmp_path):
    heights, _, _ = ridge(fore=25, back=70)
    whole, _ = codes(tmp_path, heights, heading=0, incidence=40)
    heights[:, 250:260] = np.nan
    heights[:, 100] = -9999  # nobody declared it
    found, result = codes(tmp_path, heights, heading=0, incidence=40)
    assert (found[:, 250:260] == rays.UNKNOWN).all() and (found[:, 100] == rays.UNKNOWN).all()
    rest = np.ones(600, bool)
    rest[[*range(250, 260), 99, 100, 101]] = False
    assert np.array_equal(found[:, rest], whole[:, rest])
    assert any("-9999" in message for message in result.messages)


def test_blocks_do_not_show(tmp_path, monkeypatch):
    random = np.random.default_rng(3)
    monkeypatch.setattr(layover, "convergence", lambda grid: 0.0)  # or the north of the map turns from part to part
    heights = 0.3 * scenes.texture(400, 300, seed=4) + random.random((400, 300))
    whole, _ = codes(tmp_path, heights, heading=0, incidence=40)
    monkeypatch.setattr(layover, "_SIDE", 64)
    monkeypatch.setattr(layover, "_LONGEST_SIDE", 64)
    parts, _ = codes(tmp_path, heights, heading=0, incidence=40)
    assert {rays.LAYOVER, rays.SHADOW} <= set(np.unique(whole))
    assert np.array_equal(parts, whole)
    slanted, _ = codes(tmp_path, heights, heading=-12, incidence=40)
    monkeypatch.setattr(layover, "_SIDE", 1024)
    once, _ = codes(tmp_path, heights, heading=-12, incidence=40)
    assert (slanted != once).mean() < 0.05  # other rays between the pixels, on ground as rough as this
    with pytest.raises(InputError, match="coarser raster as the grid"):
        monkeypatch.setattr(layover, "_MOST_PX", 1000)
        codes(tmp_path, heights, heading=0, incidence=40)


def test_degrees_are_metres_on_the_ground(tmp_path):
    # at 60 N a degree of longitude is half as long as one of latitude; the shadow is as long as on paper
    step = 1e-4
    heights = np.zeros((200, 400), np.float32)
    heights[:, 100] = 200
    place = (10.0, step, 0, 60.0, 0, -step)
    found, _ = codes(tmp_path, heights, heading=0, incidence=45, geotransform=place, epsg=4326)
    across = step * 111_412 * math.cos(math.radians(60.0))
    assert (found[100] == rays.SHADOW).sum() == pytest.approx(200 / across, abs=1.5)
    turned, _ = codes(tmp_path, heights.T.copy(), heading=90, incidence=45, geotransform=place, epsg=4326)
    assert (turned[:, 100] == rays.SHADOW).sum() == pytest.approx(200 / (step * 111_400), abs=1.5)


def test_a_dem_of_another_crs_and_size_is_laid_on_the_grid_of_a_product(tmp_path):
    heights, _, crest = ridge(fore=25, back=70, rows=200)
    dem = scenes.write(tmp_path / "utm.tif", heights.astype(np.float32))
    degrees = str(tmp_path / "degrees.tif")
    gdal.Warp(degrees, dem, dstSRS="EPSG:4326", resampleAlg="cubic", dstNodata=-32768)
    product = scenes.write(tmp_path / "product.tif", np.zeros((60, 700), np.float32),
                           (501000.0, 5.0, 0, 4199000.0, 0, -5.0))  # fmt: skip
    result = map_layover(LayoverOptions(degrees, str(tmp_path / "o.tif"), 0, 40, grid=product))
    found = gdal.Open(result.path)
    assert found.GetGeoTransform() == Raster(product).grid.geotransform
    place = 501000 - 500000 - 1500 + 5 * (np.arange(700) + 0.5)
    shadow = (found.ReadAsArray() == rays.SHADOW).mean(axis=0)
    certain = ~near(place / 3, crest / 3, (crest + 300 * math.tan(math.radians(40))) / 3)
    wanted = (place > crest) & (place < crest + 300 * math.tan(math.radians(40)))
    assert np.abs(shadow - wanted)[certain].max() < 0.02
    assert any("times larger" in message for message in result.messages)


def test_the_far_range_of_a_wide_swath_has_longer_shadows(tmp_path):
    heights, _, _ = ridge(fore=25, back=70)
    angles = np.tile(np.linspace(25, 45, 600), (20, 1)).astype(np.float32)
    raster = scenes.write(tmp_path / "angle.tif", angles)
    found, _ = codes(tmp_path, heights, heading=0, incidence_raster=raster)
    radians = scenes.write(tmp_path / "radians.tif", np.radians(angles).astype(np.float32))
    same, result = codes(tmp_path, heights, heading=0, incidence_raster=radians)
    assert np.array_equal(found, same) and any("radians" in message for message in result.messages)
    here = angles[0, np.argmax(heights[0])]
    steady, _ = codes(tmp_path, heights, heading=0, incidence=float(here))
    assert abs(int((found == 2).sum()) - int((steady == 2).sum())) < 20 * 3
    rough = scenes.write(tmp_path / "local.tif", (30 + 20 * np.random.default_rng(1).random((20, 600))).astype("f4"))
    with pytest.raises(InputError, match="local angle on slopes"):
        codes(tmp_path, heights, heading=0, incidence_raster=rough)


def test_the_file_says_what_its_values_mean_and_refine_takes_it(tmp_path):
    heights, _, _ = ridge(fore=50, back=70)
    found, result = codes(tmp_path, heights, heading=0, incidence=35)
    dataset = gdal.Open(result.path)
    band = dataset.GetRasterBand(1)
    said = gdal.Info(dataset)  # the bindings of GDAL 3.6 give no names
    assert "0: good\n" in said and "3: layover and shadow\n" in said
    assert band.GetColorTable().GetColorEntry(1) == (230, 159, 0, 255) and band.GetNoDataValue() == 255
    record = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert record["layover_shadow"]["incidence"] == 35 and len(record["inputs"][0]["sha256"]) == 64
    grid = Raster(result.path).grid
    assert np.array_equal(MaskRaster(result.path, grid).covers(grid), found > 0)


def test_sentences(tmp_path):
    heights, _, _ = ridge(fore=50, back=70)
    for wrong in ({"incidence": None}, {"incidence": 3.0}, {"incidence": 30, "incidence_raster": "x.tif"},
                  {"incidence": 30, "side": "up"}, {"incidence": 30, "heading": 900}):  # fmt: skip
        with pytest.raises(OptionsError):
            LayoverOptions("dem.tif", "out.tif", **{"heading": 0, **wrong})
    with pytest.raises(InputError, match="no coordinate reference system"):
        codes(tmp_path, heights, heading=0, incidence=35, geotransform=None, epsg=None)
    with pytest.raises(InputError, match="no height between"):
        codes(tmp_path, np.full((9, 9), 1e6), heading=0, incidence=35)
    slc = scenes.write(tmp_path / "slc.tif", np.ones((9, 9), np.complex64))
    with pytest.raises(InputError, match="holds complex numbers and no elevation"):
        map_layover(LayoverOptions(slc, str(tmp_path / "new.tif"), 0, 35))
    with pytest.raises(InputError, match="no height between"):
        codes(tmp_path, np.full((9, 9), np.nan), heading=0, incidence=35)
    away = scenes.write(tmp_path / "away.tif", np.zeros((9, 9), np.float32), (700000.0, 10, 0, 5200000.0, 0, -10))
    dem = scenes.write(tmp_path / "dem.tif", heights.astype(np.float32))
    with pytest.raises(InputError, match="has no height, or no angle is known, where away.tif lies"):
        map_layover(LayoverOptions(dem, str(tmp_path / "new.tif"), 0, 35, grid=away))
    with pytest.raises(CancelledError):
        map_layover(LayoverOptions(dem, str(tmp_path / "new.tif"), 0, 35), cancelled=lambda: True)
    assert not [path.name for path in tmp_path.iterdir() if "new" in path.name]


def test_command_line(tmp_path, capsys):
    heights, _, _ = ridge(fore=50, back=70)
    dem = scenes.write(tmp_path / "dem.tif", heights.astype(np.float32))
    out = str(tmp_path / "mask.tif")
    assert cli.main(["layover-shadow", dem, out, "--heading", "-12", "--incidence", "35"]) == 0
    said = capsys.readouterr().out
    assert "% layover" in said and out in said
    assert cli.main(["layover-shadow", dem, out, "--heading", "-12"]) == 1
    assert "give one of the two" in capsys.readouterr().err
