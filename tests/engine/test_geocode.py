"""Products in radar geometry, brought to the map: signs, places, slant and ground range, end to end."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

from deepot_qgis.engine import cli
from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError
from deepot_qgis.engine.geocode import GeocodeOptions, geocode
from deepot_qgis.engine.geocode import run as module
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.output import GeoTiffWriter
from deepot_qgis.engine.product import bands
from deepot_qgis.engine.rasters import Grid, Raster
from deepot_qgis.engine.refine import RefineOptions, preview

from . import scenes
from .radar_scenes import Radar

ASCENDING, DESCENDING = -12.0, -168.0


def product(folder, radar, dx, dy, sigma=0.05, mask=None, origin=(0, 0)):
    """A product in pixels with these offsets everywhere."""
    one = np.ones(radar.size, np.float32)
    planes = np.stack([dx * one, -dy * one, np.hypot(dx, dy) * one, one, sigma * one, 0.8 * one, 0 * one])
    if mask is not None:
        planes[6] = mask
        planes[:4, mask > 0] = np.nan
    path = str(folder / "radar.tif")
    place = (float(origin[0]), 1.0, 0.0, -float(origin[1]), 0.0, -1.0)
    writer = GeoTiffWriter(path, Grid(radar.size[1], radar.size[0], place, "", False), bands("px"))
    writer.write(planes.astype(np.float32))
    writer.finish({"REFERENCE_DATE": "2023-09-04", "SECONDARY_DATE": "2023-09-16", "UNIT": "px"}, lambda: False)
    return path


def options_of(radar, **more):
    known = {"range_geometry": "slant" if radar.slant else "ground", "incidence": radar.incidence, "side": radar.side,
             "range_spacing": radar.range_m, "azimuth_spacing": radar.azimuth_m, "heading": radar.heading}  # fmt: skip
    return {**known, **more}


@pytest.mark.parametrize(
    ("heading", "side", "slant"),
    list(itertools.product((ASCENDING, DESCENDING), ("right", "left"), (True, False))),
)
def test_two_images_to_east_and_north_on_the_map(tmp_path, heading, side, slant):
    radar = Radar(heading, side, slant)
    east, north = 14.0, -9.0
    images = radar.images(tmp_path, east, north)
    measured = measure(MeasureOptions(*images, output=str(tmp_path / "radar.tif"), method="correlation"))
    assert measured.unit == "px"
    out = str(tmp_path / "map.tif")
    result = geocode(GeocodeOptions(measured.product, out, **options_of(radar, **radar.lookup(tmp_path))))
    found = scenes.read(result.product)
    good = found["mask"] == 0
    assert good.sum() > 0.4 * radar.size[0] * radar.size[1] * radar.column_m / radar.azimuth_m
    # a hundredth of a pixel of 12 m; the convergence of 1.8 degrees alone would make it 0.4 m
    assert np.nanmedian(found["east"]) == pytest.approx(east, abs=0.2)
    assert np.nanmedian(found["north"]) == pytest.approx(north, abs=0.2)
    assert np.nanmedian(found["magnitude"]) == pytest.approx(math.hypot(east, north), abs=0.2)
    assert np.nanmedian(found["direction"]) == pytest.approx(math.degrees(math.atan2(east, north)) % 360, abs=1)
    assert Raster(out).grid.crs_name() == "EPSG:32613" and Raster(out).unit == "m"
    record = json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))
    assert record["geocoding"]["frame"]["range_sign"] == 1 and record["days"] == 12


@pytest.mark.parametrize("heading", [ASCENDING, DESCENDING, 75.0])
def test_places_are_those_of_the_lookup(tmp_path, heading):
    radar = Radar(heading)
    rows, columns = np.mgrid[: radar.size[0], : radar.size[1]].astype(np.float32)
    path = product(tmp_path, radar, columns / 10, rows / 10)  # every pixel says where it comes from
    out = str(tmp_path / "map.tif")
    geocode(GeocodeOptions(path, out, **options_of(radar, **radar.lookup(tmp_path))))
    found, grid = scenes.read(out), Raster(out).grid
    away, along = radar.axes()
    y, x = np.nonzero(np.isfinite(found["east"]))
    places = np.stack(grid.to_map(x + 0.5, y + 0.5), 1) - radar.corner
    column, row = places @ away / radar.column_m, places @ along / radar.azimuth_m
    moved = np.stack([found["east"][y, x], found["north"][y, x]], 1).astype(float)
    np.testing.assert_allclose(moved @ away / radar.column_m * 10, column.clip(0, 159), atol=0.1)
    np.testing.assert_allclose(moved @ along / radar.azimuth_m * 10, row.clip(0, 149), atol=0.1)
    assert len(x) == pytest.approx(np.prod(radar.size) * radar.column_m * radar.azimuth_m / grid.geotransform[1] ** 2,
                                   rel=0.03)  # fmt: skip


def test_ground_control_points_of_the_reference_image(tmp_path):
    radar = Radar(ASCENDING, slant=False)
    images = radar.images(tmp_path, -12.0, 8.0, gcps=True)
    measured = measure(MeasureOptions(*images, output=str(tmp_path / "radar.tif"), method="correlation"))
    # nothing is said but the kind of range: heading and spacings are those of the points
    result = geocode(GeocodeOptions(measured.product, str(tmp_path / "map.tif"), "ground"))
    found = scenes.read(result.product)
    assert np.nanmedian(found["east"]) == pytest.approx(-12, abs=0.25)
    assert np.nanmedian(found["north"]) == pytest.approx(8, abs=0.25)
    said = " ".join(result.messages)
    assert "Heading -12.0" in said and "by the lookup" in said and "do not know the relief" in said
    again = geocode(GeocodeOptions(measured.product, str(tmp_path / "two.tif"), "ground", **radar.lookup(tmp_path)))
    other = scenes.read(again.product)
    same = np.isfinite(found["east"]) & np.isfinite(other["east"])
    assert same.sum() > 0.95 * np.isfinite(found["east"]).sum()
    assert np.abs(found["east"] - other["east"])[same].max() < 0.2


def test_a_part_of_the_images(tmp_path):
    whole = Radar(ASCENDING)
    part = Radar(ASCENDING, size=(60, 70))
    path = product(tmp_path, part, 1.0, 1.0, origin=(40, 30))
    out = str(tmp_path / "map.tif")
    geocode(GeocodeOptions(path, out, **options_of(whole, **whole.lookup(tmp_path))))
    rows, columns = np.nonzero(np.isfinite(scenes.read(out)["east"]))
    x, y = Raster(out).grid.to_map(columns.mean() + 0.5, rows.mean() + 0.5)
    away, along = whole.axes()
    centre = np.array([x, y]) - whole.corner
    assert centre @ away / whole.column_m == pytest.approx(40 + 34.5, abs=0.3)
    assert centre @ along / whole.azimuth_m == pytest.approx(30 + 29.5, abs=0.3)


def test_images_that_run_against_the_flight_or_towards_the_radar(tmp_path):
    radar = Radar(DESCENDING)
    dx, dy = radar.offset(10.0, 5.0)
    longitude, latitude = radar.degrees()
    for name, flip, sign in (("flight", np.s_[::-1], (1, -1)), ("range", np.s_[:, ::-1], (-1, 1))):
        folder = tmp_path / name
        folder.mkdir()
        path = product(folder, radar, sign[0] * dx, sign[1] * dy)
        lookup = {key: scenes.write(folder / f"{key}.tif", np.ascontiguousarray(values[flip]), None, None)
                  for key, values in (("longitude", longitude), ("latitude", latitude))}  # fmt: skip
        result = geocode(GeocodeOptions(path, str(folder / "map.tif"), **options_of(radar, **lookup)))
        found = scenes.read(result.product)
        assert np.nanmedian(found["east"]) == pytest.approx(10, abs=0.05)
        assert np.nanmedian(found["north"]) == pytest.approx(5, abs=0.05)
        with pytest.raises(OptionsError, match="give the heading, or correct the look side"):
            geocode(GeocodeOptions(path, str(folder / "o.tif"), **options_of(radar, **lookup, heading=None)))


def test_masks_and_errors_come_along(tmp_path):
    radar = Radar(ASCENDING)
    mask = np.zeros(radar.size, np.float32)
    mask[:40], mask[:, :30] = 3, 7
    path = product(tmp_path, radar, 0.5, 0.25, sigma=0.1, mask=mask)
    out = str(tmp_path / "map.tif")
    result = geocode(GeocodeOptions(path, out, **options_of(radar, **radar.lookup(tmp_path))))
    found = scenes.read(out)
    assert set(np.unique(found["mask"])) == {0, 1, 3, 7}
    assert np.isnan(found["east"][found["mask"] > 0]).all() and np.isfinite(found["east"][found["mask"] == 0]).all()
    assert np.isfinite(found["sigma"][found["mask"] == 3]).all()  # it says why
    shares = result.statistics["masked"]
    assert shares["low correlation"] == pytest.approx((mask == 3).mean(), abs=0.02)
    # a tenth of a pixel is 0.1 range on the ground and 0.1 azimuth
    wanted = 0.1 * math.sqrt((radar.column_m**2 + radar.azimuth_m**2) / 2)
    assert np.nanmedian(found["sigma"]) == pytest.approx(wanted, rel=0.01)
    assert found["correlation"][found["mask"] == 0] == pytest.approx(0.8, abs=0.001)
    assert preview(RefineOptions(out, max_sigma=1e-3, sigma_unit="m")).messages is not None


def test_the_incidence_angle_may_change_across_the_swath(tmp_path):
    radar = Radar(ASCENDING)
    path = product(tmp_path, radar, 1.0, 0.0)
    angles = np.tile(np.linspace(30, 45, radar.size[1], dtype=np.float32), (radar.size[0], 1))
    raster = scenes.write(tmp_path / "angles.tif", angles, None, None)
    more = options_of(radar, **radar.lookup(tmp_path), incidence=None, incidence_raster=raster)
    out = str(tmp_path / "map.tif")
    geocode(GeocodeOptions(path, out, **more))
    moved = scenes.read(out)["magnitude"]
    known = moved[np.isfinite(moved)]
    assert known.max() == pytest.approx(radar.range_m / math.sin(math.radians(30)), rel=0.01)
    assert known.min() == pytest.approx(radar.range_m / math.sin(math.radians(45)), rel=0.01)
    mapped = str(tmp_path / "mapped.tif")
    grid = Raster(out).grid
    flat = scenes.write(tmp_path / "flat.tif", np.full((grid.height, grid.width), 38, np.float32), grid.geotransform)
    geocode(GeocodeOptions(path, mapped, **{**more, "incidence_raster": flat}))
    assert np.nanmedian(scenes.read(mapped)["magnitude"]) == pytest.approx(radar.column_m, rel=0.01)


def test_blocks_do_not_show_and_any_crs_will_do(tmp_path, monkeypatch):
    radar = Radar(ASCENDING)
    path = product(tmp_path, radar, 1.0, -0.5)
    lookup = radar.lookup(tmp_path)
    whole = str(tmp_path / "whole.tif")
    geocode(GeocodeOptions(path, whole, **options_of(radar, **lookup), pixel=7.0))
    monkeypatch.setattr(module, "_MOST_SOURCE", 60)  # parts of some 50 pixels
    parts = str(tmp_path / "parts.tif")
    geocode(GeocodeOptions(path, parts, **options_of(radar, **lookup), pixel=7.0))
    for name, values in scenes.read(whole).items():
        np.testing.assert_allclose(values, scenes.read(parts)[name], atol=2e-2, err_msg=name)
    degrees = str(tmp_path / "degrees.tif")
    geocode(GeocodeOptions(path, degrees, **options_of(radar, **lookup), crs="EPSG:4326"))
    in_degrees = scenes.read(degrees)
    away, along = radar.axes()
    true = np.array([[radar.column_m], [-0.5 * radar.azimuth_m]]) * np.stack([away, along])
    turn = math.radians(1.77)  # from the map's north to true north, about
    east = true.sum(0) @ [math.cos(turn), math.sin(turn)]
    assert np.nanmedian(in_degrees["east"]) == pytest.approx(east, abs=0.05)
    assert np.nanmedian(in_degrees["magnitude"]) == pytest.approx(np.hypot(*true.sum(0)), rel=1e-3)


def test_a_lookup_with_holes_and_relief(tmp_path):
    radar = Radar(ASCENDING)
    path = product(tmp_path, radar, 1.0, 0.0)
    longitude, latitude = radar.degrees()
    bump = 3 * np.exp(-((np.arange(160) - 80) ** 2) / 300)  # a hill: its pixels lie farther apart in front of it
    place = np.clip(np.arange(160) + bump, 0, 159)
    for degrees in (longitude, latitude):
        degrees[:] = np.stack([np.interp(place, np.arange(160), line) for line in degrees])
        degrees[60:70, 20:30] = 0  # as many programs write it
    lookup = {key: scenes.write(tmp_path / f"{key}.tif", values, None, None)
              for key, values in (("longitude", longitude), ("latitude", latitude))}  # fmt: skip
    result = geocode(GeocodeOptions(path, str(tmp_path / "map.tif"), **options_of(radar, **lookup)))
    found = scenes.read(result.product)
    assert np.nanmedian(found["magnitude"]) == pytest.approx(radar.column_m, rel=0.01)
    away, along = radar.axes()
    for pixel, code in (((24.5, 64.5), 1), ((24.5, 40.0), 0), ((110.0, 64.5), 0)):
        place = radar.corner + pixel[0] * radar.column_m * away + pixel[1] * radar.azimuth_m * along
        column, row = Raster(result.product).grid.to_pixel(*place)
        assert found["mask"][int(row), int(column)] == code


def test_sentences(tmp_path, capsys):
    radar = Radar(ASCENDING)
    path, out = product(tmp_path, radar, 1.0, 0.0), str(tmp_path / "new.tif")
    lookup = radar.lookup(tmp_path)
    good = options_of(radar, **lookup)
    for wrong, said in (
        ({"range_geometry": "flat"}, "choose one of slant, ground"),
        ({"incidence": None}, "Slant range becomes motion on the ground by the incidence angle"),
        ({"latitude": None}, "belong together"),
        ({"crs": "EPSG:99999"}, "give one such as EPSG:32633"),
        ({"pixel": -1.0}, "must be a positive number"),
        ({"incidence_raster": "a.tif"}, "one of the two"),
    ):
        with pytest.raises(OptionsError, match=said):
            GeocodeOptions(path, out, **{**good, **wrong})
    for wrong, error, said in (
        ({"heading": 78.0}, OptionsError, "does not fit the heading"),
        ({"heading": None, "side": "left"}, OptionsError, "correct the look side"),
        ({"range_spacing": None}, OptionsError, "give the slant range"),
        ({"azimuth_spacing": 4.0}, OptionsError, "rows of the lookup lie 12 m apart"),
        ({"longitude": lookup["latitude"], "latitude": lookup["longitude"]}, InputError, "exchanged"),
        ({"longitude": None, "latitude": None}, OptionsError, "is not in its place any more"),
        ({"longitude": None, "latitude": None, "gcps": path}, InputError, "has no ground control points"),
        ({"pixel": 1e-3}, OptionsError, "the map would be"),
        ({"incidence": None, "incidence_raster": lookup["longitude"]}, InputError, "no angles of incidence"),
    ):
        with pytest.raises(error, match=said):
            geocode(GeocodeOptions(path, out, **{**good, **wrong}))
    small = Radar(ASCENDING, size=(50, 50)).lookup(tmp_path)
    with pytest.raises(InputError, match="of the size of the images"):
        geocode(GeocodeOptions(path, out, **{**good, **small}))
    Radar(ASCENDING).lookup(tmp_path)
    result = geocode(GeocodeOptions(path, str(tmp_path / "map.tif"), **{**good, "range_geometry": "ground"}))
    assert any("slant and ground range exchanged" in message for message in result.messages)
    with pytest.raises(InputError, match="on a map already"):
        geocode(GeocodeOptions(result.product, out, **good))
    with pytest.raises(CancelledError):
        geocode(GeocodeOptions(path, out, **good), cancelled=lambda: True)
    assert not [one.name for one in tmp_path.iterdir() if "new" in one.name]


def test_command_line(tmp_path, capsys):
    radar = Radar(ASCENDING)
    path, out = product(tmp_path, radar, 1.0, 0.0), str(tmp_path / "map.tif")
    lookup = radar.lookup(tmp_path)
    same = ["geocode", path, out, "--longitude", lookup["longitude"], "--latitude", lookup["latitude"],
            "--range-spacing", "6"]  # fmt: skip
    assert cli.main([*same, "--range", "slant", "--incidence", "38"]) == 0
    assert "Heading -12.0" in capsys.readouterr().out
    assert np.nanmedian(scenes.read(out)["magnitude"]) == pytest.approx(radar.column_m, rel=0.01)
    assert cli.main([*same, "--range", "slant"]) == 1
    assert "incidence angle; give it" in capsys.readouterr().err
