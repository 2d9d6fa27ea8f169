from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from osgeo import ogr

from deepot_qgis.engine.errors import CancelledError, DeepotError
from deepot_qgis.engine.interchange import points as points_module
from deepot_qgis.engine.interchange.points import PointsOptions, export_points
from deepot_qgis.engine.interchange.radar import Look

from . import interchanged as ic

FIELDS = ["velocity", "vel_sigma", "vel_east", "vel_north", "direction"]
DATES = ["D20200101", "D20200113", "D20200206", "D20200218", "D20200410"]
VALID = ic.WIDTH * ic.HEIGHT - 1


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return ic.series(tmp_path_factory.mktemp("p") / "slide")


def read(path):
    """Names of the fields, positions, and a table ``(points, fields)``."""
    dataset = ogr.Open(str(path))
    layer = dataset.GetLayer(0)
    definition = layer.GetLayerDefn()
    names = [definition.GetFieldDefn(number).GetName() for number in range(definition.GetFieldCount())]
    rows = [[feature.GetField(name) for name in names] for feature in layer]
    layer.ResetReading()
    places = [(f.GetGeometryRef().GetX(), f.GetGeometryRef().GetY()) for f in layer if f.GetGeometryRef() is not None]
    crs = layer.GetSpatialRef()
    return names, np.array(places), np.array(rows, float), crs


@pytest.mark.parametrize("ending", ["gpkg", "shp", "csv"])
def test_every_format_holds_the_same_table(series, tmp_path, ending):
    path = tmp_path / f"points.{ending}"
    result = export_points(PointsOptions(series.folder, str(path)))
    names, places, table, crs = read(path)
    if ending == "csv":
        assert names[:2] == ["X", "Y"]
        names, places, table = names[2:], table[:, :2], table[:, 2:]
    else:
        assert crs.GetAuthorityCode(None) == "32613" or crs.GetName() == "WGS_1984_UTM_Zone_13N"
    assert names == FIELDS + DATES and all(len(name) <= 10 for name in names)
    assert result.points == len(table) == len(places) == VALID
    assert places[0].tolist() == [500015, 4199995]  # the first pixel has no answer
    mean = ic.velocity().reshape(2, -1)[:, 1:] * 1000
    np.testing.assert_allclose(table[:, 0], np.hypot(*mean), atol=2e-3, rtol=1e-5)
    np.testing.assert_allclose(table[:, 2:4].T, mean, atol=2e-3, rtol=1e-5)
    np.testing.assert_allclose(table[:, 4], np.degrees(np.arctan2(*mean)) % 360, atol=1e-2)
    moved = ic.displacement().reshape(2, len(DATES), -1)[:, :, 1:] * 1000
    np.testing.assert_allclose(table[:, 5:].T, np.hypot(*moved), atol=2e-3, rtol=1e-4)
    assert not [part for part in tmp_path.iterdir() if "partial" in part.name]


@pytest.mark.parametrize(
    ("keywords", "direction"),
    [
        ({"component": "east"}, (1, 0)),
        ({"component": "north"}, (0, 1)),
        ({"component": "bearing", "bearing": 135.0}, (np.sqrt(0.5), -np.sqrt(0.5))),
        ({"component": "azimuth", "look": Look(-12.0, 38.0)}, (np.sin(np.radians(-12)), np.cos(np.radians(12)))),
    ],
)
def test_components_keep_their_sign(series, tmp_path, keywords, direction):
    path = tmp_path / "p.gpkg"
    export_points(PointsOptions(series.folder, str(path), **keywords))
    table = read(path)[2]
    moved = np.einsum("c,cdp->dp", direction, ic.displacement().reshape(2, len(DATES), -1)[:, :, 1:]) * 1000
    np.testing.assert_allclose(table[:, 5:].T, moved, atol=0.05)
    np.testing.assert_allclose(table[:, 0] * 100 / 365.25, moved[-1], atol=0.05)


def test_points_are_thinned_out_and_limited(series, tmp_path, monkeypatch):
    monkeypatch.setattr(points_module, "series_rows", few_rows(points_module.series_rows))
    export_points(PointsOptions(series.folder, str(tmp_path / "p.gpkg"), every=4))
    places = read(tmp_path / "p.gpkg")[1]
    assert len(places) == 6 * 5 - 1  # columns 0, 4, .. 20 and rows 0, 4, .. 16 without the empty pixel
    assert set((places[:, 0] - 500005) % 40) == {0} and set((4199995 - places[:, 1]) % 40) == {0}
    speed = np.hypot(*ic.velocity()).ravel()[1:] * 1000
    limit = float(np.median(speed))
    result = export_points(PointsOptions(series.folder, str(tmp_path / "q.gpkg"), min_speed=limit))
    assert result.points == (speed >= limit).sum()


def few_rows(whole):
    """Rows in small blocks, as a large raster has them."""

    def rows(series, cancelled):
        for part in whole(series, cancelled):
            for y0 in range(0, part.velocity_sigma.shape[0], 3):
                cut = slice(y0, y0 + 3)
                yield type(part)(part.y0 + y0, part.share, part.velocity[:, cut], part.velocity_sigma[cut],
                                 part.east[:, cut], part.north[:, cut], part.sigma[:, cut])  # fmt: skip

    return rows


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"path": "p.kml"}, "no ending that says its format"),
        ({"path": "p.gpkg", "min_speed": 1e6}, "No point passed"),
        ({"path": "p.gpkg", "max_sigma": 1e-3}, "No point passed"),
        ({"path": "p.gpkg", "component": "los"}, "heading and incidence"),
        ({"path": "p.gpkg", "every": 0}, "every"),
        ({"path": "nowhere/p.gpkg"}, "does not exist"),
    ],
)
def test_what_cannot_be_written_is_said(series, tmp_path, keywords, words):
    with pytest.raises(DeepotError, match=words):
        export_points(PointsOptions(series.folder, str(tmp_path / keywords.pop("path")), **keywords))
    assert not list(tmp_path.iterdir())


def test_more_dates_than_a_shapefile_has_fields(series, tmp_path, monkeypatch):
    assert points_module._MOST_FIELDS["ESRI Shapefile"] == 255
    monkeypatch.setitem(points_module._MOST_FIELDS, "ESRI Shapefile", 9)  # 5 dates and 5 of the velocity
    with pytest.raises(DeepotError, match=r"5 dates are more fields .* GeoPackage"):
        export_points(PointsOptions(series.folder, str(tmp_path / "p.shp")))
    assert export_points(PointsOptions(series.folder, str(tmp_path / "p.gpkg"))).points == VALID


def test_two_dates_of_one_day(tmp_path):
    moments = ic.moments()
    same = ic.series(tmp_path / "s", dates=(*moments[:4], moments[3] + timedelta(hours=12)))
    with pytest.raises(DeepotError, match="fall on one day"):
        export_points(PointsOptions(same.folder, str(tmp_path / "p.gpkg")))


def test_too_many_points_and_cancelling_leave_nothing(series, tmp_path, monkeypatch):
    monkeypatch.setattr(points_module, "_MOST_POINTS", 100)
    with pytest.raises(DeepotError, match="More than 100 points"):
        export_points(PointsOptions(series.folder, str(tmp_path / "p.shp")))
    with pytest.raises(CancelledError):
        export_points(PointsOptions(series.folder, str(tmp_path / "p.shp")), cancelled=lambda: True)
    assert not list(tmp_path.iterdir())


def test_an_older_file_is_replaced(series, tmp_path):
    for every in (1, 5):
        export_points(PointsOptions(series.folder, str(tmp_path / "p.shp"), every=every))
    assert len(read(tmp_path / "p.shp")[1]) == 5 * 4 - 1
