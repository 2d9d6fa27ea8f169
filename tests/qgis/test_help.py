"""Help: what every algorithm says of itself, and the page that each button opens."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QMainWindow

import deepot_qgis
from deepot_qgis.__about__ import HOMEPAGE
from deepot_qgis.processing import help_pages

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """The addresses that were given to the web browser."""
    found: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: found.append(url.toString()) or True)
    return found


def test_every_algorithm_explains_itself_and_opens_a_page(provider):
    for algorithm in provider.algorithms():
        words = algorithm.shortHelpString().split()
        assert 15 <= len(words) <= 220, f"{algorithm.id()}: {len(words)} words of help"
        page = algorithm.helpUrl().rsplit("/", 1)[1]
        assert page.endswith(".html") and (DOCS / page.replace(".html", ".md")).is_file(), algorithm.id()


def test_every_parameter_that_a_user_sees_has_a_name_in_words(provider):
    for algorithm in provider.algorithms():
        for parameter in algorithm.parameterDefinitions():
            assert parameter.description() and parameter.description() != parameter.name(), algorithm.id()


def test_pages_are_the_plugins_own_where_it_has_them(tmp_path, monkeypatch):
    home = tmp_path / "a plugin folder, größer"
    (home / "help").mkdir(parents=True)
    (home / "help" / "pair.html").write_text("help")
    monkeypatch.setattr(help_pages, "folder", lambda name: home / name)
    assert QUrl(help_pages.page_url("pair")).toLocalFile() == str(home / "help" / "pair.html")
    assert help_pages.page_url("series") == f"{HOMEPAGE}/series.html"


def test_the_button_opens_the_page_of_the_tab_that_is_shown(panel, opened):
    for tab in (panel.pair, panel.series, panel.stations):
        panel.show_tab(tab)
        panel.help.click()
    assert [address.rsplit("/", 1)[1] for address in opened] == ["pair.html", "timeseries.html", "stations.html"]


def test_the_menu_opens_the_first_page_and_goes_with_the_plugin(qtbot, opened):
    menu, window = [], QMainWindow()
    qtbot.addWidget(window)

    class Desktop:
        mainWindow = staticmethod(lambda: window)
        addToolBarIcon = removeToolBarIcon = staticmethod(lambda action: None)
        addPluginToRasterMenu = staticmethod(lambda _name, action: menu.append(action))
        removePluginRasterMenu = staticmethod(lambda _name, action: menu.remove(action))

    plugin = deepot_qgis.classFactory(Desktop())
    plugin.initGui()
    next(action for action in menu if action.objectName() == "deepotHelpAction").trigger()
    plugin.unload()
    assert opened and opened[0].endswith("index.html")
    assert not menu
