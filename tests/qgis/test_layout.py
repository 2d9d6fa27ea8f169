"""A product on a page: what stands on it and where, as a file and as a layout of the project."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import qgis.utils
from qgis.core import (
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsProcessingException,
    QgsProject,
    QgsUnitTypes,
)
from qgis.PyQt.QtGui import QColor, QImage

from deepot_qgis.__about__ import DOI
from deepot_qgis.engine.errors import InputError, OptionsError, OutputError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.refine import RefineOptions, refine
from deepot_qgis.engine.report.colors import MASKED
from deepot_qgis.gui.map import designer
from deepot_qgis.gui.pair.export import PAGE
from deepot_qgis.processing.layers.arrows import write_arrows
from deepot_qgis.processing.layout import page as ids
from deepot_qgis.processing.layout import template
from deepot_qgis.processing.layout.compose import compose, make_layers, write_page
from deepot_qgis.processing.layout.page import read_page
from scripts import layout_template
from tests.engine import scenes
from tests.qgis.test_processing import run  # noqa: F401  (a fixture)

TIMEOUT_MS = 20_000
MM = QgsUnitTypes.LayoutUnit.LayoutMillimeters
_VARIABLES = {value for key, value in vars(ids).items() if key.isupper() and str(value).startswith("deepot_")}
NAMES = _VARIABLES - {ids.GRID, ids.SCALED}


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> str:
    """Ground that moved 2 pixels east and 1 south, on the left half: the right half lost its texture."""
    folder = tmp_path_factory.mktemp("printed")
    first = scenes.texture(128, 160)
    second = scenes.moved(first, 2.0, 1.0)
    second[:, 90:] = scenes.texture(128, 70, seed=5)
    paths = [scenes.write(folder / f"s_{day}.tif", image) for day, image in (("20230904", first), ("20230916", second))]
    output = str(folder / "moved.tif")
    measure(MeasureOptions(*paths, output=output, method="correlation"))
    return output


@pytest.fixture
def composed(qgis_app, product, tmp_path):
    """A call that gives the items of a page by id, with the layout that owns them."""

    def call(view: str = "magnitude", of: str = product):
        page = read_page(of, view)
        arrows = write_arrows(of, str(tmp_path / f"{view}.gpkg"))
        project, layers = QgsProject(), make_layers(page, view, arrows)
        project.addMapLayers(layers.all(), False)
        layout = compose(project, page, layers, arrows)
        kept.extend((project, layout, layers))
        return {item.id(): item for item in layout.items() if isinstance(item, QgsLayoutItem) and item.id()}, arrows

    kept: list = []
    yield call
    kept.clear()


def test_the_template_is_a_whole_landscape_page(qgis_app):
    """Run `python -m scripts.layout_template` when this fails."""
    project = QgsProject()
    layout = template.open_template(project)
    sheet = layout.pageCollection().page(0).pageSize()
    assert (sheet.width(), sheet.height()) == (297.0, 210.0)
    items = [item for item in layout.items() if isinstance(item, QgsLayoutItem)]
    named = {item.id() for item in items}
    assert named - {""} == NAMES
    made = layout_template.make_layout()
    assert {item.id() for item in made.items() if isinstance(item, QgsLayoutItem)} == named
    assert "/tmp" not in template.TEMPLATE.read_text(encoding="utf-8")


def test_nothing_leaves_the_page_or_is_cut(composed):
    items, _ = composed("mask")
    for item in items.values():
        box = item.mapRectToScene(item.rect())
        assert box.left() >= 0 and box.right() <= 297 and box.top() >= 0 and box.bottom() <= 210, item.id()
        if isinstance(item, QgsLayoutItemLabel):
            assert item.sizeForText().width() <= item.rect().width() + 0.01 or item.id() == ids.CREDITS, item.id()
    legend, numbers = items[ids.LEGEND], items[ids.NUMBERS_HEADING]
    assert legend.pos().y() + legend.rect().height() < numbers.pos().y()


def text(items: dict, name: str) -> str:
    return items[name].currentText()


def test_the_texts_tell_dates_numbers_reasons_and_whom_to_cite(composed):
    items, _ = composed()
    assert text(items, ids.TITLE) == "Ground displacement 2023-09-04 – 2023-09-16"
    assert text(items, ids.SUBTITLE) == "Magnitude (m)  ·  12 days apart  ·  EPSG:32613  ·  1 : 10,000"
    numbers = dict(zip(text(items, ids.NUMBER_NAMES).split("\n"), text(items, ids.NUMBER_VALUES).split("\n")))
    assert numbers["Second image (UTC)"] == "2023-09-16"
    assert numbers["Median east"] in ("20 m", "19.9 m") and numbers["Median north"].startswith("−")
    assert numbers["95 % slower than"].endswith("per day") and numbers["Measured well"].endswith("%")
    assert "low correlation" in text(items, ids.REASON_NAMES)
    credits = text(items, ids.CREDITS)
    assert "s_20230904.tif, s_20230916.tif" in credits and "conventional offset tracking" in credits
    assert "EGU26-15409" in credits and DOI in credits and "Lu, Z., Kim, J., and Jung, H.-S." in credits


def test_a_refined_product_says_so(composed, product, tmp_path):
    refined = str(tmp_path / "refined.tif")
    refine(RefineOptions(product, refined, min_correlation=0.3))
    items, _ = composed("magnitude", refined)
    assert "Masked or referenced after it was measured" in text(items, ids.CREDITS)
    assert [layer.name() for layer in items[ids.MAP].layers()][-1] == "s_20230904"


def test_the_map_shows_the_whole_product_over_the_radar_image(composed, product):
    items, _ = composed()
    shown = items[ids.MAP]
    names = [layer.name() for layer in shown.layers()]
    assert names == ["Arrows", "Magnitude (m)", "masked", "s_20230904"]
    assert shown.extent().contains(shown.layers()[1].extent())
    assert shown.grids().grid(0).enabled() and shown.grids().grid(0).intervalX() == 200.0


def test_the_legend_arrow_is_as_long_as_on_the_map(composed):
    items, arrows = composed()
    shown, arrow = items[ids.MAP], items[ids.ARROW]
    millimetres = shown.rect().width() / shown.extent().width()
    nodes = arrow.nodes()  # points lie in its memory
    assert nodes[1].x() - nodes[0].x() == pytest.approx(arrows.legend * arrows.map_units_per_unit * millimetres)
    assert text(items, ids.ARROW_TEXT) == "20 m"
    assert arrow.pos().y() > items[ids.LEGEND].pos().y() + items[ids.LEGEND].rect().height()


def test_the_scale_bar_is_true(composed):
    items, _ = composed()
    shown, bar = items[ids.MAP], items[ids.SCALE]
    assert bar.unitLabel() == "m" and bar.unitsPerSegment() * bar.numberOfSegments() == 400.0
    across = 160 * 10.0 * shown.extent().width() / shown.layers()[1].extent().width()
    expected = bar.unitsPerSegment() * shown.rect().width() / across
    boxes = bar.rect().width() - bar.numberOfSegments() * expected  # besides the segments: margins, half of each number
    assert 2.0 < boxes < 20.0


def test_the_scale_is_a_round_number_and_follows_the_map(composed):
    items, _ = composed()
    shown = items[ids.MAP]
    assert shown.scale() == pytest.approx(10000)
    assert shown.extent().width() == pytest.approx(10000 * shown.rect().width() / 1000, rel=1e-3)
    shown.setScale(25000)
    assert text(items, ids.SUBTITLE).endswith("1 : 25,000")


@pytest.mark.parametrize(
    "name, metadata, told",
    [
        ("S1A_IW_GRDH_1SDV_{day}T063012.tif", {}, "Images: Contains modified Copernicus Sentinel data 2023\n"),
        ("s_{day}.tif", {"TIFFTAG_COPYRIGHT": "(c) An Agency"}, "Images: (c) An Agency\n"),
        ("is1a_{day}.tif", {}, None),
    ],
)
def test_the_page_credits_the_images(tmp_path, name, metadata, told):
    first = scenes.texture(96, 96)
    paths = [
        scenes.write(tmp_path / name.format(day=day), image, metadata=metadata)
        for day, image in (("20230904", first), ("20230916", scenes.moved(first, 1.0, 0.0)))
    ]
    output = str(tmp_path / "moved.tif")
    measure(MeasureOptions(*paths, output=output, method="correlation"))
    credits = read_page(output, "magnitude").texts[ids.CREDITS]
    assert told in credits if told else "Images:" not in credits


def entries(legend) -> list[str]:
    model = legend.model()
    found = []
    for node in model.rootGroup().findLayers():
        found += [str(one.data(0)) for one in model.layerLegendNodes(node)]
    return found


def test_the_legend_of_the_mask_names_what_there_is(composed):
    items, _ = composed("mask")
    named = entries(items[ids.LEGEND])
    assert "low correlation" in named and "good" not in named and "layover or shadow" not in named
    assert not any("Band" in name for name in named)
    assert not items[ids.ARROW].isVisible() or text(items, ids.ARROW_TEXT)


def test_the_legend_of_a_ramp_has_its_range_and_what_masked_ground_is(composed):
    items, _ = composed()
    assert entries(items[ids.LEGEND])[-1] == "masked" and len(entries(items[ids.LEGEND])) == 2


def test_noise_has_no_direction(composed):
    items, _ = composed("direction")
    assert "Grey where the motion is below 3 sigma" in text(items, ids.SUBTITLE)
    assert items[ids.MAP].layers()[1].customProperty("deepot/view") == "significance"


@pytest.mark.parametrize(("ending", "head"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_algorithm_writes_a_page(run, product, tmp_path, ending, head):  # noqa: F811
    path = str(tmp_path / f"page.{ending}")
    assert run("deepot:layout", PRODUCT=product, OUTPUT=path, DPI=60) == {"OUTPUT": path}
    assert Path(path).read_bytes().startswith(head)
    assert os.listdir(tmp_path) == [f"page.{ending}"]
    assert not QgsProject.instance().mapLayers()


def test_the_picture_has_the_map_and_its_masked_half(run, product, tmp_path):  # noqa: F811
    path = str(tmp_path / "page.png")
    run("deepot:layout", PRODUCT=product, OUTPUT=path, DPI=60, TITLE="My slope", BAND="east")
    image = QImage(path)
    assert image.width() / image.height() == pytest.approx(297 / 210, rel=0.01)
    scale = image.width() / 297
    corner = image.pixelColor(round(3 * scale), round(3 * scale))
    assert corner == QColor("white")

    def tone(x: float) -> np.ndarray:
        tones = [image.pixelColor(round(x * scale), round(y * scale)) for y in range(60, 140, 4)]
        return np.median([[t.red(), t.green(), t.blue()] for t in tones], axis=0)

    moved, masked = tone(60), tone(180)
    assert moved[0] > moved[2] + 40  # east is brown
    assert np.ptp(masked) < np.ptp(moved) and abs(masked[0] - QColor(MASKED).red()) < 90


def test_a_template_of_ones_own(run, product, tmp_path):  # noqa: F811
    mine = tmp_path / "mine.qpt"
    text_ = template.TEMPLATE.read_text(encoding="utf-8")
    mine.write_text(text_.replace("[% @deepot_subtitle %]", "my words"), encoding="utf-8")
    path = tmp_path / "page.svg"
    run("deepot:layout", PRODUCT=product, OUTPUT=str(path), TEMPLATE=str(mine), DPI=60)
    assert path.stat().st_size > 10_000


def test_refusals_say_what_to_do(run, product, moving_pair, tmp_path):  # noqa: F811
    bad = tmp_path / "bad.qpt"
    bad.write_text("<a/>", encoding="utf-8")
    for given, words in (
        ({"OUTPUT": str(tmp_path / "page.doc")}, "must end in .pdf, .png or .svg"),
        ({"OUTPUT": str(tmp_path / "p.pdf"), "PRODUCT": moving_pair[0]}, "is no displacement product"),
        ({"OUTPUT": str(tmp_path / "p.pdf"), "TEMPLATE": str(bad)}, "bad.qpt is no template"),
        ({"OUTPUT": str(tmp_path / "no" / "p.pdf")}, "choose another"),
    ):
        with pytest.raises(QgsProcessingException, match=words):
            run("deepot:layout", **{"PRODUCT": product, "DPI": 60, **given})
    assert os.listdir(tmp_path) == ["bad.qpt"]


def test_what_cannot_be_opened_or_written(qgis_app, product, tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        template.open_template(QgsProject(), tmp_path / "gone.qpt")
    with pytest.raises(OptionsError, match="must end"):
        template.require_ending("a.txt")
    with pytest.raises(OutputError):
        write_page(read_page(product, "sigma"), "sigma", None, str(tmp_path / "no" / "p.png"), dpi=50)


@pytest.mark.parametrize("epsg", [4326, None])
def test_degrees_and_pixels_have_a_page(composed, tmp_path, epsg):
    first = scenes.texture(128, 160)
    place = (7.0, 2e-4, 0.0, 46.0, 0.0, -1e-4) if epsg else None
    paths = [
        scenes.write(tmp_path / f"s_{day}.tif", image, geotransform=place, epsg=epsg)
        for day, image in (("20230904", first), ("20230916", scenes.moved(first, 2.0, 1.0)))
    ]
    output = str(tmp_path / "moved.tif")
    measure(MeasureOptions(*paths, output=output, method="correlation"))
    items, _ = composed("magnitude", output)
    assert items[ids.SCALE].isVisible() == items[ids.NORTH].isVisible() == bool(epsg)
    assert ("in pixels" in text(items, ids.SUBTITLE)) == (epsg is None)
    if epsg:
        bar = items[ids.SCALE]
        assert bar.unitsPerSegment() == 200.0 and 10 < bar.rect().width() < 80  # 2.5 km across


# ---- from the panel


@pytest.fixture
def measured(panel, choose, run_to_end, moving_pair, tmp_path):
    panel.pair.products.folder.setFilePath(str(tmp_path))
    choose(panel, *moving_pair)
    run_to_end(panel)
    return panel


def test_the_panel_opens_a_layout_of_the_project_s_layers(measured, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr(designer, "open_designer", opened.append)
    monkeypatch.setattr("deepot_qgis.gui.pair.export.open_designer", opened.append)
    project, before = QgsProject.instance(), set(QgsProject.instance().mapLayers())
    for _ in range(2):
        with qtbot.waitSignal(measured.runner.idle, timeout=TIMEOUT_MS):
            measured.pair.last_run.export.menu().actions()[0].trigger()
    assert [layout.name() for layout in opened] == [
        "Ground displacement 2023-09-04 – 2023-09-16",
        "Ground displacement 2023-09-04 – 2023-09-16 (2)",
    ]
    (shown,) = (item for item in opened[1].items() if isinstance(item, QgsLayoutItemMap))
    own = {layer.id() for layer in shown.layers()}
    assert own <= set(project.mapLayers()) and len(own & before) == 3  # arrows, magnitude and the image were there
    assert len(set(project.mapLayers()) - before) == 1  # the grey over masked ground, made once
    assert "layout is open" in measured.run_bar.notice.text()


def test_the_panel_writes_a_page(measured, qtbot, tmp_path):
    path = tmp_path / "page.png"
    with qtbot.waitSignal(measured.runner.idle, timeout=TIMEOUT_MS):
        measured.pair.export(PAGE, str(path))
    assert path.read_bytes().startswith(b"\x89PNG") and str(path) in measured.run_bar.notice.text()


def test_a_page_that_cannot_be_written_says_why(measured, qtbot, tmp_path):
    with qtbot.waitSignal(measured.runner.idle, timeout=TIMEOUT_MS):
        measured.pair.export(PAGE, str(tmp_path / "no" / "page.pdf"))
    assert "choose another" in measured.run_bar.notice.text()
    measured.pair.export(PAGE, str(tmp_path / "page.txt"))
    assert "must end in" in measured.run_bar.notice.text()


def test_without_a_window_no_designer_is_opened(qgis_app, monkeypatch):
    monkeypatch.setattr(qgis.utils, "iface", None)
    designer.open_designer(None)


def test_a_product_whose_images_were_moved_along_keeps_its_backdrop(product, tmp_path):
    for name in ("moved.tif", "s_20230904.tif"):
        (tmp_path / name).write_bytes((Path(product).parent / name).read_bytes())
    record = json.loads((Path(product).parent / "moved.json").read_text(encoding="utf-8"))
    assert record["inputs"]["reference"]["path"].endswith("s_20230904.tif")
    page = read_page(str(tmp_path / "moved.tif"), "magnitude")
    assert page.backdrop is not None and page.backdrop[1] == 1
