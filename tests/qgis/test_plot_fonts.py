"""Texts of East Asian languages are drawn in fonts that have their characters."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication

matplotlib = pytest.importorskip("matplotlib")

from deepot_qgis.engine import words  # noqa: E402
from deepot_qgis.gui.plots import fonts  # noqa: E402
from deepot_qgis.gui.plots.canvas import figure_canvas, new_figure  # noqa: E402


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setattr(words, "installed", lambda: {"Meiryo", "SimHei", "Malgun Gothic", "DejaVu Sans"})
    return monkeypatch


def _figure(title, label):
    figure = new_figure()
    axes = figure.add_subplot()
    axes.set_ylabel(title)
    axes.plot([0, 1], [0, 1], label=label)
    axes.legend()
    return figure


@pytest.mark.parametrize(("locale", "first"), [("ja", "Meiryo"), ("zh-Hans", "SimHei"), ("ko", "Malgun Gothic")])
def test_the_font_of_the_users_language_comes_first(machine, locale, first):
    machine.setattr(QgsApplication, "locale", lambda *_: locale)
    figure = _figure("変位 (m)", "B 12")
    fonts.make_legible(figure)
    axes = figure.axes[0]
    before = matplotlib.rcParams["font.family"]
    assert axes.yaxis.label.get_fontfamily()[0] == first
    assert axes.yaxis.label.get_fontfamily()[-1:] == before
    assert axes.get_legend().get_texts()[0].get_fontfamily() == before


def test_every_figure_that_is_shown_is_made_legible(machine, qgis_app):
    figure = _figure("Displacement (m)", "변위")
    figure_canvas(figure)
    assert "Malgun Gothic" in figure.axes[0].get_legend().get_texts()[0].get_fontfamily()


def test_without_such_a_font_texts_stay_as_they_are(monkeypatch):
    monkeypatch.setattr(words, "installed", set)
    monkeypatch.setattr(words, "look_again", lambda: None)
    figure = _figure("变位", "1")
    fonts.make_legible(figure)
    assert figure.axes[0].yaxis.label.get_fontfamily() == matplotlib.rcParams["font.family"]
