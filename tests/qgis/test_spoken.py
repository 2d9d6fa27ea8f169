"""What the engine says reaches the user in the user's language, with its names and values, wherever it is shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from matplotlib.text import Text
from qgis.core import QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from deepot_qgis.engine import recipe, words
from deepot_qgis.engine.align import align
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.pair import PairOptions, open_pair
from deepot_qgis.engine.quality import REASON_NAMES
from deepot_qgis.engine.report import MapOptions, ReportOptions, read_pair, write_report
from deepot_qgis.engine.report.maps import VIEWS, map_figure
from deepot_qgis.engine.report.plots import plots_figure
from deepot_qgis.engine.stations.moments import recognise
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.engine.words import Words
from deepot_qgis.processing import spoken as spoken_module
from deepot_qgis.processing.spoken import CONTEXT, Speech, spoken
from scripts import engine_texts


class Marked(QTranslator):
    """A language whose words are the English ones between marks."""

    def translate(self, context, source, disambiguation=None, n=-1):
        return f"«{source}»" if context == CONTEXT else None

    def isEmpty(self):
        return False


@pytest.fixture
def marked(qgis_app):
    translator = Marked()
    QCoreApplication.installTranslator(translator)
    yield
    QCoreApplication.removeTranslator(translator)


def english_left(text: str) -> str:
    """What stands outside of the marks."""
    while (rest := re.sub(r"«[^«»]*»", "", text)) != text:
        text = rest
    return re.sub(r"[\W\d]", "", text)


@pytest.mark.parametrize("wrong", ["shifted", "other_crs", "far", "empty", "tiny", "text", "cut", "missing", "folder"])
def test_errors_of_a_pair_are_recognised(marked, moving_pair, bad_rasters, wrong):
    with pytest.raises(DeepotError) as caught:
        pair = open_pair(PairOptions(moving_pair[0], bad_rasters[wrong]))
        pair.secondary.read(0, 0, pair.grid.width, pair.grid.height)
    said = spoken(str(caught.value))
    assert not english_left(said) and len(said) > len(str(caught.value))


@pytest.mark.parametrize(
    "provoke",
    [
        lambda path: recipe.read(path),
        lambda path: open_series(path),
        lambda path: read_pair(path),
        lambda path: align(path, path, path, 1),
        lambda path: MapOptions(path, "map.doc"),
        lambda path: NetworkOptions(kind="interval"),
        lambda path: MeasureOptions(path, path, "out.tif", device="toaster"),
    ],
)
def test_errors_of_other_work_are_recognised(marked, tmp_path, provoke):
    path = tmp_path / "some table.csv"
    path.write_text("no,table\nat all", encoding="utf-8")
    with pytest.raises(DeepotError) as caught:
        provoke(str(path))
    assert not english_left(spoken(str(caught.value))), str(caught.value)


def test_panel_and_processing_say_it(marked, panel, choose, run_to_end, provider, moving_pair, bad_rasters):
    import processing

    choose(panel, moving_pair[0], bad_rasters["shifted"])
    run_to_end(panel)
    assert not english_left(panel.run_bar.notice.text()) and "2.50" in panel.run_bar.notice.text()
    feedback = QgsProcessingFeedback(False)
    inputs = {"REFERENCE": moving_pair[0], "SECONDARY": bad_rasters["empty"]}
    with pytest.raises(QgsProcessingException) as caught:
        processing.run("deepot:correlation", {**inputs, "OUTPUT": "TEMPORARY_OUTPUT"}, feedback=feedback)
    assert not english_left(str(caught.value))
    assert "holds no data" in feedback.textLog()  # the English sentence, for those who help


def test_report_is_in_the_users_language(marked, moving_pair, tmp_path):
    product, page = str(tmp_path / "out.tif"), tmp_path / "out.html"
    measure(MeasureOptions(*moving_pair, product, method="correlation"))
    write_report(ReportOptions(product, str(page)), words=Words("de", spoken))
    html = re.sub(
        r"<style>.*?</style>|base64,[^\"]*|<table class=\"options\">.*?</table>", "", page.read_text(), flags=re.DOTALL
    )
    assert '<html lang="de">' in html and "out.tif" in html and html.count("«") > 60
    html = re.sub(r"<code>.*?</code>", "", html)
    left = {
        line
        for line in re.split(r"<[^>]*>", html)
        if re.search(r"[a-z]{3,}  *[a-z]{2,} ", line) and not {"«", "»"} & set(line)
    }
    assert {line.partition(":")[0] for line in left} <= {"Lu, Z., Kim, J., and Jung, H.-S."}


def test_figures_stay_english_where_no_font_has_the_letters(monkeypatch):
    figures = pytest.importorskip("matplotlib.figure")
    for fonts, shown in ((set(), "Median"), ({"Meiryo"}, "中央値")):
        monkeypatch.setattr(words, "installed", lambda fonts=fonts: fonts)
        figure = figures.Figure()
        label = figure.text(0, 0, "Median")
        Words("ja", lambda text: {"Median": "中央値"}.get(text, text)).figure(figure)
        assert label.get_text() == shown


@pytest.mark.parametrize(
    "text, names",
    [
        ("east: median 0.3", ""),
        ("East: median 1 px before, 2 px after; NMAD 3 px before, 4 px after.", "px px px px"),
        ("windows_px has 3; it takes whole numbers of pixels.", "windows_px"),
        ("min_snr is -1; it must be a number above 0.", "min_snr"),
        ("a.tif holds complex numbers and no incidence angle; choose another raster.", "a.tif"),
        ("a.tif cannot be laid on the map (x); choose another file for the elevation.", "a.tif x"),
        (
            "The columns of the lookup run to a bearing of 3 degrees, which does not fit the direction in which the "
            "radar looks (100 degrees); correct the heading.",
            "",
        ),
        ("Range spacing 3 m, by RANGE of the reference image.", "RANGE"),
        ("a.csv has no column 'x' for time; it has y.", "a.csv x y"),
        ("map.tif against 3 stations", "map.tif"),
        *((time_format.why, "") for time_format in (*recognise(["2017.5"]), *recognise(["42784.5"]))),
        ("GNSS A: displacement since 2020, along 120°, plunge 3°, the map's own mean direction", "GNSS A"),
        ("a.tif is read as amplitude: its name or metadata says amplitude.", "a.tif"),
        (
            "the NVIDIA driver 470 supports CUDA 11.4 and this onnxruntime needs a newer CUDA; update the driver",
            "",
        ),
        ("the NVIDIA driver 470 is too old and this onnxruntime needs a newer CUDA; update the driver", ""),
        ("20 dates from 2020-01-01 to 2021-01-01, 30 pairs, 3 left out, 2 unlinked parts", ""),
        ("neighbouring dates, at least 12 days, at most 30 days", ""),
        (
            "a.csv: columns were recognised by themselves (time from 'Date', displacement from 'd (mm)'; unit mm; "
            "times UTC).",
            "a.csv Date d mm mm",
        ),
        ("Of the ground with heights: 10.0 % low correlation, 3.0 % layover.", ""),
        (
            "DeepOT: too little ground is answered to say whether a body 300 m wide shows; conventional offset "
            "tracking: not reliably up to 1 px (2 of 3 seen).",
            "DeepOT m",
        ),
        ("28 pairs from 4 windows", ""),
        ("2 cores, 24.3 of 25.3 GB free", ""),
    ],
)
def test_no_value_inside_a_sentence_stays_english(text, names):
    known = json.loads(Path(spoken_module.__file__).with_name("engine_texts.json").read_text(encoding="utf-8"))
    # the marked language hides what a template holds: each template's own words go, its values stay
    told = {one: "«»" + "".join(f" {{{name}}} " for name in re.findall(r"{(\w+)}", one)) for one in known}
    told.update(dict.fromkeys(REASON_NAMES.values(), "«»"))
    left = re.findall(r"[^\W\d][\w.]*", Speech(known).say(text, lambda one: told.get(one, one)))
    assert sorted(left) == sorted(names.split())


def test_words_read_from_afar_stand_in_the_engine():
    said = "\n".join(path.read_text(encoding="utf-8") for path in engine_texts.ENGINE.rglob("*.py"))
    assert all(word.split("{")[0].strip(" °") in said for word in engine_texts.FROM_AFAR)


@pytest.fixture(scope="module")
def speech():
    return Speech(
        [
            "{name} holds no data.",
            "{name} is not on the grid: {differences}.",
            "only the {which} has no georeference",
            "{first} and {second}",
            "Choose another.",
            "reference",
        ]
    )


def german(template: str) -> str:
    return {
        "{name} holds no data.": "{name} ist leer.",
        "{name} is not on the grid: {differences}.": "Gitter: {differences} ({name}).",
        "only the {which} has no georeference": "nur {which} ist ohne Ort",
        "{first} and {second}": "{first} und {second}",
        "Choose another.": "Anderes.",
        "reference": "das erste",
    }.get(template, template)


@pytest.mark.parametrize(
    "text, said",
    [
        ("a.tif holds no data.", "a.tif ist leer."),
        ("reference holds no data. Choose another.", "reference ist leer. Anderes."),
        ("No. 1. tif holds no data. Choose another.", "No. 1. tif ist leer. Anderes."),
        ("⚠ x holds no data.\nChoose another.", "⚠ x ist leer.\nAnderes."),
        ("b is not on the grid: only the reference has no georeference.", "Gitter: nur das erste ist ohne Ort (b)."),
        # a list
        (
            "b is not on the grid: only the reference has no georeference, 3 px.",
            "Gitter: nur das erste ist ohne Ort, 3 px (b).",
        ),
        ("8 and 16", "8 und 16"),
        ("one thing and another one", "one thing and another one"),
        ("Nobody knows this. Choose another.", "Nobody knows this. Anderes."),
        ("{name} holds no data.", "{name} ist leer."),
        ("", ""),
        ("x " * 5000, "x " * 5000),
    ],
)
def test_sentences_are_said_anew(speech, text, said):
    assert speech.say(text, german) == said


def test_figures_are_in_the_users_language(marked, moving_pair, tmp_path):
    """Every title, axis and legend, with its unit or share; units, points of the compass and CRSs stay as they are."""
    product = str(tmp_path / "out.tif")
    measure(MeasureOptions(*moving_pair, product, method="correlation"))
    content = read_pair(product)
    figures = [map_figure(content, band) for band in VIEWS]
    figures.append(plots_figure(content, {"sigma": 1.0, "correlation": 0.1}))
    as_they_are = re.compile(r"EPSG:\d+|\b(?:px|cm|km|m|N|E|S|W)\b|mathdefault")
    for figure in figures:
        for text in Words("de", spoken).figure(figure).findobj(Text):
            assert not english_left(as_they_are.sub("", text.get_text())), text.get_text()
