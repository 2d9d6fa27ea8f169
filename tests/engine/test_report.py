"""The report and the map of a pair product: what stands in them, and that they need nothing else."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine.cli import main
from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError, OutputError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.quality import REASON_NAMES, Reason
from deepot_qgis.engine.report import MapOptions, ReportOptions, colors, facts, page, read_pair, write_map, write_report
from deepot_qgis.engine.report import run as module
from deepot_qgis.engine.report.backdrop import backdrop
from deepot_qgis.engine.report.maps import VIEWS, Frame, _on_paper, map_figure, span
from deepot_qgis.engine.report.scales import tidy_ceiling, tidy_floor, tidy_map_scale
from tests.engine import scenes

pytest.importorskip("matplotlib")


def make(folder, **scene):
    """A product of ground that moved 2 pixels right and 1 down, with an empty corner."""
    first = scenes.texture(128, 160)
    second = scenes.moved(first, 2.0, 1.0)
    for image in (first, second):
        image[:30, :40] = 0
    paths = [
        scenes.write(folder / f"<b>_{day}.tif", image, nodata=0, **scene)
        for day, image in (("20230904", first), ("20230916", second))
    ]
    output = str(folder / "moved.tif")
    measure(MeasureOptions(*paths, output=output, method="correlation"))
    return output


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    return make(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def text(product, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    assert main(["report", product, str(path)]) == 0
    return path.read_text(encoding="utf-8")


@pytest.fixture
def one_picture(monkeypatch):
    """A report that is quick to draw."""
    monkeypatch.setattr(module, "VIEWS", {"magnitude": VIEWS["magnitude"]})
    monkeypatch.setattr(module, "_DPI", 40)


class Page(HTMLParser):
    """Tags that are open, addresses, and the words of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.addresses, self.tags, self.words = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.addresses += [value for key, value in attributes if key in ("src", "href", "action", "data")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_whole_and_needs_nothing_else(text):
    page = Page(text)
    assert not page.open
    assert not page.tags & {"script", "link", "iframe", "object"}
    assert page.addresses and all(address.startswith("data:image/") for address in page.addresses)
    assert not re.search(r"url\(|@import|https?://", re.sub(r'src="data:[^"]*"', "", text))


def test_the_pictures_are_there(text):
    png = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    assert len(png) == len(VIEWS)
    assert all(base64.b64decode(one).startswith(b"\x89PNG") for one in png)
    (svg,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
    assert ElementTree.fromstring(base64.b64decode(svg)).tag.endswith("svg")


def test_inputs_settings_and_messages_are_told(text, product):
    words = " ".join(Page(text).words)
    with open(product.replace(".tif", ".json"), encoding="utf-8") as file:
        record = json.load(file)
    for side in ("reference", "secondary"):
        assert record["inputs"][side]["sha256"] in words
    for told in (
        "<b>_20230904.tif",
        "2023-09-16",
        "12 days",
        "EPSG:32613",
        "quality.max_sigma_px",
        *record["messages"],
    ):
        assert told in words
    assert "<b>_" not in text  # a name is no markup


def test_names_of_folders_stay_at_home(text, product):
    assert str(product).rsplit("/", 1)[0] not in text


def test_shares_of_reasons_are_those_of_the_mask(product):
    mask = gdal.Open(product).ReadAsArray()[6]
    told = {reason: (count, share) for reason, _, count, share in facts.reasons(read_pair(product))}
    assert sum(count for count, _ in told.values()) == mask.size
    for reason, (count, share) in told.items():
        assert count == (mask == reason).sum()
        assert share == pytest.approx((mask == reason).mean())
    assert told[Reason.NODATA][0] == 30 * 40


def test_numbers_are_those_of_the_good_pixels(product):
    rows = dict(facts.statistics(read_pair(product)))
    assert rows["east"][0] == "20 m" and rows["north"][0] == "−10 m"
    assert float(rows["Displacement"][0].split()[0]) == pytest.approx(np.hypot(20, 10), rel=0.01)


def test_the_limit_of_sigma_is_in_the_unit_of_the_band(product):
    assert facts.limits(read_pair(product)) == pytest.approx({"correlation": 0.1, "sigma": 4.0})


def test_the_radar_image_lies_under_the_map_only_while_it_is_there(product, tmp_path):
    content = read_pair(product)
    under = backdrop(content)
    assert under.shape == (128, 160)
    assert np.isnan(under[:30, :40]).all() and 0 <= np.nanmin(under) < np.nanmax(under) <= 1
    content.record["inputs"]["reference"]["path"] = str(tmp_path / "gone.tif")
    assert backdrop(content) is None


@pytest.mark.parametrize("moved", [False, True])
def test_a_record_with_relative_paths_finds_its_image(tmp_path, monkeypatch, moved):
    """The command line is used in a folder, with names that mean something there only."""
    (tmp_path / "here" / "out").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    first = scenes.texture(64, 64)
    for day, image in (("20230904", first), ("20230916", scenes.moved(first, 1.0, 0.0))):
        scenes.write(f"s_{day}.tif", image)
    pair = ["s_20230904.tif", "s_20230916.tif", "out/p.tif"]
    assert main(["pair", *pair, "--method", "correlation"]) == 0
    monkeypatch.chdir(tmp_path)
    if moved:  # with everything in it
        (tmp_path / "here").rename(tmp_path / "there")
    content = read_pair(str(tmp_path / ("there" if moved else "here") / "out" / "p.tif"))
    assert not Path(content.said("inputs", "reference", "path")).is_absolute()
    assert backdrop(content).shape == (64, 64)


def test_an_image_beside_the_product_is_found_and_another_of_its_name_is_not(tmp_path):
    source = make(tmp_path)
    image = Path(read_pair(source).said("inputs", "reference", "path"))
    away = tmp_path / "away"
    away.mkdir()
    (away / "moved.tif").write_bytes(Path(source).read_bytes())
    image.rename(away / image.name)
    content = read_pair(str(away / "moved.tif"))
    assert backdrop(content).shape == (128, 160)
    elsewhere = (600000.0, 10.0, 0.0, 4200000.0, 0.0, -10.0)
    scenes.write(away / image.name, scenes.texture(128, 160), nodata=0, geotransform=elsewhere)
    assert backdrop(content) is None


def test_every_reason_has_a_colour_of_its_own_in_page_and_map(one_picture, product, tmp_path):
    assert len(set(colors.REASONS.values())) == len(Reason) - 1
    path = str(tmp_path / "all.tif")
    gdal.Translate(path, product)
    edited = gdal.OpenEx(path, gdal.OF_UPDATE)
    codes = np.resize([int(reason) for reason in Reason if reason != Reason.GOOD], (128, 160))
    mask = edited.GetRasterBand(7)
    mask.WriteArray(np.where(mask.ReadAsArray() == Reason.GOOD, 0, codes).astype(np.float32))
    edited = mask = None
    report = write_report(ReportOptions(path, str(tmp_path / "report.html")))
    text = Path(report).read_text(encoding="utf-8")
    assert all(f"{int(reason)} <span>{REASON_NAMES[reason]}</span>" in text for reason in Reason)
    (legend,) = (axes.get_legend() for axes in map_figure(read_pair(path), "mask").axes)
    shown = [entry.get_text() for entry in legend.get_texts()]
    assert len(shown) == len(Reason) and any("forward and backward differ" in entry for entry in shown)


def test_the_page_says_how_to_cite(text):
    assert "EGU26-15409" in text and "doi:10.5194/egusphere-egu26-15409" in text


def test_ranges_are_common_to_components_and_of_no_outlier(product):
    content = read_pair(product)
    assert span(content, VIEWS["east"]) == span(content, VIEWS["north"])
    low, high = span(content, VIEWS["east"])
    assert low == -high and high >= 20
    content.bands["sigma"][np.asarray(content.bands["mask"]) != 0] = 1e6
    assert span(content, VIEWS["sigma"])[1] < 100


@pytest.mark.parametrize(
    ("geotransform", "north"),
    [
        ((0, 10, 0, 0, 0, -10), (0, 1)),
        ((0, 10, 0, 0, 0, 10), (0, -1)),
        ((0, 0, 10, 0, 10, 0), (1, 0)),
        ((0, 8, 6, 0, 6, -8), (0.6, 0.8)),
    ],
)
def test_north_and_arrows_on_paper(tmp_path, geotransform, north):
    """What moves by (east, north) moves on paper as its pixels do."""
    content = read_pair(make(tmp_path, geotransform=tuple(map(float, geotransform))))
    frame = Frame.of(content)
    assert frame.north == pytest.approx(north, abs=1e-6)
    east, up = (float(np.median(content.good(band))) for band in ("east", "north"))
    right, above = _on_paper(content, frame, np.array([east]), np.array([up]))
    assert (right[0], above[0]) == pytest.approx((20, -10), abs=0.6)


@pytest.mark.parametrize("epsg", [4326, None])
def test_degrees_and_pixels_make_a_report(one_picture, tmp_path, epsg):
    place = (7.0, 2e-4, 0.0, 46.0, 0.0, -1e-4) if epsg else None
    product = make(tmp_path, geotransform=place, epsg=epsg)
    path = write_report(ReportOptions(product, str(tmp_path / "report.html")))
    words = " ".join(Page(Path(path).read_text(encoding="utf-8")).words)
    assert ("EPSG:4326" in words) == bool(epsg)
    assert ("everything is in pixels" in words) == (epsg is None)
    frame = Frame.of(read_pair(product))
    assert frame.width / frame.height == pytest.approx(2 * np.cos(np.radians(46)) if epsg else 1.0, rel=0.01)


def test_a_product_without_record_or_good_pixels_makes_a_report(one_picture, product, tmp_path):
    path = str(tmp_path / "bare.tif")
    gdal.Translate(path, product, creationOptions=["COMPRESS=DEFLATE"])
    bare = gdal.OpenEx(path, gdal.OF_UPDATE)
    bare.SetMetadata({})
    for number in range(1, 5):
        bare.GetRasterBand(number).WriteArray(np.full((128, 160), np.nan, np.float32))
    bare.GetRasterBand(7).WriteArray(np.full((128, 160), Reason.LOW_CORRELATION, np.float32))
    bare = None
    report = write_report(ReportOptions(path, str(tmp_path / "report.html")))
    words = " ".join(Page(Path(report).read_text(encoding="utf-8")).words)
    assert "no record" in words and "20,480" in words


@pytest.mark.parametrize(
    "record", ["[1, 2]", '{"inputs": 3, "options": [1], "messages": 5, "seconds": {"a": "b"}}', "{"]
)
def test_an_edited_record_does_no_harm(one_picture, product, tmp_path, record):
    path = str(tmp_path / "edited.tif")
    gdal.Translate(path, product)
    edited = gdal.OpenEx(path, gdal.OF_UPDATE)
    edited.SetMetadata({"DEEPOT_PROVENANCE": record, "UNIT": "m"})
    edited = None
    report = write_report(ReportOptions(path, str(tmp_path / "r.html")))
    assert "DeepOT" in Path(report).read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_map_of_its_own(product, tmp_path, ending):
    path = write_map(MapOptions(product, str(tmp_path / f"map.{ending}")))
    head = Path(path).read_bytes()[:200]
    assert {"png": b"PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending] in head


def test_refusals_say_what_to_do(product, tmp_path):
    with pytest.raises(OptionsError, match="must end in .html"):
        ReportOptions(product, "report.txt")
    with pytest.raises(OptionsError, match="choose one of magnitude"):
        MapOptions(product, "map.png", "height")
    with pytest.raises(OptionsError, match="must end in .png"):
        MapOptions(product, "map.gif")
    image = scenes.write(tmp_path / "image.tif", scenes.texture(32, 32))
    with pytest.raises(InputError, match="image.tif is no displacement product: it has no band east"):
        write_report(ReportOptions(image, str(tmp_path / "report.html")))
    assert not (tmp_path / "report.html").exists()


def test_a_cancel_leaves_nothing(product, tmp_path):
    with pytest.raises(CancelledError):
        write_report(ReportOptions(product, str(tmp_path / "report.html")), cancelled=lambda: True)
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_one_sentence_says_so(product, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(OutputError, match="matplotlib is not installed"):
        write_report(ReportOptions(product, str(tmp_path / "report.html")))


def test_tidy_numbers():
    assert [tidy_floor(value) for value in (340, 1, 0.07, 999)] == [200, 1, 0.05, 500]
    assert tidy_ceiling(3.41) == 4
    assert [tidy_map_scale(value) for value in (41237, 9999.5, 10000, 1.01)] == [50000, 10000, 10000, 1]
    with pytest.raises(ValueError, match="no denominator"):
        tidy_map_scale(0.0)


@pytest.mark.parametrize(
    "step, told",
    [
        ({}, "measures the pair again"),
        ({"refinement": {}, "geocoding": {"options": {}}}, "brings the product to the map again"),
        ({"geocoding": {"options": {}}, "downslope": {"options": {}}}, "projects the product on the slope again"),
        ({"refinement": {"options": {}}}, "refines the measured product again"),
    ],
)
def test_the_page_says_what_a_rerun_repeats(product, step, told):
    content = read_pair(product)
    assert told in page._again(dataclasses.replace(content, record={**content.record, **step}))
