"""Masks in files, the way back, other grids, the command line: refining as users do it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, ogr, osr

from deepot_qgis.engine.cli import main
from deepot_qgis.engine.errors import GridMismatchError, InputError, OptionsError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.refine import Mask, RefineOptions, measure_backward, preview, refine, source, stable_area
from deepot_qgis.engine.refine.consistency import disagreement
from deepot_qgis.engine.refine.work import Work
from deepot_qgis.engine.report import facts, read_pair
from deepot_qgis.engine.report.maps import VIEWS
from tests.engine import scenes

#: Of `scenes.NORTH_UP`, 160 x 120 pixels of 10 m: the western half, a bit of the east.
WEST = [(500000, 4198000), (500800, 4198000), (500800, 4200000), (500000, 4200000)]
EAST = [(501200, 4199300), (501400, 4199300), (501400, 4199700), (501200, 4199700)]


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> str:
    """Ground that moved 2 pixels right and 1 down; in the south the second image is other ground."""
    folder = tmp_path_factory.mktemp("measured")
    first = scenes.texture(120, 160)
    second = scenes.moved(first, 2.0, 1.0)
    second[90:] = scenes.texture(120, 160, seed=9)[90:]
    first[:12, :12] = 0
    paths = [
        scenes.write(folder / f"s_{day}.tif", image, nodata=0)
        for day, image in (("20230904", first), ("20230916", second))
    ]
    output = str(folder / "pair.tif")
    measure(MeasureOptions(*paths, output=output, velocity=str(folder / "v.tif"), method="correlation"))
    return output


def polygons(path: Path, rings: list, epsg: int | None = 32613, driver: str = "GPKG") -> str:
    """A layer of polygons that are given in EPSG:32613."""
    crs = None
    utm = osr.SpatialReference()
    utm.ImportFromEPSG(32613)
    utm.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    if epsg is not None:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    dataset = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    layer = dataset.CreateLayer("water", crs, ogr.wkbPolygon)
    for corners in rings:
        text = ", ".join(f"{x} {y}" for x, y in [*corners, corners[0]])
        shape = ogr.CreateGeometryFromWkt(f"POLYGON(({text}))")
        if crs is not None and epsg != 32613:
            shape.Transform(osr.CoordinateTransformation(utm, crs))
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(shape)
        layer.CreateFeature(feature)
    layer, dataset = None, None
    return str(path)


def edit(path: str, band: str, where, value, added: bool = True) -> None:
    """Change a part of a raster."""
    dataset = gdal.Open(path, gdal.GA_Update)
    for number in range(1, dataset.RasterCount + 1):
        plane = dataset.GetRasterBand(number)
        if plane.GetDescription() == band:
            values = plane.ReadAsArray()
            values[where] = values[where] + value if added else value
            plane.WriteArray(values)
    plane, dataset = None, None


def thin_out(monkeypatch, pixels: int) -> None:
    """Take rasters of more pixels for large."""
    for name in ("WHOLE_PX", "THINNED_PX"):
        monkeypatch.setattr(source, name, pixels)


def codes(product: str, folder: Path, *masks: Mask, **options) -> np.ndarray:
    output = str(folder / "out.tif")
    refine(RefineOptions(product, output, masks=masks, velocity="", **options))
    return scenes.read(output)["mask"]


@pytest.mark.parametrize(
    ("name", "driver", "epsg"),
    [("a.gpkg", "GPKG", 32613), ("b.geojson", "GeoJSON", 4326), ("c.shp", "ESRI Shapefile", 4326)],
)
def test_polygons_of_any_format_and_crs(product, tmp_path, name, driver, epsg):
    path = polygons(tmp_path / name, [WEST, EAST], epsg, driver)
    before = scenes.read(product)["mask"]
    after = codes(product, tmp_path, Mask(path))
    wanted = np.zeros(before.shape, bool)
    wanted[:, :80] = wanted[30:70, 120:140] = True
    wanted &= ~np.isin(before, (Reason.NODATA, Reason.OUTSIDE))
    differ = (after == Reason.EXCLUDED) != wanted
    assert differ.mean() < (0 if epsg == 32613 else 0.02) + 1e-9  # edges in degrees are no lines in metres
    assert np.array_equal(after[~wanted & ~differ], before[~wanted & ~differ])


def test_one_layer_of_many(product, tmp_path):
    path = polygons(tmp_path / "a.gpkg", [EAST])
    assert (codes(product, tmp_path, Mask(path, layer="water")) == Reason.EXCLUDED).any()
    with pytest.raises(InputError, match=r"no layer land"):
        codes(product, tmp_path, Mask(path, layer="land"))


def test_a_mask_that_meets_nothing_is_told(product, tmp_path):
    elsewhere = "POLYGON((0 0, 9 0, 9 9, 0 0))"
    path = polygons(tmp_path / "far.gpkg", [[(x + 1e5, y) for x, y in WEST]])
    raster = scenes.write(tmp_path / "far.tif", np.ones((20, 20), np.uint8), (0.0, 10.0, 0.0, 0.0, 0.0, -10.0))
    near = polygons(tmp_path / "near.gpkg", [EAST])
    options = RefineOptions(product, masks=(Mask(path), Mask(near), Mask(area=elsewhere), Mask(raster)))
    said = preview(options).messages
    assert [line.split(" lies in ")[1].split(";")[0] for line in said] == ["far.gpkg", "the drawn polygon", "far.tif"]


def test_several_masks_the_stronger_reason_counts(product, tmp_path):
    both = polygons(tmp_path / "a.gpkg", [WEST]), polygons(tmp_path / "b.gpkg", [WEST, EAST])
    after = codes(product, tmp_path, Mask(both[0], reason=Reason.LAYOVER_SHADOW), Mask(both[1]))
    assert (after[40, 20], after[40, 130]) == (Reason.LAYOVER_SHADOW, Reason.EXCLUDED)


def test_what_cannot_be_a_mask_is_refused(product, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("water\n")
    points = tmp_path / "points.geojson"
    points.write_text(json.dumps({"type": "Point", "coordinates": [-105, 37.9]}))
    nowhere = polygons(tmp_path / "n.shp", [WEST], None, "ESRI Shapefile")
    for path, said in ((str(text), "notes.txt"), (str(points), "no polygon"), (nowhere, "coordinate reference system"),
                       (str(tmp_path / "gone.gpkg"), "does not exist")):  # fmt: skip
        with pytest.raises(InputError, match=said):
            preview(RefineOptions(product, masks=(Mask(path),)))


@pytest.mark.parametrize("epsg", [32613, 3857])
def test_a_raster_of_another_grid_masks_where_it_is_not_zero(product, tmp_path, epsg):
    classes = np.zeros((60, 90), np.uint8)  # 20 m pixels, from 200 m west of the product on
    classes[:, 40:60] = 2  # 600 to 1000 m from the product's west
    classes[:, 60:70] = 255  # nodata
    path = scenes.write(tmp_path / "utm.tif", classes, (499800.0, 20.0, 0.0, 4200000.0, 0.0, -20.0), nodata=255)
    if epsg != 32613:
        other = str(tmp_path / "other.tif")
        gdal.Warp(other, path, dstSRS=f"EPSG:{epsg}", xRes=10, yRes=10, resampleAlg="near")
        path = other
    before = scenes.read(product)["mask"]
    after = codes(product, tmp_path, Mask(path, reason=Reason.LAYOVER_SHADOW))
    inner = np.isin(before, (0, 3, 4, 7))
    assert (after[:, 62:98][inner[:, 62:98]] == Reason.LAYOVER_SHADOW).all()
    assert np.array_equal(after[:, :58], before[:, :58]) and np.array_equal(after[:, 102:], before[:, 102:])
    outside = codes(product, tmp_path, Mask(path, outside=True))
    assert (outside[:, :58][inner[:, :58]] == Reason.EXCLUDED).all() and (outside[20:60, 70:90] == 0).all()


def test_layover_and_shadow_of_a_dem(product, tmp_path):
    columns = np.abs(np.arange(400)[None, :] - 200)
    heights = np.repeat(np.maximum(0, 300.0 - 12 * columns), 300, axis=0).astype(np.float32)  # 56 degrees steep
    heights[:60] = -32768
    dem = scenes.write(tmp_path / "dem.tif", heights, (499200.0, 8.0, 0.0, 4200300.0, 0.0, -8.0), nodata=-32768)
    hidden = str(tmp_path / "hidden.tif")
    assert main(["layover-shadow", dem, hidden, "--heading", "0", "--incidence", "40"]) == 0
    laid = scenes.read(hidden)
    kinds = laid[next(iter(laid))]
    assert {1, 255} < set(np.unique(kinds))
    before, after = scenes.read(product)["mask"], codes(product, tmp_path, Mask(hidden, reason=Reason.LAYOVER_SHADOW))
    rows, there = np.divmod(np.arange(before.size), 160)
    x, y = 500000 + 10 * (there + 0.5), 4200000 - 10 * (rows + 0.5)
    kind = kinds[((4200300 - y) // 8).astype(int), ((x - 499200) // 8).astype(int)].reshape(before.shape)
    unseen = np.isin(kind, (1, 2, 3)) & ~np.isin(before, (Reason.NODATA, Reason.OUTSIDE))
    assert unseen.mean() > 0.05 and (kind == 255).mean() > 0.05
    assert np.array_equal(after == Reason.LAYOVER_SHADOW, unseen)


def test_a_floating_mask_with_holes(product, tmp_path):
    values = np.zeros((120, 160), np.float32)
    values[:, 80:] = np.nan
    values[:, :20] = 0.5
    after = codes(product, tmp_path, Mask(scenes.write(tmp_path / "mask.tif", values)))
    assert (after[40:80, :20] == Reason.EXCLUDED).all() and not (after[:, 20:] == Reason.EXCLUDED).any()


def test_what_comes_back_is_compared_with_its_neighbours_in_blocks_of_any_size(product, tmp_path, monkeypatch):
    spiked = str(tmp_path / "spiked.tif")
    gdal.GetDriverByName("GTiff").CreateCopy(spiked, gdal.Open(product.replace(".tif", "_offsets.tif")))
    edit(spiked, "dx", np.s_[104:112, 28:36], 4.0)  # over the edges of small blocks, in lost ground
    options = {"min_correlation": 0.0, "max_sigma": 30.0, "offsets": spiked}
    before, whole = scenes.read(product)["mask"], codes(product, tmp_path, **options)
    assert np.isin(before[104:112, 28:36], (3, 7)).all()
    unlike = whole == Reason.INCONSISTENT
    assert unlike[104:112, 28:36].all() and unlike.sum() < 200
    monkeypatch.setattr("deepot_qgis.engine.product._WIDTH", 32)
    monkeypatch.setattr("deepot_qgis.engine.refine.work.strip_rows", lambda width: 16)
    assert np.array_equal(codes(product, tmp_path, **options), whole)


def test_no_more_than_a_block_and_its_neighbours_is_read_at_once(product, tmp_path, monkeypatch):
    read, seen = source.Planes.read, []

    def watched(planes, window, shape):
        seen.append(window[2] * window[3])
        return read(planes, window, shape)

    monkeypatch.setattr(source.Planes, "read", watched)
    monkeypatch.setattr("deepot_qgis.engine.product._WIDTH", 32)
    monkeypatch.setattr("deepot_qgis.engine.refine.work.strip_rows", lambda width: 16)
    refine(RefineOptions(product, str(tmp_path / "out.tif"), min_correlation=0.0))
    assert len(seen) == 2 * 8 * 5 and max(seen) <= (32 + 52) * (16 + 52)


def test_adding_a_mask_never_gains_a_pixel(product):
    corner = "POLYGON((500000 4198800, 500900 4198800, 500900 4199500, 500000 4199500, 500000 4198800))"
    masks = (Mask(area=corner), Mask(area=corner, outside=True), Mask(area=corner, reason=Reason.LAYOVER_SHADOW))
    good = [preview(RefineOptions(product, masks=masks[:count])).after[Reason.GOOD] for count in range(4)]
    assert good == sorted(good, reverse=True) and good[0] > good[1] > good[2] == 0


def test_a_thinned_preview_is_close(product, backward, tmp_path, monkeypatch):
    south = "POLYGON((500000 4198800, 501600 4198800, 501600 4199100, 500000 4199100, 500000 4198800))"
    other = str(tmp_path / "other.tif")
    gdal.GetDriverByName("GTiff").CreateCopy(other, gdal.Open(backward))
    edit(other, "dx", np.s_[20:50, 30:90], 0.6)
    slowest = ReferenceOptions("slowest")
    options = RefineOptions(product, max_sigma=0.3, masks=(Mask(area=south),), reference=slowest, backward=other)
    exact = preview(options)
    thin_out(monkeypatch, 3000)
    thin = preview(options)
    assert thin.step == 3 and exact.step == 1 and exact.share(Reason.DISAGREES) > 0.05
    for reason in Reason:
        assert thin.share(reason) == pytest.approx(exact.share(reason), abs=0.03), reason
    assert thin.stable.before.median_east == pytest.approx(exact.stable.before.median_east, abs=0.3)
    assert thin.stable.step == 3


def test_displacement_of_a_thinned_view_is_that_of_its_pixels(product, monkeypatch):
    thin_out(monkeypatch, 3000)
    opened = Work(RefineOptions(product)).product
    view = opened.thinned(0, 0, opened.grid.width, opened.grid.height)
    good = view.was == Reason.GOOD
    assert np.allclose(view.ground()[:, good], view.bands[:4, good], atol=0.02)
    assert np.allclose(view.sigma("px")[good] * 10, view.sigma("m")[good])


@pytest.fixture(scope="module")
def backward(product, tmp_path_factory) -> str:
    path = str(tmp_path_factory.mktemp("backward") / "back.tif")
    assert measure_backward(product, path) == path
    return path


def test_the_way_back_cancels_where_the_ground_was_followed(product, backward, tmp_path):
    back = scenes.read(backward)
    assert sorted(back) == ["dx", "dy", "sigma"]
    assert np.median(back["dx"][20:80, 20:140]) == pytest.approx(-2, abs=0.1)
    assert np.median(back["dy"][20:80, 20:140]) == pytest.approx(-1, abs=0.1)
    after = codes(product, tmp_path, backward=backward, max_disagreement_px=0.2)
    before = scenes.read(product)["mask"]
    followed = np.zeros(before.shape, bool)
    followed[20:75, 20:140] = True
    assert (after[followed & (before == 0)] == 0).mean() > 0.99
    assert list(Path(backward).parent.iterdir()) == [Path(backward)]


def test_a_way_back_that_ends_elsewhere_is_masked_there(product, backward, tmp_path):
    other = str(tmp_path / "other.tif")
    gdal.GetDriverByName("GTiff").CreateCopy(other, gdal.Open(backward))
    edit(other, "dx", np.s_[40:60, 60:90], 0.6)
    edit(other, "dy", np.s_[20:30, 60:90], np.nan)
    masked = codes(product, tmp_path, backward=other, max_disagreement_px=0.5)
    without = codes(product, tmp_path, backward=backward, max_disagreement_px=0.5)
    moved = (slice(40, 58), slice(60, 86))  # the ground there came from 2 px to the left and 1 px above
    assert (masked[moved] == Reason.DISAGREES).all() and (without[moved] == 0).all()
    assert (masked[20:28, 60:86] == Reason.DISAGREES).all()  # without a way back nothing is confirmed
    away = np.ones(masked.shape, bool)
    away[15:65, 55:95] = False
    assert np.array_equal(masked[away], without[away])


def test_a_way_back_through_a_field_that_varies(product, backward, tmp_path):
    rows, columns = np.mgrid[:120, :160] + 0.5
    turned, moved = np.array([[1.02, -0.03], [0.03, 0.99]]), np.array([1.5, -2.0])
    there = np.stack([columns, rows])
    forward = np.tensordot(turned, there, 1) + moved[:, None, None] - there
    back = np.tensordot(np.linalg.inv(turned), there - moved[:, None, None], 1) - there
    paths = [str(tmp_path / name) for name in ("there.tif", "back.tif")]
    for path, field in zip(paths, (forward, back)):
        gdal.GetDriverByName("GTiff").CreateCopy(path, gdal.Open(backward))
        for name, plane in zip(("dx", "dy"), field):
            edit(path, name, np.s_[:, :], plane, added=False)
    work = Work(RefineOptions(product, offsets=paths[0], backward=paths[1]))
    view = work.product.view(0, 0, 160, 120)
    ends = disagreement(view, work._backward, np.ones((120, 160), bool))
    assert ends[20:100, 20:140].max() < 1e-3
    assert np.isinf(ends).any()  # some ground left the image


def test_a_wider_disagreement_never_loses_a_pixel(product, backward):
    good = [
        preview(RefineOptions(product, backward=backward, max_disagreement_px=limit)).after[Reason.GOOD]
        for limit in (0.01, 0.05, 0.1, 0.3, 1.0, 10.0)
    ]
    assert good == sorted(good) and good[0] < good[-1]


def test_offsets_that_do_not_fit_are_refused(product, backward, tmp_path):
    smaller = str(tmp_path / "small.tif")
    gdal.Translate(smaller, backward, srcWin=[0, 0, 100, 100])
    with pytest.raises(GridMismatchError, match="same pair"):
        preview(RefineOptions(product, backward=smaller))
    with pytest.raises(InputError, match="no bands dx and dy"):
        preview(RefineOptions(product, backward=product))
    alone = tmp_path / "alone.tif"
    alone.write_bytes(Path(product).read_bytes())
    with pytest.raises(OptionsError, match="unfiltered offsets"):
        preview(RefineOptions(str(alone), backward=backward))


def test_stable_polygons_from_a_file_in_degrees(product, tmp_path):
    path = polygons(tmp_path / "rock.gpkg", [WEST, EAST], 4326)
    area = stable_area(path, product)
    found = preview(RefineOptions(product, reference=ReferenceOptions("area", area))).stable
    assert found.before.median_east == pytest.approx(20, abs=0.5)
    assert found.before.median_north == pytest.approx(-10, abs=0.5)
    assert found.after.median_east == pytest.approx(0, abs=1e-6)
    with pytest.raises(InputError, match="no polygons"):
        stable_area(product, product)


@pytest.mark.parametrize(
    ("geotransform", "epsg"),
    [
        ((-105.0, 1e-4, 0.0, 60.0, 0.0, -1e-4), 4326),
        ((500000.0, 8.0, 3.0, 4200000.0, 3.0, -12.0), 32613),
        (None, None),
    ],
)
def test_other_grids(tmp_path, geotransform, epsg, monkeypatch):
    paths = scenes.pair(tmp_path, 2.0, 1.0, (96, 96), geotransform=geotransform, epsg=epsg)
    measured, loose = str(tmp_path / "m.tif"), str(tmp_path / "loose.tif")
    measure(MeasureOptions(*paths, output=measured, method="correlation"))
    strict = str(tmp_path / "strict.tif")
    refine(RefineOptions(measured, strict, min_correlation=0.9))
    refine(RefineOptions(strict, loose, min_correlation=0.0, offsets=str(tmp_path / "m_offsets.tif")))
    before, after = scenes.read(measured), scenes.read(loose)
    good = (before["mask"] == 0) & (after["mask"] == 0)
    assert good.mean() > 0.7
    assert (scenes.read(strict)["mask"] == 0).sum() < 0.9 * good.sum()
    for name in ("east", "north", "magnitude", "direction"):
        assert np.array_equal(before[name][good], after[name][good]), name
    thin_out(monkeypatch, 1500)
    opened = Work(RefineOptions(measured)).product
    view = opened.thinned(0, 0, 96, 96)
    good = view.was == Reason.GOOD
    assert np.allclose(view.ground()[:2, good], view.bands[:2, good], rtol=0.01, atol=0.05)
    assert np.median(view.sigma("px")[good]) == pytest.approx(
        np.median(scenes.read(str(tmp_path / "m_offsets.tif"))["sigma"]), rel=0.3
    )


def test_a_mask_without_georeference_must_be_as_large(tmp_path):
    paths = scenes.pair(tmp_path, 2.0, 1.0, (96, 96), geotransform=None, epsg=None)
    measured = str(tmp_path / "m.tif")
    measure(MeasureOptions(*paths, output=measured, method="correlation"))
    values = np.zeros((96, 96), np.uint8)
    values[40:60, 10:50] = 1
    path = scenes.write(tmp_path / "mask.tif", values, None, None)
    assert np.array_equal(codes(measured, tmp_path, Mask(path)) == Reason.EXCLUDED, values > 0)
    smaller = scenes.write(tmp_path / "small.tif", values[:50], None, None)
    with pytest.raises(InputError, match="as large as the product"):
        preview(RefineOptions(measured, masks=(Mask(smaller),)))


def test_the_command_line_refines_and_runs_again(product, tmp_path, capsys):
    water, rock = polygons(tmp_path / "water.gpkg", [EAST]), polygons(tmp_path / "rock.gpkg", [WEST])
    output, again = str(tmp_path / "out.tif"), str(tmp_path / "again.tif")
    asked = ["--max-sigma", "0.3", "--mask", water, "--stable", rock, "--velocity-unit", "m/day"]
    assert main(["refine", product, "--preview", *asked]) == 0
    seen = capsys.readouterr().out
    assert "NMAD" in seen and "excluded by a mask" in seen and not Path(output).exists()
    assert main(["refine", product, output, *asked]) == 0
    said = capsys.readouterr().out
    assert said.startswith(seen) and f"Product: {output}" in said
    assert main(["rerun", output.replace(".tif", ".json"), again]) == 0
    first, second = scenes.read(output), scenes.read(again)
    assert all(np.array_equal(first[name], second[name], equal_nan=True) for name in first)
    velocity = scenes.read(output.replace(".tif", "_velocity.tif"))
    assert np.allclose(velocity["east"], first["east"] / 12, atol=1e-3, equal_nan=True)
    assert main(["refine", product]) == 1
    assert "no name" in capsys.readouterr().err
    assert main(["refine", product, output, "--stable", "nonsense"]) == 1


def test_the_record_and_the_report_tell_of_the_refinement(product, tmp_path, monkeypatch):
    water = polygons(tmp_path / "water.gpkg", [EAST])
    output = str(tmp_path / "out.tif")
    result = refine(RefineOptions(product, output, masks=(Mask(water),), max_sigma=2.0, sigma_unit="m"))
    record = json.loads(Path(output).with_suffix(".json").read_text(encoding="utf-8"))
    assert record["options"]["method"] == "correlation"
    assert record["refinement"]["limits"] == {"min_correlation": 0.1, "max_sigma": 2.0, "sigma_unit": "m"}
    assert {Path(one["path"]).name for one in record["refinement"]["inputs"]} >= {"pair.tif", "water.gpkg"}
    assert all(len(one["sha256"]) == 64 for one in record["refinement"]["inputs"])
    content = read_pair(output)
    assert content.counts[Reason.EXCLUDED] == result.survivors.after[Reason.EXCLUDED] > 0
    assert content.first == "2023-09-04"
    report = tmp_path / "report.html"
    monkeypatch.setattr("deepot_qgis.engine.report.run.VIEWS", {"mask": VIEWS["mask"]})
    assert main(["report", output, str(report)]) == 0
    page = report.read_text(encoding="utf-8")
    assert "water.gpkg (excluded by a mask)" in page and str(tmp_path) not in page
    assert facts.limits(content)["sigma"] == 2.0


@pytest.mark.parametrize(
    "edit",
    [
        lambda refinement: refinement["options"].update(max_sigma="wide"),
        lambda refinement: refinement["options"].update(masks=[{"paths": "x"}]),
        lambda refinement: refinement["options"].pop("reference"),
        lambda refinement: refinement.pop("options"),
    ],
)
def test_an_edited_record_is_refused(product, tmp_path, capsys, edit):
    output = str(tmp_path / "out.tif")
    refine(RefineOptions(product, output))
    beside = Path(output).with_suffix(".json")
    record = json.loads(beside.read_text(encoding="utf-8"))
    edit(record["refinement"])
    beside.write_text(json.dumps(record), encoding="utf-8")
    assert main(["rerun", str(beside), str(tmp_path / "again.tif")]) == 1
    assert "refine the product anew" in capsys.readouterr().err


def test_a_product_without_record_measures_no_way_back(tmp_path, product):
    bare = str(tmp_path / "bare.tif")
    gdal.Translate(bare, product, metadataOptions=["DEEPOT_PROVENANCE={}"])
    with pytest.raises(InputError, match="which images"):
        measure_backward(bare, str(tmp_path / "back.tif"))
    assert [path.name for path in tmp_path.iterdir() if "back" in path.name] == []
