"""What results look like: ranges, ramps, arrows, and the picture itself."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from osgeo import gdal, ogr, osr
from qgis.core import (
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsMarkerSymbol,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsSingleBandGrayRenderer,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from deepot_qgis.__about__ import DOI
from deepot_qgis.engine.errors import OutputError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.product import BANDS
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.report.lineage import Lineage, lineage
from deepot_qgis.engine.styles import save_beside
from deepot_qgis.engine.styles.beside import path_beside
from deepot_qgis.engine.styles.ranges import band_ranges, result_ranges, tidy_ceiling
from deepot_qgis.engine.styles.views import PRODUCT_VIEWS, SIGNIFICANCE_VIEWS
from deepot_qgis.processing.layers import ramps
from deepot_qgis.processing.layers.arrows import arrow_legend_layer, style_arrows, write_arrows
from deepot_qgis.processing.layers.group import ResultFiles, add_result_group, group_title
from deepot_qgis.processing.layers.labels import layer_title
from deepot_qgis.processing.layers.metadata import describe
from deepot_qgis.processing.layers.significance import write_significance
from deepot_qgis.processing.layers.styles import REASON_COLORS, style_band
from scripts import styles
from tests.engine import scenes


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> str:
    """A product: a disc that moved 30 m east and 40 m south on still ground; a masked column at the left."""
    path = tmp_path_factory.mktemp("product") / "product.tif"
    rows, columns = np.mgrid[:200, :200]
    disc = np.hypot(rows - 100, columns - 100) < 50
    east, north = np.where(disc, 30.0, 0.01), np.where(disc, -40.0, 0.0)
    mask = np.where(columns < 20, float(Reason.LOW_CORRELATION), 0.0)
    bands = {
        "east": east,
        "north": north,
        "magnitude": np.hypot(east, north),
        "direction": np.degrees(np.arctan2(east, north)) % 360,
        "sigma": np.full(east.shape, 0.5),
        "correlation": np.full(east.shape, 0.7),
        "mask": mask,
    }
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), 200, 200, len(BANDS), gdal.GDT_Float32)
    dataset.SetGeoTransform(scenes.NORTH_UP)
    dataset.SetProjection(_utm())
    for number, name in enumerate(BANDS, start=1):
        band = dataset.GetRasterBand(number)
        band.SetDescription(name)
        band.SetUnitType("m")
        band.SetNoDataValue(float("nan"))
        values = bands[name] if name == "mask" else np.where(mask > 0, np.nan, bands[name])
        band.WriteArray(values.astype(np.float32))
    dataset = None
    return str(path)


def _utm() -> str:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32613)
    return crs.ExportToWkt()


@pytest.fixture(scope="module")
def ranges(product):
    return band_ranges(product, PRODUCT_VIEWS)


def pixel(layers: list, extent, x: float, y: float) -> QColor:
    """Colour of the map at map coordinates."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(layers[-1].crs())
    settings.setExtent(extent)
    settings.setOutputSize(QSize(400, 400))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    place = settings.mapToPixel().transform(x, y)
    return job.renderedImage().pixelColor(round(place.x()), round(place.y()))


def shown(product: str, ranges, key: str) -> QgsRasterLayer:
    layer = QgsRasterLayer(product, key)
    view = next(view for view in PRODUCT_VIEWS if view.key == key)
    style_band(layer, view, ranges[key])
    return layer


@pytest.mark.parametrize(
    ("value", "ceiling"),
    [(3.41, 4.0), (0.0123, 0.015), (1.0, 1.0), (99.0, 100.0), (7.9e-5, 8e-5), (0.0, 1.0), (float("nan"), 1.0)],
)
def test_range_ends_on_a_round_number(value, ceiling):
    assert tidy_ceiling(value) == pytest.approx(ceiling)


def test_ranges_fit_their_kind(ranges):
    assert (ranges["magnitude"].low, ranges["magnitude"].high) == (0.0, 50.0)
    assert ranges["east"].low == -ranges["east"].high == -40.0
    assert ranges["north"].high == ranges["east"].high  # one scale, comparable by eye
    assert (ranges["direction"].low, ranges["direction"].high) == (0.0, 360.0)
    assert ranges["correlation"].high == 1.0


def test_an_outlier_does_not_set_the_range(product, tmp_path):
    copy = str(tmp_path / "outlier.tif")
    gdal.GetDriverByName("GTiff").CreateCopy(copy, gdal.Open(product))
    dataset = gdal.Open(copy, gdal.GA_Update)
    band = dataset.GetRasterBand(BANDS.index("magnitude") + 1)
    values = band.ReadAsArray()
    values[100, 100] = 1e6
    band.WriteArray(values)
    band = dataset = None
    assert band_ranges(copy, PRODUCT_VIEWS)["magnitude"].high == 50.0


def test_still_ground_is_not_shown_in_full_colour(tmp_path):
    rng = np.random.default_rng(1)
    path = str(tmp_path / "still.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 100, 100, 2, gdal.GDT_Float32)
    for number, (name, values) in enumerate(
        {"magnitude": np.abs(rng.normal(0, 0.1, (100, 100))), "sigma": np.full((100, 100), 0.5)}.items(), start=1
    ):
        dataset.GetRasterBand(number).SetDescription(name)
        dataset.GetRasterBand(number).WriteArray(values)
    dataset = None
    assert band_ranges(path, PRODUCT_VIEWS)["magnitude"].high == 4.0  # eight sigma, far above the noise


def test_an_empty_product_still_has_ranges(tmp_path):
    path = str(tmp_path / "empty.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 64, 64, 1, gdal.GDT_Float32)
    dataset.GetRasterBand(1).SetDescription("magnitude")
    dataset.GetRasterBand(1).Fill(float("nan"))
    dataset = None
    assert band_ranges(path, PRODUCT_VIEWS)["magnitude"].high == 1.0


@pytest.mark.parametrize("stops", [ramps.SEQUENTIAL, ramps.ERROR])
def test_sequential_ramps_get_steadily_lighter(stops):
    lightness = [QColor(stop).lightnessF() for stop in stops]
    assert all(later >= earlier - 0.02 for earlier, later in zip(lightness, lightness[1:]))


def test_cyclic_ramp_closes():
    assert ramps.CYCLIC[0] == ramps.CYCLIC[-1]


def test_diverging_ramp_is_palest_in_the_middle():
    lightness = [QColor(stop).lightnessF() for stop in ramps.DIVERGING]
    assert int(np.argmax(lightness)) == len(lightness) // 2


def test_moving_ground_is_coloured_still_ground_shows_the_image(qgis_app, product, ranges):
    layer = shown(product, ranges, "magnitude")
    extent = layer.extent()
    moving = pixel([layer], extent, 501000, 4199000)
    still = pixel([layer], extent, 501900, 4199900)
    masked = pixel([layer], extent, 500100, 4199000)
    assert moving.lightness() > 200 and moving.red() > moving.blue()  # the light end of the ramp
    assert still.lightness() > 245 and masked == QColor("white")


def test_east_and_west_have_two_colours(qgis_app, product, ranges):
    layer = shown(product, ranges, "east")
    east = pixel([layer], layer.extent(), 501000, 4199000)
    north = pixel([shown(product, ranges, "north")], layer.extent(), 501000, 4199000)
    assert east.red() > east.blue() and north.blue() > north.red()


def test_mask_names_every_reason(qgis_app, product, ranges):
    layer = shown(product, ranges, "mask")
    renderer = layer.renderer()
    assert isinstance(renderer, QgsPalettedRasterRenderer)
    assert [c.label for c in renderer.classes()][:2] == ["good", "no data"]
    assert len(renderer.classes()) == len(Reason)
    assert len({color.name() for color in REASON_COLORS.values()}) == len(Reason)
    low = pixel([layer], layer.extent(), 500100, 4199000)
    assert low.name() == REASON_COLORS[Reason.LOW_CORRELATION].name()
    assert pixel([layer], layer.extent(), 501000, 4199000) == QColor("white")


def test_saved_styles_bring_back_the_view(qgis_new_project, product, ranges, tmp_path):
    copy = str(tmp_path / "product.tif")
    gdal.GetDriverByName("GTiff").CreateCopy(copy, gdal.Open(product))
    add_result_group(QgsProject.instance(), ResultFiles("title", copy, "m", ranges=ranges))
    for view in PRODUCT_VIEWS:
        qml = tmp_path / ("product.qml" if view.key == "magnitude" else f"product_{view.key}.qml")
        fresh = QgsRasterLayer(product, "fresh")
        message, ok = fresh.loadNamedStyle(str(qml))
        assert ok, message
        band = fresh.renderer().band()
        assert BANDS[band - 1] == view.band


def test_arrows_point_where_the_ground_went(product, tmp_path):
    points = write_arrows(product, str(tmp_path / "arrows.gpkg"), across=20)
    source = ogr.Open(points.path)
    rows = [feature.items() for feature in source.GetLayer(0)]
    assert points.count == len(rows) and 60 < len(rows) < 100  # the disc only: still ground is below three sigma
    assert np.median([row["direction"] for row in rows]) == pytest.approx(143.13, abs=0.1)
    assert np.median([row["magnitude"] for row in rows]) == pytest.approx(50.0, abs=0.1)
    longest = max(row["magnitude"] for row in rows) * points.map_units_per_unit
    assert longest == pytest.approx(1.6 * 10 * 10.0)  # cells of 10 pixels of 10 m


def test_arrows_are_drawn_to_the_south_east(qgis_app, product, tmp_path):
    points = write_arrows(product, str(tmp_path / "arrows.gpkg"), across=4)
    layer = QgsVectorLayer(points.path, "arrows", "ogr")
    style_arrows(layer, points.map_units_per_unit)
    extent = QgsRasterLayer(product, "product").extent()
    feature = next(layer.getFeatures())
    x, y = feature.geometry().asPoint()
    length = 0.4 * feature["magnitude"] * points.map_units_per_unit
    towards = pixel([layer], extent, x + 0.6 * length, y - 0.8 * length)
    away = pixel([layer], extent, x - 0.6 * length, y + 0.8 * length)
    assert towards.lightness() < 128 and away == QColor("white")


def test_the_legend_arrow_is_as_long_as_it_says(product, tmp_path):
    points = write_arrows(product, str(tmp_path / "arrows.gpkg"), across=20)
    source = ogr.Open(points.path)
    arrow, text = (feature.items() for feature in source.GetLayer(1))
    assert (points.legend, arrow["east"], arrow["north"]) == (50.0, 50.0, 0.0)
    assert text["label"] == points.legend_text() == "50 m"


def test_the_legend_arrow_lies_below_the_map(qgis_app, product, tmp_path):
    points = write_arrows(product, str(tmp_path / "arrows.gpkg"), across=20)
    layer = arrow_legend_layer(points, "legend")
    extent = QgsRasterLayer(product, "product").extent()
    place = layer.getFeature(1).geometry().asPoint()
    assert place.y() < extent.yMinimum() and place.x() < extent.xMaximum()
    extent.combineExtentWith(layer.extent())
    extent.scale(1.1)
    half = place.x() + points.legend * points.map_units_per_unit / 2
    assert pixel([layer], extent, half, place.y()).lightness() < 128
    assert pixel([layer], extent, half, place.y() + 60) == QColor("white")


def test_arrows_in_a_folder_that_is_not_there(product, tmp_path):
    with pytest.raises(OutputError, match="choose another"):
        write_arrows(product, str(tmp_path / "nowhere" / "arrows.gpkg"))


@pytest.fixture
def copied(product, tmp_path) -> str:
    """The product in a folder of the test, where more may be written beside it."""
    path = str(tmp_path / "product.tif")
    gdal.GetDriverByName("GTiff").CreateCopy(path, gdal.Open(product))
    return path


def test_significance_is_magnitude_over_sigma(copied):
    path = write_significance(copied)
    values = gdal.Open(path).ReadAsArray()
    assert values[100, 100] == pytest.approx(50.0 / 0.5, rel=0.002)
    assert values[100, 30] == pytest.approx(0.01 / 0.5, rel=0.002)
    assert np.isnan(values[100, 5])  # masked


@pytest.mark.parametrize("sigma", [0.00031, 0.0173, 2.71, 333.0])
def test_the_table_of_reciprocals_is_close(copied, sigma):
    dataset = gdal.Open(copied, gdal.GA_Update)
    dataset.GetRasterBand(BANDS.index("sigma") + 1).WriteArray(np.full((200, 200), sigma, np.float32))
    dataset = None
    values = gdal.Open(write_significance(copied)).ReadAsArray()
    assert values[100, 100] == pytest.approx(50.0 / sigma, rel=0.002)


def test_motion_below_three_sigma_is_greyed(qgis_app, copied):
    path = write_significance(copied)
    layer = QgsRasterLayer(path, "grey")
    style_band(layer, SIGNIFICANCE_VIEWS[0], band_ranges(path, SIGNIFICANCE_VIEWS)["significance"])
    still = pixel([layer], layer.extent(), 501900, 4199900)
    assert still.red() < 200 and abs(still.red() - still.blue()) < 20
    assert pixel([layer], layer.extent(), 501000, 4199000) == QColor("white")  # moving ground is seen as it is
    assert pixel([layer], layer.extent(), 500100, 4199000) == QColor("white")  # masked ground has no colour at all


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> str:
    return styles.make_raster(str(tmp_path_factory.mktemp("small") / "small.tif"))


@pytest.mark.parametrize("name", [*styles.STYLES, styles.ARROWS])
def test_shipped_styles_are_those_of_the_layers(qgis_app, small, name):
    """Run `python -m scripts.styles` when this fails."""
    shipped, coded = styles.styled(name, small), styles.styled(name, small)
    if name == styles.ARROWS:
        shipped.setRenderer(QgsSingleSymbolRenderer(QgsMarkerSymbol.createSimple({})))
    else:
        shipped.setRenderer(QgsSingleBandGrayRenderer(shipped.dataProvider(), 1))
    assert _renderer(shipped) != _renderer(coded)
    words, done = shipped.loadNamedStyle(str(styles.FOLDER / f"{name}.qml"))
    assert done, words
    assert _renderer(shipped) == _renderer(coded)


def _renderer(layer) -> str:
    """How a layer is drawn, as text in which the order of attributes says nothing."""
    document = QDomDocument()
    if isinstance(layer, QgsRasterLayer):
        node = document.createElement("style")
        layer.renderer().writeXml(document, node)
    else:
        node = layer.renderer().save(document, QgsReadWriteContext())
    document.appendChild(node)
    text = ElementTree.canonicalize(document.toString())
    # newer versions name each symbol layer anew, and say colours once more in full precision
    return re.sub(r' id="\{[-\w]+\}"|,(rgb|hsv):[\d.,]+', "", text)


def test_the_engine_s_styles_are_those_of_the_layers(qgis_app, copied):
    """Without QGIS, from the shipped styles: what the command line writes looks like what the panel shows."""
    assert save_beside(copied) == ""
    ranges = band_ranges(copied, PRODUCT_VIEWS)
    for view in PRODUCT_VIEWS:
        written, coded = QgsRasterLayer(copied, "w"), shown(copied, ranges, view.key)
        words, done = written.loadNamedStyle(path_beside(copied, view.key, view is PRODUCT_VIEWS[0]))
        assert done, words
        assert _drawn(written) == _drawn(coded)
        assert written.customProperty("deepot/view") == view.key
    assert QgsRasterLayer(copied, "opened").renderer().band() == BANDS.index("magnitude") + 1  # by itself


def _drawn(layer: QgsRasterLayer) -> tuple:
    """What decides the colours of a layer."""
    renderer = layer.renderer()
    if isinstance(renderer, QgsPalettedRasterRenderer):
        return renderer.band(), [(one.value, one.color.name(QColor.NameFormat.HexArgb)) for one in renderer.classes()]
    items = renderer.shader().rasterShaderFunction().colorRampItemList()
    colors = [(round(item.value, 9), item.color.name(QColor.NameFormat.HexArgb)) for item in items]
    return renderer.band(), renderer.classificationMin(), renderer.classificationMax(), colors


def test_styles_that_cannot_be_saved_are_a_sentence(copied, monkeypatch):
    monkeypatch.setattr("deepot_qgis.engine.styles.beside.path_beside", lambda *_: "/no/such/folder/a.qml")
    assert save_beside(copied).startswith("No styles for QGIS were saved beside it: ")


def test_every_shipped_style_has_its_source():
    files = {path.stem for path in styles.FOLDER.glob("*.qml")}
    assert files == {*styles.STYLES, styles.ARROWS}
    assert not [path for path in styles.FOLDER.iterdir() if "/tmp" in path.read_text(encoding="utf-8")]


def test_layers_say_what_they_are(qgis_new_project, moving_pair, tmp_path):
    measured = measure(MeasureOptions(*moving_pair, output=str(tmp_path / "p.tif"), method="correlation"))
    about = lineage(measured.product)
    ranges = result_ranges(measured.product, None, measured.offsets)
    files = ResultFiles("t", measured.product, "m", measured.offsets, ranges=ranges, show_offsets=False, lineage=about)
    add_result_group(QgsProject.instance(), files)
    (layer,) = QgsProject.instance().mapLayersByName("East (m)")
    metadata = layer.metadata()
    assert metadata.title() == "East (m) – 2023-09-04 – 2023-09-16"
    assert "(12 days)" in metadata.abstract() and "why" in metadata.abstract()
    assert metadata.history()[:2] == [
        "Measured from scene_20230904.tif, scene_20230916.tif.",
        "Measured by conventional offset tracking.",
    ]
    (period,) = metadata.extent().temporalExtents()
    assert period.begin().date().toString("yyyyMMdd") == "20230904"
    assert metadata.extent().spatialExtents()[0].bounds.xMinimum() == layer.extent().xMinimum()
    assert DOI in metadata.links()[0].url
    assert str(tmp_path) not in str([metadata.abstract(), metadata.history(), metadata.identifier()])
    assert not QgsProject.instance().mapLayersByName("Unfiltered offset dx (px)")
    again = QgsRasterLayer(measured.product, "elsewhere")
    again.loadDefaultMetadata()  # as QGIS does when a file is added
    assert again.metadata().title().startswith("Magnitude (m)")
    for name in ("p", "p_east", "p_mask", "p_offsets", "p_offsets_offset_y"):
        assert (tmp_path / f"{name}.qml").is_file()


def test_the_network_s_licence_is_in_the_metadata(qgis_app, product):
    known = Lineage("m", None, "2023-09-16", ("a.tif",), "deepot 1.0", "CC-BY-4.0", "", "0.1.0")
    layer = QgsRasterLayer(product, "x")
    describe(layer, "East (m)", known)
    assert layer.metadata().licenses() == ["Network: CC-BY-4.0"]
    assert layer.metadata().title() == "East (m)" and not layer.metadata().extent().temporalExtents()


def test_titles():
    assert layer_title("east", "m") == "East (m)"
    assert layer_title("east", "px") == "Right (px)"  # without georeference there is no east
    assert group_title("/a/x.tif", "/a/y.tif", "2023-09-04T06:30:00Z", "2023-09-16") == "2023-09-04 - 2023-09-16"
    assert group_title("/a/x.tif", "/a/y.tif", None, "2023-09-16") == "x - y"
